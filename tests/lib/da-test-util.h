/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* No test waits longer for anything; then it aborts and says where. Long enough for a sanitizer
 * build on a busy machine. */
#define DA_TEST_LIMIT_SECONDS 30

/* Under a sanitizer freed memory is kept, so memory is not measured. gcc says so by a macro, clang
 * by a feature. */
#if defined(__SANITIZE_ADDRESS__)
#define DA_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define DA_TEST_SANITIZED 1
#endif
#endif
#ifndef DA_TEST_SANITIZED
#define DA_TEST_SANITIZED 0
#endif

/* Samples: g_build_filename (DA_TEST_DATA, "malformed", …). DA_TEST_DATA is set by meson. */

/* All of these iterate the default main context; none sleeps. */
#define da_test_await_boolean(flag) \
  _da_test_await_boolean ((flag), G_STRLOC, #flag)
/* Until @func returns TRUE. */
#define da_test_await(func, user_data) \
  _da_test_await ((func), (user_data), G_STRLOC, #func)

/* Pass da_test_async_cb and the address of a NULL GAsyncResult pointer to any _async function, then
 * da_test_run_async() it:
 *
 *   g_autoptr (GAsyncResult) result = NULL;
 *   da_thing_do_async (thing, NULL, da_test_async_cb, &result);
 *   da_test_run_async (&result);
 *   da_thing_do_finish (thing, result, &error);
 */
#define da_test_run_async(result) \
  _da_test_run_async ((result), G_STRLOC)
void      da_test_async_cb        (GObject       *source,
                                   GAsyncResult  *result,
                                   gpointer       user_data);

/* Handles everything that is ready now, without waiting. */
void      da_test_drain           (void);
/* Iterates for @milliseconds: only to show that something does not happen. */
void      da_test_iterate_for     (guint          milliseconds);

/* Drops the reference and waits until the object is gone: a job under way may still hold it. */
#define da_test_await_finalize(object) \
  _da_test_await_finalize (G_OBJECT (object), G_STRLOC)

/* (transfer full): a fresh folder with mode 0700. */
char     *da_test_make_dir        (void);
/* Removes a folder and everything in it; follows no links. Refuses what is not in the folder for
 * temporary files. */
void      da_test_remove_tree     (const char    *path);
/* (transfer full): the whole file with a NUL behind it; a missing file aborts. */
char     *da_test_read_file       (const char    *path,
                                   gsize         *length);
/* (transfer full): a file of tests/data. */
char     *da_test_read_data       (const char    *relative,
                                   gsize         *length);
void      da_test_write_file      (const char    *path,
                                   const char    *text);
/* The same numbers in each run, uniform in [0, bound); begin with any @state. For samples only. */
guint     da_test_pseudo_random   (guint64       *state,
                                   guint          bound);
/* Memory of this process that is really there, in bytes. */
gsize     da_test_resident_bytes  (void);

void      _da_test_await_boolean  (const gboolean *flag,
                                   const char     *where,
                                   const char     *what);
void      _da_test_await          (GSourceFunc     func,
                                   gpointer        user_data,
                                   const char     *where,
                                   const char     *what);
void      _da_test_run_async      (GAsyncResult  **result,
                                   const char     *where);
void      _da_test_await_finalize (GObject        *object,
                                   const char     *where);

G_END_DECLS

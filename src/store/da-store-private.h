/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-database.h"
#include "da-store.h"
#include "da-worker.h"

G_BEGIN_DECLS

/* What the files of this layer share. Everything but the last three members is touched by jobs on
 * the database thread only. */
struct _DaStore
{
  GObject     parent_instance;

  char       *data_dir;        /* constant */
  char       *path;            /* constant: the database file */
  char       *attachments_dir; /* constant */
  DaDatabase *database;        /* NULL before open and after close */
  gboolean    index_due;       /* messages were stored that the search index has not got yet */
  gboolean    suspect;         /* the check of a large file is still due: no clean mark at close */

  DaWorker   *worker;
  DaWorker   *check_worker;    /* (nullable) background check after a crash */
  DaDatabase *check_database;  /* (nullable) its connection; guarded by check_lock */
  GMutex      check_lock;
  guint       tidy_source;     /* main thread: the timer of the next tidying up, or 0 */
  gint64      last_write_us;   /* main thread: when the last write was asked for */
  int         is_closing;      /* atomic */
  char       *notice;          /* (nullable) set by the open job, read after it */
  guint64     generation;      /* atomic */
};

typedef enum {
  DA_STORE_READ,
  DA_STORE_WRITE,              /* one durable transaction; the list changes */
  DA_STORE_WRITE_SOON,         /* told once it is written, made durable right after */
  DA_STORE_WRITE_JOURNAL,      /* not durable on its own; the list does not change */
} DaStoreMode;

/* On the database thread. Non-NULL, or NULL with @error; a job without @result_free answers a
 * boolean and returns any non-NULL. */
typedef gpointer (*DaStoreFunc) (DaStore   *self,
                                 gpointer   data,
                                 GError   **error);

#define DA_STORE_OK GINT_TO_POINTER (1)

/* The only way to the database. @data_free and @result_free may be NULL. */
void     da_store_submit          (DaStore              *self,
                                   gpointer              source_tag,
                                   DaStoreMode           mode,
                                   DaStoreFunc           func,
                                   gpointer              data,
                                   GDestroyNotify        data_free,
                                   GDestroyNotify        result_free,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
gpointer da_store_submit_pointer  (DaStore              *self,
                                   GAsyncResult         *result,
                                   gpointer              source_tag,
                                   GError              **error);
gboolean da_store_submit_boolean  (DaStore              *self,
                                   GAsyncResult         *result,
                                   gpointer              source_tag,
                                   GError              **error);
void     da_store_set_not_found   (GError              **error,
                                   const char           *what,
                                   const char           *id);

G_END_DECLS

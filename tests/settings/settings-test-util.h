/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-settings.h"

#include "da-test-util.h"

G_BEGIN_DECLS

/* A home with a global layer, a workspace and a private file, all of them empty at first. */
typedef struct {
  char       *root;
  char       *agents;      /* <root>/home/.agents */
  char       *workspace;   /* <root>/work */
  char       *local;       /* <root>/data/settings.json */
  DaSettings *settings;    /* NULL until fixture_open() */
  GPtrArray  *changed;     /* names of ::changed since fixture_open() */
} Fixture;

#define FIXTURE_ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

void      fixture_set_up    (Fixture       *fixture,
                             gconstpointer  unused);
void      fixture_tear_down (Fixture       *fixture,
                             gconstpointer  unused);
/* Makes the settings; load them with fixture_open(). */
void      fixture_make      (Fixture       *fixture);
void      fixture_open      (Fixture       *fixture);
void      fixture_close     (Fixture       *fixture);

/* @relative to the root; folders are made. */
void      fixture_write     (Fixture       *fixture,
                             const char    *relative,
                             const char    *text);
/* (transfer full) */
char     *fixture_read      (Fixture       *fixture,
                             const char    *relative);
gboolean  fixture_has       (Fixture       *fixture,
                             const char    *relative);
int       fixture_mode      (Fixture       *fixture,
                             const char    *relative);
/* (transfer full) (element-type utf8): names in a folder, sorted. */
GPtrArray *fixture_list     (Fixture       *fixture,
                             const char    *relative);

/* Applies {"name":json,…} given as one JSON text; a null resets. */
gboolean  fixture_apply     (Fixture       *fixture,
                             const char    *json,
                             GError       **error);
/* One problem contains all of the (NULL-terminated) texts. */
void      fixture_assert_problem (Fixture  *fixture,
                                  ...) G_GNUC_NULL_TERMINATED;
void      fixture_assert_no_problems (Fixture *fixture);
gboolean  fixture_did_change     (Fixture  *fixture,
                                  const char *name);

/* (transfer full) */
JsonNode *parse_json        (const char    *text);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-application.h"

#include "da-preferences-window.h"
#include "da-server.h"
#include "da-window.h"

G_BEGIN_DECLS

/* da-application.c: its life; da-application-options.c: command line; da-application-actions.c:
 * app.* actions; da-application-server.c: the server, and staying when the window closes;
 * da-application-links.c: dotagents:// links. */
struct _DaApplication {
  AdwApplication parent_instance;

  /* owned */
  DaEngine *engine;
  DaServer *server;                /* (nullable) until the engine has started */
  GSettings *state;                /* (nullable) window state */
  DaWindow *window;                /* (nullable) borrowed */
  DaPreferencesWindow *preferences; /* (nullable) borrowed */
  GtkWindow *shortcuts;        /* (nullable) weak */
  GtkWidget *link_dialog;          /* (nullable) weak */

  /* command line of this process */
  char *data_dir;
  char *agents_dir;
  gboolean no_keyring;

  /* asked for before the engine had started */
  char *wanted_page;               /* (nullable) */
  gboolean wanted_pairing;

  char *shown_session;             /* (nullable) the last one that brought the window up */

  guint inhibit_cookie;
  guint restart_source;
  guint sigterm;
  guint sigint;
  guint started : 1;
  guint failed : 1;
  guint held : 1;
  guint stopping : 1;
};

void     _da_application_add_options   (DaApplication *self);
int      _da_application_local_options (DaApplication *self,
                                        GVariantDict  *options);

void     _da_application_add_actions   (DaApplication *self);
void     _da_application_preferences   (DaApplication *self,
                                        const char    *page);
void     _da_application_pair          (DaApplication *self);
/* Makes the engine anew and starts it. */
void     _da_application_start         (DaApplication *self);

/* The engine has started: follow the settings, listen if they say so. */
void     _da_application_serve         (DaApplication *self);
/* Decides again whether the program stays without a window. */
void     _da_application_update_hold   (DaApplication *self);
/* The last window was closed; tells the first time that the server goes on. */
void     _da_application_window_closed (DaApplication *self);
void     _da_application_stop_server   (DaApplication *self);

void     _da_application_open_link     (DaApplication *self,
                                        const char    *uri);

G_END_DECLS

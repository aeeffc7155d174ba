/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Shows one page of the settings, with a real engine in a folder of its own and nothing else, for
 * looking at it: show-preferences PAGE [WIDTH HEIGHT] [light|dark] [rtl] [state...]
 * PAGE: general, models, remote-server, pair, requests, check. States: on, lan, streamer, devices,
 * busy, log, paired, expanded, bottom, waiting.
 */

#define G_LOG_DOMAIN "da-show-preferences"

#include <adwaita.h>
#include <stdlib.h>
#include <string.h>

#include "da-access-devices.h"
#include "da-engine.h"
#include "da-network.h"
#include "da-pairing-dialog.h"
#include "da-preferences-apply.h"
#include "da-preferences-remote-check.h"
#include "da-preferences-remote-requests.h"
#include "da-preferences-window.h"

static const char *const *words;

static gboolean
has_word (const char *word)
{
  return g_strv_contains (words, word);
}

static void
spin (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_engine_start_finish (DA_ENGINE (source), result, &error))
    g_error ("%s", error->message);
  *(gboolean *) user_data = TRUE;
}

static DaEngine *
start_engine (const char *dir)
{
  g_autofree char *data = g_build_filename (dir, "data", NULL);
  g_autofree char *state = g_build_filename (dir, "state", NULL);
  g_autofree char *agents = g_build_filename (dir, "agents", NULL);
  DaEngineOptions options = { .data_dir = data, .state_dir = state, .agents_dir = agents };
  DaEngine *engine = da_engine_new (&options);
  gboolean done = FALSE;

  da_engine_start_async (engine, NULL, started_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  return engine;
}

static void
add_requests (DaEngine *engine)
{
  static const DaRequestLogItem items[] = {
    { "Pixel 8", "GET", "/v1/models", "192.168.1.23", NULL, 4000, 200, DA_REFUSAL_NONE },
    { NULL, "GET", "/v1/conversations", "192.168.1.40", NULL, 300, 401, DA_REFUSAL_KEY },
    { NULL, "POST", "/v1/chat/completions", "127.0.0.1", "https://example.org", 200, 403,
      DA_REFUSAL_ORIGIN },
    { NULL, "GET", "/v1/models", "192.168.1.23", "desk.example.lan", 150, 403, DA_REFUSAL_HOST },
    { "Pixel 8", "POST", "/v1/chat/completions", "192.168.1.23", NULL, 12345000, 200,
      DA_REFUSAL_NONE },
    { "API key", "PATCH", "/v1/settings", "127.0.0.1", NULL, 12000, 200, DA_REFUSAL_NONE },
    { "Tablet in the kitchen", "GET", "/v1/conversations/{id}/assets/images/{file}",
      "fd00::1234:5678", NULL, 8000, 404, DA_REFUSAL_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    da_request_log_add (da_engine_get_request_log (engine), &items[i]);
  spin (150);
}

static void
pair_device (DaEngine *engine, const char *address, const char *agent)
{
  DaAccess *access = da_engine_get_access (engine);
  g_autoptr(DaDevice) device = da_access_begin_pairing (access, DA_SCOPE_ALL);
  g_autofree char *key = g_strdup (da_device_peek_key (device));
  g_autoptr(DaIdentity) identity = da_access_authenticate (access, key, address, agent);

  g_assert_nonnull (identity);
}

static void
prepare (DaEngine *engine)
{
  DaSettings *settings = da_engine_get_settings (engine);
  DaRemoteAccess *remote = da_engine_get_remote_access (engine);
  g_autoptr(GPtrArray) addresses = da_network_list_addresses ();
  const char *bind = has_word ("lan") && addresses->len > 0
                     ? ((DaNetworkAddress *) addresses->pdata[0])->address : "127.0.0.1";

  da_settings_set (settings, "remoteServerBindAddress", da_preferences_string (bind));
  da_settings_set (settings, "remoteServerEnabled", da_preferences_boolean (has_word ("on")));
  da_settings_set (settings, "streamerModeEnabled",
                   da_preferences_boolean (has_word ("streamer")));
  if (has_word ("on"))
    da_remote_access_set_running (remote, bind, 3210, "", "");
  if (has_word ("busy"))
    da_remote_access_set_state (remote, DA_REMOTE_FAILED, "Port 3210 is used by nc (pid 4711)");
  if (has_word ("devices"))
    {
      pair_device (engine, "192.168.1.23", "DotAgents/1.2 (Android 14; Pixel 8)");
      pair_device (engine, "100.101.102.103", "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X)");
      da_remote_access_set_refused (remote, "desk.example.lan", NULL);
    }
  if (has_word ("log"))
    add_requests (engine);
  spin (400);
}

static void
expand_all (GtkWidget *widget)
{
  if (ADW_IS_EXPANDER_ROW (widget))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (widget), TRUE);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    expand_all (child);
}

static void
scroll_down (GtkWidget *widget)
{
  if (GTK_IS_SCROLLED_WINDOW (widget))
    {
      GtkAdjustment *adjustment =
        gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget));

      gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment)
                                            * (has_word ("middle") ? 0.4 : 1.0));
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    scroll_down (child);
}

static GtkWidget *
show (DaEngine *engine, const char *page, int width, int height)
{
  DaPreferencesWindow *window;

  if (strcmp (page, "pair") == 0)
    {
      DaPairingDialog *dialog = da_pairing_dialog_new (engine, NULL);

      gtk_window_set_default_size (GTK_WINDOW (dialog), width, height);
      gtk_window_present (GTK_WINDOW (dialog));
      return GTK_WIDGET (dialog);
    }
  window = da_preferences_window_new (engine);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  da_preferences_window_show_page (window, page);
  gtk_window_present (GTK_WINDOW (window));
  if (strcmp (page, "requests") == 0)
    adw_preferences_window_present_subpage (ADW_PREFERENCES_WINDOW (window),
                                            da_preferences_remote_requests_new (engine));
  if (strcmp (page, "check") == 0)
    {
      g_autoptr(DaRemoteWatch) watch = da_remote_watch_new (engine);

      adw_preferences_window_present_subpage (ADW_PREFERENCES_WINDOW (window),
                                              da_preferences_remote_check_new (engine, watch));
    }
  return GTK_WIDGET (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *dir = g_dir_make_tmp ("da-show-XXXXXX", NULL);
  g_autoptr(DaEngine) engine = NULL;
  GtkWidget *window;

  words = (const char *const *) argv;
  if (has_word ("rtl"))
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  adw_init ();
  if (has_word ("rtl"))
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      has_word ("dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                                        : ADW_COLOR_SCHEME_FORCE_LIGHT);
  engine = start_engine (dir);
  prepare (engine);
  window = show (engine, argc > 1 ? argv[1] : "general", argc > 2 ? atoi (argv[2]) : 700,
                 argc > 3 ? atoi (argv[3]) : 760);
  spin (500);
  if (has_word ("paired"))
    {
      g_autofree char *link = da_pairing_dialog_dup_link (DA_PAIRING_DIALOG (window));
      g_autofree char *key = g_strdup (strstr (link, "apiKey=") + strlen ("apiKey="));
      g_autoptr(DaIdentity) identity =
        da_access_authenticate (da_engine_get_access (engine), key, "192.168.1.23",
                                "DotAgents/1.2 (Android 14; Pixel 8)");
    }
  if (has_word ("expanded"))
    expand_all (window);
  spin (600);
  if (has_word ("bottom") || has_word ("middle"))
    scroll_down (window);
  spin (300);
  g_print ("ready\n");
  while (TRUE)
    g_main_context_iteration (NULL, TRUE);
}

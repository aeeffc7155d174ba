/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-debug-info"

#include "config.h"

#include "da-debug-info.h"

#include <string.h>

#include <adwaita.h>

#include "da-engine-models.h"
#include "da-log.h"
#include "da-redact.h"

#define LOG_LINES 40
#define VALUE_CHARACTERS 200

static void
add_version (GString *out, const char *name, const guint built[3], const guint running[3])
{
  g_string_append_printf (out, "%s %u.%u.%u (built with %u.%u.%u)\n", name, running[0], running[1],
                          running[2], built[0], built[1], built[2]);
}

char *
da_debug_info_versions (void)
{
  g_autoptr(GString) out = g_string_new (NULL);
  const guint glib[2][3] = {
    { GLIB_MAJOR_VERSION, GLIB_MINOR_VERSION, GLIB_MICRO_VERSION },
    { glib_major_version, glib_minor_version, glib_micro_version },
  };
  const guint gtk[2][3] = {
    { GTK_MAJOR_VERSION, GTK_MINOR_VERSION, GTK_MICRO_VERSION },
    { gtk_get_major_version (), gtk_get_minor_version (), gtk_get_micro_version () },
  };
  const guint adw[2][3] = {
    { ADW_MAJOR_VERSION, ADW_MINOR_VERSION, ADW_MICRO_VERSION },
    { adw_get_major_version (), adw_get_minor_version (), adw_get_micro_version () },
  };

  add_version (out, "GLib", glib[0], glib[1]);
  add_version (out, "GTK", gtk[0], gtk[1]);
  add_version (out, "libadwaita", adw[0], adw[1]);
  return g_strdup (out->str);
}

/* What a person can type into anything else may be private: prompts, addresses, names of people and
 * folders. */
static gboolean
is_harmless (const DaSettingSpec *spec)
{
  switch (spec->type)
    {
    case DA_SETTING_BOOLEAN:
    case DA_SETTING_INT:
    case DA_SETTING_NUMBER:
    case DA_SETTING_ENUM:
      return TRUE;
    case DA_SETTING_STRING:
      return g_str_has_suffix (spec->name, "Model")
             || g_str_equal (spec->name, "currentModelPresetId")
             || g_str_equal (spec->name, "remoteServerBindAddress");
    case DA_SETTING_STRV:
    case DA_SETTING_JSON:
    case DA_SETTING_SECRET:
      return FALSE;
    }
  g_assert_not_reached ();
}

/* (transfer full) */
static char *
dup_value (const DaSettingSpec *spec, JsonNode *node)
{
  g_autofree char *value = NULL;

  if (!is_harmless (spec))
    return g_strdup ("(set)");
  value = json_to_string (node, FALSE);
  if (g_utf8_strlen (value, -1) <= VALUE_CHARACTERS)
    return g_steal_pointer (&value);
  return g_utf8_substring (value, 0, VALUE_CHARACTERS);
}

static void
add_settings (GString *out, DaSettings *settings)
{
  guint n;
  const DaSettingSpec *specs = da_setting_spec_all (&n);

  g_string_append (out, "\nSettings that were changed:\n");
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *value = NULL;
      DaSettingOrigin origin;

      if (specs[i].type == DA_SETTING_SECRET)
        continue;
      origin = da_settings_get_origin (settings, specs[i].name);
      if (origin == DA_SETTING_ORIGIN_DEFAULT || da_settings_peek (settings, specs[i].name) == NULL)
        continue;
      value = dup_value (&specs[i], da_settings_peek (settings, specs[i].name));
      g_string_append_printf (out, "%s = %s (%s)\n", specs[i].name, value,
                              da_setting_origin_to_string (origin));
    }
}

/* What is below the person's folder is written without that folder, and so without their name. */
static void
add_folder (GString *out, const char *label, const char *path)
{
  const char *home = g_get_home_dir ();
  const char *below = g_str_has_prefix (path, home) ? path + strlen (home) : NULL;

  if (below != NULL && (*below == G_DIR_SEPARATOR || *below == '\0'))
    g_string_append_printf (out, "%s: ~%s\n", label, below);
  else
    g_string_append_printf (out, "%s: %s\n", label, path);
}

static void
add_engine (GString *out, DaEngine *engine)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (engine);
  const char *error = da_remote_access_get_last_error (remote);

  g_string_append_c (out, '\n');
  add_folder (out, "Data", da_engine_get_data_dir (engine));
  add_folder (out, "Logs", da_engine_get_state_dir (engine));
  add_folder (out, "Settings", da_settings_get_agents_dir (da_engine_get_settings (engine)));
  g_string_append_printf (out, "\nProvider: %s, model %s\n", da_engine_get_provider_id (engine),
                          da_engine_get_model (engine));
  g_string_append_printf (out, "Remote server: state %d, port %u%s%s\n",
                          da_remote_access_get_state (remote), da_remote_access_get_port (remote),
                          error != NULL ? ", " : "", error != NULL ? error : "");
  add_settings (out, da_engine_get_settings (engine));
}

static void
add_log (GString *out)
{
  g_autoptr(GPtrArray) entries = da_log_dup_entries (LOG_LINES);

  g_string_append (out, "\nLast messages:\n");
  for (guint i = 0; i < entries->len; i++)
    {
      DaLogEntry *entry = g_ptr_array_index (entries, i);

      g_string_append_printf (out, "%s\n", entry->message);
    }
}

char *
da_debug_info_dup (DaEngine *engine)
{
  g_autoptr(GString) out = g_string_new ("DotAgents " DA_VERSION "\n\n");
  g_autofree char *versions = da_debug_info_versions ();
  g_autofree char *os = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  g_autofree char *valid = NULL;
  const char *desktop = g_getenv ("XDG_CURRENT_DESKTOP");
  GdkDisplay *display = gdk_display_get_default ();

  g_string_append (out, versions);
  g_string_append_printf (out, "\nSystem: %s\nDesktop: %s\nDisplay: %s\nDark: %s\n",
                          os != NULL ? os : "?", desktop != NULL ? desktop : "?",
                          display != NULL ? G_OBJECT_TYPE_NAME (display) : "?",
                          adw_style_manager_get_dark (adw_style_manager_get_default ()) ? "yes"
                                                                                        : "no");
  if (engine != NULL)
    add_engine (out, engine);
  add_log (out);
  /* A folder or a message may be in another encoding, and a text view takes UTF-8 only. */
  valid = g_utf8_make_valid (out->str, (gssize) out->len);
  return da_redact (valid);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-settings-spec"

#include "da-setting-spec.h"

#include <string.h>

#include "da-settings-table.h"

static gpointer
build_index (gpointer unused)
{
  GHashTable *index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < da_settings_table_length; i++)
    {
      const DaSettingSpec *spec = &da_settings_table[i];
      gboolean is_new = g_hash_table_insert (index, (gpointer) spec->name, (gpointer) spec);

      g_assert (is_new);
    }
  return index;
}

const DaSettingSpec *
da_setting_spec_find (const char *name)
{
  static GOnce once = G_ONCE_INIT;

  g_assert (name != NULL);
  g_once (&once, build_index, NULL);
  return g_hash_table_lookup (once.retval, name);
}

const DaSettingSpec *
da_setting_spec_all (guint *n_out)
{
  g_assert (n_out != NULL);
  *n_out = da_settings_table_length;
  return da_settings_table;
}

const DaSettingSpec *
da_setting_spec_canonical (const DaSettingSpec *spec)
{
  g_assert (spec != NULL);
  if (spec->alias != NULL && g_str_has_prefix (spec->name, "mcpTools"))
    {
      const DaSettingSpec *other = da_setting_spec_find (spec->alias);

      g_assert (other != NULL);
      return other;
    }
  return spec;
}

static char *
describe_number (const DaSettingSpec *spec,
                 const char          *kind)
{
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  if (spec->minimum == 0 && spec->maximum == 0)
    return g_strdup (kind);
  g_ascii_formatd (low, sizeof low, "%.10g", spec->minimum);
  g_ascii_formatd (high, sizeof high, "%.10g", spec->maximum);
  return g_strdup_printf ("%s from %s to %s", kind, low, high);
}

static char *
describe_choices (const DaSettingSpec *spec)
{
  g_autofree char *list = g_strjoinv (", ", (char **) spec->choices);

  return g_strdup_printf ("one of: %s", list);
}

char *
da_setting_spec_dup_allowed (const DaSettingSpec *spec)
{
  g_assert (spec != NULL);
  if (spec->choices != NULL)
    return describe_choices (spec);
  switch (spec->type)
    {
    case DA_SETTING_BOOLEAN:
      return g_strdup ("true or false");
    case DA_SETTING_INT:
      return describe_number (spec, "a whole number");
    case DA_SETTING_NUMBER:
      return describe_number (spec, "a number");
    case DA_SETTING_STRV:
      return g_strdup ("a list of texts");
    case DA_SETTING_JSON:
      if (spec->default_json != NULL && spec->default_json[0] == '[')
        return g_strdup ("a list");
      return g_strdup ("an object");
    case DA_SETTING_SECRET:
      return g_strdup ("a text that is kept with the secrets");
    case DA_SETTING_STRING:
    case DA_SETTING_ENUM:
    default:
      break;
    }
  if (strcmp (spec->name, "remoteServerBindAddress") == 0)
    return g_strdup ("an IP address");
  if (strcmp (spec->name, "requestProxy") == 0)
    return g_strdup ("a URL that begins with http://, https:// or socks5://");
  return g_strdup ("a text");
}

/* Contract 20 A.12: the first rule that fits decides. */
DaSettingFile
da_setting_file_of (const char *name)
{
  static const char *const local_keys[] = { "pinnedSessionIds", "archivedSessionIds", NULL };
  static const char *const layout_keys[] = {
    "themePreference", "panelPosition", "panelCustomPosition", "panelDragEnabled",
    "panelCustomSize", "panelWaveformSize", "panelProgressSize", "floatingPanelAutoShow",
    "floatingPanelAgentProgressEnabled", "hidePanelWhenMainFocused", NULL,
  };
  static const char *const model_keys[] = { "modelPresets", "currentModelPresetId", NULL };
  static const char *const model_prefixes[] = {
    "openai", "groq", "gemini", "chatgpt", "stt", "tts", "parakeet", "kitten", "supertonic",
    "transcript", NULL,
  };

  g_assert (name != NULL);
  if (g_strv_contains (local_keys, name))
    return DA_SETTING_FILE_LOCAL;
  if (g_strv_contains (layout_keys, name))
    return DA_SETTING_FILE_UI;
  if (g_str_has_prefix (name, "mcp"))
    return DA_SETTING_FILE_MCP;
  if (g_strv_contains (model_keys, name) || g_str_has_suffix (name, "ApiKey")
      || g_str_has_suffix (name, "BaseUrl"))
    return DA_SETTING_FILE_MODELS;
  for (guint i = 0; model_prefixes[i] != NULL; i++)
    if (g_str_has_prefix (name, model_prefixes[i]))
      return DA_SETTING_FILE_MODELS;
  if (strcmp (name, "loops") == 0)
    return DA_SETTING_FILE_NONE;
  return DA_SETTING_FILE_SETTINGS;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * One value against its row: from a file, a request, the environment or the command line alike.
 * What comes out is normalised, sealed, and shares nothing with what came in.
 */

#define G_LOG_DOMAIN "da-settings-check"

#include "da-settings-private.h"

#include <math.h>
#include <string.h>

#include "da-error.h"
#include "da-json.h"

/* Doubles are exact integers up to here. */
#define EXACT_DOUBLE 9007199254740992.0

static JsonNode *
refuse (const DaSettingSpec  *spec,
        GError              **error)
{
  g_autofree char *allowed = da_setting_spec_dup_allowed (spec);

  g_set_error (error, DA_ERROR, DA_ERROR_INVALID, "%s must be %s", spec->name, allowed);
  return NULL;
}

static JsonNode *
seal (JsonNode *node)
{
  json_node_seal (node);
  return node;
}

/* "remove the stored value" */
static JsonNode *
new_null (void)
{
  return seal (json_node_new (JSON_NODE_NULL));
}

static JsonNode *
new_string (const char *text)
{
  return seal (json_node_init_string (json_node_alloc (), text));
}

JsonNode *
_da_settings_copy_node (JsonNode  *node,
                        GError   **error)
{
  g_autofree char *text = da_json_to_string (node, FALSE);

  return da_json_parse (text, strlen (text), DA_SETTINGS_MAX_BYTES, error);
}

static gboolean
is_value_of (JsonNode *node,
             GType     type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static gboolean
read_number (JsonNode *node,
             double   *out)
{
  if (!is_value_of (node, G_TYPE_INT64) && !is_value_of (node, G_TYPE_DOUBLE))
    return FALSE;
  *out = json_node_get_double (node);
  return isfinite (*out);
}

static gboolean
is_in_range (const DaSettingSpec *spec,
             double               value)
{
  if (spec->minimum == 0 && spec->maximum == 0)
    return TRUE;
  return value >= spec->minimum && value <= spec->maximum;
}

static JsonNode *
check_int (const DaSettingSpec  *spec,
           JsonNode             *node,
           GError              **error)
{
  double value;
  gint64 whole;

  if (!read_number (node, &value) || !is_in_range (spec, value))
    return refuse (spec, error);
  if (is_value_of (node, G_TYPE_INT64))
    whole = json_node_get_int (node);
  else if (fabs (value) > EXACT_DOUBLE
           || (value != floor (value) && (spec->flags & DA_SETTING_FLOOR) == 0))
    return refuse (spec, error);
  else
    whole = (gint64) floor (value);
  if (spec->choices != NULL)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, whole);

      if (!g_strv_contains (spec->choices, text))
        return refuse (spec, error);
    }
  return seal (json_node_init_int (json_node_alloc (), whole));
}

/* A whole number is kept as one: that is how every other program writes it. */
static JsonNode *
check_number (const DaSettingSpec  *spec,
              JsonNode             *node,
              GError              **error)
{
  double value;

  if (!read_number (node, &value) || !is_in_range (spec, value))
    return refuse (spec, error);
  if (value == floor (value) && fabs (value) <= EXACT_DOUBLE)
    return seal (json_node_init_int (json_node_alloc (), (gint64) value));
  return seal (json_node_init_double (json_node_alloc (), value));
}

/* "[::1]" and "LOCALHOST" as they are typed (contract 10 1.7). */
static char *
normalise_address (const char *text)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);
  g_autoptr (GInetAddress) address = NULL;
  gsize length = strlen (lower);

  if (strcmp (lower, "localhost") == 0)
    return g_strdup ("127.0.0.1");
  if (length >= 2 && lower[0] == '[' && lower[length - 1] == ']')
    {
      memmove (lower, lower + 1, length - 2);
      lower[length - 2] = '\0';
    }
  address = g_inet_address_new_from_string (lower);
  return address != NULL ? g_steal_pointer (&lower) : NULL;
}

static char *
normalise_proxy (const char *text)
{
  g_autoptr (GUri) uri = NULL;
  const char *scheme;

  if (text[0] == '\0')
    return g_strdup (text);
  uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_host (uri)[0] == '\0')
    return NULL;
  scheme = g_uri_get_scheme (uri);
  if (strcmp (scheme, "http") != 0 && strcmp (scheme, "https") != 0
      && strcmp (scheme, "socks5") != 0)
    return NULL;
  return g_strdup (text);
}

/* The names of an older service at the same provider (contract 30 C.2). */
static char *
normalise_groq_voice_model (const char *text)
{
  if (!g_str_has_prefix (text, "playai-tts"))
    return g_strdup (text);
  return g_strdup (strstr (text, "arabic") != NULL ? "canopylabs/orpheus-arabic-saudi"
                                                   : "canopylabs/orpheus-v1-english");
}

/* Rows whose text is looked at more closely; NULL from the function: not allowed. */
static const struct {
  const char *name;
  char     *(*normalise) (const char *text);
} text_rules[] = {
  { "remoteServerBindAddress", normalise_address },
  { "requestProxy", normalise_proxy },
  { "groqTtsModel", normalise_groq_voice_model },
};

static JsonNode *
check_text (const DaSettingSpec  *spec,
            JsonNode             *node,
            GError              **error)
{
  g_autofree char *text = NULL;

  if (!is_value_of (node, G_TYPE_STRING))
    return refuse (spec, error);
  text = g_strdup (json_node_get_string (node));
  if (spec->flags & DA_SETTING_TRIM)
    g_strstrip (text);
  if (text[0] == '\0' && (spec->flags & DA_SETTING_EMPTY_UNSETS))
    return new_null ();
  for (guint i = 0; i < G_N_ELEMENTS (text_rules); i++)
    if (strcmp (text_rules[i].name, spec->name) == 0)
      {
        char *normal = text_rules[i].normalise (text);

        g_free (text);
        text = normal;
        if (text == NULL)
          return refuse (spec, error);
      }
  if (spec->choices != NULL && !g_strv_contains (spec->choices, text))
    return refuse (spec, error);
  return new_string (text);
}

static JsonNode *
check_strv (const DaSettingSpec  *spec,
            JsonNode             *node,
            GError              **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (JsonArray) clean = json_array_new ();
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (spec, error);
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      g_autofree char *text = NULL;
      g_autofree char *stripped = NULL;

      if (!is_value_of (element, G_TYPE_STRING))
        return refuse (spec, error);
      text = g_strdup (json_node_get_string (element));
      stripped = g_strstrip (g_strdup (text));
      if (stripped[0] == '\0')
        continue;
      if (spec->flags & DA_SETTING_TRIM)
        g_strstrip (text);
      if (!g_hash_table_add (seen, g_strdup (text)) && (spec->flags & DA_SETTING_UNIQUE))
        continue;
      json_array_add_string_element (clean, text);
    }
  return seal (json_node_init_array (json_node_alloc (), clean));
}

/* Every element an object whose @members are texts. */
static gboolean
is_list_of_objects (JsonNode          *node,
                    const char *const *members)
{
  JsonArray *array = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = da_json_array_get_object (array, i);

      for (guint j = 0; members[j] != NULL; j++)
        if (object == NULL || da_json_get_string (object, members[j]) == NULL)
          return FALSE;
    }
  return TRUE;
}

static gboolean
is_allowed_json (const DaSettingSpec *spec,
                 JsonNode            *node)
{
  static const char *const prompt_members[] = { "id", "name", "content", NULL };
  static const char *const preset_members[] = { "id", NULL };
  gboolean is_list = spec->default_json != NULL && spec->default_json[0] == '[';

  if (is_list ? !JSON_NODE_HOLDS_ARRAY (node) : !JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  if (strcmp (spec->name, "predefinedPrompts") == 0)
    return is_list_of_objects (node, prompt_members);
  if (strcmp (spec->name, "modelPresets") == 0)
    return is_list_of_objects (node, preset_members);
  if (strcmp (spec->name, "mcpConfig") == 0)
    {
      JsonNode *servers = json_object_get_member (json_node_get_object (node), "mcpServers");

      return servers == NULL || JSON_NODE_HOLDS_OBJECT (servers);
    }
  return TRUE;
}

JsonNode *
da_settings_check (const DaSettingSpec  *spec,
                   JsonNode             *value,
                   GError              **error)
{
  g_assert (spec != NULL);
  g_assert (value != NULL);

  switch (spec->type)
    {
    case DA_SETTING_BOOLEAN:
      if (!is_value_of (value, G_TYPE_BOOLEAN))
        return refuse (spec, error);
      return seal (json_node_init_boolean (json_node_alloc (), json_node_get_boolean (value)));
    case DA_SETTING_INT:
      return check_int (spec, value, error);
    case DA_SETTING_NUMBER:
      return check_number (spec, value, error);
    case DA_SETTING_STRING:
    case DA_SETTING_ENUM:
      return check_text (spec, value, error);
    case DA_SETTING_STRV:
      return check_strv (spec, value, error);
    case DA_SETTING_JSON:
      if (!is_allowed_json (spec, value))
        return refuse (spec, error);
      return _da_settings_copy_node (value, error);
    case DA_SETTING_SECRET:
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                   "%s is a secret and is not kept with the settings", spec->name);
      return NULL;
    default:
      g_assert_not_reached ();
    }
}

/* "a, b" for a list; each part is a text. */
static JsonNode *
split_list (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    json_array_add_string_element (array, g_strstrip (parts[i]));
  return json_node_init_array (json_node_alloc (), array);
}

JsonNode *
_da_settings_parse_text (const DaSettingSpec  *spec,
                         const char           *text,
                         GError              **error)
{
  g_autoptr (JsonNode) node = da_json_parse (text, strlen (text), DA_SETTINGS_MAX_BYTES, NULL);
  gboolean is_text = spec->type == DA_SETTING_STRING || spec->type == DA_SETTING_ENUM;

  /* A name that happens to be a number, or has quotes in it, is still a name. */
  if (node == NULL || (is_text && !is_value_of (node, G_TYPE_STRING)))
    {
      g_clear_pointer (&node, json_node_unref);
      node = spec->type == DA_SETTING_STRV ? split_list (text) : new_string (text);
    }
  return da_settings_check (spec, node, error);
}

char *
_da_settings_value_text (const DaSettingSpec *spec,
                         JsonNode            *node)
{
  if (spec->type == DA_SETTING_SECRET)
    return g_strdup ("(secret)");
  if (node == NULL)
    return g_strdup ("(not set)");
  /* These may hold another program's keys and tokens: only their size is shown. */
  if (spec->type == DA_SETTING_JSON)
    {
      guint n = JSON_NODE_HOLDS_ARRAY (node) ? json_array_get_length (json_node_get_array (node))
                                             : json_object_get_size (json_node_get_object (node));

      return g_strdup_printf ("(%s, %u)", JSON_NODE_HOLDS_ARRAY (node) ? "list" : "object", n);
    }
  return da_json_to_string (node, FALSE);
}

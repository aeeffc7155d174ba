/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * What other programs leave in the shared files and we only read: keys that are no rows, and
 * secrets in plain text. A secret found here is a fallback for one that DaSecrets does not have.
 */

#define G_LOG_DOMAIN "da-settings-foreign"

#include "da-settings-private.h"

#include <string.h>

#include "da-json.h"

#define REFERENCE_PREFIX "dotagents-secret://"
/* Contract 20 A.12.5: as written, then decoded up to three times. */
#define MAX_DECODINGS 3

JsonNode *
da_settings_peek_foreign (DaSettings *self,
                          const char *name)
{
  const DaSettingSpec *spec;

  g_assert (DA_IS_SETTINGS (self));
  g_assert (name != NULL);

  spec = da_setting_spec_find (name);
  if (spec != NULL && spec->type != DA_SETTING_SECRET)
    return NULL;
  for (guint i = DA_SETTINGS_LAYER_WORKSPACE; i <= DA_SETTINGS_LAYER_GLOBAL; i++)
    {
      JsonNode *node = NULL;

      if (self->layers[i] != NULL)
        node = da_settings_layer_get (self->layers[i], name, NULL);
      if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
        return node;
    }
  return NULL;
}

/* (transfer none) (nullable) */
static const char *
find_secret (DaSettings *self,
             const char *id)
{
  JsonObject *secrets = NULL;
  g_autofree char *name = g_strdup (id);

  if (self->secrets.object != NULL)
    secrets = da_json_get_object (self->secrets.object, "secrets");
  for (int i = 0; secrets != NULL && name != NULL && i <= MAX_DECODINGS; i++)
    {
      const char *value = da_json_get_string (secrets, name);
      char *decoded;

      if (value != NULL && value[0] != '\0')
        return value;
      decoded = g_uri_unescape_string (name, NULL);
      g_free (name);
      name = decoded;
    }
  return NULL;
}

char *
da_settings_dup_foreign_secret (DaSettings *self,
                                const char *name,
                                gboolean   *is_unresolved)
{
  JsonNode *node = da_settings_peek_foreign (self, name);
  g_autofree char *text = NULL;
  const char *value;

  if (is_unresolved != NULL)
    *is_unresolved = FALSE;
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  text = g_strstrip (g_strdup (json_node_get_string (node)));
  if (text[0] == '\0')
    return NULL;
  if (!g_str_has_prefix (text, REFERENCE_PREFIX))
    return g_steal_pointer (&text);
  value = find_secret (self, text + strlen (REFERENCE_PREFIX));
  if (value == NULL && is_unresolved != NULL)
    *is_unresolved = TRUE;
  return g_strdup (value);
}

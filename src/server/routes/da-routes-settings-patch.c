/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * PATCH /v1/settings (contract 30 C.1 to C.3). Every field is judged on its own; one that is
 * unknown or does not fit is left out, and only a body without a single good field is refused. What
 * is accepted is written in an order that leaves nothing half done when a step fails: secrets (a
 * locked keyring refuses them), then all settings in one go, then the API key.
 */

#define G_LOG_DOMAIN "da-server-settings"

#include "da-routes-settings.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "da-engine-models.h"
#include "da-json.h"
#include "da-preset-edit.h"
#include "da-random.h"
#include "da-reply.h"
#include "da-route-shapes.h"

/* The connection must be able to carry the answer before the key that opened it dies. */
#define KEY_CHANGE_DELAY_MS 25

typedef struct {
  const DaSettingSpec *spec;
  char                *value;
} SecretValue;

static void
secret_value_free (gpointer data)
{
  SecretValue *secret = data;

  da_secret_free (secret->value);
  g_free (secret);
}

typedef struct {
  DaRequest  *request;
  GHashTable *values;       /* canonical name -> JsonNode */
  GPtrArray  *secrets;      /* (element-type SecretValue) */
  guint       next_secret;
  char       *api_key;      /* (nullable) */
  GPtrArray  *updated;      /* (element-type utf8) names of the table, in its order */
  GPtrArray  *sensitive;    /* those of them that are audited */
  GPtrArray  *attempted;    /* sensitive names in the body, accepted or not */
  GString    *reasons;      /* why fields were left out */
  gboolean    was_enabled;
} Patch;

static void
patch_free (Patch *patch)
{
  da_request_unref (patch->request);
  g_hash_table_unref (patch->values);
  g_ptr_array_unref (patch->secrets);
  g_ptr_array_unref (patch->updated);
  g_ptr_array_unref (patch->sensitive);
  g_ptr_array_unref (patch->attempted);
  g_string_free (patch->reasons, TRUE);
  da_secret_free (patch->api_key);
  g_free (patch);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Patch, patch_free)

static Patch *
patch_new (DaRequest *request)
{
  Patch *patch = g_new0 (Patch, 1);

  patch->request = da_request_ref (request);
  patch->values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify) json_node_unref);
  patch->secrets = g_ptr_array_new_with_free_func (secret_value_free);
  patch->updated = g_ptr_array_new ();
  patch->sensitive = g_ptr_array_new ();
  patch->attempted = g_ptr_array_new ();
  patch->reasons = g_string_new (NULL);
  patch->was_enabled = da_settings_get_boolean (
    da_engine_get_settings (da_request_get_engine (request)), "remoteServerEnabled");
  return patch;
}

static void
add_updated (Patch      *patch,
             const char *name)
{
  const DaSettingSpec *spec = da_setting_spec_find (name);

  if (g_ptr_array_find (patch->updated, spec->name, NULL))
    return;
  g_ptr_array_add (patch->updated, (gpointer) spec->name);
  if (spec->flags & DA_SETTING_SENSITIVE)
    g_ptr_array_add (patch->sensitive, (gpointer) spec->name);
}

/* Both names of a pair count as updated; the value is kept under the agentX one. */
static void
accept_value (Patch               *patch,
        const DaSettingSpec *spec,
        JsonNode            *value)
{
  const DaSettingSpec *canonical = da_setting_spec_canonical (spec);

  add_updated (patch, canonical->name);
  if (canonical->alias != NULL)
    add_updated (patch, canonical->alias);
  g_hash_table_replace (patch->values, (gpointer) canonical->name, value);
}

static void G_GNUC_PRINTF (2, 3)
refuse (Patch      *patch,
        const char *format,
        ...)
{
  va_list args;

  if (patch->reasons->len > 0)
    g_string_append (patch->reasons, "; ");
  va_start (args, format);
  g_string_append_vprintf (patch->reasons, format, args);
  va_end (args);
}

char *
da_settings_normalise_bind (const char *address)
{
  g_autofree char *lower = g_ascii_strdown (address, -1);
  gsize length;

  g_strstrip (lower);
  length = strlen (lower);
  if (length >= 2 && lower[0] == '[' && lower[length - 1] == ']')
    return g_strndup (lower + 1, length - 2);
  return g_steal_pointer (&lower);
}

gboolean
da_settings_bind_is_allowed (const char *address)
{
  g_autoptr(GInetAddress) wanted = g_inet_address_new_from_string (address);
  struct ifaddrs *list = NULL;
  gboolean found = FALSE;

  if (wanted == NULL)
    return FALSE;
  if (g_str_equal (address, "127.0.0.1") || g_str_equal (address, "0.0.0.0"))
    return TRUE;
  if (getifaddrs (&list) != 0)
    return FALSE;
  for (struct ifaddrs *i = list; i != NULL && !found; i = i->ifa_next)
    {
      g_autoptr(GSocketAddress) socket = NULL;
      int family = i->ifa_addr != NULL ? i->ifa_addr->sa_family : AF_UNSPEC;

      if (family != AF_INET && family != AF_INET6)
        continue;
      socket = g_socket_address_new_from_native (i->ifa_addr,
                                                 family == AF_INET
                                                   ? sizeof (struct sockaddr_in)
                                                   : sizeof (struct sockaddr_in6));
      found = socket != NULL
              && g_inet_address_equal (
                wanted, g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (socket)));
    }
  freeifaddrs (list);
  return found;
}

static void
take_bind (Patch               *patch,
           const DaSettingSpec *spec,
           const char          *text)
{
  g_autofree char *address = da_settings_normalise_bind (text);
  JsonNode *value;

  if (!da_settings_bind_is_allowed (address))
    {
      refuse (patch, "%s must be 127.0.0.1, 0.0.0.0 or an address of this computer", spec->name);
      return;
    }
  value = json_node_new (JSON_NODE_VALUE);
  json_node_set_string (value, address);
  accept_value (patch, spec, value);
}

static void
accept_string (Patch      *patch,
               const char *name,
               const char *text)
{
  JsonNode *value = json_node_new (JSON_NODE_VALUE);

  json_node_set_string (value, text);
  accept_value (patch, da_setting_spec_find (name), value);
}

/* Choosing a preset brings its address and models with it (contract 30 D.2, "activation"). The key
 * stays with the preset: nothing that the person typed elsewhere is overwritten. */
static void
take_preset (Patch               *patch,
             const DaSettingSpec *spec,
             const char          *id)
{
  DaSettings *settings = da_engine_get_settings (da_request_get_engine (patch->request));
  g_autoptr(DaModelPreset) preset = da_model_presets_find (settings, id);
  DaPresetValue values[DA_PRESET_ACTIVATION_MAX];
  guint n;

  if (preset == NULL)
    {
      refuse (patch, "%s must be the id of a model preset", spec->name);
      return;
    }
  n = da_preset_activation (preset, values);
  for (guint i = 0; i < n; i++)
    accept_string (patch, values[i].setting, values[i].value);
}

static gboolean
is_plain_key (const char *key)
{
  for (const char *p = key; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p))
      return FALSE;
  return TRUE;
}

static void
take_api_key (Patch               *patch,
              const DaSettingSpec *spec,
              const char          *key)
{
  if (*key == '\0' || g_str_equal (key, DA_SHAPE_MASK))
    refuse (patch, "%s was not given a new key", spec->name);
  else if (!is_plain_key (key))
    refuse (patch, "%s must be printable characters without spaces", spec->name);
  else if (da_access_is_fixed (da_engine_get_access (da_request_get_engine (patch->request))))
    refuse (patch, "%s is set by the environment and cannot be changed", spec->name);
  else
    {
      da_secret_free (patch->api_key);
      patch->api_key = g_strdup (key);
      add_updated (patch, spec->name);
    }
}

static void
take_secret (Patch               *patch,
             const DaSettingSpec *spec,
             const char          *text)
{
  char *value = g_strdup (text);
  SecretValue *secret;

  if (spec->flags & DA_SETTING_TRIM)
    g_strstrip (value);
  if (g_str_equal (spec->name, "remoteServerApiKey"))
    {
      take_api_key (patch, spec, value);
      da_secret_free (value);
      return;
    }
  if (g_str_equal (value, DA_SHAPE_MASK))
    {
      /* Unchanged. For the two tokens of OpenAI Codex that counts as an update. */
      if (g_str_has_prefix (spec->name, "chatgptWeb"))
        add_updated (patch, spec->name);
      else
        refuse (patch, "%s was not given a new value", spec->name);
      da_secret_free (value);
      return;
    }
  secret = g_new0 (SecretValue, 1);
  secret->spec = spec;
  secret->value = value;
  g_ptr_array_add (patch->secrets, secret);
  add_updated (patch, spec->name);
}

/* Of a list that is cleaned, what is no text is left out; a list without that rule is taken whole
 * or not at all (contract 30 C.2). (transfer full) */
static JsonNode *
keep_texts (JsonNode *node)
{
  JsonArray *list = json_node_get_array (node);
  JsonArray *texts = json_array_new ();
  JsonNode *result = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *item = json_array_get_element (list, i);

      if (JSON_NODE_HOLDS_VALUE (item) && json_node_get_value_type (item) == G_TYPE_STRING)
        json_array_add_string_element (texts, json_node_get_string (item));
    }
  json_node_take_array (result, texts);
  return result;
}

static void
take_field (Patch               *patch,
            const DaSettingSpec *spec,
            JsonNode            *node)
{
  gboolean is_text = JSON_NODE_HOLDS_VALUE (node)
                     && json_node_get_value_type (node) == G_TYPE_STRING;
  gboolean is_cleaned = spec->type == DA_SETTING_STRV && (spec->flags & DA_SETTING_TRIM)
                        && JSON_NODE_HOLDS_ARRAY (node);
  g_autoptr(JsonNode) cleaned = is_cleaned ? keep_texts (node) : NULL;
  g_autoptr(GError) error = NULL;
  JsonNode *value;

  if (is_text && spec->type == DA_SETTING_SECRET)
    take_secret (patch, spec, json_node_get_string (node));
  else if (is_text && g_str_equal (spec->name, "remoteServerBindAddress"))
    take_bind (patch, spec, json_node_get_string (node));
  else if (is_text && g_str_equal (spec->name, "currentModelPresetId"))
    take_preset (patch, spec, json_node_get_string (node));
  else if (spec->type == DA_SETTING_SECRET)
    refuse (patch, "%s must be a text", spec->name);
  else if ((value = da_settings_check (spec, cleaned != NULL ? cleaned : node, &error)) != NULL)
    accept_value (patch, spec, value);
  else
    refuse (patch, "%s", error->message);
}

/* The older name of a pair counts only while the body has no text under the newer one. */
static gboolean
is_shadowed (const DaSettingSpec *spec,
             JsonObject          *body)
{
  const DaSettingSpec *canonical = da_setting_spec_canonical (spec);

  return canonical != spec && da_json_get_string (body, canonical->name) != NULL;
}

static void
collect (Patch      *patch,
         JsonObject *body)
{
  const DaSettingSpec *specs;
  guint n_specs;

  specs = da_setting_spec_all (&n_specs);
  for (guint i = 0; i < n_specs; i++)
    {
      const DaSettingSpec *spec = &specs[i];
      JsonNode *node;

      if (!(spec->flags & DA_SETTING_WRITE))
        continue;
      node = json_object_get_member (body, spec->name);
      if (node == NULL || is_shadowed (spec, body))
        continue;
      if (spec->flags & DA_SETTING_SENSITIVE)
        g_ptr_array_add (patch->attempted, (gpointer) spec->name);
      take_field (patch, spec, node);
    }
}

static void
write_names (DaJsonWriter *writer,
             const char   *name,
             GPtrArray    *names)
{
  da_json_writer_begin_array (writer, name);
  for (guint i = 0; i < names->len; i++)
    da_json_writer_string (writer, NULL, g_ptr_array_index (names, i));
  da_json_writer_end_array (writer);
}

/* What this change means for the listener; the server itself watches the settings. */
static const char *
lifecycle_action (Patch *patch)
{
  DaSettings *settings = da_engine_get_settings (da_request_get_engine (patch->request));
  gboolean is_enabled = da_settings_get_boolean (settings, "remoteServerEnabled");

  if (patch->was_enabled != is_enabled)
    return is_enabled ? "start" : "stop";
  for (guint i = 0; is_enabled && i < patch->updated->len; i++)
    if (da_setting_spec_find (g_ptr_array_index (patch->updated, i))->effect
        == DA_SETTING_EFFECT_SERVER)
      return "restart";
  return NULL;
}

static void
audit (Patch      *patch,
       const char *member,
       GPtrArray  *names,
       const char *failure)
{
  g_autoptr(DaJsonWriter) writer = NULL;
  g_autofree char *details = NULL;

  if (names->len == 0)
    return;
  writer = da_json_writer_new (256);
  da_json_writer_begin_object (writer, NULL);
  write_names (writer, member, names);
  if (failure == NULL)
    da_json_writer_opt_string (writer, "remoteServerLifecycleAction", lifecycle_action (patch));
  da_json_writer_end_object (writer);
  details = da_json_writer_free_to_string (g_steal_pointer (&writer));
  da_request_audit (patch->request, "settings-sensitive-update", details, failure);
}

static void
on_late_key (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_access_set_api_key_finish (DA_ACCESS (source), result, &error))
    g_warning ("The new API key could not be stored: %s", error->message);
}

static void
set_key_after_reply (DaEngine *engine,
                     gpointer  data)
{
  da_access_set_api_key_async (da_engine_get_access (engine), data, NULL, on_late_key, NULL);
}

static void
succeed (Patch *patch)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (256);

  audit (patch, "updated", patch->sensitive, NULL);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", TRUE);
  write_names (writer, "updated", patch->updated);
  da_json_writer_end_object (writer);
  /* A new key ends every connection of the old one, this one too, so the answer goes first. */
  if (patch->api_key != NULL)
    da_request_after_reply (patch->request, KEY_CHANGE_DELAY_MS, set_key_after_reply,
                            g_steal_pointer (&patch->api_key), (GDestroyNotify) da_secret_free);
  da_reply_json (patch->request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
fail (Patch        *patch,
      const GError *error)
{
  audit (patch, "attempted", patch->attempted, "settings-update-error");
  da_reply_gerror (patch->request, error);
}

static void
on_applied (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(Patch) patch = user_data;
  g_autoptr(GError) error = NULL;

  if (da_settings_apply_finish (DA_SETTINGS (source), result, &error))
    succeed (patch);
  else
    fail (patch, error);
}

/* The address of a preset of one's own lives in the preset; a change of the plain setting goes
 * there too, or it would have no effect (contract 30 D.2). */
static void
write_through (Patch *patch)
{
  DaSettings *settings = da_engine_get_settings (da_request_get_engine (patch->request));
  JsonNode *url = g_hash_table_lookup (patch->values, "openaiBaseUrl");
  const char *current = da_settings_get_string (settings, "currentModelPresetId");
  g_autoptr(DaModelPreset) preset = NULL;
  JsonArray *list;
  JsonNode *node;

  if (url == NULL || current == NULL
      || g_hash_table_contains (patch->values, "currentModelPresetId"))
    return;
  preset = da_model_presets_find (settings, current);
  if (preset == NULL || preset->is_built_in || *json_node_get_string (url) == '\0')
    return;
  list = da_preset_list_copy (settings);
  json_object_set_string_member (da_preset_list_need (list, current), "baseUrl",
                                 json_node_get_string (url));
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, list);
  g_hash_table_replace (patch->values, (gpointer) "modelPresets", node);
}

static void run_next_step (Patch *patch);

static void
on_secret_set (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(Patch) patch = user_data;
  g_autoptr(GError) error = NULL;

  if (da_engine_set_secret_finish (DA_ENGINE (source), result, &error))
    run_next_step (g_steal_pointer (&patch));
  else
    fail (patch, error);
}

/* Takes @patch. */
static void
run_next_step (Patch *patch)
{
  g_autoptr(Patch) owned = patch;
  DaEngine *engine = da_request_get_engine (patch->request);

  if (patch->next_secret < patch->secrets->len)
    {
      SecretValue *secret = g_ptr_array_index (patch->secrets, patch->next_secret++);

      da_engine_set_secret_async (engine, secret->spec->name, secret->value, NULL, on_secret_set,
                                  g_steal_pointer (&owned));
    }
  else if (g_hash_table_size (patch->values) > 0)
    da_settings_apply_async (da_engine_get_settings (engine), patch->values, NULL, on_applied,
                             g_steal_pointer (&owned));
  else
    succeed (patch);
}

void
da_settings_route_patch (DaRequest *request)
{
  JsonObject *body = da_request_need_object (request);
  g_autoptr(Patch) patch = NULL;

  if (body == NULL)
    return;
  patch = patch_new (request);
  collect (patch, body);
  if (patch->updated->len == 0)
    {
      audit (patch, "attempted", patch->attempted, "no-valid-settings-to-update");
      da_reply_error (request, SOUP_STATUS_BAD_REQUEST, "No valid settings to update%s%s",
                      patch->reasons->len > 0 ? ": " : "", patch->reasons->str);
      return;
    }
  write_through (patch);
  run_next_step (g_steal_pointer (&patch));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * The files behind the settings. A change is always read, modify, write of the file as it is on the
 * disk at that moment, in one worker job: what another program wrote a second ago is kept, and so
 * is every key we know nothing about. Only the keys that were changed are touched.
 */

#define G_LOG_DOMAIN "da-settings-layer"

#include "da-settings-layer.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "da-atomic-file.h"
#include "da-error.h"
#include "da-json.h"
#include "da-path.h"
#include "da-redact.h"

static const char *const file_names[] = {
  [DA_SETTING_FILE_SETTINGS] = "dotagents-settings.json",
  [DA_SETTING_FILE_MCP] = "mcp.json",
  [DA_SETTING_FILE_MODELS] = "models.json",
  [DA_SETTING_FILE_UI] = "layouts/ui.json",
};

/* Contract 20 A.3: settings, then models, then mcp, then layout; here the winner comes first. */
static const DaSettingFile overlay_order[] = {
  DA_SETTING_FILE_UI,
  DA_SETTING_FILE_MCP,
  DA_SETTING_FILE_MODELS,
  DA_SETTING_FILE_SETTINGS,
};

void
da_settings_unref_node (gpointer node)
{
  if (node != NULL)
    json_node_unref (node);
}

void
da_settings_content_clear (DaSettingsContent *self)
{
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->object, json_object_unref);
  g_clear_pointer (&self->problem, g_free);
  self->state = DA_SETTINGS_CONTENT_ABSENT;
}

void
da_settings_content_adopt (DaSettingsContent *self,
                           DaSettingsContent *from)
{
  if (from->state == DA_SETTINGS_CONTENT_DAMAGED && from->object == NULL && self->object != NULL)
    from->object = json_object_ref (self->object);
  da_settings_content_clear (self);
  *self = *from;
  *from = (DaSettingsContent) { 0 };
}

/* Only text that is not JSON at all is damaged. JSON that is merely too deep or too large for us
 * may be fine for the program that wrote it, so it is left alone. */
static DaSettingsContentState
state_of_error (const GError *error,
                const char   *text,
                gsize         length)
{
  if (g_error_matches (error, DA_JSON_ERROR, DA_JSON_ERROR_SYNTAX))
    return DA_SETTINGS_CONTENT_DAMAGED;
  /* A "\u0000" in a string is no damage, bytes that are not text are. */
  if (g_error_matches (error, DA_JSON_ERROR, DA_JSON_ERROR_ENCODING)
      && !g_utf8_validate_len (text, length, NULL))
    return DA_SETTINGS_CONTENT_DAMAGED;
  return DA_SETTINGS_CONTENT_REFUSED;
}

static void
parse_content (DaSettingsContent *self,
               const char        *path)
{
  gsize length;
  const char *text = g_bytes_get_data (self->bytes, &length);
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;

  root = da_json_parse (text, length, DA_SETTINGS_MAX_BYTES, &error);
  if (root == NULL)
    {
      /* The parser may quote the text, and the text may hold a key. */
      g_autofree char *reason = da_redact (error->message);

      self->state = state_of_error (error, text, length);
      self->problem = g_strdup_printf (self->state == DA_SETTINGS_CONTENT_DAMAGED
                                         ? "%s is not valid JSON: %s"
                                         : "%s is not used: %s",
                                       path, reason);
      return;
    }
  self->state = DA_SETTINGS_CONTENT_GOOD;
  if (JSON_NODE_HOLDS_OBJECT (root))
    self->object = json_node_dup_object (root);
  else
    self->problem = g_strdup_printf ("%s must hold a JSON object; it is taken as empty", path);
}

void
da_settings_content_read (DaSettingsContent *self,
                          const char        *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  *self = (DaSettingsContent) { 0 };
  if (g_file_get_contents (path, &text, &length, &error))
    {
      self->bytes = g_bytes_new_take (g_steal_pointer (&text), length);
      parse_content (self, path);
      return;
    }
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
      || g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR))
    return;
  self->state = DA_SETTINGS_CONTENT_REFUSED;
  self->problem = g_strdup_printf ("%s cannot be read: %s", path, error->message);
}

static gboolean
write_bytes (const char  *path,
             const char  *backup_dir,
             GBytes      *bytes,
             GError     **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  /* Made private only when it is made: the mode of an existing folder is its owner's choice. */
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR) && !da_path_ensure_private (folder, error))
    return FALSE;
  da_settings_backup_make (path, backup_dir);
  return da_atomic_file_write (path, data, length, 0600, error);
}

static JsonObject *
parse_object (GBytes *bytes)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr (JsonNode) root = da_json_parse (text, length, DA_SETTINGS_MAX_BYTES, NULL);

  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_dup_object (root) : NULL;
}

/* Contract 20 A.7. The damaged text becomes a backup itself, so nothing is lost. */
static void
restore_file (DaSettingsFile *file)
{
  DaSettingsContent *content = &file->content;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  g_autofree char *damage = NULL;
  g_autoptr (GError) error = NULL;

  bytes = da_settings_backup_find (file->path, file->backup_dir, &name);
  damage = g_steal_pointer (&content->problem);
  if (bytes == NULL)
    {
      content->problem = g_strdup_printf ("%s; none of its backups can be read, "
                                          "so it is taken as empty", damage);
      return;
    }
  content->object = parse_object (bytes);
  if (!write_bytes (file->path, file->backup_dir, bytes, &error))
    {
      content->problem = g_strdup_printf ("%s; the backup %s is used, but cannot be put in its "
                                          "place: %s", damage, name, error->message);
      return;
    }
  g_bytes_unref (content->bytes);
  content->bytes = g_steal_pointer (&bytes);
  content->state = DA_SETTINGS_CONTENT_GOOD;
  content->problem = g_strdup_printf ("%s; the backup %s was put in its place and the damaged text "
                                      "kept in %s", damage, name, file->backup_dir);
}

static void
file_init (DaSettingsFile *file,
           const char     *folder,
           const char     *name)
{
  file->path = g_build_filename (folder, name, NULL);
  file->backup_dir = g_build_filename (folder, ".backups", NULL);
}

DaSettingsLayer *
da_settings_layer_new (DaSettingOrigin  origin,
                       const char      *folder)
{
  DaSettingsLayer *self = g_new0 (DaSettingsLayer, 1);

  self->origin = origin;
  self->n_files = G_N_ELEMENTS (file_names);
  for (guint i = 0; i < self->n_files; i++)
    file_init (&self->files[i], folder, file_names[i]);
  return self;
}

DaSettingsLayer *
da_settings_layer_new_file (DaSettingOrigin  origin,
                            const char      *path)
{
  DaSettingsLayer *self = g_new0 (DaSettingsLayer, 1);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);

  self->origin = origin;
  self->n_files = 1;
  file_init (&self->files[0], folder, name);
  return self;
}

void
da_settings_layer_free (DaSettingsLayer *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_files; i++)
    {
      g_free (self->files[i].path);
      g_free (self->files[i].backup_dir);
      da_settings_content_clear (&self->files[i].content);
    }
  g_free (self);
}

void
da_settings_layer_load (DaSettingsLayer *self)
{
  for (guint i = 0; i < self->n_files; i++)
    {
      DaSettingsFile *file = &self->files[i];

      da_settings_content_clear (&file->content);
      da_settings_content_read (&file->content, file->path);
      if (file->content.state == DA_SETTINGS_CONTENT_DAMAGED)
        restore_file (file);
    }
}

static JsonNode *
find_in_file (const DaSettingsFile  *file,
              const char            *name,
              const char           **path)
{
  JsonNode *node = NULL;

  if (file->content.object != NULL)
    node = json_object_get_member (file->content.object, name);
  if (node != NULL && path != NULL)
    *path = file->path;
  return node;
}

JsonNode *
da_settings_layer_get (const DaSettingsLayer  *self,
                       const char             *name,
                       const char            **path)
{
  if (self->n_files == 1)
    return find_in_file (&self->files[0], name, path);
  /* Shared folders may carry another program's pins: they are not ours (contract 20 A.3). */
  if (da_setting_file_of (name) == DA_SETTING_FILE_LOCAL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (overlay_order); i++)
    {
      JsonNode *node = find_in_file (&self->files[overlay_order[i]], name, path);

      if (node != NULL)
        return node;
    }
  return NULL;
}

DaSettingsFile *
da_settings_layer_home (DaSettingsLayer *self,
                        const char      *name)
{
  DaSettingFile file;

  if (self->n_files == 1)
    return &self->files[0];
  file = da_setting_file_of (name);
  g_assert (file < G_N_ELEMENTS (file_names));
  return &self->files[file];
}

DaSettingsEdit *
da_settings_edit_new (const DaSettingsFile *file)
{
  DaSettingsEdit *self = g_new0 (DaSettingsEdit, 1);

  self->path = g_strdup (file->path);
  self->backup_dir = g_strdup (file->backup_dir);
  self->changes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         da_settings_unref_node);
  if (file->content.object != NULL)
    self->last_good = json_object_ref (file->content.object);
  return self;
}

void
da_settings_edit_free (DaSettingsEdit *self)
{
  g_free (self->path);
  g_free (self->backup_dir);
  g_hash_table_unref (self->changes);
  g_clear_pointer (&self->last_good, json_object_unref);
  da_settings_content_clear (&self->before);
  da_settings_content_clear (&self->after);
  g_free (self);
}

/* (transfer full) (nullable): what the changes are made to. */
static JsonObject *
find_base (DaSettingsEdit  *self,
           GError         **error)
{
  g_autoptr (GBytes) backup = NULL;

  switch (self->before.state)
    {
    case DA_SETTINGS_CONTENT_REFUSED:
      g_set_error (error, DA_ERROR, DA_ERROR_CORRUPT, "%s; it is not overwritten",
                   self->before.problem);
      return NULL;
    case DA_SETTINGS_CONTENT_DAMAGED:
      if (self->last_good != NULL)
        return json_object_ref (self->last_good);
      backup = da_settings_backup_find (self->path, self->backup_dir, NULL);
      if (backup != NULL)
        return parse_object (backup);
      break;
    case DA_SETTINGS_CONTENT_GOOD:
      if (self->before.object != NULL)
        return json_object_ref (self->before.object);
      break;
    case DA_SETTINGS_CONTENT_ABSENT:
    default:
      break;
    }
  return json_object_new ();
}

/* (transfer full): @base with the changes; what stays keeps its place, new keys follow by name. */
static JsonNode *
merge_changes (JsonObject *base,
               GHashTable *changes)
{
  g_autoptr (GList) names = json_object_get_members (base);
  g_autoptr (GList) changed = g_list_sort (g_hash_table_get_keys (changes), (GCompareFunc) strcmp);
  JsonObject *merged = json_object_new ();
  JsonNode *root = json_node_new (JSON_NODE_OBJECT);

  for (GList *link = names; link != NULL; link = link->next)
    json_object_set_member (merged, link->data,
                            json_node_ref (json_object_get_member (base, link->data)));
  for (GList *link = changed; link != NULL; link = link->next)
    {
      JsonNode *value = g_hash_table_lookup (changes, link->data);

      if (value != NULL)
        json_object_set_member (merged, link->data, json_node_ref (value));
      else
        json_object_remove_member (merged, link->data);
    }
  json_node_take_object (root, merged);
  json_node_seal (root);
  return root;
}

gboolean
da_settings_edit_run (DaSettingsEdit  *self,
                      GError         **error)
{
  g_autoptr (JsonObject) base = NULL;
  g_autoptr (JsonNode) root = NULL;
  char *text;

  da_settings_content_read (&self->before, self->path);
  base = find_base (self, error);
  if (base == NULL)
    return FALSE;
  root = merge_changes (base, self->changes);
  if (self->before.state == DA_SETTINGS_CONTENT_ABSENT
      && json_object_get_size (json_node_get_object (root)) == 0)
    {
      self->is_done = TRUE;
      return TRUE;
    }
  text = da_json_to_string (root, TRUE);
  self->after.state = DA_SETTINGS_CONTENT_GOOD;
  self->after.bytes = g_bytes_new_take (text, strlen (text));
  self->after.object = json_node_dup_object (root);
  if (self->before.bytes == NULL || !g_bytes_equal (self->before.bytes, self->after.bytes))
    {
      if (!write_bytes (self->path, self->backup_dir, self->after.bytes, error))
        return FALSE;
    }
  self->is_done = TRUE;
  return TRUE;
}

void
da_settings_edit_undo (DaSettingsEdit *self)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  const void *data;

  if (!self->is_done)
    return;
  self->is_done = FALSE;
  if (self->before.bytes == NULL)
    {
      g_unlink (self->path);
      return;
    }
  data = g_bytes_get_data (self->before.bytes, &length);
  if (!da_atomic_file_write (self->path, data, length, 0600, &error))
    g_warning ("%s could not be put back as it was: %s", self->path, error->message);
}

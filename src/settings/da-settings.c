/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-settings"

#include "da-settings.h"

#include <string.h>

#include "da-error.h"
#include "da-json.h"
#include "da-macros.h"
#include "da-settings-private.h"
#include "da-settings-table.h"

/**
 * DaSettings:
 *
 * Owns the layers, the effective value of every row, the watch on the folders and the queue of
 * writes. Everybody reads from it; the server, the window and the engine write through
 * da_settings_apply_async(). Main thread only; files are read and written on the slow worker, but
 * for da_settings_load(). It never writes a value that came from a workspace, the environment or
 * the command line into the global layer, and never writes a secret.
 */
G_DEFINE_FINAL_TYPE (DaSettings, da_settings, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

const char *
da_setting_origin_to_string (DaSettingOrigin origin)
{
  switch (origin)
    {
    case DA_SETTING_ORIGIN_DEFAULT:
      return "default";
    case DA_SETTING_ORIGIN_GLOBAL:
      return "global";
    case DA_SETTING_ORIGIN_WORKSPACE:
      return "workspace";
    case DA_SETTING_ORIGIN_LOCAL:
      return "local";
    case DA_SETTING_ORIGIN_ENVIRONMENT:
      return "environment";
    case DA_SETTING_ORIGIN_COMMAND_LINE:
      return "command line";
    default:
      g_assert_not_reached ();
    }
}

static void
da_settings_dispose (GObject *object)
{
  DaSettings *self = DA_SETTINGS (object);

  g_clear_pointer (&self->watch, da_settings_watch_free);

  G_OBJECT_CLASS (da_settings_parent_class)->dispose (object);
}

static void
da_settings_finalize (GObject *object)
{
  DaSettings *self = DA_SETTINGS (object);

  g_free (self->agents_dir);
  g_free (self->workspace_dir);
  for (guint i = 0; i < DA_SETTINGS_N_LAYERS; i++)
    da_settings_layer_free (self->layers[i]);
  g_hash_table_unref (self->overrides);
  for (guint i = 0; i < da_settings_table_length; i++)
    {
      g_clear_pointer (&self->defaults[i], json_node_unref);
      _da_settings_slot_clear (&self->slots[i]);
    }
  g_free (self->defaults);
  g_free (self->slots);
  g_ptr_array_unref (self->problems);

  G_OBJECT_CLASS (da_settings_parent_class)->finalize (object);
}

static void
da_settings_class_init (DaSettingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = da_settings_dispose;
  object_class->finalize = da_settings_finalize;

  /**
   * DaSettings::changed:
   * @spec: the row whose effective value is another now
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", DA_TYPE_SETTINGS,
                                          G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
da_settings_init (DaSettings *self)
{
  self->overrides = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                           (GDestroyNotify) json_node_unref);
  self->slots = g_new0 (DaSettingsSlot, da_settings_table_length);
  self->defaults = g_new0 (JsonNode *, da_settings_table_length);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->problems, NULL);
  g_queue_init (&self->writes);
  g_queue_init (&self->flushes);

  for (guint i = 0; i < da_settings_table_length; i++)
    {
      const char *json = da_settings_table[i].default_json;

      if (json == NULL)
        continue;
      self->defaults[i] = da_json_parse (json, strlen (json), DA_SETTINGS_MAX_BYTES, NULL);
      g_assert (self->defaults[i] != NULL);
    }
}

/* A workspace that is the home folder has no layer of its own (contract 20 A.1). */
static void
add_workspace (DaSettings *self,
               const char *workspace_dir)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (workspace_dir != NULL ? workspace_dir : ""));
  g_autofree char *root = NULL;
  g_autofree char *folder = NULL;

  if (trimmed[0] == '\0')
    return;
  root = g_canonicalize_filename (trimmed, NULL);
  folder = g_build_filename (root, ".agents", NULL);
  if (strcmp (folder, self->agents_dir) == 0)
    return;
  self->workspace_dir = g_steal_pointer (&root);
  self->layers[DA_SETTINGS_LAYER_WORKSPACE] =
    da_settings_layer_new (DA_SETTING_ORIGIN_WORKSPACE, folder);
}

DaSettings *
da_settings_new (const char *agents_dir,
                 const char *workspace_dir,
                 const char *local_file)
{
  DaSettings *self = g_object_new (DA_TYPE_SETTINGS, NULL);

  g_assert (agents_dir != NULL);

  self->agents_dir = g_canonicalize_filename (agents_dir, NULL);
  self->layers[DA_SETTINGS_LAYER_GLOBAL] =
    da_settings_layer_new (DA_SETTING_ORIGIN_GLOBAL, self->agents_dir);
  add_workspace (self, workspace_dir);
  if (local_file != NULL)
    {
      g_autofree char *path = g_canonicalize_filename (local_file, NULL);

      self->layers[DA_SETTINGS_LAYER_LOCAL] =
        da_settings_layer_new_file (DA_SETTING_ORIGIN_LOCAL, path);
    }
  return self;
}

/* The row that may be set on the command line under @name. */
static const DaSettingSpec *
find_for_override (const char  *name,
                   GError     **error)
{
  const DaSettingSpec *spec = da_setting_spec_find (name);

  if (spec == NULL)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID, "There is no setting named %s", name);
      return NULL;
    }
  /* The command line of a process can be read by everybody on the machine. */
  if (spec->type == DA_SETTING_SECRET)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                   "%s is a secret and cannot be given on the command line", name);
      return NULL;
    }
  return da_setting_spec_canonical (spec);
}

gboolean
da_settings_override (DaSettings  *self,
                      const char  *assignment,
                      GError     **error)
{
  const char *equals;
  g_autofree char *name = NULL;
  const DaSettingSpec *spec;
  JsonNode *node;

  g_assert (DA_IS_SETTINGS (self));
  g_assert (assignment != NULL);

  equals = strchr (assignment, '=');
  if (equals == NULL || equals == assignment)
    {
      g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID,
                           "A setting is given as name=value");
      return FALSE;
    }
  name = g_strstrip (g_strndup (assignment, (gsize) (equals - assignment)));
  spec = find_for_override (name, error);
  if (spec == NULL)
    return FALSE;
  node = _da_settings_parse_text (spec, equals + 1, error);
  if (node == NULL)
    return FALSE;
  /* "" for a row where it means "not set": the default, whatever the files say. */
  if (JSON_NODE_HOLDS_NULL (node))
    {
      JsonNode *fallback = self->defaults[_da_settings_row (spec)];

      g_clear_pointer (&node, json_node_unref);
      if (fallback == NULL)
        return TRUE;
      node = json_node_ref (fallback);
    }
  g_hash_table_replace (self->overrides, (gpointer) spec->name, node);
  if (self->is_loaded)
    _da_settings_refresh (self);
  return TRUE;
}

static void
on_watch_signalled (gpointer user_data)
{
  _da_settings_reload (user_data);
}

/* The shared folders only: nobody but us writes into the private one, and the database in it would
 * wake us at every message. */
static void
start_watch (DaSettings *self)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);

  for (guint i = DA_SETTINGS_LAYER_WORKSPACE; i <= DA_SETTINGS_LAYER_GLOBAL; i++)
    for (guint j = 0; self->layers[i] != NULL && j < self->layers[i]->n_files; j++)
      g_ptr_array_add (files, g_strdup (self->layers[i]->files[j].path));
  self->watch = da_settings_watch_new (files, on_watch_signalled, self);
}

void
da_settings_load (DaSettings *self)
{
  g_assert (DA_IS_SETTINGS (self));
  DA_ASSERT_MAIN_THREAD ();

  /* Watched before they are read, so that no change falls between the two. */
  if (self->watch == NULL)
    start_watch (self);
  for (guint i = 0; i < DA_SETTINGS_N_LAYERS; i++)
    if (self->layers[i] != NULL)
      da_settings_layer_load (self->layers[i]);
  _da_settings_refresh (self);
  self->is_loaded = TRUE;
}

void
_da_settings_emit_changed (DaSettings          *self,
                           const DaSettingSpec *spec)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], g_quark_from_static_string (spec->name), spec);
}

const char *const *
da_settings_get_problems (DaSettings *self)
{
  g_assert (DA_IS_SETTINGS (self));

  return (const char *const *) self->problems->pdata;
}

static DaSettingsSlot *
find_slot (DaSettings *self,
           const char *name,
           unsigned    types)
{
  const DaSettingSpec *spec;

  g_assert (DA_IS_SETTINGS (self));
  spec = da_setting_spec_find (name);
  if (spec == NULL)
    g_error ("There is no setting named %s", name);
  if (((1u << spec->type) & types) == 0)
    g_error ("The setting %s is of another type", name);
  return &self->slots[_da_settings_row (spec)];
}

gboolean
da_settings_get_boolean (DaSettings *self,
                         const char *name)
{
  DaSettingsSlot *slot = find_slot (self, name, 1u << DA_SETTING_BOOLEAN);

  return slot->node != NULL && json_node_get_boolean (slot->node);
}

gint64
da_settings_get_int (DaSettings *self,
                     const char *name)
{
  DaSettingsSlot *slot = find_slot (self, name, 1u << DA_SETTING_INT);

  return slot->node != NULL ? json_node_get_int (slot->node) : 0;
}

double
da_settings_get_number (DaSettings *self,
                        const char *name)
{
  DaSettingsSlot *slot = find_slot (self, name, 1u << DA_SETTING_NUMBER | 1u << DA_SETTING_INT);

  return slot->node != NULL ? json_node_get_double (slot->node) : 0;
}

const char *
da_settings_get_string (DaSettings *self,
                        const char *name)
{
  DaSettingsSlot *slot = find_slot (self, name, 1u << DA_SETTING_STRING | 1u << DA_SETTING_ENUM);

  return slot->node != NULL ? json_node_get_string (slot->node) : NULL;
}

const char *const *
da_settings_get_strv (DaSettings *self,
                      const char *name)
{
  static const char *const none[] = { NULL };
  DaSettingsSlot *slot = find_slot (self, name, 1u << DA_SETTING_STRV);
  JsonArray *array;
  guint n;

  if (slot->node == NULL)
    return none;
  if (slot->strv == NULL)
    {
      array = json_node_get_array (slot->node);
      n = json_array_get_length (array);
      slot->strv = g_new0 (char *, n + 1);
      for (guint i = 0; i < n; i++)
        slot->strv[i] = g_strdup (json_array_get_string_element (array, i));
    }
  return (const char *const *) slot->strv;
}

JsonNode *
da_settings_peek (DaSettings *self,
                  const char *name)
{
  return find_slot (self, name, ~(1u << DA_SETTING_SECRET))->node;
}

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

DaSettingOrigin
da_settings_get_origin (DaSettings *self,
                        const char *name)
{
  return find_slot (self, name, ~0u)->origin;
}

const char *
da_settings_get_file (DaSettings *self,
                      const char *name)
{
  return find_slot (self, name, ~0u)->file;
}

const char *
da_settings_get_agents_dir (DaSettings *self)
{
  g_assert (DA_IS_SETTINGS (self));

  return self->agents_dir;
}

const char *
da_settings_get_workspace_dir (DaSettings *self)
{
  g_assert (DA_IS_SETTINGS (self));

  return self->workspace_dir;
}

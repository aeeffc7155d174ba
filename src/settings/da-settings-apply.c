/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Writing. Applies wait in a queue and one is in flight, so each is planned on what the one before
 * has left. A plan is a set of edits, one for each file it touches; the worker runs them in order,
 * and when one fails it puts the files before it back. Only when all are on the disk do the new
 * values count.
 */

#define G_LOG_DOMAIN "da-settings-apply"

#include "da-settings-private.h"

#include "da-error.h"
#include "da-macros.h"
#include "da-worker.h"

/* What one task carries. */
typedef struct {
  GHashTable *values;   /* canonical name -> checked node; NULL: reset */
  GPtrArray  *edits;    /* DaSettingsEdit; NULL until planned */
} Write;

static void run_next (DaSettings *self);

static void
write_free (Write *write)
{
  g_hash_table_unref (write->values);
  g_clear_pointer (&write->edits, g_ptr_array_unref);
  g_free (write);
}

static gboolean
check_one (DaSettings  *self,
           const char  *name,
           JsonNode    *value,
           JsonNode   **checked,
           GError     **error)
{
  const DaSettingSpec *spec = da_setting_spec_find (name);

  *checked = NULL;
  if (spec == NULL || spec->file == DA_SETTING_FILE_NONE)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID, "There is no setting named %s", name);
      return FALSE;
    }
  if (spec->type == DA_SETTING_SECRET)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                   "%s is a secret and is not kept with the settings", name);
      return FALSE;
    }
  if (spec->file == DA_SETTING_FILE_LOCAL && self->layers[DA_SETTINGS_LAYER_LOCAL] == NULL)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_UNAVAILABLE, "There is no place to keep %s", name);
      return FALSE;
    }
  if (value == NULL || JSON_NODE_HOLDS_NULL (value))
    return TRUE;
  *checked = da_settings_check (spec, value, error);
  if (*checked != NULL && JSON_NODE_HOLDS_NULL (*checked))
    g_clear_pointer (checked, json_node_unref);
  else if (*checked == NULL)
    return FALSE;
  return TRUE;
}

/* (transfer full) (nullable): all of @values checked, under the names that hold the value. */
static GHashTable *
check_all (DaSettings  *self,
           GHashTable  *values,
           GError     **error)
{
  g_autoptr (GHashTable) checked = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                                          da_settings_unref_node);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const DaSettingSpec *spec, *canonical;
      JsonNode *node;

      if (!check_one (self, name, value, &node, error))
        return NULL;
      spec = da_setting_spec_find (name);
      canonical = da_setting_spec_canonical (spec);
      if (spec != canonical && g_hash_table_contains (values, canonical->name))
        da_settings_unref_node (node);
      else
        g_hash_table_replace (checked, (gpointer) canonical->name, node);
    }
  return g_steal_pointer (&checked);
}

static DaSettingsEdit *
find_edit (GPtrArray            *edits,
           const DaSettingsFile *file)
{
  DaSettingsEdit *edit;

  for (guint i = 0; i < edits->len; i++)
    {
      edit = edits->pdata[i];
      if (g_str_equal (edit->path, file->path))
        return edit;
    }
  edit = da_settings_edit_new (file);
  g_ptr_array_add (edits, edit);
  return edit;
}

/* Sets (or, with NULL, removes) @name in one layer; in a wrong file of the layer it is removed. */
static void
plan_name (DaSettingsLayer *layer,
           GPtrArray       *edits,
           const char      *name,
           JsonNode        *node)
{
  DaSettingsFile *home = da_settings_layer_home (layer, name);

  for (guint i = 0; i < layer->n_files; i++)
    {
      DaSettingsFile *file = &layer->files[i];
      JsonObject *object = file->content.object;

      if (file == home && node != NULL)
        g_hash_table_replace (find_edit (edits, file)->changes, g_strdup (name),
                              json_node_ref (node));
      else if (object != NULL && json_object_has_member (object, name))
        g_hash_table_replace (find_edit (edits, file)->changes, g_strdup (name), NULL);
    }
}

static gboolean
layer_has (const DaSettingsLayer *layer,
           const DaSettingSpec   *spec)
{
  return layer != NULL
         && (da_settings_layer_get (layer, spec->name, NULL) != NULL
             || (spec->alias != NULL && da_settings_layer_get (layer, spec->alias, NULL) != NULL));
}

/* The highest file layer that has the key: a value written below it would not take effect. */
static DaSettingsLayer *
find_target (DaSettings          *self,
             const DaSettingSpec *spec)
{
  if (spec->file == DA_SETTING_FILE_LOCAL)
    return self->layers[DA_SETTINGS_LAYER_LOCAL];
  for (guint i = 0; i < DA_SETTINGS_LAYER_GLOBAL; i++)
    if (layer_has (self->layers[i], spec))
      return self->layers[i];
  return self->layers[DA_SETTINGS_LAYER_GLOBAL];
}

/* TRUE when the files would give @node already, under both names. */
static gboolean
is_stored (DaSettings          *self,
           const DaSettingSpec *spec,
           DaSettingsLayer     *target,
           JsonNode            *node)
{
  g_autoptr (JsonNode) stored = _da_settings_dup_stored (self, spec);

  if (stored == NULL || !json_node_equal (stored, node))
    return FALSE;
  if (spec->alias != NULL)
    {
      JsonNode *twin = da_settings_layer_get (target, spec->alias, NULL);
      JsonNode *own = da_settings_layer_get (target, spec->name, NULL);

      if ((twin == NULL) != (own == NULL))
        return FALSE;
      return twin == NULL || json_node_equal (twin, own);
    }
  return TRUE;
}

static void
plan_value (DaSettings          *self,
            GPtrArray           *edits,
            const DaSettingSpec *spec,
            JsonNode            *node)
{
  DaSettingsLayer *target = find_target (self, spec);

  if (node == NULL)
    {
      for (guint i = 0; i < DA_SETTINGS_N_LAYERS; i++)
        if (layer_has (self->layers[i], spec))
          {
            plan_name (self->layers[i], edits, spec->name, NULL);
            if (spec->alias != NULL)
              plan_name (self->layers[i], edits, spec->alias, NULL);
          }
      return;
    }
  if (is_stored (self, spec, target, node))
    return;
  plan_name (target, edits, spec->name, node);
  if (spec->alias != NULL)
    plan_name (target, edits, spec->alias, node);
}

static GPtrArray *
plan_edits (DaSettings *self,
            GHashTable *values)
{
  GPtrArray *edits = g_ptr_array_new_with_free_func ((GDestroyNotify) da_settings_edit_free);
  GHashTableIter iter;
  gpointer name, node;

  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &name, &node))
    plan_value (self, edits, da_setting_spec_find (name), node);
  return edits;
}

static void
run_edits (GTask        *task,
           gpointer      source_object,
           gpointer      task_data,
           GCancellable *cancellable)
{
  GPtrArray *edits = task_data;
  GError *error = NULL;

  for (guint i = 0; i < edits->len; i++)
    {
      if (da_settings_edit_run (edits->pdata[i], &error))
        continue;
      for (guint j = i; j > 0; j--)
        da_settings_edit_undo (edits->pdata[j - 1]);
      g_task_return_error (task, error);
      return;
    }
  g_task_return_boolean (task, TRUE);
}

static DaSettingsFile *
find_file (DaSettings *self,
           const char *path)
{
  for (guint i = 0; i < DA_SETTINGS_N_LAYERS; i++)
    for (guint j = 0; self->layers[i] != NULL && j < self->layers[i]->n_files; j++)
      if (g_str_equal (self->layers[i]->files[j].path, path))
        return &self->layers[i]->files[j];
  g_assert_not_reached ();
}

static void
answer_flushes (DaSettings *self)
{
  GTask *flush;

  while ((flush = g_queue_pop_head (&self->flushes)) != NULL)
    {
      g_task_return_boolean (flush, TRUE);
      g_object_unref (flush);
    }
}

static void
run_edits_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (DaSettings) self = g_object_ref (DA_SETTINGS (object));
  g_autoptr (GTask) task = user_data;
  Write *write = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->is_writing = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      /* Nothing should be other than before; if a file could not be put back, we see it here. */
      _da_settings_reload (self);
      run_next (self);
      return;
    }
  for (guint i = 0; i < write->edits->len; i++)
    {
      DaSettingsEdit *edit = write->edits->pdata[i];

      da_settings_content_adopt (&find_file (self, edit->path)->content, &edit->after);
    }
  _da_settings_refresh (self);
  g_task_return_boolean (task, TRUE);
  run_next (self);
}

/* Takes the head of the queue. */
static void
run_next (DaSettings *self)
{
  while (!self->is_writing)
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->writes);
      g_autoptr (GTask) job = NULL;
      Write *write;

      if (task == NULL)
        {
          answer_flushes (self);
          return;
        }
      if (g_task_return_error_if_cancelled (task))
        continue;
      write = g_task_get_task_data (task);
      write->edits = plan_edits (self, write->values);
      if (write->edits->len == 0)
        {
          g_task_return_boolean (task, TRUE);
          continue;
        }
      /* From here on it is not cancelled: half of a set of settings is worse than all of it. */
      g_task_set_check_cancellable (task, FALSE);
      self->is_writing = TRUE;
      job = g_task_new (self, NULL, run_edits_cb, g_steal_pointer (&task));
      g_task_set_source_tag (job, run_next);
      g_task_set_task_data (job, g_ptr_array_ref (write->edits),
                            (GDestroyNotify) g_ptr_array_unref);
      da_worker_push (da_worker_get_slow (), job, run_edits);
    }
}

void
da_settings_apply_async (DaSettings          *self,
                         GHashTable          *values,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  GHashTable *checked;
  Write *write;
  GError *error = NULL;

  g_assert (DA_IS_SETTINGS (self));
  g_assert (values != NULL);
  g_assert (self->is_loaded);
  DA_ASSERT_MAIN_THREAD ();

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_settings_apply_async);
  checked = check_all (self, values, &error);
  if (checked == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  write = g_new0 (Write, 1);
  write->values = checked;
  g_task_set_task_data (task, write, (GDestroyNotify) write_free);
  g_queue_push_tail (&self->writes, g_steal_pointer (&task));
  run_next (self);
}

gboolean
da_settings_apply_finish (DaSettings    *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
set_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autofree char *name = user_data;
  g_autoptr (GError) error = NULL;

  if (!da_settings_apply_finish (DA_SETTINGS (object), result, &error))
    g_warning ("%s was not changed: %s", name, error->message);
}

void
da_settings_set (DaSettings *self,
                 const char *name,
                 JsonNode   *value)
{
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                                         da_settings_unref_node);

  g_assert (name != NULL);

  g_hash_table_insert (values, (gpointer) name, value);
  da_settings_apply_async (self, values, NULL, set_cb, g_strdup (name));
}

void
da_settings_flush_async (DaSettings          *self,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  GTask *task;

  g_assert (DA_IS_SETTINGS (self));
  DA_ASSERT_MAIN_THREAD ();

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, da_settings_flush_async);
  g_queue_push_tail (&self->flushes, task);
  run_next (self);
}

gboolean
da_settings_flush_finish (DaSettings    *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}

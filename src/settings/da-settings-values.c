/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * From layers to effective values. A value that does not fit its row is named in the problems and
 * the next lower layer is asked. Of two names kept equal, the agentX one wins within a layer, but a
 * higher layer wins over a lower one under either name.
 */

#define G_LOG_DOMAIN "da-settings-values"

#include "da-settings-private.h"

#include "da-json.h"
#include "da-settings-table.h"

/* Where a value was found. */
typedef struct {
  JsonNode       *node;     /* owned */
  DaSettingOrigin origin;
  const char     *file;     /* borrowed from the layer */
} Found;

guint
_da_settings_row (const DaSettingSpec *spec)
{
  g_assert (spec >= da_settings_table && spec < da_settings_table + da_settings_table_length);
  return (guint) (spec - da_settings_table);
}

void
_da_settings_slot_clear (DaSettingsSlot *slot)
{
  g_clear_pointer (&slot->node, json_node_unref);
  g_clear_pointer (&slot->strv, g_strfreev);
  g_clear_pointer (&slot->file, g_free);
}

/* TRUE when @raw (nullable) is a usable value. Adds what is wrong with it to @complaints. */
static gboolean
take_value (const DaSettingSpec *spec,
            JsonNode            *raw,
            const char          *where,
            GPtrArray           *complaints,
            Found               *found)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) checked = NULL;

  if (raw == NULL || JSON_NODE_HOLDS_NULL (raw))
    return FALSE;
  checked = da_settings_check (spec, raw, &error);
  if (checked == NULL)
    {
      if (complaints != NULL)
        {
          g_autofree char *allowed = da_setting_spec_dup_allowed (spec);

          g_ptr_array_add (complaints, g_strdup_printf ("%s in %s must be %s", spec->name, where,
                                                        allowed));
        }
      return FALSE;
    }
  if (JSON_NODE_HOLDS_NULL (checked))
    return FALSE;
  found->node = g_steal_pointer (&checked);
  return TRUE;
}

static gboolean
find_in_environment (const DaSettingSpec *spec,
                     GPtrArray           *complaints,
                     Found               *found)
{
  const char *text = spec->environment != NULL ? g_getenv (spec->environment) : NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  if (text == NULL || text[0] == '\0')
    return FALSE;
  node = _da_settings_parse_text (spec, text, &error);
  if (node == NULL)
    {
      g_autofree char *allowed = da_setting_spec_dup_allowed (spec);

      g_ptr_array_add (complaints,
                       g_strdup_printf ("%s from the environment variable %s must be %s",
                                        spec->name, spec->environment, allowed));
      return FALSE;
    }
  found->node = node;
  found->origin = DA_SETTING_ORIGIN_ENVIRONMENT;
  return TRUE;
}

static gboolean
find_in_layers (DaSettings          *self,
                const DaSettingSpec *spec,
                GPtrArray           *complaints,
                Found               *found)
{
  const char *names[] = { spec->name, spec->alias };

  for (guint i = 0; i < DA_SETTINGS_N_LAYERS; i++)
    for (guint j = 0; j < G_N_ELEMENTS (names); j++)
      {
        const char *file = NULL;
        JsonNode *raw;

        if (self->layers[i] == NULL || names[j] == NULL)
          continue;
        raw = da_settings_layer_get (self->layers[i], names[j], &file);
        if (!take_value (da_setting_spec_find (names[j]), raw, file, complaints, found))
          continue;
        found->origin = self->layers[i]->origin;
        found->file = file;
        return TRUE;
      }
  return FALSE;
}

static void
take_default (DaSettings          *self,
              const DaSettingSpec *spec,
              Found               *found)
{
  JsonNode *node = self->defaults[_da_settings_row (spec)];

  found->node = node != NULL ? json_node_ref (node) : NULL;
  found->origin = DA_SETTING_ORIGIN_DEFAULT;
}

/* @spec is canonical. */
static void
find_value (DaSettings          *self,
            const DaSettingSpec *spec,
            GPtrArray           *complaints,
            Found               *found)
{
  JsonNode *node;

  if (spec->type == DA_SETTING_SECRET)
    return;
  node = g_hash_table_lookup (self->overrides, spec->name);
  if (node != NULL)
    {
      found->node = json_node_ref (node);
      found->origin = DA_SETTING_ORIGIN_COMMAND_LINE;
      return;
    }
  if (!find_in_environment (spec, complaints, found)
      && !find_in_layers (self, spec, complaints, found))
    take_default (self, spec, found);
}

JsonNode *
_da_settings_dup_stored (DaSettings          *self,
                         const DaSettingSpec *spec)
{
  Found found = { 0 };

  spec = da_setting_spec_canonical (spec);
  if (!find_in_layers (self, spec, NULL, &found))
    take_default (self, spec, &found);
  return found.node;
}

static gboolean
nodes_equal (JsonNode *a,
             JsonNode *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return json_node_equal (a, b);
}

static void
report_complaints (DaSettings          *self,
                   const DaSettingSpec *spec,
                   GPtrArray           *complaints,
                   const Found         *found)
{
  g_autofree char *value = _da_settings_value_text (spec, found->node);

  for (guint i = 0; i < complaints->len; i++)
    g_ptr_array_add (self->problems,
                     g_strdup_printf ("%s; %s is used instead (%s)",
                                      (const char *) complaints->pdata[i], value,
                                      da_setting_origin_to_string (found->origin)));
}

/* TRUE when the value differs from before. A value that is the same keeps its node, so that a text
 * somebody borrowed stays where it is. */
static gboolean
update_slot (DaSettings          *self,
             const DaSettingSpec *spec)
{
  DaSettingsSlot *slot = &self->slots[_da_settings_row (spec)];
  g_autoptr (GPtrArray) complaints = g_ptr_array_new_with_free_func (g_free);
  const DaSettingSpec *canonical = da_setting_spec_canonical (spec);
  Found found = { 0 };
  gboolean is_changed;

  find_value (self, canonical, complaints, &found);
  if (canonical == spec)
    report_complaints (self, spec, complaints, &found);
  is_changed = !nodes_equal (slot->node, found.node);
  if (is_changed)
    {
      _da_settings_slot_clear (slot);
      slot->node = g_steal_pointer (&found.node);
    }
  g_clear_pointer (&found.node, json_node_unref);
  g_free (slot->file);
  slot->file = g_strdup (found.file);
  slot->origin = found.origin;
  return is_changed;
}

static void
report_files (DaSettings *self)
{
  for (guint i = 0; i < DA_SETTINGS_N_LAYERS; i++)
    for (guint j = 0; self->layers[i] != NULL && j < self->layers[i]->n_files; j++)
      {
        const char *problem = self->layers[i]->files[j].content.problem;

        if (problem != NULL)
          g_ptr_array_add (self->problems, g_strdup (problem));
      }
}

/* At the start whoever loads us tells them; what comes up later would go unnoticed. */
static void
log_new_problems (DaSettings *self,
                  GPtrArray  *before)
{
  for (guint i = 0; self->is_loaded && self->problems->pdata[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) before->pdata, self->problems->pdata[i]))
      g_message ("%s", (const char *) self->problems->pdata[i]);
}

void
_da_settings_refresh (DaSettings *self)
{
  g_autoptr (GPtrArray) changed = g_ptr_array_new ();
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->problems);
  g_autoptr (DaSettings) hold = g_object_ref (self);

  self->problems = g_ptr_array_new_with_free_func (g_free);
  report_files (self);
  for (guint i = 0; i < da_settings_table_length; i++)
    if (update_slot (self, &da_settings_table[i]))
      g_ptr_array_add (changed, (gpointer) &da_settings_table[i]);
  g_ptr_array_add (self->problems, NULL);
  log_new_problems (self, before);

  for (guint i = 0; self->is_loaded && i < changed->len; i++)
    _da_settings_emit_changed (self, changed->pdata[i]);
}

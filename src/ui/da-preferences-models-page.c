/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-models-page"

#include "config.h"

#include "da-preferences-models-page.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-engine-models.h"
#include "da-model-presets.h"
#include "da-preferences-apply.h"
#include "da-preferences-local-group.h"
#include "da-preferences-model-picker.h"
#include "da-setting-link.h"
#include "da-settings-choice-row.h"
#include "da-settings-entry-row.h"
#include "da-settings-switch-row.h"

/* What has a key, an address and a model of its own besides the presets. */
static const struct {
  const char *id;
  const char *name;
  const char *key;
  const char *url;
  const char *model;
} providers[] = {
  { "openai", "OpenAI", "openaiApiKey", "openaiBaseUrl", "agentOpenaiModel" },
  { "groq", "Groq", "groqApiKey", "groqBaseUrl", "agentGroqModel" },
  { "gemini", "Gemini", "geminiApiKey", "geminiBaseUrl", "agentGeminiModel" },
};

struct _DaPreferencesModelsPage {
  AdwPreferencesPage parent_instance;

  /* owned */
  DaEngine *engine;
  GPtrArray *presets;          /* in the order of the list; the other providers follow */
  GCancellable *cancellable;   /* of the question who answers now */

  /* template */
  AdwActionRow *now_row;
  GtkImage *now_icon;
  GtkSpinner *spinner;
  DaPreferencesLocalGroup *local_group;
  AdwComboRow *provider_row;
  GtkWidget *provider_group;
  GtkWidget *key_row;
  GtkWidget *remove_key_button;
  DaSettingsEntryRow *url_row;
  AdwActionRow *model_row;
  GtkWidget *effort_row;
  AdwPreferencesGroup *offline_group;

  guint update_source;
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (DaPreferencesModelsPage, da_preferences_models_page,
                     ADW_TYPE_PREFERENCES_PAGE)

/* Of the table above: the one in the settings; what is none of them counts as the first. */
static guint
get_provider (DaPreferencesModelsPage *self)
{
  const char *id = da_engine_get_configured_provider_id (self->engine);

  for (guint i = 1; i < G_N_ELEMENTS (providers); i++)
    if (g_strcmp0 (providers[i].id, id) == 0)
      return i;
  return 0;
}

/* Who answers now */

/* Nothing is set up, and a model server on this computer was found. */
static gboolean
answers_locally (DaPreferencesModelsPage *self)
{
  const char *id = da_engine_get_provider_id (self->engine);

  return g_strcmp0 (id, "offline") != 0
         && g_strcmp0 (id, providers[get_provider (self)].id) != 0;
}

/* (nullable): the one in the settings, or of what answers instead. */
static const char *
get_model (DaPreferencesModelsPage *self)
{
  return answers_locally (self) ? da_engine_get_model (self->engine)
                                : da_settings_get_string (da_engine_get_settings (self->engine),
                                                          providers[get_provider (self)].model);
}

static void
show_now (DaPreferencesModelsPage *self)
{
  const char *id = da_engine_get_provider_id (self->engine);
  gboolean offline = g_strcmp0 (id, "offline") == 0;
  const char *model = da_engine_get_model (self->engine);

  if (model == NULL || *model == '\0' || g_strcmp0 (model, "default") == 0)
    model = _("The provider’s default");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->now_row),
                                 offline ? _("The offline responder")
                                         : da_engine_get_provider_name (self->engine));
  adw_action_row_set_subtitle (self->now_row,
                               offline ? _("No provider is set up and no local model was found")
                                       : model);
  gtk_image_set_from_icon_name (self->now_icon, offline ? "network-offline-symbolic"
                                                        : "emblem-ok-symbolic");
  model = get_model (self);
  adw_action_row_set_subtitle (self->model_row, model != NULL && *model != '\0'
                                                ? model : _("The provider’s default"));
  da_preferences_local_group_show (self->local_group);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaPreferencesModelsPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) models = da_engine_list_models_finish (DA_ENGINE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->engine == NULL)
    return;
  gtk_spinner_stop (self->spinner);
  show_now (self);
  if (error != NULL)
    {
      adw_action_row_set_subtitle (self->now_row, error->message);
      gtk_image_set_from_icon_name (self->now_icon, "dialog-warning-symbolic");
    }
}

/* Asking for the models is what makes the engine choose. */
static void
ask_who_answers (DaPreferencesModelsPage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  gtk_spinner_start (self->spinner);
  da_preferences_local_group_look (self->local_group);
  da_engine_list_models_async (self->engine, NULL, self->cancellable, chosen_cb,
                               g_object_ref (self));
}

/* Rows */

static void
fill_providers (DaPreferencesModelsPage *self)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  g_autoptr(GtkStringList) names = gtk_string_list_new (NULL);
  g_autoptr(DaModelPreset) current = da_model_presets_resolve (settings);
  guint selected = 0;

  g_clear_pointer (&self->presets, g_ptr_array_unref);
  self->presets = da_model_presets_list (settings);
  for (guint i = 0; i < self->presets->len; i++)
    {
      const DaModelPreset *preset = g_ptr_array_index (self->presets, i);

      gtk_string_list_append (names, preset->name);
      if (g_strcmp0 (preset->id, current->id) == 0)
        selected = i;
    }
  for (guint i = 1; i < G_N_ELEMENTS (providers); i++)
    gtk_string_list_append (names, providers[i].name);
  if (get_provider (self) > 0)
    selected = self->presets->len + get_provider (self) - 1;
  self->filling = TRUE;
  adw_combo_row_set_model (self->provider_row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (self->provider_row, selected);
  self->filling = FALSE;
}

/* An empty address means the usual one: the row says which that is. */
static void
show_url (DaPreferencesModelsPage *self, guint provider)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  g_autoptr(DaModelPreset) current = da_model_presets_resolve (settings);
  const char *stored = da_settings_get_string (settings, providers[provider].url);
  g_autofree char *title = NULL;

  if (provider == 0 && (stored == NULL || *stored == '\0'))
    /* Translators: followed by an address */
    title = g_strdup_printf (_("Base URL (%s)"), current->base_url);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->url_row),
                                 title != NULL ? title : _("Base URL"));
  g_object_set (self->url_row, "setting", providers[provider].url, "settings", settings, NULL);
}

static void
show (DaPreferencesModelsPage *self)
{
  const guint provider = get_provider (self);
  gboolean has_key = da_engine_has_secret (self->engine, providers[provider].key);

  fill_providers (self);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->key_row),
                                 has_key ? _("API key (stored)") : _("API key"));
  gtk_widget_set_visible (self->remove_key_button, has_key);
  show_url (self, provider);
  /* Groq and Gemini know other words for it, and are not told. */
  gtk_widget_set_visible (self->effort_row, provider == 0);
  show_now (self);
}

static gboolean
on_update_due (gpointer user_data)
{
  DaPreferencesModelsPage *self = user_data;

  self->update_source = 0;
  show (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    ask_who_answers (self);
  return G_SOURCE_REMOVE;
}

static void
on_settings_changed_cb (DaSettings              *settings,
                        const DaSettingSpec     *spec,
                        DaPreferencesModelsPage *self)
{
  if (spec->effect == DA_SETTING_EFFECT_PROVIDER && self->update_source == 0)
    self->update_source = g_idle_add (on_update_due, self);
}

static void
restore_provider_cb (GtkWidget *widget, gboolean ok)
{
  if (!ok)
    show (DA_PREFERENCES_MODELS_PAGE (widget));
}

static void
on_provider_changed_cb (DaPreferencesModelsPage *self)
{
  guint selected = adw_combo_row_get_selected (self->provider_row);
  GHashTable *values;

  if (self->filling || self->engine == NULL || selected == GTK_INVALID_LIST_POSITION)
    return;
  values = da_model_presets_new_values ();
  if (selected < self->presets->len)
    {
      da_model_presets_add_activation (g_ptr_array_index (self->presets, selected), values);
      g_hash_table_insert (values, g_strdup ("agentProviderId"),
                           da_preferences_string (providers[0].id));
    }
  else
    g_hash_table_insert (values, g_strdup ("agentProviderId"),
                         da_preferences_string (
                           providers[selected - self->presets->len + 1].id));
  da_preferences_apply_all (GTK_WIDGET (self), da_engine_get_settings (self->engine), values,
                            NULL, restore_provider_cb);
}

/* The key */

static void
key_tried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaPreferencesModelsPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  int count = da_engine_check_provider_finish (DA_ENGINE (source), result, &error);

  if (self->engine == NULL)
    return;
  gtk_widget_set_sensitive (self->key_row, TRUE);
  if (count >= 0)
    text = g_strdup_printf (ngettext ("The key works: %u model", "The key works: %u models",
                                      (guint) count), (guint) count);
  else
    /* Translators: followed by the provider's own words */
    text = g_strdup_printf (_("The key is stored, but the provider says: %s"), error->message);
  da_preferences_toast (GTK_WIDGET (self), text);
  show (self);
  ask_who_answers (self);
}

static void
key_stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaPreferencesModelsPage) self = user_data;
  g_autoptr(GError) error = NULL;
  gboolean ok = da_engine_set_secret_finish (DA_ENGINE (source), result, &error);

  if (self->engine == NULL)
    return;
  if (!ok)
    {
      gtk_widget_set_sensitive (self->key_row, TRUE);
      da_preferences_toast (GTK_WIDGET (self), error->message);
      return;
    }
  gtk_editable_set_text (GTK_EDITABLE (self->key_row), "");
  da_engine_check_provider_async (self->engine, providers[get_provider (self)].id, NULL,
                                  key_tried_cb, g_object_ref (self));
}

static void
on_key_applied_cb (DaPreferencesModelsPage *self)
{
  g_autofree char *key = g_strstrip (
    g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->key_row))));

  if (*key == '\0')
    return;
  gtk_widget_set_sensitive (self->key_row, FALSE);
  da_engine_set_secret_async (self->engine, providers[get_provider (self)].key, key, NULL,
                              key_stored_cb, g_object_ref (self));
  explicit_bzero (key, strlen (key));
}

static void
key_removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaPreferencesModelsPage) self = user_data;
  g_autoptr(GError) error = NULL;
  gboolean ok = da_engine_set_secret_finish (DA_ENGINE (source), result, &error);

  if (self->engine == NULL)
    return;
  da_preferences_toast (GTK_WIDGET (self), ok ? _("The key was removed") : error->message);
  show (self);
  ask_who_answers (self);
}

static void
on_remove_key_clicked_cb (DaPreferencesModelsPage *self)
{
  da_engine_set_secret_async (self->engine, providers[get_provider (self)].key, "", NULL,
                              key_removed_cb, g_object_ref (self));
}

/* The model */

/* A change of what belongs to the preset in use goes there too: it would be lost with the next
 * change of the preset, and the address of a preset that is not OpenAI would have no effect. Takes
 * @values. */
static void
apply_through (DaPreferencesModelsPage *self, GHashTable *values)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  JsonNode *presets = da_model_presets_write_through (settings, values);

  if (presets != NULL)
    g_hash_table_replace (values, g_strdup ("modelPresets"), presets);
  da_preferences_apply_all (GTK_WIDGET (self), settings, values, NULL, NULL);
}

/* The row itself stores the setting. The preset OpenAI goes by that. */
static void
on_url_applied_cb (DaPreferencesModelsPage *self)
{
  g_autoptr(DaModelPreset) preset = NULL;
  g_autofree char *url = g_strstrip (
    g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->url_row))));
  GHashTable *values;

  if (get_provider (self) != 0)
    return;
  preset = da_model_presets_resolve (da_engine_get_settings (self->engine));
  if (g_strcmp0 (preset->id, DA_MODEL_PRESET_DEFAULT) == 0)
    return;
  values = da_model_presets_new_values ();
  g_hash_table_insert (values, g_strdup (providers[0].url), da_preferences_string (url));
  apply_through (self, values);
}

static void
on_model_picked_cb (GtkWidget *picker, const char *model, DaPreferencesModelsPage *self)
{
  GtkWidget *window = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_PREFERENCES_WINDOW);
  GHashTable *values;

  if (!answers_locally (self)
      || !da_preferences_local_group_use (self->local_group,
                                          da_engine_get_provider_id (self->engine), model))
    {
      values = da_model_presets_new_values ();
      g_hash_table_insert (values, g_strdup (providers[get_provider (self)].model),
                           da_preferences_string (model));
      apply_through (self, values);
    }
  adw_preferences_window_close_subpage (ADW_PREFERENCES_WINDOW (window));
}

static void
on_model_activated_cb (DaPreferencesModelsPage *self)
{
  GtkWidget *window = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_PREFERENCES_WINDOW);
  const char *provider = answers_locally (self) ? NULL : providers[get_provider (self)].id;
  GtkWidget *picker = da_preferences_model_picker_new (self->engine, provider, get_model (self));

  g_signal_connect_object (picker, "picked", G_CALLBACK (on_model_picked_cb), self, 0);
  adw_preferences_window_present_subpage (ADW_PREFERENCES_WINDOW (window), picker);
}

/* A key that is not in a keyring is in a file, and the person who enters one knows it. */
static void
show_secrets_file (DaPreferencesModelsPage *self)
{
  g_autofree char *file = da_engine_dup_secrets_file (self->engine);
  g_autofree char *text = NULL;

  if (file != NULL)
    text = g_markup_printf_escaped (_("There is no keyring, so keys are kept in the file “%s”, "
                                      "which only your user can read."), file);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->provider_group), text);
}

/* Life */

static void
on_map_cb (DaPreferencesModelsPage *self)
{
  if (self->engine != NULL)
    ask_who_answers (self);
}

void
da_preferences_models_page_set_engine (DaPreferencesModelsPage *self,
                                       DaEngine                *engine)
{
  DaSettings *settings = da_engine_get_settings (engine);

  g_assert (self->engine == NULL);
  self->engine = g_object_ref (engine);
  g_object_set (self->url_row, "setting", providers[get_provider (self)].url, NULL);
  da_setting_link_bind_all (GTK_WIDGET (self), settings);
  g_signal_connect_object (settings, "changed", G_CALLBACK (on_settings_changed_cb), self, 0);
  da_preferences_local_group_set_engine (self->local_group, engine);
  show_secrets_file (self);
  show (self);
}

static void
da_preferences_models_page_dispose (GObject *object)
{
  DaPreferencesModelsPage *self = DA_PREFERENCES_MODELS_PAGE (object);

  g_clear_handle_id (&self->update_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->engine);
  if (self->local_group != NULL)
    da_preferences_local_group_set_engine (self->local_group, NULL);
  g_clear_pointer (&self->presets, g_ptr_array_unref);
  da_setting_link_bind_all (GTK_WIDGET (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_PREFERENCES_MODELS_PAGE);
  G_OBJECT_CLASS (da_preferences_models_page_parent_class)->dispose (object);
}

static void
da_preferences_models_page_class_init (DaPreferencesModelsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_preferences_models_page_dispose;
  g_type_ensure (DA_TYPE_PREFERENCES_LOCAL_GROUP);
  g_type_ensure (DA_TYPE_SETTINGS_CHOICE_ROW);
  g_type_ensure (DA_TYPE_SETTINGS_ENTRY_ROW);
  g_type_ensure (DA_TYPE_SETTINGS_SWITCH_ROW);
  gtk_widget_class_set_template_from_resource (
    widget_class, DA_RESOURCE_BASE "/ui/da-preferences-models-page.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, now_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, now_icon);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, local_group);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, provider_group);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, provider_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, key_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, remove_key_button);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, url_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, model_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, effort_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelsPage, offline_group);
  gtk_widget_class_bind_template_callback (widget_class, on_provider_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_key_applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_remove_key_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_url_applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_model_activated_cb);
}

static void
da_preferences_models_page_init (DaPreferencesModelsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  adw_preferences_group_set_description (
    self->offline_group,
    _("With no provider and no local model, the offline responder answers. It is not a language "
      "model: it finds your words in past conversations, and answers commands like /help. "
      "Nothing leaves this computer."));
  g_signal_connect (self, "map", G_CALLBACK (on_map_cb), NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-preferences-models"

#include <adwaita.h>
#include <string.h>

#include "da-empty-page.h"
#include "da-engine-models.h"
#include "da-fake-llm.h"
#include "da-model-presets.h"
#include "da-preferences-apply.h"
#include "da-preferences-local-group.h"
#include "da-preferences-model-picker.h"
#include "da-preferences-window.h"
#include "da-test-util.h"
#include "ui-sample.h"

/* The page Models, as a person uses it, with a provider that is scripted. */

typedef struct {
  char *root;
  DaFakeLlm *fake;
  DaFakeLlm *other;
  DaEngine *engine;
  DaSettings *settings;
  DaPreferencesWindow *window;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *places = NULL;

  self->root = da_test_make_dir ();
  self->fake = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  self->other = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  da_fake_llm_set_models (self->fake, "{\"data\":[{\"id\":\"llama3.2\"},{\"id\":\"qwen3\"}]}");
  da_fake_llm_set_models (self->other, "{\"data\":[{\"id\":\"mistral\"}]}");
  if (data != NULL)
    places = g_strdup_printf ("ollama=%s,llama.cpp=%s", da_fake_llm_get_base_url (self->fake),
                              da_fake_llm_get_base_url (self->other));
  g_setenv ("DOTAGENTS_LOCAL_PROVIDERS", places != NULL ? places : "", TRUE);
  self->engine = ui_sample_engine (self->root);
  self->settings = da_engine_get_settings (self->engine);
}

static gboolean
is_gone (gpointer pointer)
{
  return *(gpointer *) pointer == NULL;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gpointer weak = self->window;

  if (weak != NULL)
    {
      g_object_add_weak_pointer (weak, &weak);
      gtk_window_destroy (GTK_WINDOW (self->window));
      da_test_await (is_gone, &weak);
    }
  ui_sample_engine_stop (self->engine);
  da_fake_llm_free (self->fake);
  da_fake_llm_free (self->other);
  da_test_remove_tree (self->root);
  g_free (self->root);
}

/* Takes @value. */
static void
set (Fixture *self, const char *name, JsonNode *value)
{
  g_autoptr(GHashTable) values = da_model_presets_new_values ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_hash_table_insert (values, g_strdup (name), value);
  da_settings_apply_async (self->settings, values, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_settings_apply_finish (self->settings, result, &error);
  g_assert_no_error (error);
}

/* Until the local one answers. It has 700 ms, which is much, but not on every machine. */
static void
await_local (Fixture *self)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GPtrArray) models = NULL;

      da_engine_list_models_async (self->engine, NULL, NULL, da_test_async_cb, &result);
      da_test_run_async (&result);
      models = da_engine_list_models_finish (self->engine, result, NULL);
      if (g_strcmp0 (da_engine_get_provider_id (self->engine), "ollama") == 0)
        return;
      set (self, "localProviderDiscovery", da_preferences_boolean (FALSE));
      set (self, "localProviderDiscovery", da_preferences_boolean (TRUE));
    }
  g_error ("the local provider does not answer");
}

static void
set_presets (Fixture *self, const char *base_url)
{
  g_autofree char *json = g_strdup_printf (
    "[{\"id\":\"custom-1\",\"name\":\"R&D <lab>\",\"baseUrl\":\"%s\"}]", base_url);

  set (self, "modelPresets", json_from_string (json, NULL));
}

static void
open_page (Fixture *self)
{
  self->window = da_preferences_window_new (self->engine);
  da_preferences_window_show_page (self->window, "models");
  gtk_window_present (GTK_WINDOW (self->window));
}

/* Looking for what is there */

static gboolean
is_row (GtkWidget *widget, gconstpointer title)
{
  return ADW_IS_PREFERENCES_ROW (widget)
         && g_str_has_prefix (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title);
}

static gpointer
find_row (Fixture *self, const char *title)
{
  GtkWidget *row = ui_sample_find (GTK_WIDGET (self->window), is_row, title);

  g_assert_nonnull (row);
  return row;
}

/* Not the row that says what answers now: it has the same name. */
static gpointer
find_local (Fixture *self, const char *name)
{
  GtkWidget *group = ui_sample_find_type (GTK_WIDGET (self->window),
                                          DA_TYPE_PREFERENCES_LOCAL_GROUP);
  GtkWidget *row = ui_sample_find (group, is_row, name);

  g_assert_nonnull (row);
  return row;
}

static gboolean
has_label (GtkWidget *widget, gconstpointer label)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget)
         && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0;
}

static gboolean
shows (GtkWidget *widget, gconstpointer part)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget)
         && strstr (gtk_label_get_text (GTK_LABEL (widget)), part) != NULL;
}

typedef struct {
  gpointer widget;
  const char *text;
} Wanted;

static gboolean
is_shown (gpointer data)
{
  Wanted *wanted = data;

  return ui_sample_find (wanted->widget, shows, wanted->text) != NULL;
}

static void
await_text (gpointer widget, const char *text)
{
  Wanted wanted = { widget, text };

  g_test_message ("waiting for “%s”", text);
  da_test_await (is_shown, &wanted);
}

static gboolean
is_not_shown (gpointer data)
{
  return !is_shown (data);
}

static void
await_no_text (gpointer widget, const char *text)
{
  Wanted wanted = { widget, text };

  g_test_message ("waiting for “%s”", text);
  da_test_await (is_not_shown, &wanted);
}

typedef struct {
  DaSettings *settings;
  const char *name;
  const char *value;
} WantedSetting;

static gboolean
is_set (gpointer data)
{
  WantedSetting *wanted = data;

  return g_strcmp0 (da_settings_get_string (wanted->settings, wanted->name), wanted->value) == 0;
}

static void
await_setting (Fixture *self, const char *name, const char *value)
{
  WantedSetting wanted = { self->settings, name, value };

  da_test_await (is_set, &wanted);
}

typedef struct {
  Fixture *fixture;
  gint64 last_us;
} Search;

/* Looks again where the window took too long to be drawn for an answer in time. */
static gboolean
is_offered (gpointer data)
{
  Search *search = data;
  GtkWidget *window = GTK_WIDGET (search->fixture->window);
  GtkWidget *group = ui_sample_find_type (window, DA_TYPE_PREFERENCES_LOCAL_GROUP);

  if (ui_sample_find (group, is_row, "Ollama") != NULL
      && ui_sample_find (group, is_row, "llama.cpp") != NULL)
    return TRUE;
  if (g_get_monotonic_time () - search->last_us > 2 * G_USEC_PER_SEC)
    {
      search->last_us = g_get_monotonic_time ();
      da_preferences_local_group_look (DA_PREFERENCES_LOCAL_GROUP (group));
    }
  return FALSE;
}

static void
open_page_with_local (Fixture *self)
{
  Search search = { self, g_get_monotonic_time () };

  await_local (self);
  open_page (self);
  da_test_await (is_offered, &search);
}

/* Doing what a person does */

static void
click (Fixture *self, gpointer root, const char *label)
{
  GtkWidget *button = ui_sample_find (root, has_label, label);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

static gboolean
has_picker (gpointer window)
{
  return ui_sample_find_type (window, DA_TYPE_PREFERENCES_MODEL_PICKER) != NULL;
}

static void
type_model (GtkWidget *picker, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (ui_sample_find_type (picker, GTK_TYPE_SEARCH_ENTRY)), text);
}

/* Opens the list of models and types there. */
static GtkWidget *
search_models (Fixture *self, const char *typed)
{
  GtkWidget *picker;

  adw_action_row_activate (find_row (self, "Model"));
  da_test_await (has_picker, self->window);
  picker = ui_sample_find_type (GTK_WIDGET (self->window), DA_TYPE_PREFERENCES_MODEL_PICKER);
  type_model (picker, typed);
  return picker;
}

static void
enter_key (Fixture *self, const char *key)
{
  GtkEditable *row = find_row (self, "API key");

  gtk_editable_set_text (row, key);
  g_signal_emit_by_name (row, "apply");
}

static void
choose_provider (Fixture *self, const char *name)
{
  AdwComboRow *row = find_row (self, "Provider");
  GListModel *names = adw_combo_row_get_model (row);

  for (guint i = 0; i < g_list_model_get_n_items (names); i++)
    {
      g_autoptr(GtkStringObject) item = g_list_model_get_item (names, i);

      if (strcmp (gtk_string_object_get_string (item), name) == 0)
        {
          adw_combo_row_set_selected (row, i);
          return;
        }
    }
  g_error ("there is no provider “%s”", name);
}

/* Local models */

static void
test_local_is_offered (Fixture *self, gconstpointer data)
{
  GtkWidget *llama;

  open_page_with_local (self);
  await_text (find_row (self, "Model"), "llama3.2");
  await_text (self->window, "On This Computer");
  await_text (find_local (self, "Ollama"), "In use");
  llama = find_local (self, "llama.cpp");
  await_text (llama, "1 model at http://127.0.0.1:");
  click (self, llama, "_Use");
  await_text (find_row (self, "Model"), "mistral");
  await_text (find_local (self, "llama.cpp"), "In use");
  await_setting (self, "openaiBaseUrl", da_fake_llm_get_base_url (self->other));
  g_assert_cmpstr (da_engine_get_provider_name (self->engine), ==, "llama.cpp");
  await_text (find_row (self, "Provider"), "llama.cpp");
  /* And it is left again. */
  choose_provider (self, "OpenAI");
  await_setting (self, "openaiBaseUrl", "https://api.openai.com/v1");
  await_text (find_local (self, "Ollama"), "In use");
}

static void
test_local_is_switched_off (Fixture *self, gconstpointer data)
{
  open_page_with_local (self);
  await_text (self->window, "On This Computer");
  gtk_widget_activate (find_row (self, "Use local models"));
  await_text (self->window, "The offline responder");
  await_no_text (self->window, "On This Computer");
  g_assert_false (da_settings_get_boolean (self->settings, "localProviderDiscovery"));
}

static void
test_local_model_is_chosen (Fixture *self, gconstpointer data)
{
  GtkWidget *picker;

  open_page_with_local (self);
  await_text (find_row (self, "Model"), "llama3.2");
  picker = search_models (self, "");
  await_text (picker, "qwen3");
  type_model (picker, "QWEN");
  /* At once: Enter does not wait for the list. */
  g_signal_emit_by_name (ui_sample_find_type (picker, GTK_TYPE_SEARCH_ENTRY), "activate");
  await_text (find_row (self, "Model"), "qwen3");
  await_setting (self, "agentOpenaiModel", "qwen3");
  await_setting (self, "openaiBaseUrl", da_fake_llm_get_base_url (self->fake));
  g_assert_cmpstr (da_engine_get_model (self->engine), ==, "qwen3");
}

/* A provider */

static void
test_key_is_checked (Fixture *self, gconstpointer data)
{
  set (self, "openaiBaseUrl", da_preferences_string (da_fake_llm_get_base_url (self->fake)));
  open_page (self);
  enter_key (self, " sk-one-two-three ");
  await_text (self->window, "The key works: 2 models");
  await_text (find_row (self, "API key"), "API key (stored)");
  g_assert_cmpstr (gtk_editable_get_text (find_row (self, "API key")), ==, "");
  g_assert_true (da_engine_has_secret (self->engine, "openaiApiKey"));
  g_assert_cmpstr (da_fake_llm_get_request (self->fake,
                                            da_fake_llm_get_n_requests (self->fake) - 1)
                     ->authorization, ==, "Bearer sk-one-two-three");
  da_fake_llm_set_models (self->fake, "this is no list");
  enter_key (self, "sk-another");
  await_text (self->window, "The key is stored, but the provider says: ");
}

static gboolean
has_no_key (gpointer engine)
{
  return !da_engine_has_secret (engine, "openaiApiKey");
}

static gboolean
has_tooltip (GtkWidget *widget, gconstpointer text)
{
  return GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_widget_get_tooltip_text (widget), text) == 0;
}

static void
test_key_is_removed (Fixture *self, gconstpointer data)
{
  GtkWidget *button;

  set (self, "openaiBaseUrl", da_preferences_string (da_fake_llm_get_base_url (self->fake)));
  open_page (self);
  button = ui_sample_find (GTK_WIDGET (self->window), has_tooltip, "Remove the stored key");
  g_assert_false (gtk_widget_get_visible (button));
  enter_key (self, "sk-one-two-three");
  await_text (self->window, "The key works");
  g_assert_true (gtk_widget_get_visible (button));
  g_signal_emit_by_name (button, "clicked");
  await_text (self->window, "The key was removed");
  da_test_await (has_no_key, self->engine);
  g_assert_false (gtk_widget_get_visible (button));
}

static void
test_provider_is_changed (Fixture *self, gconstpointer data)
{
  open_page (self);
  g_assert_true (gtk_widget_get_visible (find_row (self, "Reasoning effort")));
  choose_provider (self, "Groq");
  await_setting (self, "agentProviderId", "groq");
  await_text (find_row (self, "Model"), "The provider’s default");
  da_test_drain ();
  g_assert_false (gtk_widget_get_visible (find_row (self, "Reasoning effort")));
  choose_provider (self, "OpenRouter");
  await_setting (self, "agentProviderId", "openai");
  await_setting (self, "currentModelPresetId", "builtin-openrouter");
  await_setting (self, "openaiBaseUrl", "https://openrouter.ai/api/v1");
}

/* What people name their things is no markup. */
static void
test_names_are_plain_text (Fixture *self, gconstpointer data)
{
  set_presets (self, "http://127.0.0.1:1/v1?a=1&b=<2>");
  set (self, "currentModelPresetId", da_preferences_string ("custom-1"));
  open_page (self);
  await_text (find_row (self, "Provider"), "R&D <lab>");
  await_text (find_row (self, "Base URL"), "Base URL (http://127.0.0.1:1/v1?a=1&b=<2>)");
}

static void
test_address_goes_to_the_preset (Fixture *self, gconstpointer data)
{
  const char *url = da_fake_llm_get_base_url (self->other);
  g_autoptr(DaModelPreset) preset = NULL;
  GtkEditable *row;

  set_presets (self, "http://127.0.0.1:1/v1");
  set (self, "agentOpenaiModel", da_preferences_string ("mistral"));
  set (self, "currentModelPresetId", da_preferences_string ("custom-1"));
  open_page (self);
  row = find_row (self, "Base URL");
  gtk_editable_set_text (row, url);
  g_signal_emit_by_name (row, "apply");
  await_setting (self, "openaiBaseUrl", url);
  da_test_iterate_for (50);
  preset = da_model_presets_find (self->settings, "custom-1");
  g_assert_cmpstr (preset->base_url, ==, url);
  await_no_text (self->window, "127.0.0.1:1/");
}

/* The list of models */

static void
test_model_is_typed (Fixture *self, gconstpointer data)
{
  g_autoptr(DaModelPreset) preset = NULL;
  GtkWidget *picker;

  set (self, "openaiBaseUrl", da_preferences_string (da_fake_llm_get_base_url (self->fake)));
  open_page (self);
  picker = search_models (self, "gpt-of-ours");
  await_text (picker, "No Such Model Listed");
  click (self, picker, "Use “gpt-of-ours”");
  await_text (find_row (self, "Model"), "gpt-of-ours");
  await_setting (self, "agentOpenaiModel", "gpt-of-ours");
  /* It is there again after another preset was tried. */
  choose_provider (self, "OpenRouter");
  await_setting (self, "currentModelPresetId", "builtin-openrouter");
  da_test_drain ();
  choose_provider (self, "OpenAI");
  await_setting (self, "currentModelPresetId", DA_MODEL_PRESET_DEFAULT);
  await_setting (self, "agentOpenaiModel", "gpt-of-ours");
}

static void
test_model_is_picked (Fixture *self, gconstpointer data)
{
  GtkWidget *picker;

  set (self, "openaiBaseUrl", da_preferences_string (da_fake_llm_get_base_url (self->fake)));
  open_page (self);
  picker = search_models (self, "");
  await_text (picker, "llama3.2");
  type_model (picker, "qwen");
  await_no_text (picker, "llama3.2");
  g_signal_emit_by_name (ui_sample_find_type (picker, GTK_TYPE_LIST_VIEW), "activate", 0);
  await_setting (self, "agentOpenaiModel", "qwen3");
  await_text (find_row (self, "Model"), "qwen3");
}

/* The first page names the provider too. */
static void
test_empty_page_is_plain_text (Fixture *self, gconstpointer data)
{
  GtkWidget *window = adw_window_new ();
  GtkWidget *page = da_empty_page_new ();

  set_presets (self, "http://127.0.0.1:1/v1");
  set (self, "currentModelPresetId", da_preferences_string ("custom-1"));
  da_empty_page_set_welcome (DA_EMPTY_PAGE (page), TRUE);
  da_empty_page_update (DA_EMPTY_PAGE (page), self->engine);
  adw_window_set_content (ADW_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  await_text (window, "R&D <lab> is ready");
  gtk_window_destroy (GTK_WINDOW (window));
}

#define ADD(name, data, func) \
  g_test_add ("/ui/preferences-models/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  ADD ("local-models-are-offered", "local", test_local_is_offered);
  ADD ("local-models-are-switched-off", "local", test_local_is_switched_off);
  ADD ("a-local-model-is-chosen", "local", test_local_model_is_chosen);
  ADD ("a-key-is-checked", NULL, test_key_is_checked);
  ADD ("a-key-is-removed", NULL, test_key_is_removed);
  ADD ("a-provider-is-changed", NULL, test_provider_is_changed);
  ADD ("names-are-plain-text", NULL, test_names_are_plain_text);
  ADD ("an-address-goes-to-the-preset", NULL, test_address_goes_to_the_preset);
  ADD ("a-model-is-typed", NULL, test_model_is_typed);
  ADD ("a-model-is-picked", NULL, test_model_is_picked);
  ADD ("the-empty-page-is-plain-text", NULL, test_empty_page_is_plain_text);
  return g_test_run ();
}

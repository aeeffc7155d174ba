/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-remote-key"

#include "config.h"

#include "da-preferences-remote-key.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-access-devices.h"
#include "da-copy-row.h"
#include "da-preferences-apply.h"

struct _DaPreferencesRemoteKey {
  AdwPreferencesGroup parent_instance;

  /* owned */
  DaEngine *engine;

  /* template */
  DaCopyRow *key_row;
  DaCopyRow *curl_row;
  DaCopyRow *python_row;
  GtkWidget *rotate_button;

  /* (nullable): in the dialog that is open */
  GtkCheckButton *keep_devices;
};

G_DEFINE_FINAL_TYPE (DaPreferencesRemoteKey, da_preferences_remote_key, ADW_TYPE_PREFERENCES_GROUP)

static void
show_key (DaPreferencesRemoteKey *self)
{
  DaAccess *access = da_engine_get_access (self->engine);
  gboolean hides = da_settings_get_boolean (da_engine_get_settings (self->engine),
                                            "streamerModeEnabled");
  gboolean fixed = da_access_is_fixed (access);
  char *key = da_access_dup_api_key (access);

  da_copy_row_set_value (self->key_row, key);
  if (hides)
    da_copy_row_conceal (self->key_row);
  gtk_widget_set_sensitive (self->rotate_button, !fixed);
  gtk_widget_set_tooltip_text (self->rotate_button,
                               fixed ? _("Set by an environment variable") : _("Replace…"));
  if (key != NULL)
    explicit_bzero (key, strlen (key));
  g_free (key);
}

/* Replacing it */

static void
devices_cut_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaPreferencesRemoteKey) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_access_device_finish (DA_ACCESS (source), result, &error))
    da_preferences_toast (GTK_WIDGET (self), error->message);
}

typedef struct {
  DaPreferencesRemoteKey *row;
  gboolean cuts_devices;
} Rotation;

static void
rotated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Rotation *rotation = user_data;
  g_autoptr(DaPreferencesRemoteKey) self = rotation->row;
  g_autoptr(GError) error = NULL;
  char *key = da_access_rotate_finish (DA_ACCESS (source), result, &error);

  da_preferences_toast (GTK_WIDGET (self),
                        key != NULL ? _("There is a new key; the old one no longer works")
                                    : error->message);
  /* Only now: whoever is cut off cannot be brought back from here, for a key that stayed. */
  if (key != NULL && rotation->cuts_devices)
    da_access_revoke_device_async (DA_ACCESS (source), NULL, NULL, devices_cut_cb,
                                   g_object_ref (self));
  if (key != NULL)
    explicit_bzero (key, strlen (key));
  g_free (key);
}

static void
on_rotate_response_cb (AdwMessageDialog *dialog, const char *response, DaPreferencesRemoteKey *self)
{
  Rotation *rotation;

  if (strcmp (response, "replace") != 0)
    return;
  rotation = g_new0 (Rotation, 1);
  rotation->row = g_object_ref (self);
  rotation->cuts_devices = self->keep_devices != NULL
                           && !gtk_check_button_get_active (self->keep_devices);
  da_access_rotate_async (da_engine_get_access (self->engine), NULL, rotated_cb, rotation);
}

/* Wraps, for as many devices as there are; a "_" in a name is a "_". */
static GtkWidget *
make_keep_button (const char *names)
{
  g_auto(GStrv) parts = g_strsplit (names, "_", -1);
  g_autofree char *literal = g_strjoinv ("__", parts);
  g_autofree char *text = g_strdup_printf (_("_Keep paired devices (%s)"), literal);
  GtkWidget *button = gtk_check_button_new ();
  GtkWidget *label = gtk_label_new_with_mnemonic (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), button);
  gtk_check_button_set_child (GTK_CHECK_BUTTON (button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (GTK_LABEL (label)), -1);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (button), TRUE);
  return button;
}

static char *
dup_device_names (DaAccess *access)
{
  GListModel *devices = da_access_get_devices (access);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) names = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr(DaDevice) device = g_list_model_get_item (devices, i);

      g_strv_builder_add (builder, da_device_get_name (device));
    }
  names = g_strv_builder_end (builder);
  return names[0] != NULL ? g_strjoinv (_(", "), names) : NULL;
}

static void
on_rotate_clicked_cb (DaPreferencesRemoteKey *self)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  g_autofree char *names = dup_device_names (da_engine_get_access (self->engine));
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
    adw_message_dialog_new (window, _("Replace the API Key?"),
                            _("Every script that uses the current key is cut off at once and "
                              "needs the new one.")));

  self->keep_devices = NULL;
  if (names != NULL)
    {
      self->keep_devices = GTK_CHECK_BUTTON (make_keep_button (names));
      adw_message_dialog_set_extra_child (dialog, GTK_WIDGET (self->keep_devices));
    }
  adw_message_dialog_add_responses (dialog, "cancel", _("_Cancel"), "replace", _("_Replace"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "replace", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_rotate_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Examples */

void
da_preferences_remote_key_set_url (DaPreferencesRemoteKey *self,
                                   const char             *url)
{
  g_autofree char *curl = g_strdup_printf (
    "curl %s/chat/completions \\\n"
    "  -H \"Authorization: Bearer $DOTAGENTS_API_KEY\" \\\n"
    "  -H \"Content-Type: application/json\" \\\n"
    "  -d '{\"model\": \"main\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'",
    url);
  g_autofree char *python = g_strdup_printf (
    "import os\n"
    "from openai import OpenAI\n\n"
    "client = OpenAI(base_url=\"%s\", api_key=os.environ[\"DOTAGENTS_API_KEY\"])\n"
    "answer = client.chat.completions.create(\n"
    "    model=\"main\", messages=[{\"role\": \"user\", \"content\": \"Hello\"}])\n"
    "print(answer.choices[0].message.content)", url);

  da_copy_row_set_value (self->curl_row, curl);
  da_copy_row_set_value (self->python_row, python);
}

void
da_preferences_remote_key_set_engine (DaPreferencesRemoteKey *self,
                                      DaEngine               *engine)
{
  g_assert (self->engine == NULL || engine == NULL);
  if (engine == NULL)
    {
      g_signal_handlers_disconnect_by_data (da_engine_get_access (self->engine), self);
      g_signal_handlers_disconnect_by_data (da_engine_get_settings (self->engine), self);
      da_copy_row_set_value (self->key_row, NULL);
      g_clear_object (&self->engine);
      return;
    }
  self->engine = g_object_ref (engine);
  g_signal_connect_object (da_engine_get_access (engine), "changed", G_CALLBACK (show_key), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (da_engine_get_settings (engine), "changed::streamerModeEnabled",
                           G_CALLBACK (show_key), self, G_CONNECT_SWAPPED);
  show_key (self);
}

static void
da_preferences_remote_key_dispose (GObject *object)
{
  DaPreferencesRemoteKey *self = DA_PREFERENCES_REMOTE_KEY (object);

  g_clear_object (&self->engine);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_PREFERENCES_REMOTE_KEY);
  G_OBJECT_CLASS (da_preferences_remote_key_parent_class)->dispose (object);
}

static void
da_preferences_remote_key_class_init (DaPreferencesRemoteKeyClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_preferences_remote_key_dispose;
  g_type_ensure (DA_TYPE_COPY_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-preferences-remote-key.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteKey, key_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteKey, curl_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteKey, python_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteKey, rotate_button);
  gtk_widget_class_bind_template_callback (widget_class, on_rotate_clicked_cb);
}

static void
da_preferences_remote_key_init (DaPreferencesRemoteKey *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-remote-check"

#include "config.h"

#include "da-preferences-remote-check.h"

#include "da-access-devices.h"
#include "da-preferences-apply.h"

#define KNOCK_SECONDS 3

struct _DaPreferencesRemoteCheck {
  GtkBox parent_instance;

  /* owned */
  DaEngine *engine;
  DaRemoteWatch *watch;
  GCancellable *cancellable;   /* of the knock that is on its way */

  /* template */
  GtkCheckButton *connect_button;
  GtkCheckButton *key_button;
  GtkCheckButton *phone_button;
  GtkCheckButton *tunnel_button;
  AdwActionRow *result_row;
  GtkImage *result_icon;
  GtkButton *repair_button;

  gboolean answers_here;
};

G_DEFINE_FINAL_TYPE (DaPreferencesRemoteCheck, da_preferences_remote_check, GTK_TYPE_BOX)

static DaSymptom
get_symptom (DaPreferencesRemoteCheck *self)
{
  if (gtk_check_button_get_active (self->key_button))
    return DA_SYMPTOM_WRONG_KEY;
  if (gtk_check_button_get_active (self->phone_button))
    return DA_SYMPTOM_NOT_ON_PHONE;
  if (gtk_check_button_get_active (self->tunnel_button))
    return DA_SYMPTOM_TUNNEL;
  return DA_SYMPTOM_CANNOT_CONNECT;
}

static void
count_requests (DaPreferencesRemoteCheck *self, DaDiagnosisState *state)
{
  GListModel *log = G_LIST_MODEL (da_engine_get_request_log (self->engine));
  GPtrArray *own = da_remote_watch_get_addresses (self->watch);

  for (guint i = 0; i < g_list_model_get_n_items (log); i++)
    {
      g_autoptr(DaRequestLogEntry) entry = g_list_model_get_item (log, i);

      if (da_request_log_entry_get_refusal (entry) == DA_REFUSAL_KEY)
        state->wrong_keys++;
      if (da_network_is_outside (own, da_request_log_entry_get_address (entry)))
        state->outside++;
    }
}

static void
show (DaPreferencesRemoteCheck *self)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  DaAccess *access = da_engine_get_access (self->engine);
  g_autofree char *host = NULL;
  g_autofree char *origin = NULL;
  g_autofree char *label = da_remote_watch_dup_repair_label (self->watch);
  g_autoptr(DaDiagnosis) diagnosis = NULL;
  DaDiagnosisState state = {
    .reachability = da_remote_watch_get_reachability (self->watch),
    .answers_here = self->answers_here,
    .n_devices = g_list_model_get_n_items (da_access_get_devices (access)),
  };

  g_object_get (da_engine_get_remote_access (self->engine), "refused-host", &host,
                "refused-origin", &origin, NULL);
  if (host != NULL && !g_strv_contains (da_settings_get_strv (settings,
                                                              "remoteServerAllowedHosts"), host))
    state.refused_host = host;
  if (origin != NULL && !g_strv_contains (da_settings_get_strv (settings,
                                                                "remoteServerCorsOrigins"),
                                          origin))
    state.refused_origin = origin;
  count_requests (self, &state);
  diagnosis = da_diagnosis_new (get_symptom (self), &state);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->result_row), diagnosis->cause);
  adw_action_row_set_subtitle (self->result_row, diagnosis->advice);
  gtk_image_set_from_icon_name (self->result_icon,
                                diagnosis->found ? "dialog-warning-symbolic"
                                                 : "dialog-information-symbolic");
  gtk_widget_set_visible (GTK_WIDGET (self->repair_button), diagnosis->repairs && label != NULL);
  if (label != NULL)
    gtk_button_set_label (self->repair_button, label);
  da_preferences_name_buttons (GTK_WIDGET (self->repair_button));
}

static void
on_requests_changed (DaPreferencesRemoteCheck *self)
{
  show (self);
}

static void
knocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaPreferencesRemoteCheck) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketConnection) connection =
    g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->engine == NULL)
    return;
  self->answers_here = connection != NULL;
  show (self);
}

/* Does the server take a connection at the address it tells others? */
static void
knock (DaPreferencesRemoteCheck *self)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GPtrArray) open = da_remote_watch_dup_open (self->watch);
  const char *host = open->len > 0 ? ((DaNetworkAddress *) open->pdata[0])->address
                                   : da_remote_watch_get_bind (self->watch);

  if (da_network_is_wildcard (host))
    host = "127.0.0.1";
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, KNOCK_SECONDS);
  g_socket_client_connect_to_host_async (client, host,
                                         (guint16) da_remote_watch_get_port (self->watch),
                                         self->cancellable, knocked_cb, g_object_ref (self));
}

static void
on_watch_changed_cb (DaPreferencesRemoteCheck *self)
{
  /* The buttons of the template speak before there is an engine. */
  if (self->engine == NULL)
    return;
  knock (self);
  show (self);
}

static void
on_back_clicked_cb (DaPreferencesRemoteCheck *self)
{
  GtkWidget *window = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_PREFERENCES_WINDOW);

  adw_preferences_window_close_subpage (ADW_PREFERENCES_WINDOW (window));
}

static void
on_repair_clicked_cb (DaPreferencesRemoteCheck *self)
{
  da_remote_watch_repair (self->watch, GTK_WIDGET (self));
}

static void
da_preferences_remote_check_dispose (GObject *object)
{
  DaPreferencesRemoteCheck *self = DA_PREFERENCES_REMOTE_CHECK (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->watch);
  g_clear_object (&self->engine);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_PREFERENCES_REMOTE_CHECK);
  G_OBJECT_CLASS (da_preferences_remote_check_parent_class)->dispose (object);
}

static void
da_preferences_remote_check_class_init (DaPreferencesRemoteCheckClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_preferences_remote_check_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, DA_RESOURCE_BASE "/ui/da-preferences-remote-check.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteCheck, connect_button);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteCheck, key_button);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteCheck, phone_button);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteCheck, tunnel_button);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteCheck, result_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteCheck, result_icon);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteCheck, repair_button);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_repair_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_watch_changed_cb);
}

static void
da_preferences_remote_check_init (DaPreferencesRemoteCheck *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
da_preferences_remote_check_new (DaEngine      *engine,
                                 DaRemoteWatch *watch)
{
  DaPreferencesRemoteCheck *self = g_object_new (DA_TYPE_PREFERENCES_REMOTE_CHECK, NULL);

  self->engine = g_object_ref (engine);
  self->watch = g_object_ref (watch);
  self->answers_here = TRUE;
  g_signal_connect_object (watch, "changed", G_CALLBACK (on_watch_changed_cb), self,
                           G_CONNECT_SWAPPED);
  /* The person tries again with this page open. */
  g_signal_connect_object (da_engine_get_request_log (engine), "items-changed",
                           G_CALLBACK (on_requests_changed), self, G_CONNECT_SWAPPED);
  on_watch_changed_cb (self);
  return GTK_WIDGET (self);
}

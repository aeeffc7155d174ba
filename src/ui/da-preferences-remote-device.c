/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-remote-device"

#include "config.h"

#include "da-preferences-remote-device.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-clock.h"
#include "da-preferences-apply.h"
#include "da-preferences-time.h"

#define UNDO_SECONDS 10

struct _DaPreferencesRemoteDevice {
  AdwExpanderRow parent_instance;

  /* owned */
  DaAccess *access;
  DaDevice *device;
  GListModel *sessions;

  /* template */
  AdwEntryRow *name_row;
  AdwActionRow *seen_row;
  GtkSwitch *chat_switch;
  GtkSwitch *manage_switch;
  GtkSwitch *operator_switch;
  GtkWidget *remove_button;

  gboolean filling;
  gboolean is_typing;   /* a name that is not applied yet */
  gboolean hides;
};

G_DEFINE_FINAL_TYPE (DaPreferencesRemoteDevice, da_preferences_remote_device,
                     ADW_TYPE_EXPANDER_ROW)

/* (nullable) (transfer none): the conversation in which an answer is made for it */
static const char *
find_conversation (DaPreferencesRemoteDevice *self)
{
  const guint n = g_list_model_get_n_items (self->sessions);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(DaSession) session = g_list_model_get_item (self->sessions, i);
      DaRun *run = da_session_get_run (session);

      /* The list keeps it alive. */
      if (da_session_get_status (session) == DA_SESSION_ACTIVE && run != NULL
          && g_strcmp0 (da_run_get_device_id (run), da_device_get_id (self->device)) == 0)
        return da_session_get_title (session);
    }
  return NULL;
}

static char *
dup_activity (DaPreferencesRemoteDevice *self)
{
  const char *conversation = find_conversation (self);
  guint requests = 0;
  g_autofree char *ago = NULL;

  if (conversation != NULL)
    /* Translators: a device uses the conversation of that name */
    return g_strdup_printf (_("Active now in “%s”"), conversation);
  g_object_get (self->device, "requests", &requests, NULL);
  if (requests > 0)
    return g_strdup_printf (ngettext ("Active now, %u request open",
                                      "Active now, %u requests open", requests), requests);
  ago = da_preferences_dup_ago (da_device_get_last_seen (self->device), da_clock_now_ms ());
  /* Translators: followed by "5 minutes ago" and the like */
  return g_strdup_printf (_("Last seen %s"), ago);
}

void
da_preferences_remote_device_refresh (DaPreferencesRemoteDevice *self)
{
  const char *address = da_device_get_address (self->device);
  g_autofree char *doing = dup_activity (self);
  g_autofree char *text = NULL;

  /* Translators: what a device is doing, and its address */
  text = address != NULL && !self->hides ? g_strdup_printf (_("%s · %s"), doing, address)
                                         : g_strdup (doing);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), text);
}

static void
show_name (DaPreferencesRemoteDevice *self)
{
  const char *name = da_device_get_name (self->device);
  g_autofree char *label = g_strdup_printf (_("Remove %s"), name);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->remove_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  if (self->is_typing)
    return;
  self->filling = TRUE;
  /* What is set while the button may be shown would count as typed. */
  adw_entry_row_set_show_apply_button (self->name_row, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
  adw_entry_row_set_show_apply_button (self->name_row, TRUE);
  self->filling = FALSE;
}

static void
show_scopes (DaPreferencesRemoteDevice *self)
{
  const unsigned scopes = da_device_get_scopes (self->device);

  self->filling = TRUE;
  gtk_switch_set_active (self->chat_switch, (scopes & DA_SCOPE_CHAT) != 0);
  gtk_switch_set_active (self->manage_switch, (scopes & DA_SCOPE_MANAGE) != 0);
  gtk_switch_set_active (self->operator_switch, (scopes & DA_SCOPE_OPERATOR) != 0);
  self->filling = FALSE;
}

static void
show (DaPreferencesRemoteDevice *self)
{
  g_autofree char *paired = da_preferences_dup_date (da_device_get_first_seen (self->device));

  adw_action_row_set_subtitle (self->seen_row, paired);
  show_name (self);
  show_scopes (self);
  da_preferences_remote_device_refresh (self);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaPreferencesRemoteDevice) self = user_data;
  g_autoptr(GError) error = NULL;

  if (da_access_device_finish (DA_ACCESS (source), result, &error))
    return;
  da_preferences_toast (GTK_WIDGET (self), error->message);
  if (self->device != NULL)
    show (self);
}

static void
on_name_changed_cb (DaPreferencesRemoteDevice *self)
{
  if (!self->filling && self->device != NULL)
    self->is_typing = !g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->name_row)),
                                    da_device_get_name (self->device));
}

static void
on_name_applied_cb (DaPreferencesRemoteDevice *self)
{
  self->is_typing = FALSE;
  da_access_rename_device_async (self->access, da_device_get_id (self->device),
                                 gtk_editable_get_text (GTK_EDITABLE (self->name_row)), NULL,
                                 changed_cb, g_object_ref (self));
}

static void
on_scope_changed_cb (DaPreferencesRemoteDevice *self)
{
  unsigned scopes = 0;

  if (self->filling)
    return;
  if (gtk_switch_get_active (self->chat_switch))
    scopes |= DA_SCOPE_CHAT;
  if (gtk_switch_get_active (self->manage_switch))
    scopes |= DA_SCOPE_MANAGE;
  if (gtk_switch_get_active (self->operator_switch))
    scopes |= DA_SCOPE_OPERATOR;
  da_access_set_scopes_async (self->access, da_device_get_id (self->device), scopes, NULL,
                              changed_cb, g_object_ref (self));
}

/* Revoke, and undo. The row is gone as soon as the device is: what is said of it is said in the
 * window the row was in. */

typedef struct {
  DaAccess *access;
  GWeakRef overlay;
  char *id;
  char *name;
} Removal;

static Removal *
removal_new (DaAccess *access, DaDevice *device, GtkWidget *overlay)
{
  Removal *self = g_rc_box_new0 (Removal);

  self->access = g_object_ref (access);
  g_weak_ref_init (&self->overlay, overlay);
  self->id = g_strdup (da_device_get_id (device));
  self->name = g_strdup (da_device_get_name (device));
  return self;
}

static void
removal_clear (gpointer data)
{
  Removal *self = data;

  g_object_unref (self->access);
  g_weak_ref_clear (&self->overlay);
  g_free (self->id);
  g_free (self->name);
}

static void
removal_unref (Removal *self)
{
  g_rc_box_release_full (self, removal_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Removal, removal_unref)

static void
removal_connect (gpointer instance, const char *signal, GCallback callback, Removal *removal)
{
  g_signal_connect_data (instance, signal, callback, g_rc_box_acquire (removal),
                         (GClosureNotify) (void (*) (void)) removal_unref, 0);
}

static void
restored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Removal) removal = user_data;
  g_autoptr(GtkWidget) overlay = g_weak_ref_get (&removal->overlay);
  g_autoptr(GError) error = NULL;

  if (da_access_device_finish (DA_ACCESS (source), result, &error))
    return;
  g_warning ("%s could not be brought back: %s", removal->name, error->message);
  if (overlay != NULL)
    da_preferences_toast (overlay, error->message);
}

static void
on_undo_clicked_cb (AdwToast *toast, Removal *removal)
{
  da_access_restore_device_async (removal->access, removal->id, NULL, restored_cb,
                                  g_rc_box_acquire (removal));
}

static void begin_removal (Removal *removal);

static void
on_problem_response_cb (AdwMessageDialog *dialog, const char *response, Removal *removal)
{
  if (strcmp (response, "again") == 0)
    begin_removal (removal);
}

/* Too much for a toast, and nothing to overlook: somebody who was to be out may come back. */
static void
tell_problem (Removal *removal, GtkWidget *overlay, const char *text)
{
  GtkRoot *root = gtk_widget_get_root (overlay);
  gboolean is_there = GTK_IS_WINDOW (root) && gtk_widget_get_mapped (GTK_WIDGET (root));
  g_autofree char *heading = g_strdup_printf (_("%s was cut off, but not for good"), removal->name);
  GtkWidget *dialog = adw_message_dialog_new (is_there ? GTK_WINDOW (root) : NULL, heading, text);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"),
                                    "again", _("_Try Again"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "again");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  da_preferences_name_buttons (dialog);
  removal_connect (dialog, "response", G_CALLBACK (on_problem_response_cb), removal);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
cut_off_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Removal) removal = user_data;
  g_autoptr(GtkWidget) overlay = g_weak_ref_get (&removal->overlay);
  g_autoptr(GError) error = NULL;

  if (!da_access_device_finish (DA_ACCESS (source), result, &error) && overlay != NULL)
    tell_problem (removal, overlay, error->message);
}

static void
begin_removal (Removal *removal)
{
  da_access_revoke_device_async (removal->access, removal->id, NULL, cut_off_cb,
                                 g_rc_box_acquire (removal));
}

static void
offer_undo (Removal *removal, AdwToastOverlay *overlay)
{
  g_autofree char *escaped = g_markup_escape_text (removal->name, -1);
  g_autofree char *text = g_strdup_printf (_("%s was cut off"), escaped);
  AdwToast *toast = adw_toast_new (text);

  adw_toast_set_button_label (toast, _("_Undo"));
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_timeout (toast, UNDO_SECONDS);
  removal_connect (toast, "button-clicked", G_CALLBACK (on_undo_clicked_cb), removal);
  adw_toast_overlay_add_toast (overlay, toast);
}

static void
on_remove_clicked_cb (DaPreferencesRemoteDevice *self)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  g_autoptr(Removal) removal = removal_new (self->access, self->device, overlay);

  if (overlay != NULL)
    offer_undo (removal, ADW_TOAST_OVERLAY (overlay));
  begin_removal (removal);
}

DaDevice *
da_preferences_remote_device_get (DaPreferencesRemoteDevice *self)
{
  return self->device;
}

void
da_preferences_remote_device_set_hides (DaPreferencesRemoteDevice *self,
                                        gboolean                   hides)
{
  self->hides = hides;
  da_preferences_remote_device_refresh (self);
}

static void
da_preferences_remote_device_dispose (GObject *object)
{
  DaPreferencesRemoteDevice *self = DA_PREFERENCES_REMOTE_DEVICE (object);

  g_clear_object (&self->access);
  g_clear_object (&self->device);
  g_clear_object (&self->sessions);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_PREFERENCES_REMOTE_DEVICE);
  G_OBJECT_CLASS (da_preferences_remote_device_parent_class)->dispose (object);
}

static void
da_preferences_remote_device_class_init (DaPreferencesRemoteDeviceClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_preferences_remote_device_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, DA_RESOURCE_BASE "/ui/da-preferences-remote-device.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteDevice, name_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteDevice, seen_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteDevice, chat_switch);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteDevice, manage_switch);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteDevice, operator_switch);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteDevice, remove_button);
  gtk_widget_class_bind_template_callback (widget_class, on_name_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_name_applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_scope_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_remove_clicked_cb);
}

static void
da_preferences_remote_device_init (DaPreferencesRemoteDevice *self)
{
  self->filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Its name says which device. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (self->remove_button),
                                 GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  self->filling = FALSE;
}

GtkWidget *
da_preferences_remote_device_new (DaEngine *engine,
                                  DaDevice *device)
{
  DaPreferencesRemoteDevice *self = g_object_new (DA_TYPE_PREFERENCES_REMOTE_DEVICE, NULL);

  self->access = g_object_ref (da_engine_get_access (engine));
  self->device = g_object_ref (device);
  self->sessions = g_object_ref (da_engine_get_sessions (engine));
  /* Each request of the phone is a "notify": it must not overwrite what a person types. */
  g_signal_connect_object (device, "notify", G_CALLBACK (da_preferences_remote_device_refresh),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sessions, "items-changed",
                           G_CALLBACK (da_preferences_remote_device_refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (device, "notify::name", G_CALLBACK (show_name), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (device, "notify::scopes", G_CALLBACK (show_scopes), self,
                           G_CONNECT_SWAPPED);
  show (self);
  return GTK_WIDGET (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-pairing-dialog"

#include "config.h"

#include "da-pairing-dialog.h"

#include <glib/gi18n-lib.h>

#include "da-access-devices.h"
#include "da-banner.h"
#include "da-clock.h"
#include "da-preferences-apply.h"
#include "da-preferences-remote-watch.h"
#include "da-qr-paintable.h"

struct _DaPairingDialog {
  AdwWindow parent_instance;

  /* owned */
  DaEngine *engine;
  DaRemoteWatch *watch;
  DaDevice *device;        /* (nullable): the code on the screen */
  GPtrArray *addresses;    /* (nullable): in the order of the menu */
  char *link;              /* (nullable) */

  /* template */
  DaBanner *banner;
  GtkStack *stack;
  AdwStatusPage *closed_page;
  GtkButton *open_button;
  GtkPicture *picture;
  GtkWidget *spinner;
  GtkLabel *state_label;
  GtkLabel *time_label;
  AdwComboRow *address_row;
  GtkLabel *link_label;
  GtkLabel *reason_label;
  AdwStatusPage *expired_page;
  AdwStatusPage *paired_page;

  guint tick_source;
  gint64 began;            /* Unix ms: requests from before do not count */
  gboolean filling;
  gboolean shown_anyway;   /* although secrets are hidden */
};

G_DEFINE_FINAL_TYPE (DaPairingDialog, da_pairing_dialog, ADW_TYPE_WINDOW)

/* The code */

static void
show_link (DaPairingDialog *self)
{
  const DaNetworkAddress *address;
  g_autofree char *url = NULL;
  g_autoptr(DaQrPaintable) code = NULL;
  guint selected = adw_combo_row_get_selected (self->address_row);

  if (self->device == NULL || self->addresses == NULL || selected >= self->addresses->len)
    return;
  address = g_ptr_array_index (self->addresses, selected);
  url = da_network_base_url (address->address, da_remote_watch_get_port (self->watch));
  g_clear_pointer (&self->link, g_free);
  self->link = da_device_dup_link (self->device, url);
  if (self->link == NULL)
    return;
  code = da_qr_paintable_new (self->link);
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (code));
  gtk_label_set_text (self->link_label, self->link);
  gtk_label_set_text (self->reason_label, da_network_address_get_reason (address));
}

static void
on_address_changed_cb (DaPairingDialog *self)
{
  if (!self->filling && self->engine != NULL)
    show_link (self);
}

static gboolean
is_same_list (GPtrArray *a, GPtrArray *b)
{
  if (a == NULL || a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const DaNetworkAddress *first = a->pdata[i];
      const DaNetworkAddress *second = b->pdata[i];

      if (g_strcmp0 (first->address, second->address) != 0
          || g_strcmp0 (first->network, second->network) != 0)
        return FALSE;
    }
  return TRUE;
}

/* Keeps the choice when the networks change. */
static void
fill_addresses (DaPairingDialog *self)
{
  g_autoptr(GPtrArray) open = da_remote_watch_dup_open (self->watch);
  g_autoptr(GtkStringList) names = gtk_string_list_new (NULL);
  g_autofree char *chosen = NULL;
  guint before = adw_combo_row_get_selected (self->address_row);
  guint selected = 0;

  /* A list that is open must not change under the pointer for nothing. */
  if (is_same_list (self->addresses, open))
    return;
  if (self->addresses != NULL && before < self->addresses->len)
    chosen = g_strdup (((DaNetworkAddress *) self->addresses->pdata[before])->address);
  for (guint i = 0; i < open->len; i++)
    {
      const DaNetworkAddress *address = g_ptr_array_index (open, i);
      g_autofree char *name = da_network_address_dup_name (address);
      g_autofree char *text = g_strdup_printf (_("%s: %s"), name, address->address);

      gtk_string_list_append (names, text);
      if (g_strcmp0 (chosen, address->address) == 0)
        selected = i;
    }
  self->filling = TRUE;
  adw_combo_row_set_model (self->address_row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (self->address_row, selected);
  self->filling = FALSE;
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  self->addresses = g_steal_pointer (&open);
}

static void
end_code (DaPairingDialog *self)
{
  g_clear_handle_id (&self->tick_source, g_source_remove);
  if (self->device == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->device, self);
  da_access_end_pairing (da_engine_get_access (self->engine), self->device);
  g_clear_object (&self->device);
  g_clear_pointer (&self->link, g_free);
}

/* A page with a button for a new code; nothing but that leaves it. */
static void
show_ended (DaPairingDialog *self, const char *title, const char *description)
{
  adw_status_page_set_title (self->expired_page, title);
  adw_status_page_set_description (self->expired_page, description);
  gtk_stack_set_visible_child_name (self->stack, "expired");
}

static void
show_expired (DaPairingDialog *self)
{
  end_code (self);
  show_ended (self, _("The Code Ran Out"), _("A code works once, and for ten minutes."));
}

static void
show_removed (DaPairingDialog *self)
{
  g_autofree char *escaped = g_markup_escape_text (da_device_get_name (self->device), -1);
  /* Translators: a phone that was paired a moment ago */
  g_autofree char *title = g_strdup_printf (_("%s Was Removed"), escaped);

  end_code (self);
  show_ended (self, title, _("It was cut off. To come back it needs a new code."));
}

static gboolean
on_tick (gpointer user_data)
{
  DaPairingDialog *self = user_data;
  const gint64 left = (da_device_get_expires_at (self->device) - da_clock_now_ms ()) / 1000;
  g_autofree char *text = NULL;

  if (left <= 0)
    {
      self->tick_source = 0;
      show_expired (self);
      return G_SOURCE_REMOVE;
    }
  /* Translators: minutes and seconds */
  text = g_strdup_printf (_("Works for one phone, %d:%02d left"), (int) (left / 60),
                          (int) (left % 60));
  gtk_label_set_text (self->time_label, text);
  return G_SOURCE_CONTINUE;
}

static void
show_paired (DaPairingDialog *self)
{
  g_autofree char *escaped = g_markup_escape_text (da_device_get_name (self->device), -1);
  g_autofree char *title = g_strdup_printf (_("Paired with %s"), escaped);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  adw_status_page_set_title (self->paired_page, title);
  adw_status_page_set_description (self->paired_page,
                                   _("It has a key of its own. You can rename it, limit what it "
                                     "may do, or remove it under Paired Devices."));
  gtk_stack_set_visible_child_name (self->stack, "paired");
}

static void
on_device_changed_cb (DaPairingDialog *self)
{
  switch (da_device_get_state (self->device))
    {
    case DA_DEVICE_WAITING: break;
    case DA_DEVICE_PAIRED: show_paired (self); break;
    case DA_DEVICE_REVOKED: show_removed (self); break;
    case DA_DEVICE_EXPIRED: show_expired (self); break;
    }
}

static void
begin_code (DaPairingDialog *self)
{
  end_code (self);
  self->began = da_clock_now_ms ();
  self->device = da_access_begin_pairing (da_engine_get_access (self->engine), DA_SCOPE_ALL);
  g_signal_connect_swapped (self->device, "notify", G_CALLBACK (on_device_changed_cb), self);
  gtk_label_set_text (self->state_label, _("Waiting for a phone"));
  self->tick_source = g_timeout_add_seconds (1, on_tick, self);
  on_tick (self);
}

/* Somebody knocked who is not this computer, and not one who comes and goes anyhow: the network
 * works, only the key is missing. */
static gboolean
is_new_visitor (DaPairingDialog *self, DaRequestLogEntry *entry)
{
  const char *address = da_request_log_entry_get_address (entry);

  return address != NULL && !da_network_is_loopback (address)
         && da_request_log_entry_get_who (entry) == NULL
         && da_request_log_entry_get_time (entry) >= self->began;
}

static void
on_requests_changed_cb (GListModel      *log,
                        guint            position,
                        guint            removed,
                        guint            added,
                        DaPairingDialog *self)
{
  for (guint i = position; self->device != NULL && i < position + added; i++)
    {
      g_autoptr(DaRequestLogEntry) entry = g_list_model_get_item (log, i);
      g_autofree char *text = NULL;

      if (!is_new_visitor (self, entry))
        continue;
      text = g_strdup_printf (_("A phone at %s reached the server"),
                              da_request_log_entry_get_address (entry));
      gtk_label_set_text (self->state_label, text);
      return;
    }
}

/* What to show */

static void
show_closed (DaPairingDialog *self, const DaReachability *reachability)
{
  g_autofree char *label = da_remote_watch_dup_repair_label (self->watch);
  g_autofree char *title = NULL;
  g_autofree char *reason = NULL;

  if (!reachability->is_problem && reachability->repair == DA_REPAIR_SWITCH_ON)
    {
      title = g_strdup (_("The Server Is Off"));
      reason = g_strdup (_("Switch it on to pair a phone."));
    }
  else if (!reachability->is_problem && reachability->reach == DA_REACH_THIS_COMPUTER)
    {
      title = g_strdup (_("Phones Cannot Reach It Yet"));
      reason = g_strdup (_("The server answers this computer only. Open it to the network your "
                           "phone is in, then scan the code."));
    }
  else
    {
      title = g_markup_escape_text (reachability->who, -1);
      reason = g_markup_escape_text (reachability->reason, -1);
    }
  adw_status_page_set_icon_name (self->closed_page,
                                 reachability->is_problem ? "dialog-warning-symbolic"
                                 : reachability->reach == DA_REACH_THIS_COMPUTER
                                 ? "computer-symbolic" : "network-offline-symbolic");
  adw_status_page_set_title (self->closed_page, title);
  adw_status_page_set_description (self->closed_page, reason);
  gtk_widget_set_visible (GTK_WIDGET (self->open_button), label != NULL);
  if (label != NULL)
    gtk_button_set_label (self->open_button, label);
  da_preferences_name_buttons (GTK_WIDGET (self->open_button));
  end_code (self);
  gtk_stack_set_visible_child_name (self->stack, "closed");
}

/* A firewall may be why nobody gets through; the code is shown nevertheless. */
static void
show_firewall (DaPairingDialog *self, const DaReachability *reachability)
{
  g_autofree char *label = da_remote_watch_dup_repair_label (self->watch);
  gboolean blocks = reachability->repair == DA_REPAIR_FIREWALL;

  if (blocks)
    {
      da_banner_set_title (self->banner, reachability->reason);
      da_banner_set_button_label (self->banner, label);
      da_preferences_name_buttons (GTK_WIDGET (self->banner));
    }
  da_banner_set_revealed (self->banner, blocks);
}

static void
show (DaPairingDialog *self)
{
  const DaReachability *reachability = da_remote_watch_get_reachability (self->watch);
  g_autoptr(GPtrArray) open = da_remote_watch_dup_open (self->watch);
  gboolean hides = da_settings_get_boolean (da_engine_get_settings (self->engine),
                                            "streamerModeEnabled");

  if (self->device != NULL && da_device_get_state (self->device) == DA_DEVICE_PAIRED)
    return;
  show_firewall (self, reachability);
  if (reachability->reach < DA_REACH_NETWORK || open->len == 0)
    {
      show_closed (self, reachability);
      return;
    }
  if (hides && !self->shown_anyway)
    {
      end_code (self);
      gtk_stack_set_visible_child_name (self->stack, "hidden");
      return;
    }
  fill_addresses (self);
  if (self->device == NULL)
    begin_code (self);
  show_link (self);
  gtk_stack_set_visible_child_name (self->stack, "code");
}

static void
on_watch_changed_cb (DaPairingDialog *self)
{
  /* A code that ran out is renewed by the person only. */
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "expired") != 0)
    show (self);
}

/* What the person does */

static void
on_open_clicked_cb (DaPairingDialog *self)
{
  da_remote_watch_repair (self->watch, GTK_WIDGET (self->stack));
}

static void
on_show_clicked_cb (DaPairingDialog *self)
{
  self->shown_anyway = TRUE;
  show (self);
}

static void
on_new_clicked_cb (DaPairingDialog *self)
{
  end_code (self);
  show (self);
}

static void
on_copy_clicked_cb (DaPairingDialog *self)
{
  if (self->link != NULL)
    da_preferences_copy (GTK_WIDGET (self->stack), self->link, TRUE);
}

char *
da_pairing_dialog_dup_link (DaPairingDialog *self)
{
  return g_strdup (self->link);
}

static void
da_pairing_dialog_dispose (GObject *object)
{
  DaPairingDialog *self = DA_PAIRING_DIALOG (object);

  end_code (self);
  g_clear_object (&self->watch);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_PAIRING_DIALOG);
  G_OBJECT_CLASS (da_pairing_dialog_parent_class)->dispose (object);
}

static void
da_pairing_dialog_class_init (DaPairingDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_pairing_dialog_dispose;
  g_type_ensure (DA_TYPE_BANNER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-pairing-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, banner);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, closed_page);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, open_button);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, picture);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, state_label);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, time_label);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, address_row);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, link_label);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, reason_label);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, expired_page);
  gtk_widget_class_bind_template_child (widget_class, DaPairingDialog, paired_page);
  gtk_widget_class_bind_template_callback (widget_class, on_address_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_open_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_show_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_new_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
da_pairing_dialog_init (DaPairingDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

DaPairingDialog *
da_pairing_dialog_new (DaEngine  *engine,
                       GtkWindow *parent)
{
  DaPairingDialog *self = g_object_new (DA_TYPE_PAIRING_DIALOG, "transient-for", parent, NULL);

  self->engine = g_object_ref (engine);
  self->watch = da_remote_watch_new (engine);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (on_watch_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (da_engine_get_request_log (engine), "items-changed",
                           G_CALLBACK (on_requests_changed_cb), self, 0);
  da_preferences_name_buttons (GTK_WIDGET (self));
  show (self);
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-request-row"

#include "config.h"

#include "da-preferences-request-row.h"

#include <glib/gi18n-lib.h>

#include "da-preferences-apply.h"
#include "da-strv-row.h"

struct _DaPreferencesRequestRow {
  GtkBox parent_instance;

  /* owned */
  DaSettings *settings;
  DaRequestLogEntry *entry;

  GtkLabel *what;
  GtkLabel *status;
  GtkLabel *details;
  GtkWidget *allow;
};

G_DEFINE_FINAL_TYPE (DaPreferencesRequestRow, da_preferences_request_row, GTK_TYPE_BOX)

/* (nullable) */
static const char *
explain (DaRefusal refusal)
{
  switch (refusal)
    {
    case DA_REFUSAL_NONE: return NULL;
    case DA_REFUSAL_HOST: return _("unknown host name");
    case DA_REFUSAL_ORIGIN: return _("web page not allowed");
    case DA_REFUSAL_KEY: return _("no key, or a wrong one");
    case DA_REFUSAL_SCOPE: return _("not allowed to this device");
    case DA_REFUSAL_LIMIT: return _("too many or too large");
    }
  g_assert_not_reached ();
}

static char *
dup_details (DaRequestLogEntry *entry)
{
  g_autoptr(GDateTime) time =
    g_date_time_new_from_unix_local (da_request_log_entry_get_time (entry) / 1000);
  g_autofree char *clock = g_date_time_format (time, "%H:%M:%S");
  g_autofree char *duration = g_strdup_printf (_("%d ms"),
                                               (int) da_request_log_entry_get_duration (entry));
  const char *why = da_request_log_entry_get_status (entry) == 0
                    ? _("ended without an answer")
                    : explain (da_request_log_entry_get_refusal (entry));
  const char *refused = da_request_log_entry_get_refused (entry);
  const char *parts[7] = { clock };
  guint n = 1;

  if (da_request_log_entry_get_who (entry) != NULL)
    parts[n++] = da_request_log_entry_get_who (entry);
  if (da_request_log_entry_get_address (entry) != NULL)
    parts[n++] = da_request_log_entry_get_address (entry);
  parts[n++] = duration;
  if (why != NULL)
    parts[n++] = why;
  if (refused != NULL)
    parts[n++] = refused;
  return g_strjoinv (" · ", (char **) parts);
}

/* (nullable): the list that would let it in, when that is what was missing. */
static const char *
get_list_name (DaRequestLogEntry *entry)
{
  const DaRefusal refusal = da_request_log_entry_get_refusal (entry);

  if (da_request_log_entry_get_refused (entry) == NULL)
    return NULL;
  return refusal == DA_REFUSAL_HOST ? "remoteServerAllowedHosts"
         : refusal == DA_REFUSAL_ORIGIN ? "remoteServerCorsOrigins" : NULL;
}

/* What is on the list now needs no button, whichever row or page it came from. */
static void
show_allow (DaPreferencesRequestRow *self)
{
  const char *name = self->entry != NULL ? get_list_name (self->entry) : NULL;
  const char *const *list = name != NULL ? da_settings_get_strv (self->settings, name) : NULL;

  gboolean is_listed;

  if (name != NULL)
    /* A star among the hosts lets nobody in. */
    is_listed = g_strv_contains (list, da_request_log_entry_get_refused (self->entry))
                || (da_request_log_entry_get_refusal (self->entry) == DA_REFUSAL_ORIGIN
                    && g_strv_contains (list, "*"));
  gtk_widget_set_visible (self->allow, name != NULL && !is_listed);
}

/* @status: 0: the client was gone before there was an answer. */
static void
show_status (DaPreferencesRequestRow *self, guint status)
{
  GtkWidget *label = GTK_WIDGET (self->status);
  g_autofree char *text = status > 0 ? g_strdup_printf ("%u", status) : g_strdup ("–");

  gtk_label_set_text (self->status, text);
  gtk_widget_remove_css_class (label, "error");
  gtk_widget_remove_css_class (label, "success");
  if (status > 0)
    gtk_widget_add_css_class (label, status >= 400 ? "error" : "success");
}

void
da_preferences_request_row_set_entry (DaPreferencesRequestRow *self,
                                      DaRequestLogEntry       *entry)
{
  g_autofree char *what = NULL;
  g_autofree char *details = NULL;

  g_set_object (&self->entry, entry);
  if (entry == NULL)
    return;
  what = g_strdup_printf ("%s %s", da_request_log_entry_get_method (entry),
                          da_request_log_entry_get_route (entry));
  details = dup_details (entry);
  gtk_label_set_text (self->what, what);
  gtk_label_set_text (self->details, details);
  show_status (self, da_request_log_entry_get_status (entry));
  show_allow (self);
}

static void
on_allow_clicked_cb (DaPreferencesRequestRow *self)
{
  da_strv_row_append (GTK_WIDGET (self), G_OBJECT (self->settings), get_list_name (self->entry),
                      da_request_log_entry_get_refused (self->entry));
}

static void
da_preferences_request_row_dispose (GObject *object)
{
  DaPreferencesRequestRow *self = DA_PREFERENCES_REQUEST_ROW (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->entry);
  G_OBJECT_CLASS (da_preferences_request_row_parent_class)->dispose (object);
}

static void
da_preferences_request_row_class_init (DaPreferencesRequestRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = da_preferences_request_row_dispose;
}

static GtkLabel *
add_label (GtkWidget *box, const char *const *classes)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_css_classes (label, (const char **) classes);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static void
da_preferences_request_row_init (DaPreferencesRequestRow *self)
{
  static const char *const plain[] = { "da-request-what", NULL };
  static const char *const small[] = { "caption", "dim-label", NULL };
  static const char *const badge[] = { "numeric", "caption-heading", NULL };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_box_set_spacing (GTK_BOX (self), 12);
  gtk_widget_set_margin_top (GTK_WIDGET (self), 9);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self), 9);
  gtk_widget_set_margin_start (GTK_WIDGET (self), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self), 12);
  gtk_widget_set_hexpand (box, TRUE);
  self->what = add_label (box, plain);
  self->details = add_label (box, small);
  gtk_box_append (GTK_BOX (self), box);
  self->status = add_label (GTK_WIDGET (self), badge);
  gtk_label_set_wrap (self->status, FALSE);
  self->allow = gtk_button_new_with_mnemonic (_("_Allow"));
  gtk_widget_set_valign (self->allow, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->allow, "clicked", G_CALLBACK (on_allow_clicked_cb), self);
  gtk_box_append (GTK_BOX (self), self->allow);
  da_preferences_name_buttons (self->allow);
}

GtkWidget *
da_preferences_request_row_new (DaSettings *settings)
{
  DaPreferencesRequestRow *self = g_object_new (DA_TYPE_PREFERENCES_REQUEST_ROW, NULL);

  self->settings = g_object_ref (settings);
  g_signal_connect_object (settings, "changed::remoteServerAllowedHosts", G_CALLBACK (show_allow),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::remoteServerCorsOrigins", G_CALLBACK (show_allow),
                           self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

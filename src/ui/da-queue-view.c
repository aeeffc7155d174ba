/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-queue-view"

#include "config.h"

#include "da-queue-view.h"

#include <string.h>

#include <glib/gi18n.h>

struct _DaQueueView {
  GtkWidget parent_instance;

  /* owned */
  GPtrArray *entries;
  DaSession *session;          /* (nullable) */
  gulong length_id;

  GtkWidget *list;
  GtkLabel *others;
};

typedef struct {
  DaQueueView *view;
  DaRun *run;
  gulong state_id;
  GtkWidget *row;
} Entry;

G_DEFINE_FINAL_TYPE (DaQueueView, da_queue_view, GTK_TYPE_WIDGET)

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_clear_signal_handler (&self->state_id, self->run);
  g_object_unref (self->run);
  gtk_list_box_remove (GTK_LIST_BOX (self->view->list), self->row);
  g_free (self);
}

static void
update (DaQueueView *self)
{
  guint all = self->session != NULL ? da_session_get_queue_length (self->session) : 0;
  guint others = all > self->entries->len ? all - self->entries->len : 0;
  g_autofree char *text = g_strdup_printf (ngettext ("%u message from another device waits",
                                                     "%u messages from other devices wait",
                                                     others), others);

  gtk_label_set_text (self->others, text);
  gtk_widget_set_visible (GTK_WIDGET (self->others), others > 0);
  gtk_widget_set_visible (self->list, self->entries->len > 0);
  gtk_widget_set_visible (GTK_WIDGET (self), others > 0 || self->entries->len > 0);
}

static void
on_state (Entry *entry)
{
  DaQueueView *self = entry->view;

  if (da_run_get_state (entry->run) == DA_RUN_STATE_QUEUED)
    return;
  g_ptr_array_remove (self->entries, entry);
  update (self);
}

static void
on_cancel_clicked (GtkButton *button, Entry *entry)
{
  da_run_cancel (entry->run, "taken back in the window");
}

/* The first words; a picture in them is megabytes of letters. */
static char *
shorten (const char *prompt)
{
  gsize length = strcspn (prompt, "\n");
  const char *picture = strstr (prompt, "![");
  g_autofree char *words = NULL;

  if (picture != NULL)
    length = MIN (length, (gsize) (picture - prompt));
  words = g_utf8_make_valid (prompt, (gssize) MIN (length, 300));
  if (picture == NULL)
    return g_steal_pointer (&words);
  /* Translators: %s is what was written, may be empty */
  return g_strdup_printf (_("%s (with a picture)"), words);
}

static GtkWidget *
entry_row_new (Entry *entry)
{
  g_autofree char *words = shorten (da_run_get_prompt (entry->run));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *icon = gtk_image_new_from_icon_name ("da-waiting-symbolic");
  GtkWidget *label = gtk_label_new (words);
  GtkWidget *cancel = gtk_button_new_from_icon_name ("window-close-symbolic");
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_widget_add_css_class (icon, "dim-label");
  gtk_widget_set_tooltip_text (icon, _("Waits for the answer before it"));
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (cancel, "flat");
  gtk_widget_add_css_class (cancel, "circular");
  gtk_widget_set_tooltip_text (cancel, _("Take Back"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (cancel), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Take Back"), -1);
  g_signal_connect (cancel, "clicked", G_CALLBACK (on_cancel_clicked), entry);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), cancel);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  return row;
}

static void
da_queue_view_dispose (GObject *object)
{
  DaQueueView *self = DA_QUEUE_VIEW (object);

  g_ptr_array_set_size (self->entries, 0);
  if (self->session != NULL)
    g_clear_signal_handler (&self->length_id, self->session);
  g_clear_object (&self->session);
  g_clear_pointer (&self->list, gtk_widget_unparent);
  if (self->others != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->others));
  self->others = NULL;
  G_OBJECT_CLASS (da_queue_view_parent_class)->dispose (object);
}

static void
da_queue_view_finalize (GObject *object)
{
  g_ptr_array_unref (DA_QUEUE_VIEW (object)->entries);
  G_OBJECT_CLASS (da_queue_view_parent_class)->finalize (object);
}

static void
da_queue_view_class_init (DaQueueViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = da_queue_view_dispose;
  object_class->finalize = da_queue_view_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
da_queue_view_init (DaQueueView *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "queue");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Messages that wait"), -1);
  gtk_widget_set_parent (self->list, GTK_WIDGET (self));
  self->others = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->others), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->others), "caption");
  gtk_widget_set_parent (GTK_WIDGET (self->others), GTK_WIDGET (self));
  update (self);
}

GtkWidget *
da_queue_view_new (void)
{
  return g_object_new (DA_TYPE_QUEUE_VIEW, NULL);
}

void
da_queue_view_set_session (DaQueueView *self,
                           DaSession   *session)
{
  if (self->session == session)
    return;
  if (self->session != NULL)
    g_clear_signal_handler (&self->length_id, self->session);
  g_set_object (&self->session, session);
  if (session != NULL)
    self->length_id = g_signal_connect_swapped (session, "notify::queue-length",
                                                G_CALLBACK (update), self);
  update (self);
}

void
da_queue_view_add (DaQueueView *self,
                   DaRun       *run)
{
  Entry *entry;

  if (da_run_get_state (run) != DA_RUN_STATE_QUEUED)
    return;
  for (guint i = 0; i < self->entries->len; i++)
    {
      entry = g_ptr_array_index (self->entries, i);
      if (entry->run == run)
        return;
    }
  entry = g_new0 (Entry, 1);
  entry->view = self;
  entry->run = g_object_ref (run);
  entry->row = entry_row_new (entry);
  entry->state_id = g_signal_connect_swapped (run, "notify::state", G_CALLBACK (on_state), entry);
  gtk_list_box_append (GTK_LIST_BOX (self->list), entry->row);
  g_ptr_array_add (self->entries, entry);
  update (self);
}

guint
da_queue_view_get_length (DaQueueView *self)
{
  return self->entries->len;
}

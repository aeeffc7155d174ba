/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-queue-view"

#include "config.h"

#include "da-queue-view.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "da-message-queue.h"

#define MAX_SHOWN 300          /* bytes of a message, in one line */

/* Shows a copy of the session's queue and reads it again whenever the session says that it changed.
 * Owns no message: what is done to one is asked of the engine by its id. */
struct _DaQueueView {
  GtkWidget parent_instance;

  /* owned */
  DaEngine *engine;            /* (nullable) until set */
  DaSession *session;          /* (nullable) */
  DaMessageQueue *queue;       /* (nullable) what is shown */
  gulong length_id;

  GtkWidget *list;
  GtkWidget *paused;
};

G_DEFINE_FINAL_TYPE (DaQueueView, da_queue_view, GTK_TYPE_WIDGET)

static void
tell (DaQueueView *self, gboolean done, const GError *error)
{
  if (!done)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
}

static const char *
conversation_of (DaQueueView *self)
{
  return da_session_get_conversation_id (self->session);
}

/* What can be done with one; each button carries the message's id. */

static void
on_remove_clicked (GtkWidget *button, DaQueueView *self)
{
  const char *id = g_object_get_data (G_OBJECT (button), "da-id");
  g_autoptr(GError) error = NULL;

  tell (self, da_engine_remove_queued (self->engine, conversation_of (self), id, &error), error);
}

static void
on_retry_clicked (GtkWidget *button, DaQueueView *self)
{
  const char *id = g_object_get_data (G_OBJECT (button), "da-id");
  g_autoptr(GError) error = NULL;
  gboolean started;

  tell (self, da_engine_retry_queued (self->engine, conversation_of (self), id, &started, &error),
        error);
}

static void
on_resume_clicked (GtkWidget *button, DaQueueView *self)
{
  da_engine_resume_queue (self->engine, conversation_of (self));
}

static char *
text_of (GtkTextBuffer *buffer)
{
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return g_strstrip (gtk_text_buffer_get_text (buffer, &start, &end, FALSE));
}

static void
on_edit_changed (GtkTextBuffer *buffer, AdwMessageDialog *dialog)
{
  g_autofree char *text = text_of (buffer);

  adw_message_dialog_set_response_enabled (dialog, "save", *text != '\0');
}

static void
on_edit_response (AdwMessageDialog *dialog, const char *response, DaQueueView *self)
{
  GtkTextBuffer *buffer = g_object_get_data (G_OBJECT (dialog), "da-buffer");
  const char *id = g_object_get_data (G_OBJECT (dialog), "da-id");
  g_autofree char *text = text_of (buffer);
  g_autoptr(GError) error = NULL;

  if (strcmp (response, "save") == 0 && self->session != NULL)
    tell (self, da_engine_edit_queued (self->engine, conversation_of (self), id, text, &error),
          error);
}

static GtkWidget *
editor_new (GtkTextBuffer *buffer)
{
  GtkWidget *text = gtk_text_view_new_with_buffer (buffer);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (text), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (text), FALSE);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (text), 9);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (text), 9);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (text), 9);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (text), 9);
  gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Message"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), text);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 120);
  gtk_widget_add_css_class (scroller, "card");
  gtk_widget_set_overflow (scroller, GTK_OVERFLOW_HIDDEN);
  return scroller;
}

static void
on_edit_clicked (GtkWidget *button, DaQueueView *self)
{
  GtkRoot *root = gtk_widget_get_root (button);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (root), _("Edit Message"), NULL);
  g_autoptr(GtkTextBuffer) buffer = gtk_text_buffer_new (NULL);

  gtk_text_buffer_set_text (buffer, g_object_get_data (G_OBJECT (button), "da-text"), -1);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "save",
                                    _("_Save"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), editor_new (buffer));
  g_object_set_data_full (G_OBJECT (dialog), "da-id",
                          g_strdup (g_object_get_data (G_OBJECT (button), "da-id")), g_free);
  g_object_set_data_full (G_OBJECT (dialog), "da-buffer", g_object_ref (buffer), g_object_unref);
  g_signal_connect_object (buffer, "changed", G_CALLBACK (on_edit_changed), dialog, 0);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_edit_response), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Rows */

/* The first words; a picture in them is megabytes of letters. */
static char *
shorten (const char *prompt)
{
  gsize length = strcspn (prompt, "\n");
  const char *picture = strstr (prompt, "![");
  g_autofree char *words = NULL;

  if (picture != NULL)
    length = MIN (length, (gsize) (picture - prompt));
  words = g_utf8_make_valid (prompt, (gssize) MIN (length, MAX_SHOWN));
  if (picture == NULL)
    return g_steal_pointer (&words);
  /* Translators: %s is what was written, may be empty */
  return g_strdup_printf (_("%s (with a picture)"), words);
}

static GtkWidget *
button_new (DaQueueView *self, const DaQueuedMessage *message, const char *icon, const char *label,
            GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data_full (G_OBJECT (button), "da-id", g_strdup (message->id), g_free);
  g_signal_connect (button, "clicked", clicked, self);
  return button;
}

static GtkWidget *
line_new (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
row_new (DaQueueView *self, const DaQueuedMessage *message)
{
  g_autofree char *words = shorten (message->text);
  gboolean failed = message->state == DA_QUEUED_FAILED;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 3);
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *icon = gtk_image_new_from_icon_name (failed ? "dialog-warning-symbolic"
                                                         : "da-waiting-symbolic");
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_widget_add_css_class (icon, failed ? "warning" : "dim-label");
  gtk_widget_set_margin_end (icon, 6);
  gtk_widget_set_tooltip_text (icon, failed ? message->error : _("Waits for the answer before it"));
  gtk_box_append (GTK_BOX (lines), line_new (words, NULL));
  if (failed && message->error != NULL)
    gtk_box_append (GTK_BOX (lines), line_new (message->error, "caption"));
  gtk_widget_set_hexpand (lines, TRUE);
  gtk_widget_set_valign (lines, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), lines);
  if (failed)
    gtk_box_append (GTK_BOX (box), button_new (self, message, "view-refresh-symbolic",
                                               _("Try Again"), G_CALLBACK (on_retry_clicked)));
  /* A picture in the text is nothing to type in. */
  if (!message->is_stored && strstr (message->text, "](data:") == NULL)
    {
      GtkWidget *edit = button_new (self, message, "document-edit-symbolic", _("Edit Message"),
                                    G_CALLBACK (on_edit_clicked));

      g_object_set_data_full (G_OBJECT (edit), "da-text", g_strdup (message->text), g_free);
      gtk_box_append (GTK_BOX (box), edit);
    }
  gtk_box_append (GTK_BOX (box), button_new (self, message, "window-close-symbolic",
                                             failed ? _("Remove") : _("Take Back"),
                                             G_CALLBACK (on_remove_clicked)));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  return row;
}

/* What is being answered is in the conversation already. */
static gboolean
drop_processing (DaMessageQueue *queue)
{
  for (guint i = queue->messages->len; i > 0; i--)
    if (((DaQueuedMessage *) g_ptr_array_index (queue->messages, i - 1))->state
        == DA_QUEUED_PROCESSING)
      g_ptr_array_remove_index (queue->messages, i - 1);
  return queue->messages->len > 0;
}

static gboolean
is_same (DaMessageQueue *a, DaMessageQueue *b)
{
  if (a == NULL || b == NULL || a->messages->len != b->messages->len)
    return a == b;
  for (guint i = 0; i < a->messages->len; i++)
    {
      DaQueuedMessage *one = g_ptr_array_index (a->messages, i);
      DaQueuedMessage *other = g_ptr_array_index (b->messages, i);

      if (strcmp (one->id, other->id) != 0 || one->state != other->state
          || one->is_stored != other->is_stored || strcmp (one->text, other->text) != 0)
        return FALSE;
    }
  return TRUE;
}

static void
update (DaQueueView *self)
{
  g_autoptr(DaMessageQueue) queue = NULL;
  gboolean same;
  GtkWidget *row;

  if (self->engine != NULL && self->session != NULL)
    queue = da_engine_dup_queue (self->engine, conversation_of (self));
  if (queue != NULL && !drop_processing (queue))
    g_clear_pointer (&queue, da_message_queue_free);
  same = is_same (self->queue, queue);
  gtk_widget_set_visible (GTK_WIDGET (self), queue != NULL);
  gtk_widget_set_visible (self->paused, queue != NULL && queue->is_paused);
  g_clear_pointer (&self->queue, da_message_queue_free);
  self->queue = g_steal_pointer (&queue);
  if (same)
    return;
  while ((row = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  for (guint i = 0; self->queue != NULL && i < self->queue->messages->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list),
                         row_new (self, g_ptr_array_index (self->queue->messages, i)));
}

static void
da_queue_view_dispose (GObject *object)
{
  DaQueueView *self = DA_QUEUE_VIEW (object);

  if (self->session != NULL)
    g_clear_signal_handler (&self->length_id, self->session);
  g_clear_object (&self->session);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->queue, da_message_queue_free);
  g_clear_pointer (&self->paused, gtk_widget_unparent);
  g_clear_pointer (&self->list, gtk_widget_unparent);
  G_OBJECT_CLASS (da_queue_view_parent_class)->dispose (object);
}

static void
da_queue_view_class_init (DaQueueViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = da_queue_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static GtkWidget *
paused_new (DaQueueView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *label = line_new (_("Waiting messages are paused"), "dim-label");
  GtkWidget *resume = gtk_button_new_with_mnemonic (_("_Resume"));

  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_add_css_class (resume, "flat");
  g_signal_connect (resume, "clicked", G_CALLBACK (on_resume_clicked), self);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), resume);
  return box;
}

static void
da_queue_view_init (DaQueueView *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);
  self->paused = paused_new (self);
  gtk_widget_set_parent (self->paused, GTK_WIDGET (self));
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "queue");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Messages that wait"), -1);
  gtk_widget_set_parent (self->list, GTK_WIDGET (self));
  update (self);
}

GtkWidget *
da_queue_view_new (void)
{
  return g_object_new (DA_TYPE_QUEUE_VIEW, NULL);
}

void
da_queue_view_set_engine (DaQueueView *self,
                          DaEngine    *engine)
{
  g_set_object (&self->engine, engine);
  update (self);
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

guint
da_queue_view_get_length (DaQueueView *self)
{
  return self->queue != NULL ? self->queue->messages->len : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-chat-page"

#include "config.h"

#include "da-chat-page-private.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "da-engine-conversations.h"
#include "da-engine-models.h"
#include "da-error.h"
#include "da-message-queue.h"
#include "da-random.h"

enum {
  PROP_0,
  PROP_TITLE,
  PROP_CONVERSATION_ID,
  N_PROPS
};

enum {
  GONE,
  UNSENT,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaChatPage, da_chat_page, GTK_TYPE_WIDGET)

static void load (DaChatPage *self);

static void
toast (DaChatPage *self, const char *sentence)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", sentence);
}

/* A status page takes markup. */
static void
describe (GtkWidget *page, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_status_page_set_description (ADW_STATUS_PAGE (page), escaped);
}

static void
set_title (DaChatPage *self, const char *title)
{
  if (g_strcmp0 (self->title, title) == 0)
    return;
  g_free (self->title);
  self->title = g_strdup (title);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

/* Loading */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaChatPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaConversation) conversation = NULL;

  conversation = da_engine_load_conversation_finish (DA_ENGINE (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->loading = FALSE;
  if (conversation != NULL)
    {
      set_title (self, conversation->title);
      _da_chat_page_sync (self, conversation->messages);
      if (!self->loaded && conversation->messages->len == 0)
        gtk_stack_set_visible_child_name (self->stack, "new");
      self->loaded = TRUE;
      self->stored = TRUE;
      _da_chat_page_watch_sessions (self);
    }
  else if (self->stored && g_error_matches (error, DA_ERROR, DA_ERROR_NOT_FOUND))
    {
      g_signal_emit (self, signals[GONE], 0);
      return;
    }
  else if (!self->loaded && self->run == NULL)
    {
      describe (self->failed_page, error->message);
      gtk_stack_set_visible_child_name (self->stack, "failed");
    }
  _da_chat_page_update_failure (self);
  if (self->reload_again)
    load (self);
}

static void
load (DaChatPage *self)
{
  if (self->conversation_id == NULL)
    return;
  self->reload_again = self->loading;
  if (self->loading)
    return;
  self->loading = TRUE;
  da_engine_load_conversation_async (self->engine, self->conversation_id, self->cancellable,
                                     loaded_cb, g_object_ref (self));
}

static void
on_conversation_changed (DaChatPage *self, const char *id)
{
  if (self->conversation_id != NULL && (id == NULL || strcmp (id, self->conversation_id) == 0))
    load (self);
}

/* Sending */

typedef struct {
  DaChatPage *page;
  char *prompt;
} Sending;

static void
sending_free (Sending *self)
{
  g_object_unref (self->page);
  g_free (self->prompt);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sending, sending_free)

/* What was written is not lost: it is in the field again, or with the window when the person has
 * gone on to another conversation. */
static void
give_back (DaChatPage *self, const char *prompt, const char *reason)
{
  g_autofree char *draft = NULL;

  if (gtk_widget_get_root (GTK_WIDGET (self)) == NULL || self->composer == NULL)
    {
      g_signal_emit (self, signals[UNSENT], 0, self->stored ? self->conversation_id : "", prompt,
                     reason);
      return;
    }
  draft = da_composer_dup_draft (self->composer);
  if (*draft == '\0')
    da_composer_set_draft (self->composer, prompt);
}

static void
not_sent (DaChatPage *self, const char *prompt, const GError *error)
{
  toast (self, error->message);
  /* What began and failed is stored, with a button to try it again. */
  if (self->run == NULL || da_run_get_error (self->run) == NULL)
    give_back (self, prompt, error->message);
  if (self->stack != NULL && self->messages->len == 0 && self->answer == NULL)
    gtk_stack_set_visible_child_name (self->stack, "new");
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Sending) sending = user_data;
  DaChatPage *self = sending->page;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaRun) run = da_engine_chat_finish (DA_ENGINE (source), result, &error);

  if (run == NULL)
    {
      not_sent (self, sending->prompt, error);
      return;
    }
  if (gtk_widget_in_destruction (GTK_WIDGET (self)) || self->engine == NULL)
    return;
  _da_chat_page_watch_sessions (self);
  _da_chat_page_follow (self, run);
}

static void
on_send (DaChatPage *self, const char *prompt)
{
  g_autoptr(DaChatRequest) request = NULL;
  Sending *sending;

  if (self->conversation_id == NULL)
    {
      /* Named here, so that its run is followed from the first word. */
      self->conversation_id = da_random_id ("conv");
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONVERSATION_ID]);
    }
  request = da_chat_request_new (self->conversation_id, prompt);
  request->store = TRUE;
  sending = g_new0 (Sending, 1);
  sending->page = g_object_ref (self);
  sending->prompt = g_strdup (prompt);
  _da_chat_page_scroll_down (self);
  da_engine_chat_async (self->engine, request, NULL, sent_cb, sending);
}

void
da_chat_page_stop (DaChatPage *self)
{
  if (self->run != NULL && !da_run_is_finished (self->run))
    da_run_cancel (self->run, "stopped in the window");
}

static void
on_stop (DaChatPage *self)
{
  da_chat_page_stop (self);
}

/* The question waited once and failed; asked again here, it is not to be asked there as well. */
static void
leave_queue (DaChatPage *self, const char *prompt)
{
  g_autoptr(DaMessageQueue) queue = da_engine_dup_queue (self->engine, self->conversation_id);

  for (guint i = 0; queue != NULL && i < queue->messages->len; i++)
    {
      DaQueuedMessage *message = g_ptr_array_index (queue->messages, i);

      if (message->state == DA_QUEUED_FAILED && message->is_stored
          && strcmp (message->text, prompt) == 0)
        da_engine_remove_queued (self->engine, self->conversation_id, message->id, NULL);
    }
}

static void
asked_again_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaChatPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaRun) run = da_engine_chat_finish (DA_ENGINE (source), result, &error);

  if (run == NULL)
    toast (self, error->message);
  if (gtk_widget_in_destruction (GTK_WIDGET (self)) || self->engine == NULL)
    return;
  _da_chat_page_watch_sessions (self);
  if (run != NULL)
    _da_chat_page_follow (self, run);
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaChatPage *self = DA_CHAT_PAGE (widget);
  const char *prompt = _da_chat_page_peek_unanswered (self);
  g_autoptr(DaChatRequest) request = NULL;

  if (prompt == NULL)
    return;
  leave_queue (self, prompt);
  request = da_chat_request_new (self->conversation_id, prompt);
  request->store = TRUE;
  request->again = TRUE;
  /* The button goes away with its row. */
  da_chat_page_focus_composer (self);
  _da_chat_page_scroll_down (self);
  da_engine_chat_async (self->engine, request, NULL, asked_again_cb, g_object_ref (self));
}

static void
on_problem (DaChatPage *self, const char *sentence)
{
  toast (self, sentence);
}

/* A picture may be dropped anywhere on the conversation. */
static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, DaChatPage *self)
{
  GSList *files = g_value_get_boxed (value);

  for (GSList *at = files; at != NULL; at = at->next)
    da_composer_attach_file (self->composer, at->data);
  return files != NULL;
}

/* Actions */

static void
branched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaChatPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaConversation) branch = NULL;

  branch = da_engine_branch_conversation_finish (DA_ENGINE (source), result, &error);
  if (branch == NULL)
    {
      toast (self, error->message);
      return;
    }
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-conversation", "s", branch->id);
  toast (self, _("This is a branch; the first conversation is unchanged"));
}

static void
branch_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaChatPage *self = DA_CHAT_PAGE (widget);
  const char *message_id = g_variant_get_string (parameter, NULL);

  for (guint i = 0; i < self->messages->len; i++)
    {
      DaMessage *message = g_ptr_array_index (self->messages, i);

      if (strcmp (message->id, message_id) != 0)
        continue;
      da_engine_branch_conversation_async (self->engine, self->conversation_id, i, message_id,
                                           NULL, branched_cb, g_object_ref (self));
      return;
    }
}

static void
scroll_down_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _da_chat_page_scroll_down (DA_CHAT_PAGE (widget));
}

static void
show_focus_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  _da_chat_page_show_focus (DA_CHAT_PAGE (widget));
}

static gboolean
da_chat_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (DA_CHAT_PAGE (widget)->composer));
}

/* The Tab key visits the messages too. */
static gboolean
da_chat_page_focus (GtkWidget *widget, GtkDirectionType direction)
{
  DaChatPage *self = DA_CHAT_PAGE (widget);

  if (!gtk_widget_child_focus (self->box, direction))
    return FALSE;
  _da_chat_page_show_focus (self);
  return TRUE;
}

static void
da_chat_page_dispose (GObject *object)
{
  DaChatPage *self = DA_CHAT_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  _da_chat_page_unwatch (self);
  _da_chat_page_dispose_scroll (self);
  if (self->engine != NULL)
    g_clear_signal_handler (&self->changed_id, self->engine);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_CHAT_PAGE);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (da_chat_page_parent_class)->dispose (object);
}

static void
da_chat_page_finalize (GObject *object)
{
  DaChatPage *self = DA_CHAT_PAGE (object);

  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->messages);
  g_free (self->conversation_id);
  g_free (self->title);
  G_OBJECT_CLASS (da_chat_page_parent_class)->finalize (object);
}

static void
da_chat_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DaChatPage *self = DA_CHAT_PAGE (object);

  switch (id)
    {
    case PROP_TITLE: g_value_set_string (value, da_chat_page_get_title (self)); break;
    case PROP_CONVERSATION_ID: g_value_set_string (value, self->conversation_id); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, box);
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, stack);
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, list);
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, down_revealer);
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, new_page);
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, failed_page);
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, queue);
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, composer);
  gtk_widget_class_bind_template_child (widget_class, DaChatPage, status);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
  gtk_widget_class_bind_template_callback (widget_class, on_problem);
  gtk_widget_class_bind_template_callback (widget_class, on_drop);
}

static void
da_chat_page_class_init (DaChatPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = da_chat_page_dispose;
  object_class->finalize = da_chat_page_finalize;
  object_class->get_property = da_chat_page_get_property;
  widget_class->grab_focus = da_chat_page_grab_focus;
  widget_class->focus = da_chat_page_focus;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_CONVERSATION_ID] = g_param_spec_string ("conversation-id", NULL, NULL, NULL,
                                                          flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[UNSENT] = g_signal_new ("unsent", DA_TYPE_CHAT_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING,
                                  G_TYPE_STRING);
  signals[GONE] = g_signal_new ("gone", DA_TYPE_CHAT_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);

  g_type_ensure (DA_TYPE_COMPOSER);
  g_type_ensure (DA_TYPE_MESSAGE_LIST);
  g_type_ensure (DA_TYPE_QUEUE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-chat-page.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "chat.branch", "s", branch_action);
  gtk_widget_class_install_action (widget_class, "chat.retry", NULL, retry_action);
  gtk_widget_class_install_action (widget_class, "chat.scroll-down", NULL, scroll_down_action);
  gtk_widget_class_install_action (widget_class, "chat.show-focus", NULL, show_focus_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.stop", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, GDK_CONTROL_MASK, "chat.retry",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_End, GDK_CONTROL_MASK,
                                       "chat.scroll-down", NULL);
}

static void
da_chat_page_init (DaChatPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->messages = g_ptr_array_new_with_free_func (g_object_unref);
  _da_chat_page_init_scroll (self);
}

static void
describe_new (DaChatPage *self)
{
  g_autofree char *text = NULL;

  if (g_strcmp0 (da_engine_get_provider_id (self->engine), "offline") == 0)
    text = g_strdup (_("No model is connected: the offline responder searches your earlier "
                       "conversations. Nothing leaves this computer."));
  else
    text = g_strdup_printf (_("%s answers with %s."), da_engine_get_provider_name (self->engine),
                            da_engine_get_model (self->engine));
  describe (self->new_page, text);
}

GtkWidget *
da_chat_page_new (DaEngine   *engine,
                  const char *conversation_id)
{
  DaChatPage *self = g_object_new (DA_TYPE_CHAT_PAGE, NULL);

  self->engine = g_object_ref (engine);
  da_queue_view_set_engine (self->queue, engine);
  da_message_list_set_engine (self->list, engine);
  self->conversation_id = g_strdup (conversation_id);
  self->stored = conversation_id != NULL;
  self->changed_id = g_signal_connect_swapped (engine, "conversation-changed",
                                               G_CALLBACK (on_conversation_changed), self);
  describe_new (self);
  if (conversation_id == NULL)
    gtk_stack_set_visible_child_name (self->stack, "new");
  load (self);
  return GTK_WIDGET (self);
}

const char *
da_chat_page_get_conversation_id (DaChatPage *self)
{
  return self->conversation_id;
}

const char *
da_chat_page_get_title (DaChatPage *self)
{
  if (self->title != NULL && *self->title != '\0')
    return self->title;
  return self->stored && !self->loaded ? "" : _("New Conversation");
}

void
da_chat_page_focus_composer (DaChatPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->composer));
}

char *
da_chat_page_dup_draft (DaChatPage *self)
{
  return da_composer_dup_draft (self->composer);
}

void
da_chat_page_set_draft (DaChatPage *self,
                        const char *text)
{
  da_composer_set_draft (self->composer, text);
}

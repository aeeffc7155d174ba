/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-window"

#include "config.h"

#include "da-window-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-conversation-list.h"
#include "da-error.h"

G_DEFINE_FINAL_TYPE (DaWindow, da_window, ADW_TYPE_APPLICATION_WINDOW)

/* What is open */

static DaConversationRowFlags
flags_of (DaWindow *self, const char *id)
{
  DaConversationList *list = da_sidebar_get_list (self->sidebar);
  DaConversationRowFlags flags = DA_CONVERSATION_ROW_PLAIN;

  if (da_conversation_list_is_pinned (list, id))
    flags |= DA_CONVERSATION_ROW_PINNED;
  if (da_conversation_list_is_archived (list, id))
    flags |= DA_CONVERSATION_ROW_ARCHIVED;
  return flags;
}

static const char *
current_id (DaWindow *self)
{
  return self->page != NULL ? da_chat_page_get_conversation_id (self->page) : NULL;
}

/* Another model closes the menu, which may be open while a phone changes the list: only one that
 * offers something else. */
static void
show_menu (DaWindow *self)
{
  const char *id = current_id (self);
  DaConversationRowFlags flags = id != NULL ? flags_of (self, id) : DA_CONVERSATION_ROW_PLAIN;
  g_autoptr(GMenuModel) menu = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->conversation_menu), id != NULL);
  if (g_strcmp0 (id, self->menu_id) == 0 && flags == self->menu_flags)
    return;
  g_free (self->menu_id);
  self->menu_id = g_strdup (id);
  self->menu_flags = flags;
  if (id != NULL)
    menu = da_conversation_menu_new (id, flags);
  gtk_menu_button_set_menu_model (self->conversation_menu, menu);
}

static const char *
current_title (DaWindow *self)
{
  const char *title = self->page != NULL ? da_chat_page_get_title (self->page) : "";
  const char *id = current_id (self);
  DaConversation *listed;

  if (*title != '\0' || id == NULL)
    return title;
  /* It is being loaded; the list knows it already. */
  listed = da_conversation_list_find (da_sidebar_get_list (self->sidebar), id, NULL);
  return listed != NULL ? listed->title : "";
}

static void
show_title (DaWindow *self)
{
  const char *title = current_title (self);

  adw_window_title_set_title (self->title, title);
  gtk_window_set_title (GTK_WINDOW (self), *title != '\0' ? title : "DotAgents");
  show_menu (self);
}

static void
save_state (DaWindow *self)
{
  const char *id = current_id (self);

  if (self->state != NULL && self->engine != NULL)
    g_settings_set_string (self->state, "conversation", id != NULL ? id : "");
}

static void
on_conversation_id (DaWindow *self)
{
  da_sidebar_set_current (self->sidebar, current_id (self));
  show_title (self);
  save_state (self);
}

/* By which the drafts of a conversation, or of a new one, are kept. */
static const char *
draft_key (const char *id)
{
  return id != NULL ? id : "";
}

static void
keep_draft (DaWindow *self)
{
  const char *key = draft_key (current_id (self));
  char *draft;

  if (self->page == NULL)
    return;
  draft = da_chat_page_dup_draft (self->page);
  if (draft == NULL || *draft == '\0')
    {
      g_hash_table_remove (self->drafts, key);
      g_free (draft);
    }
  else
    {
      g_hash_table_replace (self->drafts, g_strdup (key), draft);
    }
}

static void
on_unsent (DaWindow *self, const char *id, const char *draft, const char *reason)
{
  da_window_toast (self, reason);
  if (self->page != NULL && strcmp (id, draft_key (current_id (self))) == 0)
    {
      g_autofree char *other = da_chat_page_dup_draft (self->page);

      if (*other == '\0')
        da_chat_page_set_draft (self->page, draft);
    }
  else if (!g_hash_table_contains (self->drafts, id))
    {
      g_hash_table_insert (self->drafts, g_strdup (id), g_strdup (draft));
    }
}

static void
drop_page (DaWindow *self)
{
  if (self->page == NULL)
    return;
  keep_draft (self);
  g_signal_handlers_disconnect_by_data (self->page, self);
  /* A message may still be on its way. */
  g_signal_connect_object (self->page, "unsent", G_CALLBACK (on_unsent), self, G_CONNECT_SWAPPED);
  self->page = NULL;
  adw_bin_set_child (self->page_bin, NULL);
}

static void
show_empty (DaWindow *self)
{
  DaConversationList *list = da_sidebar_get_list (self->sidebar);
  gboolean nothing = list != NULL && g_list_model_get_n_items (G_LIST_MODEL (list)) == 0
                     && *da_conversation_list_get_query (list) == '\0'
                     && !da_conversation_list_get_archived (list);

  if (self->page != NULL || list == NULL)
    return;
  da_empty_page_update (self->empty, self->engine);
  da_empty_page_set_welcome (self->empty, nothing);
  /* At the first start, a narrow window would show an empty list and nothing to begin with. */
  if (nothing && adw_leaflet_get_folded (self->leaflet)
      && !da_conversation_list_get_loading (list))
    adw_leaflet_set_visible_child (self->leaflet, self->content);
  gtk_stack_set_visible_child_name (self->content_stack, "empty");
}

void
_da_window_close_page (DaWindow *self)
{
  drop_page (self);
  show_title (self);
  da_sidebar_set_current (self->sidebar, NULL);
  show_empty (self);
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
open_page (DaWindow *self, const char *id)
{
  GtkWidget *page;
  g_autofree char *key = NULL;
  g_autofree char *draft = NULL;

  drop_page (self);
  page = da_chat_page_new (self->engine, id);
  self->page = DA_CHAT_PAGE (page);
  g_signal_connect_swapped (page, "notify::title", G_CALLBACK (show_title), self);
  g_signal_connect_swapped (page, "notify::conversation-id", G_CALLBACK (on_conversation_id),
                            self);
  g_signal_connect_object (page, "gone", G_CALLBACK (_da_window_close_page), self,
                           G_CONNECT_SWAPPED);
  adw_bin_set_child (self->page_bin, page);
  gtk_stack_set_visible_child_name (self->content_stack, "page");
  /* It is the page's now: what of it is not sent is kept again when the page goes. */
  if (g_hash_table_steal_extended (self->drafts, draft_key (id), (gpointer *) &key,
                                   (gpointer *) &draft))
    da_chat_page_set_draft (self->page, draft);
  on_conversation_id (self);
}

void
da_window_open_conversation (DaWindow   *self,
                             const char *id)
{
  if (self->engine == NULL)
    return;
  if (self->page == NULL || g_strcmp0 (current_id (self), id) != 0)
    open_page (self, id);
  adw_leaflet_set_visible_child (self->leaflet, self->content);
  da_chat_page_focus_composer (self->page);
}

static void
on_open (DaWindow *self, const char *id)
{
  da_window_open_conversation (self, id);
}

static void
on_folded (DaWindow *self)
{
  da_sidebar_set_alone (self->sidebar, adw_leaflet_get_folded (self->leaflet));
  show_empty (self);
}

/* At once: it answers what was just done, and its "Undo" must not be that of something before. What
 * it covers comes back when it has gone. */
void
_da_window_add_toast (DaWindow *self,
                      AdwToast *toast)
{
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

void
da_window_toast (DaWindow   *self,
                 const char *sentence)
{
  AdwToast *toast = adw_toast_new ("");
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);

  adw_toast_set_title (toast, escaped);
  _da_window_add_toast (self, toast);
}

/* The keyring */

static void
on_locked (DaWindow *self)
{
  da_banner_set_revealed (self->banner, da_engine_get_secrets_locked (self->engine));
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaWindow) self = user_data;
  g_autoptr(GError) error = NULL;

  if (self->engine == NULL)
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->banner), TRUE);
  if (!da_engine_unlock_secrets_finish (DA_ENGINE (source), result, &error))
    da_window_toast (self, g_error_matches (error, DA_ERROR, DA_ERROR_LOCKED)
                             ? _("The keyring stays locked") : error->message);
}

static void
on_unlock (DaWindow *self)
{
  /* The system's own dialog is open now. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->banner), FALSE);
  da_engine_unlock_secrets_async (self->engine, NULL, unlocked_cb, g_object_ref (self));
}

/* Life */

static void
restore (DaWindow *self)
{
  g_autofree char *id = NULL;

  if (self->state == NULL)
    return;
  id = g_settings_get_string (self->state, "conversation");
  if (*id != '\0' && self->page == NULL)
    {
      open_page (self, id);
      if (!adw_leaflet_get_folded (self->leaflet))
        {
          adw_leaflet_set_visible_child (self->leaflet, self->content);
          da_chat_page_focus_composer (self->page);
        }
    }
}

static void
on_list_loaded (DaWindow *self)
{
  DaConversationList *list = da_sidebar_get_list (self->sidebar);

  if (da_conversation_list_get_loading (list))
    return;
  show_empty (self);
  show_title (self);
}

void
da_window_set_engine (DaWindow *self,
                      DaEngine *engine)
{
  DaConversationList *list;

  g_assert (self->engine == NULL);

  self->engine = g_object_ref (engine);
  da_sidebar_set_engine (self->sidebar, engine);
  list = da_sidebar_get_list (self->sidebar);
  g_signal_connect_object (list, "notify::loading", G_CALLBACK (on_list_loaded), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "notify::secrets-locked", G_CALLBACK (on_locked), self,
                           G_CONNECT_SWAPPED);
  on_locked (self);
  gtk_spinner_stop (self->spinner);
  show_empty (self);
  restore (self);
  gtk_stack_set_visible_child_name (self->stack, "main");
}

void
da_window_set_failed (DaWindow   *self,
                      const char *title,
                      const char *text,
                      gboolean    can_retry)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_status_page_set_title (self->failed_page, title);
  adw_status_page_set_description (self->failed_page, escaped);
  gtk_widget_set_visible (self->retry, can_retry);
  gtk_spinner_stop (self->spinner);
  gtk_stack_set_visible_child_name (self->stack, "failed");
}

static gboolean
da_window_close_request (GtkWindow *window)
{
  save_state (DA_WINDOW (window));
  return GTK_WINDOW_CLASS (da_window_parent_class)->close_request (window);
}

static void
da_window_dispose (GObject *object)
{
  DaWindow *self = DA_WINDOW (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  if (self->page != NULL)
    g_signal_handlers_disconnect_by_data (self->page, self);
  self->page = NULL;
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_WINDOW);
  g_clear_object (&self->engine);
  g_clear_object (&self->state);
  g_clear_pointer (&self->drafts, g_hash_table_unref);
  g_clear_pointer (&self->menu_id, g_free);
  G_OBJECT_CLASS (da_window_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, DaWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, failed_page);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, retry);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, content);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, title);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, conversation_menu);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, content_stack);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, empty);
  gtk_widget_class_bind_template_child (widget_class, DaWindow, page_bin);
  gtk_widget_class_bind_template_callback (widget_class, on_unlock);
  gtk_widget_class_bind_template_callback (widget_class, on_open);
}

static void
da_window_class_init (DaWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = da_window_close_request;
  g_type_ensure (DA_TYPE_SIDEBAR);
  g_type_ensure (DA_TYPE_EMPTY_PAGE);
  g_type_ensure (DA_TYPE_BANNER);
  gtk_widget_class_set_template_from_resource (widget_class, DA_RESOURCE_BASE "/ui/da-window.ui");
  bind_template (widget_class);
  _da_window_install_actions (widget_class);
}

static void
da_window_init (DaWindow *self)
{
  self->drafts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  _da_window_add_step_keys (self);
  g_signal_connect_swapped (self->leaflet, "notify::folded", G_CALLBACK (on_folded), self);
  on_folded (self);
  gtk_spinner_start (self->spinner);
}

DaWindow *
da_window_new (GtkApplication *application,
               GSettings      *state)
{
  DaWindow *self = g_object_new (DA_TYPE_WINDOW, "application", application, NULL);

  if (state == NULL)
    return self;
  self->state = g_object_ref (state);
  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (state, "width"),
                               g_settings_get_int (state, "height"));
  if (g_settings_get_boolean (state, "maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  g_settings_bind (state, "width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (state, "height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (state, "maximized", self, "maximized", G_SETTINGS_BIND_SET);
  return self;
}

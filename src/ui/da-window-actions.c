/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-window-actions"

#include "config.h"

#include "da-window-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-conversation-list.h"
#include "da-engine-conversations.h"
#include "da-export.h"
#include "da-export-pictures.h"

/* The win.* actions. Those that are about one conversation take its id, so that a row's menu, the
 * header's menu and a toast's button are the same thing. */

#define UNDO_SECONDS 10

static DaConversationList *
list_of (DaWindow *self)
{
  return da_sidebar_get_list (self->sidebar);
}

static gboolean
is_open (DaWindow *self, const char *id)
{
  return self->page != NULL
         && g_strcmp0 (da_chat_page_get_conversation_id (self->page), id) == 0;
}

static void
toast_with_undo (DaWindow *self, const char *sentence, const char *action, const char *id)
{
  AdwToast *toast = adw_toast_new ("");
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);

  adw_toast_set_title (toast, escaped);
  adw_toast_set_button_label (toast, _("_Undo"));
  adw_toast_set_action_name (toast, action);
  adw_toast_set_action_target (toast, "s", id);
  adw_toast_set_timeout (toast, UNDO_SECONDS);
  _da_window_add_toast (self, toast);
}

/* Where */

static void
toast_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  da_window_toast (DA_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  da_window_open_conversation (DA_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  da_window_open_conversation (DA_WINDOW (widget), NULL);
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_leaflet_navigate (DA_WINDOW (widget)->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);

  if (self->engine == NULL)
    return;
  adw_leaflet_set_visible_child (self->leaflet, GTK_WIDGET (self->sidebar));
  da_sidebar_begin_search (self->sidebar);
}

static void
show_archived_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);

  if (self->engine != NULL)
    da_sidebar_show_archived (self->sidebar, TRUE);
}

static void
step_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);

  if (self->engine != NULL)
    da_sidebar_step (self->sidebar, g_variant_get_int32 (parameter));
}

static void
stop_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);

  if (self->page != NULL)
    da_chat_page_stop (self->page);
}

/* Pin and archive */

static void
pin_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  da_conversation_list_set_pinned (list_of (DA_WINDOW (widget)),
                                   g_variant_get_string (parameter, NULL),
                                   strcmp (name, "win.pin") == 0);
}

static void
archive_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);
  const char *id = g_variant_get_string (parameter, NULL);
  gboolean archive = strcmp (name, "win.archive") == 0;
  gboolean was_pinned = da_conversation_list_is_pinned (list_of (self), id);

  da_conversation_list_archive (list_of (self), id, archive);
  /* To pin takes out of the archive, too. */
  if (archive)
    toast_with_undo (self, _("Moved to the archive"), was_pinned ? "win.pin" : "win.unarchive",
                     id);
}

/* Delete and restore */

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaWindow) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_engine_delete_conversation_finish (DA_ENGINE (source), result, &error))
    da_window_toast (self, error->message);
}

static void
delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);
  const char *id = g_variant_get_string (parameter, NULL);

  da_engine_delete_conversation_async (self->engine, id, NULL, deleted_cb, g_object_ref (self));
  if (is_open (self, id))
    _da_window_close_page (self);
  toast_with_undo (self, _("Conversation deleted"), "win.restore", id);
}

static void
restored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaWindow) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_engine_restore_conversation_finish (DA_ENGINE (source), result, &error))
    da_window_toast (self, error->message);
}

static void
restore_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);

  da_engine_restore_conversation_async (self->engine, g_variant_get_string (parameter, NULL), NULL,
                                        restored_cb, g_object_ref (self));
}

/* Rename */

static void
renamed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaWindow) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_engine_rename_conversation_finish (DA_ENGINE (source), result, &error))
    da_window_toast (self, error->message);
}

static void
on_rename_response (AdwMessageDialog *dialog, const char *response, GtkEditable *entry)
{
  DaWindow *self = DA_WINDOW (gtk_window_get_transient_for (GTK_WINDOW (dialog)));
  const char *id = g_object_get_data (G_OBJECT (dialog), "da-id");
  g_autofree char *title = g_strstrip (g_strdup (gtk_editable_get_text (entry)));

  if (strcmp (response, "rename") == 0 && *title != '\0')
    da_engine_rename_conversation_async (self->engine, id, title, NULL, renamed_cb,
                                         g_object_ref (self));
}

static void
on_rename_changed (GtkEditable *entry, AdwMessageDialog *dialog)
{
  g_autofree char *title = g_strstrip (g_strdup (gtk_editable_get_text (entry)));

  adw_message_dialog_set_response_enabled (dialog, "rename", *title != '\0');
}

static void
rename_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);
  const char *id = g_variant_get_string (parameter, NULL);
  DaConversation *conversation = da_conversation_list_find (list_of (self), id, NULL);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Rename Conversation"), NULL);
  GtkWidget *entry = gtk_entry_new ();
  const char *title = conversation != NULL ? conversation->title
                      : is_open (self, id) ? da_chat_page_get_title (self->page) : "";

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "rename",
                                    _("_Rename"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "rename",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "rename");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_editable_set_text (GTK_EDITABLE (entry), title);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_widget_set_margin_top (entry, 6);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Title"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  g_object_set_data_full (G_OBJECT (dialog), "da-id", g_strdup (id), g_free);
  g_signal_connect (entry, "changed", G_CALLBACK (on_rename_changed), dialog);
  g_signal_connect (dialog, "response", G_CALLBACK (on_rename_response), entry);
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (entry);
}

/* Export */

typedef struct {
  DaWindow *window;
  DaConversation *conversation;
  gboolean json;
} Export;

static void
export_free (Export *self)
{
  g_object_unref (self->window);
  g_clear_object (&self->conversation);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Export, export_free)

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaWindow) self = user_data;
  g_autoptr(GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    da_window_toast (self, _("Conversation exported"));
  else
    da_window_toast (self, error->message);
}

typedef struct {
  DaWindow *window;
  GFile *file;
} Writing;

static void
writing_free (Writing *self)
{
  g_object_unref (self->window);
  g_object_unref (self->file);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Writing, writing_free)

static void
pictures_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Writing) writing = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;
  char *text = da_export_pictures_finish (result, &error);

  if (text == NULL)
    {
      da_window_toast (writing->window, error->message);
      return;
    }
  bytes = g_bytes_new_take (text, strlen (text));
  g_file_replace_contents_bytes_async (writing->file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE,
                                       NULL, written_cb, g_object_ref (writing->window));
}

static void
on_export_response (GtkNativeDialog *dialog, int response, Export *export)
{
  GFile *file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    {
      g_autofree char *text = export->json ? da_export_json (export->conversation)
                                           : da_export_markdown (export->conversation);
      Writing *writing = g_new0 (Writing, 1);

      writing->window = g_object_ref (export->window);
      writing->file = file;
      da_export_pictures_async (export->window->engine, text, pictures_cb, writing);
    }
  g_clear_object (&export->window->chooser);
}

static void
free_export (gpointer data, GClosure *closure)
{
  export_free (data);
}

static void
export_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Export) export = user_data;
  DaWindow *self = export->window;
  g_autoptr(GError) error = NULL;
  g_autofree char *name = NULL;

  export->conversation = da_engine_load_conversation_finish (DA_ENGINE (source), result, &error);
  if (export->conversation == NULL)
    {
      da_window_toast (self, error->message);
      return;
    }
  if (self->chooser != NULL)
    return;
  name = da_export_file_name (export->conversation, export->json ? ".json" : ".md");
  self->chooser = gtk_file_chooser_native_new (_("Export Conversation"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _("_Export"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_signal_connect_data (self->chooser, "response", G_CALLBACK (on_export_response),
                         g_steal_pointer (&export), free_export, G_CONNECT_DEFAULT);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);
  Export *export = g_new0 (Export, 1);

  export->window = g_object_ref (self);
  export->json = strcmp (name, "win.export-json") == 0;
  da_engine_load_conversation_async (self->engine, g_variant_get_string (parameter, NULL), NULL,
                                     export_loaded_cb, export);
}

/* The same for what is open, for keys */

static void
current_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaWindow *self = DA_WINDOW (widget);
  const char *id = self->page != NULL ? da_chat_page_get_conversation_id (self->page) : NULL;
  const char *action = g_variant_get_string (parameter, NULL);

  if (id != NULL)
    gtk_widget_activate_action (widget, action, "s", id);
}

static void
add_keys (GtkWidgetClass *widget_class)
{
  const GdkModifierType ctrl = GDK_CONTROL_MASK;
  const GdkModifierType alt = GDK_ALT_MASK;

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, ctrl, "win.new-conversation",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, ctrl, "win.search", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, alt, "win.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "win.current", "s",
                                       "win.rename");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_e, ctrl | GDK_SHIFT_MASK,
                                       "win.current", "s", "win.export-markdown");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, ctrl, "window.close", NULL);
}

/* A field for text, where the focus nearly always is, scrolls sideways with these: they are the
 * window's first. */
void
_da_window_add_step_keys (DaWindow *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (int step = -1; step <= 1; step += 2)
    {
      guint key = step < 0 ? GDK_KEY_Page_Up : GDK_KEY_Page_Down;
      GtkShortcut *shortcut = gtk_shortcut_new (gtk_keyval_trigger_new (key, GDK_CONTROL_MASK),
                                                gtk_named_action_new ("win.step"));

      gtk_shortcut_set_arguments (shortcut, g_variant_new_int32 (step));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
    }
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

void
_da_window_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_action);
  gtk_widget_class_install_action (widget_class, "win.open-conversation", "s", open_action);
  gtk_widget_class_install_action (widget_class, "win.new-conversation", NULL, new_action);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_action);
  gtk_widget_class_install_action (widget_class, "win.show-archived", NULL, show_archived_action);
  gtk_widget_class_install_action (widget_class, "win.step", "i", step_action);
  gtk_widget_class_install_action (widget_class, "win.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "win.pin", "s", pin_action);
  gtk_widget_class_install_action (widget_class, "win.unpin", "s", pin_action);
  gtk_widget_class_install_action (widget_class, "win.archive", "s", archive_action);
  gtk_widget_class_install_action (widget_class, "win.unarchive", "s", archive_action);
  gtk_widget_class_install_action (widget_class, "win.delete", "s", delete_action);
  gtk_widget_class_install_action (widget_class, "win.restore", "s", restore_action);
  gtk_widget_class_install_action (widget_class, "win.rename", "s", rename_action);
  gtk_widget_class_install_action (widget_class, "win.export-markdown", "s", export_action);
  gtk_widget_class_install_action (widget_class, "win.export-json", "s", export_action);
  gtk_widget_class_install_action (widget_class, "win.current", "s", current_action);
  add_keys (widget_class);
}

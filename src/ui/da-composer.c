/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-composer"

#include "config.h"

#include "da-composer.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-draft.h"
#include "da-markdown-image.h"

#define MAX_PICTURES 8
#define MAX_PICTURE_BYTES (8 * 1024 * 1024)    /* what a provider is sent at most */
#define THUMBNAIL 56

/* Owns what is being written: the words, and the pictures that go with them. Sends nothing itself:
 * the chat page does, on "send". */
struct _DaComposer {
  GtkWidget parent_instance;

  /* owned */
  GCancellable *cancellable;
  GtkFileChooserNative *chooser;   /* (nullable) while it is open */

  /* template */
  GtkWidget *box;
  GtkBox *attachments;
  GtkWidget *attachments_scroller;
  GtkTextView *text;
  GtkWidget *placeholder;
  GtkWidget *stop;
  GtkWidget *send;

  guint settle_source;
  guint n_attachments;
  gboolean running;
};

enum {
  PROP_0,
  PROP_RUNNING,
  N_PROPS
};

enum {
  SEND,
  STOP,
  PROBLEM,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaComposer, da_composer, GTK_TYPE_WIDGET)

static void
problem (DaComposer *self, const char *sentence)
{
  g_signal_emit (self, signals[PROBLEM], 0, sentence);
}

static GtkTextBuffer *
buffer_of (DaComposer *self)
{
  return gtk_text_view_get_buffer (self->text);
}

static char *
dup_words (DaComposer *self)
{
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (buffer_of (self), &start, &end);
  return gtk_text_buffer_get_text (buffer_of (self), &start, &end, FALSE);
}

static void
update (DaComposer *self)
{
  gboolean empty = gtk_text_buffer_get_char_count (buffer_of (self)) == 0;
  g_autofree char *words = dup_words (self);
  gboolean blank = *g_strstrip (words) == '\0';

  gtk_widget_set_visible (self->placeholder, empty);
  gtk_widget_set_visible (self->attachments_scroller, self->n_attachments > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "composer.send",
                                 !blank || self->n_attachments > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "composer.attach",
                                 self->n_attachments < MAX_PICTURES);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "composer.stop", self->running);
  gtk_widget_set_visible (self->stop, self->running);
}

/* Pictures. Each child of the box carries its data: URL. */

static void
on_remove_clicked (GtkButton *button, DaComposer *self)
{
  gtk_box_remove (self->attachments, gtk_widget_get_parent (GTK_WIDGET (button)));
  self->n_attachments--;
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->text));
}

/* @uri: (transfer full) */
static void
add_thumbnail (DaComposer *self, GdkTexture *texture, const char *name, char *uri)
{
  GtkWidget *overlay = gtk_overlay_new ();
  /* An image, not a GtkPicture: that one wants all the room its picture has. */
  GtkWidget *picture = gtk_image_new_from_paintable (GDK_PAINTABLE (texture));
  GtkWidget *remove = gtk_button_new_from_icon_name ("window-close-symbolic");
  g_autofree char *label = g_strdup_printf (_("Remove %s"), name);

  gtk_widget_set_size_request (overlay, THUMBNAIL, THUMBNAIL);
  gtk_image_set_pixel_size (GTK_IMAGE (picture), THUMBNAIL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  gtk_widget_set_overflow (overlay, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (overlay, "thumbnail");
  gtk_widget_set_tooltip_text (overlay, name);
  gtk_widget_set_halign (remove, GTK_ALIGN_END);
  gtk_widget_set_valign (remove, GTK_ALIGN_START);
  gtk_widget_add_css_class (remove, "osd");
  gtk_widget_add_css_class (remove, "circular");
  gtk_widget_set_tooltip_text (remove, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect (remove, "clicked", G_CALLBACK (on_remove_clicked), self);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), picture);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), remove);
  g_object_set_data_full (G_OBJECT (overlay), "da-uri", uri, g_free);
  g_object_set_data_full (G_OBJECT (overlay), "da-name", g_strdup (name), g_free);
  gtk_box_append (self->attachments, overlay);
  self->n_attachments++;
  update (self);
}

typedef struct {
  DaComposer *composer;
  GBytes *bytes;
  char *name;
  char *subtype;
} Attachment;

static void
attachment_free (Attachment *self)
{
  g_object_unref (self->composer);
  g_bytes_unref (self->bytes);
  g_free (self->name);
  g_free (self->subtype);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attachment, attachment_free)

static void
decoded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Attachment) attachment = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = da_picture_load_finish (result, &error);
  g_autofree char *sentence = NULL;
  g_autofree char *base64 = NULL;
  const guchar *data;
  gsize size;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (texture == NULL)
    {
      sentence = g_strdup_printf (_("“%s” is not a picture that can be read"), attachment->name);
      problem (attachment->composer, sentence);
      return;
    }
  if (attachment->composer->n_attachments >= MAX_PICTURES)
    return;
  data = g_bytes_get_data (attachment->bytes, &size);
  base64 = g_base64_encode (data, size);
  add_thumbnail (attachment->composer, texture, attachment->name,
                 g_strdup_printf ("data:image/%s;base64,%s", attachment->subtype, base64));
}

/* The type by what is in it; NULL for what no client of a conversation can show. */
static const char *
subtype_of (GBytes *bytes)
{
  gsize size;
  const guchar *data = g_bytes_get_data (bytes, &size);

  if (size >= 8 && memcmp (data, "\x89PNG\r\n\x1a\n", 8) == 0)
    return "png";
  if (size >= 3 && memcmp (data, "\xff\xd8\xff", 3) == 0)
    return "jpeg";
  if (size >= 6 && (memcmp (data, "GIF87a", 6) == 0 || memcmp (data, "GIF89a", 6) == 0))
    return "gif";
  if (size >= 12 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    return "webp";
  if (size >= 2 && memcmp (data, "BM", 2) == 0)
    return "bmp";
  return NULL;
}

static void
attach_bytes (DaComposer *self, GBytes *bytes, const char *name)
{
  const char *subtype = subtype_of (bytes);
  g_autofree char *sentence = NULL;
  Attachment *attachment;

  if (subtype == NULL)
    sentence = g_strdup_printf (_("“%s” is not a picture that can be sent"), name);
  else if (g_bytes_get_size (bytes) > MAX_PICTURE_BYTES)
    sentence = g_strdup_printf (_("“%s” is larger than 8 MB"), name);
  if (sentence != NULL)
    {
      problem (self, sentence);
      return;
    }
  attachment = g_new0 (Attachment, 1);
  attachment->composer = g_object_ref (self);
  attachment->bytes = g_bytes_ref (bytes);
  attachment->name = g_strdup (name);
  attachment->subtype = g_strdup (subtype);
  da_picture_load_async (bytes, NULL, self->cancellable, decoded_cb, attachment);
}

static void
file_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaComposer) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *display = g_filename_display_name (name);
  g_autoptr(GBytes) bytes = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);

  if (bytes != NULL)
    attach_bytes (self, bytes, display);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    problem (self, error->message);
}

static void
file_info_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaComposer) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);
  g_autofree char *sentence = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (info == NULL || g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    sentence = g_strdup (error != NULL ? error->message : _("Only pictures can be attached"));
  else if (g_file_info_get_size (info) > MAX_PICTURE_BYTES)
    sentence = g_strdup_printf (_("“%s” is larger than 8 MB"),
                                g_file_info_get_display_name (info));
  if (sentence != NULL)
    problem (self, sentence);
  else
    g_file_load_bytes_async (G_FILE (source), self->cancellable, file_read_cb,
                             g_object_ref (self));
}

void
da_composer_attach_file (DaComposer *self,
                         GFile      *file)
{
  g_file_query_info_async (file,
                           G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE
                           "," G_FILE_ATTRIBUTE_STANDARD_DISPLAY_NAME,
                           G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT, self->cancellable,
                           file_info_cb, g_object_ref (self));
}

static void
on_chooser_response (GtkNativeDialog *dialog, int response, DaComposer *self)
{
  g_autoptr(GListModel) files = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
  for (guint i = 0; files != NULL && i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr(GFile) file = g_list_model_get_item (files, i);

      da_composer_attach_file (self, file);
    }
  g_clear_object (&self->chooser);
}

static void
attach_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaComposer *self = DA_COMPOSER (widget);
  GtkFileFilter *filter;

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_("Attach a Picture"),
                                               GTK_WINDOW (gtk_widget_get_root (widget)),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _("_Attach"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _("Pictures"));
  gtk_file_filter_add_mime_type (filter, "image/png");
  gtk_file_filter_add_mime_type (filter, "image/jpeg");
  gtk_file_filter_add_mime_type (filter, "image/gif");
  gtk_file_filter_add_mime_type (filter, "image/webp");
  gtk_file_filter_add_mime_type (filter, "image/bmp");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  g_object_unref (filter);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  g_signal_connect (self->chooser, "response", G_CALLBACK (on_chooser_response), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
texture_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaComposer) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source),
                                                                     result, &error);
  g_autoptr(GBytes) bytes = NULL;

  if (texture == NULL)
    {
      g_debug ("%s", error->message);
      return;
    }
  bytes = gdk_texture_save_to_png_bytes (texture);
  attach_bytes (self, bytes, _("Pasted picture"));
}

/* A picture on the clipboard becomes an attachment; words take the usual way. */
static void
on_paste (GtkTextView *text, DaComposer *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (text));
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);

  if (gdk_content_formats_contain_gtype (formats, G_TYPE_STRING)
      || !gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE))
    return;
  g_signal_stop_emission_by_name (text, "paste-clipboard");
  gdk_clipboard_read_texture_async (clipboard, self->cancellable, texture_cb,
                                    g_object_ref (self));
}

/* Words */

/* What was pasted is scrolled to while the field is one line high, and the view stays there when it
 * has grown to show all: then there is nothing to scroll. */
static gboolean
settle_cb (gpointer data)
{
  DaComposer *self = data;
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->text));
  int natural;

  self->settle_source = 0;
  gtk_widget_measure (GTK_WIDGET (self->text), GTK_ORIENTATION_VERTICAL,
                      gtk_widget_get_width (GTK_WIDGET (self->text)), NULL, &natural, NULL, NULL);
  if (natural > gtk_widget_get_height (GTK_WIDGET (self->text)))
    return G_SOURCE_REMOVE;
  /* Ends the scrolling that is under way, too. */
  gtk_adjustment_set_value (adjustment, 0);
  gtk_widget_queue_allocate (GTK_WIDGET (self->text));
  return G_SOURCE_REMOVE;
}

static void
on_scrolled (GtkAdjustment *adjustment, DaComposer *self)
{
  if (self->settle_source == 0 && gtk_adjustment_get_value (adjustment) > 0)
    self->settle_source = g_idle_add (settle_cb, self);
}

static gboolean
on_key_pressed (GtkEventControllerKey *keys, guint keyval, guint code, GdkModifierType state,
                DaComposer *self)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (keys));

  if (keyval != GDK_KEY_Return && keyval != GDK_KEY_KP_Enter && keyval != GDK_KEY_ISO_Enter)
    return GDK_EVENT_PROPAGATE;
  if ((state & (GDK_SHIFT_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  /* Enter may choose a word of an input method. */
  if (gtk_text_view_im_context_filter_keypress (self->text, event))
    return GDK_EVENT_STOP;
  da_composer_send (self);
  return GDK_EVENT_STOP;
}

static void
append_pictures (DaComposer *self, GString *out)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->attachments));
       child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      const char *uri = g_object_get_data (G_OBJECT (child), "da-uri");
      g_autofree char *name = g_strdup (g_object_get_data (G_OBJECT (child), "da-name"));

      if (uri == NULL)
        continue;
      g_strdelimit (name, "[]()\\\n", ' ');
      if (out->len > 0)
        g_string_append (out, "\n\n");
      g_string_append_printf (out, "![%s](%s)", name, uri);
    }
}

static void
drop_pictures (DaComposer *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->attachments))) != NULL)
    gtk_box_remove (self->attachments, child);
  self->n_attachments = 0;
}

void
da_composer_send (DaComposer *self)
{
  g_autofree char *words = dup_words (self);
  g_autoptr(GString) message = g_string_new (g_strstrip (words));

  append_pictures (self, message);
  if (message->len == 0)
    return;
  drop_pictures (self);
  gtk_text_buffer_set_text (buffer_of (self), "", 0);
  update (self);
  g_signal_emit (self, signals[SEND], 0, message->str);
}

char *
da_composer_dup_draft (DaComposer *self)
{
  g_autofree char *words = dup_words (self);
  g_autoptr(GString) draft = g_string_new (words);

  append_pictures (self, draft);
  return g_string_free (g_steal_pointer (&draft), FALSE);
}

void
da_composer_set_draft (DaComposer *self,
                       const char *text)
{
  const char *pictures = da_draft_find_pictures (text);
  g_autofree char *words = g_strndup (text, (gsize) (pictures - text));

  drop_pictures (self);
  gtk_text_buffer_set_text (buffer_of (self), *pictures != '\0' ? g_strchomp (words) : words, -1);
  while (*pictures != '\0')
    {
      g_autofree char *name = NULL;
      g_autoptr(GBytes) bytes = da_draft_next_picture (&pictures, &name);

      if (bytes != NULL)
        attach_bytes (self, bytes, name);
    }
  update (self);
}

static void
send_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  da_composer_send (DA_COMPOSER (widget));
}

static void
stop_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_emit (widget, signals[STOP], 0);
}

static gboolean
da_composer_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (DA_COMPOSER (widget)->text));
}

/* The Tab key visits all; a widget that grabs the focus for one child would visit only that. */
static gboolean
da_composer_focus (GtkWidget *widget, GtkDirectionType direction)
{
  return gtk_widget_child_focus (DA_COMPOSER (widget)->box, direction);
}

static void
da_composer_dispose (GObject *object)
{
  DaComposer *self = DA_COMPOSER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->settle_source, g_source_remove);
  if (self->chooser != NULL)
    g_signal_handlers_disconnect_by_data (self->chooser, self);
  g_clear_object (&self->chooser);
  if (self->text != NULL)
    g_signal_handlers_disconnect_by_data (buffer_of (self), self);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_COMPOSER);
  G_OBJECT_CLASS (da_composer_parent_class)->dispose (object);
}

static void
da_composer_finalize (GObject *object)
{
  DaComposer *self = DA_COMPOSER (object);

  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (da_composer_parent_class)->finalize (object);
}

static void
da_composer_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_RUNNING)
    g_value_set_boolean (value, DA_COMPOSER (object)->running);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
da_composer_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_RUNNING)
    da_composer_set_running (DA_COMPOSER (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
da_composer_class_init (DaComposerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = da_composer_dispose;
  object_class->finalize = da_composer_finalize;
  object_class->get_property = da_composer_get_property;
  object_class->set_property = da_composer_set_property;
  widget_class->grab_focus = da_composer_grab_focus;
  widget_class->focus = da_composer_focus;
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE,
                                                   G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                                                   | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SEND] = g_signal_new ("send", DA_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[STOP] = g_signal_new ("stop", DA_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  signals[PROBLEM] = g_signal_new ("problem", DA_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-composer.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_bind_template_child (widget_class, DaComposer, box);
  gtk_widget_class_bind_template_child (widget_class, DaComposer, attachments);
  gtk_widget_class_bind_template_child (widget_class, DaComposer, attachments_scroller);
  gtk_widget_class_bind_template_child (widget_class, DaComposer, text);
  gtk_widget_class_bind_template_child (widget_class, DaComposer, placeholder);
  gtk_widget_class_bind_template_child (widget_class, DaComposer, stop);
  gtk_widget_class_bind_template_child (widget_class, DaComposer, send);
  gtk_widget_class_bind_template_callback (widget_class, on_paste);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed);
  gtk_widget_class_install_action (widget_class, "composer.send", NULL, send_action);
  gtk_widget_class_install_action (widget_class, "composer.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "composer.attach", NULL, attach_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "composer.stop", NULL);
}

static void
da_composer_init (DaComposer *self)
{
  GtkAdjustment *adjustment;

  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (buffer_of (self), "changed", G_CALLBACK (update), self);
  adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->text));
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (on_scrolled), self, 0);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_scrolled), self, 0);
  update (self);
}

GtkWidget *
da_composer_new (void)
{
  return g_object_new (DA_TYPE_COMPOSER, NULL);
}

void
da_composer_set_running (DaComposer *self,
                         gboolean    running)
{
  if (self->running == !!running)
    return;
  self->running = !!running;
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}

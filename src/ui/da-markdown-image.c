/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-markdown-image"

#include "config.h"

#include "da-markdown-image.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "da-engine-conversations.h"
#include "da-error.h"
#include "da-markdown-blocks.h"
#include "da-plain-file.h"

#define MAX_BYTES (32 * 1024 * 1024)
#define MAX_PIXELS (64 * 1000 * 1000)   /* a small file can claim to be enormous */
#define SHOWN_PIXELS 1600               /* twice the widest column, for sharp screens */
#define WIDTH 420

struct _DaMarkdownImage {
  GtkWidget parent_instance;

  /* owned */
  GCancellable *cancellable;
  GtkWidget *child;
  char *alternative;
};

G_DEFINE_FINAL_TYPE (DaMarkdownImage, da_markdown_image, GTK_TYPE_WIDGET)

/* Decoding */

typedef struct {
  GBytes *bytes;
  char *path;
} Source;

static void
source_free (gpointer data)
{
  Source *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->path);
  g_free (self);
}

static void
on_size_prepared (GdkPixbufLoader *loader, int width, int height, gpointer data)
{
  double shrink = (double) SHOWN_PIXELS / MAX (MAX (width, height), 1);

  if (width <= 0 || height <= 0 || (gint64) width * height > MAX_PIXELS)
    gdk_pixbuf_loader_set_size (loader, 0, 0);   /* makes it fail before it takes the memory */
  else if (shrink < 1)
    gdk_pixbuf_loader_set_size (loader, MAX ((int) (width * shrink), 1),
                                MAX ((int) (height * shrink), 1));
}

static void
decode_job (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable)
{
  Source *source = task_data;
  g_autoptr(GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autoptr(GError) error = NULL;
  GdkPixbuf *pixbuf;
  gboolean done;

  if (source->bytes == NULL)
    source->bytes = da_plain_file_read (source->path, MAX_BYTES, &error);
  if (source->bytes == NULL)
    {
      gdk_pixbuf_loader_close (loader, NULL);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size_prepared), NULL);
  done = gdk_pixbuf_loader_write_bytes (loader, source->bytes, &error);
  if (!gdk_pixbuf_loader_close (loader, done ? &error : NULL) || !done)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (pixbuf == NULL)
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_INVALID, "%s", _("This is not a picture"));
  else
    g_task_return_pointer (task, gdk_texture_new_for_pixbuf (pixbuf), g_object_unref);
}

void
da_picture_load_async (GBytes              *bytes,
                       const char          *path,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Source *source = g_new0 (Source, 1);

  g_task_set_source_tag (task, da_picture_load_async);
  source->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  source->path = g_strdup (path);
  g_task_set_task_data (task, source, source_free);
  g_task_run_in_thread (task, decode_job);
}

GdkTexture *
da_picture_load_finish (GAsyncResult  *result,
                        GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

GBytes *
da_picture_data_decode (const char *uri)
{
  static const char *const types[] = { "png", "jpeg", "jpg", "gif", "webp", "bmp", "avif" };
  const char *comma = strchr (uri, ',');
  guchar *data;
  gsize length;

  for (guint i = 0; comma != NULL && i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *head = g_strdup_printf ("data:image/%s;base64", types[i]);

      if ((gsize) (comma - uri) != strlen (head)
          || g_ascii_strncasecmp (uri, head, strlen (head)) != 0)
        continue;
      if (strlen (comma) > MAX_BYTES)
        return NULL;
      data = g_base64_decode (comma + 1, &length);
      return g_bytes_new_take (data, length);
    }
  return NULL;
}

/* The widget */

static void
set_child (DaMarkdownImage *self, GtkWidget *child)
{
  g_clear_pointer (&self->child, gtk_widget_unparent);
  self->child = child;
  gtk_widget_set_parent (child, GTK_WIDGET (self));
}

static void
show_words (DaMarkdownImage *self, const char *words)
{
  GtkWidget *label = gtk_label_new (words);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  set_child (self, label);
}

static void
show_missing (DaMarkdownImage *self)
{
  g_autofree char *words = NULL;

  if (*self->alternative == '\0')
    words = g_strdup (_("A picture that cannot be shown"));
  else
    words = g_strdup_printf (_("A picture that cannot be shown: %s"), self->alternative);
  show_words (self, words);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaMarkdownImage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = da_picture_load_finish (result, &error);
  GtkWidget *clamp;
  GtkWidget *picture;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (texture == NULL)
    {
      g_debug ("%s", error->message);
      show_missing (self);
      return;
    }
  picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));
  gtk_picture_set_alternative_text (GTK_PICTURE (picture), self->alternative);
  gtk_widget_set_halign (picture, GTK_ALIGN_START);
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (picture, "message-picture");
  gtk_widget_set_tooltip_text (picture, *self->alternative != '\0' ? self->alternative : NULL);
  clamp = adw_clamp_new ();
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), MIN (WIDTH, gdk_texture_get_width (texture)));
  adw_clamp_set_child (ADW_CLAMP (clamp), picture);
  gtk_widget_set_halign (clamp, GTK_ALIGN_START);
  set_child (self, clamp);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaMarkdownImage) self = user_data;
  g_autoptr(GError) error = NULL;
  DaAsset *asset = da_engine_find_asset_finish (DA_ENGINE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (asset == NULL)
    {
      show_missing (self);
      return;
    }
  da_picture_load_async (NULL, asset->path, self->cancellable, loaded_cb, g_object_ref (self));
  da_asset_free (asset);
}

static void
load_asset (DaMarkdownImage *self, DaEngine *engine, const char *uri)
{
  g_autofree char *id = NULL;
  g_autofree char *name = NULL;

  if (engine != NULL && da_asset_parse (uri, &id, &name))
    da_engine_find_asset_async (engine, id, name, FALSE, self->cancellable, found_cb,
                                g_object_ref (self));
  else
    show_missing (self);
}

static gboolean
on_activate_link (GtkLabel *label, const char *uri, gpointer data)
{
  if (da_markdown_link_allowed (uri))
    gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (label))), uri, GDK_CURRENT_TIME);
  return TRUE;
}

static void
show_link (DaMarkdownImage *self, const char *uri)
{
  g_autofree char *words = *self->alternative != '\0'
                             ? g_strdup_printf (_("Picture on the web: %s"), self->alternative)
                             : g_strdup (_("Picture on the web"));
  g_autofree char *markup = g_markup_printf_escaped ("<a href=\"%s\" title=\"%s\">%s</a>", uri,
                                                     uri, words);

  show_words (self, "");
  gtk_label_set_markup (GTK_LABEL (self->child), markup);
  g_signal_connect (self->child, "activate-link", G_CALLBACK (on_activate_link), NULL);
}

/* A list gives its rows the least height they can do with, and a GtkPicture could do with none. */
static void
da_markdown_image_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                           int *minimum, int *natural, int *minimum_baseline,
                           int *natural_baseline)
{
  DaMarkdownImage *self = DA_MARKDOWN_IMAGE (widget);

  if (self->child == NULL)
    return;
  gtk_widget_measure (self->child, orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural;
}

static void
da_markdown_image_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  DaMarkdownImage *self = DA_MARKDOWN_IMAGE (widget);

  if (self->child != NULL)
    gtk_widget_allocate (self->child, width, height, baseline, NULL);
}

static GtkSizeRequestMode
da_markdown_image_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
da_markdown_image_dispose (GObject *object)
{
  DaMarkdownImage *self = DA_MARKDOWN_IMAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (da_markdown_image_parent_class)->dispose (object);
}

static void
da_markdown_image_finalize (GObject *object)
{
  DaMarkdownImage *self = DA_MARKDOWN_IMAGE (object);

  g_clear_object (&self->cancellable);
  g_free (self->alternative);
  G_OBJECT_CLASS (da_markdown_image_parent_class)->finalize (object);
}

static void
da_markdown_image_class_init (DaMarkdownImageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = da_markdown_image_dispose;
  object_class->finalize = da_markdown_image_finalize;
  widget_class->measure = da_markdown_image_measure;
  widget_class->size_allocate = da_markdown_image_size_allocate;
  widget_class->get_request_mode = da_markdown_image_get_request_mode;
}

static void
da_markdown_image_init (DaMarkdownImage *self)
{
  self->cancellable = g_cancellable_new ();
}

GtkWidget *
da_markdown_image_new (DaEngine   *engine,
                       const char *uri,
                       const char *alternative)
{
  DaMarkdownImage *self = g_object_new (DA_TYPE_MARKDOWN_IMAGE, NULL);
  g_autoptr(GBytes) bytes = NULL;

  self->alternative = g_strdup (alternative != NULL ? alternative : "");
  show_words (self, self->alternative);
  bytes = da_picture_data_decode (uri);
  if (bytes != NULL)
    da_picture_load_async (bytes, NULL, self->cancellable, loaded_cb, g_object_ref (self));
  else if (g_str_has_prefix (uri, DA_ASSET_SCHEME))
    load_asset (self, engine, uri);
  else if (da_markdown_link_allowed (uri) && g_ascii_strncasecmp (uri, "http", 4) == 0)
    show_link (self, uri);
  else
    show_missing (self);
  return GTK_WIDGET (self);
}

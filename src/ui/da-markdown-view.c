/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-markdown-view"

#include "config.h"

#include "da-markdown-view.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "da-markdown-image.h"
#include "da-sideways.h"

#define INDENT 22              /* pixels for one level of a list */
#define QUOTE_INDENT 14
#define COST_FACTOR 6          /* reading again may take a sixth of the time at most */
#define PIECE_COST 6           /* what a frame has time for, in plain blocks of some words */
#define COST_BYTES 128         /* so many more are as much as another block */
#define LONG_BYTES 40          /* more than that is broken into lines, */
#define LEAST_CHARS 12         /* with room for so many in each */

/* What stands in one place: the block and the widgets made of it. */
typedef struct {
  DaMarkdownBlock *block;
  GtkWidget *widget;           /* child of the view */
  GtkLabel *label;             /* (nullable) borrowed: where its text is */
} Item;

struct _DaMarkdownView {
  GtkWidget parent_instance;

  /* owned */
  DaEngine *engine;
  GString *text;
  GPtrArray *items;
  GPtrArray *waiting;          /* (nullable): blocks of @text that come behind the items */

  DaMarkdownFlags flags;
  gsize fixed_bytes;           /* of @text, never read again */
  guint fixed_items;
  guint tick;
  gint64 rest_until;           /* frame time, µs */
};

G_DEFINE_FINAL_TYPE (DaMarkdownView, da_markdown_view, GTK_TYPE_WIDGET)

static void
item_free (gpointer data)
{
  Item *self = data;

  gtk_widget_unparent (self->widget);
  da_markdown_block_free (self->block);
  g_free (self);
}

/* Widgets of one block */

static gboolean
on_activate_link (GtkLabel *label, const char *uri, gpointer data)
{
  /* Asked again here: the markup is ours, but this is the place where something opens. */
  if (da_markdown_link_allowed (uri))
    gtk_show_uri (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (label))), uri, GDK_CURRENT_TIME);
  return TRUE;
}

static GtkLabel *
text_label_new (void)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (label, 0);
  gtk_label_set_selectable (label, TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (label), TRUE);
  g_signal_connect (label, "activate-link", G_CALLBACK (on_activate_link), NULL);
  return label;
}

static void
on_copy_code (GtkButton *button, GtkLabel *label)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)),
                          gtk_label_get_text (label));
  gtk_button_set_icon_name (button, "object-select-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (button), _("Copied"));
}

static GtkWidget *
code_header_new (const DaMarkdownBlock *block, GtkLabel *label)
{
  GtkWidget *header = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *language = gtk_label_new (block->detail);
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_widget_set_hexpand (language, TRUE);
  gtk_label_set_xalign (GTK_LABEL (language), 0);
  gtk_label_set_ellipsize (GTK_LABEL (language), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (language, "caption");
  gtk_widget_add_css_class (language, "dim-label");
  gtk_widget_add_css_class (copy, "flat");
  gtk_widget_set_tooltip_text (copy, _("Copy Code"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Copy Code"), -1);
  g_signal_connect (copy, "clicked", G_CALLBACK (on_copy_code), label);
  gtk_box_append (GTK_BOX (header), language);
  gtk_box_append (GTK_BOX (header), copy);
  gtk_widget_add_css_class (header, "code-header");
  return header;
}

static GtkWidget *
wide_new (const DaMarkdownBlock *block, GtkLabel **out_label)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));
  GtkWidget *scroller = da_sideways_new (GTK_WIDGET (label));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_selectable (label, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (label), "monospace");
  if (block->kind == DA_MARKDOWN_CODE)
    gtk_box_append (GTK_BOX (box), code_header_new (block, label));
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_widget_add_css_class (box, "code-block");
  if (block->kind == DA_MARKDOWN_TABLE)
    gtk_widget_add_css_class (box, "table-block");
  *out_label = label;
  return box;
}

static GtkWidget *
with_marker (const DaMarkdownBlock *block, GtkWidget *content)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *marker = gtk_label_new (block->marker);

  gtk_widget_set_size_request (marker, INDENT - 6, -1);
  gtk_label_set_xalign (GTK_LABEL (marker), 1);
  gtk_widget_set_valign (marker, GTK_ALIGN_BASELINE);
  gtk_widget_set_valign (content, GTK_ALIGN_BASELINE);
  gtk_widget_add_css_class (marker, "list-marker");
  gtk_box_append (GTK_BOX (box), marker);
  gtk_box_append (GTK_BOX (box), content);
  return box;
}

static GtkWidget *
content_new (DaMarkdownView *self, const DaMarkdownBlock *block, GtkLabel **label)
{
  switch (block->kind)
    {
    case DA_MARKDOWN_CODE:
    case DA_MARKDOWN_TABLE:
      return wide_new (block, label);
    case DA_MARKDOWN_RULE:
      return gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
    case DA_MARKDOWN_PICTURE:
      return da_markdown_image_new (self->engine, block->detail, block->text);
    case DA_MARKDOWN_HEADING:
    case DA_MARKDOWN_PARAGRAPH:
      *label = text_label_new ();
      return GTK_WIDGET (*label);
    }
  g_assert_not_reached ();
}

static void
style (const DaMarkdownBlock *block, GtkWidget *widget)
{
  static const char *const headings[] = { "title-2", "title-3", "title-4", "heading", "heading",
                                          "heading" };
  guint outer = block->marker != NULL ? block->indent - 1 : block->indent;

  if (block->kind == DA_MARKDOWN_HEADING)
    {
      gtk_widget_add_css_class (widget, headings[CLAMP (block->level, 1, 6) - 1]);
      gtk_widget_add_css_class (widget, "markdown-heading");
    }
  gtk_widget_set_margin_start (widget, (int) (MIN (outer, 8) * INDENT
                                              + MIN (block->quote, 6) * QUOTE_INDENT));
  if (block->quote > 0)
    gtk_widget_add_css_class (widget, "quote");
  if (block->indent > 0)
    gtk_widget_add_css_class (widget, "list-item");
}

static void
write_text (Item *item)
{
  if (item->label == NULL)
    return;
  if (item->block->kind == DA_MARKDOWN_CODE || item->block->kind == DA_MARKDOWN_TABLE)
    gtk_label_set_text (item->label, item->block->text);
  else
    {
      gsize length;

      gtk_label_set_markup (item->label, item->block->text);
      length = strlen (gtk_label_get_text (item->label));
      /* How narrow it can be is found by breaking it at that; without, behind each letter. */
      gtk_label_set_width_chars (item->label, length > LONG_BYTES ? LEAST_CHARS : -1);
    }
}

/* Takes @block. */
static Item *
item_new (DaMarkdownView *self, DaMarkdownBlock *block)
{
  Item *item = g_new0 (Item, 1);

  item->block = block;
  item->widget = content_new (self, block, &item->label);
  write_text (item);
  if (block->marker != NULL)
    item->widget = with_marker (block, item->widget);
  style (block, item->widget);
  gtk_widget_insert_before (item->widget, GTK_WIDGET (self), NULL);
  return item;
}

/* Reading */

static gboolean
fits (const DaMarkdownBlock *a, const DaMarkdownBlock *b)
{
  return a->kind == b->kind && a->level == b->level && a->indent == b->indent
         && a->quote == b->quote && a->kind != DA_MARKDOWN_PICTURE
         && g_strcmp0 (a->marker, b->marker) == 0 && g_strcmp0 (a->detail, b->detail) == 0;
}

/* Takes the blocks; puts them at @position and drops what was behind. Returns how many. */
static guint
put (DaMarkdownView *self, GPtrArray *blocks, guint position)
{
  guint n = blocks->len;

  for (guint i = 0; i < n; i++)
    {
      DaMarkdownBlock *block = g_ptr_array_index (blocks, i);
      Item *item = position + i < self->items->len
                     ? g_ptr_array_index (self->items, position + i) : NULL;

      if (item != NULL && da_markdown_block_equal (item->block, block))
        {
          da_markdown_block_free (block);
          continue;
        }
      if (item != NULL && fits (item->block, block))
        {
          da_markdown_block_free (item->block);
          item->block = block;
          write_text (item);
          continue;
        }
      if (item != NULL)
        g_ptr_array_set_size (self->items, (int) (position + i));
      g_ptr_array_add (self->items, item_new (self, block));
    }
  if (self->items->len > position + n)
    g_ptr_array_set_size (self->items, (int) (position + n));
  g_ptr_array_set_free_func (blocks, NULL);
  g_ptr_array_unref (blocks);
  return n;
}

static guint
cost_of (const DaMarkdownBlock *block)
{
  gboolean wide = block->kind == DA_MARKDOWN_CODE || block->kind == DA_MARKDOWN_TABLE;
  gsize length = block->text != NULL ? strlen (block->text) : 0;

  return 1 + (guint) (length / COST_BYTES) + (wide ? 2 : 0) + (block->marker != NULL ? 1 : 0);
}

static void
refresh (DaMarkdownView *self)
{
  const char *open = self->text->str + self->fixed_bytes;
  gsize length = self->text->len - self->fixed_bytes;
  gsize stable = da_markdown_stable (open, length);

  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  if (stable > 0)
    {
      g_autoptr(GPtrArray) tail = da_markdown_parse (open + stable, (gssize) (length - stable),
                                                     self->flags);
      GPtrArray *blocks = da_markdown_parse (open, (gssize) stable, self->flags);
      guint fixed = blocks->len;

      g_ptr_array_extend_and_steal (blocks, g_steal_pointer (&tail));
      put (self, blocks, self->fixed_items);
      self->fixed_items += fixed;
      self->fixed_bytes += stable;
      return;
    }
  put (self, da_markdown_parse (open, (gssize) length, self->flags), self->fixed_items);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  DaMarkdownView *self = DA_MARKDOWN_VIEW (widget);
  gint64 begin = g_get_monotonic_time ();

  if (begin < self->rest_until)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  refresh (self);
  self->rest_until = begin + (g_get_monotonic_time () - begin) * COST_FACTOR;
  return G_SOURCE_REMOVE;
}

/* GObject */

static void
da_markdown_view_dispose (GObject *object)
{
  DaMarkdownView *self = DA_MARKDOWN_VIEW (object);

  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  g_ptr_array_set_size (self->items, 0);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (da_markdown_view_parent_class)->dispose (object);
}

static void
da_markdown_view_finalize (GObject *object)
{
  DaMarkdownView *self = DA_MARKDOWN_VIEW (object);

  g_ptr_array_unref (self->items);
  g_string_free (self->text, TRUE);
  G_OBJECT_CLASS (da_markdown_view_parent_class)->finalize (object);
}

static void
da_markdown_view_class_init (DaMarkdownViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = da_markdown_view_dispose;
  object_class->finalize = da_markdown_view_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "markdown");
}

static void
da_markdown_view_init (DaMarkdownView *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  self->text = g_string_new (NULL);
  self->items = g_ptr_array_new_with_free_func (item_free);
}

GtkWidget *
da_markdown_view_new (DaEngine        *engine,
                      DaMarkdownFlags  flags)
{
  DaMarkdownView *self = g_object_new (DA_TYPE_MARKDOWN_VIEW, NULL);

  g_set_object (&self->engine, engine);
  self->flags = flags;
  return GTK_WIDGET (self);
}

void
da_markdown_view_set_text (DaMarkdownView *self,
                           const char     *text)
{
  g_string_assign (self->text, text);
  self->fixed_bytes = 0;
  self->fixed_items = 0;
  da_markdown_view_flush (self);
}

void
da_markdown_view_begin_text (DaMarkdownView *self,
                             const char     *text)
{
  g_string_assign (self->text, text);
  self->fixed_bytes = 0;
  self->fixed_items = 0;
  g_ptr_array_set_size (self->items, 0);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  self->waiting = da_markdown_parse (self->text->str, (gssize) self->text->len, self->flags);
}

gboolean
da_markdown_view_add_some (DaMarkdownView *self)
{
  guint n = self->items->len;
  guint cost = 0;

  while (self->waiting != NULL && self->waiting->len > 0)
    {
      cost += cost_of (self->waiting->pdata[0]);
      if (cost > PIECE_COST && self->items->len > n)
        break;
      g_ptr_array_add (self->items, item_new (self, g_ptr_array_steal_index (self->waiting, 0)));
    }
  return self->waiting != NULL && self->waiting->len > 0;
}

void
da_markdown_view_append (DaMarkdownView *self,
                         const char     *text,
                         gsize           length)
{
  g_string_append_len (self->text, text, (gssize) length);
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

void
da_markdown_view_flush (DaMarkdownView *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  refresh (self);
}

const char *
da_markdown_view_get_text (DaMarkdownView *self)
{
  return self->text->str;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-markdown"

#include "da-markdown-blocks.h"

#include <string.h>

#include <md4c.h>

/*
 * Markdown to blocks with Pango markup. All text is escaped here, on its way in; the only elements
 * that ever reach Pango are the ones written below. Knows no widget, so that a test can feed it.
 */

#define MAX_SPANS 32                 /* deeper emphasis is shown plain */
#define MAX_URI_BYTES 2048
#define CODE_SPAN "<span font_family=\"monospace\" background=\"#808080\" bgalpha=\"18%\">"

typedef struct {
  GPtrArray *blocks;
  DaMarkdownFlags flags;
  /* the block that is being written */
  GString *text;
  gboolean in_text;                  /* something was written, or a heading began */
  gboolean has_link;
  DaMarkdownKind kind;
  guint level;
  char *detail;
  /* where it stands */
  guint quote;
  guint depth;
  GArray *lists;                     /* List, one for each that is open */
  char *marker;
  /* the elements that are open */
  const char *spans[MAX_SPANS];      /* end tags, "" for none */
  char *starts[MAX_SPANS];
  guint n_spans;
  /* an image collects its words apart */
  GString *image;
  char *image_uri;
  guint image_depth;
  /* a table collects its cells */
  GPtrArray *row;
  GPtrArray *rows;                   /* GPtrArray of char * */
} Writer;

typedef struct {
  gboolean ordered;
  guint number;
} List;

void
da_markdown_block_free (DaMarkdownBlock *self)
{
  g_free (self->marker);
  g_free (self->text);
  g_free (self->detail);
  g_free (self);
}

gboolean
da_markdown_block_equal (const DaMarkdownBlock *a,
                         const DaMarkdownBlock *b)
{
  return a->kind == b->kind && a->level == b->level && a->indent == b->indent
         && a->quote == b->quote && g_strcmp0 (a->marker, b->marker) == 0
         && g_strcmp0 (a->text, b->text) == 0 && g_strcmp0 (a->detail, b->detail) == 0;
}

gboolean
da_markdown_link_allowed (const char *uri)
{
  g_autofree char *scheme = g_uri_parse_scheme (uri);

  if (scheme == NULL || strlen (uri) > MAX_URI_BYTES || !g_utf8_validate (uri, -1, NULL))
    return FALSE;
  /* Control and direction characters could show another address than the one opened. */
  for (const char *at = uri; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT || c == ' ')
        return FALSE;
    }
  if (g_ascii_strcasecmp (scheme, "mailto") == 0)
    return TRUE;
  return (g_ascii_strcasecmp (scheme, "http") == 0 || g_ascii_strcasecmp (scheme, "https") == 0)
         && g_str_has_prefix (uri + strlen (scheme), "://") && uri[strlen (scheme) + 3] != '\0';
}

/* Blocks */

static void
emit (Writer *self, DaMarkdownKind kind, char *text, char *detail)
{
  DaMarkdownBlock *block = g_new0 (DaMarkdownBlock, 1);

  block->kind = kind;
  block->level = kind == DA_MARKDOWN_HEADING ? self->level : 0;
  block->indent = self->depth;
  block->quote = self->quote;
  block->marker = g_steal_pointer (&self->marker);
  block->text = text;
  block->detail = detail;
  block->has_link = self->has_link;
  g_ptr_array_add (self->blocks, block);
}

static void
close_spans (Writer *self)
{
  for (guint i = MIN (self->n_spans, MAX_SPANS); i > 0; i--)
    g_string_append (self->text, self->spans[i - 1]);
}

static void
reopen_spans (Writer *self)
{
  for (guint i = 0; i < MIN (self->n_spans, MAX_SPANS); i++)
    g_string_append (self->text, self->starts[i]);
}

static void
flush (Writer *self)
{
  if (!self->in_text)
    return;
  close_spans (self);
  emit (self, self->kind, g_strdup (self->text->str), g_steal_pointer (&self->detail));
  g_string_truncate (self->text, 0);
  self->in_text = FALSE;
  self->has_link = FALSE;
  self->kind = DA_MARKDOWN_PARAGRAPH;
  reopen_spans (self);
}

/* At the edge of a block nothing is open, whatever was not closed. */
static void
drop_spans (Writer *self)
{
  for (guint i = 0; i < MAX_SPANS; i++)
    g_clear_pointer (&self->starts[i], g_free);
  self->n_spans = 0;
  g_string_truncate (self->text, 0);
}

static void
begin_text (Writer *self)
{
  self->in_text = TRUE;
}

static char *
attribute_text (const MD_ATTRIBUTE *attribute)
{
  return g_utf8_make_valid (attribute->text != NULL ? attribute->text : "",
                            attribute->text != NULL ? (gssize) attribute->size : 0);
}

/* Tables, in letters of one width */

static guint
columns_of (const char *text)
{
  guint columns = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (!g_unichar_iszerowidth (c))
        columns += g_unichar_iswide (c) ? 2 : 1;
    }
  return columns;
}

static void
append_times (GString *out, const char *piece, guint times)
{
  for (guint i = 0; i < times; i++)
    g_string_append (out, piece);
}

static void
append_row (GString *out, GPtrArray *row, GArray *widths)
{
  for (guint i = 0; i < widths->len; i++)
    {
      const char *cell = i < row->len ? g_ptr_array_index (row, i) : "";
      guint width = g_array_index (widths, guint, i);

      g_string_append (out, i > 0 ? " │ " : "");
      g_string_append (out, cell);
      if (i + 1 < widths->len)
        append_times (out, " ", width - MIN (width, columns_of (cell)));
    }
}

static void
end_table (Writer *self)
{
  g_autoptr(GArray) widths = g_array_new (FALSE, TRUE, sizeof (guint));
  g_autoptr(GString) out = g_string_new (NULL);

  for (guint r = 0; r < self->rows->len; r++)
    {
      GPtrArray *row = g_ptr_array_index (self->rows, r);

      if (row->len > widths->len)
        g_array_set_size (widths, row->len);
      for (guint i = 0; i < row->len; i++)
        {
          guint *width = &g_array_index (widths, guint, i);

          *width = MAX (*width, columns_of (g_ptr_array_index (row, i)));
        }
    }
  for (guint r = 0; r < self->rows->len; r++)
    {
      append_row (out, g_ptr_array_index (self->rows, r), widths);
      if (r == 0)
        {
          g_string_append_c (out, '\n');
          for (guint i = 0; i < widths->len; i++)
            {
              g_string_append (out, i > 0 ? "─┼─" : "");
              append_times (out, "─", g_array_index (widths, guint, i));
            }
        }
      if (r + 1 < self->rows->len)
        g_string_append_c (out, '\n');
    }
  emit (self, DA_MARKDOWN_TABLE, g_strdup (out->str), NULL);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
}

/* What md4c tells */

static void
begin_item (Writer *self, const MD_BLOCK_LI_DETAIL *item)
{
  List *list = self->lists->len > 0 ? &g_array_index (self->lists, List, self->lists->len - 1)
                                    : NULL;

  self->depth++;
  g_free (self->marker);
  if (item->is_task)
    self->marker = g_strdup (item->task_mark == ' ' ? "☐" : "☑");
  else if (list != NULL && list->ordered)
    self->marker = g_strdup_printf ("%u.", list->number++);
  else
    self->marker = g_strdup ("•");
}

static void
begin_list (Writer *self, gboolean ordered, guint start)
{
  List list = { .ordered = ordered, .number = start };

  g_array_append_val (self->lists, list);
}

static int
enter_block_cb (MD_BLOCKTYPE type, void *detail, void *user_data)
{
  Writer *self = user_data;

  if (type != MD_BLOCK_TD && type != MD_BLOCK_TH)
    flush (self);
  drop_spans (self);
  switch (type)
    {
    case MD_BLOCK_QUOTE: self->quote++; break;
    case MD_BLOCK_UL: begin_list (self, FALSE, 0); break;
    case MD_BLOCK_OL: begin_list (self, TRUE, ((MD_BLOCK_OL_DETAIL *) detail)->start); break;
    case MD_BLOCK_LI: begin_item (self, detail); break;
    case MD_BLOCK_HR: emit (self, DA_MARKDOWN_RULE, NULL, NULL); break;
    case MD_BLOCK_H:
      self->kind = DA_MARKDOWN_HEADING;
      self->level = ((MD_BLOCK_H_DETAIL *) detail)->level;
      break;
    case MD_BLOCK_CODE:
      self->kind = DA_MARKDOWN_CODE;
      self->detail = attribute_text (&((MD_BLOCK_CODE_DETAIL *) detail)->lang);
      self->in_text = TRUE;
      break;
    case MD_BLOCK_TABLE:
      self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
      break;
    case MD_BLOCK_TR:
      self->row = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (self->rows, self->row);
      break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
      g_string_truncate (self->text, 0);
      break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_HTML:
    case MD_BLOCK_P:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
      break;
    }
  return 0;
}

static void
end_code (Writer *self)
{
  /* The last line end is md4c's. */
  if (self->text->len > 0 && self->text->str[self->text->len - 1] == '\n')
    g_string_truncate (self->text, self->text->len - 1);
  flush (self);
}

static int
leave_block_cb (MD_BLOCKTYPE type, void *detail, void *user_data)
{
  Writer *self = user_data;

  switch (type)
    {
    case MD_BLOCK_CODE: end_code (self); break;
    case MD_BLOCK_TABLE: end_table (self); break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
      g_ptr_array_add (self->row, g_strdup (self->text->str));
      g_string_truncate (self->text, 0);
      self->in_text = FALSE;
      break;
    case MD_BLOCK_QUOTE:
      flush (self);
      self->quote--;
      break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
      flush (self);
      g_array_set_size (self->lists, self->lists->len - 1);
      break;
    case MD_BLOCK_LI:
      flush (self);
      /* An item without a word is still an item. */
      if (self->marker != NULL)
        emit (self, DA_MARKDOWN_PARAGRAPH, g_strdup (""), NULL);
      self->depth--;
      break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_HR:
    case MD_BLOCK_H:
    case MD_BLOCK_HTML:
    case MD_BLOCK_P:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
    case MD_BLOCK_TR:
      flush (self);
      break;
    }
  return 0;
}

static char *
link_start (const MD_ATTRIBUTE *href)
{
  g_autofree char *uri = attribute_text (href);

  if (!da_markdown_link_allowed (uri))
    return NULL;
  /* The title is the tooltip: where it leads is always to be seen. */
  return g_markup_printf_escaped ("<a href=\"%s\" title=\"%s\">", uri, uri);
}

/* @start: (transfer full) (nullable) */
static void
open_span (Writer *self, char *start, const char *end)
{
  g_autofree char *owned = start;

  if (self->n_spans < MAX_SPANS)
    {
      self->spans[self->n_spans] = start != NULL ? end : "";
      self->starts[self->n_spans] = start != NULL ? g_steal_pointer (&owned) : g_strdup ("");
      if (self->rows == NULL)
        g_string_append (self->text, self->starts[self->n_spans]);
    }
  self->n_spans++;
}

static void
close_span (Writer *self)
{
  /* md4c 0.4.8 leaves some bare links that it never entered. */
  if (self->n_spans == 0)
    return;
  self->n_spans--;
  if (self->n_spans >= MAX_SPANS)
    return;
  if (self->rows == NULL)
    g_string_append (self->text, self->spans[self->n_spans]);
  g_clear_pointer (&self->starts[self->n_spans], g_free);
}

static int
enter_span_cb (MD_SPANTYPE type, void *detail, void *user_data)
{
  Writer *self = user_data;
  char *start;

  if (type == MD_SPAN_IMG)
    {
      if (self->image_depth++ == 0)
        {
          self->image = g_string_new (NULL);
          self->image_uri = attribute_text (&((MD_SPAN_IMG_DETAIL *) detail)->src);
        }
      return 0;
    }
  if (self->image != NULL)
    return 0;
  begin_text (self);
  switch (type)
    {
    case MD_SPAN_EM: open_span (self, g_strdup ("<i>"), "</i>"); break;
    case MD_SPAN_STRONG: open_span (self, g_strdup ("<b>"), "</b>"); break;
    case MD_SPAN_U: open_span (self, g_strdup ("<u>"), "</u>"); break;
    case MD_SPAN_DEL: open_span (self, g_strdup ("<s>"), "</s>"); break;
    case MD_SPAN_CODE: open_span (self, g_strdup (CODE_SPAN), "</span>"); break;
    case MD_SPAN_A:
      start = link_start (&((MD_SPAN_A_DETAIL *) detail)->href);
      self->has_link |= start != NULL;
      open_span (self, start, "</a>");
      break;
    case MD_SPAN_IMG:
    case MD_SPAN_LATEXMATH:
    case MD_SPAN_LATEXMATH_DISPLAY:
    case MD_SPAN_WIKILINK:
      open_span (self, NULL, "");
      break;
    }
  return 0;
}

/* A picture stands for itself: the words before it become a paragraph, those behind it another. */
static void
end_image (Writer *self)
{
  g_autoptr(GString) words = g_steal_pointer (&self->image);

  if (self->rows != NULL)
    {
      g_string_append (self->text, words->str);
      g_clear_pointer (&self->image_uri, g_free);
      return;
    }
  g_strchomp (self->text->str);
  self->text->len = strlen (self->text->str);
  if (self->text->len > 0)
    flush (self);
  self->in_text = FALSE;
  emit (self, DA_MARKDOWN_PICTURE, g_strdup (words->str), g_steal_pointer (&self->image_uri));
}

static int
leave_span_cb (MD_SPANTYPE type, void *detail, void *user_data)
{
  Writer *self = user_data;

  if (type == MD_SPAN_IMG)
    {
      if (--self->image_depth == 0)
        end_image (self);
      return 0;
    }
  if (self->image == NULL)
    close_span (self);
  return 0;
}

/* The few names people write; another is shown as it was written. */
static const struct {
  const char *name;
  const char *text;
} entities[] = {
  { "&amp;", "&" },      { "&lt;", "<" },       { "&gt;", ">" },       { "&quot;", "\"" },
  { "&apos;", "'" },     { "&nbsp;", "\u00a0" }, { "&hellip;", "…" },   { "&ndash;", "–" },
  { "&mdash;", "—" },    { "&copy;", "©" },     { "&reg;", "®" },      { "&trade;", "™" },
  { "&euro;", "€" },     { "&deg;", "°" },      { "&times;", "×" },    { "&rarr;", "→" },
  { "&larr;", "←" },     { "&bull;", "•" },     { "&middot;", "·" },   { "&laquo;", "«" },
  { "&raquo;", "»" },    { "&auml;", "ä" },     { "&ouml;", "ö" },     { "&uuml;", "ü" },
};

static char *
entity_text (const char *entity)
{
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    {
      if (strcmp (entity, entities[i].name) == 0)
        return g_strdup (entities[i].text);
    }
  if (entity[1] == '#')
    {
      gboolean hex = entity[2] == 'x' || entity[2] == 'X';
      guint64 c = g_ascii_strtoull (entity + (hex ? 3 : 2), NULL, hex ? 16 : 10);
      char out[8] = { 0 };

      if (c > 0 && c <= 0x10ffff && g_unichar_validate ((gunichar) c))
        {
          g_unichar_to_utf8 ((gunichar) c, out);
          return g_strdup (out);
        }
      return g_strdup ("\ufffd");
    }
  return g_strdup (entity);
}

static void
append_words (Writer *self, const char *words)
{
  g_autofree char *escaped = NULL;

  if (self->image != NULL)
    {
      g_string_append (self->image, words);
      return;
    }
  begin_text (self);
  if (self->rows != NULL || self->kind == DA_MARKDOWN_CODE)
    {
      g_string_append (self->text, words);
      return;
    }
  escaped = g_markup_escape_text (words, -1);
  g_string_append (self->text, escaped);
}

static int
text_cb (MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user_data)
{
  Writer *self = user_data;
  g_autofree char *words = g_strndup (text, size);
  g_autofree char *other = NULL;

  switch (type)
    {
    case MD_TEXT_NULLCHAR: append_words (self, "\ufffd"); break;
    case MD_TEXT_BR: append_words (self, self->rows != NULL ? " " : "\n"); break;
    case MD_TEXT_SOFTBR:
      append_words (self, (self->flags & DA_MARKDOWN_KEEP_BREAKS) != 0 ? "\n" : " ");
      break;
    case MD_TEXT_ENTITY:
      other = entity_text (words);
      append_words (self, other);
      break;
    case MD_TEXT_NORMAL:
      /* Behind a picture on the same line, the space between them is nobody's. */
      if (self->image == NULL && self->text->len == 0 && self->kind == DA_MARKDOWN_PARAGRAPH
          && self->rows == NULL && self->n_spans == 0)
        append_words (self, words + strspn (words, " "));
      else
        append_words (self, words);
      break;
    case MD_TEXT_CODE:
    case MD_TEXT_HTML:
    case MD_TEXT_LATEXMATH:
      append_words (self, words);
      break;
    }
  return 0;
}

GPtrArray *
da_markdown_parse (const char      *text,
                   gssize           length,
                   DaMarkdownFlags  flags)
{
  const MD_PARSER parser = {
    .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOHTML
             | MD_FLAG_PERMISSIVEAUTOLINKS | MD_FLAG_NOINDENTEDCODEBLOCKS,
    .enter_block = enter_block_cb,
    .leave_block = leave_block_cb,
    .enter_span = enter_span_cb,
    .leave_span = leave_span_cb,
    .text = text_cb,
  };
  Writer writer = { .flags = flags };

  writer.blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) da_markdown_block_free);
  writer.text = g_string_new (NULL);
  writer.lists = g_array_new (FALSE, FALSE, sizeof (List));
  if (length < 0)
    length = (gssize) strlen (text);
  if (md_parse (text, (MD_SIZE) length, &parser, &writer) != 0)
    g_debug ("a text could not be read to its end");
  g_array_unref (writer.lists);
  g_string_free (writer.text, TRUE);
  g_clear_pointer (&writer.rows, g_ptr_array_unref);
  g_free (writer.marker);
  g_free (writer.detail);
  g_free (writer.image_uri);
  for (guint i = 0; i < MAX_SPANS; i++)
    g_free (writer.starts[i]);
  if (writer.image != NULL)
    g_string_free (writer.image, TRUE);
  return writer.blocks;
}

/* Streaming */

static guint
fence_of (const char *line, gsize length, char *letter)
{
  gsize spaces = 0;
  guint count = 0;

  while (spaces < length && spaces < 3 && line[spaces] == ' ')
    spaces++;
  while (spaces + count < length && (line[spaces + count] == '`' || line[spaces + count] == '~')
         && line[spaces + count] == line[spaces])
    count++;
  *letter = line[spaces];
  return count >= 3 ? count : 0;
}

/* After a blank line, a line like this belongs to no list item, quote or footnote before it. */
static gboolean
begins_fresh (const char *line, gsize length)
{
  return length > 0 && !g_ascii_isspace (line[0]) && strchr (">-+*", line[0]) == NULL
         && !g_ascii_isdigit (line[0]);
}

gsize
da_markdown_stable (const char *text,
                    gsize       length)
{
  gsize stable = 0;
  gboolean blank = FALSE;
  guint fence = 0;
  char fence_letter = '\0';

  for (gsize at = 0; at < length;)
    {
      const char *end = memchr (text + at, '\n', length - at);
      gsize line = end != NULL ? (gsize) (end - text) - at : length - at;
      char letter;
      guint count;

      if (fence == 0 && blank && begins_fresh (text + at, line))
        stable = at;
      count = fence_of (text + at, line, &letter);
      if (fence == 0 && count > 0)
        {
          fence = count;
          fence_letter = letter;
        }
      else if (fence > 0 && count >= fence && letter == fence_letter)
        {
          fence = 0;
        }
      blank = line == 0 || (line == 1 && text[at] == '\r');
      if (end == NULL)
        break;
      at += line + 1;
    }
  return stable;
}

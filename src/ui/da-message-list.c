/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-message-list"

#include "config.h"

#include "da-message-list.h"

#include <string.h>

#include <glib/gi18n.h>

#define LINE_BYTES 90          /* about so much in a line, which is so high */
#define LINE_PIXELS 20
#define FRAME_PIXELS 48        /* paddings and the line below the words */

/* The place of one message. */
typedef struct {
  DaMessage *message;          /* (nullable) owned: what its row is made from */
  DaMessageRow *row;           /* (nullable) borrowed: a child */
  int height;                  /* as laid out last; before that a guess */
} Place;

struct _DaMessageList {
  GtkWidget parent_instance;

  /* owned */
  DaEngine *engine;
  GArray *places;              /* Place */

  gboolean renumber;           /* the rows have to be told where they are */
};

enum {
  MOVE_CURSOR,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaMessageList, da_message_list, GTK_TYPE_WIDGET)

static Place *
place_at (DaMessageList *self, guint index)
{
  return &g_array_index (self->places, Place, index);
}

static void
place_clear (gpointer data)
{
  Place *place = data;

  if (place->row != NULL)
    gtk_widget_unparent (GTK_WIDGET (place->row));
  g_clear_object (&place->message);
}

/* Better than one height for all: the scroll bar is about right from the start. */
static int
guess_height (DaMessage *message)
{
  const char *text = message->display_content != NULL ? message->display_content
                                                      : message->content;
  int lines = 0;

  for (const char *line = text; line != NULL;)
    {
      const char *end = strchr (line, '\n');
      gsize length = end != NULL ? (gsize) (end - line) : strlen (line);

      lines += 1 + (int) MIN (length, G_MAXUINT16) / LINE_BYTES;
      line = end != NULL ? end + 1 : NULL;
    }
  return MIN (lines, G_MAXINT16 / LINE_PIXELS) * LINE_PIXELS + FRAME_PIXELS;
}

/* A row that is not wholly open is not as high yet as it will be. */
static int
measure_place (Place *place, int width)
{
  int high;

  if (place->row == NULL)
    return place->height;
  gtk_widget_measure (GTK_WIDGET (place->row), GTK_ORIENTATION_VERTICAL, width, &high, NULL, NULL,
                      NULL);
  return da_message_row_is_open (place->row) ? high : MAX (high, place->height);
}

void
da_message_list_set_engine (DaMessageList *self,
                            DaEngine      *engine)
{
  g_set_object (&self->engine, engine);
}

guint
da_message_list_get_size (DaMessageList *self)
{
  return self->places->len;
}

static void
places_changed (DaMessageList *self)
{
  self->renumber = TRUE;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
da_message_list_insert (DaMessageList *self,
                        guint          index,
                        DaMessage     *message)
{
  Place place = { message, NULL, guess_height (message) };

  g_return_if_fail (index <= self->places->len);
  g_object_ref (message);
  g_array_insert_val (self->places, index, place);
  places_changed (self);
}

void
da_message_list_append_row (DaMessageList *self,
                            DaMessageRow  *row)
{
  Place place = { NULL, row, 0 };

  g_array_append_val (self->places, place);
  gtk_widget_set_parent (GTK_WIDGET (row), GTK_WIDGET (self));
  places_changed (self);
}

void
da_message_list_remove (DaMessageList *self,
                        guint          index)
{
  g_return_if_fail (index < self->places->len);
  g_array_remove_index (self->places, index);
  places_changed (self);
}

void
da_message_list_remove_row (DaMessageList *self,
                            DaMessageRow  *row)
{
  da_message_list_remove (self, da_message_list_find (self, row));
}

DaMessageRow *
da_message_list_peek_row (DaMessageList *self,
                          guint          index)
{
  return index < self->places->len ? place_at (self, index)->row : NULL;
}

/* The next row behind that place, for the rows are in the order of the messages: a screen reader
 * goes from one to the next. */
static GtkWidget *
row_behind (DaMessageList *self, guint index)
{
  for (guint i = index + 1; i < self->places->len; i++)
    if (place_at (self, i)->row != NULL)
      return GTK_WIDGET (place_at (self, i)->row);
  return NULL;
}

/* The style of a widget that comes new to a parent is made anew, and by GTK (4.8, 4.16) that of all
 * that comes behind it (what changes with a parent is passed on to the siblings), which for ten
 * messages takes longer than a frame. What is not visible yet does not pass that on: so it is shown
 * when its style has been made. */
static void
insert_quietly (GtkWidget *parent, GtkWidget *child, GtkWidget *next)
{
  GdkRGBA unused;

  gtk_widget_hide (child);
  gtk_widget_insert_before (child, parent, next);
  gtk_style_context_get_color (gtk_widget_get_style_context (child), &unused);
  gtk_widget_show (child);
}

DaMessageRow *
da_message_list_need_row (DaMessageList *self,
                          guint          index)
{
  Place *place;

  if (index >= self->places->len)
    return NULL;
  place = place_at (self, index);
  if (place->row == NULL)
    {
      place->row = DA_MESSAGE_ROW (da_message_row_new (self->engine, place->message));
      insert_quietly (GTK_WIDGET (self), GTK_WIDGET (place->row), row_behind (self, index));
      self->renumber = TRUE;
    }
  return place->row;
}

void
da_message_list_drop_row (DaMessageList *self,
                          guint          index)
{
  Place *place = place_at (self, index);

  g_return_if_fail (place->row != NULL && da_message_row_get_message (place->row) != NULL);
  /* An answer got its message after its row. */
  g_set_object (&place->message, da_message_row_get_message (place->row));
  gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&place->row)));
}

guint
da_message_list_count_rows (DaMessageList *self)
{
  guint n = 0;

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    n++;
  return n;
}

guint
da_message_list_find (DaMessageList *self,
                      DaMessageRow  *row)
{
  for (guint i = self->places->len; i > 0; i--)
    if (place_at (self, i - 1)->row == row)
      return i - 1;
  g_return_val_if_reached (G_MAXUINT);
}

DaMessageRow *
da_message_list_peek_focus (DaMessageList *self)
{
  GtkWidget *child = gtk_widget_get_focus_child (GTK_WIDGET (self));

  return child != NULL ? DA_MESSAGE_ROW (child) : NULL;
}

int
da_message_list_get_y (DaMessageList *self,
                       guint          index)
{
  int y = 0;

  for (guint i = 0; i < index && i < self->places->len; i++)
    y += place_at (self, i)->height;
  return y;
}

int
da_message_list_get_height (DaMessageList *self,
                            guint          index)
{
  g_return_val_if_fail (index < self->places->len, 0);
  return place_at (self, index)->height;
}

guint
da_message_list_index_at (DaMessageList *self,
                          double         y)
{
  int bottom = 0;

  for (guint i = 0; i < self->places->len; i++)
    {
      bottom += place_at (self, i)->height;
      if (y < bottom)
        return i;
    }
  return self->places->len > 0 ? self->places->len - 1 : 0;
}

/* Layout */

static void
measure_width (DaMessageList *self, int *minimum, int *natural)
{
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      int least, best;

      gtk_widget_measure (row, GTK_ORIENTATION_HORIZONTAL, -1, &least, &best, NULL, NULL);
      *minimum = MAX (*minimum, least);
      *natural = MAX (*natural, best);
    }
}

static void
da_message_list_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                         int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  DaMessageList *self = DA_MESSAGE_LIST (widget);

  *minimum = 0;
  *natural = 0;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_width (self, minimum, natural);
      return;
    }
  /* Nothing depends on what is answered without a width, and to ask the rows would break each of
   * their texts into the narrowest lines. */
  for (guint i = 0; i < self->places->len; i++)
    *minimum += for_size < 0 ? place_at (self, i)->height
                             : measure_place (place_at (self, i), for_size);
  *natural = *minimum;
}

static GtkSizeRequestMode
da_message_list_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tell_position (DaMessageList *self, guint index)
{
  gtk_accessible_update_relation (GTK_ACCESSIBLE (place_at (self, index)->row),
                                  GTK_ACCESSIBLE_RELATION_POS_IN_SET, (int) index + 1,
                                  GTK_ACCESSIBLE_RELATION_SET_SIZE, (int) self->places->len, -1);
}

/* GTK 4.8 keeps positions and sizes of sets to itself, and few of the messages have rows. */
static void
tell_size (DaMessageList *self)
{
  guint n = self->places->len;
  g_autofree char *text = g_strdup_printf (ngettext ("%u message", "%u messages", n), n);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text, -1);
}

static void
da_message_list_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  DaMessageList *self = DA_MESSAGE_LIST (widget);
  int y = 0;

  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = place_at (self, i);

      place->height = measure_place (place, width);
      if (place->row != NULL)
        {
          gtk_widget_size_allocate (GTK_WIDGET (place->row),
                                    &(GtkAllocation) { 0, y, width, place->height }, -1);
          if (self->renumber)
            tell_position (self, i);
        }
      y += place->height;
    }
  if (self->renumber)
    tell_size (self);
  self->renumber = FALSE;
}

/* Focus */

/* Coming from outside, to what is seen of the list: not to its beginning, maybe far away. */
static guint
entered_at (DaMessageList *self, gboolean back)
{
  GtkWidget *view = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_VIEWPORT);
  double y = 0;

  if (view == NULL)
    return back ? self->places->len - 1 : 0;
  gtk_widget_translate_coordinates (view, GTK_WIDGET (self), 0, 0, NULL, &y);
  return da_message_list_index_at (self, back ? y + gtk_widget_get_height (view) - 1 : MAX (y, 0));
}

static gboolean
da_message_list_focus (GtkWidget *widget, GtkDirectionType direction)
{
  DaMessageList *self = DA_MESSAGE_LIST (widget);
  GtkWidget *child = gtk_widget_get_focus_child (widget);
  gboolean back = direction == GTK_DIR_UP || direction == GTK_DIR_TAB_BACKWARD;
  guint index;

  if (self->places->len == 0)
    return FALSE;
  if (child == NULL)
    index = entered_at (self, back);
  else if (gtk_widget_child_focus (child, direction))
    return TRUE;
  else if (direction == GTK_DIR_LEFT || direction == GTK_DIR_RIGHT)
    return FALSE;
  else
    {
      /* Before the first it wraps to a number that no message has. */
      index = da_message_list_find (self, DA_MESSAGE_ROW (child)) + (back ? -1u : 1u);
      if (index >= self->places->len)
        return FALSE;
    }
  return gtk_widget_child_focus (GTK_WIDGET (da_message_list_need_row (self, index)), direction);
}

static void
add_move (GtkWidgetClass *klass, guint key, guint pad_key, GdkModifierType modifiers,
          GtkMovementStep step, int count)
{
  gtk_widget_class_add_binding_signal (klass, key, modifiers, "move-cursor", "(ii)", step, count);
  gtk_widget_class_add_binding_signal (klass, pad_key, modifiers, "move-cursor", "(ii)", step,
                                       count);
}

/* With Shift and Control too, as in other lists; Control and Page Up or Down are the window's. */
static void
add_moves (GtkWidgetClass *klass)
{
  static const GdkModifierType modifiers[] = {
    0, GDK_SHIFT_MASK, GDK_CONTROL_MASK, GDK_SHIFT_MASK | GDK_CONTROL_MASK,
  };

  for (guint i = 0; i < G_N_ELEMENTS (modifiers); i++)
    {
      add_move (klass, GDK_KEY_Up, GDK_KEY_KP_Up, modifiers[i], GTK_MOVEMENT_DISPLAY_LINES, -1);
      add_move (klass, GDK_KEY_Down, GDK_KEY_KP_Down, modifiers[i], GTK_MOVEMENT_DISPLAY_LINES, 1);
      add_move (klass, GDK_KEY_Home, GDK_KEY_KP_Home, modifiers[i], GTK_MOVEMENT_BUFFER_ENDS, -1);
      add_move (klass, GDK_KEY_End, GDK_KEY_KP_End, modifiers[i], GTK_MOVEMENT_BUFFER_ENDS, 1);
      if (modifiers[i] & GDK_CONTROL_MASK)
        continue;
      add_move (klass, GDK_KEY_Page_Up, GDK_KEY_KP_Page_Up, modifiers[i], GTK_MOVEMENT_PAGES, -1);
      add_move (klass, GDK_KEY_Page_Down, GDK_KEY_KP_Page_Down, modifiers[i], GTK_MOVEMENT_PAGES,
                1);
    }
}

/* A click beside the words: from there the arrows go on. It scrolls nothing, as grabbing would. */
static void
on_released (GtkGestureClick *click, int n, double x, double y, DaMessageList *self)
{
  GtkWidget *at = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  GtkWidget *row = at != NULL ? gtk_widget_get_ancestor (at, DA_TYPE_MESSAGE_ROW) : NULL;

  if (row != NULL && row != gtk_widget_get_focus_child (GTK_WIDGET (self)))
    gtk_root_set_focus (gtk_widget_get_root (row), row);
}

static void
da_message_list_dispose (GObject *object)
{
  DaMessageList *self = DA_MESSAGE_LIST (object);

  g_array_set_size (self->places, 0);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (da_message_list_parent_class)->dispose (object);
}

static void
da_message_list_finalize (GObject *object)
{
  g_array_unref (DA_MESSAGE_LIST (object)->places);
  G_OBJECT_CLASS (da_message_list_parent_class)->finalize (object);
}

static void
da_message_list_class_init (DaMessageListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = da_message_list_dispose;
  object_class->finalize = da_message_list_finalize;
  widget_class->measure = da_message_list_measure;
  widget_class->get_request_mode = da_message_list_get_request_mode;
  widget_class->size_allocate = da_message_list_size_allocate;
  widget_class->focus = da_message_list_focus;
  signals[MOVE_CURSOR] = g_signal_new ("move-cursor", DA_TYPE_MESSAGE_LIST,
                                       G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 2, GTK_TYPE_MOVEMENT_STEP, G_TYPE_INT);
  add_moves (widget_class);
  gtk_widget_class_set_css_name (widget_class, "messages");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
}

static void
da_message_list_init (DaMessageList *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect (click, "released", G_CALLBACK (on_released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  self->places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_array_set_clear_func (self->places, place_clear);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-array-diff"

#include "da-array-diff.h"

#include <string.h>

/* An item is its key and one digit, what it shows: "a1". */

#define TYPE_ITEM (item_get_type ())
G_DECLARE_FINAL_TYPE (Item, item, TEST, ITEM, GObject)

struct _Item {
  GObject parent_instance;
  char key[2];
  char shows;
};

G_DEFINE_FINAL_TYPE (Item, item, G_TYPE_OBJECT)

static void
item_class_init (ItemClass *klass)
{
}

static void
item_init (Item *self)
{
}

static const char *
key_of (gpointer item)
{
  return ((Item *) item)->key;
}

static gboolean
is_same (gconstpointer a, gconstpointer b)
{
  return ((const Item *) a)->shows == ((const Item *) b)->shows;
}

static GPtrArray *
items_from (const char *text)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);

  for (; *text != '\0'; text += 2)
    {
      Item *item = g_object_new (TYPE_ITEM, NULL);

      item->key[0] = text[0];
      item->shows = text[1];
      g_ptr_array_add (items, item);
    }
  return items;
}

static char *
text_of (GPtrArray *items)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    {
      Item *item = g_ptr_array_index (items, i);

      g_string_append_printf (out, "%s%c", item->key, item->shows);
    }
  return g_string_free (out, FALSE);
}

static GPtrArray *
copy_of (GPtrArray *items)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (copy, g_object_ref (g_ptr_array_index (items, i)));
  return copy;
}

/* What a view does with the changes it is told. */
typedef struct {
  GPtrArray *items;            /* the model's */
  GPtrArray *view;
  GString *steps;
  guint touched;
} Watch;

static void
on_changed (guint position, guint removed, guint added, gpointer data)
{
  Watch *watch = data;

  g_assert_cmpuint (position + removed, <=, watch->view->len);
  g_assert_cmpuint (position + added, <=, watch->items->len);
  g_assert_true (removed > 0 || added > 0);
  if (removed > 0)
    g_ptr_array_remove_range (watch->view, position, removed);
  for (guint i = position; i < position + added; i++)
    g_ptr_array_insert (watch->view, (int) i,
                        g_object_ref (g_ptr_array_index (watch->items, i)));
  /* The model is what it was said to be after each step, not only after the last. */
  g_assert_cmpuint (watch->view->len, ==, watch->items->len);
  for (guint i = 0; i < watch->view->len; i++)
    g_assert_true (g_ptr_array_index (watch->view, i) == g_ptr_array_index (watch->items, i));
  g_string_append_printf (watch->steps, "%s%u-%u+%u", watch->steps->len > 0 ? " " : "", position,
                          removed, added);
  watch->touched += removed + added;
}

/* The steps, as "0-0+1 3-1+0"; *@touched is what came and went. */
static char *
diff (const char *from, const char *to, guint *touched)
{
  g_autoptr(GPtrArray) items = items_from (from);
  g_autoptr(GPtrArray) wanted = items_from (to);
  g_autoptr(GPtrArray) before = copy_of (items);
  g_autoptr(GPtrArray) view = copy_of (items);
  g_autofree char *is = NULL;
  Watch watch = { items, view, g_string_new (NULL), 0 };

  da_array_diff (items, wanted, key_of, is_same, on_changed, &watch);
  is = text_of (items);
  g_assert_cmpstr (is, ==, to);
  for (guint i = 0; i < items->len; i++)
    {
      Item *item = g_ptr_array_index (items, i);
      char both[] = { item->key[0], item->shows, '\0' };

      /* What looks the same is the same object. */
      g_assert_true (g_ptr_array_index (wanted, i) == item);
      if (strstr (from, both) != NULL)
        g_assert_true (g_ptr_array_find (before, item, NULL));
    }
  if (touched != NULL)
    *touched = watch.touched;
  return g_string_free (watch.steps, FALSE);
}

static void
test_steps (void)
{
  static const struct {
    const char *name;
    const char *from;
    const char *to;
    const char *steps;
  } rows[] = {
    { "nothing to nothing", "", "", "" },
    { "all is new", "", "a1b1", "0-0+2" },
    { "all is gone", "a1b1", "", "0-2+0" },
    { "the same", "a1b1c1", "a1b1c1", "" },
    { "one in front", "a1b1", "c1a1b1", "0-0+1" },
    { "one behind", "a1b1", "a1b1c1", "2-0+1" },
    { "one goes", "a1b1c1", "a1c1", "1-1+0" },
    { "one changes where it is", "a1b1c1", "a1b2c1", "1-1+1" },
    { "one comes to the front", "a1b1c1d1", "d1a1b1c1", "0-0+1 4-1+0" },
    { "it comes to the front and changes", "a1b1c1d1", "d2a1b1c1", "0-0+1 4-1+0" },
    { "one goes to the end", "a1b1c1d1", "b1c1d1a1", "0-1+0 3-0+1" },
    { "two neighbours change", "a1b1c1", "a2b2c1", "0-2+2" },
    { "others altogether", "a1b1", "c1d1e1", "0-2+3" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *steps = diff (rows[i].from, rows[i].to, NULL);

      g_test_message ("%s", rows[i].name);
      g_assert_cmpstr (steps, ==, rows[i].steps);
    }
}

static char *
any_list (void)
{
  GString *out = g_string_new (NULL);
  char keys[] = "abcdefghijklmnop";
  int n = g_test_rand_int_range (0, sizeof keys);

  for (int i = 0; i < n; i++)
    {
      int j = g_test_rand_int_range (i, sizeof keys - 1);
      char key = keys[j];

      keys[j] = keys[i];
      keys[i] = key;
      g_string_append_c (out, key);
      g_string_append_c (out, (char) ('1' + g_test_rand_int_range (0, 2)));
    }
  return g_string_free (out, FALSE);
}

static void
test_any (void)
{
  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *from = any_list ();
      g_autofree char *to = any_list ();
      g_autofree char *steps = NULL;
      guint touched;

      steps = diff (from, to, &touched);
      /* Never more than to make all anew. */
      g_assert_cmpuint (touched, <=, (strlen (from) + strlen (to)) / 2);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/array-diff/steps", test_steps);
  g_test_add_func ("/array-diff/any", test_any);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-qr-paintable"

#include "da-qr-paintable.h"
#include "ui-sample.h"

#define LINK \
  "dotagents://config?baseUrl=http%3A%2F%2F192.168.1.5%3A3210%2Fv1&apiKey=" \
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Draws it as a widget of this size would, at this scale. (transfer full) */
static cairo_surface_t *
draw (DaQrPaintable *code, int width, int height, double scale)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) (width * scale),
                                                         (int) (height * scale));
  cairo_t *cr = cairo_create (surface);
  GskRenderNode *node;

  gdk_paintable_snapshot (GDK_PAINTABLE (code), snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  cairo_scale (cr, scale, scale);
  gsk_render_node_draw (node, cr);
  gsk_render_node_unref (node);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static guint32
get_pixel (cairo_surface_t *surface, int x, int y)
{
  const guchar *row = cairo_image_surface_get_data (surface)
                      + y * cairo_image_surface_get_stride (surface);

  return ((const guint32 *) (const void *) row)[x] & 0xffffff;
}

typedef struct {
  int width, height;
  double scale;
} Size;

static const Size sizes[] = {
  { 300, 300, 1 }, { 285, 285, 1 }, { 341, 287, 1 }, { 200, 417, 1 }, { 300, 300, 2 },
  { 1000, 1000, 1 },
};

/* Where the code begins: the first dark pixel of the picture, the corner of a finder pattern. */
static void
find_corner (cairo_surface_t *surface, int *x, int *y)
{
  for (*y = 0; *y < cairo_image_surface_get_height (surface); (*y)++)
    for (*x = 0; *x < cairo_image_surface_get_width (surface); (*x)++)
      if (get_pixel (surface, *x, *y) == 0)
        return;
  g_assert_not_reached ();
}

static void
test_whole_pixels (gconstpointer data)
{
  const Size *size = data;
  g_autoptr(DaQrPaintable) code = da_qr_paintable_new (LINK);
  const int modules = da_qr_paintable_get_modules (code);
  cairo_surface_t *surface = draw (code, size->width, size->height, size->scale);
  const int module = (int) (MIN (size->width, size->height) / (modules + 2 * DA_QR_QUIET_ZONE)
                            * size->scale);
  int left, top;

  find_corner (surface, &left, &top);
  g_assert_cmpint (left, >=, DA_QR_QUIET_ZONE * module);
  g_assert_cmpint (top, >=, DA_QR_QUIET_ZONE * module);
  /* Nothing is blurred, and all pixels of a module are the same. */
  for (int y = 0; y < modules * module; y++)
    for (int x = 0; x < modules * module; x++)
      {
        const guint32 pixel = get_pixel (surface, left + x, top + y);

        g_assert_true (pixel == 0 || pixel == 0xffffff);
        g_assert_cmphex (pixel, ==, get_pixel (surface, left + x / module * module,
                                               top + y / module * module));
      }
  /* The rest is light, whatever the theme is. */
  g_assert_cmphex (get_pixel (surface, 0, 0), ==, 0xffffff);
  g_assert_cmphex (get_pixel (surface, left - 1, top), ==, 0xffffff);
  g_assert_cmphex (get_pixel (surface, left + modules * module, top), ==, 0xffffff);
  /* The three finder patterns: seven dark modules in a row. */
  for (int i = 0; i < 7; i++)
    {
      g_assert_cmphex (get_pixel (surface, left + i * module, top), ==, 0);
      g_assert_cmphex (get_pixel (surface, left + (modules - 1 - i) * module, top), ==, 0);
      g_assert_cmphex (get_pixel (surface, left + i * module, top + (modules - 1) * module), ==, 0);
    }
  cairo_surface_destroy (surface);
}

static void
test_too_small (void)
{
  g_autoptr(DaQrPaintable) code = da_qr_paintable_new (LINK);
  cairo_surface_t *surface = draw (code, 20, 20, 1);

  g_assert_cmphex (get_pixel (surface, 0, 0), ==, 0xffffff);
  cairo_surface_destroy (surface);
}

static void
test_natural_size (void)
{
  g_autoptr(DaQrPaintable) code = da_qr_paintable_new (LINK);
  const int modules = da_qr_paintable_get_modules (code) + 2 * DA_QR_QUIET_ZONE;
  const int width = gdk_paintable_get_intrinsic_width (GDK_PAINTABLE (code));

  g_assert_cmpint (width % modules, ==, 0);
  /* It has to fit the narrowest window, 360 pixels with margins. */
  g_assert_cmpint (width, <=, 330);
}

static void
test_refused (void)
{
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autoptr(DaQrPaintable) empty = da_qr_paintable_new ("");
  g_autoptr(DaQrPaintable) too_long = da_qr_paintable_new (long_text);

  g_assert_null (empty);
  g_assert_null (too_long);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *path =
        g_strdup_printf ("/ui/qr-paintable/modules-are-whole-pixels-at-%dx%d-times-%g",
                         sizes[i].width, sizes[i].height, sizes[i].scale);

      g_test_add_data_func (path, &sizes[i], test_whole_pixels);
    }
  g_test_add_func ("/ui/qr-paintable/too-small-draws-without-a-crash", test_too_small);
  g_test_add_func ("/ui/qr-paintable/the-natural-size-fits-a-narrow-window", test_natural_size);
  g_test_add_func ("/ui/qr-paintable/nothing-and-too-much-make-no-code", test_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-qr-paintable"

#include "da-qr-paintable.h"

#include <math.h>
#include <string.h>

#include <qrencode.h>

#define NATURAL_MODULE 5

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QRcode, QRcode_free)

struct _DaQrPaintable {
  GObject parent_instance;

  QRcode *code;
};

static void paintable_init (GdkPaintableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (DaQrPaintable, da_qr_paintable, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE, paintable_init))

static void
da_qr_paintable_finalize (GObject *object)
{
  g_clear_pointer (&DA_QR_PAINTABLE (object)->code, QRcode_free);
  G_OBJECT_CLASS (da_qr_paintable_parent_class)->finalize (object);
}

static void
da_qr_paintable_class_init (DaQrPaintableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = da_qr_paintable_finalize;
}

static void
da_qr_paintable_init (DaQrPaintable *self)
{
}

static gboolean
is_dark (const QRcode *code, int x, int y)
{
  return x < code->width && (code->data[y * code->width + x] & 1) != 0;
}

/* One rectangle for each run of dark modules: no seams inside a run, a third of the nodes. */
static void
draw_row (GtkSnapshot *snapshot, const QRcode *code, int y, const graphene_rect_t *area)
{
  const GdkRGBA dark = { 0, 0, 0, 1 };
  const float module = area->size.width / (float) (code->width + 2 * DA_QR_QUIET_ZONE);
  int start = -1;

  for (int x = 0; x <= code->width; x++)
    {
      if (is_dark (code, x, y))
        {
          if (start < 0)
            start = x;
          continue;
        }
      if (start < 0)
        continue;
      gtk_snapshot_append_color (
        snapshot, &dark,
        &GRAPHENE_RECT_INIT (area->origin.x + module * (float) (start + DA_QR_QUIET_ZONE),
                             area->origin.y + module * (float) (y + DA_QR_QUIET_ZONE),
                             module * (float) (x - start), module));
      start = -1;
    }
}

static void
snapshot (GdkPaintable *paintable, GdkSnapshot *out, double width, double height)
{
  DaQrPaintable *self = DA_QR_PAINTABLE (paintable);
  const GdkRGBA light = { 1, 1, 1, 1 };
  const int modules = self->code->width + 2 * DA_QR_QUIET_ZONE;
  double module = floor (MIN (width, height) / modules);
  graphene_rect_t area;

  /* Too small for whole pixels: better blurred than cut off. */
  if (module < 1)
    module = MIN (width, height) / modules;
  area = GRAPHENE_RECT_INIT ((float) floor ((width - module * modules) / 2),
                             (float) floor ((height - module * modules) / 2),
                             (float) (module * modules), (float) (module * modules));
  gtk_snapshot_append_color (GTK_SNAPSHOT (out), &light,
                             &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  for (int y = 0; y < self->code->width; y++)
    draw_row (GTK_SNAPSHOT (out), self->code, y, &area);
}

static int
get_intrinsic_size (GdkPaintable *paintable)
{
  return NATURAL_MODULE * (DA_QR_PAINTABLE (paintable)->code->width + 2 * DA_QR_QUIET_ZONE);
}

/* Square, but it centres itself on whole pixels: the widget must not do it on halves. */
static double
get_no_aspect_ratio (GdkPaintable *paintable)
{
  return 0;
}

static GdkPaintableFlags
get_flags (GdkPaintable *paintable)
{
  return GDK_PAINTABLE_STATIC_SIZE | GDK_PAINTABLE_STATIC_CONTENTS;
}

static void
paintable_init (GdkPaintableInterface *iface)
{
  iface->snapshot = snapshot;
  iface->get_intrinsic_width = get_intrinsic_size;
  iface->get_intrinsic_height = get_intrinsic_size;
  iface->get_intrinsic_aspect_ratio = get_no_aspect_ratio;
  iface->get_flags = get_flags;
}

DaQrPaintable *
da_qr_paintable_new (const char *text)
{
  g_autoptr(QRcode) code = NULL;
  DaQrPaintable *self;

  g_return_val_if_fail (text != NULL, NULL);

  code = QRcode_encodeData ((int) strlen (text), (const unsigned char *) text, 0, QR_ECLEVEL_M);
  if (code == NULL)
    return NULL;
  self = g_object_new (DA_TYPE_QR_PAINTABLE, NULL);
  self->code = g_steal_pointer (&code);
  return self;
}

int
da_qr_paintable_get_modules (DaQrPaintable *self)
{
  return self->code->width;
}

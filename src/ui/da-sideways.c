/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-sideways"

#include "da-sideways.h"

#define STEP_PIXELS 60

static gboolean
on_wheel (GtkEventControllerScroll *controller, double dx, double dy, GtkScrolledWindow *self)
{
  GtkEventController *event = GTK_EVENT_CONTROLLER (controller);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_hadjustment (self);

  if ((gtk_event_controller_get_current_event_state (event) & GDK_SHIFT_MASK) == 0)
    return GDK_EVENT_PROPAGATE;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + dy * STEP_PIXELS);
  return GDK_EVENT_STOP;
}

/* GTK 4.8 handles the vertical axis even where it may not scroll, and then nobody else does. */
static void
let_the_wheel_through (GtkWidget *self)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (self);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_scroll_set_flags (GTK_EVENT_CONTROLLER_SCROLL (controller),
                                               GTK_EVENT_CONTROLLER_SCROLL_HORIZONTAL
                                                 | GTK_EVENT_CONTROLLER_SCROLL_KINETIC);
    }
}

GtkWidget *
da_sideways_new (GtkWidget *child)
{
  GtkWidget *self = gtk_scrolled_window_new ();
  GtkEventController *wheel;

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self), child);
  /* The viewport that was put between them decides at which end it begins. */
  gtk_widget_set_direction (self, GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (self)),
                            GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (child, GTK_TEXT_DIR_LTR);
  let_the_wheel_through (self);
  wheel = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  gtk_event_controller_set_name (wheel, "shift-wheel");
  g_signal_connect (wheel, "scroll", G_CALLBACK (on_wheel), self);
  gtk_widget_add_controller (self, wheel);
  return self;
}

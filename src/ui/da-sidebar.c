/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-sidebar"

#include "config.h"

#include "da-sidebar.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "da-access-devices.h"
#include "da-clock.h"
#include "da-conversation-row.h"
#include "da-day-watch.h"
#include "da-time.h"

/* Owns the model of the list. Opens nothing: the window does, on "open". */
struct _DaSidebar {
  GtkWidget parent_instance;

  /* owned */
  DaEngine *engine;
  DaConversationList *list;
  GListModel *sessions;
  DaDayWatch *day_watch;
  char *current;               /* (nullable) id of what is open beside */
  gboolean opens_first;        /* as soon as the search is done */
  gulong sessions_id;
  gulong remote_ids[2];

  /* template */
  GtkWidget *box;
  AdwHeaderBar *header;
  AdwWindowTitle *title;
  GtkWidget *back;
  GtkWidget *new;
  GtkWidget *menu;
  GtkToggleButton *search_button;
  GtkSearchBar *search_bar;
  GtkEditable *search;
  GtkStack *stack;
  GtkListBox *list_box;
  GtkLabel *none;
  GtkWidget *server;
  GtkImage *server_icon;
  GtkLabel *server_label;
};

enum {
  OPEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaSidebar, da_sidebar, GTK_TYPE_WIDGET)

/* Rows */

static DaConversation *
conversation_of (GtkListBoxRow *row)
{
  return da_conversation_row_get_conversation (DA_CONVERSATION_ROW (row));
}

/* Shows that conversation in @row, or in a new one; returns which. */
static GtkWidget *
fill_row (DaSidebar *self, GtkListBoxRow *row, guint position)
{
  g_autoptr(DaConversation) conversation = g_list_model_get_item (G_LIST_MODEL (self->list),
                                                                  position);
  DaConversationRowFlags flags = DA_CONVERSATION_ROW_PLAIN;
  DaDevice *device = NULL;
  const char *name = NULL;

  if (conversation->device_id != NULL)
    device = da_access_find_device (da_engine_get_access (self->engine), conversation->device_id);
  if (device != NULL)
    name = da_device_get_name (device);
  if (da_conversation_list_is_pinned (self->list, conversation->id))
    flags |= DA_CONVERSATION_ROW_PINNED;
  if (da_conversation_list_is_archived (self->list, conversation->id))
    flags |= DA_CONVERSATION_ROW_ARCHIVED;
  if (*da_conversation_list_get_query (self->list) != '\0')
    flags |= DA_CONVERSATION_ROW_FOUND;
  if (row == NULL)
    row = GTK_LIST_BOX_ROW (da_conversation_row_new (conversation, flags, name));
  else
    da_conversation_row_set_conversation (DA_CONVERSATION_ROW (row), conversation, flags, name);
  da_conversation_row_set_session (DA_CONVERSATION_ROW (row),
                                   da_engine_find_session_for (self->engine, conversation->id));
  return GTK_WIDGET (row);
}

static char *
heading_of (DaSidebar *self, GtkListBoxRow *row)
{
  DaConversation *conversation = conversation_of (row);

  switch (da_conversation_list_section_of (self->list, conversation))
    {
    case DA_CONVERSATION_SECTION_PINNED: return g_strdup (_("Pinned"));
    case DA_CONVERSATION_SECTION_FOUND: return NULL;
    case DA_CONVERSATION_SECTION_ARCHIVED:
    case DA_CONVERSATION_SECTION_RECENT:
      return da_time_format_day (conversation->updated_at, da_clock_now_ms ());
    }
  g_assert_not_reached ();
}

static void
header_func (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  DaSidebar *self = user_data;
  g_autofree char *heading = heading_of (self, row);
  g_autofree char *above = before != NULL ? heading_of (self, before) : NULL;
  GtkWidget *label;

  if (heading == NULL || g_strcmp0 (heading, above) == 0)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  label = gtk_list_box_row_get_header (row);
  if (label != NULL)
    {
      gtk_label_set_text (GTK_LABEL (label), heading);
      return;
    }
  label = gtk_label_new (heading);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_widget_add_css_class (label, "day-heading");
  gtk_list_box_row_set_header (row, label);
}

/* What was said today was said yesterday. */
static void
on_day_changed (gpointer self)
{
  gtk_list_box_invalidate_headers (DA_SIDEBAR (self)->list_box);
}

static void
select_current (DaSidebar *self)
{
  guint position;

  if (self->list != NULL && self->current != NULL
      && da_conversation_list_find (self->list, self->current, &position) != NULL)
    gtk_list_box_select_row (self->list_box,
                             gtk_list_box_get_row_at_index (self->list_box, (int) position));
  else
    gtk_list_box_unselect_all (self->list_box);
}

static void
show_none (DaSidebar *self)
{
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->list)) == 0;
  const char *text;

  if (*da_conversation_list_get_query (self->list) != '\0')
    text = _("Nothing found");
  else if (da_conversation_list_get_archived (self->list))
    text = _("Nothing is archived");
  else
    text = _("Your conversations will be listed here");
  gtk_label_set_text (self->none, text);
  gtk_stack_set_visible_child_name (self->stack,
                                    empty && !da_conversation_list_get_loading (self->list)
                                      ? "none" : "list");
}

/* A row is kept for what came where another went: to make one costs far more than to change it. */
static void
on_items_changed (DaSidebar *self, guint position, guint removed, guint added)
{
  guint kept = MIN (removed, added);

  for (guint i = 0; i < kept; i++)
    fill_row (self, gtk_list_box_get_row_at_index (self->list_box, (int) (position + i)),
              position + i);
  for (guint i = kept; i < removed; i++)
    gtk_list_box_remove (self->list_box,
                         GTK_WIDGET (gtk_list_box_get_row_at_index (self->list_box,
                                                                    (int) (position + kept))));
  for (guint i = kept; i < added; i++)
    gtk_list_box_insert (self->list_box, fill_row (self, NULL, position + i),
                         (int) (position + i));
  if (kept > 0)
    gtk_list_box_invalidate_headers (self->list_box);
  select_current (self);
  show_none (self);
}

/* What was found stays where it is when it is archived; its row's menu offers something else. */
static void
on_archived_changed (DaSidebar *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));

  for (guint i = 0; i < n && *da_conversation_list_get_query (self->list) != '\0'; i++)
    fill_row (self, gtk_list_box_get_row_at_index (self->list_box, (int) i), i);
}

static void
on_sessions_changed (DaSidebar *self)
{
  for (int i = 0;; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list_box, i);

      if (row == NULL)
        return;
      da_conversation_row_set_session (DA_CONVERSATION_ROW (row),
                                       da_engine_find_session_for (self->engine,
                                                                   conversation_of (row)->id));
    }
}

static void
on_failed (DaSidebar *self, const GError *error)
{
  self->opens_first = FALSE;
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
}

/* The server, in one line */

static void
show_server (DaSidebar *self)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  g_autofree char *text = NULL;
  const char *style = "dim-label";

  switch (da_remote_access_get_state (remote))
    {
    case DA_REMOTE_OFF:
      text = g_strdup (_("Remote server is off"));
      break;
    case DA_REMOTE_STARTING:
      text = g_strdup (_("Remote server starts"));
      break;
    case DA_REMOTE_RUNNING:
      text = g_strdup (_("Remote server is on"));
      style = "success";
      break;
    case DA_REMOTE_FAILED:
      text = g_strdup (_("Remote server cannot start"));
      style = "warning";
      break;
    }
  gtk_label_set_text (self->server_label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->server), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
  gtk_widget_set_css_classes (GTK_WIDGET (self->server_icon), (const char *[]) { style, NULL });
}

/* What people do */

static void
on_row_activated (DaSidebar *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[OPEN], 0, conversation_of (row)->id);
}

static void
on_search_changed (DaSidebar *self)
{
  g_autofree char *query = g_strstrip (g_strdup (gtk_editable_get_text (self->search)));

  if (self->list == NULL || strcmp (query, da_conversation_list_get_query (self->list)) == 0)
    return;
  self->opens_first = FALSE;
  da_conversation_list_set_query (self->list, query);
}

static void
open_first (DaSidebar *self)
{
  GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->list_box, 0);

  self->opens_first = FALSE;
  if (first != NULL)
    on_row_activated (self, first);
}

/* Whoever types fast presses Enter before the list shows what was found. */
static void
on_search_activate (DaSidebar *self)
{
  on_search_changed (self);
  if (self->list != NULL && da_conversation_list_get_loading (self->list))
    self->opens_first = TRUE;
  else
    open_first (self);
}

static void
on_loading (DaSidebar *self)
{
  show_none (self);
  if (self->opens_first && !da_conversation_list_get_loading (self->list))
    open_first (self);
}

/* Down leads into what was found; GTK would look for whatever lies below. */
static gboolean
on_search_key (GtkEventControllerKey *keys, guint keyval, guint code, GdkModifierType state,
               DaSidebar *self)
{
  GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->list_box, 0);

  if ((keyval != GDK_KEY_Down && keyval != GDK_KEY_KP_Down) || first == NULL)
    return GDK_EVENT_PROPAGATE;
  gtk_widget_grab_focus (GTK_WIDGET (first));
  return GDK_EVENT_STOP;
}

static void
on_edge_reached (DaSidebar *self, GtkPositionType edge)
{
  if (edge == GTK_POS_BOTTOM && self->list != NULL)
    da_conversation_list_load_more (self->list);
}

static void
on_back_clicked (DaSidebar *self)
{
  da_sidebar_show_archived (self, FALSE);
}

/* GObject */

/* The Tab key visits the buttons above the list too. */
static gboolean
da_sidebar_focus (GtkWidget *widget, GtkDirectionType direction)
{
  return gtk_widget_child_focus (gtk_widget_get_first_child (widget), direction);
}

/* The window is used again, maybe after a night. */
static void
da_sidebar_state_flags_changed (GtkWidget *widget, GtkStateFlags before)
{
  GtkStateFlags flags = gtk_widget_get_state_flags (widget);
  DaSidebar *self = DA_SIDEBAR (widget);

  if (self->day_watch != NULL && (before & ~flags & GTK_STATE_FLAG_BACKDROP))
    da_day_watch_look (self->day_watch);
  GTK_WIDGET_CLASS (da_sidebar_parent_class)->state_flags_changed (widget, before);
}

static gboolean
da_sidebar_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (DA_SIDEBAR (widget)->list_box));
}

static void
da_sidebar_dispose (GObject *object)
{
  DaSidebar *self = DA_SIDEBAR (object);

  if (self->sessions != NULL)
    g_clear_signal_handler (&self->sessions_id, self->sessions);
  g_clear_object (&self->sessions);
  if (self->engine != NULL)
    g_clear_signal_handler (&self->remote_ids[0], da_engine_get_remote_access (self->engine));
  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  g_clear_pointer (&self->day_watch, da_day_watch_free);
  if (self->list_box != NULL)
    gtk_list_box_set_header_func (self->list_box, NULL, NULL, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_SIDEBAR);
  g_clear_object (&self->list);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->current, g_free);
  G_OBJECT_CLASS (da_sidebar_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, box);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, header);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, title);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, back);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, new);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, menu);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, search_button);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, search_bar);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, search);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, stack);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, list_box);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, none);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, server);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, server_icon);
  gtk_widget_class_bind_template_child (widget_class, DaSidebar, server_label);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_edge_reached);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked);
}

static void
da_sidebar_class_init (DaSidebarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = da_sidebar_dispose;
  widget_class->grab_focus = da_sidebar_grab_focus;
  widget_class->focus = da_sidebar_focus;
  widget_class->state_flags_changed = da_sidebar_state_flags_changed;
  signals[OPEN] = g_signal_new ("open", DA_TYPE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, DA_RESOURCE_BASE "/ui/da-sidebar.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  bind_template (widget_class);
}

static void
da_sidebar_init (DaSidebar *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_search_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self->search), keys);
  gtk_search_bar_connect_entry (self->search_bar, self->search);
  /* Typing in the list searches it; elsewhere, keys belong to the composer. */
  gtk_search_bar_set_key_capture_widget (self->search_bar, GTK_WIDGET (self->list_box));
}

void
da_sidebar_set_engine (DaSidebar *self,
                       DaEngine  *engine)
{
  g_assert (self->engine == NULL);

  self->engine = g_object_ref (engine);
  self->list = da_conversation_list_new (engine);
  gtk_list_box_set_header_func (self->list_box, header_func, self, NULL);
  self->day_watch = da_day_watch_new (on_day_changed, self);
  g_signal_connect_swapped (self->list, "items-changed", G_CALLBACK (on_items_changed), self);
  g_signal_connect_swapped (self->list, "notify::loading", G_CALLBACK (on_loading), self);
  g_signal_connect_swapped (self->list, "failed", G_CALLBACK (on_failed), self);
  self->sessions = g_object_ref (da_engine_get_sessions (engine));
  self->sessions_id = g_signal_connect_swapped (self->sessions, "items-changed",
                                                G_CALLBACK (on_sessions_changed), self);
  self->remote_ids[0] = g_signal_connect_swapped (da_engine_get_remote_access (engine),
                                                  "notify::state", G_CALLBACK (show_server),
                                                  self);
  g_signal_connect_object (da_engine_get_settings (engine), "changed::archivedSessionIds",
                           G_CALLBACK (on_archived_changed), self, G_CONNECT_SWAPPED);
  show_server (self);
}

DaConversationList *
da_sidebar_get_list (DaSidebar *self)
{
  return self->list;
}

void
da_sidebar_set_current (DaSidebar  *self,
                        const char *id)
{
  g_free (self->current);
  self->current = g_strdup (id);
  select_current (self);
}

void
da_sidebar_begin_search (DaSidebar *self)
{
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

void
da_sidebar_show_archived (DaSidebar *self,
                          gboolean   archived)
{
  da_conversation_list_set_archived (self->list, archived);
  adw_window_title_set_title (self->title, archived ? _("Archive") : "DotAgents");
  gtk_widget_set_visible (self->back, archived);
  gtk_widget_set_visible (self->new, !archived);
}

void
da_sidebar_set_alone (DaSidebar *self,
                      gboolean   alone)
{
  adw_header_bar_set_show_end_title_buttons (self->header, alone);
}

void
da_sidebar_step (DaSidebar *self,
                 int        direction)
{
  GtkListBoxRow *selected = gtk_list_box_get_selected_row (self->list_box);
  int index = selected != NULL ? gtk_list_box_row_get_index (selected) + direction : 0;
  GtkListBoxRow *row = index >= 0 ? gtk_list_box_get_row_at_index (self->list_box, index) : NULL;

  if (row != NULL)
    on_row_activated (self, row);
}

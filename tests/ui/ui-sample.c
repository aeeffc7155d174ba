/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-ui-sample"

#include "config.h"

#include "ui-sample.h"

#include <adwaita.h>

#include "da-clock.h"
#include "da-macros.h"
#include "da-test-util.h"
#include "da-ui.h"

const char ui_sample_markdown[] =
  "## A plan for the week\n\n"
  "Here is **what matters**, *in order*, with a [link](https://example.org/plan) and `code`.\n\n"
  "1. Write the report\n"
  "2. Ask Nuria\n"
  "   - about the numbers\n"
  "   - about the date\n"
  "3. Send it\n\n"
  "- [x] draft\n"
  "- [ ] final\n\n"
  "> Measure twice, cut once.\n\n"
  "```python\n"
  "def total(rows):\n"
  "    return sum(row.amount for row in rows if row.amount is not None and row.visible)\n"
  "```\n\n"
  "| Name | Amount | Note |\n"
  "|------|-------:|------|\n"
  "| Paper | 12 | for the printer |\n"
  "| Ink | 3 | black |\n\n"
  "---\n\n"
  "That is all. ~~Nothing more.~~";

/* What AdwApplication does: sizes depend on it. */
static void
load_style (void)
{
  GdkDisplay *display = gdk_display_get_default ();
  g_autoptr(GtkCssProvider) provider = gtk_css_provider_new ();

  if (display == NULL)
    return;
  gtk_css_provider_load_from_resource (provider, DA_RESOURCE_BASE "/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

void
ui_sample_init (void)
{
  static const char *const folders[] = { "/usr/local/share/mime", "/usr/share/mime", NULL };

  /* Pictures and icons are told apart by the system's MIME types; the folders of a test have
   * none. */
  g_content_type_set_mime_dirs (folders);
  adw_init ();
  da_ui_init ();
  load_style ();
}

DaEngine *
ui_sample_engine (const char *root)
{
  g_autofree char *data = g_build_filename (root, "data", NULL);
  g_autofree char *state = g_build_filename (root, "data", "state", NULL);
  g_autofree char *agents = g_build_filename (root, "agents", NULL);
  const DaEngineOptions options = {
    .data_dir = data,
    .state_dir = state,
    .agents_dir = agents,
    .allow_keyring = FALSE,
  };
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  DaEngine *engine;

  da_main_thread_mark ();
  engine = da_engine_new (&options);
  da_engine_start_async (engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_start_finish (engine, result, &error);
  g_assert_no_error (error);
  return engine;
}

void
ui_sample_engine_stop (DaEngine *engine)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  da_engine_stop_async (engine, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_stop_finish (engine, result, &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  da_test_await_finalize (engine);
}

DaConversation *
ui_sample_conversation (DaEngine   *engine,
                        const char *title,
                        guint       n_messages,
                        gint64      age_ms)
{
  g_autoptr(DaConversation) conversation = da_conversation_new (NULL);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  gint64 begin = da_clock_now_ms () - age_ms;
  DaConversation *stored;

  g_free (conversation->title);
  conversation->title = g_strdup (title);
  conversation->title_source = g_strdup ("manual");
  conversation->created_at = conversation->updated_at = begin;
  conversation->messages = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n_messages; i++)
    {
      g_autofree char *question = g_strdup_printf ("Question %u about %s: what should be done "
                                                   "next, and in which order?", i / 2 + 1, title);
      DaMessage *message = i % 2 == 0 ? da_message_new (DA_ROLE_USER, question)
                                      : da_message_new (DA_ROLE_ASSISTANT, ui_sample_markdown);

      message->timestamp = begin + i;
      g_ptr_array_add (conversation->messages, message);
    }
  da_engine_create_conversation_async (engine, conversation, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  stored = da_engine_create_conversation_finish (engine, result, &error);
  g_assert_no_error (error);
  return stored;
}

GtkWidget *
ui_sample_find (GtkWidget  *widget,
                gboolean  (*match) (GtkWidget     *widget,
                                    gconstpointer  data),
                gconstpointer data)
{
  if (match (widget, data))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = ui_sample_find (child, match, data);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_of_type (GtkWidget *widget, gconstpointer data)
{
  return G_TYPE_CHECK_INSTANCE_TYPE (widget, *(const GType *) data);
}

GtkWidget *
ui_sample_find_type (GtkWidget *widget,
                     GType      type)
{
  return ui_sample_find (widget, is_of_type, &type);
}

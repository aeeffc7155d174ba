/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-apply"

#include "config.h"

#include "da-preferences-apply.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#include "da-model-presets.h"

#define TOAST_SECONDS 3
/* What clipboard managers understand as "do not keep this". */
#define SECRET_HINT_TYPE "x-kde-passwordManagerHint"

typedef struct {
  GWeakRef widget;
  char *toast;
  DaPreferencesDone done;
} Apply;

static void
apply_free (Apply *self)
{
  g_weak_ref_clear (&self->widget);
  g_free (self->toast);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Apply, apply_free)

void
da_preferences_toast (GtkWidget  *widget,
                      const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast *toast;

  if (overlay == NULL)
    return;
  toast = adw_toast_new (escaped);
  adw_toast_set_timeout (toast, TOAST_SECONDS);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

static void
applied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Apply) apply = user_data;
  g_autoptr(GtkWidget) widget = g_weak_ref_get (&apply->widget);
  g_autoptr(GError) error = NULL;
  gboolean ok = da_settings_apply_finish (DA_SETTINGS (source), result, &error);

  if (!ok)
    g_warning ("a setting was not applied: %s", error->message);
  if (widget == NULL)
    return;
  if (!ok)
    da_preferences_toast (widget, error->message);
  else if (apply->toast != NULL)
    da_preferences_toast (widget, apply->toast);
  if (apply->done != NULL)
    apply->done (widget, ok);
}

void
da_preferences_apply_all (GtkWidget         *widget,
                          DaSettings        *settings,
                          GHashTable        *values,
                          const char        *toast,
                          DaPreferencesDone  done)
{
  Apply *apply = g_new0 (Apply, 1);

  g_weak_ref_init (&apply->widget, widget);
  apply->toast = g_strdup (toast);
  apply->done = done;
  da_settings_apply_async (settings, values, NULL, applied_cb, apply);
  g_hash_table_unref (values);
}

void
da_preferences_apply (GtkWidget         *widget,
                      DaSettings        *settings,
                      const char        *name,
                      JsonNode          *value,
                      const char        *toast,
                      DaPreferencesDone  done)
{
  GHashTable *values = da_model_presets_new_values ();

  g_hash_table_insert (values, g_strdup (name), value);
  da_preferences_apply_all (widget, settings, values, toast, done);
}

JsonNode *
da_preferences_boolean (gboolean value)
{
  return json_node_init_boolean (json_node_alloc (), value);
}

JsonNode *
da_preferences_string (const char *value)
{
  return json_node_init_string (json_node_alloc (), value);
}

JsonNode *
da_preferences_int (gint64 value)
{
  return json_node_init_int (json_node_alloc (), value);
}

void
da_preferences_name_buttons (GtkWidget *root)
{
  /* What is left is the label inside, which names the button without the underline. */
  if (GTK_IS_BUTTON (root) && gtk_button_get_use_underline (GTK_BUTTON (root)))
    gtk_accessible_reset_property (GTK_ACCESSIBLE (root), GTK_ACCESSIBLE_PROPERTY_LABEL);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    da_preferences_name_buttons (child);
}

void
da_preferences_copy (GtkWidget  *widget,
                     const char *text,
                     gboolean    is_secret)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (widget);
  g_autoptr(GdkContentProvider) provider = NULL;
  GdkContentProvider *parts[2];

  if (!is_secret)
    {
      gdk_clipboard_set_text (clipboard, text);
      da_preferences_toast (widget, _("Copied"));
      return;
    }
  {
    g_autoptr(GBytes) hint = g_bytes_new_static ("secret", strlen ("secret"));

    parts[0] = gdk_content_provider_new_typed (G_TYPE_STRING, text);
    parts[1] = gdk_content_provider_new_for_bytes (SECRET_HINT_TYPE, hint);
  }
  provider = gdk_content_provider_new_union (parts, G_N_ELEMENTS (parts));
  gdk_clipboard_set_content (clipboard, provider);
  da_preferences_toast (widget, _("Copied. Clear the clipboard after you have pasted it"));
}

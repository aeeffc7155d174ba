/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/* --print-settings: one line for each row, in columns. */

#define G_LOG_DOMAIN "da-settings-print"

#include "config.h"

#include "da-settings-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-settings-table.h"

/* Longer values are cut: a prompt would push the other columns off the screen. */
#define MAX_VALUE_CHARS 48

enum { NAME, VALUE, ORIGIN, ALLOWED, SUMMARY, N_COLUMNS };

static char *
cut (const char *text,
     long       max_chars)
{
  g_autofree char *head = NULL;

  if (g_utf8_strlen (text, -1) <= max_chars)
    return g_strdup (text);
  head = g_utf8_substring (text, 0, max_chars - 1);
  return g_strconcat (head, "…", NULL);
}

static char *
dup_origin (const DaSettingSpec  *spec,
            const DaSettingsSlot *slot)
{
  const char *origin = da_setting_origin_to_string (slot->origin);
  const char *detail = slot->file;

  if (spec->type == DA_SETTING_SECRET)
    return g_strdup ("secrets");
  if (slot->origin == DA_SETTING_ORIGIN_ENVIRONMENT)
    detail = spec->environment;
  return detail != NULL ? g_strdup_printf ("%s (%s)", origin, detail) : g_strdup (origin);
}

static char **
make_cells (DaSettings          *self,
            const DaSettingSpec *spec)
{
  const DaSettingsSlot *slot = &self->slots[_da_settings_row (spec)];
  g_autofree char *value = _da_settings_value_text (spec, slot->node);
  char **cells = g_new0 (char *, N_COLUMNS + 1);

  cells[NAME] = g_strdup (spec->name);
  cells[VALUE] = cut (value, MAX_VALUE_CHARS);
  cells[ORIGIN] = dup_origin (spec, slot);
  cells[ALLOWED] = da_setting_spec_dup_allowed (spec);
  cells[SUMMARY] = g_strdup (g_dgettext (GETTEXT_PACKAGE, spec->summary));
  return cells;
}

static void
append_line (GString     *text,
             char       **cells,
             const long *widths)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_string_append (text, cells[i]);
      if (i == N_COLUMNS - 1)
        break;
      for (long n = g_utf8_strlen (cells[i], -1); n < widths[i] + 2; n++)
        g_string_append_c (text, ' ');
    }
  g_string_append_c (text, '\n');
}

char *
da_settings_print (DaSettings *self)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  GString *text = g_string_new (NULL);
  long widths[N_COLUMNS] = { 0 };

  g_assert (DA_IS_SETTINGS (self));

  for (guint i = 0; i < da_settings_table_length; i++)
    g_ptr_array_add (lines, make_cells (self, &da_settings_table[i]));
  for (guint i = 0; i < lines->len; i++)
    for (guint j = 0; j < N_COLUMNS; j++)
      widths[j] = MAX (widths[j], g_utf8_strlen (((char **) lines->pdata[i])[j], -1));
  for (guint i = 0; i < lines->len; i++)
    append_line (text, lines->pdata[i], widths);
  return g_string_free (text, FALSE);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-settings.h"

G_BEGIN_DECLS

/**
 * DaSettingLink: what the rows of the preferences share. Ties one row to one setting: shows its
 * value, applies a change, puts the row back and says why when that fails, and locks the row when
 * the command line or the environment decides. Owned by the row.
 */
typedef struct _DaSettingLink DaSettingLink;

/* Shows the setting's value in the row; signals of the row are ignored meanwhile. */
typedef void (*DaSettingRefresh) (GtkWidget *row);

/* The properties every such row has: ids 1 to 3. */
enum {
  DA_SETTING_LINK_PROP_0,
  DA_SETTING_LINK_PROP_SETTING,    /* "setting": the name in the table */
  DA_SETTING_LINK_PROP_SETTINGS,   /* "settings": DaSettings */
  DA_SETTING_LINK_PROP_TOAST,      /* "toast": what is said after a change, or NULL */
  DA_SETTING_LINK_N_PROPS
};

DaSettingLink *da_setting_link_new          (GtkWidget        *row,
                                             DaSettingRefresh  refresh);
/* Forgets the row; an apply in flight ends silently. */
void           da_setting_link_free         (DaSettingLink    *self);
void           da_setting_link_install      (GObjectClass     *klass);
void           da_setting_link_set_property (DaSettingLink    *self,
                                             guint             id,
                                             const GValue     *value);
void           da_setting_link_get_property (DaSettingLink    *self,
                                             guint             id,
                                             GValue           *value);
/* (nullable): NULL until both settings and name are known */
DaSettings    *da_setting_link_get_settings (DaSettingLink    *self);
const char    *da_setting_link_get_name     (DaSettingLink    *self);
/* TRUE while the row shows a value by itself: no person has changed it. */
gboolean       da_setting_link_is_busy      (DaSettingLink    *self);
/* Takes @value. */
void           da_setting_link_apply        (DaSettingLink    *self,
                                             JsonNode         *value);
/* Shows the stored value again. */
void           da_setting_link_refresh      (DaSettingLink    *self);

/* Gives @settings to every row below @root. NULL takes them away again: libadwaita 1.2 never frees
 * the groups of a preferences page, so a page that goes has to let go for them. */
void           da_setting_link_bind_all     (GtkWidget        *root,
                                             DaSettings       *settings);

G_END_DECLS

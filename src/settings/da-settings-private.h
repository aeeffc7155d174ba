/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

/* Shared by the files of this folder; nobody else includes it. */

#include "da-settings.h"

#include "da-settings-layer.h"
#include "da-settings-watch.h"

G_BEGIN_DECLS

/* The effective value of one row. */
typedef struct {
  JsonNode       *node;    /* owned, sealed; NULL: no value */
  char          **strv;    /* owned, made when first asked for */
  DaSettingOrigin origin;
  char           *file;    /* owned; NULL unless the origin is a file */
} DaSettingsSlot;

struct _DaSettings {
  GObject parent_instance;

  /* owned */
  char            *agents_dir;
  char            *workspace_dir;    /* NULL: no workspace layer */
  DaSettingsLayer *layers[3];        /* highest first: local, workspace, global; NULL: not there */
  GHashTable      *overrides;        /* canonical name -> sealed JsonNode, from the command line */
  JsonNode       **defaults;         /* one per row, sealed; NULL: none */
  DaSettingsSlot  *slots;            /* one per row */
  GPtrArray       *problems;         /* sentences, NULL-terminated */
  DaSettingsWatch *watch;
  GQueue           writes;           /* GTask: applies that wait, the head is in flight */
  GQueue           flushes;          /* GTask: who waits for the queue to empty */

  gboolean         is_loaded : 1;
  gboolean         is_writing : 1;
  gboolean         is_reloading : 1;
  gboolean         reload_again : 1;
};

enum {
  DA_SETTINGS_LAYER_LOCAL,
  DA_SETTINGS_LAYER_WORKSPACE,
  DA_SETTINGS_LAYER_GLOBAL,
  DA_SETTINGS_N_LAYERS,
};

/* da-settings-check.c */
JsonNode   *_da_settings_parse_text    (const DaSettingSpec  *spec,
                                        const char           *text,
                                        GError              **error);
char       *_da_settings_value_text    (const DaSettingSpec  *spec,
                                        JsonNode             *node);
/* A deep, sealed copy that shares nothing with @node. */
JsonNode   *_da_settings_copy_node     (JsonNode             *node,
                                        GError              **error);

/* da-settings-values.c */
guint       _da_settings_row           (const DaSettingSpec  *spec);
/* Works out all effective values and problems anew; emits ::changed for what differs. */
void        _da_settings_refresh       (DaSettings           *self);
/* The value without environment and command line. (transfer full) (nullable) */
JsonNode   *_da_settings_dup_stored    (DaSettings           *self,
                                        const DaSettingSpec  *spec);
void        _da_settings_slot_clear    (DaSettingsSlot       *slot);

/* da-settings.c */
void        _da_settings_emit_changed  (DaSettings           *self,
                                        const DaSettingSpec  *spec);

/* da-settings-reload.c */
void        _da_settings_reload        (DaSettings           *self);

G_END_DECLS

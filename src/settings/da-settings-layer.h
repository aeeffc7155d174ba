/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-settings.h"

G_BEGIN_DECLS

/* Larger files are not read: no settings file grows so big by itself. */
#define DA_SETTINGS_MAX_BYTES (8 * 1024 * 1024)

typedef enum {
  DA_SETTINGS_CONTENT_ABSENT,
  DA_SETTINGS_CONTENT_GOOD,
  DA_SETTINGS_CONTENT_DAMAGED,   /* not JSON: restored from a backup where there is one */
  DA_SETTINGS_CONTENT_REFUSED,   /* cannot be read, or JSON we cannot hold: never overwritten */
} DaSettingsContentState;

/* What one file held when it was last read or written. */
typedef struct {
  DaSettingsContentState state;
  GBytes                *bytes;    /* NULL: absent or unreadable */
  JsonObject            *object;   /* NULL: no keys. Sealed, so other threads may read it */
  char                  *problem;  /* NULL or a sentence */
} DaSettingsContent;

typedef struct {
  char             *path;
  char             *backup_dir;
  DaSettingsContent content;
} DaSettingsFile;

/**
 * DaSettingsLayer: the JSON files of one .agents folder (or the one private file), merged: of two
 * files with the same key the later in the order settings, models, mcp, layout wins.
 */
typedef struct {
  DaSettingOrigin origin;
  guint           n_files;
  DaSettingsFile  files[4];   /* by DaSettingFile; the private file is the first of its layer */
} DaSettingsLayer;

DaSettingsLayer *da_settings_layer_new      (DaSettingOrigin        origin,
                                             const char            *folder);
DaSettingsLayer *da_settings_layer_new_file (DaSettingOrigin        origin,
                                             const char            *path);
void             da_settings_layer_free     (DaSettingsLayer       *self);
/* Blocking: reads all files and restores damaged ones. */
void             da_settings_layer_load     (DaSettingsLayer       *self);
/* (transfer none) (nullable); @path: (out) (optional) (transfer none) */
JsonNode        *da_settings_layer_get      (const DaSettingsLayer *self,
                                             const char            *name,
                                             const char           **path);
DaSettingsFile  *da_settings_layer_home     (DaSettingsLayer       *self,
                                             const char            *name);

/* Blocking, any thread. Never fails: see the state. */
void     da_settings_content_read      (DaSettingsContent *self,
                                        const char        *path);
void     da_settings_content_clear     (DaSettingsContent *self);
/* Moves @from into @self; a damaged file keeps the keys that were good before. */
void     da_settings_content_adopt     (DaSettingsContent *self,
                                        DaSettingsContent *from);

/* For tables whose values may be NULL. */
void     da_settings_unref_node        (gpointer           node);

/* One change of one file: the read, modify and write of a worker job. */
typedef struct {
  char              *path;
  char              *backup_dir;
  GHashTable        *changes;    /* name -> sealed JsonNode; NULL: remove */
  JsonObject        *last_good;  /* (nullable): taken when the file on disk is damaged */
  DaSettingsContent  before;
  DaSettingsContent  after;
  gboolean           is_done;
} DaSettingsEdit;

DaSettingsEdit *da_settings_edit_new  (const DaSettingsFile  *file);
void            da_settings_edit_free (DaSettingsEdit        *self);
gboolean        da_settings_edit_run  (DaSettingsEdit        *self,
                                       GError               **error);
/* Puts the bytes from before back. */
void            da_settings_edit_undo (DaSettingsEdit        *self);

/* da-settings-backup.c; blocking, any thread. */

/* Copies the file at @path to @backup_dir and drops the oldest copies; a failure is only logged. */
void     da_settings_backup_make    (const char            *path,
                                     const char            *backup_dir);
/* (transfer full) (nullable): the newest backup that is JSON; @name_out gets its file name. */
GBytes  *da_settings_backup_find    (const char            *path,
                                     const char            *backup_dir,
                                     char                 **name_out);

G_END_DECLS

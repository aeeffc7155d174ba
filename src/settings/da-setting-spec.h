/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  DA_SETTING_BOOLEAN,
  DA_SETTING_INT,
  DA_SETTING_NUMBER,
  DA_SETTING_STRING,
  DA_SETTING_ENUM,       /* one of choices */
  DA_SETTING_STRV,       /* array of strings */
  DA_SETTING_JSON,       /* any array or object; checked by validate */
  DA_SETTING_SECRET,     /* lives in DaSecrets, never in a file of .agents */
} DaSettingType;

/* Where a key is written (contract 20 A.12). */
typedef enum {
  DA_SETTING_FILE_SETTINGS,   /* dotagents-settings.json */
  DA_SETTING_FILE_MCP,        /* mcp.json */
  DA_SETTING_FILE_MODELS,     /* models.json */
  DA_SETTING_FILE_UI,         /* layouts/ui.json */
  DA_SETTING_FILE_LOCAL,      /* private to this program: settings.json in the data folder */
  DA_SETTING_FILE_NONE,       /* never stored (command line or environment only) */
} DaSettingFile;

typedef enum {
  DA_SETTING_READ        = 1 << 0,   /* GET /v1/settings shows it */
  DA_SETTING_WRITE       = 1 << 1,   /* PATCH /v1/settings may change it */
  DA_SETTING_SENSITIVE   = 1 << 2,   /* a change is audited (contract 30 C.3) */
  DA_SETTING_TRIM        = 1 << 3,
  DA_SETTING_EMPTY_UNSETS = 1 << 4,  /* "" removes the stored value */
  DA_SETTING_OMIT_UNSET  = 1 << 5,   /* GET leaves it out while it has no value */
  DA_SETTING_UNIQUE      = 1 << 6,   /* strv: drop duplicates (blanks are always dropped) */
  DA_SETTING_FLOOR       = 1 << 7,   /* a fraction is cut, not refused (contract 30 C.2 "floor") */
} DaSettingFlags;

/* What a change sets off; the owner of the effect watches DaSettings::changed. */
typedef enum {
  DA_SETTING_EFFECT_NONE,
  DA_SETTING_EFFECT_SERVER,     /* listener, key, CORS, log level */
  DA_SETTING_EFFECT_PROVIDER,   /* the model provider is made anew */
  DA_SETTING_EFFECT_THEME,
  DA_SETTING_EFFECT_AUTOSTART,
} DaSettingEffect;

/**
 * DaSettingSpec: one row of the one table of settings (da-settings-table.c).
 */
typedef struct {
  const char        *name;          /* JSON name, camel case */
  DaSettingType      type;
  const char        *default_json;  /* NULL: no value */
  double             minimum, maximum;   /* both 0: any number */
  const char *const *choices;       /* NULL-terminated; for ENUM, and for INT integers as text */
  DaSettingFile      file;
  unsigned           flags;
  DaSettingEffect    effect;
  const char        *alias;         /* (nullable) a second name kept equal (agentX / mcpToolsX) */
  const char        *environment;   /* (nullable) variable that overrides it */
  const char        *summary;       /* N_() one line: --print-settings, window, reference */
} DaSettingSpec;

/* (nullable) (transfer none) */
const DaSettingSpec *da_setting_spec_find  (const char *name);
/* All rows, in the order of the table; @n_out gets their number. */
const DaSettingSpec *da_setting_spec_all   (guint      *n_out);
/* The row that holds the value: of a pair of names kept equal it is the agentX one; else @spec. */
const DaSettingSpec *da_setting_spec_canonical (const DaSettingSpec *spec);
/* (transfer full): what is allowed, to follow "must be": "a whole number from 1 to 65535". */
char                *da_setting_spec_dup_allowed (const DaSettingSpec *spec);
/* The file a key that is not in the table belongs to, by the rule of contract 20 A.12. */
DaSettingFile        da_setting_file_of    (const char *name);

G_END_DECLS

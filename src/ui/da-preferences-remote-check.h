/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"
#include "da-preferences-remote-watch.h"

G_BEGIN_DECLS

/* The four symptoms of the documentation. */
typedef enum {
  DA_SYMPTOM_CANNOT_CONNECT,
  DA_SYMPTOM_WRONG_KEY,
  DA_SYMPTOM_NOT_ON_PHONE,
  DA_SYMPTOM_TUNNEL,
} DaSymptom;

/* What the diagnosis depends on. All borrowed. */
typedef struct {
  const DaReachability *reachability;
  gboolean    answers_here;     /* this computer itself gets through to the address */
  gboolean    tunnel_is_open;
  guint       n_devices;
  guint       wrong_keys;       /* refused for the key, among the last requests */
  guint       outside;          /* requests from other machines, among the last */
  const char *refused_host;     /* (nullable): the last refused one that is not allowed now */
  const char *refused_origin;   /* (nullable): the same */
} DaDiagnosisState;

typedef struct {
  gboolean  found;              /* a cause, not only advice */
  gboolean  repairs;            /* the repair of the reachability is the remedy */
  char     *cause;
  char     *advice;
} DaDiagnosis;

/* (transfer full): the cause in words. A pure function. */
DaDiagnosis *da_diagnosis_new  (DaSymptom               symptom,
                                const DaDiagnosisState *state);
void         da_diagnosis_free (DaDiagnosis            *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaDiagnosis, da_diagnosis_free)

/**
 * DaPreferencesRemoteCheck:
 *
 * The sub-page that turns a symptom into its actual cause. It knocks at the server's own address
 * and reads what the last requests came to.
 */
#define DA_TYPE_PREFERENCES_REMOTE_CHECK (da_preferences_remote_check_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesRemoteCheck, da_preferences_remote_check, DA,
                      PREFERENCES_REMOTE_CHECK, GtkBox)

/* (transfer floating) */
GtkWidget *da_preferences_remote_check_new (DaEngine      *engine,
                                            DaRemoteWatch *watch);

G_END_DECLS

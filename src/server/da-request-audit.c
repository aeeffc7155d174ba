/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-audit"

#include "config.h"

#include "da-request-private.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "da-access-devices.h"
#include "da-audit-rules.h"
#include "da-clock.h"
#include "da-redact.h"
#include "da-server-private.h"

/*
 * What the audit log is told of a request, when it has ended: every refusal, the first use of a key
 * from an address, and every write with its outcome. Who it was comes from the key, never from
 * what the request says of itself. Reads that are allowed are in the access log only.
 */

#define OPERATOR_PREFIX "/v1/operator/"
/* Of a path that is no route of ours: enough to see what somebody tried. */
#define MAX_PATH_BYTES 200

static const char *
get_header (DaRequest  *self,
            const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (self->message),
                                       name);
}

void
_da_request_refuse (DaRequest  *self,
                    DaRefusal   refusal,
                    const char *refused)
{
  self->refusal = refusal;
  g_free (self->refused);
  self->refused = g_strdup (refused);
}

void
_da_request_identified (DaRequest *self)
{
  DaAccess *access = self->context->access;

  if (self->identity->kind != DA_IDENTITY_DEVICE)
    return;
  da_access_note_request (access, self->identity, 1);
  da_access_note_client_id (access, self->identity, da_request_get_device_header (self));
}

/* (transfer full): the route where it is known; ids and queries stay out. What was refused before
 * that is told as it came. */
static char *
describe_path (DaRequest *self)
{
  GUri *uri;

  if (self->match.route != NULL)
    return g_strdup (self->match.route->pattern);
  uri = soup_server_message_get_uri (self->message);
  return uri != NULL ? da_redact (g_uri_get_path (uri)) : g_strdup ("-");
}

static DaAuditEntry *
make_entry (DaRequest  *self,
            const char *action,
            gboolean    success)
{
  g_autofree char *path = describe_path (self);
  DaAuditEntry *entry = da_audit_entry_new (action, path, success);
  const char *agent = get_header (self, "User-Agent");

  entry->status = (int) self->status;
  entry->ip = g_strdup (self->address);
  entry->origin = g_strdup (get_header (self, "Origin"));
  entry->user_agent = agent != NULL ? da_redact (agent) : NULL;
  if (self->identity != NULL)
    {
      entry->device_id = g_strdup (self->identity->device_id);
      entry->device_name = g_strdup (self->identity->name);
    }
  return entry;
}

static const char *
refusal_reason (DaRequest *self)
{
  const char *key = get_header (self, "Authorization");

  if (self->audit_failure != NULL)
    return self->audit_failure;
  if (self->status == 429)
    return "too-many-attempts";
  if (self->status == 401)
    return key == NULL ? "missing-key" : "wrong-key";
  if (self->identity == NULL)
    return "host-or-origin-not-allowed";
  return "not-in-scope";
}

static void
write_refusal (DaRequest *self)
{
  const char *action = self->audit_action != NULL ? self->audit_action
                       : self->identity != NULL ? "access-denied" : "authentication";
  DaAuditEntry *entry = make_entry (self, action, FALSE);

  entry->failure_reason = g_strdup (refusal_reason (self));
  da_audit_rules_add_refusal (self->context->audit_rules, entry, da_clock_monotonic_us ());
}

static void
write_first_use (DaRequest *self)
{
  const char *who = self->identity->device_id != NULL ? self->identity->device_id
                                                      : self->identity->name;

  if (da_audit_rules_is_news (self->context->audit_rules, who, self->address,
                              da_clock_monotonic_us ()))
    da_audit_log_append (da_engine_get_audit_log (self->context->engine),
                         make_entry (self, "authentication", TRUE));
}

static gboolean
is_write (DaRequest *self)
{
  const char *method = soup_server_message_get_method (self->message);

  return strcmp (method, "GET") != 0 && strcmp (method, "HEAD") != 0
         && strcmp (method, "OPTIONS") != 0;
}

/* (transfer full): "run-agent" of an operator's route, else what was asked. */
static char *
dup_default_action (DaRequest *self)
{
  const char *pattern = self->match.route->pattern;
  g_autofree char *method =
    g_ascii_strdown (soup_server_message_get_method (self->message), -1);

  if (g_str_has_prefix (pattern, OPERATOR_PREFIX) && strcmp (method, "post") == 0)
    return g_strdelimit (g_strdup (pattern + strlen (OPERATOR_PREFIX)), "/", '-');
  return g_strdup (method);
}

static void
write_outcome (DaRequest *self)
{
  g_autofree char *usual = dup_default_action (self);
  gboolean success = self->audit_failure == NULL && self->status > 0 && self->status < 400;
  DaAuditEntry *entry = make_entry (self, self->audit_action != NULL ? self->audit_action : usual,
                                    success);

  entry->details = g_strdup (self->audit_details);
  if (self->audit_failure != NULL)
    entry->failure_reason = da_redact (self->audit_failure);
  else if (self->status == 0)
    entry->failure_reason = g_strdup ("client-gone");
  else if (!success)
    entry->failure_reason = g_strdup_printf ("http-%u", self->status);
  da_audit_log_append (da_engine_get_audit_log (self->context->engine), entry);
}

/* (nullable): the pattern of a path, also when the gate refused it before its route was looked for.
 * Any method will do: a preflight is seen as the route it is for. */
static const char *
find_pattern (DaRequest  *self,
              const char *path)
{
  const char *const methods[] = {
    soup_server_message_get_method (self->message), "GET", "POST", "PUT", "PATCH", "DELETE",
  };
  const DaRoute *route = self->match.route;

  for (gsize i = 0; route == NULL && i < G_N_ELEMENTS (methods); i++)
    {
      DaRouteMatch match;

      da_router_match (self->context->router, methods[i], path, &match);
      route = match.route;
      da_route_match_clear (&match);
    }
  return route != NULL ? route->pattern : NULL;
}

/* (transfer full): for a person to read */
static char *
describe_route (DaRequest *self)
{
  GUri *uri = soup_server_message_get_uri (self->message);
  const char *pattern = find_pattern (self, uri != NULL ? g_uri_get_path (uri) : "");
  g_autofree char *path = NULL;

  if (pattern != NULL)
    return g_strdup (pattern);
  path = describe_path (self);
  return g_utf8_make_valid (path, (gssize) MIN (strlen (path), MAX_PATH_BYTES));
}

/* In the person's language; in the records, which others read too, they keep one name. */
static const char *
describe_who (const DaIdentity *identity)
{
  switch (identity->kind)
    {
    case DA_IDENTITY_API_KEY: return _("API key");
    /* Translators: who asked, as in "this computer · 2 ms" */
    case DA_IDENTITY_LOCAL: return _("this computer");
    case DA_IDENTITY_DEVICE: return identity->name;
    }
  g_assert_not_reached ();
}

/* What the window lists. */
static void
remember (DaRequest *self)
{
  const char *method = soup_server_message_get_method (self->message);
  g_autofree char *route = describe_route (self);
  DaRequestLogItem item = {
    .who = self->identity != NULL ? describe_who (self->identity) : NULL,
    .method = method,
    .route = route,
    .address = self->address,
    .refused = self->refused,
    .duration_us = da_clock_monotonic_us () - self->started_us,
    .status = self->status,
    .refusal = self->refusal,
  };

  da_request_log_add (da_engine_get_request_log (self->context->engine), &item);
}

void
_da_request_write_audit (DaRequest *self)
{
  gboolean refused = self->status == 401 || self->status == 403 || self->status == 429;

  remember (self);
  if (self->identity != NULL)
    {
      if (self->identity->kind == DA_IDENTITY_DEVICE)
        da_access_note_request (self->context->access, self->identity, -1);
      write_first_use (self);
    }
  /* A provider that refuses answers 429 as well, but then the handler was reached. */
  if (refused && !self->is_dispatched)
    write_refusal (self);
  else if (self->identity != NULL && self->match.route != NULL
           && (self->audit_action != NULL || is_write (self)))
    write_outcome (self);
}

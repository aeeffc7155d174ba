/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-device"

#include "da-device-private.h"

#include "da-access-private.h"
#include "da-clock.h"
#include "da-random.h"
#include "da-redact.h"

#define KEY_BYTES 32
#define STORE_AGAIN_MS (60 * 1000)

struct _DaDevice {
  GObject parent_instance;

  DaDeviceRecord *record;
  DaIdentity *identity;      /* replaced when the scopes change or the key is valid again */
  char *key;                 /* (nullable) in clear, while it waits */
  gint64 expires_at;
  gint64 stored_at;          /* last_seen as the store has it */
  guint requests;
  DaDeviceState state;
};

enum {
  PROP_0,
  PROP_STATE,
  PROP_NAME,
  PROP_SCOPES,
  PROP_LAST_SEEN,
  PROP_ADDRESS,
  PROP_REQUESTS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (DaDevice, da_device, G_TYPE_OBJECT)

static void
da_device_finalize (GObject *object)
{
  DaDevice *self = DA_DEVICE (object);

  if (self->key != NULL)
    da_redact_unregister (self->key);
  g_clear_pointer (&self->key, da_secret_free);
  g_clear_pointer (&self->identity, da_identity_unref);
  g_clear_pointer (&self->record, da_device_record_free);
  G_OBJECT_CLASS (da_device_parent_class)->finalize (object);
}

static void
da_device_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DaDevice *self = DA_DEVICE (object);

  switch (id)
    {
    case PROP_STATE: g_value_set_int (value, self->state); break;
    case PROP_NAME: g_value_set_string (value, self->record->name); break;
    case PROP_SCOPES: g_value_set_uint (value, self->record->scopes); break;
    case PROP_LAST_SEEN: g_value_set_int64 (value, self->record->last_seen); break;
    case PROP_ADDRESS: g_value_set_string (value, self->record->address); break;
    case PROP_REQUESTS: g_value_set_uint (value, self->requests); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_device_class_init (DaDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = da_device_finalize;
  object_class->get_property = da_device_get_property;
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, DA_DEVICE_WAITING,
                                             DA_DEVICE_EXPIRED, DA_DEVICE_WAITING, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_SCOPES] = g_param_spec_uint ("scopes", NULL, NULL, 0, DA_SCOPE_ALL, 0, flags);
  properties[PROP_LAST_SEEN] = g_param_spec_int64 ("last-seen", NULL, NULL, 0, G_MAXINT64, 0,
                                                   flags);
  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, flags);
  properties[PROP_REQUESTS] = g_param_spec_uint ("requests", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
da_device_init (DaDevice *self)
{
}

static void
notify (DaDevice *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
make_identity (DaDevice *self)
{
  g_clear_pointer (&self->identity, da_identity_unref);
  self->identity = _da_identity_new (DA_IDENTITY_DEVICE, self->record->name,
                                     self->record->scopes);
  self->identity->device_id = g_strdup (self->record->id);
}

DaDevice *
_da_device_new_waiting (unsigned scopes)
{
  DaDevice *self = g_object_new (DA_TYPE_DEVICE, NULL);

  self->key = da_random_hex (KEY_BYTES);
  da_redact_register (self->key);
  self->record = da_device_record_new ();
  self->record->id = da_random_id ("device");
  self->record->digest = da_secret_digest (self->key);
  self->record->name = g_strdup ("");
  self->record->scopes = scopes;
  self->expires_at = da_clock_now_ms () + DA_PAIRING_SECONDS * 1000;
  make_identity (self);
  return self;
}

DaDevice *
_da_device_new_stored (const DaDeviceRecord *record)
{
  DaDevice *self = g_object_new (DA_TYPE_DEVICE, NULL);

  self->record = da_device_record_copy (record);
  self->stored_at = record->last_seen;
  self->state = DA_DEVICE_PAIRED;
  make_identity (self);
  return self;
}

const DaDeviceRecord *
_da_device_get_record (DaDevice *self)
{
  return self->record;
}

DaIdentity *
_da_device_get_identity (DaDevice *self)
{
  return self->identity;
}

static void
set_state (DaDevice *self, DaDeviceState state)
{
  if (self->state == state)
    return;
  self->state = state;
  notify (self, PROP_STATE);
}

static void
forget_key (DaDevice *self)
{
  /* Still redacted: it may turn up in a client's own words for as long as this program runs. */
  g_clear_pointer (&self->key, da_secret_free);
  self->expires_at = 0;
}

void
_da_device_claim (DaDevice   *self,
                  const char *user_agent)
{
  forget_key (self);
  self->record->first_seen = da_clock_now_ms ();
  if (*self->record->name == '\0')
    {
      g_free (self->record->name);
      self->record->name = da_device_name_from (user_agent);
      notify (self, PROP_NAME);
    }
  make_identity (self);
  set_state (self, DA_DEVICE_PAIRED);
}

static void
replace (char **field, const char *value)
{
  if (value == NULL || g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = g_strdup (value);
}

/* For a client's own words, which are stored and shown: some put a key into them. */
static void
replace_redacted (char **field, const char *value)
{
  if (value == NULL || g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = da_redact (value);
}

void
_da_device_seen (DaDevice   *self,
                 const char *address,
                 const char *user_agent)
{
  gboolean moved = address != NULL && g_strcmp0 (self->record->address, address) != 0;

  self->record->last_seen = da_clock_now_ms ();
  replace (&self->record->address, address);
  replace_redacted (&self->record->user_agent, user_agent);
  notify (self, PROP_LAST_SEEN);
  if (moved)
    notify (self, PROP_ADDRESS);
}

gboolean
_da_device_should_store (DaDevice *self)
{
  gint64 age = self->record->last_seen - self->stored_at;

  if (age >= 0 && age < STORE_AGAIN_MS)
    return FALSE;
  self->stored_at = self->record->last_seen;
  return TRUE;
}

void
_da_device_set_client_id (DaDevice   *self,
                          const char *client_id)
{
  replace_redacted (&self->record->client_id, client_id);
}

void
_da_device_set_name (DaDevice   *self,
                     const char *name)
{
  replace (&self->record->name, name);
  replace (&self->identity->name, name);
  notify (self, PROP_NAME);
}

void
_da_device_set_scopes (DaDevice *self,
                       unsigned  scopes)
{
  self->record->scopes = scopes;
  self->identity->scopes = scopes;
  notify (self, PROP_SCOPES);
}

void
_da_device_revoke (DaDevice *self)
{
  self->record->revoked_at = da_clock_now_ms ();
  set_state (self, DA_DEVICE_REVOKED);
  g_cancellable_cancel (self->identity->revoked);
}

void
_da_device_restore (DaDevice *self)
{
  self->record->revoked_at = 0;
  make_identity (self);
  set_state (self, DA_DEVICE_PAIRED);
}

void
_da_device_expire (DaDevice *self)
{
  forget_key (self);
  set_state (self, DA_DEVICE_EXPIRED);
}

void
_da_device_add_requests (DaDevice *self,
                         int       delta)
{
  g_assert (delta >= 0 || self->requests >= (guint) -delta);
  self->requests += delta;
  notify (self, PROP_REQUESTS);
}

const char *
da_device_state_to_string (DaDeviceState state)
{
  switch (state)
    {
    case DA_DEVICE_WAITING: return "waiting";
    case DA_DEVICE_PAIRED: return "paired";
    case DA_DEVICE_REVOKED: return "revoked";
    case DA_DEVICE_EXPIRED: return "expired";
    }
  g_assert_not_reached ();
}

const char *
da_device_get_id (DaDevice *self)
{
  return self->record->id;
}

DaDeviceState
da_device_get_state (DaDevice *self)
{
  return self->state;
}

const char *
da_device_get_name (DaDevice *self)
{
  return self->record->name;
}

unsigned
da_device_get_scopes (DaDevice *self)
{
  return self->record->scopes;
}

gint64
da_device_get_first_seen (DaDevice *self)
{
  return self->record->first_seen;
}

gint64
da_device_get_last_seen (DaDevice *self)
{
  return self->record->last_seen;
}

const char *
da_device_get_address (DaDevice *self)
{
  return self->record->address;
}

const char *
da_device_get_user_agent (DaDevice *self)
{
  return self->record->user_agent;
}

const char *
da_device_get_client_id (DaDevice *self)
{
  return self->record->client_id;
}

gint64
da_device_get_expires_at (DaDevice *self)
{
  return self->expires_at;
}

const char *
da_device_peek_key (DaDevice *self)
{
  return self->key;
}

char *
da_device_dup_link (DaDevice   *self,
                    const char *base_url)
{
  g_autofree char *url = NULL;

  if (self->key == NULL)
    return NULL;
  url = g_uri_escape_string (base_url, NULL, FALSE);
  return g_strdup_printf ("dotagents://config?baseUrl=%s&apiKey=%s", url, self->key);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-remote-access"

#include "da-remote-access.h"

/*
 * A status object and nothing else: the server writes it, the window and the operator routes read
 * it. It starts nothing and knows nobody.
 */
struct _DaRemoteAccess {
  GObject parent_instance;

  DaRemoteState state;
  char *bind;
  guint port;
  char *url;
  char *connectable_url;
  char *last_error;
  char *refused_host;
  char *refused_origin;
  guint streams;
};

enum {
  PROP_0,
  PROP_STATE,
  PROP_BIND,
  PROP_PORT,
  PROP_URL,
  PROP_CONNECTABLE_URL,
  PROP_LAST_ERROR,
  PROP_STREAMS,
  PROP_REFUSED_HOST,
  PROP_REFUSED_ORIGIN,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (DaRemoteAccess, da_remote_access, G_TYPE_OBJECT)

static void
set_text (DaRemoteAccess *self, char **field, const char *value, guint property)
{
  if (g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
da_remote_access_finalize (GObject *object)
{
  DaRemoteAccess *self = DA_REMOTE_ACCESS (object);

  g_free (self->bind);
  g_free (self->url);
  g_free (self->connectable_url);
  g_free (self->last_error);
  g_free (self->refused_host);
  g_free (self->refused_origin);
  G_OBJECT_CLASS (da_remote_access_parent_class)->finalize (object);
}

static void
da_remote_access_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DaRemoteAccess *self = DA_REMOTE_ACCESS (object);

  switch (id)
    {
    case PROP_STATE: g_value_set_int (value, self->state); break;
    case PROP_BIND: g_value_set_string (value, self->bind); break;
    case PROP_PORT: g_value_set_uint (value, self->port); break;
    case PROP_URL: g_value_set_string (value, self->url); break;
    case PROP_CONNECTABLE_URL: g_value_set_string (value, self->connectable_url); break;
    case PROP_LAST_ERROR: g_value_set_string (value, self->last_error); break;
    case PROP_STREAMS: g_value_set_uint (value, self->streams); break;
    case PROP_REFUSED_HOST: g_value_set_string (value, self->refused_host); break;
    case PROP_REFUSED_ORIGIN: g_value_set_string (value, self->refused_origin); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_remote_access_class_init (DaRemoteAccessClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = da_remote_access_finalize;
  object_class->get_property = da_remote_access_get_property;

  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, DA_REMOTE_OFF, DA_REMOTE_FAILED,
                                             DA_REMOTE_OFF, flags);
  properties[PROP_BIND] = g_param_spec_string ("bind", NULL, NULL, NULL, flags);
  properties[PROP_PORT] = g_param_spec_uint ("port", NULL, NULL, 0, 65535, 0, flags);
  properties[PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
  properties[PROP_CONNECTABLE_URL] = g_param_spec_string ("connectable-url", NULL, NULL, NULL,
                                                          flags);
  properties[PROP_LAST_ERROR] = g_param_spec_string ("last-error", NULL, NULL, NULL, flags);
  properties[PROP_STREAMS] = g_param_spec_uint ("streams", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_REFUSED_HOST] = g_param_spec_string ("refused-host", NULL, NULL, NULL, flags);
  properties[PROP_REFUSED_ORIGIN] = g_param_spec_string ("refused-origin", NULL, NULL, NULL,
                                                         flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
da_remote_access_init (DaRemoteAccess *self)
{
}

DaRemoteAccess *
da_remote_access_new (void)
{
  return g_object_new (DA_TYPE_REMOTE_ACCESS, NULL);
}

DaRemoteState
da_remote_access_get_state (DaRemoteAccess *self)
{
  return self->state;
}

const char *
da_remote_access_get_bind (DaRemoteAccess *self)
{
  return self->bind;
}

guint
da_remote_access_get_port (DaRemoteAccess *self)
{
  return self->port;
}

const char *
da_remote_access_get_url (DaRemoteAccess *self)
{
  return self->url;
}

const char *
da_remote_access_get_connectable_url (DaRemoteAccess *self)
{
  return self->connectable_url;
}

const char *
da_remote_access_get_last_error (DaRemoteAccess *self)
{
  return self->last_error;
}

guint
da_remote_access_get_streams (DaRemoteAccess *self)
{
  return self->streams;
}

void
da_remote_access_set_running (DaRemoteAccess *self,
                              const char     *bind,
                              guint           port,
                              const char     *url,
                              const char     *connectable_url)
{
  set_text (self, &self->bind, bind, PROP_BIND);
  if (self->port != port)
    {
      self->port = port;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PORT]);
    }
  set_text (self, &self->url, url, PROP_URL);
  set_text (self, &self->connectable_url, connectable_url, PROP_CONNECTABLE_URL);
  da_remote_access_set_state (self, DA_REMOTE_RUNNING, NULL);
}

void
da_remote_access_set_state (DaRemoteAccess *self,
                            DaRemoteState   state,
                            const char     *last_error)
{
  set_text (self, &self->last_error, last_error, PROP_LAST_ERROR);
  if (state != DA_REMOTE_RUNNING)
    {
      set_text (self, &self->url, NULL, PROP_URL);
      set_text (self, &self->connectable_url, NULL, PROP_CONNECTABLE_URL);
    }
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
da_remote_access_add_streams (DaRemoteAccess *self,
                              int             delta)
{
  g_assert (delta >= 0 || self->streams >= (guint) -delta);
  self->streams += delta;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STREAMS]);
}

void
da_remote_access_set_refused (DaRemoteAccess *self,
                              const char     *host,
                              const char     *origin)
{
  if (host != NULL)
    set_text (self, &self->refused_host, host, PROP_REFUSED_HOST);
  if (origin != NULL)
    set_text (self, &self->refused_origin, origin, PROP_REFUSED_ORIGIN);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-values-device"

#include "da-device-record.h"

#include <string.h>

DaDeviceRecord *
da_device_record_new (void)
{
  return g_new0 (DaDeviceRecord, 1);
}

DaDeviceRecord *
da_device_record_copy (const DaDeviceRecord *record)
{
  DaDeviceRecord *copy = da_device_record_new ();

  *copy = *record;
  copy->id = g_strdup (record->id);
  copy->digest = g_strdup (record->digest);
  copy->name = g_strdup (record->name);
  copy->address = g_strdup (record->address);
  copy->user_agent = g_strdup (record->user_agent);
  copy->client_id = g_strdup (record->client_id);
  return copy;
}

void
da_device_record_free (DaDeviceRecord *record)
{
  g_free (record->id);
  g_free (record->digest);
  g_free (record->name);
  g_free (record->address);
  g_free (record->user_agent);
  g_free (record->client_id);
  g_free (record);
}

/* First match wins, so the special comes before the general: Edge says Chrome, Chrome says
 * Safari. */
static const struct {
  const char *needle;
  const char *name;
} browsers[] = {
  { "Edg/", "Edge" },
  { "OPR/", "Opera" },
  { "Firefox/", "Firefox" },
  { "HeadlessChrome/", "Chrome" },
  { "Chrome/", "Chrome" },
  { "Safari/", "Safari" },
};

static const struct {
  const char *needle;
  const char *name;
} systems[] = {
  { "iPhone", "iPhone" },
  { "iPad", "iPad" },
  { "Android", "Android" },
  { "Windows", "Windows" },
  { "Macintosh", "Mac" },
  { "Linux", "Linux" },
};

char *
da_device_name_from (const char *user_agent)
{
  const char *browser = NULL;
  const char *system = NULL;

  if (user_agent == NULL || *user_agent == '\0')
    return g_strdup ("Phone");
  if (g_str_has_prefix (user_agent, "okhttp/"))
    return g_strdup ("Android phone");
  if (strstr (user_agent, "CFNetwork/") != NULL)
    return g_strdup ("iPhone");
  for (guint i = 0; i < G_N_ELEMENTS (browsers) && browser == NULL; i++)
    if (strstr (user_agent, browsers[i].needle) != NULL)
      browser = browsers[i].name;
  for (guint i = 0; i < G_N_ELEMENTS (systems) && system == NULL; i++)
    if (strstr (user_agent, systems[i].needle) != NULL)
      system = systems[i].name;
  if (browser != NULL && system != NULL)
    return g_strdup_printf ("%s on %s", browser, system);
  if (system != NULL)
    return g_strdup (system);
  return g_strndup (user_agent, strcspn (user_agent, "/ ("));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-preferences-diagnosis"

#include "da-preferences-remote-check.h"
#include "da-preferences-time.h"

static const DaReachability off = {
  DA_REACH_NOBODY, DA_REPAIR_SWITCH_ON, FALSE, (char *) "Nobody: it is off", (char *) "Off" };
static const DaReachability here = {
  DA_REACH_THIS_COMPUTER, DA_REPAIR_OPEN_TO_NETWORK, FALSE, (char *) "Only this computer",
  (char *) "Here" };
static const DaReachability network = {
  DA_REACH_NETWORK, DA_REPAIR_NONE, FALSE, (char *) "Devices", (char *) "Addresses" };
static const DaReachability firewalled = {
  DA_REACH_NETWORK, DA_REPAIR_FIREWALL, FALSE, (char *) "Devices", (char *) "The firewall is on" };

typedef struct {
  const char *name;
  DaSymptom symptom;
  DaDiagnosisState state;
  const char *cause;
  gboolean found;
  gboolean repairs;
} Case;

#define WELL(reach) .reachability = &reach, .answers_here = TRUE

static const Case cases[] = {
  { "off-is-the-cause-of-no-connection", DA_SYMPTOM_CANNOT_CONNECT, { WELL (off) },
    "Nobody: it is off", TRUE, TRUE },
  { "off-comes-before-a-wrong-key", DA_SYMPTOM_WRONG_KEY, { WELL (off), .wrong_keys = 3 },
    "Nobody: it is off", TRUE, TRUE },
  { "no-answer-is-named", DA_SYMPTOM_CANNOT_CONNECT, { .reachability = &network },
    "The server does not answer at its own address", TRUE, FALSE },
  { "an-answering-server-is-not-the-cause", DA_SYMPTOM_CANNOT_CONNECT, { WELL (network) },
    "The server answers", FALSE, FALSE },
  { "a-refused-host-is-the-cause", DA_SYMPTOM_CANNOT_CONNECT,
    { WELL (network), .refused_host = "desk.lan" },
    "The host name desk.lan was refused", TRUE, FALSE },
  { "a-refused-page-is-the-cause", DA_SYMPTOM_NOT_ON_PHONE,
    { WELL (network), .refused_origin = "https://x.example" },
    "The web page https://x.example was refused", TRUE, FALSE },
  { "wrong-keys-are-counted", DA_SYMPTOM_WRONG_KEY, { WELL (network), .wrong_keys = 2 },
    "2 of the last requests came with unknown keys", TRUE, FALSE },
  { "no-phone-is-paired", DA_SYMPTOM_WRONG_KEY, { WELL (network) },
    "No phone is paired", FALSE, FALSE },
  { "loopback-keeps-the-phone-out", DA_SYMPTOM_NOT_ON_PHONE, { WELL (here) },
    "Only this computer", TRUE, TRUE },
  { "loopback-is-no-cause-for-a-script-here", DA_SYMPTOM_CANNOT_CONNECT, { WELL (here) },
    "The server answers", FALSE, FALSE },
  { "a-firewall-keeps-the-phone-out", DA_SYMPTOM_NOT_ON_PHONE, { WELL (firewalled) },
    "The firewall is on", TRUE, TRUE },
  { "a-firewall-that-lets-in-is-no-cause", DA_SYMPTOM_NOT_ON_PHONE,
    { WELL (firewalled), .outside = 4 }, "Other machines do get through", FALSE, FALSE },
  { "a-wrong-key-comes-before-a-refused-host", DA_SYMPTOM_WRONG_KEY,
    { WELL (network), .wrong_keys = 1, .refused_host = "desk.lan" },
    "1 of the last requests came with an unknown key", TRUE, FALSE },
  { "a-refused-host-comes-before-no-wrong-key", DA_SYMPTOM_WRONG_KEY,
    { WELL (network), .refused_host = "desk.lan" },
    "The host name desk.lan was refused", TRUE, FALSE },
  { "off-is-the-cause-behind-a-tunnel", DA_SYMPTOM_TUNNEL, { WELL (off) },
    "Nobody: it is off", TRUE, TRUE },
  { "a-tunnel-of-others-is-not-known", DA_SYMPTOM_TUNNEL, { WELL (here) },
    "DotAgents has not opened a tunnel", FALSE, FALSE },
  { "a-tunnel-of-others-refuses-a-host", DA_SYMPTOM_TUNNEL,
    { WELL (here), .refused_host = "x.trycloudflare.com" },
    "The host name x.trycloudflare.com was refused", TRUE, FALSE },
  { "a-tunnel-is-entered-with-a-wrong-key", DA_SYMPTOM_TUNNEL,
    { WELL (here), .tunnel_is_open = TRUE, .wrong_keys = 2 },
    "2 of the last requests came with unknown keys", TRUE, FALSE },
  { "an-open-tunnel-refuses-a-host", DA_SYMPTOM_TUNNEL,
    { WELL (network), .tunnel_is_open = TRUE, .refused_host = "x.trycloudflare.com" },
    "The host name x.trycloudflare.com was refused", TRUE, FALSE },
};

static void
test_case (gconstpointer data)
{
  const Case *one = data;
  g_autoptr(DaDiagnosis) diagnosis = da_diagnosis_new (one->symptom, &one->state);

  g_assert_cmpstr (diagnosis->cause, ==, one->cause);
  g_assert_cmpint (diagnosis->found, ==, one->found);
  g_assert_cmpint (diagnosis->repairs, ==, one->repairs);
  g_assert_cmpuint (*diagnosis->advice, !=, '\0');
}

static void
test_ago (void)
{
  static const struct { gint64 seconds; const char *text; } table[] = {
    { 0, "just now" }, { -500, "just now" }, { 59, "just now" }, { 60, "1 minute ago" },
    { 3599, "59 minutes ago" }, { 3600, "1 hour ago" }, { 86399, "23 hours ago" },
    { 86400, "yesterday" },
  };
  const gint64 now = 1700000000000;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *text = da_preferences_dup_ago (now - table[i].seconds * 1000, now);

      g_assert_cmpstr (text, ==, table[i].text);
    }
  {
    g_autofree char *never = da_preferences_dup_ago (0, now);

    g_assert_cmpstr (never, ==, "never");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/ui/preferences-diagnosis/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/ui/preferences-diagnosis/times-are-told-in-words", test_ago);
  return g_test_run ();
}

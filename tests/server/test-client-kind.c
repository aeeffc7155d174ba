/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-client-kind.h"

typedef struct {
  DaClientKind    kind;
  DaClientSigns   signs;
  const char     *why;
} Case;

static const Case cases[] = {
  { DA_CLIENT_SCRIPT, { DA_IDENTITY_API_KEY, "OpenAI/JS 4.0", TRUE }, "the SDK" },
  { DA_CLIENT_SCRIPT, { DA_IDENTITY_DEVICE, "Mozilla/5.0", TRUE, TRUE }, "the SDK in a page" },
  { DA_CLIENT_SCRIPT, { DA_IDENTITY_API_KEY, "AsyncOpenAI/Python 1.2" }, "the Python SDK" },
  { DA_CLIENT_SCRIPT, { DA_IDENTITY_DEVICE, "curl/7.88.1" }, "curl with a device key" },
  { DA_CLIENT_SCRIPT, { DA_IDENTITY_API_KEY, "python-requests/2.31" }, "a script" },
  { DA_CLIENT_SCRIPT, { DA_IDENTITY_API_KEY, NULL }, "nothing known, the scripts' key" },
  { DA_CLIENT_SCRIPT, { DA_IDENTITY_LOCAL, NULL }, "our own terminal" },
  { DA_CLIENT_APP, { DA_IDENTITY_API_KEY, "okhttp/4.9.2" }, "Android" },
  { DA_CLIENT_APP, { DA_IDENTITY_API_KEY, "DotAgents/1 CFNetwork/1410 Darwin/22" }, "iOS" },
  { DA_CLIENT_APP, { DA_IDENTITY_API_KEY, "Unknown/1", FALSE, FALSE, TRUE }, "XMLHttpRequest" },
  { DA_CLIENT_APP, { DA_IDENTITY_API_KEY, "Mozilla/5.0", FALSE, TRUE }, "the app as a page" },
  { DA_CLIENT_APP, { DA_IDENTITY_DEVICE, "Unknown/1" }, "a paired device" },
  { DA_CLIENT_APP, { DA_IDENTITY_DEVICE, NULL }, "a paired device that says nothing" },
};

static void
test_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].why);
      g_assert_cmpint (da_client_kind_decide (&cases[i].signs), ==, cases[i].kind);
    }
}

static void
test_hanging_up (void)
{
  g_assert_true (da_client_kind_cancels (DA_CLIENT_SCRIPT, NULL));
  g_assert_false (da_client_kind_cancels (DA_CLIENT_APP, NULL));
  g_assert_true (da_client_kind_cancels (DA_CLIENT_APP, "cancel"));
  g_assert_true (da_client_kind_cancels (DA_CLIENT_APP, "Cancel"));
  g_assert_false (da_client_kind_cancels (DA_CLIENT_SCRIPT, "detach"));
  g_assert_true (da_client_kind_cancels (DA_CLIENT_SCRIPT, "something"));
  g_assert_false (da_client_kind_cancels (DA_CLIENT_APP, ""));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/client-kind/what-a-program-says-beats-its-key", test_table);
  g_test_add_func ("/server/client-kind/hanging-up-cancels-scripts-unless-told", test_hanging_up);
  return g_test_run ();
}

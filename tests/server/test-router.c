/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-router.h"

#include <string.h>


static void
handler (DaRequest *request)
{
}

static const DaRoute group[] = {
  { "GET", "/v1/models", DA_SCOPE_CHAT, 0, 0, handler },
  { "GET", "/v1/models/:model", DA_SCOPE_CHAT, 0, 0, handler },
  { "GET", "/v1/conversations/:id", DA_SCOPE_CHAT, 0, 0, handler },
  { "PUT", "/v1/conversations/:id", DA_SCOPE_CHAT, 0, 0, handler },
  { "POST", "/v1/conversations/:id/branch", DA_SCOPE_CHAT, 0, 0, handler },
  { "GET", "/v1/conversations/:id/assets/images/:file", DA_SCOPE_CHAT, 0, 0, handler },
  { "POST", "/v1/agents/verify", DA_SCOPE_MANAGE, 0, 0, handler },
  { "GET", "/v1/agents/:id", DA_SCOPE_MANAGE, 0, 0, handler },
  { "DELETE", "/v1/agents/:id", DA_SCOPE_MANAGE, 0, 0, handler },
  { NULL },
};

static DaRouter *
make_router (void)
{
  DaRouter *router = da_router_new ();

  da_router_add (router, group);
  return router;
}

typedef struct {
  const char     *method;
  const char     *path;
  DaRouteOutcome  outcome;
  const char     *detail;    /* the pattern, or Allow */
  const char     *first;     /* (nullable) first parameter */
} Case;

static const Case cases[] = {
  { "GET", "/v1/models", DA_ROUTE_FOUND, "/v1/models" },
  { "HEAD", "/v1/models", DA_ROUTE_FOUND, "/v1/models" },
  { "GET", "/v1/%6Dodels", DA_ROUTE_FOUND, "/v1/models" },
  { "GET", "/v1/Models", DA_ROUTE_UNKNOWN_PATH },
  { "GET", "/v1/models/", DA_ROUTE_FOUND, "/v1/models/:model", "" },
  { "GET", "/v1/models/a/b", DA_ROUTE_UNKNOWN_PATH },
  { "GET", "/v1/models/a%2Fb", DA_ROUTE_FOUND, "/v1/models/:model", "a/b" },
  { "GET", "/v1/models/%252F", DA_ROUTE_FOUND, "/v1/models/:model", "%2F" },
  { "GET", "/v1/models/a+b", DA_ROUTE_FOUND, "/v1/models/:model", "a+b" },
  { "GET", "/v1/models/..%2F..%2Fetc", DA_ROUTE_FOUND, "/v1/models/:model", "../../etc" },
  { "GET", "/v1/models/%C3%A9", DA_ROUTE_FOUND, "/v1/models/:model", "\xc3\xa9" },
  { "GET", "/v1/models/%00", DA_ROUTE_BAD_PATH },
  { "GET", "/v1/models/a%00b", DA_ROUTE_BAD_PATH },
  { "GET", "/v1/models/%", DA_ROUTE_BAD_PATH },
  { "GET", "/v1/models/%4", DA_ROUTE_BAD_PATH },
  { "GET", "/v1/models/%zz", DA_ROUTE_BAD_PATH },
  { "GET", "/v1/models/%ff", DA_ROUTE_BAD_PATH },
  { "GET", "/v1/models/\xff", DA_ROUTE_BAD_PATH },
  { "GET", "", DA_ROUTE_BAD_PATH },
  { "GET", "v1/models", DA_ROUTE_BAD_PATH },
  { "GET", "/", DA_ROUTE_UNKNOWN_PATH },
  { "GET", "/v1", DA_ROUTE_UNKNOWN_PATH },
  { "GET", "//v1/models", DA_ROUTE_UNKNOWN_PATH },
  { "GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n", DA_ROUTE_UNKNOWN_PATH },
  { "POST", "/v1/models", DA_ROUTE_WRONG_METHOD, "GET, HEAD, OPTIONS" },
  { "get", "/v1/models", DA_ROUTE_WRONG_METHOD, "GET, HEAD, OPTIONS" },
  { "PATCH", "/v1/conversations/x", DA_ROUTE_WRONG_METHOD, "GET, HEAD, PUT, OPTIONS" },
  { "GET", "/v1/conversations/x/branch", DA_ROUTE_WRONG_METHOD, "POST, OPTIONS" },
  { "PUT", "/v1/conversations/x%20y", DA_ROUTE_FOUND, "/v1/conversations/:id", "x y" },
  { "GET", "/v1/conversations/x/assets/images/f.png", DA_ROUTE_FOUND,
    "/v1/conversations/:id/assets/images/:file", "x" },
  /* A static segment beats a parameter; where its method does not fit, the parameter is asked. */
  { "POST", "/v1/agents/verify", DA_ROUTE_FOUND, "/v1/agents/verify" },
  { "GET", "/v1/agents/verify", DA_ROUTE_FOUND, "/v1/agents/:id", "verify" },
  { "PUT", "/v1/agents/verify", DA_ROUTE_WRONG_METHOD, "GET, HEAD, POST, DELETE, OPTIONS" },
};

static void
test_table (void)
{
  DaRouter *router = make_router ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *c = &cases[i];
      DaRouteMatch match;
      DaRouteOutcome outcome = da_router_match (router, c->method, c->path, &match);

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (outcome, ==, c->outcome);
      if (outcome == DA_ROUTE_FOUND)
        {
          g_assert_cmpstr (match.route->pattern, ==, c->detail);
          if (c->first != NULL)
            g_assert_cmpstr (match.parameters[0], ==, c->first);
          else
            g_assert_null (match.parameters);
        }
      if (outcome == DA_ROUTE_WRONG_METHOD)
        g_assert_cmpstr (match.allow, ==, c->detail);
      da_route_match_clear (&match);
    }

  da_router_free (router);
}

static void
test_second_parameter (void)
{
  DaRouter *router = make_router ();
  DaRouteMatch match;

  g_assert_cmpint (da_router_match (router, "GET", "/v1/conversations/a%2Eb/assets/images/c",
                                    &match), ==, DA_ROUTE_FOUND);
  g_assert_cmpstr (match.parameters[0], ==, "a.b");
  g_assert_cmpstr (match.parameters[1], ==, "c");
  g_assert_null (match.parameters[2]);
  da_route_match_clear (&match);
  da_router_free (router);
}

static void
test_long_parameter (void)
{
  DaRouter *router = make_router ();
  g_autofree char *fits = g_strnfill (1024, 'a');
  g_autofree char *path = g_strconcat ("/v1/models/", fits, NULL);
  g_autofree char *longer = g_strconcat (path, "a", NULL);
  DaRouteMatch match;

  g_assert_cmpint (da_router_match (router, "GET", path, &match), ==, DA_ROUTE_FOUND);
  da_route_match_clear (&match);
  g_assert_cmpint (da_router_match (router, "GET", longer, &match), ==, DA_ROUTE_UNKNOWN_PATH);
  da_router_free (router);
}

static void
test_list (void)
{
  DaRouter *router = make_router ();
  g_autoptr (GPtrArray) list = da_router_list (router);

  g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (group) - 1);
  g_assert_true (list->pdata[0] == &group[0]);
  da_router_free (router);
}

static void
test_duplicate (void)
{
  if (g_test_subprocess ())
    {
      DaRouter *router = make_router ();

      da_router_add (router, group);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/router/paths-and-methods-match-as-the-table-says", test_table);
  g_test_add_func ("/server/router/every-parameter-is-decoded-once", test_second_parameter);
  g_test_add_func ("/server/router/a-parameter-over-the-limit-is-no-match", test_long_parameter);
  g_test_add_func ("/server/router/lists-all-rows-in-order", test_list);
  g_test_add_func ("/server/router/the-same-row-twice-asserts", test_duplicate);
  return g_test_run ();
}

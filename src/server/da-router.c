/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-router"

#include "da-router.h"

#include <string.h>

#include "da-limits.h"

/* No pattern has more segments; a longer path cannot match. */
#define MAX_SEGMENTS 12

/* A tree of segments. Static children are few per node, so a list beats a hash table. */
typedef struct _Node {
  char         *segment;     /* NULL: the parameter child */
  struct _Node *children;    /* static ones */
  struct _Node *parameter;
  struct _Node *next;        /* sibling */
  GPtrArray    *routes;      /* (nullable) (element-type DaRoute) borrowed rows that end here */
} Node;

struct _DaRouter {
  Node      *root;
  GPtrArray *routes;   /* all of them, borrowed, in order of registration */
};

/* One segment of a request path, decoded; not NUL-terminated when borrowed from the path. */
typedef struct {
  const char *text;
  gsize       length;
} Segment;

typedef struct {
  Segment  segments[MAX_SEGMENTS];
  guint    n_segments;
  GString *decoded;    /* (nullable): owns decoded bytes, when there were escapes */
} Path;

typedef struct {
  const char    *method;
  Path           path;
  guint          parameters[MAX_SEGMENTS];   /* indices of segments */
  guint          n_parameters;
  const DaRoute *found;
  guint          found_parameters[MAX_SEGMENTS];
  guint          n_found_parameters;
  GPtrArray     *others;                     /* rows of other methods on this path */
} Search;

static Node *
node_new (const char *segment)
{
  Node *node = g_new0 (Node, 1);

  node->segment = g_strdup (segment);
  return node;
}

static void
node_free (Node *node)
{
  while (node != NULL)
    {
      Node *next = node->next;

      node_free (node->children);
      node_free (node->parameter);
      g_clear_pointer (&node->routes, g_ptr_array_unref);
      g_free (node->segment);
      g_free (node);
      node = next;
    }
}

DaRouter *
da_router_new (void)
{
  DaRouter *self = g_new0 (DaRouter, 1);

  self->root = node_new ("");
  self->routes = g_ptr_array_new ();
  return self;
}

void
da_router_free (DaRouter *self)
{
  if (self == NULL)
    return;
  node_free (self->root);
  g_ptr_array_unref (self->routes);
  g_free (self);
}

static Node *
find_child (Node       *node,
            const char *text,
            gsize       length)
{
  for (Node *child = node->children; child != NULL; child = child->next)
    if (strncmp (child->segment, text, length) == 0 && child->segment[length] == '\0')
      return child;

  return NULL;
}

static void
add_route (DaRouter      *self,
           const DaRoute *route)
{
  g_auto (GStrv) segments = NULL;
  Node *node = self->root;

  g_assert (route->pattern[0] == '/' && route->handler != NULL);

  segments = g_strsplit (route->pattern + 1, "/", -1);
  g_assert (g_strv_length (segments) <= MAX_SEGMENTS);

  for (guint i = 0; segments[i] != NULL; i++)
    {
      Node *child;

      if (segments[i][0] == ':')
        {
          if (node->parameter == NULL)
            node->parameter = node_new (NULL);
          node = node->parameter;
          continue;
        }

      child = find_child (node, segments[i], strlen (segments[i]));
      if (child == NULL)
        {
          child = node_new (segments[i]);
          child->next = node->children;
          node->children = child;
        }
      node = child;
    }

  if (node->routes == NULL)
    node->routes = g_ptr_array_new ();
  for (guint i = 0; i < node->routes->len; i++)
    g_assert (strcmp (((const DaRoute *) node->routes->pdata[i])->method, route->method) != 0);
  g_ptr_array_add (node->routes, (gpointer) route);
  g_ptr_array_add (self->routes, (gpointer) route);
}

void
da_router_add (DaRouter      *self,
               const DaRoute *routes)
{
  for (const DaRoute *route = routes; route->method != NULL; route++)
    add_route (self, route);
}

static gboolean
decode_segment (const char *text,
                gsize       length,
                GString    *out)
{
  for (gsize i = 0; i < length; i++)
    {
      int high, low;

      if (text[i] != '%')
        {
          g_string_append_c (out, text[i]);
          continue;
        }
      if (i + 2 >= length)
        return FALSE;
      high = g_ascii_xdigit_value (text[i + 1]);
      low = g_ascii_xdigit_value (text[i + 2]);
      if (high < 0 || low < 0 || (high == 0 && low == 0))
        return FALSE;
      g_string_append_c (out, (char) (high << 4 | low));
      i += 2;
    }

  return TRUE;
}

/* Decodes each segment exactly once. Paths without an escape, nearly all of them, are not copied.
   */
static DaRouteOutcome
split_path (const char *path,
            Path       *out)
{
  gsize length = strlen (path);
  gboolean escaped = memchr (path, '%', length) != NULL;
  const char *end = path + length;

  if (length == 0 || path[0] != '/' || !g_utf8_validate (path, (gssize) length, NULL))
    return DA_ROUTE_BAD_PATH;
  /* Reserved at once: segments point into it, so it must not move. */
  if (escaped)
    out->decoded = g_string_sized_new (length + 1);

  for (const char *p = path + 1; p <= end;)
    {
      const char *slash = memchr (p, '/', (gsize) (end - p));
      gsize n = (gsize) ((slash != NULL ? slash : end) - p);
      Segment segment = { p, n };

      if (escaped)
        {
          gsize begin = out->decoded->len;

          if (!decode_segment (p, n, out->decoded))
            return DA_ROUTE_BAD_PATH;
          segment.text = out->decoded->str + begin;
          segment.length = out->decoded->len - begin;
          if (!g_utf8_validate (segment.text, (gssize) segment.length, NULL))
            return DA_ROUTE_BAD_PATH;
        }
      if (out->n_segments == MAX_SEGMENTS)
        return DA_ROUTE_UNKNOWN_PATH;
      out->segments[out->n_segments++] = segment;
      p += n + 1;
    }

  return DA_ROUTE_FOUND;
}

static void
search_routes (Search *search,
               Node   *node)
{
  for (guint i = 0; node->routes != NULL && i < node->routes->len; i++)
    {
      const DaRoute *route = node->routes->pdata[i];

      if (strcmp (route->method, search->method) == 0)
        {
          search->found = route;
          search->n_found_parameters = search->n_parameters;
          memcpy (search->found_parameters, search->parameters, sizeof search->parameters);
          return;
        }
      if (search->others == NULL)
        search->others = g_ptr_array_new ();
      g_ptr_array_add (search->others, (gpointer) route);
    }
}

/* Static first; a parameter is tried when the static branch has no such path or method. Depth is
 * bounded by MAX_SEGMENTS. */
static void
search_node (Search *search,
             Node   *node,
             guint   index)
{
  const Segment *segment;
  Node *child;

  if (index == search->path.n_segments)
    {
      search_routes (search, node);
      return;
    }

  segment = &search->path.segments[index];
  child = find_child (node, segment->text, segment->length);
  if (child != NULL)
    search_node (search, child, index + 1);

  if (search->found == NULL && node->parameter != NULL && segment->length <= DA_LIMIT_PARAM_BYTES)
    {
      search->parameters[search->n_parameters++] = index;
      search_node (search, node->parameter, index + 1);
      search->n_parameters--;
    }
}

static char *
make_allow (GPtrArray *routes)
{
  static const char *const order[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
  GString *allow = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    for (guint k = 0; k < routes->len; k++)
      if (strcmp (((const DaRoute *) routes->pdata[k])->method, order[i]) == 0)
        {
          g_string_append_printf (allow, "%s, ", order[i]);
          if (i == 0)
            g_string_append (allow, "HEAD, ");
          break;
        }

  g_string_append (allow, "OPTIONS");
  return g_string_free (allow, FALSE);
}

static void
take_match (const Search *search,
            DaRouteMatch *out)
{
  out->route = search->found;
  if (search->n_found_parameters == 0)
    return;

  out->parameters = g_new0 (char *, search->n_found_parameters + 1);
  for (guint i = 0; i < search->n_found_parameters; i++)
    {
      const Segment *segment = &search->path.segments[search->found_parameters[i]];

      out->parameters[i] = g_strndup (segment->text, segment->length);
    }
}

DaRouteOutcome
da_router_match (DaRouter     *self,
                 const char   *method,
                 const char   *path,
                 DaRouteMatch *out)
{
  Search search = { .method = strcmp (method, "HEAD") == 0 ? "GET" : method };
  DaRouteOutcome outcome;

  memset (out, 0, sizeof *out);

  outcome = split_path (path, &search.path);
  if (outcome == DA_ROUTE_FOUND)
    {
      search_node (&search, self->root, 0);
      if (search.found != NULL)
        {
          take_match (&search, out);
        }
      else if (search.others != NULL)
        {
          out->allow = make_allow (search.others);
          outcome = DA_ROUTE_WRONG_METHOD;
        }
      else
        {
          outcome = DA_ROUTE_UNKNOWN_PATH;
        }
    }

  g_clear_pointer (&search.others, g_ptr_array_unref);
  if (search.path.decoded != NULL)
    g_string_free (search.path.decoded, TRUE);
  return outcome;
}

void
da_route_match_clear (DaRouteMatch *match)
{
  g_clear_pointer (&match->parameters, g_strfreev);
  g_clear_pointer (&match->allow, g_free);
  match->route = NULL;
}

GPtrArray *
da_router_list (DaRouter *self)
{
  return g_ptr_array_copy (self->routes, NULL, NULL);
}

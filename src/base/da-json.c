/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-json"

#include "da-json.h"

#include <math.h>
#include <string.h>

#include "da-json-private.h"
#include "da-worker.h"

/* Doubles are exact integers up to here. */
#define EXACT_DOUBLE 9007199254740992.0

G_DEFINE_QUARK (da-json-error-quark, da_json_error)

JsonNode *
da_json_parse (const char  *text,
               gsize        length,
               gsize        max_bytes,
               GError     **error)
{
  JsonNode *root;

  if (length > max_bytes)
    {
      g_set_error (error, DA_JSON_ERROR, DA_JSON_ERROR_SIZE,
                   "The JSON text is longer than %" G_GSIZE_FORMAT " bytes", max_bytes);
      return NULL;
    }

  if (length >= 3 && memcmp (text, "\xEF\xBB\xBF", 3) == 0)
    {
      text += 3;
      length -= 3;
    }

  root = _da_json_scan (text, length, error);
  if (root != NULL)
    json_node_seal (root);
  return root;
}

typedef struct {
  GBytes *bytes;
  gsize   max_bytes;
} ParseJob;

static void
parse_job_free (ParseJob *job)
{
  g_bytes_unref (job->bytes);
  g_free (job);
}

static void
run_parse_job (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  ParseJob *job = task_data;
  GError *error = NULL;
  gsize length;
  const char *text = g_bytes_get_data (job->bytes, &length);
  JsonNode *root = da_json_parse (text, length, job->max_bytes, &error);

  if (root != NULL)
    g_task_return_pointer (task, root, (GDestroyNotify) json_node_unref);
  else
    g_task_return_error (task, error);
}

void
da_json_parse_async (GBytes              *bytes,
                     gsize                max_bytes,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  ParseJob *job = g_new0 (ParseJob, 1);

  g_task_set_source_tag (task, da_json_parse_async);
  job->bytes = g_bytes_ref (bytes);
  job->max_bytes = max_bytes;
  g_task_set_task_data (task, job, (GDestroyNotify) parse_job_free);

  /* GTask itself answers later when it is answered in the iteration that made it. */
  if (g_bytes_get_size (bytes) <= DA_JSON_INLINE_BYTES)
    run_parse_job (task, NULL, job, cancellable);
  else
    da_worker_push (da_worker_get_slow (), task, run_parse_job);
}

JsonNode *
da_json_parse_finish (GAsyncResult  *result,
                      GError       **error)
{
  g_assert (g_task_is_valid (result, NULL));

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
refuse_field (GError     **error,
              const char  *name,
              const char  *wanted)
{
  g_set_error (error, DA_JSON_ERROR, DA_JSON_ERROR_FIELD, "“%s” must be %s", name, wanted);
  return FALSE;
}

/* The member, or NULL when it is absent or null. */
static JsonNode *
find_member (JsonObject *object,
             const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
read_string (JsonNode    *node,
             const char **out)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;

  *out = json_node_get_string (node);
  return TRUE;
}

static gboolean
read_boolean (JsonNode *node,
              gboolean *out)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return FALSE;

  *out = json_node_get_boolean (node);
  return TRUE;
}

/* 5.0 and 1e3 are integers, as they are to the clients' language. */
static gboolean
read_int (JsonNode *node,
          gint64   *out)
{
  double number;

  if (!JSON_NODE_HOLDS_VALUE (node))
    return FALSE;

  if (json_node_get_value_type (node) == G_TYPE_INT64)
    {
      *out = json_node_get_int (node);
      return TRUE;
    }

  if (json_node_get_value_type (node) != G_TYPE_DOUBLE)
    return FALSE;

  number = json_node_get_double (node);
  if (fabs (number) > EXACT_DOUBLE || number != trunc (number))
    return FALSE;

  *out = (gint64) number;
  return TRUE;
}

JsonObject *
da_json_need_object (JsonNode  *root,
                     GError   **error)
{
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return json_node_get_object (root);

  g_set_error_literal (error, DA_JSON_ERROR, DA_JSON_ERROR_FIELD,
                       "The JSON text must be an object");
  return NULL;
}

static gboolean
refuse_absent (GError     **error,
               const char  *name)
{
  g_set_error (error, DA_JSON_ERROR, DA_JSON_ERROR_FIELD, "“%s” is missing", name);
  return FALSE;
}

gboolean
da_json_take_string (JsonObject  *object,
                     const char  *name,
                     const char **out,
                     GError     **error)
{
  JsonNode *node = find_member (object, name);

  return node == NULL || read_string (node, out) || refuse_field (error, name, "a string");
}

gboolean
da_json_need_string (JsonObject  *object,
                     const char  *name,
                     const char **out,
                     GError     **error)
{
  if (find_member (object, name) == NULL)
    return refuse_absent (error, name);

  return da_json_take_string (object, name, out, error);
}

gboolean
da_json_take_boolean (JsonObject  *object,
                      const char  *name,
                      gboolean    *out,
                      GError     **error)
{
  JsonNode *node = find_member (object, name);

  return node == NULL || read_boolean (node, out) || refuse_field (error, name, "true or false");
}

gboolean
da_json_need_boolean (JsonObject  *object,
                      const char  *name,
                      gboolean    *out,
                      GError     **error)
{
  if (find_member (object, name) == NULL)
    return refuse_absent (error, name);

  return da_json_take_boolean (object, name, out, error);
}

gboolean
da_json_take_int (JsonObject  *object,
                  const char  *name,
                  gint64       minimum,
                  gint64       maximum,
                  gint64      *out,
                  GError     **error)
{
  JsonNode *node = find_member (object, name);
  gint64 value;

  if (node == NULL)
    return TRUE;

  if (!read_int (node, &value))
    return refuse_field (error, name, "a whole number");

  if (value < minimum || value > maximum)
    {
      g_autofree char *wanted = NULL;

      if (maximum == G_MAXINT64)
        wanted = g_strdup_printf ("at least %" G_GINT64_FORMAT, minimum);
      else if (minimum == G_MININT64)
        wanted = g_strdup_printf ("at most %" G_GINT64_FORMAT, maximum);
      else
        wanted = g_strdup_printf ("from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                                  minimum, maximum);
      return refuse_field (error, name, wanted);
    }

  *out = value;
  return TRUE;
}

gboolean
da_json_need_int (JsonObject  *object,
                  const char  *name,
                  gint64       minimum,
                  gint64       maximum,
                  gint64      *out,
                  GError     **error)
{
  if (find_member (object, name) == NULL)
    return refuse_absent (error, name);

  return da_json_take_int (object, name, minimum, maximum, out, error);
}

gboolean
da_json_take_array (JsonObject  *object,
                    const char  *name,
                    JsonArray  **out,
                    GError     **error)
{
  JsonNode *node = find_member (object, name);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse_field (error, name, "an array");

  *out = json_node_get_array (node);
  return TRUE;
}

gboolean
da_json_need_array (JsonObject  *object,
                    const char  *name,
                    JsonArray  **out,
                    GError     **error)
{
  if (find_member (object, name) == NULL)
    return refuse_absent (error, name);

  return da_json_take_array (object, name, out, error);
}

gboolean
da_json_take_object (JsonObject  *object,
                     const char  *name,
                     JsonObject **out,
                     GError     **error)
{
  JsonNode *node = find_member (object, name);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse_field (error, name, "an object");

  *out = json_node_get_object (node);
  return TRUE;
}

const char *
da_json_get_string (JsonObject *object,
                    const char *name)
{
  JsonNode *node = find_member (object, name);
  const char *value = NULL;

  if (node != NULL)
    read_string (node, &value);
  return value;
}

gint64
da_json_get_int (JsonObject *object,
                 const char *name,
                 gint64      fallback)
{
  JsonNode *node = find_member (object, name);
  gint64 value;

  return node != NULL && read_int (node, &value) ? value : fallback;
}

double
da_json_get_double (JsonObject *object,
                    const char *name,
                    double      fallback)
{
  JsonNode *node = find_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    return json_node_get_double (node);
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return (double) json_node_get_int (node);
  return fallback;
}

gboolean
da_json_get_boolean (JsonObject *object,
                     const char *name,
                     gboolean    fallback)
{
  JsonNode *node = find_member (object, name);
  gboolean value;

  return node != NULL && read_boolean (node, &value) ? value : fallback;
}

JsonObject *
da_json_get_object (JsonObject *object,
                    const char *name)
{
  JsonNode *node = find_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
da_json_get_array (JsonObject *object,
                   const char *name)
{
  JsonNode *node = find_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

JsonObject *
da_json_array_get_object (JsonArray *array,
                          guint      index)
{
  JsonNode *node;

  if (array == NULL || index >= json_array_get_length (array))
    return NULL;

  node = json_array_get_element (array, index);
  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

char *
da_json_to_string (JsonNode *node,
                   gboolean  pretty)
{
  GString *buffer = g_string_new (NULL);

  _da_json_append_node (buffer, node, pretty ? 0 : -1);
  return g_string_free (buffer, FALSE);
}

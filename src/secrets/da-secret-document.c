/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-secrets-document"

#include "da-secret-document.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "da-atomic-file.h"
#include "da-clock.h"
#include "da-error.h"
#include "da-json.h"

static gboolean
fail_with_errno (GError **error, const char *path, const char *what, int errsv)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv), "The secrets file “%s” %s: %s",
               path, what, g_strerror (errsv));
  return FALSE;
}

static gboolean
fail_corrupt (GError **error, const char *path, const char *why)
{
  /* The parser's own message is left out: it may quote a piece of a secret. */
  g_set_error (error, DA_ERROR, DA_ERROR_CORRUPT,
               "The secrets file “%s” %s. It was left as it is: repair it, or enter the secret "
               "again (the damaged file is then kept under a dated name)", path, why);
  return FALSE;
}

static void
wipe_and_free (char *text, gsize length)
{
  explicit_bzero (text, length);
  g_free (text);
}

/* -1 with @error set; a missing file is -1 without. */
static int
open_document (const char *path, gboolean make_private, gsize *size, GError **error)
{
  struct stat info;
  /* O_NONBLOCK: a named pipe at this place must not hold the worker. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

  if (fd < 0)
    {
      if (errno != ENOENT)
        fail_with_errno (error, path, "cannot be opened", errno);
      return -1;
    }
  if (fstat (fd, &info) != 0)
    fail_with_errno (error, path, "cannot be read", errno);
  else if (!S_ISREG (info.st_mode))
    fail_with_errno (error, path, "is not a file",
                     S_ISDIR (info.st_mode) ? EISDIR : EINVAL);
  else if (info.st_size > DA_SECRET_DOCUMENT_MAX_BYTES)
    fail_corrupt (error, path, "is far too long");
  else if (make_private && (info.st_mode & 0077) != 0 && fchmod (fd, 0600) != 0)
    fail_with_errno (error, path, "can be read by other people, and that cannot be changed", errno);
  else
    {
      if (make_private && (info.st_mode & 0077) != 0)
        g_warning ("“%s” could be read by other people (mode %04o); it is now 0600, and new keys "
                   "are advised", path, (unsigned int) (info.st_mode & 07777));
      *size = (gsize) info.st_size;
      return fd;
    }
  close (fd);
  return -1;
}

/* (transfer full): NUL-terminated. */
static char *
read_all (int fd, gsize size, gsize *length, const char *path, GError **error)
{
  char *text = g_malloc0 (size + 1);
  gsize filled = 0;

  while (filled < size)
    {
      ssize_t got = read (fd, text + filled, size - filled);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          fail_with_errno (error, path, "cannot be read", errno);
          wipe_and_free (text, filled);
          return NULL;
        }
      if (got == 0)
        break;
      filled += (gsize) got;
    }
  *length = filled;
  return text;
}

static gboolean
has_our_form (JsonNode *document)
{
  JsonObject *root;
  JsonNode *secrets;

  if (document == NULL || !JSON_NODE_HOLDS_OBJECT (document))
    return FALSE;
  root = json_node_get_object (document);
  secrets = json_object_get_member (root, "secrets");
  return secrets != NULL && JSON_NODE_HOLDS_OBJECT (secrets);
}

gboolean
da_secret_document_load (const char *path, gboolean make_private, JsonNode **out, GError **error)
{
  g_autoptr(JsonNode) document = NULL;
  g_autoptr(GError) local_error = NULL;
  char *text;
  gsize size = 0, length = 0;
  int fd;

  *out = NULL;
  fd = open_document (path, make_private, &size, &local_error);
  if (fd < 0)
    {
      if (local_error == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  text = read_all (fd, size, &length, path, error);
  close (fd);
  if (text == NULL)
    return FALSE;
  document = da_json_parse (text, length, DA_SECRET_DOCUMENT_MAX_BYTES, &local_error);
  wipe_and_free (text, length);
  if (document == NULL)
    return fail_corrupt (error, path, "is damaged (no valid JSON)");
  if (!has_our_form (document))
    return fail_corrupt (error, path, "has no object “secrets”");

  *out = g_steal_pointer (&document);
  return TRUE;
}

const char *
da_secret_document_get (JsonNode *document, const char *id)
{
  JsonObject *secrets;
  const char *value;

  if (document == NULL)
    return NULL;
  secrets = da_json_get_object (json_node_get_object (document), "secrets");
  value = secrets != NULL ? da_json_get_string (secrets, id) : NULL;
  return value != NULL && *value != '\0' ? value : NULL;
}

/* What was read is sealed, so a change is a copy. */
static void
copy_members (JsonObject *from, JsonObject *to, const char *except)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (from == NULL)
    return;
  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &name, &value))
    if (!g_str_equal (name, except))
      json_object_set_member (to, name, json_node_copy (value));
}

JsonNode *
da_secret_document_with (JsonNode *document, const char *id, const char *value)
{
  JsonObject *old_root = document != NULL ? json_node_get_object (document) : NULL;
  JsonObject *root = json_object_new ();
  JsonObject *secrets = json_object_new ();
  JsonNode *node = json_node_alloc ();

  copy_members (old_root, root, "secrets");
  copy_members (old_root != NULL ? da_json_get_object (old_root, "secrets") : NULL, secrets, id);
  if (value != NULL)
    json_object_set_string_member (secrets, id, value);
  json_object_set_object_member (root, "secrets", secrets);
  json_node_init_object (node, root);
  json_object_unref (root);
  return node;
}

gboolean
da_secret_document_save (const char *path, JsonNode *document, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  char *text;
  gsize length;
  gboolean written;

  /* The folder of the data is made private by its owner; here it only must exist. */
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return fail_with_errno (error, path, "has no folder", errno);

  text = da_json_to_string (document, TRUE);
  length = strlen (text);
  written = da_atomic_file_write (path, text, length, 0600, error);
  wipe_and_free (text, length);
  return written;
}

static char *
build_aside_name (const char *path)
{
  g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc (da_clock_now_ms () / 1000);
  g_autofree char *date = g_date_time_format (now, "%Y%m%d-%H%M%S");
  char *name = g_strdup_printf ("%s.damaged-%s", path, date);

  for (int n = 2; g_file_test (name, G_FILE_TEST_EXISTS); n++)
    {
      g_free (name);
      name = g_strdup_printf ("%s.damaged-%s-%d", path, date, n);
    }
  return name;
}

char *
da_secret_document_set_aside (const char *path, GError **error)
{
  g_autofree char *name = build_aside_name (path);
  char *text = NULL;
  gsize length = 0;
  gboolean written;

  /* A copy, not a rename: until the new file is in place the old one stays where it is. */
  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  written = da_atomic_file_write (name, text, length, 0600, error);
  wipe_and_free (text, length);
  return written ? g_steal_pointer (&name) : NULL;
}

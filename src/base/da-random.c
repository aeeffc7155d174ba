/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-random"

#include "da-random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "da-clock.h"

/* 26 digits of base 36 are 134 bits. */
#define ID_DIGITS 26

/* Largest multiple of 36 that fits a byte: bytes from here on would favour some digits. */
#define BASE36_LIMIT 252

void
da_random_bytes (void  *buffer,
                 gsize  length)
{
  char *at = buffer;

  while (length > 0)
    {
      ssize_t got = getrandom (at, length, 0);

      if (got < 0 && errno == EINTR)
        continue;

      if (got <= 0)
        g_error ("The kernel gives no random numbers: %s", g_strerror (errno));

      at += got;
      length -= (gsize) got;
    }
}

static char *
hex_encode (const guint8 *bytes,
            gsize         length)
{
  static const char digits[] = "0123456789abcdef";
  char *text = g_malloc (length * 2 + 1);

  for (gsize i = 0; i < length; i++)
    {
      text[i * 2] = digits[bytes[i] >> 4];
      text[i * 2 + 1] = digits[bytes[i] & 15];
    }
  text[length * 2] = '\0';

  return text;
}

char *
da_random_hex (gsize n_bytes)
{
  g_autofree guint8 *bytes = g_malloc (n_bytes + 1);
  char *text;

  da_random_bytes (bytes, n_bytes);
  text = hex_encode (bytes, n_bytes);
  explicit_bzero (bytes, n_bytes);

  return text;
}

char *
da_random_id (const char *prefix)
{
  static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  char tail[ID_DIGITS + 1];
  int filled = 0;

  while (filled < ID_DIGITS)
    {
      guint8 bytes[ID_DIGITS + 6];

      da_random_bytes (bytes, sizeof bytes);
      for (gsize i = 0; i < sizeof bytes && filled < ID_DIGITS; i++)
        {
          if (bytes[i] < BASE36_LIMIT)
            tail[filled++] = digits[bytes[i] % 36];
        }
    }
  tail[ID_DIGITS] = '\0';

  return g_strdup_printf ("%s_%" G_GINT64_FORMAT "_%s", prefix, da_clock_now_ms (), tail);
}

guint32
da_random_uint (guint32 bound)
{
  guint32 reject;
  guint32 value;

  g_assert (bound > 0);

  /* 2^32 mod bound: values below it would make the first few results likelier. */
  reject = -bound % bound;
  do
    da_random_bytes (&value, sizeof value);
  while (value < reject);

  return value % bound;
}

static void
digest_of (const char *text,
           guint8      digest[32])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = 32;

  g_checksum_update (checksum, (const guchar *) text, (gssize) strlen (text));
  g_checksum_get_digest (checksum, digest, &length);
}

gboolean
da_secret_equal (const char *a,
                 const char *b)
{
  guint8 digest_a[32];
  guint8 digest_b[32];
  volatile guint8 difference = 0;

  if (a == NULL || b == NULL)
    return FALSE;

  digest_of (a, digest_a);
  digest_of (b, digest_b);
  for (gsize i = 0; i < sizeof digest_a; i++)
    difference |= digest_a[i] ^ digest_b[i];

  return difference == 0;
}

char *
da_secret_digest (const char *text)
{
  guint8 digest[32];

  digest_of (text, digest);
  return hex_encode (digest, sizeof digest);
}

void
da_secret_free (char *secret)
{
  if (secret == NULL)
    return;

  explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

char *
da_secret_preview (const char *secret)
{
  gsize length = secret != NULL ? strlen (secret) : 0;

  /* Cutting inside a character would make the preview invalid UTF-8. */
  if (length <= 8 || !g_str_is_ascii (secret))
    return g_strdup ("***");

  return g_strdup_printf ("%.4s...%s", secret, secret + length - 4);
}

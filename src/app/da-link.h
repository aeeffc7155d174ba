/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A dotagents:// link, made fit to be looked at. Any web page can open one with anything in it, so
 * all texts are valid UTF-8 without control or direction characters, cut at DA_LINK_MAX_TEXT
 * characters, and what may be a secret is not among them. Any thread. */

#define DA_LINK_MAX_TEXT   400
/* Rows of a dialog; what is more is only counted. */
#define DA_LINK_MAX_VALUES 32

typedef struct {
  char *name;
  char *value;             /* (nullable): NULL: hidden, see n_hidden */
  guint n_hidden;          /* characters of a value that may be a secret */
} DaLinkValue;

typedef struct {
  char      *kind;         /* what stands behind dotagents://, "" for nothing */
  gboolean   is_pairing;   /* contract 10 1.10: for a phone, never for this program */
  GPtrArray *values;       /* (element-type DaLinkValue) in the link's order */
  guint      n_more;       /* values that were left out */
} DaLink;

/* (nullable) (transfer full): NULL: it is not a link of ours. */
DaLink *da_link_parse (const char *uri);
void    da_link_free  (DaLink     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaLink, da_link_free)

G_END_DECLS

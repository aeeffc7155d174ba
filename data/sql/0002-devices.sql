-- SPDX-License-Identifier: GPL-3.0-or-later
-- SPDX-FileCopyrightText: 2026 The DotAgents Authors

-- Paired devices. A key is kept as its SHA-256 digest only; a code nobody has used yet is not here.
CREATE TABLE devices (
  id          TEXT PRIMARY KEY,
  digest      TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  scopes      INTEGER NOT NULL,
  revoked_at  INTEGER NOT NULL DEFAULT 0,   -- Unix ms; 0: valid
  first_seen  INTEGER NOT NULL,
  last_seen   INTEGER NOT NULL,
  address     TEXT,
  user_agent  TEXT,
  client_id   TEXT                          -- what the device calls itself; never trusted
) STRICT;

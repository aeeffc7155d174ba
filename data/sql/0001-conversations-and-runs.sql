-- SPDX-License-Identifier: GPL-3.0-or-later
-- SPDX-FileCopyrightText: 2026 The DotAgents Authors
--
-- Times are Unix milliseconds. A conversation carries what the list shows (message_count to
-- preview), kept in the transaction that changes its messages, so that the list is one scan of
-- one index. stored_at is the activity time as a client gave it; updated_at is the greater of it
-- and the newest message. grams holds the letters of scripts without spaces, one token each
-- (da-search-text.c); NULL when there are none.

CREATE TABLE conversations (
  serial            INTEGER PRIMARY KEY,
  id                TEXT NOT NULL UNIQUE,
  title             TEXT NOT NULL,
  title_grams       TEXT,
  title_source      TEXT,
  client_session_id TEXT,
  profile_id        TEXT,
  device_id         TEXT,
  branch_source     TEXT,
  metadata          TEXT,
  created_at        INTEGER NOT NULL,
  stored_at         INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  last_message_at   INTEGER NOT NULL DEFAULT 0,
  message_count     INTEGER NOT NULL DEFAULT 0,
  last_message      TEXT NOT NULL DEFAULT '',
  preview           TEXT NOT NULL DEFAULT '',
  deleted_at        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX conversations_activity ON conversations (updated_at) WHERE deleted_at = 0;
CREATE INDEX conversations_deleted ON conversations (deleted_at) WHERE deleted_at > 0;

-- Append-only: a row is written once and goes only with its conversation. (display_content, what
-- is shown in place of content, may be filled in later.)
CREATE TABLE messages (
  serial          INTEGER PRIMARY KEY,
  conversation    INTEGER NOT NULL REFERENCES conversations (serial) ON DELETE CASCADE,
  sequence        INTEGER NOT NULL,
  id              TEXT NOT NULL,
  role            TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'tool')),
  content         TEXT NOT NULL,
  grams           TEXT,
  timestamp       INTEGER NOT NULL,
  tool_calls      TEXT,
  tool_results    TEXT,
  display_content TEXT,
  run_id          TEXT,
  finish_reason   TEXT,
  is_summary      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX messages_order ON messages (conversation, sequence);
CREATE UNIQUE INDEX messages_id ON messages (conversation, id);

CREATE TABLE runs (
  serial        INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  conversation  INTEGER NOT NULL REFERENCES conversations (serial) ON DELETE CASCADE,
  session_id    TEXT NOT NULL,
  number        INTEGER NOT NULL,
  state         TEXT NOT NULL,
  model         TEXT,
  provider      TEXT,
  error         TEXT,
  started_at    INTEGER NOT NULL,
  ended_at      INTEGER NOT NULL DEFAULT 0,
  input_tokens  INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX runs_conversation ON runs (conversation);
-- What a start has to look at: only the runs that were going on.
CREATE INDEX runs_open ON runs (serial) WHERE ended_at = 0;

CREATE TABLE run_events (
  run      INTEGER NOT NULL REFERENCES runs (serial) ON DELETE CASCADE,
  number   INTEGER NOT NULL,
  type     TEXT NOT NULL,
  time     INTEGER NOT NULL,
  text_end INTEGER NOT NULL,
  payload  TEXT,
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

-- The answer as it was said, in pieces; a piece may end inside a character.
CREATE TABLE run_text (
  run      INTEGER NOT NULL REFERENCES runs (serial) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  bytes    BLOB NOT NULL,
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

-- Which conversation shows which file of the attachments folder.
CREATE TABLE conversation_attachments (
  conversation INTEGER NOT NULL REFERENCES conversations (serial) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  PRIMARY KEY (conversation, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX conversation_attachments_name ON conversation_attachments (name);

-- Full-text search. The text itself stays in its table. Titles are indexed by triggers, messages
-- by da-search-index.c just after the transaction that stored them: one who waits for that to be
-- durable does not wait for the index. indexed is the last serial that is in it.
CREATE TABLE search_progress (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  indexed INTEGER NOT NULL
) STRICT;

INSERT INTO search_progress (id, indexed) VALUES (1, 0);

CREATE VIEW searchable_messages AS
  SELECT serial, content, grams FROM messages WHERE role <> 'tool';

CREATE VIRTUAL TABLE messages_fts USING fts5 (
  content, grams,
  content = 'searchable_messages', content_rowid = 'serial',
  tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

CREATE VIRTUAL TABLE titles_fts USING fts5 (
  title, title_grams,
  content = 'conversations', content_rowid = 'serial',
  tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

CREATE TRIGGER messages_fts_delete AFTER DELETE ON messages
  WHEN old.role <> 'tool' AND old.serial <= (SELECT indexed FROM search_progress)
BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, content, grams)
    VALUES ('delete', old.serial, old.content, old.grams);
END;

CREATE TRIGGER titles_fts_insert AFTER INSERT ON conversations BEGIN
  INSERT INTO titles_fts (rowid, title, title_grams)
    VALUES (new.serial, new.title, new.title_grams);
END;

CREATE TRIGGER titles_fts_delete AFTER DELETE ON conversations BEGIN
  INSERT INTO titles_fts (titles_fts, rowid, title, title_grams)
    VALUES ('delete', old.serial, old.title, old.title_grams);
END;

CREATE TRIGGER titles_fts_update AFTER UPDATE OF title ON conversations
  WHEN old.title IS NOT new.title
BEGIN
  INSERT INTO titles_fts (titles_fts, rowid, title, title_grams)
    VALUES ('delete', old.serial, old.title, old.title_grams);
  INSERT INTO titles_fts (rowid, title, title_grams)
    VALUES (new.serial, new.title, new.title_grams);
END;

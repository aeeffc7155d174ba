#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Every rule of lint.py must catch its sample and must leave the good ones alone (TAP)."""

import sys

import lint

# Written with escapes and joined words, so that this file passes the rules it tests.
SPDX_C = ('/* SPDX-' + 'License-Identifier: GPL-3.0-or-later */\n'
          '/* SPDX-' + 'FileCopyrightText: 2026 The DotAgents Authors */\n')
DOMAIN = '#define G_LOG_DOMAIN "da-store-thing"\n\n'
HOMES = {'da-thing.h': 'store', 'da-json.h': 'base', 'da-engine.h': 'engine', 'da-run.h': 'engine',
         'da-window.h': 'ui', 'da-message.h': 'values', 'da-server.h': 'server'}


def body(*lines):
    return 'static void\nwork (void)\n{\n' + '\n'.join(lines) + '\n}\n'


def source(*lines):
    return SPDX_C + DOMAIN + '#include "da-thing.h"\n\n' + body(*lines)


def long_body(count):
    return ['  count ();'] * count


GOOD_SOURCE = SPDX_C + DOMAIN + '''#include "config.h"

#include "da-thing.h"

#include <gio/gio.h>

#include "da-json.h"
#include "da-message.h"

/* A comment may say system ("x"), sprintf (x) and "../up.h". */
static void
load_job (GTask *task)
{
  const char *word = "sprintf (not code)";
  g_autoptr(GBytes) bytes = load_bytes_sync (word, NULL);

  g_snprintf (buffer, sizeof buffer, "%s", word);
  if (bytes != NULL)
    {
      g_task_return_boolean (task, TRUE);
    }
}

void
da_thing_load_async (DaThing *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, da_thing_load_async);
  g_task_run_in_thread (task, load_job);
}

/* lint: long */
static void
table (void)
{
''' + '  row ();\n' * 90 + '}\n'

GOOD_HEADER = SPDX_C + '''
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define DA_TYPE_RUN (da_run_get_type ())
G_DECLARE_FINAL_TYPE (DaRun, da_run, DA, RUN, GObject)

/* Stops it. */
void        da_run_cancel      (DaRun *self, const char *reason);
void        da_run_cancel_hard (DaRun *self, int code);

const char *da_run_get_id      (DaRun *self);

G_END_DECLS
'''

# rule: [(path, text that the rule must refuse), ...]
BAD = {
    'tab': [('src/store/da-thing.c', source('\tcount ();'))],
    'trailing-space': [('README.md', 'a word \n'), ('src/store/da-thing.c', source('  x (); '))],
    'long-line': [('src/store/da-thing.c', source('  /* ' + 'x' * 100 + ' */'))],
    'final-newline': [('README.md', 'a word')],
    'spdx': [('src/store/da-thing.c', DOMAIN + body('  count ();')),
             ('src/store/meson.build', 'x = 1\n')],
    'unfinished': [('src/store/da-thing.c', source('  /* TO' + 'DO: later */')),
                   ('README.md', 'FIX' + 'ME\n')],
    'machine-path': [('README.md', 'see /wo' + 'rk/main/src\n'),
                     ('tests/base/test-x.c', SPDX_C + '/* /ho' + 'me/bob/x */\n')],
    'registry-host': [('tests/wire/package.json', '"https://registry.npm' + 'js.org/x"\n')],
    'file-length': [('src/store/da-thing.c', SPDX_C + DOMAIN + '\n' * 1000)],
    'ui-length': [('src/ui/da-window.ui', '<!-- ' + SPDX_C + ' -->\n' + '<x/>\n' * 400)],
    'function-length': [('src/store/da-thing.c', source(*long_body(81))),
                        ('tests/store/test-thing.c', source(*long_body(81)))],
    'pragma-once': [('src/store/da-thing.h',
                     SPDX_C + 'G_BEGIN_DECLS\nvoid da_x (void);\nG_END_DECLS\n')],
    'begin-decls': [('src/store/da-thing.h', SPDX_C + '#pragma once\nvoid da_x (void);\n')],
    'own-header-first': [('src/store/da-thing.c', SPDX_C + DOMAIN + '#include <gio/gio.h>\n'
                          '#include "da-thing.h"\n')],
    'parent-include': [('src/store/da-thing.c', source() + '#include "../base/da-json.h"\n'),
                       ('tests/store/test-x.c', SPDX_C + '#include "../lib/x.h"\n')],
    'layer': [('src/store/da-thing.c', source() + '#include "da-engine.h"\n'),
              ('src/server/da-server.c', SPDX_C + '#include "da-window.h"\n'),
              ('src/server/da-server.c', SPDX_C + '#include "da-thing.h"\n'),
              ('src/base/da-json.h', SPDX_C + '#include "da-message.h"\n'),
              ('src/ui/da-window.c', SPDX_C + '#include "da-server.h"\n')],
    'widgets': [('src/engine/da-engine.c', SPDX_C + '#include <gtk/gtk.h>\n'),
                ('src/server/da-server.h', SPDX_C + '#include <adwaita.h>\n')],
    'log-domain': [('src/store/da-thing.c', SPDX_C + '#include "da-thing.h"\n'),
                   ('src/engine/da-run.c', source())],
    'sqlite': [('src/store/da-thing.c', source() + '#include <sqlite3.h>\n')],
    'libsecret': [('src/secrets/da-secrets.c', source() + '#include <libsecret/secret.h>\n')],
    'soup-server': [('src/engine/da-run.c', source('  soup_server_listen (x);'))],
    'json-parser': [('src/store/da-thing.c', source('  json_parser_new ();'))],
    'weak-random': [('src/store/da-thing.c', source('  g_random_int ();')),
                    ('src/store/da-thing.c', source('  g_rand_new_with_seed (1);')),
                    ('tests/base/test-x.c', source('  g_uuid_string_random ();'))],
    'blocking-call': [('src/store/da-thing.c', source('  secret_lookup_sync (schema);'))],
    'main-loop': [('src/engine/da-run.c', source('  g_main_loop_run (loop);'))],
    'sleep': [('tests/base/test-x.c', source('  g_usleep (1000);')),
              ('tests/base/test-x.c', source('  sleep (1);'))],
    'shell': [('src/engine/da-run.c', source('  system ("ls");')),
              ('src/engine/da-run.c', source('  g_spawn_command_line_async ("ls", NULL);'))],
    'unsafe-string': [('src/engine/da-run.c', source('  sprintf (a, b);')),
                      ('src/engine/da-run.c', source('  strcpy (a, b);')),
                      ('tests/base/test-x.c', source('  strcat(a, b);'))],
    'task-tag': [('src/store/da-thing.c', source('  task = g_task_new (self, NULL, cb, data);',
                                                 '  a ();') + '\n' + body(
                                                 '  g_task_set_source_tag (task, work);'))],
    'isolated-test': [('tests/base/test-x.c', source('  g_test_init (&argc, &argv, NULL);'))],
    'disabled-code': [('src/store/da-thing.c', source('#if 0', '  x ();', '#endif'))],
    'glib-type': [('src/store/da-thing.c', source('  gchar *x = NULL;')),
                  ('src/store/da-thing.c', source('  gint x = 0;'))],
    'potfiles': [('src/store/da-thing.c', source('  x (_("Words"));')),
                 ('src/ui/da-window.ui', '<property translatable="yes">Words</property>\n'),
                 ('data/app.example.desktop.in', '[Desktop Entry]\nName=Words\n'),
                 ('data/app.example.metainfo.xml.in', '<summary>Words</summary>\n')],
    'undocumented': [('src/engine/da-run.h', GOOD_HEADER.replace('/* Stops it. */\n', ''))],
}

BAD_WARNINGS = {
    'function-longish': [('src/store/da-thing.c', source(*long_body(41)))],
    'file-longish': [('src/store/da-thing.c', '\n' * 701)],
    'many-parameters': [('src/store/da-thing.c', source().replace(
        '(void)', '(int a, int b, int c,\n      int d, int e, int f, int g)'))],
    'deep-nesting': [('src/store/da-thing.c', source('  {', '    {', '      {', '        {',
                                                     '        }', '      }', '    }', '  }'))],
}

GOOD = [
    ('src/store/da-thing.c', GOOD_SOURCE),
    ('src/engine/da-run.h', GOOD_HEADER),
    ('src/engine/da-engine.c', source().replace('da-store', 'da-engine')
     .replace('"da-thing.h"', '"da-engine.h"') + '#include "da-thing.h"\n'),
    ('tests/store/test-thing.c', SPDX_C + '#include "da-thing.h"\n' + body(
        '  g_test_init (&argc, &argv,', '    G_TEST_OPTION_ISOLATE_DIRS, NULL);',
        '  g_main_loop_run (loop);', '  json_parser_new ();', '  load_sync (x);')),
]


def findings(path, text, rules):
    file = lint.File(path, text)
    file.headers, file.potfiles = HOMES, set()
    return list(lint.check(file, rules))


def main():
    cases = []
    for rules, samples in ((lint.RULES, BAD), (lint.WARNINGS, BAD_WARNINGS)):
        for rule in rules:
            cases.append((rule in samples, f'{rule} has a sample', ''))
        for rule, bad in samples.items():
            for path, text in bad:
                names = {name for _, name, _ in findings(path, text, rules)}
                cases.append((rule in names, f'{rule} catches its sample in {path}', names))
    for path, text in GOOD:
        found = findings(path, text, lint.RULES)
        cases.append((not found, f'nothing wrong with the good {path}', found))

    print(f'1..{len(cases)}')
    for number, (passed, name, detail) in enumerate(cases, 1):
        print(f'{"ok" if passed else "not ok"} {number} - {name}')
        if not passed and detail:
            print(f'# found instead: {detail}')
    return 0 if all(passed for passed, _, _ in cases) else 1


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Checks what a machine can check of the house style (CONTRIBUTING.md tells the rules in words).

lint.py [--root DIR] [--warnings] [FILE...]
lint.py --write-potfiles       writes po/POTFILES.in anew from what speaks

Without files: everything git tracks or would track. Findings are printed as
"file:line: rule: text" and make the exit code 1; warnings are printed with --warnings only and
never fail. A long function that has to be long carries "/* lint: long */" on the line above it; a
blocking call that runs on a worker carries "/* lint: worker */" above its function.

Each rule is one function below that yields (line, text); the two tables at the end of the file say
which rules there are and to which files each applies. test_lint.py feeds every rule a sample that
it must catch.
"""

import argparse
import os
import re
import subprocess
import sys

# What each layer may include, besides itself. ARCHITECTURE.md has the same table in words, and
# src/*/meson.build makes the compiler enforce it; this copy gives the better message.
_LOW = ['base', 'values', 'settings', 'secrets', 'store', 'llm']
LAYERS = {
    'base': [],
    'values': ['base'],
    'settings': ['base'],
    'secrets': ['base'],
    'store': ['base', 'values'],
    'llm': ['base', 'values'],
    'engine': _LOW,
    'server': ['base', 'values', 'settings', 'engine'],
    'ui': ['base', 'values', 'settings', 'engine'],
    'app': _LOW + ['engine', 'server', 'ui'],
}

MAX_COLUMNS = 100
MAX_C_LINES, WARN_C_LINES = 1000, 700
MAX_UI_LINES = 400
MAX_FUNCTION, WARN_FUNCTION = 80, 40
MAX_PARAMETERS = 6
MAX_NESTING = 3

CODE = ('.c', '.h', '.py', '.sh', '.mjs', '.js', '.ui', '.css', '.sql', '.build', '.xml', '.in')
NO_SUFFIX_CODE = ('build-aux/run', 'build-aux/check', '.ci/run')
# Not ours to format, or data whose very point is to be odd.
SKIP = ('LICENSES/', 'COPYING', 'tests/data/')
SKIP_PARTS = ('/corpus/', '/seeds/', '/node_modules/')


class File:
    """One file: its path in the tree, its lines, and its lines without comments and strings."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split('\n')
        if self.lines and self.lines[-1] == '':
            self.lines.pop()
        self.is_c = path.endswith(('.c', '.h'))
        self.code = blank_comments(text).split('\n') if self.is_c else self.lines
        parts = path.split('/')
        self.in_src = parts[0] == 'src'
        self.in_tests = parts[0] == 'tests'
        self.layer = parts[1] if self.in_src and len(parts) > 2 else None
        self.name = parts[-1]
        self._functions = None

    def functions(self):
        """(name, first line, last line, parameters, deepest nesting, marks), lines from 1."""
        if self._functions is None:
            self._functions = list(find_functions(self)) if self.path.endswith('.c') else []
        return self._functions

    def function_at(self, number):
        for function in self.functions():
            if function['first'] <= number <= function['last']:
                return function
        return None


def blank_comments(text):
    """Comments and the insides of literals become spaces; line numbers and columns stay."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

    def blank(match):
        found = match.group(0)
        inner = re.sub(r'[^\n]', ' ', found)
        if found[0] in '"\'':
            return found[0] + inner[1:-1] + found[-1]
        return inner

    return pattern.sub(blank, text)


def find_functions(file):
    """GNU layout: the body's braces stand in column 0, the name starts a line above."""
    code = file.code
    number = 0
    while number < len(code):
        if code[number].rstrip() != '{':
            number += 1
            continue
        opening = number
        number += 1
        while number < len(code) and not code[number].startswith('}'):
            number += 1
        head = opening - 1
        while head >= 0 and not code[head].strip():
            head -= 1
        while head >= 0 and not re.match(r'[A-Za-z_]\w* *\(', code[head]):
            if re.match(r'[;}#]', code[head]) or opening - head > 25 or not code[head].strip():
                head = -1
            head -= 1
        if head < 0:
            continue
        signature = ' '.join(code[head:opening])
        if not signature.rstrip().endswith(')'):
            continue
        depth = deepest = 0
        for line in code[opening:number + 1]:
            for character in line:
                if character == '{':
                    depth += 1
                    deepest = max(deepest, depth)
                elif character == '}':
                    depth -= 1
        inside = signature[signature.index('(') + 1:signature.rindex(')')]
        above = file.lines[head - 3:head] if head >= 3 else file.lines[:head]
        yield {
            'name': re.match(r'\w+', code[head]).group(0),
            'first': head + 1,
            'last': number + 1,
            'length': number + 1 - head,
            'parameters': 0 if inside.strip() in ('', 'void') else inside.count(',') + 1,
            'nesting': deepest - 1,
            'marks': ' '.join(above),
        }


def search(pattern):
    """A rule that refuses every code line on which the pattern occurs."""
    compiled = re.compile(pattern)

    def rule(file):
        for number, line in enumerate(file.code, 1):
            match = compiled.search(line)
            if match:
                yield number, match.group(0).strip()

    return rule


# --- text ----------------------------------------------------------------------------------------

def tab(file):
    for number, line in enumerate(file.lines, 1):
        if '\t' in line:
            yield number, 'indent with spaces'


def trailing_space(file):
    for number, line in enumerate(file.lines, 1):
        if line != line.rstrip(' \t\r'):
            yield number, 'nothing but the line end after the last character'


def long_line(file):
    for number, line in enumerate(file.lines, 1):
        if len(line) > MAX_COLUMNS:
            yield number, f'{len(line)} columns, {MAX_COLUMNS} at most'


def final_newline(file):
    if file.text and not file.text.endswith('\n'):
        yield len(file.lines), 'the last line does not end'


def spdx(file):
    head = '\n'.join(file.lines[:6])
    # Written apart so that the licence checker does not take these lines for a declaration.
    if ('SPDX-' + 'License-Identifier: GPL-3.0-or-later') not in head:
        yield 1, 'no SPDX licence line'
    if ('SPDX-' + 'FileCopyrightText: 2026 The DotAgents Authors') not in head:
        yield 1, 'no SPDX copyright line'


def unfinished(file):
    marks = re.compile(r'\b(' + '|'.join(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'])
                       + r')\b')
    for number, line in enumerate(file.lines, 1):
        match = marks.search(line)
        if match:
            yield number, f'"{match.group(0)}": finish it, or open an issue and say so in words'


def machine_path(file):
    """Where somebody's checkout happens to lie means nothing to anybody else."""
    roots = ['/wo' + 'rk/', '/fa' + 'rm/', '.libr' + 'ary/', '/tmp/stu' + 'dio', '/tmp/bui' + 'ld-']
    homes = re.compile('/ho' + r'me/(?!(user|me|ada|alice|nobody|person)\b)\w+/')
    for number, line in enumerate(file.lines, 1):
        for root in roots:
            if root in line:
                yield number, f'a path of one machine: {root}'
        match = homes.search(line)
        if match:
            yield number, f'somebody\'s home: {match.group(0)}'


def registry_host(file):
    hosts = ['registry.npm' + 'js.org', 'deb.deb' + 'ian.org', 'pypi' + '.org']
    for number, line in enumerate(file.lines, 1):
        for host in hosts:
            if host in line:
                yield number, f'names the registry host {host}; the client knows its own'


# --- C -------------------------------------------------------------------------------------------

def file_too_long(file):
    if len(file.lines) > MAX_C_LINES:
        yield 1, f'{len(file.lines)} lines, {MAX_C_LINES} at most: what is the second file?'


def ui_too_long(file):
    if len(file.lines) > MAX_UI_LINES:
        yield 1, f'{len(file.lines)} lines, {MAX_UI_LINES} at most'


def is_exempt(function):
    return 'lint: long' in function['marks'] or function['name'].endswith('_class_init')


def function_too_long(file):
    for function in file.functions():
        if function['length'] > MAX_FUNCTION and not is_exempt(function):
            yield function['first'], (f'{function["name"]} has {function["length"]} lines, '
                                      f'{MAX_FUNCTION} at most')


def no_pragma_once(file):
    if not any(line.startswith('#pragma once') for line in file.lines):
        yield 1, 'a header starts with #pragma once'


def no_begin_decls(file):
    if file.name.endswith('limits.h') or not re.search(r'\(', '\n'.join(file.code)):
        return   # constants only
    if 'G_BEGIN_DECLS' not in file.text or 'G_END_DECLS' not in file.text:
        yield 1, 'a header wraps its declarations in G_BEGIN_DECLS and G_END_DECLS'


def includes_of(file):
    for number, line in enumerate(file.lines, 1):
        match = re.match(r'#\s*include\s+([<"])([^">]+)[">]', line)
        if match:
            yield number, match.group(1), match.group(2)


def own_header_first(file):
    own = file.name[:-2] + '.h'
    if own not in file.headers:
        return
    # Friends' headers include the public one; a route group is declared in da-routes.h.
    stand_ins = (own, file.name[:-2] + '-private.h', 'da-routes.h')
    for number, _, target in includes_of(file):
        if target == 'config.h':
            continue
        if target not in stand_ins:
            yield number, f'"{own}" comes before every other header, so that it stands alone'
        return


def parent_include(file):
    for number, _, target in includes_of(file):
        if target.startswith('..') or '/../' in target:
            yield number, 'an include names a header of a layer, never a path'


def wrong_layer(file):
    if file.layer not in LAYERS:
        return
    allowed = [file.layer] + LAYERS[file.layer]
    for number, _, target in includes_of(file):
        home = file.headers.get(os.path.basename(target))
        if home in LAYERS and home not in allowed:
            yield number, f'{file.layer} may not use {target}, which belongs to {home}'


def widgets_outside_ui(file):
    if file.layer in ('ui', 'app'):
        return
    for number, _, target in includes_of(file):
        if re.match(r'(gtk|gdk|gsk|adwaita|libadwaita)', target):
            yield number, f'{target} outside src/ui and src/app: dotagentsd links no GTK'


def log_domain(file):
    match = re.search(r'^#define G_LOG_DOMAIN "([^"]+)"', file.text, re.M)
    if not match:
        yield 1, f'starts with #define G_LOG_DOMAIN "da-{file.layer}-<noun>"'
    elif not match.group(1).startswith(f'da-{file.layer}'):
        yield 1, f'G_LOG_DOMAIN "{match.group(1)}" in the layer {file.layer}'


def sqlite_outside(file):
    if file.path in ('src/store/da-database.c', 'src/store/da-database.h',
                     'src/store/da-migrations.c'):
        return
    for number, _, target in includes_of(file):
        if target == 'sqlite3.h':
            yield number, 'only da-database and da-migrations speak to SQLite'


def libsecret_outside(file):
    if file.name == 'da-secrets-libsecret.c':
        return
    for number, _, target in includes_of(file):
        if target.startswith('libsecret/'):
            yield number, 'only da-secrets-libsecret.c speaks to the keyring'


def soup_server_outside(file):
    if file.layer != 'server':
        yield from search(r'\bsoup_server_\w+')(file)


def json_parser_outside(file):
    if file.name != 'da-json.c':
        yield from search(r'\bjson_parser_\w+')(file)


def blocking_call(file):
    """A library's …_sync () stops the loop until it is done; a worker's job may call it."""
    for number, line in enumerate(file.code, 1):
        match = re.search(r'\b((?:g|gdk|gtk|json|secret|soup)_\w+_sync) \(', line)
        if not match:
            continue
        function = file.function_at(number)
        if function is None or function['first'] == number:
            continue   # a declaration or the definition itself
        if function['name'].endswith(('_sync', '_job')) or 'lint: worker' in function['marks']:
            continue
        yield number, f'{match.group(1)} in {function["name"]} blocks the main loop'


def main_loop_outside(file):
    if file.layer not in (None, 'app'):
        yield from search(r'\bg_main_loop_run\b')(file)


def untagged_task(file):
    """The tag follows g_task_new, at the latest when the declarations that start with it end."""
    for number, line in enumerate(file.code, 1):
        if re.search(r'\bg_task_new\b', line):
            function = file.function_at(number)
            last = min(function['last'] if function else number + 20, number + 20)
            if 'g_task_set_source_tag' not in ' '.join(file.code[number - 1:last]):
                yield number, 'g_task_new without g_task_set_source_tag in the next lines'


def shared_test_folders(file):
    """A test that is not isolated reads and writes the home of whoever runs it."""
    for number, line in enumerate(file.code, 1):
        if 'g_test_init (' in line:
            if 'G_TEST_OPTION_ISOLATE_DIRS' not in ' '.join(file.code[number - 1:number + 2]):
                yield number, 'g_test_init without G_TEST_OPTION_ISOLATE_DIRS'


def weak_random(file):
    """A test may draw from a generator that it seeded itself: it gives the same every time."""
    yield from search(r'\bg_random_\w+|\bg_uuid_string_random\b')(file)
    if file.in_src:
        yield from search(r'\bg_rand_\w+')(file)


def disabled_code(file):
    yield from search(r'^\s*#\s*if\s+0\b')(file)


def glib_type(file):
    """char, int and double by their C names; gint only where GLib's atomics ask for one."""
    for number, text in search(r'\bg(char|int|double|float)\b')(file):
        if text != 'gint' or 'g_atomic_int' not in file.text:
            yield number, f'{text}: plain C types'


# What the desktop and the software centre show of the program.
DATA_WITH_WORDS = ('.desktop.in', '.metainfo.xml.in')


def speaks(file):
    if file.path.endswith(DATA_WITH_WORDS):
        return True
    if file.path.endswith('.ui'):
        return re.search(r'translatable="(yes|true|1)"', file.text)
    return re.search(r'(?<!\w)([CN]?C?_|ngettext) ?\("', file.text)


def untranslated(file):
    if speaks(file) and file.path not in file.potfiles:
        yield 1, 'has words for people, but po/POTFILES.in does not name it'


def undocumented(file):
    """A prototype has a comment right above it, or above the block of lines it stands in.

    What its name and its class's comment tell completely needs none: the GObject formalities, a
    finish (told with its async), and a getter that takes nothing but the object.
    """
    prototype = re.compile(r'^[A-Za-z_][\w \*]*?\b(da_\w+) +\((.*)')
    plain = re.compile(r'_(get_type|quark|ref|unref|free|new)$|_(get|is|has)_\w+$')
    raw, code = file.lines, file.code
    for index, line in enumerate(code):
        match = prototype.match(line)
        if not match or line.startswith(('G_D', '#', 'typedef')):
            continue
        if match.group(1).endswith('_finish') or (plain.search(match.group(1))
                                                  and ',' not in match.group(2)):
            continue
        above = index - 1
        while above >= 0 and raw[above].strip() and '*/' not in raw[above]:
            above -= 1
        if above < 0 or '*/' not in raw[above]:
            yield index + 1, f'{match.group(1)} has no comment'


# --- warnings ------------------------------------------------------------------------------------

def function_longish(file):
    for function in file.functions():
        if function['length'] > WARN_FUNCTION and not is_exempt(function):
            yield function['first'], f'{function["name"]} has {function["length"]} lines'


def file_longish(file):
    if len(file.lines) > WARN_C_LINES:
        yield 1, f'{len(file.lines)} lines'


def many_parameters(file):
    for function in file.functions():
        if function['parameters'] > MAX_PARAMETERS:
            yield function['first'], f'{function["name"]} takes {function["parameters"]}'


def deep_nesting(file):
    for function in file.functions():
        if function['nesting'] > MAX_NESTING:
            yield function['first'], f'{function["name"]} nests {function["nesting"]} deep'


# --- which rule for which file -------------------------------------------------------------------

def is_text(file):
    return True


def is_code(file):
    return file.path.endswith(CODE) or file.path in NO_SUFFIX_CODE


def is_wrappable(file):
    """Markup is not: a line break in a sentence to translate would be part of the sentence."""
    return is_code(file) and not file.path.endswith(('.ui', '.xml'))


def has_spdx(file):
    return is_code(file) and not file.path.endswith(('POTFILES.in', '.json.in'))


def is_c(file):
    return file.is_c


def is_source(file):
    return file.path.endswith('.c')


def is_header(file):
    return file.path.endswith('.h')


def is_src_c(file):
    return file.is_c and file.in_src


def is_layer_source(file):
    return file.path.endswith('.c') and file.layer in LAYERS


def is_test_c(file):
    return file.is_c and file.in_tests


def is_ui(file):
    return file.path.endswith('.ui')


def may_speak(file):
    return (file.in_src and file.path.endswith(('.c', '.ui'))
            or file.path.startswith('data/') and file.path.endswith(DATA_WITH_WORDS))


def is_engine_header(file):
    return file.path.startswith('src/engine/') and file.path.endswith('.h')


RULES = {
    'tab': (tab, is_code),
    'trailing-space': (trailing_space, is_text),
    'long-line': (long_line, is_wrappable),
    'final-newline': (final_newline, is_text),
    'spdx': (spdx, has_spdx),
    'unfinished': (unfinished, is_text),
    'machine-path': (machine_path, is_text),
    'registry-host': (registry_host, is_text),
    'file-length': (file_too_long, is_source),
    'ui-length': (ui_too_long, is_ui),
    'function-length': (function_too_long, is_source),
    'pragma-once': (no_pragma_once, is_header),
    'begin-decls': (no_begin_decls, is_header),
    'own-header-first': (own_header_first, is_source),
    'parent-include': (parent_include, is_c),
    'layer': (wrong_layer, is_src_c),
    'widgets': (widgets_outside_ui, is_src_c),
    'log-domain': (log_domain, is_layer_source),
    'sqlite': (sqlite_outside, is_src_c),
    'libsecret': (libsecret_outside, is_src_c),
    'soup-server': (soup_server_outside, is_src_c),
    'json-parser': (json_parser_outside, is_src_c),
    'weak-random': (weak_random, is_c),
    'blocking-call': (blocking_call, is_src_c),
    'main-loop': (main_loop_outside, is_src_c),
    'sleep': (search(r'\b(g_usleep|usleep|sleep|nanosleep) *\('), is_test_c),
    'shell': (search(r'(?<!\w)(system|popen) \(|\bg_spawn_command_line\w*'), is_c),
    'unsafe-string': (search(r'(?<!\w)(g_)?v?sprintf *\(|(?<!\w)str(cpy|cat) *\('), is_c),
    'task-tag': (untagged_task, is_c),
    'isolated-test': (shared_test_folders, is_test_c),
    'disabled-code': (disabled_code, is_c),
    'glib-type': (glib_type, is_c),
    'potfiles': (untranslated, may_speak),
    'undocumented': (undocumented, is_engine_header),
}

WARNINGS = {
    'function-longish': (function_longish, is_source),
    'file-longish': (file_longish, is_source),
    'many-parameters': (many_parameters, is_source),
    'deep-nesting': (deep_nesting, is_source),
}


# --- running -------------------------------------------------------------------------------------

def tracked_files(root):
    """What git tracks or would track; in an unpacked archive, every file outside build folders."""
    git = subprocess.run(['git', '-c', 'safe.directory=*', '-C', root, 'ls-files', '-z', '--cached',
                          '--others', '--exclude-standard'], capture_output=True)
    if git.returncode == 0 and git.stdout:
        names = sorted(set(git.stdout.decode().split('\0')) - {''})
        return [name for name in names if os.path.isfile(os.path.join(root, name))]
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in ('.git', 'node_modules')
                      and not f.startswith('_build')]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def is_skipped(path):
    return path.startswith(SKIP) or any(part in '/' + path for part in SKIP_PARTS)


def read_text(root, path):
    """The file's text, or None for what is not text."""
    with open(os.path.join(root, path), 'rb') as stream:
        data = stream.read()
    if b'\0' in data:
        return None
    try:
        return data.decode('utf-8')
    except UnicodeDecodeError:
        return None


def header_homes(paths):
    """Header name to the layer that owns it."""
    homes = {}
    for path in paths:
        parts = path.split('/')
        if parts[0] == 'src' and path.endswith('.h'):
            homes[parts[-1]] = parts[1] if len(parts) > 2 else ''
    return homes


def check(file, rules):
    for name, (rule, applies) in rules.items():
        if applies(file):
            for number, text in rule(file):
                yield number, name, text


def missing_potfiles(root, potfiles):
    for path in sorted(potfiles):
        if not os.path.isfile(os.path.join(root, path)):
            yield f'po/POTFILES.in:1: potfiles: names {path}, which does not exist'


def write_potfiles(root, paths):
    listing = os.path.join(root, 'po/POTFILES.in')
    with open(listing, encoding='utf-8') as stream:
        head = [line for line in stream if line.startswith('#')]
    found = [path for path in paths if may_speak(File(path, ''))
             and speaks(File(path, read_text(root, path) or ''))]
    with open(listing, 'w', encoding='utf-8') as stream:
        stream.writelines(head + [path + '\n' for path in sorted(found)])


def main():
    parser = argparse.ArgumentParser(description='Checks the house style.')
    parser.add_argument('--root', default=os.path.join(os.path.dirname(__file__), '..', '..'))
    parser.add_argument('--warnings', action='store_true', help='print warnings too')
    parser.add_argument('--write-potfiles', action='store_true')
    parser.add_argument('files', nargs='*')
    options = parser.parse_args()
    root = os.path.abspath(options.root)

    every = tracked_files(root)
    if options.write_potfiles:
        write_potfiles(root, every)
        return 0
    headers = header_homes(every)
    potfiles = set()
    listing = os.path.join(root, 'po/POTFILES.in')
    if os.path.isfile(listing):
        with open(listing, encoding='utf-8') as stream:
            potfiles = {line.strip() for line in stream} - {''}
        potfiles = {line for line in potfiles if not line.startswith('#')}

    findings = list(missing_potfiles(root, potfiles))
    warnings = []
    checked = 0
    named = [os.path.relpath(os.path.abspath(path), root) for path in options.files]
    for path in named or every:
        text = None if is_skipped(path) else read_text(root, path)
        if text is None:
            continue
        checked += 1
        file = File(path, text)
        file.headers, file.potfiles = headers, potfiles
        findings += [f'{path}:{n}: {rule}: {text}' for n, rule, text in check(file, RULES)]
        warnings += [f'{path}:{n}: warning: {rule}: {text}'
                     for n, rule, text in check(file, WARNINGS)]
    for line in findings + (warnings if options.warnings else []):
        print(line)
    print(f'lint: {checked} files, {len(findings)} findings, {len(warnings)} warnings',
          file=sys.stderr)
    return 1 if findings or not checked else 0


if __name__ == '__main__':
    sys.exit(main())

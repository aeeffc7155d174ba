#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""What the programs say is said in every language there is.

translated.py ROOT

Takes the words out of every source file in POTFILES.in and compares: each must be in each language
of LINGUAS, neither empty nor fuzzy, and with the places for values that the original has. What the
desktop and the software centre show is looked at where it was merged: merged.py. Prints TAP.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

# What "preset: 'glib'" in po/meson.build stands for.
KEYWORDS = ('_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'g_dcgettext:2', 'g_dngettext:2,3',
            'g_dpgettext2:2c,3')
TOOLS = ('xgettext', 'msgcmp', 'msgfmt')
# Fewer would mean that nothing was found, not that little is said.
ENOUGH_WORDS = 200


def lines(path):
    with open(path, encoding='utf-8') as stream:
        return [line.strip() for line in stream if line.strip() and not line.startswith('#')]


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode == 0, done.stdout.decode()


def tell(number, passed, what, said):
    print(f'{"ok" if passed else "not ok"} {number} - {what}')
    for line in said.splitlines() if not passed else ():
        print('#', line)
    return passed


def extract(root, template):
    """Whether all that the sources say is in @template now, and what went wrong."""
    sources = [path for path in lines(os.path.join(root, 'po', 'POTFILES.in'))
               if path.startswith('src/')]
    passed, said = run('xgettext', '--from-code=UTF-8', '--directory=' + root,
                       '--output=' + template, *['--keyword=' + word for word in KEYWORDS],
                       *sources)
    if not passed:
        return False, said
    with open(template, encoding='utf-8') as stream:
        found = sum(line.startswith('msgid ') for line in stream)
    return found > ENOUGH_WORDS, f'{said}found only {found} in {len(sources)} files'


def missing_words(said, template):
    """What msgcmp complains of, as a translator knows it: by the words, not by a line of
    @template."""
    with open(template, encoding='utf-8') as stream:
        words = stream.read().splitlines()
    for line in said.splitlines():
        found = re.match(re.escape(template) + r':(\d+): (?!warning)', line)
        if found is None:
            if 'not used' not in line and 'is similar' not in line:
                yield line
            continue
        first = last = int(found[1]) - 1
        while words[first - 1]:
            first -= 1
        while not words[last].startswith('msgstr'):
            last += 1
        yield 'not in it: ' + ' '.join(word for word in words[first:last] if word[0] != '#')


def main():
    root = os.path.abspath(sys.argv[1])
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print('1..0 # SKIP no', ', '.join(missing))
        return 0
    languages = [word for line in lines(os.path.join(root, 'po', 'LINGUAS'))
                 for word in line.split()]
    print(f'1..{1 + 2 * len(languages)}')
    with tempfile.TemporaryDirectory() as folder:
        template = os.path.join(folder, 'dotagents.pot')
        passed, said = extract(root, template)
        results = [tell(1, passed, 'found words', said)]
        for number, language in enumerate(languages):
            catalogue = os.path.join(root, 'po', language + '.po')
            passed, said = run('msgcmp', catalogue, template)
            results.append(tell(2 + 2 * number, passed, language + ' misses nothing',
                                '\n'.join(missing_words(said, template))))
            passed, said = run('msgfmt', '--check', '--output-file=/dev/null', catalogue)
            results.append(tell(3 + 2 * number, passed, language + ' is sound', said))
    return 0 if languages and all(results) else 1


if __name__ == '__main__':
    sys.exit(main())

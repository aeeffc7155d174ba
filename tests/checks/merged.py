#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""What the desktop and the software centre show of the program, in every language there is.

merged.py LINGUAS DESKTOP-FILE METAINFO-FILE

Both files as they are installed: each word for people in them must be there in each language of
LINGUAS. Prints TAP.
"""

import collections
import re
import sys
import xml.etree.ElementTree

KEYS = ('Name', 'GenericName', 'Comment', 'Keywords')
# Not the descriptions of releases: only the rules that come with appstream translate those.
ELEMENTS = ('name', 'summary', 'caption', 'p', 'li')
LANGUAGE = '{http://www.w3.org/XML/1998/namespace}lang'


def desktop_words(path):
    """Pairs of what is said and the languages it is said in."""
    group, words = '', collections.defaultdict(set)
    with open(path, encoding='utf-8') as stream:
        for line in stream:
            found = re.match(r'(\w+)(?:\[(\w+)\])?=', line)
            if line.startswith('['):
                group = line.strip()
            elif found and found[1] in KEYS:
                words[f'{group} {found[1]}'].add(found[2])
    return words.items()


def metainfo_words(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    releases = set(root.findall('releases//'))
    for parent in (node for node in root.iter() if node not in releases):
        for tag in ELEMENTS:
            said, languages = None, set()
            for element in parent.findall(tag):
                if element.get(LANGUAGE):
                    languages.add(element.get(LANGUAGE))
                    continue
                if said:
                    yield said, languages
                said, languages = ' '.join(element.text.split()), set()
            if said:
                yield said, languages


def main():
    with open(sys.argv[1], encoding='utf-8') as stream:
        languages = {word for line in stream if not line.startswith('#') for word in line.split()}
    said = [*desktop_words(sys.argv[2]), *metainfo_words(sys.argv[3])]
    print(f'1..{len(said) + 1}')
    enough = len(said) > len(KEYS) + len(ELEMENTS) and languages
    print(f'{"ok" if enough else "not ok"} 1 - found words and languages')
    failed = not enough
    for number, (words, found) in enumerate(said, 2):
        missing = ', '.join(sorted(languages - found))
        print(f'{"not ok" if missing else "ok"} {number} - {words[:60]}')
        if missing:
            print(f'# not in: {missing}')
            failed = True
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

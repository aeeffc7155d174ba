#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""A wrong include really does not compile (TAP).

layers.py SOURCE_ROOT BUILD_ROOT

For each layer the include path is taken from the build itself, as meson hands it to the compiler.
Then, for each other layer, one of its headers is included: from an allowed layer it must be found,
from any other it must not. The lint says the same from the text; this asks the compiler.
"""

import json
import os
import shlex
import subprocess
import sys

import lint


def include_paths(build):
    """Layer to (compiler, include arguments), from the static library that the layer is."""
    with open(os.path.join(build, 'meson-info', 'intro-targets.json'), encoding='utf-8') as stream:
        targets = json.load(stream)
    found = {}
    for target in targets:
        if target['type'] != 'static library' or not target['name'].startswith('da-'):
            continue
        for group in target['target_sources']:
            if group.get('language') == 'c' and group['sources']:
                own = [p for p in group['parameters'] if p.startswith('-I')]
                found[target['name'][len('da-'):]] = (group['compiler'], own)
    return found


def headers_of(source):
    """Layer to one of its headers."""
    found = {}
    for path in lint.tracked_files(source):
        parts = path.split('/')
        if len(parts) == 3 and parts[0] == 'src' and path.endswith('.h'):
            found.setdefault(parts[1], parts[2])
    return found


def can_include(compiler, arguments, header, build):
    """Whether the preprocessor finds the header itself; what that includes does not matter."""
    done = subprocess.run(compiler + arguments + ['-E', '-x', 'c', '-'], cwd=build, text=True,
                          input=f'#if !__has_include ("{header}")\n#error absent\n#endif\n',
                          capture_output=True)
    if done.returncode != 0 and '#error absent' not in done.stderr:
        sys.exit(f'the compiler itself failed: {shlex.join(compiler)}\n{done.stderr}')
    return done.returncode == 0


def main():
    source, build = sys.argv[1:3]
    paths, headers = include_paths(build), headers_of(source)
    cases = []
    for layer, (compiler, arguments) in sorted(paths.items()):
        if layer not in lint.LAYERS:
            continue
        allowed = [layer] + lint.LAYERS[layer]
        for other, header in sorted(headers.items()):
            if other not in lint.LAYERS:
                continue
            found = can_include(compiler, arguments, header, build)
            if other == layer:
                cases.append((found, f'{layer} finds its own {header}'))
            elif other not in allowed:
                cases.append((not found, f'{layer} cannot include {header} of {other}'))
    print(f'1..{len(cases)}')
    for number, (passed, name) in enumerate(cases, 1):
        print(f'{"ok" if passed else "not ok"} {number} - {name}')
    return 0 if cases and all(passed for passed, _ in cases) else 1


if __name__ == '__main__':
    sys.exit(main())

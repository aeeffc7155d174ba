# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""The list of all routes, read from the tables the program is built from. A route that is added
there is tested from then on without anyone thinking of it."""

import glob
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, '..', '..', '..', 'src', 'server', 'routes')
SCOPES = {'DA_SCOPE_CHAT': 1, 'DA_SCOPE_MANAGE': 2, 'DA_SCOPE_OPERATOR': 4}
# These end or restart what the test speaks to; only their refusals are walked.
DISTURBING = re.compile(r'/actions/restart|rotate-api-key|/remote-server/')


class Route:
    def __init__(self, method, pattern, scope, flags):
        self.method = method
        self.pattern = pattern
        self.scope = scope
        self.flags = flags

    @property
    def path(self):
        return re.sub(r':\w+', 'no-such-thing', self.pattern)

    @property
    def encoded(self):
        """The same path with an escape in every segment."""
        return '/' + '/'.join(f'%{ord(part[0]):02X}{part[1:]}' for part in
                              self.path[1:].split('/'))

    @property
    def ignores_body(self):
        return 'DA_ROUTE_NO_BODY' in self.flags

    @property
    def takes_json(self):
        return not self.ignores_body and 'DA_ROUTE_BODY_ANY' not in self.flags

    @property
    def guards_devices(self):
        return 'DA_ROUTE_DEVICES' in self.flags

    @property
    def is_disturbing(self):
        return DISTURBING.search(self.pattern) is not None

    def __repr__(self):
        return f'{self.method} {self.pattern}'


def expand(path):
    """The tables of a file with its macros expanded; nothing else of the file is needed."""
    with open(path, encoding='utf-8') as file:
        text = file.read()
    if 'const DaRoute da_routes' not in text:
        return ''
    joined = text.replace('\\\n', ' ')
    defines = re.findall(r'^#define .*$', joined, re.M)
    tables = re.findall(r'^const DaRoute da_routes\w*\[\] = \{.*?^\};', joined, re.M | re.S)
    program = '\n'.join(defines + tables)
    compiler = os.environ.get('CC_FOR_TABLES', 'cc')
    return subprocess.run([compiler, '-E', '-P', '-x', 'c', '-'], input=program, text=True,
                          stdout=subprocess.PIPE, check=True).stdout


def load():
    routes = []
    for path in sorted(glob.glob(os.path.join(SOURCE, '*.c'))):
        text = re.sub(r'"\s+"', '', expand(path))
        rows = re.findall(r'\{\s*"([A-Z]+)",\s*"([^"]*)",\s*(\w+),([^{}]*)\}', text)
        assert len(rows) == len(re.findall(r'\{\s*"[A-Z]+",', text)), \
            f'{path} has rows that are not understood'
        for method, pattern, scope, rest in rows:
            assert scope in SCOPES, f'{method} {pattern}: the scope {scope} is unknown here'
            routes.append(Route(method, pattern, SCOPES[scope], rest))
    assert len(routes) > 50, 'the tables were not found'
    return routes

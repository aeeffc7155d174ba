#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""openapi.py ROOT DOCUMENT: the description of the HTTP API against the program's own tables.

Both directions: every row of src/server/routes is documented with its scope, its list of trusted
devices and its parameters, and everything documented is a row; the same for the table of settings.
The document must also be sound in itself. What routes really answer is checked by
tests/wire/node/openapi.test.mjs.
"""

import json
import os
import re
import sys

ROOT, DOCUMENT = sys.argv[1:3]
sys.path.insert(0, os.path.join(ROOT, 'tests', 'wire', 'security'))
import routes  # noqa: E402  (its folder is known only now)

METHODS = ('get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace')
SCOPES = {'chat': 1, 'manage': 2, 'operator': 4}
SETTINGS = os.path.join(ROOT, 'src', 'settings', 'da-settings-table.c')
# Made when they are asked for, so the table has them as readable only or not at all.
DERIVED = {'availablePresets', 'acpxAgents'}
TYPES = {'BOOLEAN': 'boolean', 'INT': 'integer', 'NUMBER': 'number', 'STRING': 'string',
         'ENUM': 'string', 'STRV': 'array', 'SECRET': 'string'}

with open(DOCUMENT, encoding='utf-8') as file:
    document = json.load(file)


def resolve(node):
    while isinstance(node, dict) and '$ref' in node:
        target = document
        for name in node['$ref'].removeprefix('#/').split('/'):
            target = target[name]
        node = target
    return node


def operations():
    for path, item in document['paths'].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, item, operation


def rows():
    return {(re.sub(r':(\w+)', r'{\1}', row.pattern), row.method.lower()): row
            for row in routes.load()}


def check_rows_are_documented():
    """every row is documented"""
    documented = {(path, method) for path, method, _, _ in operations()}
    return [f'{method.upper()} {path} is not in the document'
            for path, method in rows() if (path, method) not in documented]


def check_documented_are_rows():
    """everything documented is a row"""
    known = rows()
    return [f'{method.upper()} {path} is in no table'
            for path, method, _, _ in operations() if (path, method) not in known]


def check_access():
    """scopes and trusted devices are those of the rows"""
    known = rows()
    for path, method, _, operation in operations():
        row = known.get((path, method))
        if row is None:
            continue
        if SCOPES.get(operation.get('x-scope')) != row.scope:
            yield f'{row}: x-scope {operation.get("x-scope")} is not that of the row'
        if operation.get('x-trusted-devices', False) != row.guards_devices:
            yield f'{row}: x-trusted-devices is not that of the row'
        if 'requestBody' in operation and row.ignores_body:
            yield f'{row}: has a body, which the row ignores'
        if 'requestBody' not in operation and row.takes_json:
            yield f'{row}: takes a body that is not documented'


def check_parameters():
    """path parameters are those of the path"""
    for path, method, item, operation in operations():
        given = [resolve(one) for one in item.get('parameters', [])
                 + operation.get('parameters', [])]
        named = [one['name'] for one in given if one['in'] == 'path']
        if sorted(named) != sorted(re.findall(r'{(\w+)}', path)):
            yield f'{method.upper()} {path}: documents {named}'
        for one in given:
            if one['in'] == 'path' and one.get('required') is not True:
                yield f'{method.upper()} {path}: {one["name"]} must be required'


def check_operations():
    """every operation has an id of its own, a summary, a tag and the shape of errors"""
    tags = {tag['name'] for tag in document['tags']}
    ids = set()
    for path, method, _, operation in operations():
        name = f'{method.upper()} {path}'
        if operation['operationId'] in ids:
            yield f'{name}: another has its operationId'
        ids.add(operation['operationId'])
        if not operation.get('summary') or operation['summary'].endswith('.'):
            yield f'{name}: the summary is a line without a full stop'
        if len(operation.get('tags', [])) != 1 or operation['tags'][0] not in tags:
            yield f'{name}: wants one tag of the list'
        if operation['responses'].get('default') != {'$ref': '#/components/responses/Error'}:
            yield f'{name}: does not say how it fails'


def references(node):
    if isinstance(node, dict):
        if '$ref' in node:
            yield node['$ref']
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def check_components():
    """references lead somewhere, and no component is left over"""
    used = set(references(document))
    there = {f'#/components/{kind}/{name}' for kind, items in document['components'].items()
             for name in items if kind != 'securitySchemes'}
    yield from (f'{name} is not there' for name in sorted(used - there))
    yield from (f'{name} is used nowhere' for name in sorted(there - used))


def check_required():
    """what is required has a description of its own"""
    def walk(node, where):
        if isinstance(node, list):
            for i, value in enumerate(node):
                yield from walk(value, f'{where}/{i}')
        elif isinstance(node, dict):
            if node.get('type') == 'object' and isinstance(node.get('required'), list) \
                    and 'allOf' not in where:
                missing = set(node['required']) - set(node.get('properties', {}))
                yield from (f'{where}: {name} is required and not described' for name in missing)
            for name, value in node.items():
                yield from walk(value, f'{where}/{name}')
    return walk(document, '#')


def read_settings():
    """name -> (type, choices, may be read, may be written)"""
    with open(SETTINGS, encoding='utf-8') as source:
        text = source.read()
    lists = {name: re.findall(r'"([^"]+)"', body) for name, body in
             re.findall(r'static const char \*const (\w+)\[\] = \{(.*?)\};', text, re.S)}
    found = {}
    table = text[text.index('da_settings_table[] = {'):]
    chunks = re.split(r'\n  ROW \(', table)[1:]
    for chunk in chunks:
        row = re.match(r'"(\w+)", (\w+), .*?, ([A-Z_ |0]+),\s+N_\(', chunk, re.S)
        assert row, f'a row that is not understood: {chunk[:80]}'
        name, kind, flags = row.groups()
        words = set(flags.replace('|', ' ').split())
        choices = re.search(r'CHOICES \((\w+)\)', chunk)
        found[name] = (kind, lists[choices[1]] if choices and kind == 'ENUM' else None,
                       bool(words & {'RW', 'RWS', 'RO', 'DA_SETTING_READ'}),
                       bool(words & {'RW', 'RWS', 'DA_SETTING_WRITE'}))
    assert len(found) > 100, 'the table of settings was not found'
    return found


def check_settings():
    """the settings are those of their table"""
    described = document['components']['schemas']['SettingValues']['properties']
    found = read_settings()
    for name, (kind, choices, reads, writes) in found.items():
        if not reads and not writes or name in DERIVED:
            continue
        schema = described.get(name)
        if schema is None:
            yield f'{name} is not in SettingValues'
            continue
        if schema['type'] != TYPES.get(kind, schema['type']):
            yield f'{name} is of another type'
        if kind == 'ENUM' and schema.get('enum') != choices:
            yield f'{name} has other choices: {choices}'
        if schema.get('readOnly', False) == writes or schema.get('writeOnly', False) == reads:
            yield f'{name}: readOnly or writeOnly is wrong'
    for name in described:
        if name not in found or not (found[name][2] or found[name][3]):
            yield f'{name} is no setting a client may read or change'


def main():
    checks = [check_rows_are_documented, check_documented_are_rows, check_access,
              check_parameters, check_operations, check_components, check_required,
              check_settings]
    failed = 0
    print(f'1..{len(checks)}')
    for number, check in enumerate(checks, 1):
        problems = list(check())
        failed += bool(problems)
        print(f'{"not ok" if problems else "ok"} {number} - {check.__doc__}')
        for problem in problems:
            print(f'# {problem}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""openapi_json.py VERSION INPUT OUTPUT: data/openapi.yaml as the JSON the server embeds."""

import json
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Refuses what YAML lets pass in silence: the same key twice."""

    def construct_mapping(self, node, deep=False):
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.YAMLError(f'"{name}" is there twice{node.start_mark}')
            if not isinstance(name, str):
                raise yaml.YAMLError(f'{name!r} needs quotes{node.start_mark}')
        return super().construct_mapping(node, deep)


def main(version, source, target):
    with open(source, encoding='utf-8') as file:
        document = yaml.load(file, Loader)
    assert document['info']['version'] == '@VERSION@', 'the version is put in here'
    document['info']['version'] = version
    with open(target, 'w', encoding='utf-8') as file:
        json.dump(document, file, ensure_ascii=False, separators=(',', ':'))
        file.write('\n')


if __name__ == '__main__':
    main(*sys.argv[1:])

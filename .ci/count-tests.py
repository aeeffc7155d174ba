#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Reads the testlog.json files that meson test wrote (one object a line).

count-tests.py LOG...           prints "passed failed skipped"; of a test that ran more than once
                                the last result counts
count-tests.py --failed LOG     prints the names of the tests that failed, one a line
"""

import json
import os
import sys

KINDS = {'OK': 'passed', 'EXPECTEDFAIL': 'passed', 'SKIP': 'skipped'}


def read(paths):
    results = {}
    for path in paths:
        if not os.path.exists(path):
            continue
        with open(path, encoding='utf-8') as stream:
            for line in stream:
                if line.strip():
                    entry = json.loads(line)
                    # A result that the list does not know is a failure: nothing is hidden.
                    results[entry['name']] = KINDS.get(entry['result'], 'failed')
    return results


def main(arguments):
    if arguments[0] == '--failed':
        for name, result in read(arguments[1:]).items():
            if result == 'failed':
                print(name.rsplit(' / ', 1)[-1])
        return
    results = list(read(arguments).values())
    print(*(results.count(kind) for kind in ('passed', 'failed', 'skipped')))


main(sys.argv[1:])

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Prints "passed failed skipped" of a testlog.json that meson test wrote (one object a line)."""

import json
import sys

counts = {'passed': 0, 'failed': 0, 'skipped': 0}
with open(sys.argv[1], encoding='utf-8') as stream:
    for line in stream:
        if line.strip():
            result = json.loads(line)['result']
            # A result that this list does not know is a failure: nothing is hidden by a new word.
            kind = {'OK': 'passed', 'EXPECTEDFAIL': 'passed', 'SKIP': 'skipped'}
            counts[kind.get(result, 'failed')] += 1
print(counts['passed'], counts['failed'], counts['skipped'])

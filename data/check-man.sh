#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
#
# check-man.sh PAGE: groff reads the page with all warnings on; each is a failure.
set -eu

if ! command -v groff > /dev/null; then
  echo "groff is not installed"
  [ -n "${CI:-}" ] && exit 1
  exit 77
fi
said=$(groff -man -Tutf8 -ww -z "$1" 2>&1)
if [ -n "$said" ]; then
  echo "$said"
  exit 1
fi

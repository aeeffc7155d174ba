#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
# with-xvfb.sh PROGRAM...: runs a test of the window on a display of its own; skips without Xvfb.
set -eu
if ! command -v xvfb-run >/dev/null 2>&1; then
  echo '1..0 # SKIP xvfb-run is not installed'
  exit 0
fi
exec xvfb-run -a -s '-screen 0 1400x1000x24 -nolisten tcp' "$@"

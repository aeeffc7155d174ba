#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
#
# check-unit.sh UNIT: lets systemd read the unit. The program need not be installed for that. What
# systemd does not know is only a warning to it, and a failure here.
set -eu

if ! command -v systemd-analyze > /dev/null; then
  echo "systemd-analyze is not installed"
  [ -n "${CI:-}" ] && exit 1
  exit 77
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/dotagents-unit-XXXXXX")
trap 'rm -rf "$folder"' EXIT
sed 's|^ExecStart=.*|ExecStart=/bin/true|' "$1" > "$folder/dotagentsd.service"
export XDG_RUNTIME_DIR="$folder"
said=$(systemd-analyze verify --user --man=no "$folder/dotagentsd.service" 2>&1) || {
  echo "$said"
  exit 1
}
if [ -n "$said" ]; then
  echo "$said"
  exit 1
fi

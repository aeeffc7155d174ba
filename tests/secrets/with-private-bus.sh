#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
#
# with-private-bus.sh BUS-CONFIG TEST [ARGS...]
#
# Runs a test with a session bus, a home and runtime folders of its own; the person's bus, keyring
# and files are out of reach. The test starts the keyring daemon itself, since it must also kill it.
# A missing tool is a failure in CI, and a skip with its reason elsewhere.
set -eu

for tool in dbus-run-session gnome-keyring-daemon; do
  if ! command -v "$tool" > /dev/null; then
    if [ -n "${CI:-}" ]; then
      echo "Bail out! $tool is not installed"
      exit 1
    fi
    echo "1..0 # SKIP $tool is not installed"
    exit 0
  fi
done

config=$1
shift
private=$(mktemp -d "${TMPDIR:-/tmp}/dotagents-keyring-XXXXXX")
trap 'rm -rf "$private"' EXIT INT TERM
mkdir -m 700 "$private/home" "$private/run" "$private/tmp"

unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS DBUS_STARTER_ADDRESS GNOME_KEYRING_CONTROL \
  SSH_AUTH_SOCK SECRET_BACKEND
HOME=$private/home
XDG_RUNTIME_DIR=$private/run
XDG_DATA_HOME=$private/home/data
XDG_CONFIG_HOME=$private/home/config
XDG_CACHE_HOME=$private/home/cache
TMPDIR=$private/tmp
export TMPDIR HOME XDG_RUNTIME_DIR XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME

status=0
dbus-run-session --config-file="$config" -- "$@" || status=$?
exit "$status"

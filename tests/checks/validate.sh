#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
# validate.sh FILE…: asks the tool that knows that kind of file whether it is right. Warnings fail.
# Kinds are told by the name: desktop file, AppStream metadata, systemd user unit, manual page.
# Without its tool a file counts as wrong: build-aux/check installs them all.
set -eu

# Fails when the command fails or has anything to say.
silent () {
  said=$("$@" 2>&1) && [ -z "$said" ] && return 0
  printf '%s\n' "$said"
  return 1
}

# systemd-analyze looks for the program that the unit starts, wants a place to put its sockets, and
# reports a wrong value as a mere remark.
unit () {
  copy=$(mktemp -d)
  sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$1" >"$copy/$(basename "${1%.in}")"
  silent env HOME="$copy" XDG_RUNTIME_DIR="$copy" \
    systemd-analyze verify --user --man=no "$copy/$(basename "${1%.in}")"
  rm -rf "$copy"
}

man_page () {
  case $1 in
    *.gz) page=$(mktemp) && gzip -dc "$1" >"$page" ;;
    *) page=$1 ;;
  esac
  silent groff -K utf8 -man -ww -T utf8 -z "$page"
}

for file in "$@"; do
  echo "checking $file"
  case $file in
    *.desktop)                  silent desktop-file-validate "$file" ;;
    *.metainfo.xml)             appstreamcli validate --no-net --explain "$file" ;;
    *.service | *.service.in)   unit "$file" ;;
    *.[1-9] | *.[1-9].gz)       man_page "$file" ;;
    *) echo "no tool knows this kind of file"; exit 1 ;;
  esac
done

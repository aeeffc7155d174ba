#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
# no_gtk.sh PROGRAM: neither it nor a library it pulls in is part of a toolkit or of a display.
set -eu
toolkit='lib(gtk|gdk|gsk|adwaita|X11|wayland-client|EGL|GL)[-.]'
needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
[ -n "$needed" ] || { echo "no NEEDED entries in $1: not a program?"; exit 1; }
if printf '%s\n' "$needed" | grep -E "$toolkit"; then
  echo "$1 links the above"
  exit 1
fi
if ldd "$1" | grep -E "$toolkit"; then
  echo "$1 pulls in the above through its libraries"
  exit 1
fi

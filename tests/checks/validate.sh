#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
# validate.sh FILE…: asks the tool that knows that kind of installed file whether it is right. The
# kind is told by the name. Run from the top of the tree; without the tool a file counts as wrong.
set -eu
export CI=true

for file in "$@"; do
  echo "checking $file"
  case $file in
    *.desktop)      said=$(desktop-file-validate "$file" 2>&1) || true
                    [ -z "$said" ] || { printf "%s\n" "$said"; exit 1; } ;;
    *.metainfo.xml) appstreamcli validate --no-net --explain "$file" ;;
    *.service)      sh data/check-unit.sh "$file" ;;
    *.[1-9])        sh data/check-man.sh "$file" ;;
    *)              echo "no tool knows this kind of file"; exit 1 ;;
  esac
done

# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
# The one list of Debian packages: "group package reason". build-aux/run needs build and run, and ui
# where there is a display; build-aux/check needs all groups. Nothing else in the tree names a
# package to install.
# shellcheck shell=sh

package_list() {
  cat <<'LIST'
build  build-essential        C compiler and binutils
build  pkgconf                finds the libraries for meson
build  meson                  the build system
build  ninja-build            runs the build
build  gettext                translations
build  desktop-file-utils     the entry in the desktop's menu: checked, and announced
build  python3-yaml           turns the description of the HTTP API into JSON
build  libglib2.0-dev         GLib, GObject, GIO: the ground everything stands on
build  libjson-glib-dev       JSON
build  libsoup-3.0-dev        the HTTP server and the client that talks to providers
build  libsecret-1-dev        keys in the person's keyring
build  libsqlite3-dev         conversations, runs, full-text search
build  libqrencode-dev        the pairing code

run    glib-networking        TLS for libsoup: providers are reached over https
run    ca-certificates        whom TLS trusts

ui     libgtk-4-dev           the window
ui     libadwaita-1-dev       its widgets
ui     libmd4c-dev            reads Markdown, which answers are written in
ui     libxml2-utils          strips the window's templates
ui     librsvg2-common        draws the icons
ui     libgtk-4-bin           checks the window's templates

test   git                    lists the tracked files for the lint
test   python3                the lint, and clients of the wire tests
test   nodejs                 npm needs it
test   npm                    fetches the official clients of the wire tests, pinned
test   dbus                   a private bus for the keyring tests
test   gnome-keyring          a real keyring, on that private bus
test   curl                   a plain client for the wire tests
test   chromium               a real browser for the cross-origin tests
test   wrk                    load for the benchmarks
test   xvfb                   a display for the window's tests
test   xauth                  xvfb-run needs it
test   xdotool                keys and clicks in the window's tests
test   libxtst-dev            the same for its benchmarks
test   libfaketime            a clock that goes back
test   zbar-tools             reads the pairing code back from the screen
test   imagemagick            takes the picture it reads
test   at-spi2-core           what a screen reader would see
test   python3-gi             asks that bus from Python
test   clang                  sanitizers and libFuzzer
test   libclang-rt-dev        what those two link in
test   llvm                   names in sanitizer reports
test   reuse                  every file has a licence
test   appstream              checks the software-centre metadata
test   groff-base             checks the manual page
test   systemd                checks the user unit
LIST
}

# The packages of the groups named, one a line.
packages_of() {
  for packages_group in "$@"; do
    package_list | while read -r group package _; do
      if [ "$group" = "$packages_group" ]; then printf '%s\n' "$package"; fi
    done
  done
}

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""The real program, from the settings page to a phone that was cut off.

pair-a-phone.py DOTAGENTS [SCREENSHOT-FOLDER]

Starts the program with a home, a session bus, a keyring and a display of its own, works Settings >
Remote Server through the accessibility tree and the keyboard as a person would, reads the code from
a screenshot and calls the API with the key in it. Needs Xvfb, gnome-keyring, zbar, ImageMagick,
xdotool and a network address; exits 77 (skipped) where one of them is missing.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

WAIT_SECONDS = 20
TOOLS = ['Xvfb', 'dbus-run-session', 'gnome-keyring-daemon', 'zbarimg', 'import', 'xdotool']
INSIDE = 'DA_E2E_INSIDE'
MAX_TABS = 60
CHECKED, FOCUSED, PRESSED, VISIBLE = 4, 12, 20, 30
ROWS = ('list item',)
BUTTONS = ('push button', 'button', 'toggle button', 'check box', 'switch')


def skip(why):
    print('skipped:', why)
    sys.exit(77)


def has_network():
    """Whether there is an address besides the loopback's; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(('192.0.2.1', 9))
        except OSError:
            return False
        return not probe.getsockname()[0].startswith('127.')


def run_inside():
    """The same script again, in a session bus and a home that nobody else knows."""
    if not has_network():
        skip('this machine is in no network')
    for tool in TOOLS:
        if shutil.which(tool) is None:
            skip(tool + ' is not installed')
    with tempfile.TemporaryDirectory(prefix='da-e2e-') as home:
        environment = {
            'PATH': os.environ['PATH'], 'HOME': home, 'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'en',
            'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo', 'GDK_DEBUG': 'gl-disable',
            'GSETTINGS_BACKEND': 'memory', 'NO_PROXY': '*', 'DOTAGENTS_LOCAL_PROVIDERS': '',
            'GSETTINGS_SCHEMA_DIR': os.environ.get('GSETTINGS_SCHEMA_DIR', ''),
            'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', ''), INSIDE: '1',
        }
        for name, folder in (('XDG_CONFIG_HOME', 'config'), ('XDG_DATA_HOME', 'data'),
                             ('XDG_STATE_HOME', 'state'), ('XDG_CACHE_HOME', 'cache'),
                             ('XDG_RUNTIME_DIR', 'run')):
            environment[name] = os.path.join(home, folder)
            os.makedirs(environment[name], mode=0o700)
        command = ['dbus-run-session', '--', sys.executable, os.path.abspath(__file__)]
        sys.exit(subprocess.run(command + sys.argv[1:], env=environment, check=False).returncode)


def await_value(what, function, seconds=WAIT_SECONDS):
    """Asks until there is an answer; the last error says what was missing."""
    end = time.monotonic() + seconds
    while True:
        try:
            value = function()
        except Exception as error:  # the tree changes while it is read
            value, problem = None, error
        else:
            problem = None
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError('waited in vain for %s (%s)' % (what, problem))
        time.sleep(0.1)


class Node:
    """One accessible object of the program, asked anew each time."""

    def __init__(self, tree, address):
        self.tree = tree
        self.bus, self.path = address

    def call(self, interface, method, arguments=None):
        return self.tree.call(self.bus, self.path, 'org.a11y.atspi.' + interface, method, arguments)

    def name(self):
        variant = self.tree.variant('(ss)', ('org.a11y.atspi.Accessible', 'Name'))
        return self.tree.call(self.bus, self.path, 'org.freedesktop.DBus.Properties', 'Get',
                              variant)[0]

    def role(self):
        return self.call('Accessible', 'GetRoleName')[0]

    def has_state(self, state):
        low, high = self.call('Accessible', 'GetState')[0]
        return (low | high << 32) >> state & 1 == 1

    def children(self):
        return [Node(self.tree, address) for address in self.call('Accessible', 'GetChildren')[0]]

    def do(self):
        """What a click does."""
        assert self.call('Action', 'DoAction', self.tree.variant('(i)', (0,)))[0], self.name()


class Tree:
    """The program as a screen reader sees it: straight over the bus, because the library keeps
    what it has read and not every change is announced."""

    def __init__(self):
        import gi
        gi.require_version('Gio', '2.0')
        from gi.repository import Gio, GLib
        self.variant = GLib.Variant
        self.error = GLib.Error
        self.flags = Gio.DBusCallFlags.NONE
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress',
                                    None, None, self.flags, -1, None).unpack()[0]
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def call(self, bus, path, interface, method, arguments=None):
        return self.connection.call_sync(bus, path, interface, method, arguments, None, self.flags,
                                         5000, None).unpack()

    def walk(self, node):
        yield node
        try:
            children = node.children()
        except self.error:
            return    # gone since its parent was asked
        for child in children:
            yield from self.walk(child)

    def nodes(self):
        root = Node(self, ('org.a11y.atspi.Registry', '/org/a11y/atspi/accessible/root'))
        for program in root.children():
            yield from self.walk(program)

    def find_all(self, name, roles=None, inside=False, starts=False):
        for node in self.nodes():
            with contextlib.suppress(self.error):
                given = node.name()
                fits = (name in given if inside else given.startswith(name) if starts
                        else given == name)
                # GTK 4.8 gives "showing" to windows only.
                if fits and (roles is None or node.role() in roles) and node.has_state(VISIBLE):
                    yield node

    def find(self, name, roles=None, **how):
        return await_value('%s %r' % (roles or 'anything', name),
                           lambda: next(self.find_all(name, roles, **how), None))

    def click(self, name, **how):
        node = self.find(name, BUTTONS, **how)
        node.do()
        return node

    def press(self, key):
        subprocess.run(['xdotool', 'key', key], check=True)

    def activate_row(self, name, **how):
        """Tab and Enter: what a person without a mouse does."""
        node = self.find(name, ROWS, **how)
        for _ in range(MAX_TABS):
            if node.has_state(FOCUSED):
                self.press('Return')
                return
            self.press('Tab')
            time.sleep(0.1)
        raise AssertionError('the keyboard does not reach ' + name)

    def dump(self):
        for node in self.nodes():
            with contextlib.suppress(self.error):
                if node.name():
                    print('  %s %r' % (node.role(), node.name()), file=sys.stderr)


def call(url, key):
    """The status of a request with @key."""
    request = urllib.request.Request(url, headers={
        'Authorization': 'Bearer ' + key, 'User-Agent': 'DotAgents/1.0 (Android 14; Pixel 8)'})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def free_port():
    with socket.socket() as probe:
        probe.bind(('0.0.0.0', 0))
        return probe.getsockname()[1]


def shoot(folder, name):
    path = os.path.join(folder, name + '.png')
    subprocess.run(['import', '-window', 'root', path], check=True)
    return path


def read_code(folder):
    def look():
        path = shoot(folder, 'pair')
        found = subprocess.run(['zbarimg', '--quiet', '--raw', '-Sdisable', '-Sqrcode.enable',
                                path], stdout=subprocess.PIPE, check=False)
        return found.stdout.decode().strip()
    return await_value('a readable code', look)


def start_display(stack):
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        ['Xvfb', '-displayfd', str(write_end), '-screen', '0', '1000x900x24', '-nolisten', 'tcp'],
        pass_fds=[write_end], stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        os.environ['DISPLAY'] = ':' + pipe.readline().strip()


def start_keyring(stack):
    process = subprocess.Popen(
        ['gnome-keyring-daemon', '--foreground', '--unlock', '--components=secrets'],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    process.stdin.write(b'test')
    process.stdin.close()


def start_program(stack, program):
    agents = os.path.join(os.environ['HOME'], '.agents')
    os.makedirs(agents, mode=0o700)
    with open(os.path.join(agents, 'dotagents-settings.json'), 'w', encoding='utf-8') as file:
        file.write('{"remoteServerPort": %d}' % free_port())
    process = subprocess.Popen([program, '--settings', 'remote-server'])
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


def play(tree, folder):
    """Switch on, open, pair, use, cut off, bring back."""
    tree.find('Nobody: it is off')
    switch = tree.click('Remote server')
    await_value('the switch', lambda: switch.has_state(CHECKED) or switch.has_state(PRESSED))
    tree.find('Only this computer')
    shoot(folder, 'this-computer')
    tree.activate_row('Pair a Phone…')
    tree.find('Phones Cannot Reach It Yet')
    shoot(folder, 'loopback')
    # One on the page, one in the dialog: that comes last.
    list(tree.find_all('Let Phones In', BUTTONS))[-1].do()
    tree.find('Waiting for a phone')

    link = urllib.parse.urlsplit(read_code(folder))
    query = urllib.parse.parse_qs(link.query)
    base, key = query['baseUrl'][0], query['apiKey'][0]
    print('read', base)
    assert (link.scheme, link.netloc) == ('dotagents', 'config'), link
    assert call(base + '/models', 'x' * 64) == 401, 'a wrong key got in'
    assert call(base + '/models', key) == 200, 'the key of the code was refused'
    name = tree.find('Paired with ', starts=True).name()[len('Paired with '):]
    print('paired with', name)
    shoot(folder, 'paired')
    tree.click('Done')

    tree.activate_row(name)
    tree.click('Remove ' + name)
    tree.find('was cut off', inside=True)
    shoot(folder, 'removed')
    assert call(base + '/models', key) == 401, 'the removed device still gets in'
    tree.find('No device yet')
    # GTK 4.8 names the toast's button "_Undo Undo".
    tree.click('Undo', inside=True)
    await_value('the device after undo', lambda: call(base + '/models', key) == 200)
    tree.find(name)


def main():
    if INSIDE not in os.environ:
        run_inside()
    program = os.path.abspath(sys.argv[1])
    folder = sys.argv[2] if len(sys.argv) > 2 else os.environ['HOME']
    os.makedirs(folder, exist_ok=True)
    with contextlib.ExitStack() as stack:
        start_display(stack)
        start_keyring(stack)
        process = start_program(stack, program)
        tree = Tree()
        try:
            play(tree, folder)
        except BaseException:
            shoot(folder, 'failed')
            tree.dump()
            raise
        assert process.poll() is None, 'the program ended'
    print('ok')


if __name__ == '__main__':
    main()

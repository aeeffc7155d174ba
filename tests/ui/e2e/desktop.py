# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""What the tests of the real program share: a home, a session bus, a keyring and a display that
nobody else knows, and the program as a screen reader sees it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

WAIT_SECONDS = 20
INSIDE = 'DA_E2E_INSIDE'
MAX_TABS = 60
CHECKED, FOCUSABLE, FOCUSED, MODAL, PRESSED = 4, 11, 12, 16, 20
SELECTED, SENSITIVE, VISIBLE = 23, 24, 30
ROWS = ('list item',)
APP = 'app.dotagents.Desktop'
APP_PATH = '/app/dotagents/Desktop'
ACCESSIBLE, COMPONENT = 'org.a11y.atspi.Accessible', 'org.a11y.atspi.Component'
PROPERTIES = 'org.freedesktop.DBus.Properties'
NOBODY = '/org/a11y/atspi/null'
WINDOW_COORDINATES = 1
FRAMES = 0.2
BUTTONS = ('push button', 'button', 'toggle button', 'check box', 'switch')
CONTROLS = BUTTONS + ROWS + ('combo box', 'link', 'menu item', 'password text', 'radio button',
                             'search box', 'slider', 'spin button', 'tab', 'text box')
MOST_FRAME = 40
# GTK's own, which never have the focus.
WINDOW_BUTTONS = ('Minimize', 'Maximize', 'Close')


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


def enter(tools):
    """Runs the calling script again, in a session bus and a home that nobody else knows; returns
    there. Skips (77) where one of @tools is missing."""
    if INSIDE in os.environ:
        return
    if not has_network():
        skip('this machine is in no network')
    for tool in tools + ['dbus-run-session']:
        if shutil.which(tool) is None:
            skip(tool + ' is not installed')
    with tempfile.TemporaryDirectory(prefix='da-e2e-') as home:
        environment = {
            'PATH': os.environ['PATH'], 'HOME': home, 'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'en',
            'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo', 'GDK_DEBUG': 'gl-disable',
            'GSETTINGS_BACKEND': 'memory', 'NO_PROXY': '*', 'DOTAGENTS_LOCAL_PROVIDERS': '',
            'GSETTINGS_SCHEMA_DIR': os.environ.get('GSETTINGS_SCHEMA_DIR', ''),
            'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', ''),
            'DA_SCREENS': os.environ.get('DA_SCREENS', ''),
            'PYTHONDONTWRITEBYTECODE': '1', INSIDE: '1',
        }
        for name, folder in (('XDG_CONFIG_HOME', 'config'), ('XDG_DATA_HOME', 'data'),
                             ('XDG_STATE_HOME', 'state'), ('XDG_CACHE_HOME', 'cache'),
                             ('XDG_RUNTIME_DIR', 'run')):
            environment[name] = os.path.join(home, folder)
            os.makedirs(environment[name], mode=0o700)
        command = ['dbus-run-session', '--', sys.executable, os.path.abspath(sys.argv[0])]
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


def end(process):
    """Whatever it is at."""
    process.terminate()
    try:
        process.wait(WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def await_end(process):
    """Until a program that was told to end has ended, well: what it does at the very last can go
    wrong like all before."""
    try:
        status = process.wait(3 * WAIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        end(process)
        raise AssertionError('the program did not end') from error
    assert status == 0, 'the program ended with %d' % status


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout.decode().split()


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

    def text(self):
        return self.call('Text', 'GetText', self.tree.variant('(ii)', (0, -1)))[0]


class Tree:
    """The program as a screen reader sees it: straight over the bus, because the library keeps
    what it has read and not every change is announced."""

    def __init__(self):
        import gi
        gi.require_version('Gio', '2.0')
        from gi.repository import Gio, GLib
        self.variant = GLib.Variant
        self.error = GLib.Error
        self.context = GLib.MainContext.default()
        self.flags = Gio.DBusCallFlags.NONE
        self.session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = self.session.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus',
                                         'GetAddress', None, None, self.flags, -1,
                                         None).unpack()[0]
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def call(self, bus, path, interface, method, arguments=None):
        return self.connection.call_sync(bus, path, interface, method, arguments, None, self.flags,
                                         5000, None).unpack()

    def call_all(self, calls):
        """The answers to many (node, interface, method, arguments), asked at once; None where the
        node is gone."""
        answers, left = [None] * len(calls), [len(calls)]

        def done(connection, result, index):
            with contextlib.suppress(self.error):
                answers[index] = connection.call_finish(result).unpack()
            left[0] -= 1

        for index, (node, interface, method, arguments) in enumerate(calls):
            self.connection.call(node.bus, node.path, interface, method, arguments, None,
                                 self.flags, 5000, None, done, index)
        while left[0] > 0:
            self.context.iteration(True)
        return answers

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

    def act(self, name, path=APP_PATH, parameter=None):
        """Activates an action of the program as its menus do."""
        arguments = self.variant('(sava{sv})', (name, [parameter] if parameter else [], {}))
        self.session.call_sync(APP, path, 'org.gtk.Actions', 'Activate', arguments, None,
                               self.flags, 5000, None)

    def dump(self):
        for node in self.nodes():
            with contextlib.suppress(self.error):
                if node.name():
                    print('  %s %r' % (node.role(), node.name()), file=sys.stderr)


class Desk:
    """The program, and what a person does in its uppermost window."""

    rest = FRAMES    # between two things that are done

    def __init__(self, command, environment):
        self.windows = []
        self.process = subprocess.Popen(command, env=dict(os.environ, **environment))
        self.tree = Tree()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.act('quit')
            await_end(self.process)
        else:
            end(self.process)

    def act(self, name, path=APP_PATH, parameter=None):
        self.tree.act(name, path, parameter)

    def frames(self):
        root = Node(self.tree, ('org.a11y.atspi.Registry', '/org/a11y/atspi/accessible/root'))
        return [(node.bus, node.path) for program in root.children()
                for node in program.children() if node.has_state(VISIBLE)]

    def surfaces(self):
        return output('xdotool', 'search', '--onlyvisible', '--pid', str(self.process.pid))

    def is_surface_of(self, frame, surface):
        """Whether X knows that window by @surface: not a menu or a tooltip that comes or goes at
        the same time, but as large as the window with its own frame."""
        shape = dict(line.split('=') for line in
                     output('xdotool', 'getwindowgeometry', '--shell', surface))
        _, _, width, height = self.extents(Node(self.tree, frame))
        return (0 <= int(shape['WIDTH']) - width <= MOST_FRAME
                and 0 <= int(shape['HEIGHT']) - height <= MOST_FRAME)

    def opened(self):
        """The window that came up since it was asked last, above the others."""
        def look():
            known = [name for pair in self.windows for name in pair]
            return next((surface, frame) for frame in self.frames() if frame not in known
                        for surface in self.surfaces() if surface not in known
                        and self.is_surface_of(frame, surface))
        self.windows.append(await_value('a window', look))

    @contextlib.contextmanager
    def dialog(self, ends=False):
        """What comes up is the uppermost window until it is closed; what is done with it @ends
        it."""
        self.opened()
        yield
        surface, frame = self.windows.pop()

        def close():
            # A page of it may be left first.
            if not ends and frame in self.frames():
                output('xdotool', 'windowfocus', surface, 'key', 'Escape')
                time.sleep(self.rest)
            return frame not in self.frames()
        await_value('the window to close', close)

    def window(self):
        return Node(self.tree, self.windows[-1][1])

    def extents(self, node):
        return node.call('Component', 'GetExtents',
                         self.tree.variant('(u)', (WINDOW_COORDINATES,)))[0]

    def parents(self, node):
        """The paths from @node up to its window."""
        while node.path != NOBODY and not node.path.endswith('/root'):
            yield node.path
            argument = self.tree.variant('(ss)', (ACCESSIBLE, 'Parent'))
            node = Node(self.tree, self.tree.call(node.bus, node.path, PROPERTIES, 'Get',
                                                  argument)[0])

    def is_seen(self, window, node, extents, width):
        """GTK 4.8 tells nobody that a page of a stack is hidden: what lies at that place? None if
        that is nothing a screen reader knows, as the icon of a button."""
        x, y, own, height = extents
        if own <= 0 or height <= 0:
            return False
        middle = min(max(x + own // 2, 1), width - 2)
        at = Node(self.tree, window.call('Component', 'GetAccessibleAtPoint', self.tree.variant(
            '(iiu)', (middle, y + height // 2, WINDOW_COORDINATES)))[0])
        return node.path in self.parents(at) if at.path != NOBODY else None

    def levels(self, window):
        """What is visible in it, from the outside in."""
        level = [window]
        while level:
            states = self.tree.call_all([(node, ACCESSIBLE, 'GetState', None) for node in level])
            level = [node for node, state in zip(level, states)
                     if state and state[0][0] >> VISIBLE & 1]
            yield level
            children = self.tree.call_all([(node, ACCESSIBLE, 'GetChildren', None)
                                           for node in level])
            level = [Node(self.tree, address) for answer in children if answer
                     for address in answer[0]]

    def find_all(self, name, roles=None, inside=False, starts=False):
        """In the uppermost window: what is called that, though one may have to scroll for it."""
        ask = self.tree.variant('(ss)', (ACCESSIBLE, 'Name'))
        for level in self.levels(self.window()):
            names = self.tree.call_all([(node, PROPERTIES, 'Get', ask) for node in level])
            for node, answer in zip(level, names):
                given = answer[0] if answer else ''
                if (given == name or inside and name in given
                        or starts and given.startswith(name)) and (
                            roles is None or node.role() in roles):
                    yield node

    def find(self, name, **how):
        return await_value(name, lambda: next(self.find_all(name, **how), None))

    def sees(self, name, **how):
        """Whether something called that lies where a person sees it: that, or None."""
        width = self.extents(self.window())[2]
        for node in self.find_all(name, **how):
            seen = self.is_seen(self.window(), node, self.extents(node), width)
            if seen or seen is None and node.role() in BUTTONS:
                return node
        return None

    def await_seen(self, name, **how):
        return await_value('to see ' + name, lambda: self.sees(name, **how))

    def await_gone(self, name, **how):
        await_value(name + ' to go', lambda: not self.sees(name, **how))

    def await_title(self, title):
        await_value('the window about ' + title, lambda: self.window().name() == title)

    def click(self, name, **how):
        """A click with the pointer."""
        self.click_node(self.find(name, **how))

    def click_node(self, node, button=1):
        x, y, width, height = self.extents(node)
        subprocess.run(['xdotool', 'mousemove', '--window', self.windows[-1][0],
                        str(x + width // 2), str(y + height // 2), 'click', str(button)],
                       check=True)
        time.sleep(self.rest)

    def press(self, key):
        subprocess.run(['xdotool', 'windowfocus', self.windows[-1][0], 'key', key], check=True)
        time.sleep(self.rest)

    def type(self, text):
        subprocess.run(['xdotool', 'windowfocus', self.windows[-1][0], 'type', '--delay', '2',
                        text], check=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(('0.0.0.0', 0))
        return probe.getsockname()[1]


def shoot(folder, name):
    path = os.path.join(folder, name + '.png')
    subprocess.run(['import', '-window', 'root', path], check=True)
    return path


def start_display(stack, size='1000x900'):
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        ['Xvfb', '-displayfd', str(write_end), '-screen', '0', size + 'x24', '-nolisten', 'tcp',
         '-noreset'],
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


def start_provider(stack, program, *arguments):
    """A provider that has models, and the environment that names it."""
    ready = os.path.join(os.environ['HOME'], 'port')
    process = subprocess.Popen([program, '--port', '0', '--ready-file', ready, *arguments],
                               stdout=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)

    def read_port():
        with open(ready, encoding='utf-8') as file:
            return file.read().strip()
    return {'OPENAI_BASE_URL': 'http://127.0.0.1:%s/v1' % await_value('the provider', read_port),
            'OPENAI_API_KEY': 'x'}


def quiet_desktop():
    """No animations: a picture is of what is there, not of what comes."""
    config = os.path.join(os.environ['XDG_CONFIG_HOME'], 'gtk-4.0')
    os.makedirs(config)
    with open(os.path.join(config, 'settings.ini'), 'w', encoding='utf-8') as file:
        file.write('[Settings]\ngtk-enable-animations=false\n')

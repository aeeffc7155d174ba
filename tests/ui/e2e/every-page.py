#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Every page and dialog of the real program, from a phone's width to a wide one.

every-page.py DOTAGENTS UI-SEED FAKE-LLM LOCALE-MODULE LOCALE-FOLDER FOLDER [LOOK…]

Opens each in light and in dark, the busiest also from right to left, with the long words of German
and in high contrast, at 360, 700 and 1200 px; keeps a picture of each in DA_SCREENS or
FOLDER/screens, and asserts that the window became as narrow as asked and that nothing in it reaches
over an edge. Needs Xvfb, at-spi2-core, ImageMagick, xdotool and a network address; exits 77
(skipped) where one is missing.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from desktop import (VISIBLE, Node, Tree, await_value, enter, free_port, start_display,
                     start_keyring)

TOOLS = ['Xvfb', 'gnome-keyring-daemon', 'import', 'xdotool']
APP = 'app.dotagents.Desktop'
APP_PATH = '/app/dotagents/Desktop'
# Ascending: what is hidden keeps the size it had, and that must not be taken for too wide.
WIDTHS = (360, 700, 1200)
HEIGHT = 800
TALL = 2400
FRAMES = 0.2
PAGES = (('general', 1000), ('models', 800), ('remote-server', 2000))
SETTINGS = {'remoteServerEnabled': True, 'remoteServerPort': free_port()}
WINDOW_COORDINATES = 1
ACCESSIBLE, COMPONENT = 'org.a11y.atspi.Accessible', 'org.a11y.atspi.Component'
PROPERTIES = 'org.freedesktop.DBus.Properties'
LOOKS = {
    'light': {},
    'dark': {'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'},
    'rtl': {'LANGUAGE': 'ar'},
    'german': {'LANGUAGE': 'de'},
    'contrast': {'ADW_DEBUG_HIGH_CONTRAST': '1'},
}


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout.decode().split()


class Desk:
    """The program in one look; keeps the pictures and what is wrong with them."""

    def __init__(self, program, look, folder, environment, home):
        self.look, self.folder = look, folder
        self.problems, self.pictures = [], 0
        self.windows = []
        self.frame = None
        self.process = subprocess.Popen(
            [program, '--data-dir', home + '/data', '--agents-dir', home + '/agents'],
            env=dict(os.environ, **LOOKS[look], **environment))
        self.tree = Tree()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None and self.windows:
            subprocess.run(['import', '-window', 'root', os.path.join(self.folder, 'failed.png')],
                           check=False)
        self.process.terminate()
        self.process.wait()

    def act(self, name, path=APP_PATH, parameter=None):
        """Activates an action of the program as its menus do."""
        variant = self.tree.variant
        arguments = variant('(sava{sv})', (name, [parameter] if parameter else [], {}))
        self.tree.session.call_sync(APP, path, 'org.gtk.Actions', 'Activate', arguments, None,
                                    self.tree.flags, 5000, None)

    def frames(self):
        root = Node(self.tree, ('org.a11y.atspi.Registry', '/org/a11y/atspi/accessible/root'))
        return [(node.bus, node.path) for program in root.children()
                for node in program.children() if node.has_state(VISIBLE)]

    def surfaces(self):
        return output('xdotool', 'search', '--onlyvisible', '--pid', str(self.process.pid))

    def opened(self):
        """The window that came up since it was asked last, above the others."""
        surface = await_value('a window', lambda: [
            surface for surface in self.surfaces()
            if surface not in [known for known, _ in self.windows]])[0]
        frame = await_value('its tree', lambda: [
            frame for frame in self.frames() if frame not in [known for _, known in self.windows]])
        self.windows.append((surface, frame[0]))

    @contextlib.contextmanager
    def dialog(self):
        """What comes up is the uppermost window until it is closed."""
        self.opened()
        yield
        surface, frame = self.windows.pop()
        subprocess.run(['xdotool', 'windowfocus', surface, 'key', 'Escape'], check=True)
        await_value('the window to close', lambda: frame not in self.frames())

    def extents(self, node):
        return node.call('Component', 'GetExtents',
                         self.tree.variant('(u)', (WINDOW_COORDINATES,)))[0]

    def resize(self, width, height=None):
        """Makes the uppermost window as wide as that, without the frame that it draws itself; as
        high as it likes to be, if not told."""
        surface, frame = self.windows[-1]
        window = Node(self.tree, frame)
        shape = dict(line.split('=') for line in
                     output('xdotool', 'getwindowgeometry', '--shell', surface))
        if self.frame is None:
            self.frame = int(shape['WIDTH']) - self.extents(window)[2]
        high = height + self.frame if height else int(shape['HEIGHT'])
        subprocess.run(['xdotool', 'windowsize', surface, str(width + self.frame), str(high)],
                       check=True)
        await_value('a window of %d px' % width, lambda: self.extents(window)[2] == width, 5)

    def parents(self, node):
        """The paths from @node up to its window."""
        while node.path != '/org/a11y/atspi/null' and not node.path.endswith('/root'):
            yield node.path
            argument = self.tree.variant('(ss)', ('org.a11y.atspi.Accessible', 'Parent'))
            node = Node(self.tree, self.tree.call(node.bus, node.path, PROPERTIES, 'Get',
                                                  argument)[0])

    def is_seen(self, window, node, extents, width):
        """GTK 4.8 tells nobody that a page of a stack is hidden: what lies at that place?"""
        x, y, own, height = extents
        middle = min(max(x + own // 2, 1), width - 2)
        at = window.call('Component', 'GetAccessibleAtPoint', self.tree.variant(
            '(iiu)', (middle, y + height // 2, WINDOW_COORDINATES)))[0]
        return node.path in self.parents(Node(self.tree, at))

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

    def outside(self, frame, width):
        """What is seen and reaches over an edge."""
        window, where = Node(self.tree, frame), self.tree.variant('(u)', (WINDOW_COORDINATES,))
        for level in self.levels(window):
            extents = self.tree.call_all([(node, COMPONENT, 'GetExtents', where)
                                          for node in level])
            for node, answer in zip(level, extents):
                x, _, own, height = answer[0] if answer else (0, 0, 0, 0)
                # The theme lets some bars cover the window's frame, which is 1 px.
                if own > 0 and height > 0 and (x < -1 or x + own > width + 1) \
                        and self.is_seen(window, node, answer[0], width):
                    yield '%s %r from %d to %d' % (node.role(), node.name(), x, x + own)

    def shoot(self, name, width, height=HEIGHT):
        """A picture of the uppermost window, which is made as wide as that."""
        picture = '%s-%s-%d' % (name, self.look, width)
        try:
            self.resize(width, height)
        except AssertionError as error:
            self.problems.append('%s: %s' % (picture, error))
        time.sleep(FRAMES)
        surface, frame = self.windows[-1]
        subprocess.run(['import', '-quality', '11', '-window', surface,
                        os.path.join(self.folder, picture + '.png')], check=True)
        self.pictures += 1
        if self.look != 'dark':     # which is as large as light
            self.problems += ['%s: %s' % (picture, problem)
                              for problem in self.outside(frame, width)]

    def shoot_all(self, name, height=HEIGHT):
        for width in WIDTHS:
            self.shoot(name, width, height)

    def find(self, name, inside=False, starts=False):
        """In the uppermost window: what is called that, though one may have to scroll for it."""
        ask = self.tree.variant('(ss)', (ACCESSIBLE, 'Name'))

        def look():
            for level in self.levels(Node(self.tree, self.windows[-1][1])):
                names = self.tree.call_all([(node, PROPERTIES, 'Get', ask) for node in level])
                for node, answer in zip(level, names):
                    given = answer[0] if answer else ''
                    if given == name or inside and name in given or starts and given.startswith(
                            name):
                        return node
            return None
        return await_value(name, look)

    def click(self, name):
        """A click with the pointer."""
        x, y, width, height = self.extents(self.find(name))
        subprocess.run(['xdotool', 'mousemove', '--window', self.windows[-1][0],
                        str(x + width // 2), str(y + height // 2), 'click', '1'], check=True)
        time.sleep(FRAMES)

    def press(self, key):
        subprocess.run(['xdotool', 'windowfocus', self.windows[-1][0], 'key', key], check=True)
        time.sleep(FRAMES)


def write_settings(**values):
    agents = os.path.join(os.environ['HOME'], 'seed', 'agents')
    os.makedirs(agents, mode=0o700, exist_ok=True)
    with open(os.path.join(agents, 'dotagents-settings.json'), 'w', encoding='utf-8') as file:
        json.dump(dict(SETTINGS, **values), file)


def stepping(desk):
    """The keys for the next and the previous conversation, from the field for words too, which has
    the focus as soon as a conversation is open."""
    frame = Node(desk.tree, desk.windows[-1][1])
    titles = []
    for key in ('ctrl+Next', 'ctrl+Next', 'ctrl+Prior'):
        desk.press(key)
        await_value(key + ' to open another', lambda: frame.name() not in titles[-1:])
        titles.append(frame.name())
    assert titles[0] == titles[2], titles


def main_window(desk):
    desk.opened()
    stepping(desk)
    desk.shoot_all('conversation')
    desk.resize(WIDTHS[0], HEIGHT)
    desk.press('alt+Left')
    desk.shoot('list', WIDTHS[0])


def main_dialogs(desk, program):
    desk.press('ctrl+Next')
    desk.press('F2')
    with desk.dialog():
        desk.shoot_all('rename', None)
    desk.act('shortcuts')
    with desk.dialog():
        desk.shoot_all('shortcuts')
    desk.act('about')
    with desk.dialog():
        desk.shoot_all('about')
    subprocess.run([program, 'dotagents://config?baseUrl=http%3A%2F%2Flocalhost%3A3210%2Fv1'
                    '&apiKey=secret&model=' + 'long' * 30], check=True)
    with desk.dialog():
        desk.shoot_all('link', None)


def settings_page(desk, page):
    desk.act('preferences', parameter=desk.tree.variant('s', page))


def settings_pages(desk, pages):
    settings_page(desk, 'general')
    desk.opened()
    for page, height in pages:
        settings_page(desk, page)
        desk.shoot_all('settings-' + page, height)


def subpage(desk, page, row):
    settings_page(desk, page)
    desk.resize(WIDTHS[1], TALL)
    desk.click(row)
    desk.shoot_all('settings-' + row.lower().replace(' ', '-'))
    desk.press('Escape')


def open_link(desk):
    """What a phone does with the code."""
    label = desk.find('dotagents://', starts=True)
    link = label.name()
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
    request = urllib.request.Request(query['baseUrl'][0] + '/models', headers={
        'Authorization': 'Bearer ' + query['apiKey'][0],
        'User-Agent': 'DotAgents/1.0 (Android 14; Pixel 8)'})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        answer.read()


def pairing(desk):
    desk.act('pair')
    with desk.dialog():
        desk.shoot_all('pair-closed')
        desk.click('Let Phones In')
        desk.find('Waiting for a phone')
        desk.shoot_all('pair-code', 1000)
        open_link(desk)
        desk.find('Paired with ', starts=True)
        desk.shoot_all('pair-done')
    write_settings(remoteServerBindAddress='0.0.0.0', streamerModeEnabled=True)
    desk.act('pair')
    with desk.dialog():
        desk.find('The Code Is Hidden')
        desk.shoot_all('pair-hidden')
    write_settings(remoteServerBindAddress='0.0.0.0')


def devices(desk):
    settings_page(desk, 'remote-server')
    desk.resize(WIDTHS[1], TALL)
    desk.click(desk.find('Android', inside=True).name())
    desk.click('Examples')
    desk.shoot_all('settings-device', TALL)
    desk.resize(WIDTHS[1], TALL)
    desk.click('Replace the API key')
    with desk.dialog():
        desk.shoot_all('replace-key', None)
    subpage(desk, 'remote-server', 'Requests')
    subpage(desk, 'remote-server', 'Check Connection')


def play(desk, program):
    main_window(desk)
    if desk.look in ('light', 'dark'):
        main_dialogs(desk, program)
        settings_pages(desk, PAGES)
        subpage(desk, 'models', 'Model')
        pairing(desk)
        devices(desk)
    else:
        settings_pages(desk, PAGES[-1:])
        translated = Node(desk.tree, desk.windows[-1][1]).name() != 'Settings'
        assert translated == ('LANGUAGE' in LOOKS[desk.look]), 'the translation is not there'
        desk.act('pair')
        with desk.dialog():
            desk.shoot_all('pair-closed')


def start_provider(stack, program):
    """A provider that has models, and the environment that names it."""
    ready = os.path.join(os.environ['HOME'], 'port')
    process = subprocess.Popen([program, '--port', '0', '--ready-file', ready],
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


def main():
    enter(TOOLS)
    program, seed, provider, module, catalogues = (os.path.abspath(path)
                                                   for path in sys.argv[1:6])
    folder = os.environ.get('DA_SCREENS') or os.path.join(sys.argv[6], 'screens')
    home = os.path.join(os.environ['HOME'], 'seed')
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    quiet_desktop()
    subprocess.run([seed, home], check=True)
    problems, pictures = [], 0
    with contextlib.ExitStack() as stack:
        start_display(stack, '1280x2600')
        start_keyring(stack)
        environment = start_provider(stack, provider)
        environment.update(LD_PRELOAD=module, DA_TEST_LOCALEDIR=catalogues)
        for look in sys.argv[7:] or LOOKS:
            write_settings()
            with Desk(program, look, folder, environment, home) as desk:
                play(desk, program)
            problems += desk.problems
            pictures += desk.pictures
        for look in ('light', 'dark'):
            with Desk(program, look, folder, {}, home + '-' + look) as desk:
                desk.opened()
                desk.shoot_all('empty')
            problems += desk.problems
            pictures += desk.pictures
    for problem in problems:
        print(problem)
    print(pictures, 'pictures in', folder)
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()

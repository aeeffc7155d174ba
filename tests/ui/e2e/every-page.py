#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""Every page and dialog of the real program, from a phone's width to a wide one.

every-page.py DOTAGENTS UI-SEED FAKE-LLM LOCALE-MODULE LOCALE-FOLDER FOLDER [LOOK…]

Opens each in light and in dark, the busiest also from right to left, with the long words of German
and in high contrast, at 360, 700 and 1200 px; keeps a picture of each in DA_SCREENS or
FOLDER/screens, and asserts that the window became as narrow as asked, that nothing in it reaches
over an edge and that whatever can have the focus has a name. Needs Xvfb, at-spi2-core, ImageMagick,
xdotool and a network address; exits 77 (skipped) where one is missing.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from desktop import (ACCESSIBLE, COMPONENT, CONTROLS, FOCUSABLE, FRAMES, PROPERTIES, ROWS,
                     WINDOW_COORDINATES, Desk, Node, await_value, enter, free_port, output,
                     quiet_desktop, shoot, start_display, start_keyring, start_provider)

TOOLS = ['Xvfb', 'gnome-keyring-daemon', 'import', 'xdotool']
# Ascending: what is hidden keeps the size it had, and that must not be taken for too wide.
WIDTHS = (360, 700, 1200)
HEIGHT = 800
TALL = 2400
HEADER_HEIGHT = 50
NOT_OURS = ('shortcuts', 'about')      # the platform's own windows, with its names for things
CLASS_NAME = re.compile('(Gtk|Adw|Da)[A-Z][A-Za-z]+')     # what GTK calls what nobody named
PAGES = (('general', 1000), ('models', 800), ('remote-server', 2000))
SETTINGS = {'remoteServerEnabled': True, 'remoteServerPort': free_port()}
LOOKS = {
    'light': {},
    'dark': {'ADW_DEBUG_COLOR_SCHEME': 'prefer-dark'},
    'rtl': {'LANGUAGE': 'ar'},
    'german': {'LANGUAGE': 'de'},
    'contrast': {'ADW_DEBUG_HIGH_CONTRAST': '1'},
}


class PictureDesk(Desk):
    """The program in one look; keeps the pictures and what is wrong with them."""

    def __init__(self, program, look, folder, environment, home):
        self.look, self.folder = look, folder
        self.problems, self.pictures = [], 0
        self.frame = None
        super().__init__([program, '--data-dir', home + '/data', '--agents-dir', home + '/agents'],
                         dict(LOOKS[look], **environment))

    def __exit__(self, kind, error, trace):
        if kind is not None and self.windows:
            shoot(self.folder, 'failed')
        super().__exit__(kind, error, trace)

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

    def is_excused(self, node, role, name):
        """What libadwaita 1.2 leaves without a name: the line that a row which opens is made of
        (its heading has one), the chosen value in a row of choices, the button that shows a
        password and the one that searches the settings."""
        if role in ROWS:
            parent = next(iter(list(self.parents(node))[1:]), None)
            return (any(other.role() in ROWS and other.name()
                        for other in list(self.tree.walk(node))[1:])
                    or parent and Node(self.tree, (node.bus, parent)).name() == 'GtkListView')
        above = [Node(self.tree, (node.bus, path)).role() for path in self.parents(node)]
        return name == 'GtkImage' and ('text box' in above or self.window().name() == 'Settings'
                                       and self.extents(node)[1] < HEADER_HEIGHT)

    def nameless(self):
        """What can have the focus in the uppermost window and has no name, or only that of its
        class."""
        ask = self.tree.variant('(ss)', (ACCESSIBLE, 'Name'))
        where = self.tree.variant('(u)', (WINDOW_COORDINATES,))
        for level in self.levels(self.window()):
            answers = self.tree.call_all([call for node in level for call in (
                (node, ACCESSIBLE, 'GetState', None), (node, ACCESSIBLE, 'GetRoleName', None),
                (node, PROPERTIES, 'Get', ask), (node, COMPONENT, 'GetExtents', where))])
            for node, *found in zip(level, *[iter(answers)] * 4):
                if None in found:
                    continue
                (state,), (role,), (name,), ((x, y, width, height),) = found
                if (state[0] >> FOCUSABLE & 1 and role in CONTROLS and width > 0 and height > 0
                        and (not name or CLASS_NAME.fullmatch(name))
                        and not self.is_excused(node, role, name)):
                    yield '%s %r at %d, %d has no name' % (role, name, x, y)

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
        # Once, where there is most to see.
        if (self.look, width) == ('light', WIDTHS[-1]) and name not in NOT_OURS:
            self.problems += ['%s: %s' % (picture, problem) for problem in self.nameless()]
        if self.look != 'dark':     # which is as large as light
            self.problems += ['%s: %s' % (picture, problem)
                              for problem in self.outside(frame, width)]

    def shoot_all(self, name, height=HEIGHT):
        for width in WIDTHS:
            self.shoot(name, width, height)


def write_settings(**values):
    agents = os.path.join(os.environ['HOME'], 'seed', 'agents')
    os.makedirs(agents, mode=0o700, exist_ok=True)
    with open(os.path.join(agents, 'dotagents-settings.json'), 'w', encoding='utf-8') as file:
        json.dump(dict(SETTINGS, **values), file)


def stepping(desk):
    """The keys for the next and the previous conversation, from the field for words too, which has
    the focus as soon as a conversation is open."""
    first, second = 'Plan for the week', 'Why is the build slow?'
    desk.find(first)
    for key, title in (('ctrl+Next', first), ('ctrl+Next', second), ('ctrl+Prior', first)):
        desk.press(key)
        await_value(key + ' to open ' + title, lambda: desk.window().name() == title)


def wheel(desk):
    """Over a code block, which scrolls sideways by itself, the wheel moves the conversation."""
    def low(extents):
        return HEIGHT // 4 < extents[1] < HEIGHT * 3 // 4

    def find():
        nodes = [node for level in desk.levels(Node(desk.tree, desk.windows[-1][1]))
                 for node in level if node.name() == 'Copy Code']
        return next((node for node in nodes if low(desk.extents(node))), None)
    node = await_value('code in the middle', find)
    x, y, width, height = desk.extents(node)
    subprocess.run(['xdotool', 'mousemove', '--window', desk.windows[-1][0], str(x - 100),
                    str(y + height + 12), 'sleep', '0.3', 'click', '--repeat', '2', '4'],
                   check=True)
    await_value('the wheel to move the code', lambda: desk.extents(node)[1] > y + 50)
    subprocess.run(['xdotool', 'click', '--repeat', '9', '5'], check=True)
    time.sleep(FRAMES)


def main_window(desk):
    desk.opened()
    stepping(desk)
    if desk.look == 'light':
        wheel(desk)
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
            with PictureDesk(program, look, folder, environment, home) as desk:
                play(desk, program)
            problems += desk.problems
            pictures += desk.pictures
        for look in ('light', 'dark'):
            with PictureDesk(program, look, folder, {}, home + '-' + look) as desk:
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

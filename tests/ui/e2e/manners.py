#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""How the real program comes, goes and is reached without a mouse.

manners.py DOTAGENTS UI-SEED FAKE-LLM DATA-FOLDER FOLDER [JOB…]

Starts it as a terminal, a link and the session bus do, presses Tab until the focus has come round,
listens to what a screen reader is told, and looks whether it opens again as it was closed.
DATA-FOLDER has the D-Bus service file as it is installed. Needs Xvfb, at-spi2-core, gnome-keyring,
ImageMagick, xdotool and a network address; exits 77 (skipped) where one is missing.
"""

import contextlib
import json
import os
import subprocess
import sys
import time

from desktop import (ACCESSIBLE, APP, APP_PATH, CONTROLS, FOCUSABLE, FOCUSED, PROPERTIES, SELECTED,
                     SENSITIVE, WAIT_SECONDS, WINDOW_BUTTONS, WINDOW_COORDINATES, Desk, Node, Tree,
                     await_value, enter, free_port, output, quiet_desktop, shoot, start_display,
                     start_keyring, start_provider)

TOOLS = ['Xvfb', 'gnome-keyring-daemon', 'import', 'xdotool']
PLAN, BUILD = 'Plan for the week', 'Why is the build slow?'
LINK = 'dotagents://config?baseUrl=http%3A%2F%2Flocalhost%3A3210%2Fv1&apiKey=secret'
BUS = ('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus')
APPLICATION = 'org.freedesktop.Application'
EVENTS = 'org.a11y.atspi.Event.Object'
MOST_STOPS = 120


class Visit(Desk):
    """The program, started with some words."""

    rest = 0.05    # no pictures are taken

    def __init__(self, place, *words, **environment):
        self.program, self.folders = place.program, place.folders
        super().__init__([place.program, *words, *place.folders],
                         dict(place.environment, **environment))

    def await_frame(self, *names):
        """The window that is called one of that; it is the uppermost one from now on."""
        def look():
            return next((frame for frame in self.frames()
                         if Node(self.tree, frame).name() in names), None)
        self.windows = [(None, await_value('the window %s' % list(names), look))]

    def await_page(self, name):
        """The settings, open at that page."""
        self.await_frame('Settings')
        await_value('the page ' + name, lambda: any(
            node.has_state(SELECTED) for node in self.find_all(name, roles=['tab'])))

    def await_text(self, text):
        """In any window."""
        return self.tree.find(text, ['label'])

    def again(self, *words):
        """A second start, which hands on what it was asked for and ends."""
        subprocess.run([self.program, *words], check=True, timeout=3 * WAIT_SECONDS)
        assert self.process.poll() is None, 'the first one ended'


class Place:
    """Where the program keeps its things, and what it answers with."""

    def __init__(self, program, seed, data, environment):
        self.program, self.data, self.environment = program, data, environment
        home = os.path.join(os.environ['HOME'], 'seed')
        self.folders = ['--data-dir', home + '/data', '--agents-dir', home + '/agents']
        subprocess.run([seed, home], check=True)
        os.makedirs(home + '/agents', mode=0o700)
        with open(home + '/agents/dotagents-settings.json', 'w', encoding='utf-8') as file:
            json.dump({'remoteServerEnabled': True, 'remoteServerPort': free_port(),
                       'agentOpenaiModel': 'script:echo'}, file)


def options(place):
    """As a first start, and to a program that runs."""
    with Visit(place, '--settings', 'models') as desk:
        desk.await_page('Models')
        desk.again('--settings', 'remote-server')
        desk.await_page('Remote Server')
        desk.again('--pair')
        desk.await_frame('Pair a Phone')
    with Visit(place, '--pair') as desk:
        desk.await_frame('Pair a Phone')


def links(place):
    with Visit(place, LINK) as desk:
        desk.await_text('This Link Is for a Phone')
    with Visit(place) as desk:
        desk.await_frame('DotAgents')
        desk.again(LINK)
        desk.await_text('This Link Is for a Phone')


class Activated(Visit):
    """The program, started by the session bus from the file that is installed."""

    def __init__(self, place):
        self.windows, self.tree = [], Tree()
        variant = self.tree.variant
        self.ask(*BUS, 'UpdateActivationEnvironment', variant(
            '(a{ss})', ({'DISPLAY': os.environ['DISPLAY']},)))
        folder = os.path.join(os.environ['XDG_DATA_HOME'], 'dbus-1', 'services')
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(place.data, APP + '.service'), encoding='utf-8') as file:
            service = file.read()
        line = next(line for line in service.splitlines() if line.startswith('Exec='))
        installed = line.split('=')[1].split()[0]
        assert os.path.basename(installed) == 'dotagents', line
        with open(os.path.join(folder, APP + '.service'), 'w', encoding='utf-8') as file:
            file.write(service.replace(installed, place.program))
        self.ask(*BUS, 'ReloadConfig')

    def ask(self, bus, path, interface, method, arguments=None):
        return self.tree.session.call_sync(bus, path, interface, method, arguments, None,
                                           self.tree.flags, 3000 * WAIT_SECONDS, None).unpack()

    def tell(self, method, signature, *arguments):
        self.ask(APP, APP_PATH, APPLICATION, method, self.tree.variant(signature, arguments))

    def has_ended(self):
        return not self.ask(*BUS, 'NameHasOwner', self.tree.variant('(s)', (APP,)))[0]

    def __exit__(self, kind, error, trace):
        if not self.has_ended():
            self.act('quit')
            await_value('the program to end', self.has_ended)


def activation(place):
    """What a desktop does with "DBusActivatable": a start, an action in the menu of the icon, a
    link."""
    for method, arguments, frame in (
            ('Activate', ('(a{sv})', {}), 'DotAgents'),
            ('ActivateAction', ('(sava{sv})', 'pair', [], {}), 'Pair a Phone'),
            ('ActivateAction', ('(sava{sv})', 'remote-server', [], {}), 'Settings'),
            ('Open', ('(asa{sv})', [LINK], {}), None)):
        with Activated(place) as desk:
            assert desk.has_ended(), 'it runs already'
            desk.tell(method, *arguments)
            if frame:
                desk.await_frame(frame)
            else:
                desk.await_text('This Link Is for a Phone')


def controls(desk):
    """(node, role, name, whether the focus must come there) of what can have the focus."""
    ask = desk.tree.variant('(ss)', (ACCESSIBLE, 'Name'))
    where = desk.tree.variant('(u)', (WINDOW_COORDINATES,))
    nodes = [node for level in desk.levels(desk.window()) for node in level]
    answers = desk.tree.call_all([call for node in nodes for call in (
        (node, ACCESSIBLE, 'GetState', None), (node, ACCESSIBLE, 'GetRoleName', None),
        (node, PROPERTIES, 'Get', ask), (node, 'org.a11y.atspi.Component', 'GetExtents', where))])
    width = desk.extents(desk.window())[2]
    for node, state, role, name, extents in zip(nodes, *[iter(answers)] * 4):
        if None in (state, role, name, extents) or not state[0][0] >> FOCUSABLE & 1:
            continue
        must = (role[0] in CONTROLS and name[0] and name[0] not in WINDOW_BUTTONS
                and state[0][0] >> SENSITIVE & 1 and extents[0][2] > 0 and extents[0][3] > 0
                and (role[0] not in ('button', 'push button')
                     or desk.is_seen(desk.window(), node, extents[0], width) is not False))
        yield node, role[0], name[0], bool(must)


def round_trip(desk, known):
    """Tab, until the focus is where it was. The rule: every control that is shown, has a name and
    can be used gets the focus, one after the other, without another key; but the window's own
    buttons never, and of a row that opens it is the line with its name. What is @known is of
    another page and need not be reached: GTK 4.8 does not say that a page is hidden."""
    found = list(controls(desk))
    calls = [(node, ACCESSIBLE, 'GetState', None) for node, *_ in found]

    def look():
        return [node.path for (node, *_), state in zip(found, desk.tree.call_all(calls))
                if state and state[0][0] >> FOCUSED & 1]
    stops, silent = look(), 0
    for _ in range(MOST_STOPS):
        desk.press('Tab')
        time.sleep(desk.rest)
        focused = look()
        if not focused:
            silent += 1
        elif focused[0] in stops:
            break
        else:
            stops += focused
    else:
        raise AssertionError('the focus does not come round')
    missed = [(role, name) for node, role, name, must in found
              if must and node.path not in stops and node.path not in known]
    # The words of an entry row have the focus, but libadwaita 1.2 does not say so.
    rows = [entry for entry in missed if entry[0] == 'text box']
    assert silent >= len(rows), (rows, silent)
    missed = [entry for entry in missed if entry not in rows]
    assert not missed, 'Tab does not reach %s' % missed
    known.update(node.path for node, _, _, must in found if must)
    return len(stops)


def to_first_message(desk):
    """Tab enters the messages at what is seen of them, so a round trip begins at the first."""
    def branch():
        desk.press('shift+Tab')
        time.sleep(desk.rest)
        return any(name == 'Branch From Here' and node.call('Accessible', 'GetState')[0][0]
                   >> FOCUSED & 1 for node, _, name, _ in controls(desk))
    await_value('the focus to come to a message', branch)
    desk.press('Home')
    time.sleep(1)


def tabs(place):
    with Visit(place) as desk:
        desk.opened()
        desk.find(PLAN)
        desk.press('ctrl+Next')
        await_value('the conversation', lambda: desk.window().name() == PLAN)
        desk.find('Branch From Here')
        to_first_message(desk)
        # Behind the last message it is no longer shown.
        down = {node.path for node, _, name, _ in controls(desk) if name == 'Newest Message'}
        stops = [round_trip(desk, down)]
        known = set()
        for page in ('general', 'models', 'remote-server'):
            desk.act('preferences', parameter=desk.tree.variant('s', page))
            if page == 'general':
                desk.opened()
            output('xdotool', 'windowsize', desk.windows[-1][0], '752', '2400')
            await_value('a high window', lambda: desk.extents(desk.window())[3] > 2000)
            stops.append(round_trip(desk, known))
        desk.act('pair')
        with desk.dialog():
            desk.find('Phones Cannot Reach It Yet')
            known = set()
            stops.append(round_trip(desk, known))
            desk.click('Let Phones In')
            desk.find('Waiting for a phone')
            stops.append(round_trip(desk, known))
        print('stops:', stops)
        # As many as there were when this was written, or a few less.
        assert all(stop >= least for stop, least in zip(stops, (30, 18, 10, 30, 1, 3))), stops


def restore(place):
    """The same conversation, in a window of the same size."""
    keyfile = {'GSETTINGS_BACKEND': 'keyfile'}
    with Visit(place, **keyfile) as desk:
        desk.opened()
        desk.find(PLAN)
        for title in (PLAN, BUILD):
            desk.press('ctrl+Next')
            await_value('it to open', lambda wanted=title: desk.window().name() == wanted)
        output('xdotool', 'windowsize', desk.windows[-1][0], '850', '650')
        await_value('a small window', lambda: desk.extents(desk.window())[2] < 850)
        size = desk.extents(desk.window())[2:]
    with Visit(place, **keyfile) as desk:
        desk.opened()
        await_value('the conversation', lambda: desk.window().name() == BUILD)
        desk.await_seen('Branch From Here')
        assert desk.extents(desk.window())[2:] == size, desk.extents(desk.window())


def announcements(place):
    """What a screen reader is told by itself when an answer comes: the name of the line below the
    field for words, once as it begins and once as it is complete. GTK 4.8 tells it of what was
    asked for before, as a screen reader does that reads the page."""
    with Visit(place) as desk:
        told, context = [], desk.tree.context

        def hear(_connection, _sender, path, _interface, _signal, arguments):
            what, _, _, value, *_ = arguments.unpack()
            told.append((path, what, value))
        desk.tree.connection.signal_subscribe(None, EVENTS, 'PropertyChange', None, None, 0, hear)
        desk.tree.call('org.a11y.atspi.Registry', '/org/a11y/atspi/registry',
                       'org.a11y.atspi.Registry', 'RegisterEvent',
                       desk.tree.variant('(sass)', ('object:property-change', [], '')))
        desk.opened()
        desk.find(PLAN)
        desk.press('ctrl+n')
        await_value('the page', lambda: desk.window().name() == 'New Conversation')
        status = desk.find('', roles=['status'], inside=True)

        def heard():
            while context.iteration(False):
                pass
            return [value for path, what, value in told
                    if path == status.path and what == 'accessible-name']
        for number in (1, 2):
            desk.type('hello')
            desk.press('Return')
            await_value('answer %d to be told: %s' % (number, heard()),
                        lambda wanted=2 * number: len(heard()) >= wanted)
            desk.await_gone('Stop the Answer')
        for begun, complete in zip(*[iter(heard())] * 2):
            assert ' answers with ' in begun and complete.startswith('Answered by '), heard()
        assert len(heard()) == 4, heard()
        print('told:', heard())


JOBS = (options, links, activation, tabs, restore, announcements)


def main():
    enter(TOOLS)
    program, seed, provider, data, folder = (os.path.abspath(path) for path in sys.argv[1:6])
    os.makedirs(folder, exist_ok=True)
    quiet_desktop()
    with contextlib.ExitStack() as stack:
        start_display(stack, '1280x2600')
        start_keyring(stack)
        place = Place(program, seed, data, start_provider(stack, provider))
        for job in JOBS:
            if sys.argv[6:] and job.__name__ not in sys.argv[6:]:
                continue
            begun = time.monotonic()
            try:
                job(place)
            except BaseException:
                shoot(folder, 'manners-failed')
                raise
            print('%4.1f s %s' % (time.monotonic() - begun, job.__name__), flush=True)
    print('ok')


if __name__ == '__main__':
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""The real program's main window, used as a person uses it.

main-jobs.py DOTAGENTS DOTAGENTSD UI-SEED FAKE-LLM FOLDER

Pins, archives, deletes, renames, searches and exports conversations, lets messages wait for their
turn, reads the debugging information and unlocks the keyring in the keyring's own dialog; each with
keys and clicks, and each looked at in the window or on the disk. Needs Xvfb, at-spi2-core,
gnome-keyring, ImageMagick, xdotool and a network address; exits 77 (skipped) where one is missing.
"""

import contextlib
import glob
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

from desktop import (ACCESSIBLE, COMPONENT, FOCUSED, MODAL, PROPERTIES, VISIBLE,
                     WINDOW_COORDINATES, Desk, await_value, enter, free_port, quiet_desktop, shoot,
                     start_display, start_keyring, start_provider)

TOOLS = ['Xvfb', 'gnome-keyring-daemon', 'import', 'xdotool']
PROVIDER_KEY = 'sk-test-1f8a77c2b95d40e3a6c1'
PLAN, BUILD, LETTER, TAXES = ('Plan for the week', 'Why is the build slow?',
                              'Letter to the landlord', 'Taxes')
SUSPEND = 4
QUEUES = '/v1/operator/message-queues'
SESSION_MANAGER = '''<node><interface name="org.gnome.SessionManager">
<method name="RegisterClient"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="o" direction="out"/></method>
<method name="Inhibit"><arg type="s" direction="in"/><arg type="u" direction="in"/>
<arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="u" direction="out"/></method>
<method name="Uninhibit"><arg type="u" direction="in"/></method></interface></node>'''


class SessionManager:
    """The part of the desktop that may keep the computer awake; remembers who asks it to."""

    def __init__(self):
        self.inhibitors, self.cookies = {}, 0
        ready = threading.Event()
        threading.Thread(target=self.run, args=[ready], daemon=True).start()
        assert ready.wait(10), 'the session manager is not on the bus'

    def run(self, ready):
        from gi.repository import Gio, GLib
        context = GLib.MainContext.new()
        context.push_thread_default()
        connection = Gio.DBusConnection.new_for_address_sync(
            os.environ['DBUS_SESSION_BUS_ADDRESS'],
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        interface = Gio.DBusNodeInfo.new_for_xml(SESSION_MANAGER).interfaces[0]

        def called(_connection, _sender, _path, _interface, method, arguments, invocation):
            if method == 'RegisterClient':
                invocation.return_value(GLib.Variant('(o)', ('/org/gnome/SessionManager/Client1',)))
            elif method == 'Inhibit':
                self.cookies += 1
                self.inhibitors[self.cookies] = arguments.unpack()
                invocation.return_value(GLib.Variant('(u)', (self.cookies,)))
            else:
                self.inhibitors.pop(arguments.unpack()[0])
                invocation.return_value(None)
        connection.register_object('/org/gnome/SessionManager', interface, called, None, None)
        Gio.bus_own_name_on_connection(connection, 'org.gnome.SessionManager',
                                       Gio.BusNameOwnerFlags.NONE, lambda *_: ready.set(), None)
        GLib.MainLoop.new(context, False).run()


class LocalConnection(http.client.HTTPConnection):
    """The socket that the terminal commands use."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(glob.glob(os.path.join(os.environ['XDG_RUNTIME_DIR'], 'dotagents',
                                                 '*.sock'))[0])


def ask_program(method, path):
    connection = LocalConnection('localhost', timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (answer.status, body)
    return json.loads(body)


class Jobs(Desk):
    """The program over a folder that is filled."""

    rest = 0.05    # no pictures are taken

    def __init__(self, program, terminal, home, environment):
        self.terminal, self.folders = terminal, ['--data-dir', home + '/data']
        super().__init__([program, *self.folders, '--agents-dir', home + '/agents'], environment)
        self.opened()
        await_value('the conversations', self.rows)

    def command(self, *words):
        """What a terminal command prints."""
        return subprocess.run([self.terminal, *words, *self.folders], check=True,
                              stdout=subprocess.PIPE).stdout.decode().strip()

    def describe(self, node):
        ask = self.tree.variant('(ss)', (ACCESSIBLE, 'Description'))
        return self.tree.call(node.bus, node.path, PROPERTIES, 'Get', ask)[0]

    def rows(self):
        """The conversations from top to bottom: (heading, title)."""
        ask = self.tree.variant('(ss)', (ACCESSIBLE, 'Name'))
        where = self.tree.variant('(u)', (WINDOW_COORDINATES,))
        children = next(self.find_all('Conversations', roles=['list'])).children()
        calls = [((node, PROPERTIES, 'Get', ask), (node, ACCESSIBLE, 'GetRoleName', None),
                  (node, COMPONENT, 'GetExtents', where), (node, ACCESSIBLE, 'GetState', None))
                 for node in children]
        answers = self.tree.call_all([call for four in calls for call in four])
        assert None not in answers, 'the list changes'
        lines = sorted((extents[0][1], role[0], name[0]) for name, role, extents, state
                       in zip(*[iter(answers)] * 4) if state[0][0] >> VISIBLE & 1)
        heading, rows = None, []
        for _, role, name in lines:
            if role == 'label':
                heading = name
            else:
                rows.append((heading, name))
        return rows

    def await_rows(self, what, expected):
        def look():
            self.listed = self.rows()
            return self.listed == expected
        try:
            await_value(what, look)
        except AssertionError as error:
            raise AssertionError('%s: %s instead of %s' % (error, self.listed, expected)) from error

    def choose(self, item):
        """An item of the menu that is open, with the keys."""
        node = self.find(item, roles=['menu item'])
        for _ in range(12):
            if node.has_state(FOCUSED):
                self.press('Return')
                return
            self.press('Down')
        raise AssertionError('the keyboard does not reach ' + item)

    def row_menu(self, title, item):
        self.click_node(self.find(title, roles=['list item']), button=3)
        self.choose(item)

    def main_menu(self, item):
        self.click('Main Menu', roles=['button'])
        self.choose(item)


def without(rows, *titles):
    return [row for row in rows if row[1] not in titles]


def pin(desk):
    """Both ways to move: from below, and the topmost one, which stays where it is."""
    before = desk.rows()
    assert [title for _, title in before[:2]] == [PLAN, BUILD], before
    desk.row_menu(PLAN, 'Pin')
    desk.await_rows('the topmost to be pinned', [('Pinned', PLAN)] + before[1:])
    desk.row_menu(TAXES, 'Pin')
    desk.await_rows('another one above it', [('Pinned', TAXES), ('Pinned', PLAN)]
                    + without(before, PLAN, TAXES))
    for title in (PLAN, TAXES):
        assert desk.describe(desk.find(title, roles=['list item'])).startswith('Pinned. '), title
    assert not desk.describe(desk.find(BUILD, roles=['list item'])).startswith('Pinned'), BUILD
    desk.row_menu(TAXES, 'Unpin')
    desk.await_rows('it where it was', [('Pinned', PLAN)] + before[1:])
    assert not desk.describe(desk.find(TAXES, roles=['list item'])).startswith('Pinned'), TAXES
    desk.row_menu(PLAN, 'Unpin')
    desk.await_rows('all as before', before)


def archive(desk):
    before = desk.rows()
    desk.row_menu(LETTER, 'Archive')
    desk.await_rows('it to leave the list', without(before, LETTER))
    desk.await_seen('Moved to the archive')
    desk.main_menu('Archive')
    desk.await_rows('only it in the archive', [row for row in before if row[1] == LETTER])
    desk.await_seen('Archive', roles=['label'])
    desk.row_menu(LETTER, 'Take Out of Archive')
    desk.await_seen('Nothing is archived')
    desk.click('Back to Conversations')
    desk.await_rows('all as before', before)


def undo_archive(desk):
    """What was pinned is pinned again."""
    before = desk.rows()
    desk.row_menu(TAXES, 'Pin')
    desk.await_rows('it on top', [('Pinned', TAXES)] + without(before, TAXES))
    desk.row_menu(TAXES, 'Archive')
    desk.await_rows('it to leave the list', without(before, TAXES))
    desk.click_node(desk.await_seen('Undo', inside=True, roles=['button']))
    desk.await_rows('it on top again', [('Pinned', TAXES)] + without(before, TAXES))
    desk.row_menu(TAXES, 'Unpin')
    desk.await_rows('all as before', before)


def delete(desk):
    """The last one deleted is the first that is brought back."""
    before = desk.rows()
    desk.click(LETTER, roles=['list item'])
    desk.await_title(LETTER)
    desk.row_menu(LETTER, 'Delete')
    desk.await_rows('one less', without(before, LETTER))
    desk.await_title('DotAgents')
    desk.row_menu(TAXES, 'Delete')
    desk.await_rows('two less', without(before, LETTER, TAXES))
    desk.click_node(desk.await_seen('Undo', inside=True, roles=['button']))
    desk.await_rows('the second back', without(before, LETTER))
    desk.click_node(desk.await_seen('Undo', inside=True, roles=['button']))
    desk.await_rows('both back', before)


def rename(desk):
    before = desk.rows()
    desk.click(LETTER, roles=['list item'])
    desk.await_title(LETTER)
    desk.row_menu(LETTER, 'Rename…')
    with desk.dialog(ends=True):
        desk.press('ctrl+a')
        desk.type('Letter to Nuria')
        desk.press('Return')
    desk.await_rows('the new title', [(heading, 'Letter to Nuria' if title == LETTER else title)
                                      for heading, title in before])
    desk.await_title('Letter to Nuria')
    assert 'Letter to Nuria' in desk.command('conversations', 'list')


def search(desk):
    before = desk.rows()
    desk.press('ctrl+f')
    desk.type('about cat')
    desk.await_rows('the hits', [(None, 'Names for a cat')])
    snippet = desk.describe(desk.find('Names for a cat', roles=['list item']))
    assert 'Question 1 about Names for a cat' in snippet, snippet
    desk.press('Return')
    desk.await_title('Names for a cat')
    # A hit stays where it is.
    desk.row_menu('Names for a cat', 'Archive')
    desk.row_menu('Names for a cat', 'Take Out of Archive')
    desk.press('ctrl+f')
    # Faster than the list: what is opened is still what is looked for.
    desk.press('ctrl+a')
    desk.type('about lisbon')
    desk.press('Return')
    desk.await_title('Trip to Lisbon')
    desk.await_rows('the hits', [(None, 'Trip to Lisbon')])
    desk.press('ctrl+f')
    desk.press('ctrl+a')
    desk.type('plan')
    found = await_value('more hits', lambda: len(desk.rows()) > 2 and desk.rows())
    for key in ('Down', 'Down', 'Down', 'Return'):
        desk.press(key)
    desk.await_title(found[2][1])
    desk.press('ctrl+f')
    desk.press('ctrl+a')
    desk.type('zebra')
    desk.await_seen('Nothing found')
    desk.press('Escape')
    desk.await_rows('all as before', before)
    desk.await_gone('Search titles and messages')


def export(desk):
    home = os.environ['HOME']
    desk.row_menu(PLAN, 'Export as Markdown…')
    with desk.dialog(ends=True):
        assert desk.window().has_state(MODAL), 'the window behind it takes clicks'
        desk.press('Return')
    desk.await_seen('Conversation exported')
    with open(os.path.join(home, PLAN + '.md'), encoding='utf-8') as file:
        text = file.read()
    assert text.startswith('# %s\n\n## You\n' % PLAN), text[:200]
    assert 'Question 2 about %s: what should be done' % PLAN in text
    assert text.count('\n## Answer\n') == 2 and '\n1. Write the report\n' in text

    path = os.path.join(home, 'exported.json')
    desk.row_menu(PLAN, 'Export as JSON…')
    with desk.dialog(ends=True):
        desk.press('ctrl+a')
        desk.type(path)
        desk.press('Return')
    await_value('the file', lambda: os.path.exists(path) and os.path.getsize(path) > 0)
    with open(path, encoding='utf-8') as file:
        exported = json.load(file)
    assert exported['title'] == PLAN
    assert [message['role'] for message in exported['messages']] == ['user', 'assistant'] * 2

    desk.row_menu(PLAN, 'Export as JSON…')
    with desk.dialog(ends=True):
        desk.press('ctrl+a')
        desk.type('/proc/exported.json')      # where nobody may write, not even the superuser
        desk.press('Return')
    desk.await_seen('/proc/exported.json', inside=True)


def say(desk, text):
    desk.type(text)
    desk.press('Return')


def waiting(desk):
    """The messages that wait, as they are read out; none when the list is not there."""
    lists = list(desk.find_all('Messages that wait', roles=['list']))
    return [row.name() for row in lists[0].children()] if lists else []


def await_waiting(desk, *expected):
    await_value('%s to wait' % list(expected), lambda: waiting(desk) == list(expected))


def questions(desk, conversation):
    exported = json.loads(desk.command('conversations', 'export', conversation))
    return [message['content'] for message in exported['messages'] if message['role'] == 'user']


def queue(desk, manager):
    """Messages that wait for their turn, and a computer that stays awake meanwhile."""
    assert not manager.inhibitors, manager.inhibitors
    desk.press('ctrl+n')
    desk.await_title('New Conversation')
    say(desk, 'first')
    desk.await_seen('Stop the Answer')
    await_value('the computer to be kept awake', lambda: manager.inhibitors)
    (application, _, reason, flags), = manager.inhibitors.values()
    assert application == 'app.dotagents.Desktop' and flags & SUSPEND, manager.inhibitors
    assert reason == 'An answer is being made', reason

    say(desk, 'second')
    await_waiting(desk, 'second')
    say(desk, 'third')
    await_waiting(desk, 'second', 'third')
    desk.click_node(list(desk.find_all('Take Back', roles=['button']))[-1])
    await_waiting(desk, 'second')
    desk.click('Edit Message', roles=['button'])
    with desk.dialog(ends=True):
        desk.click('Message', roles=['text box'])
        desk.press('ctrl+a')
        desk.type('second, better said')
        desk.click('Save', roles=['button'], inside=True)
    await_waiting(desk, 'second, better said')

    # The window shows a pause; it is a phone or a script that makes one.
    conversation = ask_program('GET', QUEUES)['queues'][0]['conversationId']
    ask_program('POST', '%s/%s/pause' % (QUEUES, conversation))
    desk.await_seen('Waiting messages are paused')
    desk.click('Stop the Answer')
    desk.await_gone('Stop the Answer')
    desk.await_seen('Stopped')
    await_value('the computer to be let asleep', lambda: not manager.inhibitors)
    await_waiting(desk, 'second, better said')
    desk.click('Resume', roles=['button'], inside=True)
    desk.await_seen('Stop the Answer')
    await_waiting(desk)
    await_value('the computer to be kept awake', lambda: manager.inhibitors)

    say(desk, 'fourth')
    await_waiting(desk, 'fourth')
    desk.command('settings', 'set', 'agentOpenaiModel', 'script:unauthorized')
    desk.click('Stop the Answer')
    retry = desk.await_seen('Try Again', roles=['button'])
    await_waiting(desk, 'fourth')
    await_value('the computer to be let asleep', lambda: not manager.inhibitors)
    desk.command('settings', 'set', 'agentOpenaiModel', 'script:echo')
    desk.click_node(retry)
    await_waiting(desk)
    desk.await_seen('Answered by', starts=True)
    desk.await_gone('Stop the Answer')
    await_value('the computer to be let asleep', lambda: not manager.inhibitors)
    assert questions(desk, conversation) == ['first', 'second, better said', 'fourth']
    assert manager.cookies >= 3, manager.cookies


def open_menu(desk):
    """A conversation that somebody else begins does not close it."""
    desk.command('settings', 'set', 'agentOpenaiModel', 'script:echo')
    desk.click(PLAN, roles=['list item'])
    desk.await_title(PLAN)
    desk.click('Conversation Menu', roles=['button'])
    desk.find('Rename…', roles=['menu item'])
    assert desk.command('chat', 'a question from the terminal') == 'a question from the terminal'
    await_value('the conversation', lambda: desk.rows()[0][1] == 'a question from the terminal')
    desk.choose('Rename…')
    with desk.dialog():
        pass


def debugging(desk, keys):
    """What people put into a report: what runs where, and no key."""
    desk.main_menu('About DotAgents')
    with desk.dialog():
        version = next(desk.find_all('0.', starts=True, roles=['label'])).name()
        desk.click('Troubleshooting', roles=['list item'])
        desk.click('Debugging Information', roles=['list item'])
        text = desk.await_seen('', inside=True, roles=['text box']).text()
    for line in ('DotAgents ' + version, 'Data: ~/seed/data', 'Settings: ~/seed/agents',
                 'Provider: openai', 'Remote server: state', 'remoteServerEnabled = true'):
        assert line in text, text
    for key in keys:
        assert len(key) > 20 and key not in text, text


def server_settings(desk):
    """The line below the list says how the server is, and leads to its settings."""
    desk.click('Remote server is on', roles=['button'])
    with desk.dialog():
        desk.await_seen('Who Can Reach This Server', inside=True)


def is_let_in(port, key):
    request = urllib.request.Request('http://127.0.0.1:%d/v1/models' % port,
                                     headers={'Authorization': 'Bearer ' + key})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        return False


def lock_keyring(tree):
    """As after a log-in without a password; its dialog shall come up on our display."""
    display = {name: os.environ[name] for name in ('DISPLAY', 'GDK_BACKEND')}
    for bus, path, interface, method, arguments in (
            ('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
             'UpdateActivationEnvironment', tree.variant('(a{ss})', (display,))),
            ('org.freedesktop.secrets', '/org/freedesktop/secrets',
             'org.freedesktop.Secret.Service', 'Lock',
             tree.variant('(ao)', (['/org/freedesktop/secrets/collection/login'],)))):
        tree.session.call_sync(bus, path, interface, method, arguments, None, tree.flags, 5000,
                               None)


def answer_keyring(desk, password, key):
    """Types into the dialog of the keyring, which takes all keys while it is open."""
    field = desk.tree.find('', ['password text'], inside=True)
    await_value('the focus', lambda: field.has_state(FOCUSED))
    subprocess.run(['xdotool', 'type', password], check=True)
    desk.tree.press(key)


def unlock(desk, port, key):
    """It asks once by itself; who says no is asked again by the button."""
    answer_keyring(desk, '', 'Escape')
    desk.await_seen('The keyring is locked, so keys cannot be read', roles=['label'])
    assert not is_let_in(port, key), 'the key is known though the keyring is locked'
    desk.click('Unlock', roles=['button'], inside=True)
    answer_keyring(desk, '', 'Escape')
    desk.await_seen('The keyring stays locked')
    desk.click('Unlock', roles=['button'], inside=True)
    answer_keyring(desk, 'test', 'Return')
    await_value('the key to be read', lambda: is_let_in(port, key))
    desk.await_gone('The keyring is locked, so keys cannot be read', roles=['label'])
    assert desk.command('key', 'show') == key


def work(desk, jobs, folder):
    for job, *arguments in jobs:
        begun = time.monotonic()
        try:
            job(desk, *arguments)
        except BaseException:
            shoot(folder, 'main-jobs-failed')
            desk.tree.dump()
            raise
        print('%4.1f s %s' % (time.monotonic() - begun, job.__name__))


def fill(seed, port):
    """A folder with conversations in it; returns that."""
    home = os.path.join(os.environ['HOME'], 'seed')
    subprocess.run([seed, home], check=True)
    # The key shall be in the keyring, not in the file that was made without one.
    os.remove(os.path.join(home, 'data', 'secrets.json'))
    os.makedirs(os.path.join(home, 'agents'), mode=0o700)
    with open(os.path.join(home, 'agents', 'dotagents-settings.json'), 'w',
              encoding='utf-8') as file:
        json.dump({'remoteServerEnabled': True, 'remoteServerPort': port,
                   'agentOpenaiModel': 'script:never-ending'}, file)
    return home


def main():
    enter(TOOLS)
    program, terminal, seed, provider, folder = (os.path.abspath(path) for path in sys.argv[1:6])
    os.makedirs(folder, exist_ok=True)
    os.chdir(os.environ['HOME'])      # where a file is offered to be stored
    quiet_desktop()
    port = free_port()
    home = fill(seed, port)
    with contextlib.ExitStack() as stack:
        start_display(stack)
        start_keyring(stack)
        environment = start_provider(stack, provider, '--token-delay-us', '200000')
        environment['OPENAI_API_KEY'] = PROVIDER_KEY
        manager = SessionManager()
        with Jobs(program, terminal, home, environment) as desk:
            key = desk.command('key', 'show')
            work(desk, [[pin], [archive], [undo_archive], [delete], [rename], [search], [export],
                        [queue, manager], [open_menu], [debugging, [PROVIDER_KEY, key]],
                        [server_settings]], folder)
            lock_keyring(desk.tree)
        with Jobs(program, terminal, home, environment) as desk:
            work(desk, [[unlock, port, key]], folder)
    print('ok')


if __name__ == '__main__':
    main()

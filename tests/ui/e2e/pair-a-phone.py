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
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

from desktop import (BUTTONS, CHECKED, PRESSED, Tree, await_end, await_value, end, enter, free_port,
                     shoot, start_display, start_keyring)

TOOLS = ['Xvfb', 'gnome-keyring-daemon', 'zbarimg', 'import', 'xdotool']


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


def read_code(folder):
    def look():
        path = shoot(folder, 'pair')
        found = subprocess.run(['zbarimg', '--quiet', '--raw', '-Sdisable', '-Sqrcode.enable',
                                path], stdout=subprocess.PIPE, check=False)
        return found.stdout.decode().strip()
    return await_value('a readable code', look)


def read_device():
    """The id of the device that is not cut off; None when that is not stored yet."""
    path = os.path.join(os.environ['XDG_DATA_HOME'], 'dotagents', 'dotagents.db')
    with contextlib.closing(sqlite3.connect('file:%s?mode=ro' % path, uri=True)) as database:
        row = database.execute('SELECT id FROM devices WHERE revoked_at = 0').fetchone()
    return row[0] if row else None


def start_program(stack, program):
    agents = os.path.join(os.environ['HOME'], '.agents')
    os.makedirs(agents, mode=0o700)
    with open(os.path.join(agents, 'dotagents-settings.json'), 'w', encoding='utf-8') as file:
        file.write('{"remoteServerPort": %d}' % free_port())
    process = subprocess.Popen([program, '--settings', 'remote-server'])
    stack.callback(end, process)
    return process


def play(tree, folder):
    """Switch on, open, pair, use, cut off, bring back, cut off with the notification."""
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

    # What the button of the notification does.
    device = await_value('the device in the store', read_device)
    tree.act('revoke-device', parameter=tree.variant('s', device))
    await_value('the end of the device', lambda: call(base + '/models', key) == 401)
    tree.find('No device yet')


def main():
    enter(TOOLS)
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
        # As at the end of a session; the other tests quit by the menu.
        process.terminate()
        await_end(process)
    print('ok')


if __name__ == '__main__':
    main()

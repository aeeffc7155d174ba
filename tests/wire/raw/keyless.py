# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""A program that has no key: on loopback nobody is let in, anywhere else it does not listen."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time

from da_wire import FAULT, Server, main, until
from reconfigure import free_port, is_open, other_address

# One is made when there is none; what names a secret that is not there leaves none.
NO_KEY = {"models.json": {"remoteServerApiKey": "dotagents-secret://no-such-secret"}}
EXIT_LISTEN = 4
PATHS = ("/v1/models", "/v1/conversations", "/v1/settings", "/v1/operator/status", "/v1/none")


def start_refused(bind, extra):
    """Output and exit status; fails when the port was open for a moment."""
    home = tempfile.mkdtemp(prefix="da-keyless-")
    port = free_port()
    agents = os.path.join(home, "agents")
    os.mkdir(agents, 0o700)
    os.mkdir(os.path.join(home, "run"), 0o700)
    for name, value in NO_KEY.items():
        with open(os.path.join(agents, name), "w", encoding="utf-8") as file:
            json.dump(value, file)
    env = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8",
           "XDG_RUNTIME_DIR": os.path.join(home, "run"), "DBUS_SESSION_BUS_ADDRESS": "disabled:",
           "GIO_USE_VFS": "local", "DOTAGENTS_LOCAL_PROVIDERS": "", **extra}
    env.update({name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
                if name in os.environ})
    argv = [os.environ["DOTAGENTSD"], "--no-keyring", "--data-dir", os.path.join(home, "data"),
            "--agents-dir", agents, "--bind", bind, "--port", str(port)]
    addresses = {"127.0.0.1", other_address() or "127.0.0.1"}
    log = os.path.join(home, "log")
    with open(log, "wb") as out, subprocess.Popen(argv, env=env, cwd=home, stdout=out, stderr=out,
                                                  stdin=subprocess.DEVNULL) as child:
        end = time.monotonic() + 30
        try:
            while child.poll() is None:
                for address in addresses:
                    assert not is_open(port, address), f"{bind}: {address} is open without a key"
                assert time.monotonic() < end, f"{bind}: it neither listens nor ends"
                time.sleep(0.005)
        finally:
            if child.poll() is None:
                child.kill()
    with open(log, encoding="utf-8", errors="replace") as file:
        text = file.read()
    shutil.rmtree(home)
    return text, child.returncode


def refused():
    """SEC-05 without a key it never listens beyond loopback, and ends with a status and a reason"""
    for bind in ("0.0.0.0", "::", other_address()):
        if bind is None:
            continue
        # An empty key is none.
        for extra in ({}, {"DOTAGENTS_API_KEY": ""}):
            text, code = start_refused(bind, extra)
            assert code == EXIT_LISTEN, f"{bind}: {code}\n{text}"
            assert "API key" in text, text
            assert not FAULT.search(text), text


def nobody():
    """SEC-05 SEC-02 on loopback it listens, and no key is the right one"""
    with Server(key=None, files=NO_KEY) as server:
        for path in PATHS:
            for key in (None, "", "null", "undefined", "no-such-secret", "0" * 64,
                        "dotagents-secret://no-such-secret"):
                answer = server.ask(path=path, key=key)
                assert answer.status in (401, 429), (path, key, answer)
                assert b"Unauthorized" in answer.body or answer.status == 429, answer


def stays():
    """SEC-05 a key-less program told to open up stays where it is and says why"""
    port = free_port()
    settings = {"remoteServerPort": port}
    with Server(key=None, listen=False,
                files={**NO_KEY, "dotagents-settings.json": settings}) as server:
        assert is_open(port)
        settings["remoteServerBindAddress"] = "0.0.0.0"
        path = os.path.join(server.agents, "dotagents-settings.json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(settings, file)
        os.rename(path + ".new", path)
        until(lambda: re.search(r"Without an API key", server.program.output()), "the reason", 15)
        assert is_open(port), "the loopback address was closed for one that is not allowed"
        address = other_address()
        assert address is None or not is_open(port, address), "it opened up without a key"
        assert server.ask(key="").status == 401


if __name__ == "__main__":
    main(refused, nobody, stays)

# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
"""The event stream of a chat: its frames, its pauses, its readers fast, slow and gone."""

import json
import socket
import threading
import time

from da_wire import Frames, Server, ask_stream, chat_body, main, request, text_of, until

APP = {"User-Agent": "okhttp/4.9.2"}
PATH = "/v1/chat/completions"


def parse(frames):
    return [json.loads(data) for _, data, _ in frames if data != "[DONE]"]


def get_conversation(server, identifier):
    answer = server.ask(path=f"/v1/conversations/{identifier}")
    assert answer.status == 200, answer
    return answer.json()


def check_chunks(frames):
    """Each frame but the last and errors is a chunk as OpenAI's SDKs type it."""
    for chunk in parse(frames):
        if "error" in chunk:
            continue
        assert chunk["object"] == "chat.completion.chunk" and chunk["id"].startswith("chatcmpl-")
        assert isinstance(chunk["created"], int) and isinstance(chunk["model"], str)
        for choice in chunk["choices"]:
            assert choice["index"] == 0 and isinstance(choice["delta"], dict)
            assert "finish_reason" in choice


def order():
    """a script's stream: role, progress, text, complete, done, usage, the end; and no pause"""
    with Server(model="script:normal") as server:
        body = chat_body("hello", stream=True, stream_options={"include_usage": True})
        connection, frames, headers = ask_stream(server, body)
        assert headers["content-type"] == "text/event-stream"
        assert headers["cache-control"] == "no-cache"
        assert headers["transfer-encoding"] == "chunked"
        assert headers["x-content-type-options"] == "nosniff"
        frames = frames.read_all()
        check_chunks(frames)
        chunks = parse(frames)
        first = chunks[0]
        assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
        assert first["type"] == "progress" and first["data"]["steps"] == []
        assert first["data"]["conversationState"] == "running"
        assert first["data"]["conversationId"].startswith("conv_")
        assert frames[-1][:2] == ("done", "[DONE]")
        usage, done, complete = chunks[-1], chunks[-2], chunks[-3]
        assert usage["choices"] == [] and usage["usage"]["total_tokens"] > 0
        assert done["type"] == "done" and done["choices"][0]["finish_reason"] == "stop"
        assert done["data"]["content"] == text_of(frames) != ""
        assert done["data"]["conversation_id"] == first["data"]["conversationId"]
        assert [m["role"] for m in done["data"]["conversation_history"]] == ["user", "assistant"]
        assert complete["type"] == "progress" and complete["data"]["isComplete"] is True
        assert complete["data"]["conversationState"] == "complete"
        assert complete["data"]["conversationHistory"][-1]["content"] == done["data"]["content"]
        assert frames[-1][2] - frames[-4][2] < 0.1
        # The connection is good for more.
        connection.send(request())
        assert connection.read_answer().status == 200
        connection.sock.close()


def pause():
    """the app's stream: a pause before done, the whole text in progress frames"""
    with Server(model="script:tokens-1000") as server:
        connection, frames, _ = ask_stream(server, chat_body("hello", stream=True), APP)
        frames = frames.read_all()
        check_chunks(frames)
        chunks = parse(frames)
        times = [at for _, data, at in frames if data != "[DONE]"]
        assert chunks[-1]["type"] == "done" and chunks[-2]["data"]["isComplete"] is True
        assert times[-1] - times[-2] >= 0.1, times[-1] - times[-2]
        text = text_of(frames)
        for chunk in chunks[1:]:
            if chunk.get("type") == "progress":
                assert isinstance(chunk["data"]["steps"], list) and chunk["data"]["steps"] == []
                assert text.startswith(chunk["data"]["streamingContent"]["text"])
        sent = sum(len(data) for _, data, _ in frames)
        assert sent < 600 * 1000 + 10 * len(text), (sent, len(text))
        connection.sock.close()


def unstreamed():
    """without stream: one JSON document with usage, conversation and history"""
    with Server(model="script:normal") as server:
        answer = server.ask("POST", PATH, body=chat_body("hello"))
        assert answer.status == 200, answer
        reply = answer.json()
        assert reply["object"] == "chat.completion"
        message = reply["choices"][0]["message"]
        assert message["role"] == "assistant" and message["content"]
        usage = reply["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        assert len(reply["conversation_history"]) == 2
        stored = get_conversation(server, reply["conversation_id"])
        assert [m["content"] for m in stored["messages"]] == ["hello", message["content"]]


def failures():
    """a failing provider is an error frame in a stream, a status without one, never a 401"""
    for script, status in (("server-error", 502), ("unauthorized", 502), ("context-length", 400),
                           ("rate-limit-always", 429)):
        with Server(model=f"script:{script}", settings={"apiRetryCount": 0}) as server:
            answer = server.ask("POST", PATH, body=chat_body("hello"))
            assert answer.status == status, (script, answer)
            assert isinstance(answer.json()["error"], str) and answer.json()["error"]
            assert (status == 429) == ("retry-after" in answer.headers), answer
            # The provider's own time, as the script has it.
            assert status != 429 or answer.headers["retry-after"] == "600", answer
            connection, frames, _ = ask_stream(server, chat_body("hello", stream=True))
            frames = frames.read_all()
            error = parse(frames)[-1]
            assert error["type"] == "error" and error["data"]["message"], error
            assert error["error"]["message"] == error["data"]["message"]
            assert frames[-1][:2] == ("done", "[DONE]")
            connection.sock.close()


def heartbeats():
    """a silent provider: a heartbeat frame every ten seconds at most, ignored by all clients"""
    with Server(model="script:silent") as server:
        connection, frames, _ = ask_stream(server, chat_body("hello", stream=True), APP)
        connection.sock.settimeout(12)
        first = frames.read()
        beats = [frames.read() for _ in range(2)]
        last = first[2]
        for _, data, at in beats:
            beat = json.loads(data)
            assert beat["type"] == "heartbeat" and "data" not in beat, beat
            assert beat["choices"] == [{"index": 0, "delta": {}, "finish_reason": None}]
            assert 7 < at - last <= 10, at - last
            last = at
        connection.sock.close()


def is_active(server, conversation):
    status = server.ask(path="/v1/operator/status").json()
    details = status["sessions"]["activeSessionDetails"]
    return any(d.get("conversationId") == conversation for d in details)


def hang_up():
    """a script that hangs up ends its run at once, the app's goes on; a header decides else"""
    cases = (({}, True), (APP, False), ({"X-DotAgents-On-Disconnect": "detach"}, False),
             ({**APP, "X-DotAgents-On-Disconnect": "cancel"}, True))
    for headers, cancels in cases:
        with Server(model="script:never-ending") as server:
            connection, frames, _ = ask_stream(server, chat_body("hello", stream=True), headers)
            conversation = json.loads(frames.read()[1])["data"]["conversationId"]
            frames.read()
            assert is_active(server, conversation)
            began = time.monotonic()
            connection.sock.close()
            if cancels:
                until(lambda: not is_active(server, conversation), "the run to end", 2)
                assert time.monotonic() - began < 0.25 * 4, time.monotonic() - began
            else:
                time.sleep(0.5)
                assert is_active(server, conversation)
                server.ask("POST", "/v1/emergency-stop")


def hang_up_unstreamed():
    """a script that hangs up while it waits ends its run"""
    with Server(model="script:silent") as server:
        connection = server.connect()
        connection.send(request("POST", PATH, {}, chat_body("hello", conversation_id="c1"),
                                host="localhost"))
        until(lambda: is_active(server, "c1"), "the run to begin", 5)
        connection.sock.close()
        until(lambda: not is_active(server, "c1"), "the run to end", 2)


def half_closed_reader():
    """a client that sends no more but reads on gets its whole stream"""
    with Server(model="script:tokens-1000") as server:
        connection, frames, _ = ask_stream(server, chat_body("hello", stream=True))
        connection.sock.shutdown(socket.SHUT_WR)
        frames = frames.read_all()
        assert frames[-1][:2] == ("done", "[DONE]")
        connection.sock.close()


def attach():
    """a stream cut in the middle and posted again attaches to the same run: all of it, once"""
    with Server(model="script:tokens-10000") as server:
        body = chat_body("hello", stream=True, conversation_id="c1")
        connection, frames, _ = ask_stream(server, body, APP)
        first = json.loads(frames.read()[1])
        for _ in range(3):
            frames.read()
        connection.sock.close()
        connection, frames, _ = ask_stream(server, body, APP)
        frames = frames.read_all()
        connection.sock.close()
        chunks = parse(frames)
        assert chunks[0]["id"] == first["id"] and chunks[0]["data"]["runId"] == 1
        stored = get_conversation(server, "c1")["messages"]
        assert [m["role"] for m in stored] == ["user", "assistant"], [m["role"] for m in stored]
        assert text_of(frames) == stored[1]["content"] == chunks[-1]["data"]["content"]


def queue():
    """another question to a busy conversation waits its turn with the stream open"""
    with Server(model="script:tokens-1000") as server:
        streams = []
        for text in ("first", "second"):
            streams.append(ask_stream(server, chat_body(text, stream=True, conversation_id="c1")))
        for connection, frames, _ in streams:
            frames = frames.read_all()
            assert parse(frames)[0]["data"]["conversationState"] == "running"
            assert parse(frames)[-1]["type"] == "done"
            connection.sock.close()
        stored = get_conversation(server, "c1")["messages"]
        assert [m["role"] for m in stored] == ["user", "assistant"] * 2


def slow_reader():
    """a client that stops reading costs next to nothing and gets every word when it reads on"""
    with Server(model="script:tokens-10000") as server:
        before = server.memory()
        held = []
        for number in range(8):
            connection = server.connect()
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            connection.sock.settimeout(60)
            connection.send(request("POST", PATH, {"X-DotAgents-On-Disconnect": "detach"},
                                    chat_body(f"{number}", stream=True), host="localhost"))
            held.append(connection)

        def is_idle():
            counts = server.ask(path="/v1/operator/status").json()["sessions"]
            return counts["activeSessions"] == 0

        until(is_idle, "all runs to end", 60)
        # The answers themselves are kept for a while, in case somebody asks again.
        server.assert_grown_less(before, 24 * 1024 * 1024)
        ended = []

        def read(connection):
            assert connection.read_head()[0] == 200
            frames = Frames(connection).read_all()
            ended.append(text_of(frames) == parse(frames)[-1]["data"]["content"])
            connection.sock.close()

        threads = [threading.Thread(target=read, args=(connection,)) for connection in held]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ended == [True] * 8, ended


def every_script():
    """characters of every script come whole, however the provider cut them"""
    for script in ("every-script", "split-packets", "split-events", "split-surrogates"):
        with Server(model=f"script:{script}") as server:
            connection, frames, _ = ask_stream(server, chat_body("hello", stream=True))
            frames = frames.read_all()
            assert text_of(frames) == parse(frames)[-1]["data"]["content"]
            # The sample has one replacement character of its own.
            assert text_of(frames).count("\ufffd") == 1
            connection.sock.close()


def large_history():
    """a history of megabytes ends a stream well, also for one who reads slowly"""
    with Server(model="script:normal") as server:
        messages = [{"role": "user" if i % 2 == 0 else "assistant", "content": "x" * 10000}
                    for i in range(300)]
        answer = server.ask("POST", "/v1/conversations", body={"messages": messages})
        assert answer.status == 201, answer.status
        body = chat_body("more", stream=True, conversation_id=answer.json()["id"])
        connection = server.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        connection.send(request("POST", PATH, APP, body, host="localhost"))
        assert connection.read_head()[0] == 200
        done = parse(Frames(connection).read_all())[-1]
        assert len(done["data"]["conversation_history"]) == 302
        connection.send(request())
        assert connection.read_answer().status == 200
        connection.sock.close()


def tool_calls():
    """the tool calls of a client's own tools come back in OpenAI's form"""
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": {}}}]
    with Server(model="script:tool-call") as server:
        connection, frames, _ = ask_stream(server, chat_body("hello", stream=True, tools=tools))
        frames = frames.read_all()
        check_chunks(frames)
        calls = [call for chunk in parse(frames) for choice in chunk["choices"]
                 for call in choice["delta"].get("tool_calls", [])]
        assert calls and calls[0]["index"] == 0, calls
        assert calls[0]["type"] == "function" and calls[0]["function"]["name"], calls
        assert parse(frames)[-1]["choices"][0]["finish_reason"] == "tool_calls"
        connection.sock.close()
        reply = server.ask("POST", PATH, body=chat_body("hello", tools=tools)).json()
        assert reply["choices"][0]["finish_reason"] == "tool_calls"
        assert reply["choices"][0]["message"]["tool_calls"][0]["function"]["name"]


def old_http():
    """HTTP/1.0 gets its stream without chunks, ended by the end of the connection"""
    with Server(model="script:normal") as server:
        with server.connect() as connection:
            data = request("POST", PATH, {}, chat_body("hello", stream=True), host="localhost")
            connection.send(data.replace(b"HTTP/1.1", b"HTTP/1.0", 1))
            status, headers = connection.read_head()
            assert status == 200 and "transfer-encoding" not in headers, headers
            while connection.fill():
                pass
            assert connection.buffer.endswith(b"event: done\ndata: [DONE]\n\n")


def many_streams():
    """five hundred streams at once all come to their end, and leave nothing behind"""
    with Server(model="script:tokens-100") as server:
        opened, failed = [], []

        def one(number):
            try:
                connection, frames, _ = ask_stream(server, chat_body(f"{number}", stream=True))
                frames = frames.read_all()
                assert frames[-1][1] == "[DONE]"
                opened.append(text_of(frames))
                connection.sock.close()
            except Exception as error:  # noqa: BLE001
                failed.append(repr(error))

        threads = [threading.Thread(target=one, args=(number,)) for number in range(500)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed, failed[:3]
        assert len(opened) == 500 and len(set(opened)) == 1
        server.still_answers()


def stop_ends_streams():
    """when the program is asked to stop, open streams end and it is gone within five seconds"""
    with Server(model="script:never-ending") as server:
        connection, frames, _ = ask_stream(server, chat_body("hello", stream=True), APP)
        frames.read()
        began = time.monotonic()
        assert server.program.stop() == 0
        assert time.monotonic() - began < 5, time.monotonic() - began
        connection.sock.close()


if __name__ == "__main__":
    main(order, pause, unstreamed, failures, heartbeats, hang_up, hang_up_unstreamed,
         half_closed_reader, attach, queue, slow_reader, every_script, large_history, tool_calls,
         old_http, many_streams, stop_ends_streams)

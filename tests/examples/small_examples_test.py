#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Talks to the small examples as their first lines say: small_examples_test.py ECHO LINES
WHERE_FROM. Each has to end by itself, with status 0, when it is asked to."""
import contextlib
import pathlib
import socket
import subprocess
import sys
import time

LIMIT_S = 20


def until(attempt):
    """Its first answer; of OSError it is tried again, for the program may not be there yet."""
    end = time.monotonic() + LIMIT_S
    while True:
        try:
            return attempt()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def ask_stream(port, question):
    peer = until(lambda: socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S))
    with peer, peer.makefile("rb") as answers:
        peer.sendall(question)
        peer.shutdown(socket.SHUT_WR)
        return answers.read()


def asked_whence(port):
    """Whether it says our own address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.settimeout(0.5)
        mine.connect(("127.0.0.1", port))

        def ask():
            mine.send(b"?")
            return mine.recv(100)

        return until(ask) == "{}:{}".format(*mine.getsockname()).encode()


CASES = (
    (7007, "echo", lambda port: ask_stream(port, b"as it is") == b"as it is"),
    (7008, "lines", lambda port: ask_stream(port, b"one\ntwo\n") == b"eno\nowt\n"),
    (7009, "where_from", asked_whence),
)


def taken(port):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return True
    return False


def works(program, port, asks):
    with subprocess.Popen([program]) as running:
        try:
            answered = asks(port)
            running.terminate()
            return answered and running.wait(LIMIT_S) == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                running.kill()


def main():
    programs = {pathlib.Path(path).name: path for path in sys.argv[1:]}
    if len(programs) != len(CASES):
        sys.exit(__doc__)
    passed = failed = 0
    for port, name, asks in CASES:
        if taken(port):
            print(f"{name} is left out: somebody else has port {port}")
            continue
        good = works(programs[name], port, asks)
        print(f"{name}: {'answers and ends' if good else 'WRONG'}")
        passed, failed = passed + good, failed + (not good)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

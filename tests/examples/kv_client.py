# SPDX-License-Identifier: MIT
"""What the tests of the key-value server need: servers to start and end, and a raw RESP client."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TIMEOUT = 20.0
REDIS = shutil.which("redis-server")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process on a loopback port; ended by its process id when the block ends."""

    def __init__(self, command, port=None, environment=None):
        self.folder = tempfile.TemporaryDirectory()
        self.log = pathlib.Path(self.folder.name) / "log"
        self.port = port
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder.name,
                                            env={**os.environ, **(environment or {})})

    def __enter__(self):
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end and self.process.poll() is None:
            if self.port is None:
                text = self.output()
                if "listens on" in text and text.endswith("\n"):
                    self.port = int(text.split("listens on ")[1].split()[0].rsplit(":", 1)[1])
                    return self
            else:
                try:
                    socket.create_connection(("127.0.0.1", self.port)).close()
                    return self
                except OSError:
                    pass
            time.sleep(0.02)
        self.__exit__()
        raise RuntimeError("the server did not start: " + self.output())

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        output = self.output()
        self.folder.cleanup()
        if "Sanitizer" in output or "runtime error" in output or self.process.returncode < 0:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{output}")

    def output(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def client(self):
        return Client(self.port)

    def end(self):
        """Asks it to end and gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=TIMEOUT)


def lull(program, *options, environment=None):
    return Server([program, "--port", "0", *map(str, options)], environment=environment)


def redis(*options):
    port = free_port()
    return Server([REDIS, "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                   "--appendonly", "no", *options], port)


def request(*words):
    parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """More bytes into `unread`; False at the end of the stream."""
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        self.unread += data
        return bool(data)

    def line(self):
        while b"\r\n" not in self.unread:
            if not self.receive():
                raise EOFError
        line, self.unread = self.unread.split(b"\r\n", 1)
        return line

    def exactly(self, count):
        if len(self.unread) < count:
            parts, have = [self.unread], len(self.unread)
            while have < count:
                data = self.socket.recv(1 << 20)
                if not data:
                    raise EOFError
                parts.append(data)
                have += len(data)
            self.unread = b"".join(parts)
        data, self.unread = self.unread[:count], self.unread[count:]
        return data

    def reply(self):
        """One reply: lists for arrays, None for null, the line itself for the simple ones."""
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind in b"+-:":
            return line
        if kind == b"$":
            return None if rest == b"-1" else self.exactly(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.reply() for _ in range(int(rest))]
        raise ValueError(f"no reply begins like this: {line!r}")

    def call(self, *words):
        self.send(request(*words))
        return self.reply()

    def is_closed(self):
        """Whether the server ends the stream, without another byte."""
        try:
            return not self.receive()
        except socket.timeout:
            return False


END = b"the-end-of-it"


def conversation(port, data):
    """All bytes that come back for `data`, and whether the server then closed.

    Data that ends with a line is followed by an ECHO, which tells that all has been answered; other
    data has to make the server close."""
    finish = request("ECHO", END) if data.endswith(b"\n") else b""
    with Client(port) as client:
        try:
            client.send(data)
            client.send(finish)
        except (BrokenPipeError, ConnectionResetError):
            pass
        while not client.unread.endswith(END + b"\r\n"):
            if not client.receive():
                return client.unread, True
        return client.unread, False

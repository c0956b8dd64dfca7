# SPDX-License-Identifier: MIT
"""Two network namespaces without names, joined by a pair of virtual network cards.

Each is held by a process that ends when its standard input does. So the kernel takes both away
however this program ends, and what runs in them is killed with it.
"""
import contextlib
import os
import queue
import re
import shutil
import subprocess
import threading

TOOLS = ("ip", "nft", "nsenter", "setpriv", "unshare")
NETWORK, SERVICE, CLIENTS = "10.77.0.0/24", "10.77.0.1", "10.77.0.2"
CARD = "card"


class Failed(Exception):
    """What was not as it should be."""


class Program:
    """A program in a namespace, which says lines of a word and a number."""

    def __init__(self, command):
        self.said, self._lines = {}, queue.Queue()
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._errors = []
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for each in self._readers:
            each.start()

    def _read(self):
        for line in self.process.stdout:
            if match := re.match(r"(\w+) (\d+)$", line):
                self.said[match[1]] = int(match[2])
                self._lines.put(match[1])
        self._lines.put(None)

    def _read_errors(self):
        self._errors.extend(self.process.stderr)

    def wait_until_it_says(self, word, limit_s=10):
        with contextlib.suppress(queue.Empty):
            while said := self._lines.get(timeout=limit_s):
                if said == word:
                    return
        raise Failed(f"it has not said {word} within {limit_s} s: {self.errors()}")

    def errors(self):
        return "".join(self._errors).strip()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def kill(self):
        self.process.kill()
        self.process.wait()
        for each in self._readers:
            each.join()
        self.process.stdout.close()
        self.process.stderr.close()

    def end(self, limit_s=20):
        """Waits for its end; what it has said, if it has found nothing wrong."""
        try:
            status = self.process.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            raise Failed(f"it still ran after {limit_s} s") from None
        for each in self._readers:
            each.join(limit_s)
        if status != 0:
            raise Failed(f"it ended with status {status}: {self.errors()}")
        return self.said


class Namespace:
    """One of the two, with one card of the pair."""

    def __init__(self):
        self.programs = []
        self.holder = subprocess.Popen(  # pylint: disable=consider-using-with
            ["unshare", "--net", "sh", "-c", "echo here; exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self.holder.stdout.readline() != b"here\n":
            self.remove()
            raise Failed("a network namespace cannot be made here")

    def _inside(self, *command):
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", *command]

    def run(self, *command, text=None):
        done = subprocess.run(
            self._inside(*command), input=text, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, *command):
        self.programs.append(Program(self._inside("setpriv", "--pdeathsig", "KILL", *command)))
        return self.programs[-1]

    def join(self, other):
        """Makes the pair, of which the other one is the other's."""
        self.run("ip", "link", "add", CARD, "type", "veth", "peer", "name", CARD, "netns",
                 str(other.holder.pid))  # fmt: skip

    def come_up(self, address):
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "address", "add", f"{address}/24", "dev", CARD)
        self.set_card("up")

    def set_card(self, state):
        self.run("ip", "link", "set", CARD, state)

    def small_buffers(self):
        """So that the kernel keeps far less of a connection than is sent."""
        self.run("sh", "-c", "cd /proc/sys/net/ipv4 && echo 4096 32768 65536 >tcp_rmem && "
                 "echo 4096 16384 65536 >tcp_wmem")  # fmt: skip

    def short_pauses(self):
        """Before something is sent again; the longest, where the kernel lets it be set."""
        self.run("ip", "route", "change", NETWORK, "dev", CARD, "rto_min", "20ms")
        self.run("sh", "-c", "cd /proc/sys/net/ipv4 && if [ -e tcp_rto_max_ms ]; then "
                 "echo 1000 >tcp_rto_max_ms; fi")  # fmt: skip

    def filter(self, *rules):
        """For what comes in, counted each; none: everything may pass."""
        table = "table ip lull { }; delete table ip lull\n"
        if rules:
            table += "table ip lull { chain come { type filter hook input priority 0\n"
            table += "\n".join(rules) + "\n}\n}"
        self.run("nft", "-f", "-", text=table + "\n")

    def filtered(self):
        """How many packets met a rule that counts."""
        return sum(map(int, re.findall(r"packets (\d+)", self.run("nft", "list", "ruleset"))))

    def counted(self, name):
        """A counter of the kernel's TCP, by its name."""
        lines = self.run("cat", "/proc/net/netstat").splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            if name in names.split():
                return int(values.split()[names.split().index(name)])
        raise Failed(f"this kernel does not count {name}")

    def remove(self):
        for program in self.programs:
            program.kill()
        self.holder.stdin.close()
        self.holder.wait()
        self.holder.stdout.close()


@contextlib.contextmanager
def two_namespaces():
    """The service's and the clients'."""
    made = []
    try:
        for _ in range(2):
            made.append(Namespace())
        made[0].join(made[1])
        made[0].come_up(SERVICE)
        made[1].come_up(CLIENTS)
        yield made
    finally:
        for each in made:
            each.remove()


def why_not():
    """Why there can be no such namespaces here, as a sentence; None if there can."""
    if os.geteuid() != 0:
        return "network namespaces are for root"
    for tool in TOOLS:
        if shutil.which(tool) is None:
            return f"{tool} is not here; ./dev setup installs it"
    try:
        with two_namespaces() as (service, _):
            service.filter(
                "numgen random mod 100 < 5 counter drop",
                "tcp dport 1 counter reject with tcp reset",
            )
    except Failed as reason:
        return f"this machine has no such network: {reason}"
    return None

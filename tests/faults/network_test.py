#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""network_test.py SERVICE CLIENTS: a service and its clients on a network that fails.

Each case has a network of its own, two namespaces and the link between them, so all run at once.
"""
import concurrent.futures
import signal
import sys
import time

from two_namespaces import SERVICE, Failed, two_namespaces, why_not

FROM_SERVICE = "tcp sport 7000"
TO_SERVICE = "tcp dport 7000"
# What is itself a reset arrives.
RESET = "tcp flags & rst == 0 counter reject with tcp reset"
LONG_MS = 30_000
LIMIT_S = 10
# Of what is sent in the case that looks at it, 80 MiB would have to be kept at a time.
MEMORY_KIB = 32 * 1024


def check(good, what, *seen):
    if not good:
        raise Failed(what + "".join(f"; {one}" for one in seen))


class Network:
    """The service in its namespace, and clients in theirs."""

    def __init__(self, programs, spaces):
        self.service_program, self.clients_program = programs
        self.at_service, self.at_clients = spaces
        self.service, self.idle_descriptors = None, 0

    def serve(self, limit_ms=LONG_MS):
        self.service = self.at_service.start(self.service_program, str(limit_ms))
        self.service.wait_until_it_says("ready")
        self.ask(1)  # what the first connection opens for all stays
        self.wait_for_idle_service(first=True)

    def clients(self, manner, count):
        return self.at_clients.start(self.clients_program, manner, SERVICE, str(count))

    def ask(self, count):
        """All is answered."""
        said = self.clients("ask", count).end()
        check(said["right"] == 4 * count, "not all was answered", said)

    def wait_for_idle_service(self, first=False):
        """Until it has as many descriptors as before its clients came."""
        end = time.monotonic() + LIMIT_S
        quiet = 0
        while time.monotonic() < end:
            now = self.service.descriptors()
            if first:
                quiet = quiet + 1 if now == self.idle_descriptors else 0
                self.idle_descriptors = now
                if quiet == 10:
                    return
            elif now == self.idle_descriptors:
                return
            time.sleep(0.02)
        raise Failed(f"the service has {now} descriptors, and {self.idle_descriptors} when idle")

    def stop(self):
        self.service.process.send_signal(signal.SIGTERM)
        said = self.service.end()
        check(said["exceptions"] == 0, "handlers ended by an exception", said)
        return said


def packets_are_lost(network):
    """One of twenty, in both directions: nothing is missing, nothing comes twice."""
    network.serve()
    for space in (network.at_service, network.at_clients):
        space.short_pauses()
        space.filter("numgen random mod 100 < 5 counter drop")
    network.ask(200)
    for space in (network.at_service, network.at_clients):
        check(space.filtered() > 20, "the network has lost hardly anything")
    network.wait_for_idle_service()
    network.stop()


def connections_are_reset(network):
    """By a filter between the two that is switched on in the middle, and off again.

    It answers for the service. So all clients are reset; to what the service still sends, or sends
    again, they answer with a reset of their own, and else it is left with half a connection.
    """
    network.serve(limit_ms=2000)
    held = network.clients("hold", 40)
    held.wait_until_it_says("going")
    network.at_service.filter(f"{TO_SERVICE} {RESET}")
    said = held.end()
    check(said["reset"] == 40, "not all clients were reset", said)
    refused = network.clients("refused", 5).end()
    check(refused["right"] == 5, "connections were not refused", refused)
    network.wait_for_idle_service()
    network.at_service.filter()
    network.ask(40)
    network.wait_for_idle_service()
    counts = network.stop()
    check(counts["reset"] >= 20, "the service has seen few resets", counts)
    check(counts["reset"] + counts["idle"] == 40, "connections ended otherwise", counts)
    check(counts["accepted"] == 81, "connections were accepted that cannot have been", counts)


def the_link_goes_down(network):
    """Until the service has given up what waits for the other side; then it comes back."""
    network.at_service.small_buffers()
    network.serve(limit_ms=2000)
    held = network.clients("hold", 40)
    held.wait_until_it_says("going")
    network.at_clients.set_card("down")
    network.wait_for_idle_service()
    network.at_clients.set_card("up")
    network.ask(40)
    said = held.end()
    check(said["silent"] + said["ended"] + said["reset"] == 40, "clients ended otherwise", said)
    network.wait_for_idle_service()
    counts = network.stop()
    check(counts["idle"] >= 20, "few connections were idle for too long", counts)
    check(counts["overdue"] >= 20, "few sends took too long", counts)


def nothing_is_acknowledged(network):
    """What is long does not arrive: bytes are kept until the close has reset the connection."""
    network.serve()
    network.at_clients.filter(f"{FROM_SERVICE} meta length > 400 counter drop")
    said = network.clients("keep", 8).end()
    check(said["reset"] == 8, "clients were not reset by the close", said)
    check(network.at_clients.filtered() >= 8, "the network has lost hardly anything")
    network.at_clients.filter()
    network.wait_for_idle_service()
    network.ask(40)
    counts = network.stop()
    check(counts["taken"] >= 1 and counts["cut_off"] >= 1, "only one kind of send", counts)


def windows_are_shut(network):
    """A receiver that reads nothing for a while, then all: it waits where it was made."""
    for space in (network.at_service, network.at_clients):
        space.small_buffers()
    network.serve()
    said = network.clients("slow", 40).end()
    check(said["right"] == 40, "not all came through", said)
    for space in (network.at_service, network.at_clients):
        # A sender asks for a window that has been shut for a while.
        asked = space.counted("TCPWinProbe")
        check(asked >= 10, f"only {asked} questions whether a window is still shut")
    network.wait_for_idle_service()
    counts = network.stop()
    for one in (said, counts):
        check(one["paused"] >= 5, "few receives were paused", one)
        check(one["memory_kib"] < MEMORY_KIB, "it has kept far more than its bounds", one)


CASES = (
    packets_are_lost,
    connections_are_reset,
    the_link_goes_down,
    nothing_is_acknowledged,
    windows_are_shut,
)


def run_case(case, programs):
    """Returns what was wrong, or None, and how long it took."""
    begin = time.monotonic()
    wrong = None
    try:
        with two_namespaces() as spaces:
            network = Network(programs, spaces)
            try:
                case(network)
            except Failed as reason:
                wrong = str(reason)
                if network.service and network.service.errors() not in wrong:
                    wrong += f"\n{network.service.errors()}"
    except Failed as reason:
        wrong = str(reason)
    return wrong, time.monotonic() - begin


def main():
    programs, chosen = sys.argv[1:3], sys.argv[3:]
    reason = why_not()
    if reason:
        print(f"left out: {reason}")
        return
    cases = [case for case in CASES if not chosen or case.__name__ in chosen]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
        for case, done in [(case, pool.submit(run_case, case, programs)) for case in cases]:
            wrong, took = done.result()
            failed += 1 if wrong else 0
            print(f"{case.__name__}: {wrong or 'passed'} ({took:.1f} s)", flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

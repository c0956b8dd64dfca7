# SPDX-License-Identifier: MIT
"""Echo rows: CPU time per request on one core, of lull and of servers on epoll, asio and libuv,
beside a server written by hand on liburing; of lull without what came after Linux 6.1; and of a
second copy of the reference, which shows what this machine's noise does to each. The rows of files
and of many connections are in bench_files and bench_connections. Run by bench.py."""
import contextlib

import bench_connections
import bench_files
from bench_common import (
    Server,
    Skipped,
    draw_with,
    program,
    row,
    run_load,
    run_pinned,
    spread,
)

SECONDS = 88
ECHO_SHARE = 0.7
SLOT_MS = 40
USER_WORK_MESSAGES, USER_WORK_ROUNDS = 4000, 9
REFERENCE = "hand-written liburing server"
POLL_US = 100
POLLING = "the same, polling"
CPU, ROUND_TRIP = ("cpu_ns", "ratio"), ("round_trip_us", "round_trip_ratio")
GOALS = {"goal": 1.03, "goal_high": 1.06}
# name, share of the time, options of the load client, what is read from it, goals for the ratio.
# For the round trip the hand-written server polls before it sleeps, as lull does when that pays.
SHAPES = (
    ("echo_c64", 0.2, {"connections": 64}, CPU, GOALS),
    ("echo_c512", 0.135, {"connections": 512}, CPU, GOALS),
    ("echo_batch16", 0.135, {"connections": 64, "batch": 16}, CPU, GOALS),
    ("echo_16k", 0.135, {"connections": 64, "bytes": 16384}, CPU, GOALS),
    ("echo_by_chance", 0.115, {"connections": 32, "gap_us": 20}, CPU, {}),
    ("echo_short", 0.115, {"connections": 16, "reconnects": 1}, CPU, {}),
    ("echo_c1_round_trip", 0.065, {"connections": 1}, ROUND_TRIP, {"goal": 1.1}),
)
DATAGRAMS = ("echo_datagrams", 0.1, {"connections": 64, "datagrams": 1})
DATAGRAMS_REFERENCE = "recvmmsg and sendmmsg by hand"
IN_TURN, IN_TURN_BY_HAND = "lull, one after the other", "recvfrom and sendto"
UNITS = {CPU: "ns of server CPU a message", ROUND_TRIP: "us"}
OLDER = "lull as on Linux 6.1"
AGAIN = "the reference again"
# The package that one of them needs to be built.
PEERS = {"epoll": None, "asio": "libasio-dev", "libuv": "libuv1-dev"}


def echo(kind, name=None, *more):
    return Server(name or kind, [program(f"echo_{kind}"), "{port}", *more])


def ceiling(value, name=None):
    return echo("ceiling", name, *((POLL_US,) if value == "round_trip_us" else ()))


def peers_here(say):
    """Those that were built; a word about the others."""
    here = []
    for kind, package in PEERS.items():
        try:
            program(f"echo_{kind}")
            here.append(kind)
        except Skipped:
            say(f"{kind} is left out: it was not built (package {package})")
    return here


def compare(servers, seconds, options):
    """Fresh servers, one load; servers of one shape do not inherit the state of another. All are
    divided by the first."""
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.enter_context(server)
        return run_load(servers, seconds, protocol="echo", slot_ms=SLOT_MS, **options)


def rows(seconds, say):
    return [
        *echo_rows(seconds * ECHO_SHARE, say),
        datagrams_row(seconds * ECHO_SHARE),
        user_work_row(),
        *bench_files.rows(seconds * (1 - ECHO_SHARE), say),
        *bench_connections.rows(say),
    ]


def echo_rows(seconds, say):
    peers, result = peers_here(say), []
    for name, share, options, (value, ratio), goals in SHAPES:
        servers = [
            ceiling(value),
            echo("lull"),
            ceiling(value, AGAIN),
            Server(OLDER, ["env", "LULL_AS_LINUX=6.1", program("echo_lull"), "{port}"]),
            *(echo(kind) for kind in peers),
        ]
        found = compare(servers, seconds * share, options)
        reference = REFERENCE if value == "cpu_ns" else POLLING
        shown = (("lull", name), *((one, one) for one in (AGAIN, OLDER, *peers)))
        result.append(one_row(found, shown, value, ratio, UNITS[value, ratio], reference) | goals)
    return result


def one_row(found, shown, value, ratio, unit, reference):
    """Of servers that were compared: lull's, named as the row, with the others beside it."""
    first = next(iter(found.values()))
    said = [
        row(name, found[kind][value], unit, reference, found[kind][ratio],
            reference_value=first[value]["median"])
        for kind, name in shown
    ]
    beside = [one | {"copy": True} if one["name"] == AGAIN else one for one in said[1:]]
    return said[0] | {"beside": beside}


def datagrams_row(seconds):
    """Each datagram is sent back: by lull in tasks of their own, and one after the other."""
    def server(kind, name=None, *more):
        command = [program(f"datagrams_{kind}"), "{port}", *more]
        return Server(name or kind, command, datagrams=True)

    name, share, options = DATAGRAMS
    others = (AGAIN, IN_TURN, IN_TURN_BY_HAND)
    servers = [
        server("by_hand"),
        server("lull"),
        server("by_hand", AGAIN),
        server("lull", IN_TURN, "in_turn"),
        server("by_hand", IN_TURN_BY_HAND, "in_turn"),
    ]
    found = compare(servers, seconds * share, options)
    shown = (("lull", name), *((one, one) for one in others))
    return one_row(found, shown, *CPU, "ns of server CPU a datagram", DATAGRAMS_REFERENCE)


def user_work_row():
    """What the service does outside the kernel, in the shape whose instructions are counted by
    tests/io/echo_instructions_test.py."""
    command = [program("echo_user_work"), USER_WORK_MESSAGES, "--time"]
    taken = [float(run_pinned(command, 60).stdout) for _ in range(USER_WORK_ROUNDS)]
    return row("echo_user_work", spread(taken), "ns outside the kernel a message", goal_value=60)


def draw(report, say):
    draw_with("plot_io.py", report, say)

# SPDX-License-Identifier: MIT
"""Tests of what measures servers."""
import os
import pathlib
import socket
from unittest import mock

import bench_common
import suites


def one_cpu_is_too_few_for_servers():
    with mock.patch("os.sched_getaffinity", return_value={0}):
        try:
            bench_common.run_load([], 1)
        except (bench_common.Skipped, bench_common.Failed) as reason:
            return "one is allowed" in str(reason)
    return False


def a_server_that_was_not_there_is_noticed():
    """Its load went to another on its port, and it was found to take no CPU at all."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        late = ["sh", "-c", "sleep 0.2; echo the port is in use; exit 1"]
        try:
            with bench_common.Server("late", late, min(os.sched_getaffinity(0)), port) as server:
                server.process.wait(10)
        except bench_common.Failed as reason:
            return "the port is in use" in str(reason)
    return False


def servers_get_ports_of_their_own():
    """Of those that clients get next to none is free for a minute after 10,000 connections."""
    clients = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
    given = [bench_common.free_port() for _ in range(50)]
    first = int(clients.split()[0])
    return len(set(given)) == 50 and (first <= 1024 or max(given) < first)


def run():
    tally = suites.Tally()
    tally.check(
        one_cpu_is_too_few_for_servers(),
        "the benchmarks measure servers where one CPU has to do for the client as well",
    )
    tally.check(
        a_server_that_was_not_there_is_noticed(),
        "the benchmarks report a server that had ended before it was measured",
    )
    tally.check(
        servers_get_ports_of_their_own(),
        "a benchmark gives a server a port twice, or one that clients get",
    )
    return tally

# SPDX-License-Identifier: MIT
"""What a request costs, in counts: allocations, and entries into the kernel."""

import unittest

import kv_allocations
from kv_client import lull, request

PROGRAM = None


class Costs(unittest.TestCase):
    def figures(self, client, core=0):
        text = client.call("INFO", "lull").decode()
        line = next(l for l in text.splitlines() if l.startswith(f"core{core}:"))
        return {k: int(v) for k, v in (p.split("=") for p in line.split(":")[1].split(","))}

    def get(self, client, rounds, batch):
        data = request("GET", "key:000000000000") * batch
        for _ in range(rounds):
            client.send(data)
            for _ in range(batch):
                self.assertEqual(client.reply(), b"x" * 64)

    def test_a_steady_get_allocates_nothing(self):
        if kv_allocations.COUNTER is None:
            self.skipTest("no counter of allocations in this configuration")
        with kv_allocations.Allocations() as figures:
            with lull(PROGRAM, "--cores", 1, environment=figures.environment) as server:
                with server.client() as client:
                    client.call("SET", "key:000000000000", "x" * 64)
                    for batch in (1, 16):
                        # Long enough for a request to be cut by the end of a receive buffer.
                        self.get(client, 2000, batch)
                        before = figures.made()
                        self.assertGreater(before, 0)
                        self.get(client, 1500, batch)
                        self.assertEqual(figures.made() - before, 0)
                    client.call("SET", "other", "y" * 64)
                    self.assertGreater(figures.made(), before, "the counter does not count")

    def test_no_iteration_enters_the_kernel_twice(self):
        with lull(PROGRAM, "--cores", 1) as server, server.client() as client:
            client.call("SET", "key:000000000000", "x" * 64)
            self.get(client, 200, 16)
            before = self.figures(client)
            self.get(client, 500, 16)
            after = self.figures(client)
            grown = {name: after[name] - before[name] for name in after}
            # These figures are taken in the middle of an iteration.
            self.assertLessEqual(grown["enters"], grown["iterations"] + 1)
            # A batch is one chunk, one send: a handful of iterations, not one a request.
            self.assertLess(grown["iterations"], 500 * 8)

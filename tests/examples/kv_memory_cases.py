# SPDX-License-Identifier: MIT
"""A server that gets no more memory for coroutines: clients are closed, and it goes on."""

import unittest

import kv_allocations
from kv_client import lull, request

PROGRAM = None
FRAMES = 32 << 10  # bytes that the coroutines of a core grow by


class ShortOfMemory(unittest.TestCase):
    WRITES = b"".join(request("SET", f"k{i}", "x") for i in range(100))

    def answered(self, client):
        """Whether the client gets the replies to its writes, and is not closed."""
        try:
            while len(client.unread) < 500:
                if not client.receive():
                    return False
        except OSError:
            return False
        return client.unread == b"+OK\r\n" * 100

    def connect(self, server, clients, most):
        """Connects further clients until 60 found no memory, but so many at most."""
        refused = 0
        while refused < 60 and len(clients) < most:
            client = server.client()
            client.send(b"PING\r\n")
            if client.receive():
                client.unread = b""
                clients.append(client)
            else:
                refused += 1
                client.close()
        return refused

    def drive(self, server, refuse):
        clients = []
        self.connect(server, clients, 400)
        clients[0].send(self.WRITES)
        self.assertTrue(self.answered(clients[0]))
        refuse(FRAMES)
        self.assertEqual(self.connect(server, clients, 3000), 60)
        for client in clients:
            client.unread = b""
            client.send(self.WRITES)
        answers = [self.answered(client) for client in clients]
        refuse(0)
        self.assertIn(False, answers)
        for client in clients:
            client.close()
        with server.client() as client:
            client.send(self.WRITES)
            self.assertTrue(self.answered(client))

    def test_it_aborted_when_some_owners_of_keys_could_be_asked_and_others_not(self):
        if kv_allocations.COUNTER is None:
            self.skipTest("nothing that refuses memory in this configuration")
        with kv_allocations.Allocations() as figures:
            with lull(PROGRAM, "--cores", 8, environment=figures.environment) as server:
                try:
                    self.drive(server, figures.refuse)
                finally:
                    figures.refuse(0)
                self.assertEqual(server.end(), 0)
                self.assertIn("ended in order", server.output())

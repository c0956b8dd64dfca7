# SPDX-License-Identifier: MIT
"""Limits and broken input: what is refused, how, and that others do not notice."""

import unittest

from kv_client import conversation, lull, request

PROGRAM = None
FULL = b"-OOM command not allowed when used memory > 'maxmemory'."


class Limits(unittest.TestCase):
    def test_one_connection_too_many_is_refused_and_room_is_found_again(self):
        with lull(PROGRAM, "--max-connections", 3, "--cores", 2) as server:
            clients = [server.client() for _ in range(3)]
            for client in clients:
                self.assertEqual(client.call("PING"), b"+PONG")
            with server.client() as refused:
                self.assertEqual(refused.reply(), b"-ERR max number of clients reached")
                self.assertTrue(refused.is_closed())
            clients.pop().close()
            for _ in range(500):
                with server.client() as client:
                    client.send(b"PING\r\n")
                    if client.reply() == b"+PONG":
                        break
            else:
                self.fail("there was no room for a client after one had left")
            self.assertEqual(clients[0].call("PING"), b"+PONG")
            for client in clients:
                client.close()

    def test_writes_are_refused_at_the_memory_limit_until_keys_are_removed(self):
        with lull(PROGRAM, "--max-memory", 100_000, "--cores", 2) as server:
            with server.client() as client:
                replies = [client.call("SET", f"k{i}", b"x" * 1000) for i in range(200)]
                self.assertEqual(replies[0], b"+OK")
                self.assertEqual(replies[-1], FULL)
                self.assertEqual(client.call("GET", "k0"), b"x" * 1000)
                self.assertEqual(client.call("FLUSHALL"), b"+OK")
                self.assertEqual(client.call("SET", "a", "b"), b"+OK")

    def test_the_size_of_an_argument_is_an_option(self):
        with lull(PROGRAM, "--max-frame", 1024) as server:
            with server.client() as client:
                self.assertEqual(client.call("SET", "a", b"x" * 1024), b"+OK")
                client.send(b"*2\r\n$3\r\nGET\r\n$1025\r\n")
                self.assertEqual(client.reply(), b"-ERR Protocol error: invalid bulk length")
                self.assertTrue(client.is_closed())


class BrokenInput(unittest.TestCase):
    BROKEN = {
        b"*2\r\n$3\r\nGET\r\n$-1\r\n": b"invalid bulk length",
        b"*2\r\n$3\r\nGET\r\n$536870913\r\n": b"invalid bulk length",
        b"*2\r\n$3\r\nGET\r\n$99999999999999999999\r\n": b"invalid bulk length",
        b"*2\r\n$3\r\nGET\r\n$abc\r\n": b"invalid bulk length",
        b"*2\r\n$3\r\nGET\r\n:3\r\n": b"expected '$', got ':'",
        b"*abc\r\n": b"invalid multibulk length",
        b"*1048577\r\n": b"invalid multibulk length",
        b"SET \"a b\r\n": b"unbalanced quotes in request",
        b"A" * 70_000: b"too big inline request",
        b"*" + b"1" * 70_000: b"too big mbulk count string",
        b"*1\r\n$" + b"1" * 70_000: b"too big bulk count string",
    }

    def test_each_kind_is_refused_in_its_words_and_closes_that_connection_alone(self):
        with lull(PROGRAM, "--cores", 2) as server, server.client() as other:
            for data, words in self.BROKEN.items():
                with self.subTest(data[:40]):
                    self.assertEqual(other.call("SET", "a", data[:20]), b"+OK")
                    answer, closed = conversation(server.port, request("GET", "a") + data)
                    self.assertTrue(closed)
                    self.assertTrue(answer.endswith(b"-ERR Protocol error: " + words + b"\r\n"),
                                    answer)
                    self.assertEqual(other.call("GET", "a"), data[:20])

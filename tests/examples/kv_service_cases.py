# SPDX-License-Identifier: MIT
"""What clients may rely on: order, nothing lost, and an end in order."""

import signal
import subprocess
import threading
import time
import unittest

from kv_client import TIMEOUT, lull, request

PROGRAM = None


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = lull(PROGRAM, "--cores", 3).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def setUp(self):
        with self.server.client() as client:
            self.assertEqual(client.call("FLUSHALL"), b"+OK")

    def test_a_pipeline_of_ten_thousand_commands_is_answered_in_order(self):
        with self.server.client() as client:
            count = 10_000
            client.send(b"".join(request("SET", f"k{i % 100}", i) + request("GET", f"k{i % 100}")
                                 for i in range(count)))
            for i in range(count):
                self.assertEqual(client.reply(), b"+OK")
                self.assertEqual(client.reply(), b"%d" % i)

    def test_requests_in_segments_of_one_byte_are_understood(self):
        with self.server.client() as client:
            data = request("SET", "a", "b\r\nc") + b"GET a\r\n" + request("MGET", "a", "x")
            for at in range(len(data)):
                client.send(data[at:at + 1])
                time.sleep(0.0005)
            self.assertEqual(client.reply(), b"+OK")
            self.assertEqual(client.reply(), b"b\r\nc")
            self.assertEqual(client.reply(), [b"b\r\nc", None])

    def test_large_values_come_back_whole(self):
        value = bytes(range(256)) * 80_000  # 20 MB
        with self.server.client() as client:
            for key in ("one", "two", "three"):
                self.assertEqual(client.call("SET", key, value), b"+OK")
            for key in ("one", "two", "three"):
                self.assertEqual(client.call("GET", key), value)
            self.assertEqual(client.call("APPEND", "one", "x"), b":%d" % (len(value) + 1))

    def test_a_request_that_is_cut_off_hurts_nobody_else(self):
        with self.server.client() as other:
            for cut in (b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000\r\nabc", b"*2\r\n$3\r\nGE", b"SET a"):
                client = self.server.client()
                client.send(request("SET", "kept", "v") + cut)
                self.assertEqual(client.reply(), b"+OK")
                client.close()
                self.assertEqual(other.call("GET", "kept"), b"v")
            self.assertIsNone(other.call("GET", "a"))

    def test_a_client_that_does_not_read_keeps_nobody_waiting(self):
        with self.server.client() as other, self.server.client() as lazy:
            self.assertEqual(other.call("SET", "big", b"x" * 1_000_000), b"+OK")
            lazy.send(request("GET", "big") * 200)
            for _ in range(200):
                self.assertEqual(other.call("PING"), b"+PONG")
            for _ in range(200):
                self.assertEqual(len(lazy.reply()), 1_000_000)

    def test_keys_expire_for_readers_at_once_and_leave_memory_by_themselves(self):
        with self.server.client() as client:
            for i in range(200):
                client.send(request("SET", f"short{i}", "v", "PX", 50))
            for i in range(200):
                self.assertEqual(client.reply(), b"+OK")
            self.assertEqual(client.call("SET", "long", "v"), b"+OK")
            time.sleep(0.1)
            self.assertEqual(client.call("EXISTS", *(f"short{i}" for i in range(200))), b":0")
            end = time.monotonic() + TIMEOUT
            while client.call("DBSIZE") != b":1" and time.monotonic() < end:
                time.sleep(0.05)
            self.assertEqual(client.call("DBSIZE"), b":1")

    def test_many_clients_count_together_without_losing_one(self):
        clients = [self.server.client() for _ in range(20)]
        for _ in range(50):
            for client in clients:
                client.send(request("INCR", "a") + request("INCR", "b") + request("INCR", "c"))
        for client in clients:
            for _ in range(150):
                self.assertTrue(client.reply().startswith(b":"))
        self.assertEqual(clients[0].call("MGET", "a", "b", "c"), [b"1000"] * 3)
        for client in clients:
            client.close()

    def test_values_are_whole_while_other_cores_replace_and_remove_them(self):
        keys = [f"key:{i}" for i in range(16)]
        failures = []

        def write(seed):
            with self.server.client() as client:
                for turn in range(100):
                    batch = [request("SET", key, f"{key}/" * (1 + (turn * seed + i) % 60))
                             for i, key in enumerate(keys)]
                    batch += [request("DEL", *keys[turn % 8:turn % 8 + 4])]
                    batch += [request("FLUSHALL")] if turn % 25 == seed else []
                    client.send(b"".join(batch))
                    for _ in batch:
                        if client.reply()[:1] == b"-":
                            failures.append("a write was refused")

        def read():
            with self.server.client() as client:
                for _ in range(300):
                    client.send(b"".join(request("GET", key) for key in keys) +
                                request("MGET", *keys))
                    replies = [client.reply() for _ in keys] + client.reply()
                    for key, value in zip(keys + keys, replies):
                        whole = f"{key}/".encode()
                        if value is not None and value != whole * (len(value) // len(whole)):
                            failures.append(f"{key} held {value!r}")

        threads = [threading.Thread(target=write, args=(seed,)) for seed in (1, 2, 3)]
        threads += [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_every_client_is_in_the_list(self):
        clients = [self.server.client() for _ in range(10)]
        for i, client in enumerate(clients):
            self.assertEqual(client.call("CLIENT", "SETNAME", f"name{i}"), b"+OK")
        listed = clients[0].call("CLIENT", "LIST")
        for i in range(10):
            self.assertIn(b"name=name%d " % i, listed)
        for client in clients:
            client.close()

    def test_info_tells_what_each_core_retired_and_released(self):
        with self.server.client() as client:
            for i in range(1000):
                client.send(request("SET", f"k{i % 50}", i))
            for i in range(1000):
                client.reply()
            text = client.call("INFO", "lull").decode()
            cores = [line for line in text.splitlines() if line.startswith("core")]
            self.assertEqual(len(cores), 3)
            figures = [dict(part.split("=") for part in line.split(":")[1].split(","))
                       for line in cores]
            self.assertGreaterEqual(sum(int(each["retired"]) for each in figures), 900)
            for each in figures:
                for name in ("iterations", "epochs", "released", "limbo_objects_high",
                             "limbo_bytes_high"):
                    self.assertIn(name, each)


class Ending(unittest.TestCase):
    def test_a_signal_ends_it_in_order_with_clients_connected(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with lull(PROGRAM, "--cores", 2) as server:
                clients = [server.client() for _ in range(20)]
                for client in clients:
                    self.assertEqual(client.call("SET", "a", "b"), b"+OK")
                server.process.send_signal(number)
                self.assertEqual(server.process.wait(timeout=TIMEOUT), 0)
                for client in clients:
                    self.assertTrue(client.is_closed())
                    client.close()
                self.assertIn("ended in order", server.output())

    def test_what_was_sent_before_the_signal_is_answered(self):
        with lull(PROGRAM, "--cores", 2) as server, server.client() as client:
            self.assertEqual(client.call("SET", "big", b"x" * 2_000_000), b"+OK")
            client.send(request("GET", "big") * 5)
            self.assertTrue(client.receive())
            server.process.send_signal(signal.SIGTERM)
            for _ in range(5):
                self.assertEqual(len(client.reply()), 2_000_000)
            self.assertEqual(server.process.wait(timeout=TIMEOUT), 0)

    def test_a_client_that_never_reads_is_cut_off_and_counted(self):
        with lull(PROGRAM, "--shutdown-ms", 200) as server, server.client() as client:
            self.assertEqual(client.call("SET", "big", b"x" * 20_000_000), b"+OK")
            client.send(request("GET", "big"))
            time.sleep(0.2)
            self.assertEqual(server.end(), 0)
            self.assertIn("1 connections had not finished after 200 ms", server.output())


class Starting(unittest.TestCase):
    def run_server(self, *options):
        done = subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=TIMEOUT,
                              check=False)
        return done.returncode, done.stdout + done.stderr

    def test_options_that_are_not_understood_are_refused_with_a_sentence(self):
        self.assertEqual(self.run_server("--prot", "1"),
                         (2, "lull-kv: '--prot' is no option of this server; see --help\n"))
        status, text = self.run_server("--help")
        self.assertEqual(status, 0)
        self.assertIn("--max-connections", text)

    def test_an_address_that_is_taken_or_is_none_is_said_so(self):
        with lull(PROGRAM, "--cores", 1) as server:
            status, text = self.run_server("--port", str(server.port))
            self.assertEqual(status, 1)
            self.assertIn(f"cannot listen on 127.0.0.1:{server.port}", text)
        status, text = self.run_server("--bind", "localhost")
        self.assertEqual(status, 1)
        self.assertIn("--bind takes an IPv4 or IPv6 address", text)

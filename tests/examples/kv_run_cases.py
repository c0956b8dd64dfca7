# SPDX-License-Identifier: MIT
"""tools/run_kv.py, by which ./dev starts the server: it asks where the server says it listens."""

import contextlib
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import run_kv  # pylint: disable=wrong-import-position

PROGRAM = None


def command_lines():
    """Of all processes that run, each argument ended by a zero byte."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield (process / "cmdline").read_bytes()


class Started(unittest.TestCase):
    def test_a_port_of_the_kernels_choice_and_another_address_are_found(self):
        for options, host in (([], "127.0.0.1"), (["--port", "0"], "127.0.0.1"),
                              (["--bind", "127.0.0.2"], "127.0.0.2")):
            with self.subTest(options):
                with run_kv.started(PROGRAM, ["--cores", "1", *options]) as (server, address, log):
                    self.assertEqual(address[0], host)
                    self.assertTrue(run_kv.answers(address))
                    run_kv.stop(server, log)

    def test_the_address_is_read_in_both_notations(self):
        said = "lull-kv listens on %s with 2 cores\n"
        self.assertEqual(run_kv.address_in(said % "127.0.0.1:6380"), ("127.0.0.1", 6380))
        self.assertEqual(run_kv.address_in(said % "[fe80::1%2]:7"), ("fe80::1%2", 7))
        self.assertIsNone(run_kv.address_in("lull-kv: only 20 open files are allowed"))

    def test_an_option_that_the_server_refuses_is_told_in_its_words(self):
        words = "takes a number from 0 to 65535, and got 'abc'"
        with self.assertRaisesRegex(run_kv.RunError, words):
            with run_kv.started(PROGRAM, ["--port", "abc"]):
                pass

    @unittest.skipUnless(shutil.which("redis-benchmark"), "redis-benchmark is not here")
    def test_neither_server_nor_load_stays_behind_when_the_run_is_told_to_end(self):
        command = [sys.executable, "-u", run_kv.__file__, PROGRAM, "--cores", "1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
            port = int(re.search(rb"port (\d+)", run.stdout.readline())[1])
            run.terminate()
            run.communicate()
        for _ in range(100):  # a signal is on its way to them
            left = [said for said in command_lines() if b"\0%d\0" % port in said]
            if not left:
                break
            time.sleep(0.05)
        self.assertEqual([], left)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()

# SPDX-License-Identifier: MIT
"""The same bytes to this server and to redis: the same bytes back."""

import random
import unittest

from kv_client import Client, conversation, lull, redis, request

PROGRAM = None

LINES = b"""
GET|get a b|GET a|SET a|SET a b|GET a|TYPE a|TYPE b|STRLEN a|STRLEN b|foo|foo bar "a b" c
SET a b foo|SET a b EX|SET a b EX 0|SET a b EX -1|SET a b EX x|SET a b PX 0|SET a b EX 1 PX 1
SET a b EX 9223372036854775807|SET a b PX 9223372036854775807|SET a b NX XX|SET a b KEEPTTL EX 1
SET a b EXAT 0|SET a b PXAT x|SET a c NX|SET n c XX|SET a c XX GET|SET a d NX GET|SET q d NX GET
SET a b EX 100|TTL a|SET a c KEEPTTL|TTL a|SET a c|TTL a|SET a b EX 10 EX 100|TTL a|SET a b GET
SETEX a 100 v|TTL a|SETEX a 0 v|SETEX a x v|PSETEX a 0 v|PSETEX a 100000 v|TTL a|SETEX a 1
SETNX a 1|SETNX new 1|GETSET a 5|GETSET none 5|GETDEL none|GETDEL none|GETDEL a b
INCR n1|INCR n1|DECR n1|INCRBY n1 10|DECRBY n1 3|INCRBY n1 x|INCRBY n1 1.5|INCRBY n1|GET n1
SET n2 9223372036854775807|INCR n2|INCRBY n2 1|DECRBY n2 -9223372036854775808|GET n2
SET n3 -9223372036854775808|DECR n3|DECRBY n3 1|INCRBY n3 -1|SET n4 " 1"|INCR n4|SET n4 1.0
INCR n4
SET n4 007|INCR n4|SET n4 -0|INCR n4|SET n4 ""|INCR n4|INCRBY n4 99999999999999999999
APPEND ap a|APPEND ap bc|GET ap|APPEND ap ""|APPEND ap|EXPIRE ap 100|APPEND ap x|TTL ap
EXPIRE none 1|EXPIRE ap x|EXPIRE ap 9223372036854775807|EXPIRE ap -9223372036854775808
PEXPIRE ap 9223372036854775807|EXPIRE ap 10 foo|EXPIRE ap 10 NX XX|EXPIRE ap 10 GT LT
EXPIRE ap 10 XX
TTL ap|EXPIRE ap 5 GT|EXPIRE ap 50 GT|EXPIRE ap 70 LT|EXPIRE ap 20 LT|EXPIRE ap 5 NX|TTL ap
EXPIRE ap
PERSIST ap|PERSIST ap|PERSIST none|TTL ap|TTL none|PTTL ap|PTTL none|EXPIRE ap 5 GT
EXPIRE ap 100 LT
EXPIRE ap -1|EXISTS ap|SET ap 1|PEXPIRE ap 0|EXISTS ap|SET ap 1|EXPIREAT ap 1|EXISTS ap
EXPIREAT ap x
EXISTS|EXISTS a b c a|DEL|DEL a b c a|UNLINK n1 n2|TOUCH n3 n4 x|DEL n3|DEL n3
MSET|MSET a|MSET a 1 b|MSET a 1 b 2 c 3|MGET a b c d|MGET|MSET a 1|GET a
PING|PING x|PING x y|ECHO x|ECHO|ECHO x y|SELECT 0|SELECT x|SELECT 99|SELECT -1|SELECT
DBSIZE|DBSIZE x|KEYS|KEYS nothing|SCAN|SCAN x|SCAN 0 COUNT 0|SCAN 0 COUNT x|SCAN 0 foo
SCAN 0 MATCH
SCAN 0 COUNT -1|SCAN 0 foo bar|SCAN 0 MATCH none COUNT 100000|SCAN 0 TYPE list COUNT 100000
SCAN -x
FLUSHALL x|FLUSHALL ASYNC SYNC|FLUSHDB x|FLUSHALL ASYNC|FLUSHDB SYNC|DBSIZE|FLUSHALL|KEYS *
HELLO 4|HELLO x|HELLO 2 foo|HELLO 2 SETNAME|HELLO 2 AUTH a|HELLO 2 AUTH a b|HELLO 2 SETNAME "a b"
AUTH|AUTH x|AUTH x y|AUTH default y|AUTH a b c|RESET|RESET x
CLIENT|CLIENT foo|CLIENT GETNAME|CLIENT SETNAME|CLIENT SETNAME "a b"|CLIENT SETNAME ab
CLIENT GETNAME
CLIENT SETNAME ""|CLIENT GETNAME|CLIENT GETNAME x|CLIENT ID x|CLIENT INFO x|CLIENT LIST foo
CLIENT NO-EVICT|CLIENT NO-EVICT on|CLIENT NO-EVICT off|CLIENT NO-EVICT x|CLIENT REPLY x
CLIENT REPLY ON
COMMAND foo|COMMAND COUNT x|COMMAND INFO foo|COMMAND DOCS foo|COMMAND LIST x
CONFIG|CONFIG foo|CONFIG GET|CONFIG GET none|CONFIG GET save|CONFIG GET appendonly
INFO nothing|get|GeT a|sEt A b|get A|QUIT|quit x
"" a|"g\\x65t" a|'get' 'A'|set "\\x00\\xff\\n" "\\r\\n"|get "\\x00\\xff\\n"|set '\\'' "\\""
get '\\''|strlen "a
get "a"b|get 'a|get "a'|set pre"fix" v|get pre"fix"|  get   A  |\tget\tA|foo "a\\nb" 'c'
"""

FRAMES = [
    b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n", b"*0\r\n", b"*-1\r\n", b"*-5\r\n", b"\r\n", b"\n",
    b"  \r\n", b"*\r\n", b"*x\r\n", b"*1x\r\n", b"*01\r\n", b"*+1\r\n", b"*2147483648\r\n",
    b"*1\r\n!3\r\n", b"*1\r\n\r\nx\r\n", b"*1\r\n$-1\r\n", b"*1\r\n$\r\n", b"*1\r\n$4x\r\n",
    b"*1\r\n$04\r\nPING\r\n", b"*1\r\n$536870913\r\n", b"*1\r\n$99999999999999999999\r\n",
    b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n", b"*1\n$4\nPING\n" + b"x" * 70_000,
    b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"Host: x\r\n", b"A" * 70_000, b"*" + b"1" * 70_000,
    b"*1\r\n$" + b"1" * 70_000, b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n", b"*1\r\n$0\r\n\r\n",
    request("foo", "a\r\nb", "c\0d"), request("foo\r\nbar"), request("foo\0bar", "x"),
    request("x" * 300, "y" * 300, "z"), request("foo", *["arg%d" % i for i in range(60)]),
    request("GET", b"\0\r\n\xff"), request("SET", b"\0", b"\r\n") + request("GET", b"\0"),
    request("CLIENT", "x" * 300), request("CLIENT", "a\r\nb"), request("HELLO", "2", "a\r\nb"),
    request("EXPIRE", "a", "1", "o\r\nk"), request("QUIT") + request("PING"),
]


def in_neighbouring_seconds(one, other):
    """Of two answers to TTL for a key that has a limit."""
    return all(a[1:].isdigit() for a in (one, other)) and abs(int(one[1:]) - int(other[1:])) == 1


class Compared(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ours = lull(PROGRAM, "--cores", 3).__enter__()
        cls.redis = redis("--maxmemory-policy", "noeviction").__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.ours.__exit__()
        cls.redis.__exit__()

    def setUp(self):
        for server in (self.ours, self.redis):
            with server.client() as client:
                client.call("FLUSHALL")

    def same(self, data):
        expected = conversation(self.redis.port, data)
        self.assertEqual(conversation(self.ours.port, data), expected, f"for {data[:100]!r}")

    def test_every_line_is_answered_alike(self):
        for line in LINES.strip().replace(b"\n", b"|").split(b"|"):
            with self.subTest(line):
                self.same(line + b"\r\n")

    def test_every_frame_broken_or_not_is_answered_alike(self):
        for frame in FRAMES:
            with self.subTest(frame[:60]):
                self.same(frame)

    def random_request(self, random_, keys):
        key = random_.choice(keys)
        value = random_.choice(["1", "-5", "x", "", "9223372036854775807", "v" * 200])
        number = random_.choice(["1", "7", "-3", "x", "100000"])
        return request(*random_.choice([
            ("GET", key), ("GET", key), ("SET", key, value), ("SET", key, value),
            ("SET", key, value, random_.choice(["NX", "XX", "GET", "KEEPTTL"])),
            ("SET", key, value, "EX", "1000"), ("INCR", key), ("DECR", key),
            ("INCRBY", key, number), ("DECRBY", key, number), ("APPEND", key, "ab"),
            ("STRLEN", key), ("DEL", key), ("DEL", *random_.sample(keys, 3)), ("EXISTS", key),
            ("EXISTS", *random_.sample(keys, 3)), ("MGET", *random_.sample(keys, 4)),
            ("MSET", *(w for k in random_.sample(keys, 3) for w in (k, value))),
            ("SETNX", key, "1"), ("GETSET", key, value),
            ("GETDEL", key), ("EXPIRE", key, "1000"), ("PERSIST", key),
            ("TTL", key), ("TYPE", key), ("DBSIZE",), ("KEYS", "nothing*"), ("ECHO", value),
            ("GET",), ("nonsense", key),
        ]))

    def test_ten_thousand_random_requests_in_pipelines_are_answered_alike(self):
        random_ = random.Random(20_241)
        keys = [f"key:{i}" for i in range(12)]
        limits = {request("TTL", key) for key in keys}
        with Client(self.ours.port) as ours, Client(self.redis.port) as theirs:
            for _ in range(200):
                batch = [self.random_request(random_, keys) for _ in range(50)]
                for client in (ours, theirs):
                    client.send(b"".join(batch))
                for each in batch:
                    expected, answer = theirs.reply(), ours.reply()
                    if not (each in limits and in_neighbouring_seconds(answer, expected)):
                        self.assertEqual(answer, expected, each)

    def test_the_same_keys_are_found_by_scan_and_by_keys(self):
        found = []
        for server in (self.ours, self.redis):
            with server.client() as client:
                for i in range(500):
                    client.call("SET", f"key:{i}", "v")
                seen, cursor = set(), b"0"
                while True:
                    cursor, some = client.call("SCAN", cursor, "MATCH", "key:*[13579]", "COUNT", 50)
                    seen.update(some)
                    if cursor == b"0":
                        break
                found.append((seen, sorted(client.call("KEYS", "key:?")),
                              sorted(client.call("KEYS", "*[^0-7]"))))
        self.assertEqual(*found)

    def test_the_memory_limit_is_worded_alike(self):
        with lull(PROGRAM, "--max-memory", 1) as ours, redis("--maxmemory", "1") as theirs:
            with ours.client() as client:
                client.call("SET", "a", "b")  # the first one finds an empty table
            for data in (request("SET", "a", "b"), request("MSET", "a", "b", "c", "d"),
                         request("APPEND", "a", "b"), request("INCR", "n"), request("DEL", "x"),
                         request("GETSET", "a", "b"), request("SETNX", "a", "b"),
                         request("EXPIRE", "x", "1"), request("GET", "x"), request("SET", "a")):
                expected = conversation(theirs.port, data)
                self.assertEqual(conversation(ours.port, data), expected, data)

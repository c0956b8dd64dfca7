# SPDX-License-Identifier: MIT
"""Key-value rows: lull's example server on one core beside redis-server on the same core, under one
client. Run by bench.py."""
import contextlib
import shutil
import tempfile

from bench_common import Server, Skipped, program, row, run_load

SECONDS = 50
LOAD = {"connections": 50, "bytes": 64}
SHAPES = (
    ("kv_get_p16", 0.4, {"protocol": "get", "batch": 16}, 0.5),
    ("kv_get_p1", 0.2, {"protocol": "get", "batch": 1}, None),
    ("kv_set_p16", 0.2, {"protocol": "set", "batch": 16}, None),
    ("kv_set_p1", 0.2, {"protocol": "set", "batch": 1}, None),
)


def redis(folder):
    if shutil.which("redis-server") is None:
        raise Skipped("the comparison with redis needs redis-server (package redis-server); "
                      "./dev setup installs it where the distribution has it")
    return Server("redis", ["redis-server", "--port", "{port}", "--bind", "127.0.0.1", "--save", "",
                            "--appendonly", "no", "--daemonize", "no", "--dir", folder])


def lull():
    return Server("lull", [program("kv-server"), "--port", "{port}", "--cores", "1"])


def rows(seconds, _say):
    result = []
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        servers = [stack.enter_context(redis(folder)), stack.enter_context(lull())]
        for name, share, options, goal in SHAPES:
            found = run_load(servers, seconds * share, **LOAD, **options)
            result.append(row(name, found["lull"]["cpu_ns"], "ns of server CPU a request",
                              "redis-server", found["lull"]["ratio"], goal,
                              reference_value=found["redis"]["cpu_ns"]["median"]))
    return result

# SPDX-License-Identifier: MIT
"""Table rows: the operations of the hash table, by Google Benchmark. Run by bench.py."""
import json

from bench_common import program, row, run_pinned

SECONDS = 20
REPETITIONS = 5


def rows(seconds, _say):
    command = [program("table"), "--benchmark_format=json",
               f"--benchmark_repetitions={REPETITIONS}",
               "--benchmark_enable_random_interleaving=true"]
    done = run_pinned(command, seconds + 120)
    times = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        if one.get("run_type") == "iteration":
            times.setdefault(one["run_name"], []).append((one["cpu_time"], one["time_unit"]))
    result = []
    for name, found in times.items():
        values = sorted(value for value, _unit in found)
        spread = {"low": values[0], "median": values[len(values) // 2], "high": values[-1]}
        result.append(row(name, spread, found[0][1]))
    return result

# SPDX-License-Identifier: MIT
"""Table rows: operations of the hash table, each beside std::unordered_map, by Google Benchmark.
One pass, without quartiles: setting up a million entries takes longer than measuring. Run by
bench.py."""
import json

from bench_common import exact, program, row, run_pinned

SECONDS = 80
OWN, PEER = "lull/", "std_unordered_map/"


def rows(seconds, _say):
    done = run_pinned([program("table"), "--benchmark_format=json",
                       f"--benchmark_min_time={seconds / 1600:.3f}"], seconds + 180)
    found = {one["run_name"]: one for one in json.loads(done.stdout)["benchmarks"]}
    result = []
    for name, one in found.items():
        if not name.startswith(OWN):
            continue
        peer = found.get(PEER + name.removeprefix(OWN))
        ratio = exact(one["cpu_time"] / peer["cpu_time"]) if peer else None
        result.append(row(name.removeprefix(OWN), exact(one["cpu_time"]), one["time_unit"],
                          "std::unordered_map" if peer else None, ratio,
                          reference_value=peer and peer["cpu_time"], passes=1))
    return result

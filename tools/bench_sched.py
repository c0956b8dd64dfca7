# SPDX-License-Identifier: MIT
"""Scheduling rows: what tasks, primitives, calls to other cores and timers cost beside bare
coroutines, plain threads, asio and libuv in one process, and counts of instructions for what one
thread does. Run by bench.py."""
from bench_common import counting, draw_with, exact, instructions_each, row, timed_rows

SECONDS = 30
GOALS = {
    "task": {"goal_value": 8},
    "spawn": {"goal_value": 35},
    "spawn_suspended": {"goal_value": 35},
    "resume": {"goal_value": 2.5},
    "switch": {"goal_value": 5},
    "mutex": {"goal_value": 4},
    "mutex_contended": {"goal_value": 20},
    "channel64": {"goal_value": 10},
    "channel1": {"goal_value": 20},
    "call_polling": {"goal_value": 0.4},
    "call_sleeping": {"goal": 1.2},
    "post": {"goal_value": 60},
    "timer_arm_cancel": {"goal_value": 40},
    "timer_fire": {"goal_value": 200},
    "timer_fire_coarse": {"goal_value": 200},
    "stall_detector": {"goal": 1.005},
    "bytes_per_task": {"goal_value": 150},
}
# What is counted, and how many operations the two runs make whose difference is taken.
ONE_THREAD = ("task", "spawn", "resume", "switch", "mutex", "mutex_contended", "channel64",
              "channel1", "timer_arm_cancel")
COUNTED = {name: (64_000, 192_000) for name in ONE_THREAD}
BARE = ("task", "spawn", "resume", "switch")


def rows(seconds, say):
    found = timed_rows("sched", seconds, GOALS, say)
    pool = counting(say)
    if pool is None:
        return found
    with pool:
        return found + counted_rows(pool)


def counted_rows(pool):
    asked = {
        (name, scheduler): pool.submit(
            instructions_each, "sched", ["--count", scheduler, name], COUNTED[name]
        )
        for name in COUNTED
        for scheduler in ("lull", "bare")
        if scheduler == "lull" or name in BARE
    }
    result = []
    for name in COUNTED:
        own = asked[name, "lull"].result()
        peer = asked[name, "bare"].result() if (name, "bare") in asked else None
        result.append(
            row(
                f"{name}_instructions",
                exact(round(own, 1)),
                "instructions",
                peer and "bare coroutines",
                exact(round(own / peer, 3)) if peer else None,
                reference_value=peer,
            )
        )
    return result


def draw(report, say):
    draw_with("plot_sched.py", report, say)

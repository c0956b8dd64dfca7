# SPDX-License-Identifier: MIT
"""Reclamation rows: times of retire, release, announce and read beside liburcu, ck_epoch and libcds
in one process, and counts of instructions for what must not grow. Run by bench.py."""
import json

from bench_common import (
    Failed,
    counting,
    draw_with,
    exact,
    instructions,
    instructions_each,
    program,
    row,
    timed_rows,
)

SECONDS = 24
GOALS = {
    "retire_release_pool": {"goal": 0.7},
    "retire_free_malloc": {"goal": 0.95},
    "announce_unchanged": {"goal_value": 0.7},
    "announce_moved": {"goal": 0.5},
    "read": {"goal": 1.1},
    "retire_to_free_p50": {"goal_value": 3},
    "retire_to_free_p99": {"goal": 1.25},
    "burst_p9999": {"goal_value": 200},
}
COUNTED = {"retire_release_pool": (64_000, 192_000), "announce_unchanged": (100_000, 300_000)}
PEERS = ("liburcu", "ck", "libcds")
# How many participants, and how many iterations in all the two runs make whose difference is taken.
PARTICIPANTS = (2, 4, 8, 16, 32, 64, 128, 256)
CASES = {
    ("lull", "busy"): PARTICIPANTS,
    ("lull", "idle"): (2, 16, 256),
    ("ck", "busy"): (2, 16, 64, 256),
}
ITERATIONS = (4096, 36_864)


def rows(seconds, say):
    found = timed_rows("reclaim", seconds, GOALS, say)
    pool = counting(say)
    if pool is None:
        return found
    with pool:
        return found + counted_rows(pool, peer_names(found), say) + participant_rows(pool, say)


def peer_names(timed):
    """The full names of the peers that are built in, by the words that the program takes."""
    full = {name for one in timed for name in one["peers"]}
    return {word: name for word in PEERS for name in full if name.startswith(word)}


def counted_rows(pool, peers, say):
    asked = {
        (shape, library): pool.submit(
            instructions_each, "reclaim", ["--count", library, shape], COUNTED[shape]
        )
        for shape in COUNTED
        for library in ("lull", "floor", *peers)
    }
    result = []
    for shape in COUNTED:
        own = asked[shape, "lull"].result()
        found = {}
        for word, name in peers.items():
            value = asked[shape, word].result()
            found[name] = {"value": value, "ratio": round(own / value, 3)}
        best = min(found, key=lambda name: found[name]["value"], default=None)
        if best is None:
            say(f"{shape}_instructions has no ratio: no peer is built in")
        result.append(
            row(
                f"{shape}_instructions",
                exact(round(own, 2)),
                "instructions",
                best,
                exact(found[best]["ratio"]) if best else None,
                reference_value=best and found[best]["value"],
                peers=found,
                floor=asked[shape, "floor"].result(),
            )
        )
    return result


def iteration(library, shape, count):
    """Instructions of an iteration of one of so many participants, and of an epoch, of them all."""
    found = []
    for iterations in ITERATIONS:
        rounds = iterations // count
        spent, said = instructions(
            "reclaim", ["--participants", library, shape, count, rounds]
        )
        found.append((spent, json.loads(said)["epochs"], iterations))
    spent, epochs, iterations = (many - few for few, many in zip(*found))
    return {
        "participants": count,
        "an_iteration": round(spent / iterations, 2),
        "an_epoch": round(spent / epochs, 1) if epochs else None,
    }


def participant_rows(pool, say):
    asked = {
        case: [pool.submit(iteration, *case, count) for count in counts]
        for case, counts in CASES.items()
    }
    series = {}
    for (library, shape), futures in asked.items():
        try:
            series[library, shape] = [one.result() for one in futures]
        except Failed:
            if library == "lull":
                raise
            say(f"{library} is left out of the counts for many participants: it is not built in")
    busy, few, many = series["lull", "busy"], PARTICIPANTS[0], PARTICIPANTS[-1]
    against = f"{few} participants"

    def grown(name, last, first, **more):
        return row(
            name,
            exact(last),
            f"instructions, {many} participants",
            against,
            exact(round(last / first, 3)),
            1.05,
            reference_value=first,
            **more,
        )

    result = []
    for shape in ("busy", "idle"):
        points = series["lull", shape]
        drawn = {
            f"{library}, {shape}": other
            for (library, its), other in series.items()
            if its == shape
        }
        result.append(
            grown(
                f"iteration_{shape}_instructions",
                points[-1]["an_iteration"],
                points[0]["an_iteration"],
                series=drawn,
            )
        )
    # Who moves the epoch announces it at once: taking turns, the others announce it one after the
    # other, and the last of them moves it on.
    result.append(
        grown(
            "epoch_instructions_a_participant",
            round(busy[-1]["an_epoch"] / (many - 1), 2),
            round(busy[0]["an_epoch"] / (few - 1), 2),
        )
    )
    return result


def draw(report, say):
    draw_with("plot_reclaim.py", report, say)

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/plot_sched.py bench/report/sched.json: draws it into an SVG and a PNG beside it.

On the left each row that has a goal as a share of that goal, with its quartiles and with the peers
of the same run; on the right the instructions of what one thread does, beside bare coroutines.
Needs matplotlib; called by bench_sched.py with a python3 that has it."""
from plot_common import GOAL, OTHER, OWN, PEER, draw_report, ratio_axis

LEFT, RIGHT = 0.05, 100  # what is farther out is drawn at the edge
PEERS = {
    "bare coroutines": (OTHER, "|"),
    "threads": (OTHER, "x"),
    "asio": (PEER, "D"),
    "libuv": ("#c98a1b", "s"),
}


def inside(value):
    return min(max(value, LEFT * 1.05), RIGHT / 1.05)


def draw_goals(axes, rows):
    """A line a row, from top to bottom, on a logarithmic scale: left of 1 the goal is met."""
    shown = [one for one in rows if "goal_value" in one or "goal" in one]
    for place, one in enumerate(shown):
        if "goal" in one:
            figures = [one["ratio_low"], one["ratio"], one["ratio_high"]]
            goal, peers = one["goal"], {one["reference"]: {"value": 1}}
        else:
            figures = [one["low"], one["value"], one["high"]]
            goal, peers = one["goal_value"], one.get("peers", {})
        low, middle, high = (inside(figure / goal) for figure in figures)
        for name, peer in peers.items():
            colour, mark = PEERS.get(name, (PEER, "x"))
            axes.plot(inside(peer["value"] / goal), place, mark, color=colour, markersize=6)
        axes.plot([low, high], [place, place], color=OWN, linewidth=2)
        axes.plot(middle, place, "o", color=OWN, markersize=5)
    axes.plot([], [], "o-", color=OWN, label="lull, with quartiles")
    for name, (colour, mark) in PEERS.items():
        axes.plot([], [], mark, color=colour, linewidth=0, label=name)
    axes.set_yticks(range(len(shown)), [label(one) for one in shown])
    ticks = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
    ratio_axis(axes, (LEFT, RIGHT), ticks, {"color": GOAL, "linewidth": 1})
    axes.set_xlabel("share of the goal; less is better, 1 is met")
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, 1.07), ncols=5, frameon=False)


def label(one):
    if "goal" in one:
        return f"{one['name']}\n{one['goal']:g} times {one['reference']}"
    return f"{one['name']}\ngoal {one['goal_value']:g} {one['unit']}"


def draw_instructions(axes, rows):
    """Two bars a row."""
    shown = [one for one in rows if one["unit"] == "instructions"]
    places = range(len(shown))
    own = axes.barh([at - 0.2 for at in places], [one["value"] for one in shown], 0.38, color=OWN)
    axes.bar_label(own, fmt="%.0f", padding=2)
    with_peer = [(at, one["reference_value"]) for at, one in enumerate(shown) if one["reference"]]
    bare = axes.barh(
        [at + 0.2 for at, _ in with_peer],
        [value for _, value in with_peer],
        0.38,
        color=PEERS["bare coroutines"][0],
    )
    axes.bar_label(bare, fmt="%.0f", padding=2)
    axes.set_yticks(places, [one["name"].removesuffix("_instructions") for one in shown])
    axes.invert_yaxis()
    axes.legend([own, bare], ["lull", "bare coroutines"], loc="lower right", frameon=False)
    axes.set_xlabel("instructions of an operation, counted by callgrind")


if __name__ == "__main__":
    draw_report("Scheduling", __doc__, (13, 7), (3, 2), draw_goals, draw_instructions)

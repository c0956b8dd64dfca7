#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/plot_sched.py bench/report/sched.json: draws it into an SVG and a PNG beside it.

On the left each row that has a goal as a share of that goal, with its quartiles and with the peers
of the same run; on the right the instructions of what one thread does, beside bare coroutines.
Needs matplotlib; called by bench_sched.py with a python3 that has it."""
import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

LEFT, RIGHT = 0.05, 100  # what is farther out is drawn at the edge
OWN, GOAL = "#1f5fa8", "#b5302a"
PEERS = {
    "bare coroutines": ("#2f8f4e", "|"),
    "threads": ("#2f8f4e", "x"),
    "asio": ("#8a8a8a", "D"),
    "libuv": ("#c98a1b", "s"),
}
pyplot.rcParams.update({"font.size": 8, "svg.hashsalt": "lull"})


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
            colour, mark = PEERS.get(name, ("#8a8a8a", "x"))
            axes.plot(inside(peer["value"] / goal), place, mark, color=colour, markersize=6)
        axes.plot([low, high], [place, place], color=OWN, linewidth=2)
        axes.plot(middle, place, "o", color=OWN, markersize=5)
    axes.plot([], [], "o-", color=OWN, label="lull, with quartiles")
    for name, (colour, mark) in PEERS.items():
        axes.plot([], [], mark, color=colour, linewidth=0, label=name)
    axes.set_yticks(range(len(shown)), [label(one) for one in shown])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(LEFT, RIGHT)
    ticks = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.axvline(1, color=GOAL, linewidth=1)
    axes.grid(axis="x", color="#dddddd", linewidth=0.5)
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


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    source = pathlib.Path(sys.argv[1])
    report = json.loads(source.read_text(encoding="utf-8"))
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(13, 7), width_ratios=(3, 2), layout="constrained"
    )
    draw_goals(left, report["rows"])
    draw_instructions(right, report["rows"])
    about = report["machine"]
    figure.suptitle(
        f"Scheduling: {about['cpu']}, {about['cores']} cores, Linux {about['kernel']}, "
        f"{about['distribution']}"
    )
    for suffix in (".svg", ".png"):
        figure.savefig(source.with_suffix(suffix), dpi=130)
    print(f"{source.with_suffix('.svg').name} and {source.with_suffix('.png').name}")


if __name__ == "__main__":
    main()

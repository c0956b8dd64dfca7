#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/plot_reclaim.py bench/report/reclaim.json: draws it into an SVG and a PNG beside it.

On the left the ratio of each row to its reference, with its quartiles and its goal; on the right
what an iteration and an epoch cost in instructions against the number of participants. Needs
matplotlib; called by bench_reclaim.py with a python3 that has it."""
from plot_common import GOAL, OTHER, OWN, PEER, draw_report, ratio_axis

LEFT, RIGHT = 0.05, 4  # what is farther out is drawn at the edge


def draw_ratios(axes, rows):
    """A line a row, from top to bottom, on a logarithmic scale: below 1 lull is cheaper."""
    shown = [one for one in rows if one["ratio"]]
    for place, one in enumerate(shown):
        low, high = one.get("ratio_low", one["ratio"]), one.get("ratio_high", one["ratio"])
        peers = [
            min(max(peer["ratio"], LEFT * 1.05), RIGHT / 1.05)
            for peer in one.get("peers", {}).values()
        ]
        axes.plot(peers, [place] * len(peers), "|", color=PEER, markersize=9, zorder=1)
        axes.plot([low, high], [place, place], color=OWN, linewidth=2, zorder=2)
        axes.plot(one["ratio"], place, "o", color=OWN, markersize=5, zorder=3)
        if "goal" in one:
            axes.plot(one["goal"], place, "<", color=GOAL, markersize=6, zorder=3)
    axes.plot([], [], "o-", color=OWN, label="lull to the row's reference, with quartiles")
    axes.plot([], [], "|", color=PEER, markersize=9, linewidth=0, label="lull to each peer")
    axes.plot([], [], "<", color=GOAL, linewidth=0, label="goal: at most")
    names = [f"{one['name']}\n{(one['reference'] or '').split(',')[0]}" for one in shown]
    axes.set_yticks(range(len(shown)), names)
    ticks = (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3)
    ratio_axis(axes, (LEFT, RIGHT), ticks, {"color": "black", "linewidth": 0.6})
    axes.set_xlabel("ratio, of times or of instructions; less is better")
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, 1.1), ncols=3, frameon=False)


def draw_participants(axes, rows):
    """Instructions of an iteration stay level, those of an epoch (of all) rise in proportion."""
    series = {name: points for one in rows for name, points in one.get("series", {}).items()}
    looks = {
        "lull, busy": (OWN, "o-", "lull: an iteration that retires"),
        "lull, idle": (OWN, "o:", "lull: an iteration in which nothing happened"),
        "ck, busy": (PEER, "s-", "ck_epoch: an iteration that retires"),
    }
    for name, (colour, style, label) in looks.items():
        points = series.get(name, [])
        counts = [point["participants"] for point in points]
        iterations = [point["an_iteration"] for point in points]
        axes.plot(counts, iterations, style, color=colour, label=label, markersize=4)
    points = series.get("lull, busy", [])
    counts = [point["participants"] for point in points]
    epochs = [point["an_epoch"] for point in points]
    axes.plot(counts, epochs, "^-", color=OTHER, label="lull: an epoch, of all", markersize=4)
    if points:
        line = [epochs[-1] * count / counts[-1] for count in counts]
        axes.plot(counts, line, color=GOAL, linewidth=0.8, label="proportional to the participants")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.set_xlabel("participants, driven by hand in one thread")
    axes.set_ylabel("instructions, counted by callgrind")
    axes.legend(loc="upper left", frameon=False)


if __name__ == "__main__":
    draw_report("Reclamation", __doc__, (13, 6.5), (1, 1), draw_ratios, draw_participants)

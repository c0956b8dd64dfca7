#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/plot_io.py bench/report/io.json: draws it into an SVG and a PNG beside it.

On the left lull, a second copy of the hand-written server and others beside the first copy, on the
right files beside fio: ratios with their quartiles, and the goal of each row. Needs matplotlib;
called by bench_io.py with a python3 that has it."""
from plot_common import GOAL, OTHER, OWN, PEER, draw_report, ratio_axis

SERVERS = {
    "lull": (OWN, "o"),
    "the reference again": (GOAL, "x"),
    "lull as on Linux 6.1": (OWN, "v"),
    "epoll": (OTHER, "^"),
    "asio": (PEER, "D"),
    "libuv": ("#c98a1b", "s"),
    "lull, one after the other": (OWN, "<"),
    "recvfrom and sendto": (OTHER, "<"),
}
STEP = 0.14  # between the servers of a row


def spread_at(axes, one, place, limits, look):
    """What is farther out is drawn at the edge."""
    colour, mark = look
    low, middle, high = (
        min(max(one[name], limits[0] * 1.01), limits[1] / 1.01)
        for name in ("ratio_low", "ratio", "ratio_high")
    )
    axes.plot([low, high], [place, place], color=colour, linewidth=2)
    axes.plot(middle, place, mark, color=colour, markersize=5)


def draw_rows(axes, rows, limits, ticks):
    """A block a row, from top to bottom: lull, then its peers."""
    for place, one in enumerate(rows):
        spread_at(axes, one, place, limits, SERVERS["lull"])
        for i, peer in enumerate(one.get("beside", ()), 1):
            spread_at(axes, peer, place + i * STEP, limits, SERVERS[peer["name"]])
        if "goal" in one:
            axes.plot([one["goal"]] * 2, [place - STEP, place + STEP], color=GOAL, linewidth=1)
    axes.set_yticks(range(len(rows)), [f"{one['name']}\n{one['reference']}" for one in rows])
    ratio_axis(axes, limits, ticks, {"color": "black", "linewidth": 0.8})
    axes.set_xlabel("ratio to what is named below the row; less is better")


def draw_servers(axes, rows):
    shown = [one for one in rows if "beside" in one]
    draw_rows(axes, shown, (0.85, 1.5), (0.9, 1, 1.1, 1.2, 1.3, 1.4))
    for name, (colour, mark) in SERVERS.items():
        axes.plot([], [], mark, color=colour, linewidth=2, label=name)
    axes.plot([], [], color=GOAL, linewidth=1, label="goal")
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, 1.12), ncols=3, frameon=False)


def draw_files(axes, rows):
    shown = [one for one in rows if one["name"].startswith("file_")]
    draw_rows(axes, shown, (0.7, 1.5), (0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4))


if __name__ == "__main__":
    draw_report("Input and output", __doc__, (13, 5), (1, 1), draw_servers, draw_files)

# SPDX-License-Identifier: MIT
"""What the plots share: a report is drawn into an SVG and a PNG beside it. Needs matplotlib. Not a
program."""
import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

OWN, GOAL, PEER, OTHER = "#1f5fa8", "#b5302a", "#8a8a8a", "#2f8f4e"
pyplot.rcParams.update({"font.size": 8, "svg.hashsalt": "lull"})


def ratio_axis(axes, limits, ticks, line):
    """The names of rows from top to bottom, ratios on a logarithmic scale with a line at 1."""
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.axvline(1, **line)
    axes.grid(axis="x", color="#dddddd", linewidth=0.5)


def draw_report(title, usage, size, widths, draw_left, draw_right):
    """The file named on the command line; the two functions take axes and the report's rows."""
    if len(sys.argv) != 2:
        sys.exit(usage)
    source = pathlib.Path(sys.argv[1])
    report = json.loads(source.read_text(encoding="utf-8"))
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=size, width_ratios=widths, layout="constrained"
    )
    draw_left(left, report["rows"])
    draw_right(right, report["rows"])
    about = report["machine"]
    figure.suptitle(
        f"{title}: {about['cpu']}, {about['cores']} cores, Linux {about['kernel']}, "
        f"{about['distribution']}"
    )
    for suffix in (".svg", ".png"):
        figure.savefig(source.with_suffix(suffix), dpi=130)
    print(f"{source.with_suffix('.svg').name} and {source.with_suffix('.png').name}")

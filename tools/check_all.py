# SPDX-License-Identifier: MIT
"""The checks of the text: layers, sizes, ordering comments, wording, format; and their tests."""
import build
import check_bench
import check_format
import check_layers
import check_mutated
import check_orderings
import check_selftests
import check_setup
import check_sizes
import check_text
import suites

CHECKS = {
    "layers": check_layers,
    "orderings": check_orderings,
    "mutants": check_mutated,
    "text": check_text,
    "format": check_format,
}


def run():
    tally = suites.Tally()
    tally.add(check_selftests.run())
    tally.add(check_bench.run())
    tally.add(check_setup.run())
    found = {name: check.run(build.ROOT) for name, check in CHECKS.items()}
    found["sizes"] = check_sizes.run(build.ROOT, tally.notes)
    for name, problems in found.items():
        tally.check(not problems, f"check of {name}:\n    " + "\n    ".join(problems))
    return tally

# SPDX-License-Identifier: MIT
"""File rows: a GiB read and written, copied and spliced by lull beside fio's io_uring engine, which
reads and then writes as much, over what a file has already; blocks of 4 KiB at random, 32 at a
time, from the page cache, from a device by way of it, and past it. Programs run one after the
other, each in turn the first. Called by bench_io.py."""
import filecmp
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from bench_common import BUILD, Failed, program, row, run_pinned, spread

GIB = 2**30
BLOCKS_BYTES = GIB // 4
NO_DEVICE = ("tmpfs", "ramfs")
GOAL = 1.05
MARKS = 64
FEWEST_ROUNDS = 3
WAY_ROUNDS = 11
FIO = ["fio", "--output-format=json", "--thread", "--ioengine=io_uring", "--gtod_reduce=1",
       "--invalidate=0"]
AT_RANDOM = ["--rw=randread", "--bs=4k", "--iodepth=32", "--norandommap", "--randrepeat=0"]
IN_BATCHES = ["--iodepth_batch_submit=32", "--iodepth_batch_complete_min=1",
              "--iodepth_batch_complete_max=32"]
# By row: lull's word for it, how many reads, and what fio is fastest with; where a device answers
# that is each read by itself, which is its default.
AT_RANDOM_ROWS = {
    "file_random_4k": ("random", 2**18, IN_BATCHES),
    "file_random_4k_cold": ("random", 2**14, []),
    "file_random_4k_direct": ("direct", 2**14, ["--direct=1"]),
}


def fio_ns(total_bytes, *jobs):
    """The time that fio gives for its jobs, which are run one after the other."""
    done = json.loads(run_pinned([*FIO, *jobs], 120).stdout)["jobs"]
    sides = [job[side] for job in done for side in ("read", "write")]
    moved = sum(side["io_bytes"] for side in sides)
    if moved != total_bytes:
        raise Failed(f"fio moved {moved} bytes instead of {total_bytes}")
    return 1e6 * sum(side["runtime"] for side in sides)


def lull_ns(what, *arguments):
    return float(run_pinned([program("files_lull"), what, *arguments], 120).stdout)


def fio_copy(source, target):
    """256 KiB at a time, one after the other, as lull does it here."""
    common = ["--stonewall", "--bs=256k", "--iodepth=1", f"--size={GIB}"]
    return fio_ns(
        2 * GIB,
        *("--name=read", "--rw=read", f"--filename={source}", *common),
        *("--name=write", "--rw=write", f"--filename={target}", "--overwrite=1", *common),
    )


def fio_random(path, reads, way):
    return fio_ns(4096 * reads, "--name=random", f"--filename={path}", *AT_RANDOM, *way,
                  f"--io_size={4096 * reads}")


def in_turn(contenders, seconds):
    """The samples of each, round by round; none of the first round."""
    names, rounds = list(contenders), 0
    samples = {name: [] for name in names}
    for contender in contenders.values():
        contender()
    end = time.monotonic() + seconds
    while rounds < FEWEST_ROUNDS or time.monotonic() < end:
        first = rounds % len(names)
        for name in names[first:] + names[:first]:
            samples[name].append(contenders[name]())
        rounds += 1
    return samples


def row_of(name, samples, own, scale, unit, reference):
    peer = samples["fio"]
    ratios = [ours / theirs for ours, theirs in zip(samples[own], peer)]
    return row(name, spread([value / scale for value in samples[own]]), unit, reference,
               spread(ratios), GOAL, reference_value=spread(peer)["median"] / scale,
               rounds=len(peer))


def copy_rows(folder, seconds):
    source, target = folder / "source", folder / "target"
    with open(source, "wb") as file:  # between the marks a hole: the page cache holds its zeros
        file.truncate(GIB)
        for i in range(MARKS):
            file.seek(i * (GIB // MARKS))
            file.write(os.urandom(4096))
    for how in ("copy", "splice"):
        target.unlink(missing_ok=True)
        lull_ns(how, source, target)
        if not filecmp.cmp(source, target, shallow=False):
            raise Failed(f"{how} made another content of it")
    ways = ("read_write", "copy", "splice")
    contenders = {way: lambda way=way: lull_ns(way, source, target) for way in ways}
    samples = in_turn(contenders | {"fio": lambda: fio_copy(source, target)}, seconds)
    reference = "fio io_uring, reads and then writes"
    return [row_of(f"file_{way}", samples, way, 1e6, "ms a GiB", reference) for way in ways]


def random_row(name, path, seconds, before=lambda: None):
    """`before` is called ahead of each program, outside its time."""
    what, reads, way = AT_RANDOM_ROWS[name]
    ways = {"lull": lambda: lull_ns(what, path, reads), "fio": lambda: fio_random(path, reads, way)}

    def after(contender):
        return lambda: (before(), contender())[1]

    samples = in_turn({who: after(contender) for who, contender in ways.items()}, seconds)
    reference = "fio io_uring, in batches" if way is IN_BATCHES else "fio io_uring"
    return row_of(name, samples, "lull", reads, "ns a read", reference)


def device_rows(folder, seconds, say):
    """On real blocks; not every file system has a device, or can go past the page cache."""
    path = folder / "blocks"
    with open(path, "wb") as file:
        for _ in range(BLOCKS_BYTES // 2**20):
            file.write(bytes(2**20))
        os.fsync(file.fileno())

    def forget():
        with open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    found = []
    for name, before in (("file_random_4k_cold", forget), ("file_random_4k_direct", lambda: None)):
        try:
            found.append(random_row(name, path, seconds / 2, before))
        except Failed as reason:
            say(f"{name} is left out: {reason}")
    return found


def way_rows(folder, say):
    """Two ways of lull's own, in turn in one program: what it spends of the processor."""
    reads = "reads of as much in aligned_buffers"
    references = {"durable_write": "write_all, and then fdatasync", "registered_4k": reads,
                  "registered_64k": reads}
    samples = {}
    command = [program("files_ways"), folder / "ways", str(WAY_ROUNDS + 1)]
    for line in run_pinned(command, 240).stdout.splitlines():
        name, *both = line.split()
        samples.setdefault(name, []).append([float(ns) for ns in both])
    if "registered_4k" not in samples:
        say("registered_4k and registered_64k are left out: no O_DIRECT, or no memory to lock")
    return [way_row(name, pairs[1:], references[name]) for name, pairs in samples.items()]


def way_row(name, pairs, reference):
    own, other = ([pair[i] for pair in pairs] for i in (0, 1))
    return row(name, spread(own), "ns of CPU each", reference,
               spread([ours / others for ours, others in pairs]),
               reference_value=spread(other)["median"], rounds=len(pairs))


def rows(seconds, say):
    if shutil.which("fio") is None:
        say("the file rows are left out: fio is not here (package fio)")
        return []
    if shutil.disk_usage(BUILD).free < 4 * GIB:
        say("the file rows are left out: they want 4 GiB of free room for a while")
        return []
    kind = subprocess.run(["findmnt", "-no", "FSTYPE", "-T", BUILD], capture_output=True,
                          text=True, check=False).stdout.strip() or "unknown"
    say(f"files are in build/, a file system of kind {kind}")
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="files-") as name:
        folder = pathlib.Path(name)
        found = copy_rows(folder, seconds * 0.4)
        found.append(random_row("file_random_4k", folder / "source", seconds * 0.3))
        if kind in NO_DEVICE:
            say(f"the rows of a device are left out: build/ is on a {kind}")
        else:
            found += device_rows(folder, seconds * 0.3, say)
        found += way_rows(folder, say)
    return [one | {"file_system": kind} for one in found]

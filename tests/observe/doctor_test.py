#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""doctor_test.py PROGRAM SANITIZER: lull-doctor where lull can run, and where it is refused.

SANITIZER is none, or what the program is built with.

Each refusal is made for the one process: a seccomp filter, limits, another user.
"""
import ctypes
import os
import platform
import resource
import struct
import subprocess
import sys

IO_URING_SETUP, IO_URING_ENTER = 425, 426
USER = 65534


def refuse(call, error):
    """A seccomp filter of the calling process: the system call fails with `error`."""

    def filtered():
        program = b"".join(
            struct.pack("HBBI", *step)
            for step in (
                (0x20, 0, 0, 0),  # load the number of the system call
                (0x15, 0, 1, call),
                (0x06, 0, 0, 0x00050000 | error),  # return that error
                (0x06, 0, 0, 0x7FFF0000),  # allow
            )
        )
        steps = ctypes.create_string_buffer(program, len(program))
        filters = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, filters, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "no seccomp filter could be set")

    return filtered


def no_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))


def poor_user():
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (4096, 4096))
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)


def run(program, prepare=None, **variables):
    return subprocess.run(
        [program],
        capture_output=True,
        text=True,
        preexec_fn=prepare,
        env=os.environ | variables,
        timeout=60,
        check=False,
    )


def refused(program, prepare, *expected, **variables):
    done = run(program, prepare, **variables)
    text = done.stderr
    if done.returncode != 1 or not all(part in text for part in expected):
        sys.exit(
            f"wanted status 1 and {expected}, got status {done.returncode} and:\n"
            f"{done.stdout}{text}"
        )


def main():
    program = sys.argv[1]
    done = run(program)
    if done.returncode != 0 or not done.stdout.endswith("lull can run here\n"):
        sys.exit(f"it does not run where the tests do:\n{done.stdout}{done.stderr}")
    for part in ("kernel: Linux ", "cores: ", "rings: one for each core", "ring message: "):
        if part not in done.stdout:
            sys.exit(f"it does not print '{part}':\n{done.stdout}")
    done = run(program, LULL_AS_LINUX="6.1")
    for part in ("LULL_AS_LINUX=6.1: lull uses nothing that came later", "incremental buffers: no"):
        if done.returncode != 0 or part not in done.stdout:
            sys.exit(f"as on Linux 6.1 it does not print '{part}':\n{done.stdout}{done.stderr}")
    refused(program, None, "lull cannot run here: ", "no version of Linux", LULL_AS_LINUX="new")
    if sys.argv[2] == "none":  # a sanitizer looks at memory through pipes, and misjudges without
        refused(program, no_descriptors, "lull cannot run here: ", "ulimit -n")
    if platform.machine() == "x86_64":
        refused(program, refuse(IO_URING_SETUP, 1), "lull cannot run here: ", "seccomp")
        refused(program, refuse(IO_URING_SETUP, 38), "CONFIG_IO_URING")
        refused(program, refuse(IO_URING_ENTER, 1), "lull cannot run here: ", "seccomp")
    if os.geteuid() == 0 and os.access(program, os.X_OK):
        copy = f"/tmp/lull-doctor-{os.getpid()}"
        subprocess.run(["install", "-m", "755", program, copy], check=True)
        try:
            refused(copy, poor_user, "lull cannot run here: ", "ulimit -l")
        finally:
            os.unlink(copy)
    print("lull-doctor says what it must")


if __name__ == "__main__":
    main()

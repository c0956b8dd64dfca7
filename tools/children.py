# SPDX-License-Identifier: MIT
"""Processes that do not outlive who started them. Not a program."""
import ctypes
import functools
import os
import signal

PARENT_DEATH_SIGNAL = 1  # of prctl(2)


def _end_with(parent):
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def end_with_this():
    """A preexec_fn: the child is killed when this process ends, however that comes, though it be
    interrupted between the start of the child and the wait for it."""
    return functools.partial(_end_with, os.getpid())


def interrupt_with_parent():
    """This process is interrupted when the thread that started it ends, though it was begun where
    that is ignored, as by a shell in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGINT)

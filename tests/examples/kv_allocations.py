# SPDX-License-Identifier: MIT
"""What count_allocations.cpp counts of a server, and refuses it; COUNTER is its library."""

import pathlib
import struct
import tempfile

COUNTER = None


class Allocations:
    """`environment` is for the server; both figures go with the block."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name) / "figures"
        self.path.write_bytes(bytes(16))
        self.environment = {"LD_PRELOAD": COUNTER, "LULL_ALLOCATION_COUNT": str(self.path)}
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def made(self):
        return struct.unpack("QQ", self.path.read_bytes())[0]

    def refuse(self, least_bytes):
        """Blocks of so many bytes or more; 0: none."""
        with open(self.path, "r+b") as figures:
            figures.seek(8)
            figures.write(struct.pack("Q", least_bytes))

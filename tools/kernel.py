#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev kernel VERSION [COMMAND...]: the unit tests, or a command, on another Linux kernel.

VERSION is 6.1 or 6.12: the kernels of Debian 12 and 13, fetched from its archive and kept in
build/kernels/. An emulated machine (qemu; it needs no KVM) starts the kernel, takes a minute or two
for all tests, and ends. This machine's files are its own, read-only, at the same paths; /tmp is an
empty disk; it has two processors, no network but loopback, and no limit on open files. Times that
are measured there say nothing. COMMAND runs in the project's folder, as root, by bash.
"""
import gzip
import lzma
import os
import pathlib
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import build
import children
import debian_archive

SUITES = {"6.1": "bookworm", "6.12": "trixie"}
CACHE = build.BUILD / "kernels"
# In the order in which they are loaded, each after those it depends on.
MODULES = ["virtio_rng", "crc32c_generic", "virtio_pci", "virtio_blk", "9pnet_virtio", "9p", "ext4",
           "tls", "ctr", "ghash_generic", "gcm"]
LIMIT_S = 1800
PROGRAMS = ["base", "reclaim", "ring", "sched", "io", "tables", "tls", "examples", "simulation"]
# Once more, what is sent encrypted by the kernel, by way of a network that takes little at a time.
KERNEL_TLS = """export LULL_TEST_KERNEL_TLS=1
ip link set lo mtu 1500 gso_max_size 1500 gso_max_segs 1
"""
DISK_BYTES = 4 << 30
STATUS = "the command ended with status "

INIT = f"""#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
for module in /modules/*; do $b insmod $module || echo "$module could not be loaded"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /root
for folder in dev proc sys; do $b mount --move /$folder /root/$folder; done
$b mount -t tmpfs -o mode=755 run /root/run
$b mount -t ext4 /root/dev/vda /root/tmp
$b mkdir /root/dev/shm
$b mount -t tmpfs shared /root/dev/shm
$b ip link set lo up
$b chmod 1777 /root/tmp
$b cp /command /root/tmp/.command
ulimit -n 1000000
$b chroot /root /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp bash /tmp/.command
echo "{STATUS}$?"
$b poweroff -f
"""


def modules_of(folder, wanted):
    """Names and contents of the modules that are not built in, in the order of loading."""
    files = {path.name.split(".ko")[0].replace("-", "_"): path for path in folder.rglob("*.ko*")}
    loaded = {}

    def load(name):
        name = name.replace("-", "_")
        if name in loaded or name not in files:
            return
        content = files[name].read_bytes()
        if files[name].suffix == ".xz":
            content = lzma.decompress(content)
        for needed in re.search(rb"\0depends=([^\0]*)", content)[1].decode().split(","):
            load(needed)
        loaded[name] = content

    for name in wanted:
        load(name)
    return loaded.items()


def fetch(version):
    """Puts the kernel and its modules into the cache; returns their folder."""
    kept = CACHE / version
    if (kept / "vmlinuz").is_file():
        return kept
    suite = SUITES[version]
    print(f"fetching Linux {version} from the archive of {suite} (some 70 MB)", flush=True)
    with debian_archive.opened("deb", suite) as archive:
        described = archive and archive.apt("apt-cache", "show", "linux-image-amd64")
        name = re.search(r"^Depends: (linux-image-[\w.+-]+)", described or "", re.M)
        if not name or archive.apt("apt-get", "download", name[1]) is None:
            sys.exit(f"Linux {version} could not be fetched from the archive of {suite}; see above")
        package = next(archive.download.glob("*.deb"))
        unpacked = archive.folder / "unpacked"
        subprocess.run(["dpkg-deb", "--extract", package, unpacked], check=True)
        part = kept.with_name(f"{version}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(kept, ignore_errors=True)
        (part / "modules").mkdir(parents=True)
        for number, (module, content) in enumerate(modules_of(unpacked, MODULES)):
            (part / "modules" / f"{number:02}-{module}.ko").write_bytes(content)
        shutil.copy(next(unpacked.glob("boot/vmlinuz-*")), part / "vmlinuz")
        part.rename(kept)
    return kept


def archived(name, mode, content):
    """One member of a cpio archive in the format that the kernel unpacks, which is all text."""
    fields = [0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def initial_files(kept, command):
    folder, program, file = 0o040755, 0o100755, 0o100644
    members = [archived(name, folder, b"") for name in
               ["bin", "modules", "dev", "proc", "sys", "root"]]
    busybox = pathlib.Path(shutil.which("busybox"))
    members.append(archived("bin/busybox", program, busybox.read_bytes()))
    for path in sorted((kept / "modules").iterdir()):
        members.append(archived(f"modules/{path.name}", file, path.read_bytes()))
    members.append(archived("init", program, INIT.encode()))
    script = f"cd {shlex.quote(str(build.ROOT))} || exit\n{command}\n"
    members.append(archived("command", file, script.encode()))
    return gzip.compress(b"".join(members) + archived("TRAILER!!!", 0, b""), 1)


def run_on(version, command, say=print):
    """Runs a bash command there, says each line that it prints; returns its status."""
    kept = fetch(version)
    with tempfile.TemporaryDirectory(prefix="lull-kernel-") as name:
        folder = pathlib.Path(name)
        (folder / "initial").write_bytes(initial_files(kept, command))
        with open(folder / "disk", "wb") as disk:
            disk.truncate(DISK_BYTES)
        subprocess.run(["mkfs.ext4", "-q", "-F", folder / "disk"], check=True)
        emulator = [
            "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max",
            "-smp", "2", "-m", "6G", "-nodefaults", "-display", "none", "-no-reboot",
            "-kernel", kept / "vmlinuz", "-initrd", folder / "initial",
            "-serial", "stdio", "-append", "console=ttyS0 quiet panic=-1",
            "-device", "virtio-rng-pci",
            "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=host,mount_tag=host",
            "-drive", f"file={folder}/disk,format=raw,if=virtio,cache=unsafe",
        ]  # fmt: skip
        status = None
        with subprocess.Popen(
            ["timeout", str(LIMIT_S), "setpriv", "--pdeathsig", "KILL", *emulator],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace",
            preexec_fn=children.end_with_this(),
        ) as running:  # fmt: skip
            try:
                for line in running.stdout:
                    before, ending, number = line.rstrip().partition(STATUS)
                    if status is None and (before or not ending):
                        say(before)
                    if ending:
                        status = int(number)
            finally:
                running.terminate()  # which timeout passes on, if it has not ended
    if status is None:
        limit = f", within {LIMIT_S} s at most" if running.returncode == 124 else ""
        sys.exit(f"the machine with Linux {version} ended before its command did{limit}; see above")
    return status


def run_tests(version):
    """Builds clang-O2 and runs its unit tests there; says what failed; passed and failed."""
    build.build("clang-O2")
    runs = [f"timeout 600 build/clang-O2/tests/unit-{name} --colour-mode none 2>&1\n"
            f"echo 'unit-{name} ended with' $?\n" for name in PROGRAMS]
    command = "".join(runs) + KERNEL_TLS + runs[PROGRAMS.index("tls")]
    passed = failed = 0
    lines = []

    def count(line):
        nonlocal passed, failed, lines
        lines.append(line)
        if match := re.match(r"All tests passed .* in (\d+) test case", line):
            passed += int(match[1])
        elif match := re.match(r"test cases: .*?(\d+) passed(?: \| +(\d+) failed)?", line):
            passed += int(match[1])
            failed += int(match[2] or 0)
        elif match := re.match(r"(unit-\w+) ended with (\d+)", line):
            said = [line for line in lines[:-1] if line][-2:]
            print(f"Linux {version}: {match[1]}: {said[0 if match[2] != '0' else -1]}", flush=True)
            if match[2] != "0":
                print("\n".join(lines), flush=True)
                failed += 0 if " failed" in "".join(said) else 1
            lines = []

    run_on(version, command, count)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if sys.argv[1] not in SUITES:
        known = " and ".join(SUITES)
        sys.exit(f"there is no Linux {sys.argv[1]} here, only {known}: those of Debian 12 and 13")
    if platform.machine() != "x86_64":
        sys.exit(f"the kernels are those of amd64, and this machine is {platform.machine()}")
    os.environ["PATH"] += ":/sbin:/usr/sbin"
    for needed in ("qemu-system-x86_64", "busybox", "mkfs.ext4", "dpkg-deb"):
        if not shutil.which(needed):
            sys.exit(f"{needed} is missing; ./dev setup installs it")
    if build.ROOT.parts[1] in ("tmp", "run", "dev", "proc", "sys"):
        sys.exit(f"{build.ROOT} is not to be seen in the machine, which has a /"
                 f"{build.ROOT.parts[1]} of its own; check out elsewhere")
    version, *command = sys.argv[1:]
    if command:
        return run_on(version, " ".join(command), lambda line: print(line, flush=True))
    return run_tests(version)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{error}; is there room in build/kernels/ and in {tempfile.gettempdir()}?")
    except KeyboardInterrupt:
        sys.exit("interrupted; the machine is ended")

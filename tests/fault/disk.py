"""Small disks of a test's own: tmpfs in a mount namespace that ends with the test.

    disk.unshare()                     # first: the test begins again in a namespace of its own
    with disk.Disk(folder / "intake", 24 * disk.MIB) as full:
        full.fill()                    # not a byte is left
        full.free()
"""
import contextlib
import os
import pathlib
import subprocess
import sys

MIB = 1 << 20
TRIES = 100
MARK = "CHAOXUN_OWN_MOUNTS"


def unshare():
    """Needs root, or a kernel that lets anybody have a user namespace."""
    if MARK not in os.environ:
        as_whom = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.environ[MARK] = "1"
        os.execvp("unshare", ["unshare", "--mount", *as_whom, sys.executable, *sys.argv])


class Disk:
    """A disk of some bytes at a folder, which is made."""

    def __init__(self, folder, size):
        self.folder = pathlib.Path(folder)
        self.size = size
        self.ballast = self.folder / "ballast"

    def __enter__(self):
        self.folder.mkdir(mode=0o700, parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.size},mode=700", "tmpfs", self.folder], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def left(self):
        facts = os.statvfs(self.folder)
        return facts.f_bavail * facts.f_frsize

    def fill(self, leave=0):
        """Takes what is free but for some bytes; again, where something was given back meanwhile."""
        with open(self.ballast, "ab") as file:
            for _ in range(TRIES):
                room = self.left() - leave
                if room <= 0:
                    return
                with contextlib.suppress(OSError):  # somebody else took of it first, so that there is less: looked at again
                    os.posix_fallocate(file.fileno(), file.tell(), room)
                    file.seek(0, os.SEEK_END)
        assert room < MIB, f"{room} bytes of {self.folder} could not be taken"

    def free(self):
        self.ballast.unlink()

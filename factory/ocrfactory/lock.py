"""One writer a folder: a lock that names its holder by host and pid, and does not outlive him.

The kernel's lock on the file makes taking it one step; pid and host, written inside, make messages and serve file
systems of several hosts, where the kernel's lock may not reach. The file stays when the lock is released, empty: to
remove it would let two processes hold two files of one name.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import msgspec

from ocrfactory import write
from ocrfactory.errors import LockedError


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock."""

    pid: int
    host: str
    born: str = ""
    """Start time of the process where the system tells it: a pid is used again after a while."""


class Lock:
    """Held from `with` to the end of the block.

    Raises:
        LockedError: a living process of this host, or any process of another host, holds it.
        OutputError: the file cannot be written.
    """

    def __init__(self, path: Path, *, steal: bool = False, log: Callable[[str], None] = lambda line: None) -> None:
        self.path, self.steal, self.log = path, steal, log

    def __enter__(self) -> Lock:
        with write.disk_errors(self.path):
            self.handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                self._take()
            except BaseException:
                os.close(self.handle)
                raise
        return self

    def _take(self) -> None:
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._locked(self._holder(), "wait for it, or choose another folder with --out") from None
        holder = self._holder()  # read under the kernel's lock: a holder who was just leaving has left by now
        me = Holder(os.getpid(), socket.gethostname(), _born(os.getpid()))
        if holder is not None:
            self._judge(holder, me)
        os.ftruncate(self.handle, 0)
        os.pwrite(self.handle, msgspec.json.encode(me), 0)

    def _holder(self) -> Holder | None:
        try:
            return msgspec.json.decode(os.pread(self.handle, 4096, 0), type=Holder)
        except msgspec.MsgspecError:
            return None  # empty: released; anything else: its holder died while he wrote it

    def _judge(self, holder: Holder, me: Holder) -> None:
        if self.steal:
            self.log(f"the lock of pid {holder.pid} on {holder.host} is stolen, as --steal-lock says")
        elif holder.host != me.host:
            raise self._locked(holder, "if that process is gone, use --steal-lock")
        elif _alive(holder.pid) and holder.born in ("", _born(holder.pid)):
            raise self._locked(holder, "wait for it, or choose another folder with --out")
        else:
            self.log(f"the lock of pid {holder.pid}, which is dead, is taken over")

    def _locked(self, holder: Holder | None, cure: str) -> LockedError:
        who = "another process" if holder is None else f"pid {holder.pid} on host {holder.host}"
        return LockedError(f"{self.path.parent.parent} is being written by {who}", cure)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.ftruncate(self.handle, 0)
        os.close(self.handle)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _born(pid: int) -> str:
    """Ticks after boot at which a process started, where /proc tells it; else empty."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return fields[19]

"""Fonts from Debian packages without root: `apt-get download`, then the unpacker of `deb`.

apt decides the mirror, the proxy and the release, and checks the signatures; this module names no host.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ocrfactory.errors import FontError
from ocrfactory.fonts.deb import unpack

TIMEOUT_S = 600.0
LOCK_WAIT_S = 1800.0
_UNWRITABLE = "set OCRFACTORY_DATA_DIR to a folder you can write"

Progress = Callable[[str, int], None]
"""Told the name of a package and how many bytes of it have arrived."""


class Fetched(NamedTuple):
    """What became of each package that was asked for."""

    folders: dict[str, Path]
    failures: dict[str, str]


class _Stopped(Exception):  # noqa: N818 - no fault: the caller is leaving
    pass


def missing_tool() -> str | None:
    """Why this route cannot be taken on this machine, or None."""
    return None if shutil.which("apt-get") else "no apt-get on this machine"


def fetch(packages: Sequence[str], into: Path, progress: Progress | None = None) -> Fetched:
    """Download packages and unpack their fonts into `into/PACKAGE/VERSION`; call it inside `locked(into)`.

    A package that cannot be had is a failure with its reason in the result, so that one message can name all of them.

    Raises:
        FontError: this machine has no apt-get, or `into` cannot be written.
    """
    if reason := missing_tool():
        raise FontError(f"Debian packages cannot be fetched: {reason}")
    try:
        into.mkdir(parents=True, exist_ok=True)
        for stale in (*into.glob(".fetch-*"), *into.glob(".unpack-*")):  # the lock is ours: whoever made them is dead
            shutil.rmtree(stale, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=".fetch-", dir=into))
    except OSError as error:
        raise FontError(f"{into}: {error.strerror or error}", _UNWRITABLE) from error
    apt = _Apt(work, progress)
    folders: dict[str, Path] = {}
    failures: dict[str, str] = {}
    pool = ThreadPoolExecutor(max_workers=2)
    try:
        jobs = {name: pool.submit(_fetch_one, apt, name, into) for name in dict.fromkeys(packages)}
        for name, job in jobs.items():
            try:
                folders[name] = job.result()
            except FontError as error:
                failures[name] = error.message
    finally:
        apt.stop.set()  # on an interrupt no apt is left behind
        pool.shutdown(cancel_futures=True)
        shutil.rmtree(work, ignore_errors=True)
    return Fetched(folders, failures)


def _fetch_one(apt: _Apt, package: str, into: Path) -> Path:
    return unpack(apt.download(package), into, package)


def sizes_mb(packages: Sequence[str]) -> dict[str, float]:
    """The size of each package as far as apt's index knows it."""
    if missing_tool() or not packages or not shutil.which("apt-cache"):
        return {}
    command = ["apt-cache", "show", "--no-all-versions", "--", *packages]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=_environment(), check=False)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    found: dict[str, float] = {}
    for block in done.stdout.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Size): (\S+)$", block, re.MULTILINE))
        if "Package" in fields and fields.get("Size", "").isdigit():
            found[fields["Package"]] = int(fields["Size"]) / 1e6
    return found


@contextmanager
def locked(folder: Path, log: Callable[[str], None]) -> Iterator[None]:
    """Hold the folder's lock, so that two first uses at once fetch once.

    Raises:
        FontError: the folder cannot be written, or another process holds the lock for half an hour.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("a")
    except OSError as error:
        raise FontError(f"{folder}: {error.strerror or error}", _UNWRITABLE) from error
    with file:
        try:
            import fcntl
        except ImportError:  # Windows, which has no apt either
            yield
            return
        end = time.monotonic() + LOCK_WAIT_S
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    log(f"waiting for another process that writes {folder}")
                    told = True
                if time.monotonic() > end:
                    raise FontError(f"{folder} is locked by another process", "end that process") from None
                time.sleep(0.2)
            except OSError:  # a network file system without locks: the rename still keeps each folder whole
                break
        yield


def _environment() -> dict[str, str]:
    return os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}


class _Apt:
    """apt-get with the system's index; with one of our own where that is absent or stale."""

    def __init__(self, work: Path, progress: Progress | None) -> None:
        self.work = work
        self.progress = progress
        self.stop = threading.Event()
        self._guard = threading.Lock()
        self._private: list[str] | None = None

    def download(self, package: str) -> Path:
        """The package's file, in an empty folder of its own."""
        folder = Path(tempfile.mkdtemp(prefix=f"{package}-", dir=self.work))
        reason = self._run([], ["download", package], folder, package)
        if reason is not None:
            with self._guard:
                if self._private is None:
                    self._private = self._private_index()
            reason = self._run(self._private, ["download", package], folder, package)
        found = sorted(folder.glob(f"{package}_*.deb"))
        if reason is not None or not found:
            raise FontError(reason or f"apt-get brought no file of {package}")
        return found[0]

    def _private_index(self) -> list[str]:
        root = self.work / "index"
        for part in ("state/lists/partial", "cache/archives/partial"):
            (root / part).mkdir(parents=True)
        # The system's list of what is installed is only read.
        settings = (
            f"Dir::State={root / 'state'}",
            "Dir::State::status=/var/lib/dpkg/status",
            f"Dir::Cache={root / 'cache'}",
        )
        options = [word for setting in settings for word in ("-o", setting)]
        self._run(options, ["update"], root, None)  # a half index may do: the download decides
        return options

    def _run(self, options: list[str], words: list[str], folder: Path, package: str | None) -> str | None:
        """Run apt-get in `folder`; None, or why it failed."""
        if self.stop.is_set():
            raise FontError("interrupted")
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                ["apt-get", "-q", *options, *words],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(),
                start_new_session=True,  # Ctrl-C reaches us alone, and we end apt
            )
            try:
                self._wait(process, folder, package)
            except subprocess.TimeoutExpired:
                return f"apt-get took longer than {TIMEOUT_S:.0f} s"
            except _Stopped:
                raise FontError("interrupted") from None
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            output.seek(0)
            lines = output.read().decode("utf-8", "replace").splitlines()
        if process.returncode == 0:
            return None
        errors = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")]
        return errors[0] if errors else f"apt-get ended with status {process.returncode}"

    def _wait(self, process: subprocess.Popen[bytes], folder: Path, package: str | None) -> None:
        end = time.monotonic() + TIMEOUT_S
        while process.poll() is None:
            if self.stop.is_set():
                raise _Stopped
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(process.args, TIMEOUT_S)
            if package and self.progress:
                self.progress(package, sum(file.stat().st_size for file in folder.glob("*.deb")))
            time.sleep(0.05)
        if package and self.progress:
            self.progress(package, sum(file.stat().st_size for file in folder.glob("*.deb")))

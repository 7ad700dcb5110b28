"""Reads LMDBs in a process that may die: LMDB maps files, and a damaged page kills whoever follows it.

One pass over all keys, and one byte at the end of each value. The child says what it has read; if it falls silent, the
database that it was at is the damaged one, and another child goes on with the next.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ocrfactory.convert.formats import lmdb_store
from ocrfactory.errors import Reject

PATIENCE = 60.0
"""Seconds that a child has for a database of any size."""
SLOWEST = 4 << 20
"""Bytes a second that a disk gives at least; more seconds for larger ones."""
_HERE = Path(__file__).parents[3]


def damage(paths: Sequence[str]) -> dict[str, str]:
    """What is wrong with LMDBs, by path; those that can be read are not in it."""
    found: dict[str, str] = {}
    done = 0
    while done < len(paths):
        said, end = _child(paths[done:])
        for path, detail in zip(paths[done:], said, strict=False):
            if detail:
                found[path] = detail
        done += len(said)
        if done < len(paths):
            found[paths[done]] = f"reading it {end}: it is damaged, copy it again"
            done += 1
    return found


def _child(paths: Sequence[str]) -> tuple[list[str], str]:
    """What a process says of the first of these, one after the other, and how it ended."""
    command = [sys.executable, "-m", __name__]
    patience = PATIENCE + sum(_size(path) for path in paths) / SLOWEST
    places = os.pathsep.join(filter(None, (str(_HERE), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": places}
    try:
        ended = subprocess.run(
            command,
            input=msgspec.json.encode(paths),
            capture_output=True,
            timeout=patience,
            env=environment,
            check=False,
        )
        said, end = ended.stdout, f"ends the process that reads it ({ended.returncode})"
    except subprocess.TimeoutExpired as error:
        said, end = error.stdout or b"", f"took more than {patience:.0f} seconds"
    return [msgspec.json.decode(line, type=str) for line in said.splitlines(keepends=True) if line.endswith(b"\n")], end


def _size(path: str) -> int:
    try:
        return (Path(path) / "data.mdb").stat().st_size
    except OSError:
        return 0


def _main() -> None:
    """Read each LMDB of a JSON list from standard input, and write a line for each."""
    for path in msgspec.json.decode(sys.stdin.buffer.read(), type=list[str]):
        sys.stdout.buffer.write(msgspec.json.encode(_read(path)) + b"\n")
        sys.stdout.buffer.flush()


def _read(path: str) -> str:
    """What is wrong with an LMDB; empty: nothing."""
    most = _size(path) // lmdb_store.SMALLEST_NODE
    try:
        for count, _ in enumerate(lmdb_store.held(path, touch=True)):
            if count > most:
                return "its keys go round in a circle: it is damaged, copy it again"
    except Reject as reject:
        return reject.detail
    except (ValueError, OverflowError, MemoryError) as error:
        return f"{type(error).__name__}: it is damaged, copy it again"
    finally:
        lmdb_store.close(path)
    return ""


if __name__ == "__main__":
    _main()

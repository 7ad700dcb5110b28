"""Files that ops use: found and hashed when planning, handed to the ops again in the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from ocrfactory.augment.backgrounds import File
from ocrfactory.augment.combine import OneOf, walk
from ocrfactory.augment.op import Op
from ocrfactory.augment.paint import Paint


class OpFiles(msgspec.Struct, frozen=True):
    """What the ops of one part use."""

    files: tuple[tuple[File, ...], ...] = ()
    """Of each `paint`, in the order of `walk`."""
    notes: tuple[str, ...] = ()

    @property
    def facts(self) -> list[list[list[str]]]:
        """Name and hash of each file: what a plan depends on."""
        return [[[file.name, file.sha256] for file in files] for files in self.files]


def settle_files(ops: Sequence[Op], base: Path) -> OpFiles:
    """Find the files of all ops.

    Raises:
        InputError: a folder is missing, or nothing in it can be read.
    """
    found = [op.settle(base) for op in walk(ops) if isinstance(op, Paint)]
    return OpFiles(
        tuple(one.files if one else () for one in found), tuple(note for one in found if one for note in one.notes)
    )


def with_files(ops: Sequence[Op], files: Sequence[tuple[File, ...]]) -> tuple[Op, ...]:
    """The ops, each `paint` with the files that were planned for it."""
    ready = iter(files)
    return each_paint(ops, lambda op: op.with_files(next(ready, ())))


def portable(ops: Sequence[Op]) -> tuple[Op, ...]:
    """The ops without any path of this machine."""
    return each_paint(ops, Paint.portable)


def each_paint(ops: Sequence[Op], change: Callable[[Paint], Paint]) -> tuple[Op, ...]:
    """The ops with every `paint` replaced, nested ones too, in the order of `walk`."""
    return tuple(_changed(ops, change))


def _changed(ops: Sequence[Op], change: Callable[[Paint], Paint]) -> Iterator[Op]:
    for op in ops:
        if isinstance(op, Paint):
            yield change(op)
        elif isinstance(op, OneOf):
            yield op.model_copy(update={"ops": each_paint(op.ops, change)})
        else:
            yield op

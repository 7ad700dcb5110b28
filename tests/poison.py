"""`make_shard` with something wrong: spawned workers import these by name."""

import os
import signal
import time
from pathlib import Path

from ocrfactory import inhand, work, write
from ocrfactory.errors import Reject
from ocrfactory.sources import glyphs
from ocrfactory.work import make_shard


def must_not_be_called(job):
    raise AssertionError(f"shard {job.number} is drawn again")


def _when_in_hand(job, number, position, then):
    """Do something terrible when a worker takes the row at `position` of shard `number` in hand."""
    before = inhand.InHand.note

    def note(self, now):
        before(self, now)
        if job.number == number and now == position:
            then()

    inhand.InHand.note = note
    try:
        return make_shard(job)
    finally:
        inhand.InHand.note = before


def kills_at_five_of_shard_one(job):
    return _when_in_hand(job, 1, 5, lambda: os.kill(os.getpid(), signal.SIGKILL))


def hangs_at_five_of_shard_one(job):
    return _when_in_hand(job, 1, 5, lambda: time.sleep(600))


def kills_once(job):
    if job.attempt == 1:
        return _when_in_hand(job, 2, 5, lambda: os.kill(os.getpid(), signal.SIGKILL))
    return make_shard(job)


def rejects_one_in_shard_one(job):
    drawer = glyphs._Drawer._draw
    left = [1] if job.number == 1 else []

    def draw(self, *arguments):
        if left and left.pop():
            raise Reject("spoiled", "on purpose")
        return drawer(self, *arguments)

    glyphs._Drawer._draw = draw
    try:
        return make_shard(job)
    finally:
        glyphs._Drawer._draw = drawer


def raises_before_commit_of_shard_two(job):
    if job.number != 2:
        return make_shard(job)
    check = write.check_parquet

    def fail(path, tables, facts):
        assert Path(path).exists()
        raise RuntimeError("on purpose")

    work.write.check_parquet = fail
    try:
        return make_shard(job)
    finally:
        work.write.check_parquet = check

"""Whose fault it is when a worker is lost: nobody is blamed for what an attempt before left behind."""

import os
import signal

from ocrfactory.build import Options, build
from ocrfactory.sources.source import Context
from ocrfactory.verify import verify

from tests import poison


def _leave():
    os.kill(os.getpid(), signal.SIGKILL)


def killed_in_a_row_and_then_before_any(job):
    """Shard 1: the first worker dies with row 5 in hand, the second before it has opened its note."""
    if job.number == 1 and job.attempt == 2:
        _leave()
    return poison._when_in_hand(job, 1, 5, _leave) if job.attempt == 1 else poison.make_shard(job)


def test_a_worker_that_is_lost_before_its_first_row_blames_no_row_of_the_attempt_before(tmp_path, make_recipe):
    log = []
    options = Options(workers=1, work=killed_in_a_row_and_then_before_any)
    manifest = build(make_recipe(), tmp_path / "out", Context(log=log.append), options)
    assert manifest.rejects_by_reason == {}
    lost = [line for line in log if "drawn again" in line]
    assert ["in hand" in line for line in lost] == [True, False]
    assert verify(tmp_path / "out").problems == ()

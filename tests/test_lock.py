"""One writer a folder."""

import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from ocrfactory.errors import LockedError, OutputError
from ocrfactory.lock import Lock


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lock_is_free_after_the_block_even_when_it_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), Lock(tmp_path / "lock"):
        raise ZeroDivisionError
    with Lock(tmp_path / "lock"):
        pass


def test_a_living_holder_is_respected_and_named(tmp_path):
    with Lock(tmp_path / "lock"), pytest.raises(LockedError, match=str(os.getpid())) as caught, Lock(tmp_path / "lock"):
        pass
    assert caught.value.exit_code == 6


def test_the_lock_of_a_dead_process_is_taken_over_with_a_log_line(tmp_path):
    lines = []
    (tmp_path / "lock").write_text(json.dumps({"pid": dead_pid(), "host": socket.gethostname()}))
    with Lock(tmp_path / "lock", log=lines.append):
        pass
    assert "dead" in lines[0]


def test_a_pid_that_is_used_again_by_another_process_does_not_hold_the_lock(tmp_path):
    (tmp_path / "lock").write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "born": "1"}))
    with Lock(tmp_path / "lock"):
        pass


def test_a_holder_that_leaves_while_the_lock_is_asked_for_does_not_hold_it(tmp_path, monkeypatch):
    (tmp_path / "lock").write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
    take = fcntl.flock

    def late(handle, how):
        (tmp_path / "lock").write_text("")  # as a leaving holder does
        take(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with Lock(tmp_path / "lock"):
        pass


def test_another_hosts_lock_needs_stealing(tmp_path):
    (tmp_path / "lock").write_text(json.dumps({"pid": 1, "host": "elsewhere"}))
    with pytest.raises(LockedError, match="elsewhere"), Lock(tmp_path / "lock"):
        pass
    with Lock(tmp_path / "lock", steal=True):
        pass


@pytest.mark.parametrize("content", ["", "half a {", "[]"])
def test_a_lock_that_was_cut_short_by_a_crash_is_taken_over(tmp_path, content):
    (tmp_path / "lock").write_text(content)
    with Lock(tmp_path / "lock"):
        pass


def test_a_folder_that_cannot_be_written_is_an_output_error():
    with pytest.raises(OutputError), Lock(Path("/proc/nowhere/lock")):
        pass

"""What tests of commands share: the program in this process, where a stand-in can be put."""

import contextlib
import io
import sys

import pytest
from ocrfactory.cli.main import main


@pytest.fixture(scope="session")
def here():
    """The program in this process; gives exit code, stdout and stderr."""

    def run_here(*words):
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            patch.setattr(sys, "argv", ["ocrfactory", *map(str, words)])
            with pytest.raises(SystemExit) as end:
                main()
        return end.value.code or 0, out.getvalue(), err.getvalue()

    return run_here

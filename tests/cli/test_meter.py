"""Progress: a bar where one can be drawn, lines now and then where not, or nothing."""

import contextlib
import io

import pytest
from ocrfactory.cli.fill_train import Steps
from ocrfactory.cli.meter import Counter, Meter, Progress
from ocrfactory.errors import UsageError


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(params=[io.StringIO, Terminal], ids=["file", "terminal"])
def tell(request):
    """Three ways of counting to two, in a style; gives what was said."""

    def told(style):
        with contextlib.redirect_stderr(request.param()) as stderr:
            with Meter(style) as meter:
                for done in (1, 2):
                    meter(done, 2, 1)
            with Counter(style, "face", 2) as counter:
                for name in ("uming", "ukai"):
                    counter(name)
            with Steps(style) as steps:
                for done in (1, 2):
                    steps(done, 2, {"l1": 0.5})
        return stderr.getvalue()

    return told


ROWS = ["1 of 2 rows, 1 rejects", "2 of 2 rows, 1 rejects"]
FACES = ["0 of 2 faces", "1 of 2 faces: uming", "2 of 2 faces: ukai"]
STEPS = ["step 1 of 2: l1 0.5", "step 2 of 2: l1 0.5"]


def test_plain_is_lines_and_none_is_nothing_on_a_terminal_too(tell, monkeypatch):
    monkeypatch.setattr(Progress, "EVERY", 0.0)
    assert tell("plain").split("\n") == [*ROWS, *FACES, *STEPS, ""]
    assert tell("none") == ""


def test_a_line_is_said_now_and_then_and_where_a_count_ends(tell):
    assert tell("plain").split("\n") == [FACES[-1], STEPS[-1], ""]


def test_a_bar_is_drawn_where_it_is_asked_for_and_auto_draws_it_on_a_terminal_only(tell, request):
    drawn = tell("bar")
    for words in ("rejects=1", "ukai", "l1=0.5", "0/2", "2/2", "2.00/2.00"):
        assert words in drawn
    assert ("\r" in tell("auto")) == request.node.callspec.id.startswith("terminal")


def test_an_unknown_style_is_a_mistake_that_names_the_known_ones():
    with pytest.raises(UsageError, match="--progress 'loud': one of auto, bar, plain, none"):
        Meter("loud")


def test_how_fast_rows_come_is_counted_from_the_first_report():
    with Meter("none") as meter:
        meter(40, 100, 0)
        assert meter.made == 0
        meter(45, 100, 0)
    assert meter.made == 5
    assert meter.seconds >= 0

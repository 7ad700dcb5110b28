"""Fonts are examined by a child that may die: it costs the font in hand and nothing else. Facts are kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from ocrfactory.fonts import names
from ocrfactory.fonts.coverage import probe
from ocrfactory.fonts.coverage.child import Order
from ocrfactory.fonts.coverage.facts import FontFacts
from ocrfactory.fonts.face import FontFile

from tests.makers import make_font, make_ttc, make_variable_font


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRFACTORY_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch):
    def forbid() -> None:
        def popen(*_args: object, **_options: object) -> None:
            raise AssertionError("a child was started")

        monkeypatch.setattr(probe.subprocess, "Popen", popen)

    return forbid


@pytest.fixture
def evil_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that does what the name of a font says."""
    script = tmp_path / "python"
    script.write_text(
        f"""#!{sys.executable}
import os, signal, sys, time
from pathlib import Path
from ocrfactory.fonts.coverage import child

def examine(font, before=child.examine):
    name = Path(font.file.path).stem
    if name.startswith("killer"):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("sleeper"):
        time.sleep(60)
    if name.startswith("raiser"):
        raise ValueError(name)
    if name.startswith("eater"):
        bytearray(child.MEMORY)
    return before(font)

child.examine = examine
child.serve(Path(sys.argv[-1]))
"""
    )
    script.chmod(0o755)
    monkeypatch.setattr(probe.sys, "executable", str(script))


def order(path: Path, lang: str = "und") -> Order:
    return Order(names.describe(path), lang)


def unread(path: Path, index: int = 0) -> Order:
    """An order for a file that nobody has looked at."""
    return Order(FontFile(path=str(path), index=index, sha256=path.name.ljust(64), family="", style=""), "und")


def mapped(facts: FontFacts) -> str:
    return "".join(map(chr, facts.counted()[0].tolist()))


def test_facts_are_kept_by_content_so_a_second_look_and_a_copy_start_no_child(tmp_path: Path, no_child) -> None:
    path = make_font(tmp_path / "f.ttf", "一丁")
    first = probe.facts_of([order(path)])
    assert mapped(first[0]) == "一丁"
    no_child()
    assert probe.facts_of([order(path)]) == first
    copy = tmp_path / "copy.ttf"
    copy.write_bytes(path.read_bytes())
    assert probe.facts_of([order(copy)]) == first
    assert probe.facts_of([]) == []


def test_face_instance_and_language_have_facts_of_their_own(tmp_path: Path) -> None:
    variable = make_variable_font(tmp_path / "v.ttf", "一")
    pair = make_ttc(tmp_path / "p.ttc", [make_font(tmp_path / "a.ttf", "一"), make_font(tmp_path / "b.ttf", "丁")])
    files = [
        names.describe(variable),
        names.describe(variable, 0, (("wght", 900.0),)),
        names.describe(pair, 0),
        names.describe(pair, 1),
    ]
    orders = [Order(file, lang) for file in files for lang in ("ja", "ko")]
    assert len({each.key for each in orders}) == 8
    assert [mapped(facts) for facts in probe.facts_of(orders)] == list("一一一一一一丁丁")


@pytest.mark.parametrize(
    "rot", [lambda data: b"", lambda data: data[:-3], lambda data: b"\xff" * 40, lambda data: data[:-1] + b"\x63"]
)
def test_facts_that_rotted_on_the_disk_are_found_out_again(tmp_path: Path, rot) -> None:
    path = make_font(tmp_path / "f.ttf", "一丁")
    first = probe.facts_of([order(path)])
    kept = probe.cache_folder() / order(path).key
    kept.write_bytes(rot(kept.read_bytes()))
    assert probe.facts_of([order(path)]) == first
    assert [file.name for file in probe.cache_folder().iterdir()] == [order(path).key]


def test_a_lost_verdict_or_an_unknown_one_is_rot() -> None:
    assert FontFacts(b"\0\0\0\0", b"\1").whole
    assert not FontFacts(b"\0\0\0\0\0", b"\1").whole
    assert not FontFacts(b"\0\0\0\0", b"").whole
    assert not FontFacts(b"\0\0\0\0", b"\x63").whole


def test_a_cache_that_cannot_be_written_costs_time_and_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("OCRFACTORY_CACHE_DIR", str(tmp_path / "file"))
    path = make_font(tmp_path / "f.ttf", "一")
    assert mapped(probe.facts_of([order(path)])[0]) == "一"


@pytest.mark.usefixtures("evil_child")
def test_a_font_that_kills_its_reader_costs_only_itself(tmp_path: Path) -> None:
    stems = ("a", "killer-1", "b", "killer-2", "raiser", "c", "eater")
    paths = [make_font(tmp_path / f"{stem}.ttf", f"一{chr(0x4E10 + i)}") for i, stem in enumerate(stems)]
    facts = probe.facts_of([order(path) for path in paths])
    reasons = {path.stem: found.quarantine for path, found in zip(paths, facts, strict=True)}
    assert [stem for stem, reason in reasons.items() if reason is None] == ["a", "b", "c"]
    for stem, words in (("killer-1", "SIGKILL"), ("killer-2", "SIGKILL"), ("raiser", "status 1"), ("eater", "status")):
        assert words in str(reasons[stem])
        assert f"{stem}.ttf: quarantined" in str(reasons[stem])


@pytest.mark.usefixtures("evil_child")
def test_a_font_that_takes_for_ever_costs_only_itself(tmp_path: Path) -> None:
    paths = [make_font(tmp_path / f"{stem}.ttf", stem) for stem in ("a", "sleeper", "b", "c")]
    facts = probe.facts_of([order(path) for path in paths], seconds=2)
    assert [found.quarantine is None for found in facts] == [True, False, True, True]
    assert "took longer than 2 s" in str(facts[1].quarantine)


def test_a_quarantine_is_not_kept_for_the_machine_may_be_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_font(tmp_path / "f.ttf", "一")
    wanted = order(path)
    path.rename(tmp_path / "away")
    assert "No such file" in str(probe.facts_of([wanted])[0].quarantine)
    (tmp_path / "away").rename(path)
    assert mapped(probe.facts_of([wanted])[0]) == "一"


def test_a_child_that_dies_before_it_reads_is_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe.sys, "executable", "/bin/false")
    file = names.describe(make_font(tmp_path / "f.ttf", "一"))
    many = [Order(file, "x" * 100_000 + str(i)) for i in range(4)]  # more than a pipe holds
    assert all("status 1" in str(facts.quarantine) for facts in probe.facts_of(many))


def test_whatever_a_file_holds_the_answer_is_facts_or_a_quarantine(tmp_path: Path) -> None:
    whole = make_font(tmp_path / "whole.ttf", "一丁七").read_bytes()
    contents = {
        "empty": b"",
        "text": b"no font at all",
        "zeros": bytes(5_000),
        "directory": whole[:12],
        "half": whole[: len(whole) // 2],
        "almost": whole[:-9],
        "collection": b"ttcf\0\1\0\0\xff\xff\xff\xff" + whole,
        "noise": whole[:300] + os.urandom(len(whole) - 300),
    }
    paths = [tmp_path / f"{name}.ttf" for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_bytes(content)
    facts = probe.facts_of([unread(path) for path in paths] + [unread(tmp_path / "whole.ttf", 3)])
    for path, found in zip([*paths, tmp_path / "whole.ttf"], facts, strict=True):
        assert found.whole
        if path.stem != "noise":
            assert str(path) in str(found.quarantine)
    assert "there is no face 3" in str(facts[-1].quarantine)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_file_that_never_answers_is_given_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ttf")
    facts = probe.facts_of([unread(tmp_path / "pipe.ttf")], seconds=1)
    assert "took longer than 1 s" in str(facts[0].quarantine)


def test_the_log_says_when_many_fonts_are_examined_and_only_then(tmp_path: Path) -> None:
    said: list[str] = []
    orders = [order(make_font(tmp_path / f"{char}.ttf", char)) for char in "一丁七"]
    probe.facts_of(orders, said.append)
    probe.facts_of(orders, said.append)
    assert said == ["examining 3 font files, once: what each really draws"]

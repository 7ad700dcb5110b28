import json
from pathlib import Path

import pytest
from ocrfactory.charset import Report, check, load_charset

LINES = [
    "가", "字", "가", "",  # 3 repeats 1; 4 is empty
    "\uf914",  # 5: changes under NFC into 樂
    "\ue000", "葛\U000e0100", "\u2268\ufe00", "\u1112\u1161\u11ab", "⿰氵字", "ab",  # 6 to 11
    "ㄱ", " x", "\U00031350", "\u0378", "a\u200b", "é",  # 12 to 17
]  # fmt: skip


@pytest.fixture
def report(tmp_path: Path) -> Report:
    path = tmp_path / "list.txt"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return check(path)


@pytest.mark.parametrize(
    ("finding", "lines"),
    [
        ("duplicate", [3]),
        ("empty", [4]),
        ("nfc_unstable", [5, 9]),
        ("private_use", [6]),
        ("sequence_ivs", [7]),
        ("sequence_standardised", [8]),
        ("sequence_jamo", [9]),
        ("sequence_description", [10]),
        ("sequence_other", [11, 13, 16]),
        ("compatibility_jamo", [12]),
        ("white_space", [13]),
        ("unassigned", [15]),
        ("format", [16]),
    ],
)
def test_a_finding_names_its_lines(report: Report, finding: str, lines: list[int]) -> None:
    assert [example.position for example in report.findings[finding].examples] == lines
    assert report.findings[finding].count == len(lines)


def test_an_unstable_entry_is_told_with_what_it_becomes(report: Report) -> None:
    example = report.findings["nfc_unstable"].examples[0]
    assert (example.codepoints, example.note) == ("U+F914", "becomes 樂 U+6A02")


def test_an_ideograph_newer_than_the_running_python_is_assigned(report: Report) -> None:
    assert "U+31350" not in str(report.findings["unassigned"])
    assert "15.1" in report.unicode_version


def test_oddities_alone_leave_a_list_usable(report: Report) -> None:
    assert report.usable
    assert (report.total, report.unique) == (16, 15)


def test_the_hash_is_that_of_the_charset(tmp_path: Path, report: Report) -> None:
    assert report.sha256 == load_charset(tmp_path / "list.txt").sha256


def test_lone_surrogates_pairs_and_controls_make_a_list_unusable(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('["\\ud840", "\\udc00", "a\\tb", "a\\u2028"]')
    found = check(path).findings
    assert {name: finding.count for name, finding in found.items() if name in ("control", "lone_surrogate")} == {
        "control": 2,
        "lone_surrogate": 2,
    }
    assert not check(path).usable
    assert found["lone_surrogate"].examples[0].text == "\\ud840"


def test_a_pair_of_narrow_python_2_is_reported_and_not_joined(tmp_path: Path) -> None:
    import pickle

    path = tmp_path / "list.pkl"
    path.write_bytes(pickle.dumps(["\ud840\udc00"]))
    report = check(path)
    assert report.findings["surrogate_pair"].examples[0].note == "stands for U+20000"
    assert "lone_surrogate" not in report.findings
    assert not report.usable


def test_a_report_goes_into_json(tmp_path: Path, report: Report) -> None:
    value = json.loads(json.dumps(report.to_dict(), ensure_ascii=False).encode())
    assert value["usable"] is True
    assert value["findings"]["duplicate"]["count"] == 1


def test_a_built_in_set_is_checked_by_its_name() -> None:
    report = check("ksx1001-hanja")
    assert (report.kind, report.total, report.unique_after_nfc) == ("expression", 4_888, 4_622)
    assert report.findings["nfc_unstable"].count == 268
    assert report.groups == {"han": 4_888}


@pytest.mark.parametrize("name", ["nom", "big5", "hangul", "cjk-punctuation", "ascii"])
def test_the_built_in_sets_hold_nothing_unusable(name: str) -> None:
    assert set(check(name).findings) <= {"nfc_unstable"}


def test_windows_files_are_told(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeff가\r\n나\r\n".encode())
    report = check(str(path))
    assert (report.bom, report.crlf, report.findings) == (True, 2, {})


def test_long_entries_are_shown_shortened(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("a" * 100_000 + "\n")
    assert len(check(path).findings["sequence_other"].examples[0].text) == 40

"""`ocrfactory fill` as a user meets it: what is printed, exit codes, and the gate asked again."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ocrfactory import encode, read
from ocrfactory.verify import verify

from tests.cli.filling import changed, complete, options
from tests.cli.test_main import run
from tests.conftest import HAN
from tests.fill.stand_ins import StandInGate
from tests.makers import make_font

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A target that lacks twelve classes, a lender of all but one of them, and a generator."""
    folder = tmp_path_factory.mktemp("fill")
    make_font(folder / "target.ttf", HAN[:10], family="Target")
    make_font(folder / "lender.ttf", HAN, family="Lender")
    return complete(folder, HAN + "鬱")


FIRST = StandInGate(refused=HAN[10])


def words_of(world, *more):
    return ("fill", *options(world), *more)


def test_it_fills_the_holes_and_says_what_became_of_each(world, here, gate, tmp_path):
    gate(StandInGate(refused=HAN[10]))
    code, out, err = here(*words_of(world, "--out", tmp_path / "o", "--executor", "serial"))
    assert code == 0, err
    assert f"rare: {len(HAN) - 9} pictures of holes asked for" in out
    assert f"{len(HAN) - 11} admitted by the gate" in out
    assert "1 refused: gate_class 1" in out
    assert "1 unfit: no_content 1" in out
    report = json.loads((tmp_path / "o/meta/report.json").read_text("utf-8"))["fill"]["rare"]
    assert report["asked"] == report["admitted"] + 2
    assert verify(tmp_path / "o").problems == ()
    assert {row["origin"] for row in read.rows(tmp_path / "o", ["origin"])} == {"gan"}


def test_a_fallback_leaves_nothing_out_and_a_strict_rate_fails(world, here, gate, tmp_path):
    gate(StandInGate(refused=HAN[10:]))
    code, out, _ = here(*words_of(world, "-o", tmp_path / "a", "--executor", "serial", "--on-reject", "fallback"))
    assert code == 0
    assert "drawn by another font instead" in out
    assert "0 admitted by the gate: 0.0% of those judged" in out
    gate(StandInGate(refused=HAN[10]))
    code, _, err = here(*words_of(world, "-o", tmp_path / "b", "--executor", "serial", "--max-reject-rate", "0.01"))
    assert code == 5, err


def test_all_refused_is_a_failure_with_its_reasons(world, here, gate, tmp_path):
    gate(StandInGate(refused=HAN[10:]))
    code, out, err = here(*words_of(world, "-o", tmp_path / "o", "--executor", "serial"))
    assert code == 5, (out, err)
    assert "gate_class" in out
    assert "no row was made" in err


def test_the_command_line_in_processes_of_its_own(world, tmp_path):
    result = run(*words_of(world, "--out", tmp_path / "o", "--ungated", "--limit", 4, "--per-class", 2, "--json"))
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert facts["fill"]["rare"]["ungated"] == facts["rows"] == 4
    assert facts["fill"]["rare"]["not_drawn"] == 2 * (len(HAN) - 10) - 4
    assert "**Ungated.**" in (tmp_path / "o/README.md").read_text("utf-8")
    audit = run("fill", "audit", tmp_path / "o", "--font-dir", world)
    assert audit.returncode in (0, 1, 4)  # as the gate of this installation says


def test_dry_run_names_the_holes_and_who_lends_content(world, here, gate):
    gate(StandInGate())
    code, out, err = here(*words_of(world, "--dry-run"))
    assert code == 0
    assert f"content of {len(HAN) - 10} from lender {len(HAN) - 10}; no_content 1" in err
    assert "target-fill" in out
    assert "no_content" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["fill"], 2, "fill takes --font"),
        (["fill", "--font", "nosuchfont", "--charset", "han", "--ungated"], 4, "nosuchfont"),
        (["fill", "--font", "uming", "audit", "x"], 2, "--font: of fill alone here"),
        (["fill", "--generator", "x.onnx", "--seed", "9", "eval"], 2, "--generator, --seed: of fill alone here"),
        (["fill", "--font", "x.ttf", "--retries", "9"], 2, "retries"),
        (["fill", "--font", "x.ttf", "--ungated", "--on-reject", "fallback"], 2, "refuses nothing"),
        (["fill", "--font", "x.ttf", "--on-reject", "other"], 2, "--on-reject"),
        (
            ["fill", "--font", "x.ttf", "--ink", "40", "-r", "gan"],
            2,
            "leave ink at 0 and ground at 255 (--ink, --ground)",
        ),
        (["fill", "audit", "nosuchfolder"], 4, "nosuchfolder"),
    ],
)
def test_mistakes_have_words_and_an_exit_code(here, gate, words, code, said):
    gate(StandInGate())
    found, _, err = here(*words)
    assert found == code, err
    assert said in err


def test_a_generator_that_is_not_there_is_named(world, here, gate):
    gate(StandInGate())
    code, _, err = here(*changed(words_of(world, "--dry-run"), {"--generator": world / "absent.pt"}))
    assert code == 4
    assert "absent.pt" in err


@pytest.fixture
def filled(world, here, gate, tmp_path):
    gate(FIRST)
    out = tmp_path / "filled"
    assert here(*words_of(world, "-o", out, "--executor", "serial", "--per-class", 2))[0] == 0
    return out


def test_audit_admits_again_what_was_admitted(world, here, gate, filled):
    gate(FIRST)
    code, out, err = here("fill", "audit", filled, "--font-dir", world)
    assert code == 0, err
    rows = 2 * (len(HAN) - 11)
    assert f"Target Regular: {rows} generated rows, {rows // 2} judged, {rows // 2} admitted (100.0%)" in out
    assert f"not judged: jitter {rows // 2}" in out


def test_audit_fails_where_the_same_gate_takes_an_admission_back(world, here, gate, filled):
    gate(StandInGate(refused=HAN[11], id=FIRST.id))
    code, out, err = here("fill", "audit", filled, "--font-dir", world)
    assert code == 8
    assert "refused: gate_class 1" in out
    assert "rare/" in err
    code, out, _ = here("fill", "audit", filled, "--font-dir", world, "--json")
    assert code == 8
    assert len(json.loads(out)["taken_back"]) == 1


def test_audit_by_another_gate_says_so_and_blames_nobody(world, here, gate, filled):
    gate(StandInGate(refused=HAN[11]))
    code, out, _ = here("fill", "audit", filled, "--font-dir", world)
    assert code == 0
    assert f"admitted by another gate, {FIRST.id}" in out
    assert "refused: gate_class 1" in out


def test_audit_wants_the_very_font_that_lent_the_content(here, gate, filled, tmp_path):
    gate(StandInGate())
    code, _, err = here("fill", "audit", filled)
    assert code == 4
    assert "lender: no font with SHA-256" in err
    assert "--font-dir" in err


@pytest.mark.parametrize(
    ("picture", "said"), [(b"no picture", "cannot be read"), (encode.png(np.zeros((8, 8), np.uint8)), "is not 64")]
)
def test_audit_names_the_row_whose_picture_is_damaged(world, here, gate, filled, picture, said):
    gate(FIRST)
    path = next((filled / "data").glob("*.parquet"))
    table = pq.read_table(path)
    image = table["image"].to_pylist()
    judged = next(i for i, attrs in enumerate(table["attrs"].to_pylist()) if "jitter" not in attrs)
    image[judged]["bytes"] = picture
    at = table.schema.get_field_index("image")
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(image, table.schema.field(at).type)), path)
    code, _, err = here("fill", "audit", filled, "--font-dir", world)
    assert code == 4
    assert f"{table['id'][judged]}: its picture {said}" in err
    assert "ocrfactory verify" in err


def test_audit_of_a_data_set_without_generated_rows_says_so(here, gate, build_serially, tmp_path):
    gate(StandInGate())
    build_serially(tmp_path / "o")
    code, _, err = here("fill", "audit", tmp_path / "o")
    assert code == 4
    assert "no row is generated" in err


def test_augmented_rows_are_counted_and_not_judged(world, here, gate, tmp_path):
    gate(StandInGate())
    assert here(*words_of(world, "-o", tmp_path / "o", "--executor", "serial", "--recipe", "gan"))[0] == 0
    code, out, _ = here("fill", "audit", tmp_path / "o", "--font-dir", world)
    assert code == 0
    assert "not judged: augmented" in out

"""The split that a delivery gives its files, read from paths as they are shipped."""

import re

import pytest
from ocrfactory.convert.official import split_above, split_by_rules, split_of

TRAIN, VALIDATION, TEST = "train", "validation", "test"


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("Training/[원천]간판_1.zip/a.jpg", TRAIN),
        ("1.Training/라벨링데이터/TL1.zip/a.json", TRAIN),
        ("1. Training/labeling/a.json", TRAIN),
        ("2.Validation/원천데이터/VS_가로.zip/a.jpg", VALIDATION),
        ("2. validation/labling/a.json", VALIDATION),
        ("01.원천데이터/[원천]Validation/a.jpg", VALIDATION),
        ("[라벨]Training/x.json", TRAIN),
        ("3.Test/a.jpg", TEST),
        ("023.OCR 데이터(공공)/01-1.정식개방데이터/Training/01.원천데이터/TS_x.zip/a.jpg", TRAIN),
        ("053.대용량 손글씨/01.데이터/1.Training/2.라벨링데이터/4.Validation/a.json", TRAIN),  # a folder inside
        ("1.Training/VL_4.Validation.zip/a.json", VALIDATION),  # the zip's own word wins
        ("Validation/TL.zip/a.json", TRAIN),
        ("TS/a.jpg", TRAIN),
        ("VS_1/a.jpg", VALIDATION),
        ("tl1/a.json", TRAIN),
        ("val/a.jpg", VALIDATION),
        ("valid/a.jpg", VALIDATION),
        ("train/a.jpg", TRAIN),
        ("testing/a.jpg", TEST),
        ("TRAINING/a.jpg", TRAIN),
        ("1_train/a.jpg", TRAIN),
    ],
)
def test_paths_as_they_are_shipped_name_their_split(path, split):
    assert split_of(path) == split


@pytest.mark.parametrize(
    "path",
    [
        "a.jpg",
        "training.json",  # a file, no folder
        "Trainings/a.jpg",
        "trainer/a.jpg",
        "testament/a.jpg",
        "value/a.jpg",
        "valuation/a.jpg",
        "TSV/a.jpg",
        "Vsomething/a.jpg",
        "원천데이터/a.jpg",
        "새 폴더 (2)/a.jpg",
    ],
)
def test_a_path_that_names_no_split_gives_none(path):
    assert split_of(path) is None


def test_the_folder_that_was_named_counts_last():
    assert split_of("a/b.jpg", "Validation") == VALIDATION
    assert split_of("Training/b.jpg", "Validation") == TRAIN
    assert split_of("VS_1.zip/b.jpg", "Training") == VALIDATION


def test_the_rule_of_the_outermost_folder_wins_and_the_file_name_does_not_count():
    rules = (("train", re.compile("^printed_train")), ("test", re.compile("^held")))
    assert split_by_rules("held/printed_train/a.json", rules) == TEST
    assert split_by_rules("printed_train/held/a.json", rules) == TRAIN
    assert split_by_rules("x/printed_train.json", rules) is None


@pytest.mark.parametrize(
    ("root", "inner", "split"),
    [
        ("/d/053/01.데이터/1.Training", {"validation"}, "train"),  # a training tree that holds 4.Validation
        ("/d/053/01.데이터/1.Training/원천데이터", {"validation"}, "train"),
        ("/d/053/1.Training/원천데이터/TS5", {"validation"}, "train"),
        ("/d/105/2.Validation", {"train"}, "validation"),
        ("/d/105/Training", set(), "train"),
        ("/d/VS1", set(), "validation"),
        ("/d/053", {"validation"}, None),
        ("/d/training_data", {"validation"}, None),
        ("/home/train/105", set(), None),
        ("/d/Validation/105", {"train", "validation"}, None),  # a whole delivery: its own folders say
    ],
)
def test_the_folder_that_was_named_is_the_outermost(root, inner, split):
    assert split_above(root, inner) == split

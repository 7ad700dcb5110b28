"""The generated parts of documents are what the code says; `UPDATE_DOCS=1 pytest tests/test_docs.py` writes them."""

import os
import re
from pathlib import Path
from typing import get_args

import pytest
from ocrfactory import recipe as recipes
from ocrfactory.augment import OPS, reference
from ocrfactory.augment import recipes as augment
from ocrfactory.corpus import AnyCorpus
from ocrfactory.sources import AnySource

README = Path(__file__).parents[1] / "recipes" / "README.md"
START, END = "<!-- ops: made from the code by tests/test_docs.py -->", "<!-- end of ops -->"


def test_the_table_of_ops_is_the_one_of_the_code():
    text = README.read_text("utf-8")
    head, _, rest = text.partition(START)
    _, _, tail = rest.partition(END)
    wanted = f"{head}{START}\n\n" + "\n".join(reference.table()) + f"{END}{tail}"
    if os.environ.get("UPDATE_DOCS"):
        README.write_text(wanted, "utf-8")
        text = wanted
    assert text == wanted, "the ops changed: UPDATE_DOCS=1 pytest tests/test_docs.py"


@pytest.mark.parametrize("name", OPS)
def test_every_op_says_what_it_looks_like_and_what_each_field_means(name):
    assert len(reference.summary(OPS[name])) > 10
    for field, _, words in reference.fields(OPS[name]):
        assert len(words) > 5, f"{name}.{field} has no description"


def test_every_kind_of_source_and_corpus_is_in_the_readme():
    text = README.read_text("utf-8")
    for union in (AnySource, AnyCorpus):
        for model in get_args(get_args(union)[0]):
            assert f"| `{model.model_fields['kind'].default}` |" in text


@pytest.mark.parametrize("name", recipes.names())
def test_every_shipped_recipe_is_valid_and_says_what_it_is(name):
    assert recipes.load(recipes.find(name)).title


@pytest.mark.parametrize("name", augment.names())
def test_every_shipped_augmentation_is_valid_says_what_it_is_for_and_keeps_a_floor(name):
    found = augment.load(augment.find(name))
    assert found.title
    assert found.origins
    assert found.floor is not None
    assert found.faults(found.origins, clean="real" not in found.origins) == []
    assert f"`{name}`" in README.read_text("utf-8")


def test_every_example_in_the_readme_is_a_valid_recipe(tmp_path):
    blocks = re.findall(r"(?:^    .*\n|^\n)+", README.read_text("utf-8"), re.MULTILINE)
    documents = [block for block in blocks if re.search(r"^    (name|title):", block, re.MULTILINE)]
    assert len(documents) >= 2
    for number, block in enumerate(documents):
        path = tmp_path / f"{number}.yaml"
        path.write_text(re.sub(r"^    ", "", block, flags=re.MULTILINE), "utf-8")
        if "\nops:" in path.read_text("utf-8"):
            augment.load(path)
        else:
            recipes.load(path)

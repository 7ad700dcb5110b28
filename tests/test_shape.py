"""The shape of the code and of its documents: what a reader is promised holds everywhere."""

import ast
import re
import shlex
from pathlib import Path

import pytest
import typer
from ocrfactory.cli.main import app

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "factory" / "ocrfactory"
MODULES = sorted(PACKAGE.rglob("*.py"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("[a-z]*/README.md"), *PACKAGE.rglob("README.md")])


def commands(group, prefix=()):
    """Every command of the program, as words; a group that does something by itself after its commands."""
    for name, command in getattr(group, "commands", {}).items():
        if getattr(command, "commands", None):
            yield from commands(command, (*prefix, name))
        if getattr(command, "invoke_without_command", False) or not getattr(command, "commands", None):
            yield (*prefix, name), command


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_uses_global_randomness_or_a_clock_that_reaches_rows(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            assert not re.match(r"(np|numpy)\.random\.(seed|rand|randint|choice|uniform|normal|shuffle)$", name)
            assert not re.match(r"random\.(seed|random|choice|randint|shuffle|uniform)$", name)
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{path}:{node.lineno}: a bare except"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_module_says_what_it_is_for_and_holds_one_idea(path):
    text = path.read_text("utf-8")
    if text.strip():
        assert ast.get_docstring(ast.parse(text))
        assert text.count("\n") <= 400


def test_every_command_that_the_documents_show_exists_with_its_options():
    shown = 0
    for document in DOCUMENTS:
        for line in re.findall(r"^\s*(?:\$ )?(ocrfactory .*)$", document.read_text("utf-8"), re.MULTILINE):
            words = shlex.split(line.split("   ")[0], comments=True)[1:]
            words = [word for word in words if word not in ("...", "|")]
            known = [name for name in ALL if tuple(words[: len(name)]) == name]
            assert known, f"{document.name}: no such command: {line}"
            options = {option for parameter in ALL[known[0]].params for option in getattr(parameter, "opts", [])}
            for word in words:
                if word.startswith("-"):
                    assert word.split("=")[0] in options, f"{document.name}: {' '.join(known[0])} has no {word}"
            shown += 1
    assert shown > 10


def test_every_command_is_in_the_readme_or_the_readme_of_its_folder():
    text = "\n".join(document.read_text("utf-8") for document in DOCUMENTS)
    for name in ALL:
        assert re.search(rf"ocrfactory {' '.join(name)}\b|`{name[-1]}`", text), f"no document shows {' '.join(name)}"


def test_every_link_of_the_documents_leads_somewhere():
    for document in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.relative_to(ROOT)}: {target}"


def test_every_module_has_its_line_in_the_map_of_the_package():
    text = (ROOT / "factory" / "README.md").read_text("utf-8")
    for path in PACKAGE.iterdir():
        name = f"{path.name}/" if path.is_dir() else path.name
        if not name.startswith("_"):
            assert name == "py.typed" or f"`{name}`" in text, f"factory/README.md lacks {name}"

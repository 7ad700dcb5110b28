"""What tests share: a cache and a data folder of their own, a tiny font, and a build of it."""

import os

import pytest

from tests.makers import make_font

HAN = "一丁七丈三上下丌不丏丐丑丒专且丕世丗丘丙"


@pytest.fixture(autouse=True, scope="session")
def _own_folders(tmp_path_factory):
    """Nothing of the machine's caches decides a test, and no test fetches anything."""
    before = dict(os.environ)
    for name in ("OCRFACTORY_CACHE_DIR", "OCRFACTORY_DATA_DIR"):
        os.environ[name] = str(tmp_path_factory.mktemp(name.lower()))
    os.environ["OCRFACTORY_OFFLINE"] = "1"
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def font(tmp_path_factory):
    """A font that draws the characters of `HAN`."""
    return make_font(tmp_path_factory.mktemp("fonts") / "tiny.ttf", HAN)


@pytest.fixture(scope="session")
def charset(tmp_path_factory):
    """`HAN` as a file, one class a line, and one class that the font lacks."""
    path = tmp_path_factory.mktemp("charsets") / "han.txt"
    path.write_text("".join(f"{char}\n" for char in HAN + "龜"), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def make_recipe(font, charset):
    """A recipe of the tiny font; keyword arguments change the recipe, `source` its source."""
    from ocrfactory.recipe import Recipe

    def make(source=None, **changes):
        fields = {"kind": "glyphs", "fonts": [str(font)], "charset": str(charset), "per_class": 5, "size": 32}
        parts = [{"source": {**fields, **(source or {})}}]
        return Recipe.model_validate({"name": "tiny", "shard_rows": 17, "parts": parts, **changes})

    return make


@pytest.fixture
def build_serially(make_recipe):
    """Build a recipe in this process, by default the tiny one."""
    from ocrfactory.build import Options, build
    from ocrfactory.sources.source import Context

    def run(out, recipe=None, context=None, **options):
        return build(recipe or make_recipe(), out, context or Context(), Options(executor="serial", **options))

    return run


@pytest.fixture
def gate(monkeypatch):
    """Put a gate in place of the one that ships, in this process: `gate(StandInGate(...))`."""

    def use(stand_in):
        monkeypatch.setattr("ocrfactory.fill.gate.load_gate", lambda engine="auto": stand_in)
        return stand_in

    return use

"""What tests of training share: a pack, and one thread, so that they take their time from nobody."""

import pytest


@pytest.fixture(scope="session")
def pack_file(tmp_path_factory):
    """A made pack as a file."""
    pytest.importorskip("safetensors")
    from tests.fill.training.packs import write_pack

    return write_pack(tmp_path_factory.mktemp("pack") / "glyphs.safetensors")


@pytest.fixture(scope="session")
def pack(pack_file):
    """A made pack, opened."""
    from ocrfactory.fill.training.pack import GlyphPack

    return GlyphPack(pack_file)


@pytest.fixture(scope="module")
def device():
    """The processor, float32, one thread of torch."""
    torch = pytest.importorskip("torch")
    from ocrfactory.fill.training.device import Device

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield Device("cpu", "float32")
    torch.set_num_threads(threads)

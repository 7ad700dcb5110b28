"""What the modules of `fill` may reach: nothing that runs code out of a file, and no torch before it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import ocrfactory.fill
import pytest

FOLDER = Path(ocrfactory.fill.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
UNSAFE = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def unsafe_in(source):
    """What of a module can unpickle."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] in UNSAFE)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from [node.module] if node.module.split(".")[0] in UNSAFE else []
            yield from (f"{node.module}.{name.name}" for name in node.names if f"{node.module}.{name.name}" in CALLS)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in CALLS:
            yield ast.unparse(node)
        if isinstance(node, ast.keyword) and node.arg in ("weights_only", "allow_pickle"):
            yield node.arg


CALLS = {"torch.load", "torch.serialization.load", "torch.hub.load", "torch.package.PackageImporter"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_no_module_of_fill_unpickles(path):
    assert list(unsafe_in(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import pickle",
        "def f():\n    from pickle import loads",
        "import torch\ntorch.load('x')",
        "from torch import load",
        "f(weights_only=True)",
        "np.load('x', allow_pickle=True)",
    ],
)
def test_a_module_that_unpickles_would_be_found(planted):
    assert list(unsafe_in(planted))


@pytest.mark.parametrize(
    "module", ["ocrfactory.fill.load", "ocrfactory.fill.gate", "ocrfactory.fill.heldout", "ocrfactory.cli.main"]
)
def test_importing_loads_no_torch(module):
    code = f"import sys, {module}; print(*({{'torch', 'onnxruntime', 'matplotlib'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

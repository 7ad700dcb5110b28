"""A TorchScript archive, looked through before torch opens it.

`torch.jit.load` reads `data.pkl` and `constants.pkl` by an unpickler of its own in C++: it builds tensors, containers
and objects of classes that the archive's own code defines, and never reaches Python's importer. What is left is the
code itself. It is a program, `__setstate__` runs while it is loaded, and among torch's operators some write and
read files (`aten::save`, `aten::from_file`), some call other machines (`prim::rpc_*`), and classes registered by other
libraries (`torch.classes`) do whatever they like. Those names are refused in the source and in the pickles. TorchScript
has no other way to name an operator: no `eval`, no names made of strings.

A program can still use up time and memory: an archive comes from somebody who is trusted that far.
"""

from __future__ import annotations

import io
import lzma
import pickletools
import re
import struct
import zipfile
import zlib

from ocrfactory.errors import InputError

MAX_CODE = 64 << 20
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(ValueError, IndexError, NotImplementedError, RuntimeError, OSError, EOFError),
)
_CURE = "export it as ONNX: torch.onnx.export(model, (content, style_refs), 'my.onnx', dynamo=False)"
# TorchScript's identifiers are ASCII and have no escapes, so a name that is used is a word of the source.
_FORBIDDEN = re.compile(r"\b(save|from_file|rpc_\w+|classes|load_tensor|debugprims|symm_mem|c10d\w*|_c10d\w*)\b")
_NAMESPACE = re.compile(r"\bops\s*\.\s*(?!(?:prims?|aten|quantized)\b)(\w+)")


def vetted(data: bytes, name: str, limit: int) -> bytes:
    """The archive, written anew from what was looked at: two readers of zip may differ in what they find in one.

    Args:
        data: the bytes of the archive.
        name: what it is called, for messages.
        limit: bytes of all entries together.

    Raises:
        InputError: the archive is damaged, or its code could reach files, other machines or foreign libraries.
    """
    clean = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(clean, "w") as copy:
            entries = archive.infolist()
            if len({entry.filename for entry in entries}) != len(entries):
                raise InputError(f"{name}: two entries of one name in the archive")
            if sum(entry.file_size for entry in entries) > limit:
                raise InputError(f"{name}: unpacked it is larger than any generator of glyphs")
            for entry in entries:
                content = archive.read(entry)
                _look(entry.filename, content, name)
                copy.writestr(zipfile.ZipInfo(entry.filename), content)
    except _DAMAGE as error:
        raise InputError(f"{name}: a damaged archive: {error}", "copy or download it again") from error
    return clean.getvalue()


def _look(entry: str, content: bytes, name: str) -> None:
    inside = entry.partition("/")[2]  # the first folder is the archive's own name
    if inside.startswith(("data/", "constants/")):
        return  # plain numbers of tensors
    if inside.endswith("pkl"):
        _look_at_pickle(entry, content, name)
    elif inside.startswith("code/"):
        if len(content) > MAX_CODE:
            raise InputError(f"{name}: {entry} is longer than any generator's code")
        source = content.decode("utf-8")
        found = _FORBIDDEN.search(source) or _NAMESPACE.search(source)
        if found:
            raise InputError(f"{name}: its code uses {found.group(0)!r}, which reaches beyond drawing", _CURE)


def _look_at_pickle(entry: str, content: bytes, name: str) -> None:
    for opcode, argument, _ in pickletools.genops(content):
        if opcode.name in ("GLOBAL", "INST") and "torch.classes" in str(argument).replace(" ", "."):
            raise InputError(f"{name}: {entry} holds an object of a foreign library, {argument}", _CURE)
        if opcode.name in ("STACK_GLOBAL", "EXT1", "EXT2", "EXT4"):
            raise InputError(f"{name}: {entry} names classes in a way that TorchScript never does", _CURE)

"""Zips, read where they lie: what is in one, and one member at a time, with caps. Nothing is ever unpacked to disk.

The central directory is read once, when planning. A worker then goes straight to a member's place, so that a zip of
500,000 members costs it nothing to open.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from isal import isal_zlib

from ocrfactory.convert.names import member_name, normal, unsafe
from ocrfactory.errors import Reject

MAX_MEMBER_BYTES = 512 << 20
"""Of an image or a small label, unpacked."""
MAX_RATIO, RATIO_FROM = 200, 16 << 20
"""A member that grows more than this, and beyond this many bytes, is a bomb: real labels grow twenty times."""
METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
PART = re.compile(r"(?i)\.(zip\.part\d*|zip\.\d{2,}|z\d{2})$")
REJOIN = (
    "download it again; or join its parts in the order of their numbers (part2 before part10), not of their names: "
    "ls NAME.zip.part* | sort -V | xargs cat > NAME.zip"
)
_NO_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    struct.error,
    ValueError,
    IndexError,
    OverflowError,
)
"""What `zipfile` raises over a list of members that somebody else wrote."""
DAMAGED = "the member is damaged: its size or checksum is wrong"
_CHUNK = 1 << 18
_LOCAL = struct.Struct("<4s5HIIIHH")


class Member(msgspec.Struct, frozen=True, gc=False):
    """Where a member lies in its zip."""

    name: str
    """NFC, without leading slashes."""
    offset: int
    """Of its local header."""
    packed: int
    size: int
    method: int
    crc: int
    raw: str = ""
    """The name before NFC, where that changed it."""


def part_of_archive(name: str) -> str | None:
    """The name of the archive that a file is a piece of, if it is one."""
    found = PART.search(name)
    return None if found is None else name[: found.start()] + ".zip"


def members(path: Path) -> Iterator[Member | tuple[str, str, str]]:
    """The files in a zip, or (name, reason, detail) of those that cannot be trusted or read.

    Raises:
        Reject: `bad_zip`: it is empty, cut off or no zip; `zip_bomb`: its members overlap.
    """
    if path.stat().st_size == 0:
        raise Reject("bad_zip", f"0 bytes: the download failed; {REJOIN}")
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except _NO_ZIP as error:
        raise Reject("bad_zip", f"{error}; {REJOIN}") from error
    if sum(info.compress_size for info in infos) > path.stat().st_size:
        raise Reject("zip_bomb", "its members overlap")
    for info in infos:
        if info.filename.endswith(("/", "\\")):
            continue
        raw = member_name(info.orig_filename, bool(info.flag_bits & 0x800))
        name = normal(raw)
        fault = _fault(info, name)
        if fault:
            yield (name, *fault)
        else:
            place = (info.header_offset, info.compress_size, info.file_size, info.compress_type, info.CRC)
            yield Member(name, *place, raw="" if raw.endswith(name) else raw)


def _fault(info: zipfile.ZipInfo, name: str) -> tuple[str, str] | None:
    if not name or unsafe(name):
        return "unsafe_path", "the path leaves the folder of the zip"
    if info.flag_bits & 0x1:
        return "bad_zip", "it is encrypted"
    if info.header_offset < 0:
        return "bad_zip", "it lies before the beginning of the file"
    if info.compress_type not in METHODS:
        return "bad_zip", f"compression method {info.compress_type} cannot be read here: unpack the zip (7z x)"
    if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * info.compress_size:
        return "zip_bomb", f"{info.compress_size:,} bytes would become {info.file_size:,}"
    return None


def read_member(file: BinaryIO, member: Member) -> bytes:
    """The bytes of a member.

    Raises:
        Reject: `zip_bomb`, `bad_zip`: it is larger than it says, cut off, or does not match its checksum.
    """
    if max(member.size, member.packed) > MAX_MEMBER_BYTES:
        raise Reject("zip_bomb", f"{max(member.size, member.packed):,} bytes are more than {MAX_MEMBER_BYTES:,}")
    data = _at(file, member).read(member.packed)
    if member.method == zipfile.ZIP_DEFLATED:
        data = _inflated(data, member.size)
    if len(data) != member.size or isal_zlib.crc32(data) != member.crc:
        raise Reject("bad_zip", DAMAGED)
    return data


def _at(file: BinaryIO, member: Member) -> BinaryIO:
    """The file, at the first packed byte of a member."""
    file.seek(member.offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\3\4"):
        raise Reject("bad_zip", "no member begins where the list of the zip says")
    *_, name_size, extra_size = _LOCAL.unpack(header)
    file.seek(name_size + extra_size, 1)
    return file


def _inflated(data: bytes, size: int) -> bytes:
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return unpack.decompress(data, size + 1)  # one more byte than promised is enough to tell a lie
    except zlib.error as error:
        raise Reject("bad_zip", f"{DAMAGED}: {error}") from error


class MemberStream(io.RawIOBase):
    """A member of any size, unpacked as it is read.

    Args:
        file: the zip, which is closed with the stream.
    """

    def __init__(self, file: BinaryIO, member: Member) -> None:
        self._file, self._member = _at(file, member), member
        self._left, self._given, self._crc = member.packed, 0, 0
        self._unpack = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == zipfile.ZIP_DEFLATED else None

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from its beginning; 0 at the end.

        Raises:
            Reject: `bad_zip`, at the latest when the end is reached.
        """
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        self._given += len(data)
        self._crc = isal_zlib.crc32(data, self._crc)
        if self._given > self._member.size or (not data and self._broken()):
            raise Reject("bad_zip", DAMAGED)
        return len(data)

    def _next(self, most: int) -> bytes:
        if self._unpack is None:
            return self._packed(most)
        while True:
            packed = self._unpack.unconsumed_tail or self._packed(_CHUNK)
            try:
                data = self._unpack.decompress(packed, most)
            except zlib.error as error:
                raise Reject("bad_zip", f"{DAMAGED}: {error}") from error
            if data or not packed or self._unpack.eof:
                return data

    def _packed(self, most: int) -> bytes:
        data = self._file.read(min(most, self._left))
        self._left -= len(data)
        return data

    def _broken(self) -> bool:
        return self._given != self._member.size or self._crc != self._member.crc

    def close(self) -> None:
        """Close the zip, too."""
        self._file.close()
        super().close()

"""One file of a delivery: what it is called, and where it lies."""

from __future__ import annotations

import msgspec


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One file of a delivery, and how to get at it."""

    path: str
    """NFC, `/`; zips count as folders."""
    container: int
    """Number in `Delivery.containers`."""
    name: str
    """As the disk has it: the path in its folder; in a zip only where NFC changed it, else empty."""
    size: int
    crc: int = -1
    """Of a zip member."""
    offset: int = -1
    packed: int = 0
    method: int = 0


class Container(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A folder, a zip, or whatever else holds files by a name or a number."""

    kind: str
    path: str
    """On this machine."""
    root: str
    """Name of the folder or zip that was given, in which it was found; tells deliveries apart without their places."""


class Fault(msgspec.Struct, frozen=True, gc=False):
    """A file that is no use, and why."""

    path: str
    reason: str
    detail: str

"""Words for a terminal: names come from files, and files come from anybody."""

from __future__ import annotations


def printable(text: str) -> str:
    """Control characters by name: an escape sequence in a file name must not reach the terminal."""
    return "".join(char if char == "\n" or char.isprintable() else f"<U+{ord(char):04X}>" for char in text)

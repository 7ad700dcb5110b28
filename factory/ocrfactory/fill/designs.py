"""Which fonts are one design: its weights, its locales, and what was drawn after it under another name."""

from __future__ import annotations

_MARKS = (" CJK", " TC", " JP", " SC", " KR", " HK", " TW", " CN", " YetHangul", " Light", " Bold")
_ALIAS = {
    "sourcehansans": "notosans",
    "sourcehanserif": "notoserif",
    "klee": "kleeone",
    "lxgwwenkai": "kleeone",  # drawn after it
    "mplus": "mplus1",  # 2, 1p and rounded have its ideographs
    "bizudpgothic": "bizudgothic",
    "bizudpmincho": "bizudmincho",
}


def root_of(family: str) -> str:
    """A family without its locale and weight: `Noto Serif CJK TC` and `... JP` share most outlines."""
    for mark in _MARKS:
        family = family.split(mark)[0]
    return family


def design_of(family: str) -> str:
    """What all fonts of one design have in common: glyphs of one teach those of the others.

    In lower case and without spaces: `Nanum Gothic` and `NanumGothic` are one.
    """
    root = root_of(family).casefold().replace(" ", "")
    return next((design for name, design in _ALIAS.items() if root.startswith(name)), root)

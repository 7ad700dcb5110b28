"""Which fonts are one design: its weights, its locales, and what was drawn after it under another name."""

from __future__ import annotations

_MARKS = (" CJK", " TC", " JP", " SC", " KR", " HK", " YetHangul", " Light", " Bold")
_ALIAS = {
    "source han sans": "noto sans",
    "source han serif": "noto serif",
    "lxgw wenkai": "klee one",  # drawn after it
    "m plus 2": "m plus 1",  # the same ideographs
}


def root_of(family: str) -> str:
    """A family without its locale and weight: `Noto Serif CJK TC` and `... JP` share most outlines."""
    for mark in _MARKS:
        family = family.split(mark)[0]
    return family


def design_of(family: str) -> str:
    """What all fonts of one design have in common, in lower case: glyphs of one teach those of the others."""
    root = root_of(family).casefold()
    kin = (name for name in _ALIAS if root == name or root.startswith(f"{name} "))
    return next((_ALIAS[name] for name in kin), root)

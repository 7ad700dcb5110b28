"""The built-in character sets, each with its source: two sources of "the same" set differ by a few characters.

Sets that a codec of Python defines are read from the codec; the rest are bundled lists (see lists/README.md).
Each keeps the order of its standard, which is the order of its codes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ocrfactory.charset.groups import class_group

TCC_SIZE = 17_380
# Where Big5 begins its ideographs. What lies before is symbols, among them ten units and numerals that are Han.
_BIG5_HAN = 0xA440
_JIS_HAN = 0xB0A1  # row 16 of JIS X 0208 in EUC; the rows before hold one repetition mark that is Han

_CJK_PUNCTUATION = (
    "§¶·‐–—―‖‘’“”†‡•‥…‧‰′″‵※‾⁇⁈⁉"
    "、。〃〈〉《》「」『』【】〒〓〔〕〖〗〘〙〚〛〜〝〞〟〰〽゠・"
    "！＂＃＄％＆＇（）＊＋，－．／：；＜＝＞？＠［＼］＾＿｀｛｜｝～｟｠｡｢｣､･￠￡￢￣￤￥￦"
)


@dataclass(frozen=True)
class NamedSet:
    """A built-in set: what it is, where it comes from, and `classes()`, which makes it (cached)."""

    name: str
    size: int
    description: str
    source: str
    build: Callable[[], tuple[str, ...]]

    def classes(self) -> tuple[str, ...]:
        """The classes, unique and in the order of the standard."""
        return _built(self.name)


@cache
def _built(name: str) -> tuple[str, ...]:
    return NAMED[name].build()


def _span(*ranges: tuple[int, int]) -> tuple[str, ...]:
    return tuple(chr(code) for first, last in ranges for code in range(first, last + 1))


@cache
def _two_bytes(codec: str, group: str = "han", start: int = 0x8140) -> tuple[str, ...]:
    """What the two-byte codes of a codec, from `start` on, decode to, as far as it belongs to a group."""
    found: dict[str, None] = {}
    for code in range(start, 0xFFFF):
        try:
            text = code.to_bytes(2, "big").decode(codec)
        except UnicodeDecodeError:
            continue
        # Below U+3400 the group "han" holds radicals, strokes and marks, which no standard counts as ideographs.
        if len(text) == 1 and class_group(text) == group and text >= "\u3400":
            found[text] = None
    return tuple(found)


def bundled(name: str) -> tuple[str, ...]:
    """A list of the folder `lists`, one class a line."""
    text = (resources.files(__package__) / "lists" / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(text.removesuffix("\n").split("\n"))


def big5() -> tuple[str, ...]:
    """Big5 with the seven ETEN characters (恒 碁 粧 裏 銹 嫺 墻): the ideographs of Python's codec cp950."""
    return _two_bytes("cp950", start=_BIG5_HAN)


def tcc17380() -> tuple[str, ...]:
    """Big5 + CNS plane 3 up to 17,380: cp950, what CNS planes 1 and 2 add, then plane 3 in code order until it is full.

    A proxy of ours for a recogniser of 17,380 classes whose list was never published; it is nobody's list.
    """
    return big5() + bundled("tcc17380-cns")


def _ascii() -> tuple[str, ...]:
    return _span((0x21, 0x7E))


def _digits() -> tuple[str, ...]:
    return tuple("0123456789")


def _hangul() -> tuple[str, ...]:
    return _span((0xAC00, 0xD7A3))


def _kana() -> tuple[str, ...]:
    return _span((0x3041, 0x3096), (0x30A1, 0x30FA))


def _ksx1001_hangul() -> tuple[str, ...]:
    # Row 16 on. The rows before hold the jamo, and through them the codec spells the other 8,822 syllables.
    return _two_bytes("euc_kr", "hangul", 0xB0A1)


_SETS = (
    NamedSet("ascii", 94, "printable ASCII without the space", "U+0021..U+007E", _ascii),
    NamedSet("digits", 10, "0 to 9", "ASCII", _digits),
    NamedSet("hangul", 11_172, "every modern Hangul syllable", "U+AC00..U+D7A3", _hangul),
    NamedSet("ksx1001-hangul", 2_350, "the syllables of KS X 1001", "Python codec euc_kr", _ksx1001_hangul),
    NamedSet(
        "ksx1001-hanja",
        4_888,
        "the Hanja of KS X 1001, with the 268 compatibility copies for other readings",
        "Python codec euc_kr",
        lambda: _two_bytes("euc_kr"),
    ),
    NamedSet("big5", 13_060, "the ideographs of Big5 with the seven of ETEN", "Python codec cp950", big5),
    NamedSet(
        "big5-1984",
        13_053,
        "the ideographs of the first Big5",
        "Python codec big5",
        lambda: _two_bytes("big5", start=_BIG5_HAN),
    ),
    NamedSet(
        "hkscs",
        17_574,
        "the ideographs of Big5 with those of Hong Kong's HKSCS-2004",
        "Python codec big5hkscs",
        lambda: _two_bytes("big5hkscs"),
    ),
    NamedSet(
        "tcc17380",
        TCC_SIZE,
        "Big5 + CNS plane 3 up to 17,380, a proxy of ours and nobody's published list",
        "Python codec cp950, then Unihan 15.0 kIRG_TSource T1, T2, T3",
        tcc17380,
    ),
    NamedSet("gb2312", 6_763, "the ideographs of GB 2312", "Python codec gb2312", lambda: _two_bytes("gb2312")),
    NamedSet(
        "jisx0208",
        6_355,
        "the kanji of JIS X 0208, levels 1 and 2",
        "Python codec euc_jp",
        lambda: _two_bytes("euc_jp", start=_JIS_HAN),
    ),
    NamedSet("kana", 176, "hiragana and katakana", "U+3041..U+3096, U+30A1..U+30FA", _kana),
    NamedSet(
        "cjk-punctuation",
        len(_CJK_PUNCTUATION),
        "punctuation of Chinese, Japanese and Korean text, full-width forms included, blanks excluded",
        "chosen by hand",
        lambda: tuple(_CJK_PUNCTUATION),
    ),
    NamedSet(
        "nom",
        13_278,
        "Vietnamese ideographs: chữ Nôm and the Hán of Vietnamese texts",
        "Unihan 15.0 kIRG_VSource, by code point",
        lambda: bundled("nom"),
    ),
)

NAMED: dict[str, NamedSet] = {each.name: each for each in _SETS}

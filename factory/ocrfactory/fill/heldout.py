"""What is kept from a training, by hashes of code points: the same in every run, whoever asks, without torch.

Held out of the generator: one character in twenty, in every face. Held out of the gate's reader as well: of these, half
the faces of each. What is left of them is halved once more: one half sets the thresholds of the gate, the other shows
what they are worth.
"""

from __future__ import annotations

from xxhash import xxh3_64_intdigest

from ocrfactory.fonts.face import Face
from ocrfactory.fonts.packs import load_pack

TRAINED = "fill"
"""The pack whose core faces bundled weights are trained on."""
CONTENT: dict[str, tuple[dict[str, float], dict[str, float]]] = {
    "han": (
        {"tw-sung": 0.4, "hanamin": 0.3, "noto-serif-tc": 0.15, "noto-serif-jp": 0.05, "noto-sans-tc": 0.1},
        {"tw-kai": 0.8, "lxgw-wenkai": 0.2},
    ),
    "hangul": ({"noto-serif-kr": 0.5, "nanum-myeongjo": 0.3, "noto-sans-kr": 0.2}, {}),
}
"""By script: the song-like and the kai-like faces that content comes from in training, and how often."""
LENDERS = frozenset(id for slots in CONTENT.values() for shares in slots for id in shares)
"""Faces that content comes from in training: of these the reader sees every character, for it must know them all."""


def is_held_out(code: int) -> bool:
    """Whether a character is kept from training, in every face and every run: one in twenty, by its code point."""
    return xxh3_64_intdigest(f"held out\x1f{code}".encode()) % 20 == 0


def is_unread(face: str, code: int) -> bool:
    """Whether the reader never sees a character in a face, told by its id in the pack that is trained on."""
    return (
        face not in LENDERS and is_held_out(code) and xxh3_64_intdigest(f"unread\x1f{face}\x1f{code}".encode()) % 2 == 0
    )


def is_calibration(code: int) -> bool:
    """Whether a character may set thresholds of the gate; the others measure what these are worth."""
    return xxh3_64_intdigest(f"calibration\x1f{code}".encode()) % 2 == 0


def design_of(face: Face) -> str | None:
    """The id of the trained face that a face is: by its file, or else by its family, whose weights teach each other."""
    file = face.files[0]
    trained = [each for each in load_pack(TRAINED).faces if each.need == "core"]
    same = [each for each in trained if each.files[0].face == file.index and file.sha256 in each.files[0].sha256]
    alike = [each for each in trained if each.family.casefold() == file.family.casefold()]
    return next((each.id for each in (*same, *alike)), None)

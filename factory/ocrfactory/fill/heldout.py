"""What is kept from a training, by hashes of code points: the same in every run, whoever asks, without torch.

Held out of the generator: one character in twenty, in every face. Held out of the gate's reader as well: of these, half
the faces of each. What is left of them is halved once more: one half sets the thresholds of the gate, the other shows
what they are worth.
"""

from __future__ import annotations

from collections.abc import Iterable

from xxhash import xxh3_64_intdigest

from ocrfactory.fill.designs import design_of
from ocrfactory.fonts.face import FontFile
from ocrfactory.fonts.packs import PackFace, load_pack

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


class Trained:
    """What is known of faces that were trained on.

    Args:
        faces: the id and the family of each.
    """

    def __init__(self, faces: Iterable[tuple[str, str]]) -> None:
        self._ids: dict[str, list[str]] = {}
        for id, family in faces:
            self._ids.setdefault(design_of(family), []).append(id)

    def design_of(self, family: str) -> str | None:
        """The design that a family shares with a face that was trained on; None: there is none.

        A longer name counts as the same, where no longer one was trained on: `Noto Sans Mono` has the ideographs of
        `Noto Sans`.
        """
        own = design_of(family)
        return max((design for design in self._ids if own.startswith(design)), key=len, default=None)

    def lends(self, design: str) -> bool:
        """Whether a face of this design lends content in training, so that the reader saw all its characters."""
        return not LENDERS.isdisjoint(self._ids[design])

    def is_unread(self, design: str, code: int) -> bool:
        """Whether the reader never saw a character in any face of a design."""
        return all(is_unread(id, code) for id in self._ids[design])


def bundled() -> Trained:
    """The faces that bundled weights are trained on."""
    return Trained((face.id, face.family) for face in _bundled_faces())


def trained_family(file: FontFile) -> str:
    """The family of a font; of a file that bundled weights were trained on that one, however it calls itself."""
    same = (f for f in _bundled_faces() if f.files[0].face == file.index and file.sha256 in f.files[0].sha256)
    return next((face.family for face in same), file.family)


def _bundled_faces() -> list[PackFace]:
    return [face for face in load_pack(TRAINED).faces if face.need == "core"]

"""Holes filled a second of processor time: content drawn, glyph generated, gate asked; and the networks alone.

No other program fills holes through a gate, so nothing stands beside it. The floor is the generator alone: what no
drawer can be faster than.
"""

from __future__ import annotations

from ocrfactory.cli.fill_speed import measure_speed
from ocrfactory.errors import InputError
from ocrfactory.sources.rare import Rare
from ocrfactory.sources.source import Context

FONT = "tcc/uming"


def run(glyphs: int) -> None:
    """Print a line for each bundled generator on each engine of a processor."""
    print(f"\nfill, holes of {FONT} at 64 x 64, glyphs a second of one core (end to end: those that the gate admits)")
    head = f"{'end to end':>12}{'generator alone':>18}{'gate alone':>12}{'of the floor':>14}"
    print(f"  {'generator':<12}{'engine':<8}{head}")
    for generator in ("fast", "full"):
        for engine in ("onnx", "torch"):
            try:
                source = Rare(fonts=(FONT,), generator=generator, engine=engine)
                found = measure_speed(source, Context(), glyphs)["per_cpu_second"]
            except InputError as error:
                print(f"  {generator:<12}{engine:<8}not measured: {error.message}")
                continue
            whole, floor, gate = found["end to end, admitted"], found["generator alone"], found["gate alone"]
            print(f"  {generator:<12}{engine:<8}{whole:>12,.0f}{floor:>18,.0f}{gate:>12,.0f}{whole / floor:>14.0%}")

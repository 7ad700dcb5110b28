"""Elementary expressions whose value is right: whole numbers, no negative value on the way, every division exact."""

from __future__ import annotations

from ocrfactory.corpus.templates.dice import Dice

MAX_OPERATORS = 6
_LARGE = 9_999


def expression(dice: Dice, least: int, most: int) -> str:
    """Such as `12 + 7 × 3 = 33`, with `least` to `most` operators."""
    left = dice.between(least, most)
    text, total, left = _term(dice, left)
    while left > 0:
        term, value, rest = _term(dice, left - 1)
        minus = value <= total and dice.unit() < 0.5
        text += f" {'-' if minus else '+'} {term}"
        total += -value if minus else value
        left = rest
    return f"{text} = {total}"


def _term(dice: Dice, left: int) -> tuple[str, int, int]:
    """A number, a sum in parentheses or a product: its text, its value, and how many operators are left."""
    if left >= 2 and dice.unit() < 0.25:
        a, b = dice.between(1, 99), dice.between(1, 99)
        minus = a > b and dice.unit() < 0.5
        text, value, left = f"({a} {'-' if minus else '+'} {b})", a - b if minus else a + b, left - 1
        force = True  # parentheses that are not multiplied would be idle
    else:
        value = dice.between(1, 99) if dice.unit() < 0.75 else dice.between(100, 999)
        text, force = str(value), False
    while left > 0 and (force or dice.unit() < 0.45):
        force = False
        divisors = [n for n in range(2, 13) if value % n == 0]
        if divisors and dice.unit() < 0.5:
            factor = dice.pick(divisors)
            text, value = f"{text} ÷ {factor}", value // factor
        elif value * 2 <= _LARGE:
            factor = dice.between(2, min(12, _LARGE // max(value, 1)))
            text, value = f"{text} × {factor}", value * factor
        else:
            break
        left -= 1
    return text, value, left

r"""Formulas in LaTeX, as text: what a recogniser of formulas has to write. Every brace is closed.

They are well formed, not meaningful; commands are those that school books use.
"""

from __future__ import annotations

from ocrfactory.corpus.templates.dice import Dice

MAX_LATEX = 400
_GREEK = (
    "\\alpha",
    "\\beta",
    "\\gamma",
    "\\delta",
    "\\theta",
    "\\lambda",
    "\\mu",
    "\\pi",
    "\\sigma",
    "\\phi",
    "\\omega",
)
_LETTERS = tuple("abcdkmnpqrstuvxyz")
_BETWEEN = (" + ", " - ", " = ", " \\times ", " \\cdot ", " \\leq ", " \\geq ", " \\neq ")
_CALLED = ("\\sin", "\\cos", "\\tan", "\\log", "\\ln")


def latex(dice: Dice) -> str:
    """A formula of one to three terms."""
    return _formula(dice, 2, dice.between(1, 3))


def _formula(dice: Dice, depth: int, terms: int) -> str:
    text = _term(dice, depth)
    for _ in range(terms - 1):
        text += dice.pick(_BETWEEN) + _term(dice, depth)
    return text


def _term(dice: Dice, depth: int) -> str:
    if depth <= 0:
        return _atom(dice)
    kind = dice.between(0, 8)
    if kind == 0:
        return f"\\frac{{{_formula(dice, depth - 1, dice.between(1, 2))}}}{{{_formula(dice, depth - 1, 1)}}}"
    if kind == 1:
        return f"\\sqrt{{{_formula(dice, depth - 1, dice.between(1, 2))}}}"
    if kind in (2, 3):
        return f"{_letter(dice)}^{{{_formula(dice, depth - 2, 1)}}}"
    if kind == 4:
        return f"{_letter(dice)}_{{{_atom(dice)}}}"
    if kind == 5:
        return f"{dice.pick(_CALLED)}({_formula(dice, depth - 2, dice.between(1, 2))})"
    if kind == 6:
        return _large(dice)
    return _atom(dice)


def _large(dice: Dice) -> str:
    """A sum, an integral or a limit."""
    letter, body = dice.pick(("i", "j", "k", "n")), f"{_letter(dice)}^{{{dice.between(2, 9)}}}"
    forms = (
        f"\\sum_{{{letter}=1}}^{{{dice.between(2, 99)}}} {body}",
        f"\\int_{{0}}^{{{_atom(dice)}}} {body} \\, dx",
        f"\\lim_{{{letter} \\to \\infty}} {body}",
    )
    return dice.pick(forms)


def _letter(dice: Dice) -> str:
    return dice.pick(_GREEK) if dice.unit() < 0.25 else dice.pick(_LETTERS)


def _atom(dice: Dice) -> str:
    unit = dice.unit()
    if unit < 0.35:
        return str(dice.between(1, 99))
    if unit < 0.5:
        return f"{dice.between(2, 12)}{dice.pick(_LETTERS)}"
    return _letter(dice)

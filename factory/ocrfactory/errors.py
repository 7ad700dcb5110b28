"""Every error that a user can meet, with its exit code and its cure.

    OcrFactoryError            1   our fault
      UsageError               2   the command line is off
      RecipeError              3   a YAML document is invalid: every mistake, with file:line:col
      InputError               4   something that was named is missing or unreadable
        FontError
        CharsetError
        EmptyPlanError             nothing to draw
      TooManyRejectsError      5
      OutputError              6   the output cannot be used
        PlanChangedError           ... belongs to another plan
        LockedError                ... is being written by another process
      NoSpaceError             7
      VerifyError              8
      InterruptedRunError    130   SIGINT; 143 for SIGTERM

`Reject` is not among them: it skips one item, is counted, and the run goes on.
"""

from __future__ import annotations


class OcrFactoryError(Exception):
    """A message, and where there is one, the cure: what the user can type or change."""

    exit_code = 1

    def __init__(self, message: str, cure: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.message, self.cure)


class UsageError(OcrFactoryError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2


class RecipeError(OcrFactoryError):
    """A YAML document is invalid. `problems` holds one line per mistake: file:line:col: path: what."""

    exit_code = 3

    def __init__(self, problems: list[str], cure: str | None = None) -> None:
        super().__init__("\n".join(problems), cure)
        self.problems = problems

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problems, self.cure)


class InputError(OcrFactoryError):
    """Something that was named is missing, unreadable or hostile."""

    exit_code = 4


class FontError(InputError):
    """A font, a face or a pack cannot be found, opened or trusted."""


class CharsetError(InputError):
    """A character set is unknown, or a list of classes cannot be read."""


class EmptyPlanError(InputError):
    """The recipe is valid, yet there is nothing to draw."""


class TooManyRejectsError(OcrFactoryError):
    """The share of rejects is above `--max-reject-rate`; what was made is committed."""

    exit_code = 5


class OutputError(OcrFactoryError):
    """The output folder cannot be written, or holds files that are not ours."""

    exit_code = 6


class PlanChangedError(OutputError):
    """The output folder belongs to another plan."""


class LockedError(OutputError):
    """Another process is writing the output folder."""


class NoSpaceError(OcrFactoryError):
    """No room is left; what was committed stays."""

    exit_code = 7


class VerifyError(OcrFactoryError):
    """A data set is not what its manifest says."""

    exit_code = 8


class InterruptedRunError(OcrFactoryError):
    """A signal stopped the run; the same command goes on."""

    exit_code = 130

    def __init__(self, message: str, cure: str | None = None, *, exit_code: int = 130) -> None:
        super().__init__(message, cure)
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[object, ...]:
        return _interrupted, (self.message, self.cure, self.exit_code)


def _interrupted(message: str, cure: str | None, exit_code: int) -> InterruptedRunError:
    return InterruptedRunError(message, cure, exit_code=exit_code)


class Reject(Exception):  # noqa: N818 - the word of the ledger: it is no failure of the run
    """One planned item becomes no row, for a reason that is counted.

    Args:
        reason: a short code in snake_case, the same for every item with this fault.
        detail: what was seen, for people.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

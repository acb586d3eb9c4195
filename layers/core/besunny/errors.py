"""What can go wrong, in the words of the domain. `besunny.api.problem` alone turns these into HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class BesunnyError(Exception):
    """Base of every error that a caller may see; the message says what is wrong and how to mend it."""


@dataclass(frozen=True)
class FieldError:
    """One wrong field of an input.

    Attributes:
        field: dotted path, such as `input_data.segments.3.end_time`.
        reason: what is wrong with it.
        fix: what to send instead.
    """

    field: str
    reason: str
    fix: str


class InvalidInputError(BesunnyError):
    """The input was understood but breaks a rule; names each wrong field and its fix."""

    def __init__(self, *errors: FieldError) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{error.field}: {error.reason}" for error in errors))


class NotFoundError(BesunnyError):
    """No such thing, or not the caller's (the two are told apart to nobody)."""


class ConflictError(BesunnyError):
    """The thing is in a state that does not allow the request."""


class ForbiddenError(BesunnyError):
    """The caller is known, and their role is not enough."""


class UnauthenticatedError(BesunnyError):
    """The caller is not known."""


class UnsupportedMediaTypeError(BesunnyError):
    """The body is of a media type that is not read here."""


class IdempotencyMismatchError(BesunnyError):
    """The same Idempotency-Key came with a different request."""


class UnavailableError(BesunnyError):
    """A service that is needed did not answer; trying again later may help."""


class EngineTriedError(Exception):
    """What engines did before they failed.

    Attributes:
        usage: what their calls came to (`inference.contracts.engine.EngineUsage`); None where nothing was metered.
        passed_over: which they were and why each failed (`inference.contracts.engine.PassedOver`).
    """

    usage: Any = None
    passed_over: Sequence[Any] = ()


class EngineUnavailableError(EngineTriedError, UnavailableError):
    """A configured engine did not answer within the tries and time that it had; another time it may."""


class EngineFailedError(EngineTriedError, BesunnyError):
    """A configured engine refused, or gave nothing usable; asking again will not help.

    Attributes:
        blames_request: whether another request may well be answered.
    """

    blames_request = False


class NotWantedError(BesunnyError):
    """Who asked was cancelled meanwhile, or asked anew: nothing more is to be computed for them."""


class MisconfiguredError(BesunnyError):
    """The deployment lacks a setting; the message names it for the operator's log, callers see a plain 500."""

"""Who gives feedback, and what of it they see."""

from typing import Protocol


class Caller(Protocol):
    """A user of a tenant."""

    @property
    def sub(self) -> str:
        """The user."""

    @property
    def tenant_id(self) -> str:
        """Whose classifications learn."""

    def sees_tenant(self) -> bool:
        """Whether all reviews of the tenant are theirs to see."""


def owner_for(caller: Caller) -> str | None:
    """Whose reviews a caller sees: None for all of the tenant."""
    return None if caller.sees_tenant() else caller.sub

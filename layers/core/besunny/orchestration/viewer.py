"""Who asks, as far as this room needs to know; the API's principal is one."""

from typing import Protocol


class Viewer(Protocol):
    """A caller of a tenant."""

    @property
    def sub(self) -> str:
        """Who it is, within the tenant."""

    @property
    def tenant_id(self) -> str:
        """Whose data it may see."""

    def sees_tenant(self) -> bool:
        """Whether it sees all of the tenant's work, not only its own."""

    def changes_tenant(self) -> bool:
        """Whether it may cancel and repeat all of the tenant's work, not only its own."""

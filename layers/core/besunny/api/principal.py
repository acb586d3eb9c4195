"""Who calls: the principal that the authorizer put into the request."""

from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Request
from aws_lambda_powertools.event_handler.depends import Depends
from pydantic import BaseModel, ConfigDict

from besunny.errors import UnauthenticatedError


class Role(StrEnum):
    """Roles, least first; each may do what those before it may."""

    USER = "user"
    ANALYST = "analyst"
    OPERATOR = "operator"
    ADMIN = "admin"
    SERVICE = "service"

    def covers(self, needed: "Role") -> bool:
        """Whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Principal(BaseModel):
    """The caller, as the token's claims say.

    Attributes:
        sub: the token's subject.
        tenant_id: `app_metadata.tenant_id`, else the `sub`.
        role: `app_metadata.role`, else `user`.
    """

    model_config = ConfigDict(frozen=True)

    sub: str
    tenant_id: str
    role: Role

    def sees_tenant(self) -> bool:
        """Whether the caller sees all of the tenant's work, not only their own."""
        return self.role.covers(Role.ANALYST)

    def changes_tenant(self) -> bool:
        """Whether the caller may cancel and repeat all of the tenant's work, not only their own."""
        return self.role.covers(Role.OPERATOR)


def principal_of(event: dict[str, Any]) -> Principal:
    """The principal of an API Gateway proxy event.

    Raises:
        UnauthenticatedError: no authorizer stood before this request.
    """
    authorizer = (event.get("requestContext") or {}).get("authorizer") or {}
    if not authorizer.get("sub"):
        raise UnauthenticatedError("send `Authorization: Bearer <token>`")
    return Principal(sub=authorizer["sub"], tenant_id=authorizer["tenant_id"], role=Role(authorizer["role"]))


def _current(request: Request) -> Principal:
    return principal_of(dict(request.resolved_event.raw_event))


Caller = Annotated[Principal, Depends(_current)]
"""A route's parameter of this type receives the principal."""

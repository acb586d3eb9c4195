"""Who calls: the principal that the authorizer put into the request."""

from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Request
from aws_lambda_powertools.event_handler.depends import Depends
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

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


LONGEST_NAME = 450
"""Characters of a `sub` or tenant, each percent-encoded: both must fit into an object's key of 1,024 bytes in S3."""


def _fits_into_keys(name: str) -> str:
    try:
        size = len(quote(name, safe=""))
    except UnicodeEncodeError:
        raise ValueError("holds half a surrogate pair") from None
    if not 0 < size <= LONGEST_NAME:
        raise ValueError(f"must be of 1 to {LONGEST_NAME} characters, percent-encoded")
    return name


CallerName = Annotated[str, AfterValidator(_fits_into_keys)]


class Principal(BaseModel):
    """The caller, as the token's claims say.

    Attributes:
        sub: the token's subject.
        tenant_id: `app_metadata.tenant_id`, else the `sub`.
        role: `app_metadata.role`, else `user`.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    sub: CallerName
    tenant_id: CallerName
    role: Role

    @classmethod
    def of_claims(cls, *, sub: object, tenant_id: object, role: object) -> "Principal":
        """The principal that these claims name.

        Raises:
            UnauthenticatedError: one of them is missing, not a text, too long for a key, or no role; says which.
        """
        try:
            return cls.model_validate({"sub": sub, "tenant_id": tenant_id, "role": role})
        except ValidationError as error:
            faults = "; ".join(f"`{e['loc'][0]}`: {e['msg'].removeprefix('Value error, ')}" for e in error.errors())
            raise UnauthenticatedError(f"the token's claims name no caller: {faults}") from None

    def sees_tenant(self) -> bool:
        """Whether the caller sees all of the tenant's work, not only their own."""
        return self.role.covers(Role.ANALYST)

    def changes_tenant(self) -> bool:
        """Whether the caller may cancel and repeat all of the tenant's work, not only their own."""
        return self.role.covers(Role.OPERATOR)


def principal_of(event: dict[str, Any]) -> Principal:
    """The principal of an API Gateway proxy event.

    Raises:
        UnauthenticatedError: no authorizer stood before this request, or it let a caller in that none can be.
    """
    authorizer = (event.get("requestContext") or {}).get("authorizer") or {}
    if not authorizer.get("sub"):
        raise UnauthenticatedError("send `Authorization: Bearer <token>`")
    return Principal.of_claims(
        sub=authorizer["sub"], tenant_id=authorizer.get("tenant_id"), role=authorizer.get("role")
    )


def _current(request: Request) -> Principal:
    return principal_of(dict(request.resolved_event.raw_event))


Caller = Annotated[Principal, Depends(_current)]
"""A route's parameter of this type receives the principal."""

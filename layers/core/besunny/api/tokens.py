"""JWT verification: the algorithm is pinned per issuer, role and tenant come from claims the user cannot edit."""

from functools import lru_cache
from typing import Any

import jwt
from jwt import PyJWKClient

from besunny.api.principal import Principal, Role
from besunny.errors import UnauthenticatedError, UnavailableError
from besunny.settings import Settings

_LEEWAY_SECONDS = 5


class TokenSettings(Settings):
    """What tokens are accepted.

    Attributes:
        jwt_secret_arn: Secrets Manager secret that signs HS256 tokens.
        jwt_issuer: `iss` of those tokens.
        jwt_audience: `aud` of every token.
        jwks_url: key set of an OIDC provider; empty for none.
        jwks_issuer: `iss` of the tokens that it verifies.
        jwks_algorithm: RS256 or ES256.
    """

    jwt_secret_arn: str
    jwt_issuer: str
    jwt_audience: str
    jwks_url: str = ""
    jwks_issuer: str = ""
    jwks_algorithm: str = "RS256"


@lru_cache
def _jwks(url: str) -> PyJWKClient:
    # Not `cache_keys`: those never expire, so a revoked key would open the door for as long as the process lives.
    return PyJWKClient(url, lifespan=300, timeout=5)


def _issuer_of(token: str) -> str:
    """The claimed issuer, only to choose the key that must then verify the whole token."""
    return str(jwt.decode(token, options={"verify_signature": False}).get("iss", ""))


def _verified_claims(token: str, secret: str, settings: TokenSettings) -> dict[str, Any]:
    issuer = _issuer_of(token)
    key: Any
    if issuer == settings.jwt_issuer:
        key, algorithm = secret, "HS256"
    elif settings.jwks_url and issuer == settings.jwks_issuer:
        key, algorithm = _jwks(settings.jwks_url).get_signing_key_from_jwt(token).key, settings.jwks_algorithm
    else:
        raise UnauthenticatedError("the token's issuer is not accepted here")
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[algorithm],
        audience=settings.jwt_audience,
        issuer=issuer,
        leeway=_LEEWAY_SECONDS,
        options={"require": ["exp", "sub", "iss", "aud"]},
    )
    return claims


def _principal_of_claims(claims: dict[str, Any]) -> Principal:
    metadata = claims.get("app_metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    tenant = metadata.get("tenant_id", claims["sub"])
    return Principal.of_claims(sub=claims["sub"], tenant_id=tenant, role=metadata.get("role", Role.USER))


def verify(header: str, *, secret: str, settings: TokenSettings) -> Principal:
    """The principal that an `Authorization` header proves.

    Args:
        header: `Bearer <token>`.
        secret: the HS256 secret.
        settings: accepted issuers and audience.

    Raises:
        UnauthenticatedError: no proof (malformed, expired, wrong algorithm, issuer or audience, bad signature), or of
            nobody who can be a caller (`Principal.of_claims`).
        UnavailableError: the JWKS could not be read.
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("send `Authorization: Bearer <token>`")
    try:
        return _principal_of_claims(_verified_claims(token.strip(), secret, settings))
    except jwt.exceptions.PyJWKClientConnectionError as error:
        raise UnavailableError("the identity provider's key set cannot be read") from error
    except jwt.PyJWTError as error:
        raise UnauthenticatedError(f"the token is not valid: {error}") from error

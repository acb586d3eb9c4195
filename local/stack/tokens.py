"""JWTs that the running stack takes: signed with the secret that the stack made for itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import jwt

from local.stack import deploy
from local.stack.errors import StackError

ROLES = ("user", "analyst", "operator", "admin", "service")
LIFETIME = timedelta(hours=12)


def mint(secret: str, *, role: str, sub: str, tenant: str, issuer: str, audience: str, now: datetime) -> str:
    """An HS256 token. Role and tenant are in `app_metadata`, where a user of the identity provider cannot write.

    Raises:
        StackError: a role that does not exist, an empty subject or tenant.
    """
    if role not in ROLES:
        raise StackError(f"ROLE={role} is none: give one of {', '.join(ROLES)}")
    if not sub or not tenant:
        raise StackError("SUB and TENANT say whose token it is: make -s token ROLE=user SUB=alice TENANT=acme")
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": sub,
        "iat": now,
        "exp": now + LIFETIME,
        "app_metadata": {"role": role, "tenant_id": tenant},
    }
    return jwt.encode(claims, secret, algorithm="HS256")


def secret(arn: str, *, aws_url: str, region: str) -> str:
    """The signing secret, out of the emulator's Secrets Manager."""
    client = deploy.session(region).client("secretsmanager", endpoint_url=aws_url)
    return client.get_secret_value(SecretId=arn)["SecretString"]

"""Tokens that `make token` prints."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from local.stack import tokens
from local.stack.errors import StackError

SECRET = "a-secret-of-the-stack-that-is-long-enough"
NOW = datetime.now(UTC).replace(microsecond=0)


def mint(**changes):
    who = {"role": "user", "sub": "alice", "tenant": "acme", "issuer": "besunny", "audience": "authenticated"}
    return tokens.mint(SECRET, **{**who, **changes}, now=NOW)


def test_a_token_says_who_for_twelve_hours():
    claims = jwt.decode(mint(), SECRET, algorithms=["HS256"], audience="authenticated", issuer="besunny")
    assert claims["sub"] == "alice"
    assert claims["app_metadata"] == {"role": "user", "tenant_id": "acme"}
    assert datetime.fromtimestamp(claims["exp"], UTC) == NOW + timedelta(hours=12)


@pytest.mark.parametrize(
    ("wrong", "named"), [({"role": "root"}, "ROLE=root"), ({"sub": ""}, "SUB"), ({"tenant": ""}, "TENANT")]
)
def test_what_is_missing_is_named(wrong, named):
    with pytest.raises(StackError, match=named):
        mint(**wrong)

"""Tokens: what proves a principal, and what does not."""

import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from besunny.api import tokens
from besunny.api.principal import Role
from besunny.api.tokens import TokenSettings, verify
from besunny.errors import UnauthenticatedError, UnavailableError

SECRET = "a-secret-of-more-than-thirty-two-bytes-length"
SETTINGS = TokenSettings(
    jwt_secret_arn="arn:secret", jwt_issuer="besunny", jwt_audience="authenticated",
    jwks_url="http://127.0.0.1:1/jwks.json", jwks_issuer="https://idp.example", jwks_algorithm="RS256",
)  # fmt: skip


def claims(**changes):
    base = {
        "iss": "besunny",
        "aud": "authenticated",
        "sub": "alice",
        "exp": datetime.now(UTC) + timedelta(hours=1),
        "app_metadata": {"role": "analyst", "tenant_id": "acme"},
    }
    return {key: value for key, value in {**base, **changes}.items() if value is not None}


def bearer(payload, key=SECRET, algorithm="HS256", **headers):
    return "Bearer " + jwt.encode(payload, key, algorithm=algorithm, headers=headers or None)


def check(header):
    return verify(header, secret=SECRET, settings=SETTINGS)


def test_role_and_tenant_come_from_app_metadata():
    principal = check(bearer(claims()))
    assert (principal.sub, principal.tenant_id, principal.role) == ("alice", "acme", Role.ANALYST)


def test_without_app_metadata_the_caller_is_a_user_in_a_tenant_of_their_own():
    principal = check(bearer(claims(app_metadata=None)))
    assert (principal.tenant_id, principal.role) == ("alice", Role.USER)


def test_claims_that_users_can_edit_give_no_role():
    principal = check(
        bearer(claims(app_metadata=None, role="admin", user_metadata={"role": "admin", "tenant_id": "x"}))
    )
    assert (principal.tenant_id, principal.role) == ("alice", Role.USER)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer ",
        "Basic YWxpY2U6c2VjcmV0",
        "Bearer not.a.token",
        bearer(claims(exp=datetime.now(UTC) - timedelta(minutes=1))),
        bearer(claims(exp=None)),
        bearer(claims(aud="others")),
        bearer(claims(aud=None)),
        bearer(claims(iss="stranger")),
        bearer(claims(sub=None)),
        bearer(claims(), key="another-secret-of-more-than-thirty-two-bytes"),
        bearer(claims(), key=SECRET * 2, algorithm="HS512"),
        bearer(claims(), key=None, algorithm="none"),
        bearer(claims(app_metadata={"role": "emperor"})),
        bearer(claims(app_metadata={"tenant_id": 7})),
        bearer(claims(app_metadata={"tenant_id": None})),
        bearer(claims(app_metadata={"tenant_id": ""})),
        bearer(claims(app_metadata={"tenant_id": "t" * 451})),
        bearer(claims(app_metadata={"tenant_id": "\u00e9" * 76})),
        bearer(claims(app_metadata={"tenant_id": "\ud800"})),
        bearer(claims(sub="")),
        bearer(claims(sub="s" * 3000)),
    ],
)
def test_no_proof(header):
    with pytest.raises(UnauthenticatedError):
        check(header)


def test_a_sub_of_the_largest_size_that_openid_allows_is_a_caller():
    assert check(bearer(claims(sub="auth0|" + "s" * 249))).sub.endswith("sss")


def test_the_reason_says_which_claim_and_nothing_of_it():
    with pytest.raises(UnauthenticatedError, match="`tenant_id`") as caught:
        check(bearer(claims(app_metadata={"tenant_id": "t" * 451})))
    assert "ttt" not in str(caught.value)


@pytest.fixture
def identity_provider(monkeypatch):
    """An RSA key whose public half the key set holds."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = jwt.PyJWK.from_dict({**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "1"})
    client = tokens._jwks(SETTINGS.jwks_url)
    monkeypatch.setattr(client, "get_signing_keys", lambda refresh=False: [public])
    return key


def test_a_token_of_the_identity_provider(identity_provider):
    header = bearer(claims(iss="https://idp.example"), key=identity_provider, algorithm="RS256", kid="1")
    assert check(header).sub == "alice"


def test_the_identity_providers_issuer_cannot_be_signed_with_the_shared_secret(identity_provider):
    with pytest.raises(UnauthenticatedError):
        check(bearer(claims(iss="https://idp.example"), kid="1"))


def test_an_unreachable_key_set_is_no_verdict_on_the_token():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(UnavailableError):
        check(bearer(claims(iss="https://idp.example"), key=key, algorithm="RS256", kid="other"))


def test_a_key_that_left_the_set_opens_nothing_once_the_set_is_read_anew(monkeypatch):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "revoked"}
    served = {"keys": [public]}
    tokens._jwks.cache_clear()
    client = tokens._jwks(SETTINGS.jwks_url)
    monkeypatch.setattr(client, "fetch_data", lambda: served)
    header = bearer(claims(iss="https://idp.example"), key=key, algorithm="RS256", kid="revoked")
    assert check(header).sub == "alice"
    served = {"keys": [{**public, "kid": "new"}]}
    now = time.monotonic()
    monkeypatch.setattr("jwt.jwk_set_cache.time.monotonic", lambda: now + 301)
    with pytest.raises(UnauthenticatedError):
        check(header)
    tokens._jwks.cache_clear()

"""Who is let in, and how wrong requests are answered, through the real gateway."""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from tests.e2e.client import WORKFLOWS, Client

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def secret(stack):
    return stack.client("secretsmanager").get_secret_value(SecretId=stack.outputs["JwtSecretArn"])["SecretString"]


@pytest.fixture(scope="module")
def user(stack):
    return Client(stack.api_url, stack.token(role="user", sub="dora", tenant="acme-security"))


def token(secret, algorithm="HS256", **changes):
    claims = {
        "iss": "besunny",
        "aud": "authenticated",
        "sub": "dora",
        "exp": datetime.now(UTC) + timedelta(hours=1),
        **changes,
    }
    return jwt.encode(claims, secret, algorithm=algorithm)


def is_problem(response, status):
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("application/problem+json")
    problem = response.json()
    assert {"type", "title", "detail", "instance"} <= problem.keys()
    assert problem["status"] == status
    assert "Traceback" not in response.text
    assert "Table" not in response.text
    return problem


@pytest.mark.parametrize(
    "broken",
    [
        lambda secret: "",
        lambda secret: "nonsense",
        lambda secret: token(secret, exp=datetime.now(UTC) - timedelta(minutes=5)),
        lambda secret: token(secret, aud="somebody-else"),
        lambda secret: token(secret, iss="somebody-else"),
        lambda secret: token(secret + "x"),
        lambda secret: token(secret * 2, algorithm="HS512"),
        lambda secret: token(None, algorithm="none"),
    ],
    ids=["none", "nonsense", "expired", "audience", "issuer", "signature", "algorithm", "unsigned"],
)
def test_without_a_good_token_nobody_comes_in(stack, secret, broken):
    is_problem(Client(stack.api_url, broken(secret)).get(f"{WORKFLOWS}/types"), 401)


def test_an_oidc_providers_token_comes_in_and_keeps_to_its_tenant(stack, identity_provider, user):
    olga = Client(stack.api_url, identity_provider.token())
    workflow = olga.submit("embedding", {"text": "The boiler in the north wing leaks."})
    assert olga.ended(workflow["workflow_id"])["status"] == "completed"
    is_problem(user.get(f"{WORKFLOWS}/{workflow['workflow_id']}/status"), 404)
    is_problem(olga.get("/v1/performance/alerts"), 403)
    operator = identity_provider.token(app_metadata={"role": "operator", "tenant_id": "idp-tenant"})
    assert Client(stack.api_url, operator).get("/v1/performance/alerts").status_code == 200


@pytest.mark.parametrize(
    "forged",
    [
        lambda provider, secret: provider.token(provider.strangers_key),
        lambda provider, secret: provider.token(exp=datetime.now(UTC) - timedelta(minutes=5)),
        lambda provider, secret: provider.token(aud="somebody-else"),
        lambda provider, secret: provider.token(iss="besunny"),
        # HS256 is the other issuer's: neither its secret nor the public key taken as a secret opens this one's door.
        lambda provider, secret: provider.token(secret, algorithm="HS256"),
        lambda provider, secret: hmac_with_the_public_key(provider),
    ],
    ids=["key", "expired", "audience", "issuer", "algorithm", "public key as secret"],
)
def test_a_forged_token_of_an_oidc_provider_is_refused(stack, identity_provider, secret, forged):
    is_problem(Client(stack.api_url, forged(identity_provider, secret)).get(f"{WORKFLOWS}/types"), 401)


def test_a_provider_may_change_its_keys(stack, identity_provider):
    old = identity_provider.token(sub="before-rotation")
    identity_provider.rotate("second")
    # A running authorizer asks for unknown keys twice a minute at most; a new one asks at once.
    stack.kill_functions()
    assert Client(stack.api_url, identity_provider.token()).get(f"{WORKFLOWS}/types").status_code == 200
    is_problem(Client(stack.api_url, old).get(f"{WORKFLOWS}/types"), 401)


def hmac_with_the_public_key(provider):
    """The classic confusion of algorithms; made by hand, as PyJWT itself refuses to sign so."""
    head, body, _ = provider.token().split(".")
    head = base64url(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "first"}).encode())
    mac = hmac.new(provider.public_pem(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64url(mac)}"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_role_in_editable_metadata_is_no_role(stack, secret):
    caller = Client(stack.api_url, token(secret, user_metadata={"role": "admin"}, role="admin"))
    is_problem(caller.get("/v1/performance/metrics/current"), 403)


def test_open_endpoints_need_no_token(stack):
    anybody = Client(stack.api_url)
    assert anybody.get("/health").status_code == 200
    assert anybody.get("/openapi.json").json()["openapi"].startswith("3.1")
    page = anybody.get("/docs")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")


def test_an_unknown_path_is_a_404_and_so_is_a_verb_that_a_path_does_not_take(user):
    is_problem(user.get("/v1/no-such-thing"), 404)
    assert "verb" in is_problem(user.call("PUT", WORKFLOWS, json={}), 404)["detail"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ("{not json", 400, "body"),
        ("[]", 422, ""),
        (json.dumps({"input_data": {}}), 422, "workflow_type"),
        (json.dumps({"workflow_type": "alchemy", "input_data": {}}), 422, "workflow_type"),
        (json.dumps({"workflow_type": "classification", "input_data": {"projects": []}}), 422, "input_data"),
        (json.dumps({"workflow_type": "classification", "input_data": {"content": ""}}), 422, "input_data"),
        (
            json.dumps({"workflow_type": "embedding", "input_data": {"text": "x"}, "priority": "asap"}),
            422,
            "priority",
        ),
        (
            json.dumps({"workflow_type": "meeting_intelligence", "input_data": {"segments": [{"text": 7}]}}),
            422,
            "input_data",
        ),
    ],
)
def test_wrong_bodies_name_field_and_fix(user, body, status, field):
    response = user.call("POST", WORKFLOWS, data=body, headers={"Content-Type": "application/json"})
    problem = is_problem(response, status)
    assert problem["errors"]
    assert all(error["field"] and error["reason"] and error["fix"] for error in problem["errors"])
    assert any(error["field"].startswith(field) for error in problem["errors"])


def test_an_unknown_workflow_is_a_404_and_nonsense_ids_too(user):
    for workflow_id in (str(uuid.uuid4()), "nonsense", "..%2f..%2fetc"):
        is_problem(user.get(f"{WORKFLOWS}/{workflow_id}/status"), 404)


def test_a_body_beyond_the_limit_is_told_the_other_way(user):
    response = user.post(WORKFLOWS, {"workflow_type": "embedding", "input_data": {"text": "x" * 7_000_000}})
    assert "upload" in is_problem(response, 413)["detail"]

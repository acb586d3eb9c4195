"""What the AI services do where an engines document is configured: they read it, their keys, and ask Bedrock."""

from __future__ import annotations

import json
from typing import Any

import boto3

from tests.fake_openai import FakeOpenAi, Reply, Request, serving
from tests.integration.least_privilege.account import Account
from tests.integration.least_privilege.executions import INPUTS, TASKS, work
from tests.integration.least_privilege.iam import STACK

NOVA = "amazon.nova-lite-v1:0"


def play(account: Account) -> None:
    """Servers that refuse, so that each engine of an order is asked and the embedded one answers; and vectors."""
    with serving() as server:
        server.reply = refuse_or_embed
        publish(account, server)
        for service, function in TASKS.items():
            data = INPUTS["embedding" if service == "embeddings" else service]
            answer = account.call(function, body=data)
            passed = [one["engine"] for one in answer["passed_over"]]
            assert passed == ([] if service == "embeddings" else ["house", "nova"]), answer["passed_over"]
        assert any(request.headers.get("Authorization") == "Bearer sk-1" for request in server.requests)
        probes(account)
    plan = account.call("CreateWorkflowFunction", body={**work("classification"), "dry_run": True})["plan"]
    assert plan["engine"] == "house"
    assert account.call("GetServicesHealthFunction")["services"]["classification"]["engine"] == "house"


def probes(account: Account) -> None:
    """The schedule tries what was kept away from long enough: a server by its key, and Bedrock."""
    table = boto3.resource("dynamodb").Table(account.names.refs["RoutingTable"])
    for item in table.scan()["Items"]:
        table.put_item(Item={**item, "opened_at": 0})
    assert sorted(account.invoke("ProbeEnginesFunction", {})) == ["house", "nova"]


def publish(account: Account, server: FakeOpenAi) -> None:
    """The engines document as an operator would write it."""
    secret = f"{STACK}/engines/house"
    boto3.client("secretsmanager").create_secret(Name=secret, SecretString="sk-1")
    order = ["house", "nova", "embedded"]
    document: dict[str, Any] = {
        "engines": {
            "house": {
                "kind": "openai_compatible",
                "base_url": server.base_url,
                "model": "m",
                "embedding_model": "e",
                "api_key_secret": secret,
            },
            "nova": {"kind": "bedrock", "model": NOVA, "endpoint_url": server.base_url.removesuffix("/v1")},
        },
        "default": {
            "classification": order,
            "meeting_intelligence": order,
            "project_onboarding": order,
            "embeddings": ["house"],
        },
    }
    boto3.client("ssm").put_parameter(Name=f"/{STACK}/engines", Value=json.dumps(document), Type="String")
    model = f"arn:aws:bedrock:us-east-1::foundation-model/{NOVA}"
    account.parameters |= {"EnginesParameter": f"/{STACK}/engines", "BedrockModels": model}


def refuse_or_embed(request: Request) -> Reply:
    """401 to who asks for text."""
    if not request.path.endswith("/embeddings"):
        return Reply(401, {})
    rows = [{"index": n, "embedding": [1.0] + [0.0] * 383} for n in range(len(request.body["input"]))]
    return Reply(body={"data": rows, "usage": {"prompt_tokens": 3}})

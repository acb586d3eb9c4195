"""An authorizer, and a function behind it that answers the event it got."""

import json


def authorize(event, context):
    token = event["authorizationToken"]
    if token == "invalid":
        raise Exception("Unauthorized")
    effect = "Allow" if token == "good" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "someone", "policyDocument": policy, "context": {"role": "user", "level": 3}}


def answer(event, context):
    if event["path"] == "/v1/fail":
        raise ValueError("a secret of the implementation")
    body = json.dumps({**event, "body": None, "body_characters": len(event["body"] or "")})
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": body}

"""What IAM asks for a call, and what the template allows a role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from tests.infrastructure.template import functions, resources, statements

ACCOUNT, REGION, STACK = "123456789012", "us-east-1", "demo"
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
_MEMBERS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
# Operations that name their resource by its ARN: IAM's prefix and the parameter.
_ARN_PARAMETERS = {
    ("sfn", "StartExecution"): ("states", "stateMachineArn"),
    ("sfn", "DescribeExecution"): ("states", "executionArn"),
    ("sfn", "StopExecution"): ("states", "executionArn"),
    ("sns", "Publish"): ("sns", "TopicArn"),
}


class Access(NamedTuple):
    """An action on a resource; what a policy allows may hold `*` in the resource."""

    action: str
    resource: str

    def covers(self, call: Access) -> bool:
        """Whether this, of a policy, allows the call."""
        return self.action == call.action and fnmatchcase(call.resource, self.resource)


def arn(service: str, rest: str) -> str:
    """An ARN of the test's account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def accesses(service: str, operation: str, parameters: dict[str, Any]) -> Iterator[Access]:
    """What IAM asks for one call of boto3.

    Args:
        service: botocore's id of it, with hyphens.
        operation: as the API names it.
        parameters: as the code gave them.
    """
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            for kind, write in (member for item in parameters["TransactItems"] for member in item.items()):
                yield Access(f"dynamodb:{_MEMBERS[kind]}", _table(write))
        case "dynamodb", "BatchGetItem" | "BatchWriteItem":
            for name in parameters["RequestItems"]:
                yield Access(f"dynamodb:{operation}", _table({"TableName": name}))
        case "dynamodb", "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query":
            yield Access(f"dynamodb:{operation}", _table(parameters))
        case "s3", "GetObject" | "PutObject" | "DeleteObject" | "DeleteObjects":
            # The operation that deletes several needs the action of one.
            objects = parameters["Delete"]["Objects"] if "Delete" in parameters else [parameters]
            for one in objects:
                yield Access(f"s3:{operation.removesuffix('s')}", f"arn:aws:s3:::{parameters['Bucket']}/{one['Key']}")
        case "s3vectors", _:
            yield from _vector_accesses(operation, parameters)
        case "sqs", "SendMessage":
            yield Access("sqs:SendMessage", arn("sqs", parameters["QueueUrl"].rsplit("/", 1)[-1]))
        case _ if (service, operation) in _NAMED:
            action, resource = _NAMED[service, operation]
            yield Access(action, resource(parameters))
        case _ if (service, operation) in _ARN_PARAMETERS:
            prefix, parameter = _ARN_PARAMETERS[service, operation]
            yield Access(f"{prefix}:{operation}", parameters[parameter])
        case _:
            raise AssertionError(f"say here what IAM asks for {service} {operation}")


def _vector_accesses(operation: str, parameters: dict[str, Any]) -> Iterator[Access]:
    index = parameters.get("indexArn") or f"{parameters['vectorBucketArn']}/index/{parameters['indexName']}"
    yield Access(f"s3vectors:{operation}", index)
    if parameters.get("returnMetadata") or parameters.get("filter"):
        yield Access("s3vectors:GetVectors", index)


def _secret(parameters: dict[str, Any]) -> str:
    """Where a secret is named, IAM sees its ARN, which ends in six characters of its own."""
    name = parameters["SecretId"]
    return str(name) if name.startswith("arn:") else arn("secretsmanager", f"secret:{name}-abcdef")


# Operations that name their resource: IAM's action, and its ARN from the parameters.
_NAMED: dict[tuple[str, str], tuple[str, Callable[[dict[str, Any]], str]]] = {
    ("secrets-manager", "GetSecretValue"): ("secretsmanager:GetSecretValue", _secret),
    ("cloudwatch", "ListMetrics"): ("cloudwatch:ListMetrics", lambda _: "*"),
    ("cloudwatch", "GetMetricData"): ("cloudwatch:GetMetricData", lambda _: "*"),
    ("ssm", "GetParameter"): ("ssm:GetParameter", lambda given: arn("ssm", f"parameter{given['Name']}")),
    # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
    ("bedrock-runtime", "Converse"): (
        "bedrock:InvokeModel",
        lambda given: f"arn:aws:bedrock:{REGION}::foundation-model/{given['modelId']}",
    ),
}


def _table(parameters: dict[str, Any]) -> str:
    index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
    return arn("dynamodb", f"table/{parameters['TableName']}{index}")


@dataclass
class Names:
    """The names that a deployment gives: `refs` by logical id, `attributes` by `Id.Attribute`."""

    refs: dict[str, str]
    attributes: dict[str, str]

    def text(self, value: Any) -> str:
        """A value of the template, its functions resolved."""
        match value:
            case {"Ref": name}:
                return self.refs[name]
            case {"Fn::GetAtt": name}:
                return self.attributes[name]
            case {"Fn::Join": [separator, parts]}:
                return str(separator).join(self.text(part) for part in parts)
            case {"Fn::Sub": str(pattern)}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._named(found[1]), pattern)
            case str() | int():
                return str(value)
        raise AssertionError(f"not understood: {value}")

    def _named(self, name: str) -> str:
        return self.attributes[name] if "." in name else self.refs[name]

    def allowed(self, properties: dict[str, Any]) -> list[Access]:
        """All that the role of a function or state machine may do by its own policies."""
        return [
            Access(action, self.text(resource))
            for statement in statements(properties)
            for action in _list(statement["Action"])
            for resource in _list(statement["Resource"])
        ]


def stack_names() -> Names:
    """The names of what the template makes, as far as they can be known before it is deployed."""
    refs = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::StackName": STACK}
    tables = {name: f"{STACK}-{name}" for name in resources("AWS::DynamoDB::Table")}
    attributes = {
        **{f"{name}.Arn": arn("lambda", f"function:{_name_of(name)}") for name in functions()},
        **{f"{logical}.Arn": arn("dynamodb", f"table/{name}") for logical, name in tables.items()},
        "DataBucket.Arn": f"arn:aws:s3:::{STACK}-data",
        "VectorBucket.VectorBucketArn": arn("s3vectors", f"bucket/{STACK}-vectors"),
        "ActivityQueue.Arn": arn("sqs", f"{STACK}-activity"),
    }
    return Names({**refs, **tables, "DataBucket": f"{STACK}-data"}, attributes)


def _name_of(logical: str) -> str:
    """A function's own name, or one as CloudFormation makes it."""
    named = functions()[logical].get("FunctionName")
    return named["Fn::Sub"].replace("${AWS::StackName}", STACK) if named else f"{STACK}-{logical}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

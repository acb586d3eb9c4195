"""`sam deploy` of the built template into the emulator, only when template, code or parameters have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from local.stack import build, sam
from local.stack.errors import StackError
from local.stack.paths import EMULATOR_LOCK, ROOT

STACK_NAME = "besunny"
ARTIFACTS_BUCKET = "besunny-deployments"
SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def aws_environment(aws_url: str, region: str) -> dict[str, str]:
    """The environment in which AWS clients talk to the emulator and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": "laptop",
        "AWS_SECRET_ACCESS_KEY": "laptop",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def session(region: str) -> boto3.Session:
    """A boto3 session with the emulator's credentials; give its clients the emulator's `endpoint_url`."""
    return boto3.Session(aws_access_key_id="laptop", aws_secret_access_key="laptop", region_name=region)


def deploy(template: Path, parameters: Mapping[str, str], *, aws_url: str, region: str, data: Path) -> bool:
    """Bring the emulator's stack up to date; True if it had to be deployed. Raises StackError with the reason."""
    stamp = data / "deployed-from"
    recipe = _recipe(template, parameters, aws_url)
    status = _status(aws_url, region)
    if status in SETTLED and stamp.is_file() and stamp.read_text() == recipe:
        return False
    stamp.unlink(missing_ok=True)
    aws = session(region)
    if status and status not in SETTLED:
        _delete_unfinished(aws, aws_url)
    aws.client("s3", endpoint_url=aws_url).create_bucket(Bucket=ARTIFACTS_BUCKET)
    arguments = ["deploy", "--template-file", str(template), "--stack-name", STACK_NAME, "--region", region]
    arguments += ["--s3-bucket", ARTIFACTS_BUCKET, "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    arguments += ["--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"]
    arguments += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
    sam.run("deploy", arguments, aws_environment(aws_url, region))
    status = _status(aws_url, region)
    if status not in SETTLED:
        raise StackError(f"the deployment ended as {status}: see .local/logs/sam-deploy.log and logs/ in {data}")
    stamp.write_text(recipe)
    return True


def outputs(aws_url: str, region: str) -> dict[str, str]:
    """The stack's outputs by name."""
    stack = session(region).client("cloudformation", endpoint_url=aws_url).describe_stacks(StackName=STACK_NAME)
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Stacks"][0].get("Outputs", [])}


def _recipe(template: Path, parameters: Mapping[str, str], aws_url: str) -> str:
    built = template.parent.with_name(f"{template.parent.name}.{build.STAMP}")
    code = build.digest([built, ROOT / "functions", ROOT / "statemachines", EMULATOR_LOCK])
    # Queue URLs in the functions' environments carry the emulator's port.
    return hashlib.sha256(json.dumps([code, sorted(parameters.items()), aws_url]).encode()).hexdigest()


def _status(aws_url: str, region: str) -> str | None:
    try:
        stacks = session(region).client("cloudformation", endpoint_url=aws_url).describe_stacks(StackName=STACK_NAME)
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return stacks["Stacks"][0]["StackStatus"]


def _delete_unfinished(aws: boto3.Session, aws_url: str) -> None:
    """A stack whose first deployment was interrupted cannot be updated."""
    cloudformation = aws.client("cloudformation", endpoint_url=aws_url)
    cloudformation.delete_stack(StackName=STACK_NAME)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=STACK_NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )

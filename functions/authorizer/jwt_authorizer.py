"""The API's TOKEN authorizer: a valid token becomes the principal in `requestContext.authorizer`."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.tokens import TokenSettings, verify
from besunny.aws.secrets import secret_value
from besunny.errors import UnauthenticatedError
from besunny.observability.logs import logger
from besunny.observability.observed import observed


@observed
def authorize(event: dict[str, Any], _: LambdaContext) -> dict[str, Any] | None:
    """The policy for a TOKEN authorizer event; None where the token proves nobody."""
    settings = TokenSettings.from_environment()
    try:
        principal = verify(event["authorizationToken"], secret=secret_value(settings.jwt_secret_arn), settings=settings)
    except UnauthenticatedError as error:
        logger().info("refused", extra={"reason": str(error)})
        return None
    # The policy is cached for the token, so it covers every endpoint; `besunny.api.access` says which role each needs.
    api, stage = event["methodArn"].split("/", 2)[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": principal.sub,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"sub": principal.sub, "tenant_id": principal.tenant_id, "role": str(principal.role)},
    }


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Authorize one request."""
    if (policy := authorize(event, context)) is None:
        raise Exception("Unauthorized")  # API Gateway answers 401 to this very message
    return policy

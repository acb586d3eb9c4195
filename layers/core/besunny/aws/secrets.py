"""Secrets, read through a cache of five minutes, so that a rotated one is used soon after."""

from aws_lambda_powertools.utilities import parameters


def secret_value(arn: str) -> str:
    """The text of a Secrets Manager secret; cached for 300 s.

    Raises:
        GetParameterError: it cannot be read.
    """
    return str(parameters.get_secret(arn, max_age=300))

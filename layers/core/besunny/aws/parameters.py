"""SSM parameters, read through a cache of a minute, so that a new value is used soon after."""

from besunny.errors import MisconfiguredError


def parameter_text(name: str) -> str:
    """The text of an SSM parameter; cached for 60 s.

    Raises:
        MisconfiguredError: it cannot be read.
    """
    # Here, since it imports boto3.
    from aws_lambda_powertools.utilities import parameters
    from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

    try:
        return str(parameters.get_parameter(name, max_age=60))
    except GetParameterError as error:
        raise MisconfiguredError(f"the SSM parameter {name} cannot be read: {error}") from error

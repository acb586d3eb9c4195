"""Settings: one frozen model a function, read from the environment on first use and never at import."""

import os
from functools import lru_cache
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from besunny.errors import MisconfiguredError


def in_sam_local() -> bool:
    """Whether `sam local` runs this function, with a stack behind it or without."""
    return os.environ.get("AWS_SAM_LOCAL") == "true"


def _refuse_placeholders(found: dict[str, str]) -> None:
    """`sam local` fills `!Ref WorkflowsTable` with the logical id, since no stack is there to give the real name."""
    if not in_sam_local():
        return
    names = [name.upper() for name, value in found.items() if value.lower() == name.replace("_", "").lower()]
    if names:
        raise MisconfiguredError(
            f"{', '.join(names)} hold only the template's logical ids: give the names that a running stack has, "
            "and its address as AWS_ENDPOINT_URL, with `sam local invoke --env-vars env.json`"
        )


class Settings(BaseModel):
    """Base of the settings models: a field `workflows_table` is read from `WORKFLOWS_TABLE`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    @lru_cache
    def from_environment(cls) -> Self:
        """This model, filled from the environment; read once a process.

        Raises:
            MisconfiguredError: names each variable that is missing or wrong.
        """
        found = {name: os.environ[name.upper()] for name in cls.model_fields if os.environ.get(name.upper())}
        _refuse_placeholders(found)
        try:
            return cls(**found)
        except ValidationError as error:
            faults = ", ".join(f"{str(e['loc'][0]).upper()} ({e['msg'].lower()})" for e in error.errors())
            raise MisconfiguredError(
                f"set these environment variables: {faults}; outside a deployed stack, "
                f"`sam local invoke --env-vars` supplies them"
            ) from error

    @classmethod
    def unless_alone(cls) -> Self | None:
        """As `from_environment`; None in a function that `sam local` runs without a stack and that can do without it.

        Raises:
            MisconfiguredError: anywhere else, what is missing.
        """
        try:
            return cls.from_environment()
        except MisconfiguredError:
            if not in_sam_local():
                raise
            return None

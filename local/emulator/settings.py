"""What the emulator is told at start. Standard library only: the emulator's and the development venv import it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "BESUNNY_EMULATOR_"


class InvalidEmulatorSetting(ValueError):
    """A setting is missing or unusable; the message names it and what it takes."""


@dataclass(frozen=True, kw_only=True)
class EmulatorSettings:
    """Where the emulator listens, keeps its data, and what its functions may use.

    data: folder of all state, objects, logs and temporary files; made when missing. Two emulators must not share one.
    runtime_python: the interpreter of the venv that holds what AWS's Lambda image holds (awslambdaric, boto3).
    aws_port, api_port: TCP ports on 127.0.0.1; 0 is not taken, the caller picks free ones.
    stage: stage of the REST API that the API port serves at its root; the first one deployed when None.
    max_environments: environments (processes) per function at a time; further invocations wait for a free one.
    idle_seconds: an environment that served nothing for so long ends.
    autosave_seconds: `kill -9` loses at most what changed in so many seconds.
    """

    data: Path
    runtime_python: Path
    aws_port: int
    api_port: int
    stage: str | None = None
    max_environments: int = 8
    idle_seconds: float = 120.0
    autosave_seconds: float = 5.0
    region: str = "us-east-1"
    account: str = "000000000000"

    @property
    def aws_url(self) -> str:
        return f"http://127.0.0.1:{self.aws_port}"

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    def to_environment(self) -> dict[str, str]:
        """The settings as environment variables, for the emulator's process."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {PREFIX + name.upper(): str(value) for name, value in values.items() if value is not None}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> EmulatorSettings:
        """Read them back. Raises InvalidEmulatorSetting naming the variable and what it takes."""

        def text(name: str, default: str | None = None) -> str:
            value = environment.get(PREFIX + name.upper(), default)
            if not value:
                raise InvalidEmulatorSetting(f"{PREFIX}{name.upper()} is not set: give it a value")
            return value

        def number(name: str, default: float | None = None) -> float:
            raw = text(name, None if default is None else str(default))
            try:
                value = float(raw)
            except ValueError:
                raise InvalidEmulatorSetting(f"{PREFIX}{name.upper()}={raw!r} is not a number") from None
            if value <= 0:
                raise InvalidEmulatorSetting(f"{PREFIX}{name.upper()}={raw!r} must be above 0")
            return value

        return cls(
            data=Path(text("data")).resolve(),
            # Not resolved: a venv's python is a link, and the link is what makes it the venv's.
            runtime_python=Path(text("runtime_python")).absolute(),
            aws_port=int(number("aws_port")),
            api_port=int(number("api_port")),
            stage=environment.get(PREFIX + "STAGE") or None,
            max_environments=int(number("max_environments", cls.max_environments)),
            idle_seconds=number("idle_seconds", cls.idle_seconds),
            autosave_seconds=number("autosave_seconds", cls.autosave_seconds),
            region=text("region", cls.region),
            account=text("account", cls.account),
        )

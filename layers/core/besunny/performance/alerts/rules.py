"""Alert rules: one JSON file each in `performance/rules/`, with a guide page each in `docs/operations/`."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator

from besunny.performance.figures import NAMES
from besunny.performance.settings import Thresholds

_FOLDER = Path(__file__).parents[1] / "rules"

Severity = Literal["warning", "critical"]


class Level(BaseModel):
    """A figure's level: a plain number, or a setting of operators plus an offset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float | None = None
    setting: str | None = None
    plus: float = 0

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.value is None) == (self.setting is None):
            raise ValueError("give either `value` or `setting`")
        if self.setting is not None and self.setting not in Thresholds.model_fields:
            raise ValueError(f"`{self.setting}` is not one of {', '.join(Thresholds.model_fields)}")
        return self

    def resolve(self, thresholds: Thresholds) -> float:
        """The number."""
        base = self.value if self.value is not None else float(getattr(thresholds, str(self.setting)))
        return base + self.plus


class _Common(BaseModel):
    """What every rule says.

    Attributes:
        name: also the name of its file and of its guide page.
        component: what is ill.
        figure: the name of the figure that it judges.
        unit: of the figure.
        severity: how bad it is.
        for_minutes: how long a breach lasts before the alert fires.
        min_samples: with fewer, the figure is no breach.
        message: a sentence with `{value}` and `{unit}`, and what its kind adds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    component: str
    figure: str
    unit: str
    severity: Severity
    for_minutes: int = Field(ge=0)
    min_samples: int = Field(default=1, ge=1)
    message: str

    @field_validator("figure")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in NAMES:
            raise ValueError(f"`{name}` is not one of {', '.join(NAMES)}")
        return name

    @property
    def guide(self) -> str:
        """The page that says what to do."""
        return f"docs/operations/{self.name}.md"

    @property
    def patience(self) -> timedelta:
        """How long a breach lasts before the alert fires."""
        return timedelta(minutes=self.for_minutes)

    @property
    def fingerprint(self) -> str:
        """The alert's identity: the same ill of the same component is one alert, however often it is seen."""
        return hashlib.sha256(f"{self.name}\n{self.component}".encode()).hexdigest()[:16]


class Rule(_Common):
    """A rule of fixed levels; its message may say `{threshold}`.

    Attributes:
        raise_from: at or above this it is a breach.
        clear_below: below this it is over; between the two, nothing changes (hysteresis).
    """

    kind: Literal["static"] = "static"
    raise_from: Level
    clear_below: Level


class LearnedRule(_Common):
    """A rule that learns from its figure what is usual; its message may say the band, `{reason}` and `{learned_from}`.

    Attributes:
        side: which side of the expected band is ill.
        at_least: what is nearer to the band than this is no breach, however unusual; in `unit`.
    """

    kind: Literal["learned"]
    side: Literal["high", "low", "both"]
    at_least: float = Field(default=0, ge=0)


AnyRule = Rule | LearnedRule


class _File(RootModel[AnyRule]):
    """A file of either kind."""


@lru_cache
def load_rules() -> tuple[AnyRule, ...]:
    """Every rule, by name; read once a process.

    Raises:
        pydantic.ValidationError: a file is no rule.
    """
    return tuple(_File.model_validate_json(path.read_text()).root for path in sorted(_FOLDER.glob("*.json")))

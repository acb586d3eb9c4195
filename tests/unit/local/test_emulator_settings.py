"""The emulator's settings go through its environment unchanged, and a bad one is named."""

from pathlib import Path

import pytest

from local.emulator.settings import EmulatorSettings, InvalidEmulatorSetting

SETTINGS = EmulatorSettings(
    data=Path("/data"),
    runtime_python=Path("/venv/bin/python"),
    aws_port=4000,
    api_port=3000,
    stage="live",
    idle_seconds=7.5,
)


def test_settings_survive_the_way_through_the_environment() -> None:
    assert EmulatorSettings.from_environment(SETTINGS.to_environment()) == SETTINGS


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("BESUNNY_EMULATOR_DATA", "", "BESUNNY_EMULATOR_DATA is not set"),
        ("BESUNNY_EMULATOR_AWS_PORT", "http", "BESUNNY_EMULATOR_AWS_PORT='http' is not a number"),
        ("BESUNNY_EMULATOR_IDLE_SECONDS", "0", "BESUNNY_EMULATOR_IDLE_SECONDS='0' must be above 0"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str, reason: str) -> None:
    with pytest.raises(InvalidEmulatorSetting, match=reason):
        EmulatorSettings.from_environment({**SETTINGS.to_environment(), name: value})

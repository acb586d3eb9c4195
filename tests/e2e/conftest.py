"""One stack for all end-to-end tests: free ports, a data folder of its own, the template as it stands."""

from collections.abc import Iterator

import pytest

from local.emulator_process import free_port
from tests.e2e.stack import StackUnderTest


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackUnderTest]:
    running = StackUnderTest(data=tmp_path_factory.mktemp("stack"), api_port=free_port(), aws_port=free_port())
    running.start()
    yield running
    running.stop()

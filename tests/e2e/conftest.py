"""One stack for all end-to-end tests: free ports, a data folder of its own, the template as it stands."""

from collections.abc import Iterator

import pytest

from local.emulator_process import free_port
from tests.e2e.identity_provider import ISSUER, IdentityProvider
from tests.e2e.stack import StackUnderTest


@pytest.fixture(scope="session")
def identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, identity_provider: IdentityProvider) -> Iterator[StackUnderTest]:
    running = StackUnderTest(
        data=tmp_path_factory.mktemp("stack"),
        api_port=free_port(),
        aws_port=free_port(),
        given={"JwksUrl": identity_provider.jwks_url, "JwksIssuer": ISSUER},
    )
    running.start()
    yield running
    running.stop()

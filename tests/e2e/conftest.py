"""One stack for all end-to-end tests: free ports, a data folder of its own, the template as it stands."""

from collections.abc import Iterator

import pytest

from local.emulator_process import free_port
from local.stack import engines
from tests.e2e.engines import KEY, engines_document
from tests.e2e.identity_provider import ISSUER, IdentityProvider
from tests.e2e.stack import StackUnderTest
from tests.fake_openai import FakeOpenAi, serving


@pytest.fixture(scope="session")
def identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture(scope="session")
def engine_server() -> Iterator[FakeOpenAi]:
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def other_engine_server() -> Iterator[FakeOpenAi]:
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def stack(
    tmp_path_factory: pytest.TempPathFactory,
    identity_provider: IdentityProvider,
    engine_server: FakeOpenAi,
    other_engine_server: FakeOpenAi,
) -> Iterator[StackUnderTest]:
    file = tmp_path_factory.mktemp("engines") / "engines.yaml"
    file.write_text(engines_document(engine_server.base_url, other_engine_server.base_url))
    running = StackUnderTest(
        data=tmp_path_factory.mktemp("stack"),
        api_port=free_port(),
        aws_port=free_port(),
        engines=engines.read(file, {"ENGINE_KEY": KEY}),
        given={"JwksUrl": identity_provider.jwks_url, "JwksIssuer": ISSUER},
    )
    running.start()
    yield running
    running.stop()

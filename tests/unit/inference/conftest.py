"""A fake server with OpenAI's API, and engines that stand on it."""

import pytest

from besunny.inference.contracts.engine_config import parse_engines
from besunny.inference.engines import openai_compatible
from besunny.inference.engines.answering import VectorEngine
from besunny.inference.engines.attempts import Attempts
from besunny.inference.engines.openai_compatible import OpenAiChat
from besunny.inference.generative.asking import Asker
from besunny.inference.generative.engine import GenerativeEngine
from besunny.inference.generative.metering import Meter
from tests.fake_openai import serving
from tests.unit.inference.fake_engine import BagEngine


@pytest.fixture
def server():
    openai_compatible._found.clear()
    with serving() as fake:
        yield fake


class Bench:
    """Makes engines on the server, with their pauses noted instead of waited for."""

    def __init__(self, server):
        self.server = server
        self.meter = Meter()
        self.pauses = []

    def config(self, service="classification", **settings):
        engine = {"kind": "openai_compatible", "base_url": self.server.base_url, "model": "test-model", **settings}
        return parse_engines({"engines": {"house": engine}, "default": {service: ["house"]}})

    def attempts(self, most, deadline):
        return Attempts(most, deadline, sleep=self.pauses.append, jitter=lambda: 1.0)

    def asker(self, service="classification", *, key=None, **settings):
        config = self.config(service, **settings)
        model = OpenAiChat(config.engines["house"], lambda: key)
        return Asker(model, config.info("house", service), config.engines["house"], self.meter, self.attempts)

    def engine(self, service="classification", *, encoder=None, **settings):
        return GenerativeEngine(VectorEngine(encoder or BagEngine()), self.asker(service, **settings))


@pytest.fixture
def bench(server):
    return Bench(server)

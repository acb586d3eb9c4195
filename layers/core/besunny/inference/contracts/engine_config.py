"""The engines document: which engines there are, and which answer for a tenant and service, in order.

One JSON document in an SSM parameter (docs/engines.md shows it). It carries no key, only where one is kept.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from besunny.aws.parameters import parameter_text
from besunny.errors import FieldError, InvalidInputError, MisconfiguredError
from besunny.inference.contracts.common import ServiceName, fault
from besunny.inference.contracts.engine import EngineInfo
from besunny.inference.contracts.versions import EMBEDDED, PROMPT_VERSIONS
from besunny.validation import field_errors

# An advanced SSM parameter holds no more.
MOST_BYTES = 8192
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What does not shape an answer: changing it keeps cached results.
_NOT_SHAPING = {"api_key_env", "api_key_secret", "endpoint_url", "region", "timeout_seconds", "attempts"} | {
    "open_after",
    "cool_down_seconds",
}
# Of a request's context: for the instructions, the schema and the form that a server adds; and the least of a source.
OVERHEAD_TOKENS, LEAST_SOURCE_TOKENS = 900, 200


def _plain_address(value: str) -> str:
    try:
        url = urlsplit(value)
        usable = url.scheme in ("http", "https") and bool(url.hostname) and (url.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or url.query or url.fragment or url.username:
        raise fault("it is no plain http(s) address", "an address such as https://api.openai.com/v1")
    return value.rstrip("/")


Address = Annotated[str, Field(max_length=500), AfterValidator(_plain_address)]
EngineName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Place = Annotated[
    list[EngineName],
    BeforeValidator(lambda place: [place] if isinstance(place, str) else place),
    Field(min_length=1, max_length=5),
]
Order = Annotated[list[Place], Field(min_length=1, max_length=5)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Price(_Strict):
    """USD for a million tokens."""

    input_per_million: float = Field(ge=0)
    output_per_million: float = Field(ge=0)


class _Metered(_Strict):
    """What every engine behind a network has.

    Attributes:
        model: as the server names it.
        attempts: requests for one generation in all: retries, the repair of an unusable output, and finding out how
            the server takes a schema.
        timeout_seconds: for one request.
        context_tokens: what prompt and output may take together; longer documents are read in windows.
        max_windows: of one document; the answer's `coverage` says how much of it they were.
        temperature: null leaves it to the server.
        vote_accuracy: how often this model's choice of a project is right; it weighs its vote.
        price: instead of `pricing.json`.
        open_after: requests that fail in a row before all functions keep away from it.
        cool_down_seconds: how long they do, before one request tries it.
    """

    model: str = Field(min_length=1, max_length=300)
    attempts: int = Field(default=3, ge=1, le=5)
    timeout_seconds: float = Field(default=60, gt=0, le=300)
    context_tokens: int = Field(default=8192, ge=1024, le=2_000_000)
    max_output_tokens: int = Field(default=1500, ge=64, le=64_000)
    max_windows: int = Field(default=8, ge=1, le=64)
    temperature: float | None = Field(default=0.0, ge=0, le=2)
    vote_accuracy: float = Field(default=0.8, gt=0, lt=1)
    price: Price | None = None
    open_after: int = Field(default=5, ge=1, le=100)
    cool_down_seconds: float = Field(default=30, ge=1, le=3600)

    @model_validator(mode="after")
    def _room_for_input(self) -> Self:
        if self.max_output_tokens > self.context_tokens // 2:
            raise fault("`max_output_tokens` is more than half of `context_tokens`", "at most half, to leave room")
        least = self.max_output_tokens + OVERHEAD_TOKENS + LEAST_SOURCE_TOKENS
        if self.context_tokens < least:
            reason = f"`context_tokens` has no room for a source beside {self.max_output_tokens} tokens of output"
            raise fault(reason, f"at least {least}, or a smaller `max_output_tokens`")
        return self


class OpenAiCompatible(_Metered):
    """A server with OpenAI's API: OpenAI itself, vLLM, llama.cpp, Ollama and others.

    Attributes:
        base_url: up to and with the version, such as `https://api.openai.com/v1`.
        api_key_env: on a laptop, the variable of `make run` that holds the key.
        api_key_secret: in AWS, the Secrets Manager secret that holds it, named `<stack>/engines/...`.
        structured: how to ask for JSON; `auto` tries a schema, then a tool, then plain text, and keeps what works.
        output_limit: the field of the request that bounds the output (newer OpenAI models want the second).
        embedding_model: for the service `embeddings`; must give 384 dimensions.
    """

    kind: Literal["openai_compatible"]
    base_url: Address
    api_key_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    api_key_secret: str | None = Field(default=None, min_length=1, max_length=500)
    structured: Literal["auto", "json_schema", "tools", "text"] = "auto"
    output_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    embedding_model: str | None = Field(default=None, min_length=1, max_length=300)

    @model_validator(mode="after")
    def _keeps_the_key(self) -> Self:
        if self.api_key_env and self.api_key_secret:
            raise fault("both `api_key_env` and `api_key_secret` are given", "one of them")
        url = urlsplit(self.base_url)
        if (self.api_key_env or self.api_key_secret) and url.scheme == "http" and url.hostname not in _LOOPBACK:
            raise fault("the key would go over plain http", "an https `base_url`, or no key")
        return self


class Bedrock(_Metered):
    """A model of Amazon Bedrock, by its Converse API.

    Attributes:
        model: id or ARN of a model or inference profile; the stack's `BedrockModels` must allow it.
        region: of the model; absent: the stack's own.
        endpoint_url: of a VPC endpoint.
    """

    kind: Literal["bedrock"]
    region: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    endpoint_url: Address | None = None


EngineSettings = Annotated[OpenAiCompatible | Bedrock, Field(discriminator="kind")]


class EngineConfig(_Strict):
    """The engines document.

    Attributes:
        version: the writer's own label; another one leaves cached results behind.
        engines: by name; `embedded` is there without being named.
        default: the engines of each service, in order; engines in a list of their own share a place, and the one that
            is quicker is asked first. A service that is not named has `embedded`.
        tenants: what differs for a tenant, by tenant id.
    """

    version: str = Field(default="", max_length=100)
    engines: dict[EngineName, EngineSettings] = Field(default_factory=dict, max_length=20)
    default: dict[ServiceName, Order] = Field(default_factory=dict)
    tenants: dict[str, dict[ServiceName, Order]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _orders_can_be_followed(self) -> Self:
        if EMBEDDED.name in self.engines:
            raise fault("an engine is called `embedded`, which is the built-in one", "another name")
        for orders in (self.default, *self.tenants.values()):
            for service, order in orders.items():
                self._check_order(service, [name for place in order for name in place])
        return self

    def _check_order(self, service: str, names: list[str]) -> None:
        known = [EMBEDDED.name, *self.engines]
        if not set(names) <= set(known):
            raise fault(f"`{service}` names an engine that is not defined", f"names of {', '.join(known)}")
        if len(set(names)) < len(names):
            raise fault(f"`{service}` names an engine twice", "each once")
        if EMBEDDED.name in names[:-1]:
            raise fault(f"`{service}` names engines after `embedded`, which always answers", "`embedded` last")
        if service == "embeddings":
            if len(names) > 1:
                raise fault("`embeddings` has several engines, whose vectors cannot be compared", "exactly one")
            engine = self.engines.get(names[0])
            if engine is not None and not getattr(engine, "embedding_model", None):
                fix = "`embedded`, or an openai_compatible engine with an `embedding_model` of 384 dimensions"
                raise fault(f"`embeddings` has an engine that makes no vectors, `{names[0]}`", fix)

    def places(self, tenant_id: str, service: str) -> list[list[str]]:
        """Names of the engines for a tenant and service, in order, those that share a place together."""
        own: Mapping[Any, list[list[str]]] = self.tenants.get(tenant_id, {})
        general: Mapping[Any, list[list[str]]] = self.default
        return own.get(service) or general.get(service) or [[EMBEDDED.name]]

    def order(self, tenant_id: str, service: str) -> list[list[EngineInfo]]:
        """What those engines are, as answers and cache keys carry it."""
        return [[self.info(name, service) for name in place] for place in self.places(tenant_id, service)]

    def info(self, name: str, service: str) -> EngineInfo:
        """What an engine of this document is to a service."""
        if name == EMBEDDED.name:
            return EMBEDDED
        settings = self.engines[name]
        shaping = settings.model_dump(mode="json", exclude=_NOT_SHAPING)
        digest = sha256(json.dumps([self.version, shaping], sort_keys=True).encode()).hexdigest()[:12]
        model = settings.model
        if service == "embeddings" and isinstance(settings, OpenAiCompatible):
            model = settings.embedding_model or model
        return EngineInfo(
            name=name,
            model=model,
            version=EMBEDDED.version,
            kind=settings.kind,
            prompt_version=PROMPT_VERSIONS.get(service),
            config_version=digest,
        )


def parse_engines(data: Any) -> EngineConfig:
    """The engines document, checked.

    Args:
        data: the decoded JSON or YAML.

    Raises:
        InvalidInputError: names each wrong field and its fix.
    """
    if not isinstance(data, dict):
        raise InvalidInputError(
            FieldError("engines document", "it is not an object", "write `engines:` and `default:`")
        )
    try:
        config = EngineConfig.model_validate(data)
    except ValidationError as error:
        raise InvalidInputError(*_faults(error)) from None
    if len(json.dumps(data, separators=(",", ":")).encode()) > MOST_BYTES:
        fix = "leave out what is not used: an SSM parameter holds no more"
        raise InvalidInputError(FieldError("engines document", f"it is larger than {MOST_BYTES} bytes", fix))
    return config


def _faults(error: ValidationError) -> list[FieldError]:
    raw = []
    for one in error.errors(include_url=False, include_input=False):
        # Pydantic puts the kind, by which it chose the model, into the path.
        location = [part for part in one["loc"] if part not in ("openai_compatible", "bedrock", "[key]")]
        raw.append({**one, "loc": location or ["engines document"]})
    return field_errors(raw)


def load_engines(parameter: str) -> EngineConfig:
    """The engines document of this stack.

    Raises:
        MisconfiguredError: it cannot be read, or names what is wrong in it.
    """
    return _parsed(parameter, parameter_text(parameter))


@lru_cache(maxsize=4)
def _parsed(parameter: str, text: str) -> EngineConfig:
    try:
        config = parse_engines(json.loads(text))
    except (ValueError, InvalidInputError) as error:
        fixes = [f"{e.field}: {e.reason} ({e.fix})" for e in getattr(error, "errors", ())] or ["it is not JSON"]
        raise MisconfiguredError(f"the engines document in {parameter} is wrong: {'; '.join(fixes)}") from error
    for name, settings in config.engines.items():
        if getattr(settings, "api_key_env", None):
            raise MisconfiguredError(
                f"the engines document in {parameter} is wrong: engines.{name}.api_key_env: only `make run` reads "
                "variables (put the key into Secrets Manager and name it as api_key_secret)"
            )
    return config

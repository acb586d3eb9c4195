"""What several services share: text, documents, projects, spans, coverage."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from besunny.inference.contracts.engine import EngineInfo, EngineUsage, PassedOver, Routing
from besunny.request_body import RequestBody, check_id

ServiceName = Literal["classification", "meeting_intelligence", "embeddings", "project_onboarding"]
Sentiment = Literal["positive", "negative", "neutral", "mixed"]

MAX_TEXT_BYTES = 20 * 1024 * 1024
MAX_PROJECTS = 10_000
MAX_DESCRIPTION = 20_000
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_BINARY_SHARE = 0.01


def fault(reason: str, send: str) -> PydanticCustomError:
    """A validation error whose fix reads `send {send}`; the text carries nothing of the input."""
    return PydanticCustomError("rule", "{reason}", {"reason": reason, "expected": send})


def check_text(text: str) -> str:
    """The text itself, if it can be read.

    Raises:
        PydanticCustomError: it is empty, larger than `MAX_TEXT_BYTES` in UTF-8, or binary.
    """
    if not text.strip():
        raise fault("the text is empty", "some text to read")
    if len(text) > MAX_TEXT_BYTES or (len(text) * 4 > MAX_TEXT_BYTES and _utf8_size(text) > MAX_TEXT_BYTES):
        raise fault("the text is larger than 20 MB", "it in parts of at most 20 MB")
    head = text[:100_000]
    if "\x00" in text or len(_BINARY.findall(head)) > len(head) * _BINARY_SHARE:
        raise fault("the text looks binary", "plain text (take it out of the file first)")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise fault("the text holds half a surrogate pair", "well-formed Unicode") from None
    return text


def _utf8_size(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))


SourceText = Annotated[str, Strict(), AfterValidator(check_text)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
# `/`, `?`, `#` and `%` stay out, so that an id can stand in a path whoever decodes it.
_ID = r"^[\w.:@=+~,;()!*'$<>\[\] -]+$"


PathId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_ID),
    AfterValidator(check_id),
]
"""An id that this API gives an address."""
ForeignId = Annotated[Name, AfterValidator(check_id)]
"""An id of the caller's own books, which stands in no address of this API."""


def words_of(value: Any) -> Any:
    """A list of words, from a list or from `a, b; c` in one string; anything else unchanged, for pydantic to refuse."""
    if isinstance(value, str):
        value = re.split(r"[,;\n]", value)
    if isinstance(value, list):
        return [item for item in value if not isinstance(item, str) or item.strip()]
    return value


Words = Annotated[list[Line], BeforeValidator(words_of)]


class Input(BaseModel):
    """Base of records within what callers send: null is absent, and fields of their own are passed over."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class Request(Input, RequestBody):
    """Base of the services' requests: a record whose fields must be known at the top level."""

    # Many forms are gathered into one, so what is known is more than the fields, and judged before that.
    model_config = ConfigDict(extra="ignore")


class Document(Input):
    """A document to read: an e-mail, a file, a transcript.

    Attributes:
        type: `email`, `document`, `drive_file`, `transcript`, `meeting_transcript`, `spreadsheet`, ...
        content_text: the whole text, at most 20 MB of UTF-8; offsets in answers count its characters.
        attachments: file names, or objects with a `name` or `filename`.
    """

    type: Annotated[
        str,
        StringConstraints(strip_whitespace=True, to_lower=True, max_length=64),
        Field(validation_alias=AliasChoices("type", "document_type")),
    ] = "document"
    source_id: Annotated[Line, Field(validation_alias=AliasChoices("source_id", "document_id", "id"))] = ""
    author: Annotated[Line, Field(validation_alias=AliasChoices("author", "from", "sender"))] = ""
    date: Annotated[Line, Field(validation_alias=AliasChoices("date", "received_at", "created_at"))] = ""
    subject: Annotated[Line, Field(validation_alias=AliasChoices("subject", "title"))] = ""
    content_text: Annotated[SourceText, Field(validation_alias=AliasChoices("content_text", "content", "text", "body"))]
    attachments: list[str | dict[str, Any]] = Field(default_factory=list, max_length=1000)
    metadata: dict[str, Any] = Field(default_factory=dict)

    @property
    def is_transcript(self) -> bool:
        """Whether this is speech written down, which is held to a higher threshold."""
        return "transcript" in self.type or self.type == "meeting"

    @property
    def is_mail(self) -> bool:
        """Whether this is an e-mail."""
        return self.type in ("email", "e-mail", "mail")


def _example_text(example: Any) -> Any:
    if isinstance(example, dict):
        return next((example[k] for k in ("content_text", "content", "text") if k in example), example)
    return example


class Project(Input):
    """A project that a document may belong to.

    Attributes:
        examples: texts already known to be of this project; more examples, surer answers.
    """

    id: Annotated[ForeignId, Field(validation_alias=AliasChoices("id", "project_id"))]
    name: Annotated[Name, Field(validation_alias=AliasChoices("name", "project_name", "title"))]
    description: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=MAX_DESCRIPTION),
        Field(validation_alias=AliasChoices("description", "overview", "notes")),
    ] = ""
    tags: Words = Field([], max_length=500, validation_alias=AliasChoices("tags", "normalized_tags"))
    keywords: Words = Field([], max_length=500, validation_alias=AliasChoices("keywords", "reference_keywords"))
    categories: Words = Field([], max_length=100)
    examples: list[Annotated[SourceText, BeforeValidator(_example_text)]] = Field([], max_length=1000)


class Span(BaseModel):
    """A piece of the source: `source[start:end] == text`, counted in characters."""

    text: str
    start: int
    end: int


class Evidence(Span):
    """A span that speaks for an answer, and why."""

    reason: str


class Coverage(BaseModel):
    """How much of the input was read; `share` is `characters_used / characters`.

    Attributes:
        note: why an engine that had begun did not read the rest; null where that did not happen.
    """

    characters: int
    characters_used: int
    share: float = Field(ge=0, le=1)
    note: str | None = None

    @classmethod
    def of(cls, characters: int, used: int, note: str | None = None) -> "Coverage":
        """Coverage of a text of `characters` of which `used` were read."""
        share = used / characters if characters else 1.0
        return cls(characters=characters, characters_used=used, share=share, note=note)


class Answer(BaseModel):
    """Base of every service's answer.

    Attributes:
        processing_time_ms: set by the caller, who has the clock.
        usage: of metered engines; null where none was called.
        passed_over: engines that came before `engine` in the configured order, and why they did not answer.
        routing: how the engine was chosen; null where only `embedded` is configured.
        dropped_ungrounded: findings of a generative engine that do not stand in the source, and were left out.
    """

    model_config = ConfigDict(validate_assignment=True, hide_input_in_errors=True)

    engine: EngineInfo
    coverage: Coverage
    processing_time_ms: float | None = None
    usage: EngineUsage | None = None
    passed_over: list[PassedOver] = []
    routing: Routing | None = None
    dropped_ungrounded: int = 0

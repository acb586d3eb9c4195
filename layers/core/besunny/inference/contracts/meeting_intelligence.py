"""Meetings: what the service takes and answers. Every finding carries its place in the transcript."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from besunny.inference.contracts.classification import DOCUMENT_FIELDS
from besunny.inference.contracts.common import Answer, Sentiment, check_text, fault
from besunny.inference.meeting_intelligence.transcripts import intake
from besunny.inference.meeting_intelligence.transcripts.times import seconds
from besunny.request_body import Location, RequestBody, names_of

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Seconds = Annotated[
    float | None,
    BeforeValidator(seconds),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}, {"type": "null"}]}),
]
Asked = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Share = Annotated[float, Field(ge=0, le=1)]
Priority = Literal["low", "normal", "high", "urgent"]


class Segment(BaseModel):
    """A turn of speech. Times are seconds from the meeting's start (or `HH:MM:SS.mmm`), null where unknown."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    speaker: Annotated[
        Name, BeforeValidator(intake.speaker_name), Field(validation_alias=AliasChoices(*intake.SPEAKER_NAMES))
    ] = "Unknown"
    text: Annotated[str, Field(validation_alias=AliasChoices(*intake.SPOKEN_NAMES))]
    start_time: Annotated[Seconds, Field(validation_alias=AliasChoices(*intake.START_NAMES))] = None
    end_time: Annotated[Seconds, Field(validation_alias=AliasChoices(*intake.END_NAMES))] = None
    confidence: Share | None = None

    @model_validator(mode="before")
    @classmethod
    def _under_known_names(cls, value: Any) -> Any:
        return intake.segment_fields(value)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.start_time is not None and self.end_time is not None and self.end_time < self.start_time:
            raise fault("it ends before it starts", "an end_time at or after start_time")
        return self


def _readable(segments: list[Segment]) -> list[Segment]:
    check_text("\n".join(segment.text for segment in segments))
    return segments


class MeetingRequest(RequestBody):
    """A meeting to analyse: `segments`, or a `transcript` as plain text, WebVTT or SRT.

    All fields may also stand under `meeting_data` or `meeting`. Relative due dates are resolved against `meeting_date`;
    without it they stay null. Whatever the form, `segments` holds the turns in order, and answers cite their index.
    `questions` are answered with the places in the meeting that speak of them.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    meeting_id: Annotated[str | None, Field(max_length=200, validation_alias=AliasChoices(*intake.ID_NAMES))] = None
    title: Annotated[str | None, Field(max_length=500, validation_alias=AliasChoices(*intake.TITLE_NAMES))] = None
    meeting_date: Annotated[
        date | None, BeforeValidator(intake.day), Field(validation_alias=AliasChoices(*intake.DATE_NAMES))
    ] = None
    language: Annotated[str, Field(max_length=35)] = "en"
    duration_seconds: Seconds = None
    participants: Annotated[list[Name], BeforeValidator(intake.names), Field(max_length=1000, default_factory=list)]
    segments: Annotated[
        list[Segment],
        BeforeValidator(intake.segments),
        AfterValidator(_readable),
        Field(
            default_factory=list,
            validate_default=True,
            validation_alias=AliasChoices(*intake.TEXT_FIELDS),
            description="Turns of speech; or, as `transcript`, plain text (`Name: text` lines), WebVTT or SRT.",
        ),
    ]
    questions: Annotated[list[Asked], Field(max_length=20, default_factory=list)]
    metadata: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def known_fields(cls) -> frozenset[str]:
        """The meeting's fields, what may hold them all, and those of a document that is a transcript."""
        return names_of(cls) | DOCUMENT_FIELDS | set(intake.WRAPPERS)

    @classmethod
    def as_sent(cls, data: Any, location: Location) -> Location:
        """A field where the caller put it: at the top level, in a wrapper, or among the metadata."""
        return intake.place_in_meeting(data, location) if isinstance(data, dict) else location

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        return intake.meeting_fields(value)


class SpokenEvidence(BaseModel):
    """A place in the transcript: `quote` stands verbatim in the text of segment `segment_index`.

    Attributes:
        quote: the segment's own characters, unclean as they are.
        timestamp: the segment's start in seconds, null where the transcript has no times.
    """

    quote: str
    speaker: str
    segment_index: int
    timestamp: float | None


class ActionItem(SpokenEvidence):
    """Something that somebody said they or another would do.

    Attributes:
        text: the sentence, cleaned of fillers and repeats.
        assignee: the speaker, a participant who was named or who accepted, whom written minutes name, or null.
        due_date: null where no date was said, or where it could not be resolved.
        due_said: the words that state the date, null where there are none.
        confidence_score: 0 to 1, from the strength of the wording and what confirms it.
    """

    text: str
    assignee: str | None
    due_date: date | None
    due_said: str | None
    priority: Priority
    category: str | None
    confidence_score: Share


class Decision(SpokenEvidence):
    """Something that was settled; fields as in `ActionItem`."""

    text: str
    confidence_score: Share


class OpenQuestion(SpokenEvidence):
    """A question that found no answer in the turns after it, or that was left open in so many words."""

    text: str
    confidence_score: Share


class ParticipantSummary(BaseModel):
    """How much one person spoke.

    Attributes:
        share_of_talk: by time where every turn has its times, else by words.
        talk_seconds: null where a turn has no times.
    """

    name: str
    role: Literal["primary_speaker", "active_participant", "listener"]
    share_of_talk: Share
    words: int
    turns: int
    talk_seconds: float | None


class Topic(BaseModel):
    """A stretch of the meeting on one subject; label and keywords are words of the transcript."""

    label: str
    keywords: list[str]
    start_segment: int
    end_segment: int
    start_time: float | None
    end_time: float | None
    share: Share


class AnsweringPlace(SpokenEvidence):
    """A place in the meeting that speaks of what was asked.

    Attributes:
        end_segment_index: the last segment of the turn that `quote` is taken from.
        score: 0 to 1, how likely the turn helps to answer.
    """

    end_segment_index: int
    score: Share


class QuestionAnswer(BaseModel):
    """What the meeting holds on a question: the best places first, none where nothing speaks of it."""

    question: str
    segments: list[AnsweringPlace]


class MeetingAnswer(Answer):
    """What a careful assistant would write down.

    Attributes:
        answers: one for each of the request's `questions`.
        sources: for `executive_summary`, `key_points` and `next_steps`, where each sentence stands, in order.
        meeting_outcome: one sentence that counts what came out of it.
        notes: what the reader must know about limits, such as a language whose wording is not known.
    """

    meeting_id: str | None
    executive_summary: str
    key_points: list[str]
    action_items: list[ActionItem]
    decisions_made: list[Decision]
    next_steps: list[str]
    participants_summary: list[ParticipantSummary]
    sentiment_overall: Sentiment
    topics_discussed: list[Topic]
    meeting_outcome: str
    open_questions: list[OpenQuestion]
    answers: list[QuestionAnswer]
    sources: dict[str, list[SpokenEvidence]]
    notes: list[str]
    analyzed_at: datetime

"""A hybrid: one meeting or document, read by several services; and what a reader wants first of their answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from besunny.errors import FieldError, InvalidInputError
from besunny.inference.contracts.classification import document_in, place_in_document
from besunny.inference.contracts.common import ServiceName
from besunny.inference.contracts.meeting_intelligence import MeetingRequest
from besunny.inference.contracts.parse import check_known, known_fields, parse_request

_MEETING_FIELDS = ("segments", "transcript", "meeting_data", "meeting")
_DOCUMENT_FIELDS = ("document", "documents", "content_text", "content", "text", "body")
_HYBRID_SERVICES: tuple[ServiceName, ...] = ("classification", "meeting_intelligence", "embeddings")
# The outputs that callers may name, and the service that makes each.
OUTPUTS: dict[str, ServiceName | None] = {
    "classification": "classification",
    "summary": "classification",
    "keywords": "classification",
    "entities": "classification",
    "sentiment": "classification",
    "embeddings": "embeddings",
    "embedding": "embeddings",
    "meeting_intelligence": "meeting_intelligence",
    "meeting": "meeting_intelligence",
    "insights": "meeting_intelligence",
    "recommendations": "meeting_intelligence",
    "action_items": "meeting_intelligence",
    "decisions": "meeting_intelligence",
    "combined": None,
}


class HybridInput:
    """The input of a hybrid workflow, taken apart into one request a service."""

    @staticmethod
    def known_fields() -> frozenset[str]:
        """What any of its services knows, and `services`."""
        return frozenset({"services"}).union(*map(known_fields, _HYBRID_SERVICES))

    @staticmethod
    def parse(
        input_data: Any,
        expected_outputs: Sequence[str] = (),
        *,
        prefix: str = "input_data",
        outputs_field: str = "expected_outputs",
    ) -> dict[ServiceName, BaseModel]:
        """The services to run and the request of each.

        Args:
            input_data: a meeting (`segments`, `transcript`, `meeting_data`) or a document, with `projects[]`;
                `services` in it chooses like `expected_outputs`.
            expected_outputs: names of `OUTPUTS`; empty means every service that the input allows.
            prefix: leads the field names of errors; empty where the input is the body itself.
            outputs_field: where `expected_outputs` stands in the caller's body.

        Raises:
            InvalidInputError: the input or the outputs wanted; names field and fix.
        """
        if not isinstance(input_data, dict):
            raise InvalidInputError(FieldError(prefix or "body", "the input is not an object", "send a JSON object"))
        check_known(input_data, HybridInput.known_fields(), prefix=prefix)
        meeting, place = _meeting_in(input_data)
        chosen = input_data.get("services") if not expected_outputs else None
        named = ".".join(filter(None, [prefix, "services"])) if chosen else outputs_field
        wanted = _wanted(expected_outputs or chosen or (), meeting is not None, prefix=prefix, named=named)
        requests: dict[ServiceName, BaseModel] = {}
        document = input_data
        if meeting is not None:
            where = ".".join(filter(None, [prefix, place]))
            parsed = _parsed("meeting_intelligence", meeting, prefix=where)
            if "meeting_intelligence" in wanted:
                requests["meeting_intelligence"] = parsed
            if not any(name in input_data for name in _DOCUMENT_FIELDS) and isinstance(parsed, MeetingRequest):
                document = {**input_data, "document": meeting_document(parsed)}
        for service in ("classification", "embeddings"):
            if service in wanted:
                requests[service] = _parsed(service, document, prefix=prefix)
        return {service: requests[service] for service in _HYBRID_SERVICES if service in requests}


def _parsed(service: ServiceName, data: dict[str, Any], *, prefix: str) -> BaseModel:
    """The request of one service, of those fields of the input that it knows."""
    known = known_fields(service)
    return parse_request(service, {name: value for name, value in data.items() if name in known}, prefix=prefix)


def _meeting_in(data: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The meeting in an input, if there is one, and where in it that stands."""
    if any(data.get(name) for name in _MEETING_FIELDS):
        return data, ""
    document, place = document_in(data), ".".join(map(str, place_in_document(data, ())))
    if isinstance(document, Mapping):
        kind = str(document.get("type") or document.get("document_type") or "").lower()
        if "transcript" in kind or kind == "meeting":
            return dict(document), place
    return None, ""


def _wanted(outputs: Any, has_meeting: bool, *, prefix: str, named: str) -> set[ServiceName]:
    if isinstance(outputs, str) or not isinstance(outputs, Sequence):
        raise InvalidInputError(FieldError(named, "it is not a list", "send a list of output names"))
    unknown = [name for name in outputs if not isinstance(name, str) or name not in OUTPUTS]
    if unknown:
        raise InvalidInputError(FieldError(named, "there is no such output", f"send names of {', '.join(OUTPUTS)}"))
    wanted = {service for name in outputs if (service := OUTPUTS[name])}
    if not wanted:
        wanted = set(_HYBRID_SERVICES) if has_meeting else {"classification", "embeddings"}
    if "meeting_intelligence" in wanted and not has_meeting:
        raise InvalidInputError(
            FieldError(
                prefix or "body",
                "meeting_intelligence is wanted, and the input is no meeting",
                "send `segments` or a `transcript`, or leave meeting outputs out of expected_outputs",
            )
        )
    return wanted


def meeting_document(meeting: MeetingRequest) -> dict[str, Any]:
    """A meeting as the document that classification and embeddings read: a line a turn, `Speaker: text`."""
    return {
        "type": "meeting_transcript",
        "source_id": meeting.meeting_id or "",
        "subject": meeting.title or "",
        "date": meeting.meeting_date.isoformat() if meeting.meeting_date else "",
        "content_text": "\n".join(f"{segment.speaker}: {segment.text}" for segment in meeting.segments),
    }


class CombinedAnswer(BaseModel):
    """What a reader wants first; null or empty where the service that knows it was not asked or failed.

    Attributes:
        summary: the meeting's, else the document's.
        project_id: empty when unclassified.
        counts: how many action items, decisions, open questions, chunks there are.
        failed: the services that gave no answer.
    """

    title: str | None = None
    summary: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    confidence: float | None = None
    needs_review: bool | None = None
    categories: list[str] = []
    keywords: list[str] = []
    sentiment: str | None = None
    action_items: list[str] = []
    decisions: list[str] = []
    participants: list[str] = []
    counts: dict[str, int] = {}
    services: list[str] = []
    failed: list[str] = []


def combine(results: Mapping[str, Mapping[str, Any] | None], *, title: str | None = None) -> dict[str, Any]:
    """The `combined` part of a hybrid's result.

    Args:
        results: each service's answer as JSON, None for a service that failed.
        title: the document's subject or the meeting's title, where the caller knows it.
    """
    document = results.get("classification") or {}
    meeting = results.get("meeting_intelligence") or {}
    embeddings = results.get("embeddings") or {}
    counts = {name: len(meeting[field]) for name, field in _COUNTED.items() if field in meeting}
    if "chunks" in embeddings:
        counts["chunks"] = len(embeddings["chunks"])
    return CombinedAnswer(
        title=title or None,
        summary=meeting.get("executive_summary") or document.get("summary"),
        project_id=document.get("project_id"),
        project_name=document.get("project_name"),
        confidence=document.get("confidence"),
        needs_review=document.get("needs_review"),
        categories=document.get("categories", []),
        keywords=[keyword["text"] for keyword in document.get("keywords", [])],
        sentiment=meeting.get("sentiment_overall") or document.get("sentiment"),
        action_items=[_item_line(item) for item in meeting.get("action_items", [])],
        decisions=[decision["text"] for decision in meeting.get("decisions_made", [])],
        participants=[person["name"] for person in meeting.get("participants_summary", [])],
        counts=counts,
        services=[name for name, answer in results.items() if answer is not None],
        failed=[name for name, answer in results.items() if answer is None],
    ).model_dump(mode="json")


_COUNTED = {"action_items": "action_items", "decisions": "decisions_made", "open_questions": "open_questions"}


def _item_line(item: Mapping[str, Any]) -> str:
    due = f", due {item['due_date']}" if item.get("due_date") else ""
    return f"{item['text']} ({item.get('assignee') or 'nobody named'}{due})"

"""The many forms of a meeting, brought to the one that `MeetingRequest` validates."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from besunny.inference.contracts.common import check_text, fault
from besunny.inference.meeting_intelligence.transcripts.cues import is_cues, parse_cues
from besunny.inference.meeting_intelligence.transcripts.plain import parse_plain, split_speaker

_WRAPPERS = ("meeting_data", "meeting")
_TEXT_FIELDS = ("segments", "transcript", "content_text", "content", "text")
_SEGMENT_NAMES = {
    "speaker": ("speaker_name", "name", "speaker_label", "speaker_id"),
    "text": ("content", "transcript", "sentence"),
    "start_time": ("start", "start_seconds", "timestamp"),
    "end_time": ("end", "end_seconds"),
}
_MEETING_NAMES = {"meeting_date": ("date", "started_at"), "title": ("subject", "topic"), "meeting_id": ("source_id",)}
_SEGMENTS_EXPECTED = "a list of {speaker, text, start_time?, end_time?}, or the transcript as text"


def meeting_fields(value: Any) -> Any:
    """The fields of the meeting, out of its wrapper and under their own names."""
    if not isinstance(value, Mapping):
        return value
    fields = dict(value)
    for wrapper in _WRAPPERS:
        inner = fields.pop(wrapper, None)
        if isinstance(inner, Mapping):
            fields |= {key: item for key, item in inner.items() if item is not None}
        elif isinstance(inner, str | list) and not fields.get("transcript"):
            fields["transcript"] = inner
    metadata = fields.get("metadata")
    for source in (fields, metadata if isinstance(metadata, Mapping) else {}):
        for name, others in _MEETING_NAMES.items():
            _adopt(fields, name, [source.get(other) for other in (name, *others)])
    for name in _TEXT_FIELDS[:-1]:
        # An empty `segments` beside a full `transcript` is an unused field, not an empty meeting.
        if not fields.get(name) and any(fields.get(other) for other in _TEXT_FIELDS):
            fields.pop(name, None)
    return {key: item for key, item in fields.items() if item is not None}


def _adopt(fields: dict[str, Any], name: str, candidates: list[Any]) -> None:
    if fields.get(name) is None:
        found = next((item for item in candidates if item is not None), None)
        if found is not None:
            fields[name] = found


def segment_fields(value: Any) -> Any:
    """A segment under its own field names; a bare string is a line, with its speaker where it names one."""
    if isinstance(value, str):
        speaker, text = split_speaker(value)
        return {"speaker": speaker or "Unknown", "text": text}
    if not isinstance(value, Mapping):
        return value
    fields = dict(value)
    for name, others in _SEGMENT_NAMES.items():
        _adopt(fields, name, [fields.get(other) for other in others])
    speaker = fields.get("speaker")
    if isinstance(speaker, Mapping):
        speaker = speaker.get("name") or speaker.get("display_name")
    if isinstance(speaker, int) and not isinstance(speaker, bool):
        speaker = f"Speaker {speaker}"
    if speaker is None or (isinstance(speaker, str) and not speaker.strip()):
        speaker = "Unknown"
    fields["speaker"] = speaker
    return fields


def segments(value: Any) -> Any:
    """The turns of a transcript in any form it comes in.

    Raises:
        PydanticCustomError: no spoken text, a broken cue, or not a transcript at all.
    """
    if isinstance(value, Mapping):
        value = next((value[name] for name in _TEXT_FIELDS if value.get(name)), None)
    if isinstance(value, str):
        text = value.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        check_text(text)
        value = parse_cues(text) if is_cues(text) else parse_plain(text)
    if not isinstance(value, list | tuple):
        raise fault("is not a transcript", _SEGMENTS_EXPECTED)
    if not any(_has_text(item) for item in value):
        raise fault("holds no spoken text", "`segments` or a `transcript` with at least one spoken turn")
    return value


def _has_text(item: Any) -> bool:
    if isinstance(item, Mapping):
        return any(item.get(name) for name in ("text", *_SEGMENT_NAMES["text"]) if str(item.get(name)).strip())
    # What is neither text nor a mapping is left for the model to refuse by its index.
    return bool(getattr(item, "text", item)) and bool(str(getattr(item, "text", item)).strip())


def names(value: Any) -> Any:
    """Names of participants, from names, from `{name, ...}` records, or from one comma-separated line."""
    if value is None:
        return []
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list | tuple):
        raise fault("is not a list", 'a list of names or of {"name": ...}')
    found = [
        item.get("name") or item.get("display_name") or item.get("email") if isinstance(item, Mapping) else item
        for item in value
    ]
    return [item for item in found if not (isinstance(item, str) and not item.strip())]


def day(value: Any) -> date | None:
    """The meeting's date, from a date or a moment in ISO 8601.

    Raises:
        PydanticCustomError: neither.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value).strip()).date()
    except ValueError:
        raise fault("is not a date", "an ISO 8601 date: 2026-05-18") from None

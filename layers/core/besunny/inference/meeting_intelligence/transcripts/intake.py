"""The many forms of a meeting, brought to the one that `MeetingRequest` validates."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from besunny.inference.contracts.common import check_text, fault
from besunny.inference.meeting_intelligence.transcripts.cues import is_cues, parse_cues
from besunny.inference.meeting_intelligence.transcripts.plain import parse_plain, split_speaker
from besunny.request_body import Location

WRAPPERS = ("meeting_data", "meeting")
"""Under these the whole meeting may stand."""

TEXT_FIELDS = ("segments", "transcript", "content_text", "content", "text")
SPOKEN_NAMES = ("text", "content", "transcript", "sentence")
SPEAKER_NAMES = ("speaker", "speaker_name", "name", "speaker_label", "speaker_id")
START_NAMES = ("start_time", "start", "start_seconds", "timestamp")
END_NAMES = ("end_time", "end", "end_seconds")
DATE_NAMES = ("meeting_date", "date", "started_at")
TITLE_NAMES = ("title", "subject", "topic")
ID_NAMES = ("meeting_id", "source_id")
"""The names that callers give a field, its own first."""

_SEGMENTS_EXPECTED = "a list of {speaker, text, start_time?, end_time?}, or the transcript as text"


def meeting_fields(value: Any) -> Any:
    """The fields of the meeting, out of its wrapper and under their own names."""
    if not isinstance(value, Mapping):
        return value
    fields = dict(value)
    for wrapper in WRAPPERS:
        inner = fields.pop(wrapper, None)
        if isinstance(inner, Mapping):
            fields |= {key: item for key, item in inner.items() if item is not None}
        elif isinstance(inner, str | list) and not fields.get("transcript"):
            fields["transcript"] = inner
    metadata = fields.get("metadata")
    if isinstance(metadata, Mapping):
        for names_of_it in (DATE_NAMES, TITLE_NAMES, ID_NAMES):
            if all(fields.get(name) is None for name in names_of_it):
                fields |= {name: metadata[name] for name in _named(names_of_it, metadata)[:1]}
    for name in TEXT_FIELDS[:-1]:
        # An empty `segments` beside a full `transcript` is an unused field, not an empty meeting.
        if not fields.get(name) and any(fields.get(other) for other in TEXT_FIELDS):
            fields.pop(name, None)
    return {key: item for key, item in fields.items() if item is not None}


def _named(names_of_it: tuple[str, ...], fields: Mapping[str, Any]) -> list[str]:
    return [name for name in names_of_it if fields.get(name) is not None]


def place_in_meeting(data: Mapping[str, Any], location: Location) -> Location:
    """Where a caller put what stands at `location` among the fields that `meeting_fields` made of `data`."""
    if not location:
        return location
    name = str(location[0])
    for wrapper in reversed(WRAPPERS):
        inner = data.get(wrapper)
        if isinstance(inner, Mapping) and inner.get(name) is not None:
            return (wrapper, *_within(inner[name], location))
        if isinstance(inner, str | list) and name == "transcript" and not data.get("transcript"):
            return (wrapper, *_within(inner, location)[1:])
    metadata = data.get("metadata")
    if data.get(name) is None and isinstance(metadata, Mapping) and metadata.get(name) is not None:
        return ("metadata", *location)
    return _within(data.get(name), location)


def _within(sent: Any, location: Location) -> Location:
    """A location below a transcript: none in a text, and one level deeper in an object that holds the segments."""
    if isinstance(sent, str) and location[0] in TEXT_FIELDS:
        return location[:1]
    if isinstance(sent, Mapping) and location[0] in TEXT_FIELDS and len(location) > 1:
        holder = next((name for name in TEXT_FIELDS if sent.get(name)), None)
        return location if holder is None else (location[0], *_within(sent[holder], (holder, *location[1:])))
    return location


def segment_fields(value: Any) -> Any:
    """A segment's fields without nulls; a bare string is a line, with its speaker where it names one."""
    if isinstance(value, str):
        speaker, text = split_speaker(value)
        return {"speaker": speaker or "Unknown", "text": text}
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, Mapping) else value


def speaker_name(value: Any) -> Any:
    """A speaker's name, from a name, a number or a record."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("display_name")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"Speaker {value}"
    return "Unknown" if value is None or (isinstance(value, str) and not value.strip()) else value


def segments(value: Any) -> Any:
    """The turns of a transcript in any form it comes in.

    Raises:
        PydanticCustomError: no spoken text, a broken cue, or not a transcript at all.
    """
    if isinstance(value, Mapping):
        value = next((value[name] for name in TEXT_FIELDS if value.get(name)), None)
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
        return any(item.get(name) for name in SPOKEN_NAMES if str(item.get(name)).strip())
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

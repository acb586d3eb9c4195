"""How much each person spoke."""

from collections.abc import Sequence
from typing import Literal

from besunny.inference.contracts.meeting_intelligence import ParticipantSummary, Segment
from besunny.inference.meeting_intelligence.words import tokens

Role = Literal["primary_speaker", "active_participant", "listener"]


def summarise(segments: Sequence[Segment], participants: Sequence[str]) -> list[ParticipantSummary]:
    """Everyone who spoke, most first, then those listed who did not."""
    names = list(dict.fromkeys([*(segment.speaker for segment in segments), *participants]))
    words = dict.fromkeys(names, 0)
    turns = dict.fromkeys(names, 0)
    times = dict.fromkeys(names, 0.0)
    before = ""
    for segment in segments:
        words[segment.speaker] += len(tokens(segment.text))
        turns[segment.speaker] += segment.speaker != before
        times[segment.speaker] += _seconds(segment) or 0.0
        before = segment.speaker
    timed = all(_seconds(segment) is not None for segment in segments) and sum(times.values()) > 0
    measure = times if timed else words
    total = sum(measure.values())
    shares = {name: measure[name] / total if total else 0.0 for name in names}
    return [
        ParticipantSummary(
            name=name,
            role=_role(shares[name]),
            share_of_talk=round(shares[name], 4),
            words=words[name],
            turns=turns[name],
            talk_seconds=round(times[name], 3) if timed else None,
        )
        for name in sorted(names, key=lambda name: -shares[name])
    ]


def _seconds(segment: Segment) -> float | None:
    if segment.start_time is None or segment.end_time is None:
        return None
    return segment.end_time - segment.start_time


def _role(share: float) -> Role:
    if share > 0.3:
        return "primary_speaker"
    return "active_participant" if share > 0.1 else "listener"

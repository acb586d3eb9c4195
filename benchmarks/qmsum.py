"""The meetings of QMSum (Yale-LILY, MIT) as the product takes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.quality.frame import existing
from besunny.inference.contracts.meeting_intelligence import MeetingRequest
from besunny.inference.engines.protocol import Engine
from besunny.inference.engines.question_match import QuestionMatch
from besunny.inference.meeting_intelligence.sentences import sentences
from besunny.inference.text.relevance import ReadPassages, passages


@dataclass(frozen=True)
class Meeting:
    """A meeting with what people wrote on it.

    Attributes:
        summaries: of the whole meeting.
        details: what people wrote of its parts.
        queries: each with the turns that answer it.
    """

    request: MeetingRequest
    summaries: list[str]
    details: list[str]
    queries: list[tuple[str, frozenset[int]]]


def meetings(bench: Path, part: str) -> list[Meeting]:
    """The meetings of a part, `train` or `val`."""
    lines = existing(bench / f"qmsum/{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_meeting(json.loads(line)) for line in lines]


def _meeting(data: dict[str, Any]) -> Meeting:
    turns = [{"speaker": turn["speaker"], "text": turn["content"]} for turn in data["meeting_transcripts"]]
    return Meeting(
        MeetingRequest.model_validate({"meeting_id": data["meeting_id"], "segments": turns}),
        [query["answer"] for query in data["general_query_list"]],
        [query["answer"] for query in data["specific_query_list"]],
        [
            (query["query"], frozenset(i for a, b in query["relevant_text_span"] for i in range(int(a), int(b) + 1)))
            for query in data["specific_query_list"]
            if query["relevant_text_span"]
        ],
    )


def said(meeting: Meeting) -> tuple[list[list[str]], list[str]]:
    """The sentences of each turn of a meeting, and its speaker."""
    segments = meeting.request.segments
    parts: list[list[str]] = [[] for _ in segments]
    for sentence in sentences(segments):
        if sentence.text:
            parts[sentence.segment].append(sentence.text)
    return parts, [segment.speaker for segment in segments]


def turns(meeting: Meeting, engine: Engine, match: QuestionMatch | None = None) -> ReadPassages:
    """The turns of a meeting as passages of their sentences, to be asked about; `match` as `passages` takes it."""
    parts, speakers = said(meeting)
    return passages(parts, engine, speakers, match)

"""Action items and decisions of meetings against what people noted of them (`tests/data/meetings`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.quality.frame import Row
from besunny.inference.contracts.meeting_intelligence import ActionItem, Decision, MeetingAnswer, MeetingRequest
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.meeting_intelligence.service import analyze_meeting
from besunny.inference.meeting_intelligence.words import tokens

FOLDER = Path(__file__).resolve().parents[2] / "tests/data/meetings"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEPT = "kept for the end"
KEYWORDS = ("will", "'ll", "please", "need")


@dataclass(frozen=True)
class Noted:
    """A meeting and what people noted of it: `action_items[]` of quote, assignee, due_date; quotes of `decisions[]`."""

    name: str
    use: str
    request: MeetingRequest
    action_items: list[dict[str, Any]]
    decisions: list[str]

    @property
    def quotes(self) -> list[str]:
        """The quotes of the action items."""
        return [item["quote"] for item in self.action_items]


@dataclass(frozen=True)
class Score:
    """How findings and notes agree; `pairs` are indexes of a note and of the finding that is it."""

    pairs: list[tuple[int, int]]
    found: int
    noted: int

    def __add__(self, other: Score) -> Score:
        return Score(self.pairs + other.pairs, self.found + other.found, self.noted + other.noted)

    def __str__(self) -> str:
        precision, recall = len(self.pairs) / max(1, self.found), len(self.pairs) / max(1, self.noted)
        return f"{100 * precision:.0f} / {100 * recall:.0f}"


def noted_meetings() -> list[Noted]:
    """Every meeting with notes, by name."""
    return list(_read())


def _read() -> Iterator[Noted]:
    for path in sorted(FOLDER.glob("*.gold.json")):
        gold = json.loads(path.read_text())
        source = (FOLDER / gold["source"]).read_text()
        body = json.loads(source) if gold["source"].endswith(".json") else {"transcript": source}
        request = MeetingRequest.model_validate({**body, "meeting_date": gold["meeting_date"]})
        yield Noted(path.name.removesuffix(".gold.json"), gold["use"], request, gold["action_items"], gold["decisions"])


def score(quotes: Sequence[str], found: Sequence[ActionItem | Decision]) -> Score:
    """Pairs each quote with the finding that cites its sentence and says at least half of its words."""
    pairs: list[tuple[int, int]] = []
    for number, quote in enumerate(quotes):
        words = set(tokens(quote))
        taken = {index for _, index in pairs}
        shared = {
            i: len(words & set(tokens(finding.text)))
            for i, finding in enumerate(found)
            if i not in taken and _cites(finding, quote)
        }
        best = max(shared, key=lambda i: shared[i], default=None)
        if best is not None and shared[best] * 2 >= len(words):
            pairs.append((number, best))
    return Score(pairs, len(found), len(quotes))


def _cites(finding: ActionItem | Decision, quote: str) -> bool:
    cited, wanted = " ".join(finding.quote.split()), " ".join(quote.split())
    return wanted in cited or cited in wanted


def agreeing(meeting: Noted, answer: MeetingAnswer) -> tuple[int, int]:
    """Of the action items that were noted too: how many have the right assignee, how many the right date."""
    pairs = score(meeting.quotes, answer.action_items).pairs
    both = [(meeting.action_items[number], answer.action_items[index]) for number, index in pairs]
    dates = [(note["due_date"], item.due_date and item.due_date.isoformat()) for note, item in both]
    return sum(note["assignee"] == item.assignee for note, item in both), sum(a == b for a, b in dates)


def rows(bench: Path) -> list[Row]:  # noqa: ARG001 (these meetings are the project's own)
    """Precision and recall; the baseline takes every turn with one of `KEYWORDS`."""
    table = []
    for kept in (True, False):
        meetings = [meeting for meeting in noted_meetings() if (meeting.use == KEPT) is kept]
        data = f"{len(meetings)} fictional meetings, {'kept from' if kept else 'used in'} making the rules"
        none = Score([], 0, 0)
        actions, decided, plain = none, none, none
        assignees = dates = 0
        for meeting in meetings:
            answer = analyze_meeting(meeting.request, embedded_engine(), now=NOW)
            actions += score(meeting.quotes, answer.action_items)
            decided += score(meeting.decisions, answer.decisions_made)
            plain += score(meeting.quotes, _by_keywords(meeting))
            right = agreeing(meeting, answer)
            assignees, dates = assignees + right[0], dates + right[1]
        share = 100 / max(1, len(actions.pairs))
        table += [
            Row("meeting action items", data, "precision / recall, %", str(actions), f"{plain} (key words)"),
            Row("their assignees, dates", data, "right, %", f"{assignees * share:.0f} / {dates * share:.0f}", "-"),
            Row("meeting decisions", data, "precision / recall, %", str(decided), "-"),
        ]
    return table


def _by_keywords(meeting: Noted) -> list[Decision]:
    return [
        Decision(quote=s.text, speaker=s.speaker, segment_index=i, timestamp=None, text=s.text, confidence_score=1)
        for i, s in enumerate(meeting.request.segments)
        if any(key in s.text.lower() for key in KEYWORDS)
    ]

"""Summaries of meetings against those that people wrote, by ROUGE (Lin 2004, F1, with stemming)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.qmsum import Meeting, meetings
from benchmarks.quality.frame import Row, Skipped
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.meeting_intelligence.service import analyze_meeting

KINDS = ("rouge1", "rouge2", "rougeL")


def rows(bench: Path) -> list[Row]:
    """ROUGE of `analyze_meeting`'s executive summary; the baseline is the meeting's first 130 words."""
    scorer = _scorer()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    held = meetings(bench, "val")
    ours = [analyze_meeting(meeting.request, embedded_engine(), now=now).executive_summary for meeting in held]
    return [
        Row(
            "meeting summary, extractive",
            f"QMSum val, {len(held)} meetings",
            "ROUGE-1 / 2 / L",
            _mean(scorer, ours, held),
            f"{_mean(scorer, [_lead(meeting) for meeting in held], held)} (first 130 words)",
        )
    ]


def _scorer() -> Any:
    try:
        from rouge_score import rouge_scorer
    except ImportError:
        raise Skipped("the package rouge-score is missing (`make quality` brings it)") from None
    return rouge_scorer.RougeScorer(KINDS, use_stemmer=True)


def _mean(scorer: Any, texts: Sequence[str], held: Sequence[Meeting]) -> str:
    """Mean F1 in percent over the meetings."""
    found = [
        scorer.score(summary, text) for text, meeting in zip(texts, held, strict=True) for summary in meeting.summaries
    ]
    return " / ".join(f"{100 * sum(score[kind].fmeasure for score in found) / len(found):.1f}" for kind in KINDS)


def _lead(meeting: Meeting) -> str:
    return " ".join(" ".join(segment.text for segment in meeting.request.segments).split()[:130])

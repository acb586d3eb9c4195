"""What these tests share: an engine that counts its work, and meetings made from lines."""

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from besunny.inference.contracts.engine import EngineInfo
from besunny.inference.contracts.meeting_intelligence import MeetingAnswer, MeetingRequest
from besunny.inference.meeting_intelligence.service import analyze_meeting
from besunny.inference.meeting_intelligence.words import content_words

TRANSCRIPTS = Path(__file__).parents[4] / "events" / "transcripts"
NOW = datetime(2026, 5, 18, 12, tzinfo=UTC)
MONDAY = "2026-05-18"


class CountingEngine:
    """Embeds by hashing words, so that texts of the same words are near; keeps how many texts it was given."""

    def __init__(self) -> None:
        self.texts = 0
        self.longest = 0

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(name="counting", model="words", version="1")

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += len(texts)
        self.longest = max([self.longest, *map(len, texts)])
        vectors = np.full((len(texts), 384), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in content_words(text):
                vectors[row, zlib.crc32(word.encode()) % 384] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def token_ends(self, text: str) -> list[int]:
        raise NotImplementedError


def request_of(*lines: str, meeting_date: str | None = MONDAY, **fields: object) -> MeetingRequest:
    """A meeting of `Name: text` lines."""
    return MeetingRequest.model_validate({"transcript": "\n".join(lines), "meeting_date": meeting_date, **fields})


def analysis(request: MeetingRequest) -> MeetingAnswer:
    return analyze_meeting(request, CountingEngine(), now=NOW)


def analysis_of(*lines: str, meeting_date: str | None = MONDAY, **fields: object) -> MeetingAnswer:
    return analysis(request_of(*lines, meeting_date=meeting_date, **fields))

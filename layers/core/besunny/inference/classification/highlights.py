"""Sentences worth reading: the summary, those that speak for a project, and next steps."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.classification.reading import Reading
from besunny.inference.contracts.classification import Keyword
from besunny.inference.contracts.common import Evidence, Span
from besunny.inference.engines.protocol import Engine
from besunny.inference.meeting_intelligence.due_dates import due
from besunny.inference.text.sentences import sentence_spans, sentences
from besunny.inference.text.words import telling as told
from besunny.inference.text.words import words

if TYPE_CHECKING:
    from numpy import bool_, float32
    from numpy.typing import NDArray

_CANDIDATES = 60
_WINDOWS = 12
_SUMMARY = 3
_SUMMARY_CHARACTERS = 400
_LONGEST = 320
_FEWEST_WORDS = 5
_EVIDENCE_COSINE = 0.25
_NEXT_STEP = re.compile(
    r"\b(?:please\s+\w+|(?:can|could|would)\s+you\b|we\s+(?:need|have\s+to)\b|(?:i|we|you|they|he|she)(?:'ll|’ll|\s+will)\s+"
    r"(?:\w+\s+)?(?:send|share|prepare|review|update|schedule|check|call|write|finish|deliver|provide|set\s+up|follow|fix|"
    r"confirm|book|order|draft|organi[sz]e|get\s+back)|next\s+steps?|action\s+items?|to-?do\b|deadline\s+is|due\s+(?:by|on)|"
    r"let\s+(?:me|us)\s+know|must\s+be\s+(?:paid|sent|signed|done|finished|delivered|ready))",
    re.IGNORECASE,
)
_PROMISE = re.compile(r"\b(?:i|we)(?:'ll|’ll|\s+will|\s+shall)\s+\w", re.IGNORECASE)
_MOST_READ = 300
Asks = Callable[[Sequence[str]], "NDArray[bool_]"]
"""Whether each sentence asks for an action, bool[n]."""


def summary(text: str, reading: Reading, keywords: Sequence[Keyword], engine: Engine) -> list[Span]:
    """Up to three sentences of `text`, in its order, that are nearest to all of it and unlike each other."""
    candidates = _candidates(text, reading, reading.centre)
    if not candidates:
        return []
    vectors = engine.embed([candidate.text for candidate in candidates])
    near = vectors @ reading.centre
    telling = {word for keyword in keywords for word, _, _ in words(keyword.text)}
    scores = near + [_form(candidate, len(text), telling) for candidate in candidates]
    chosen: list[int] = []
    room = _SUMMARY_CHARACTERS
    while len(chosen) < _SUMMARY:
        alike = (vectors @ vectors[chosen].T).max(axis=1) if chosen else np.zeros(len(candidates))
        value = scores - 0.5 * np.maximum(alike, 0)
        value[[i for i, c in enumerate(candidates) if i in chosen or (chosen and len(c.text) > room)]] = -np.inf
        best = int(value.argmax())
        if not np.isfinite(value[best]) or (chosen and alike[best] > 0.9):
            break
        chosen.append(best)
        room -= len(candidates[best].text)
    return [candidates[index] for index in sorted(chosen, key=lambda i: candidates[i].start)]


def nearest_sentences(
    text: str, reading: Reading, rows: "NDArray[float32]", engine: Engine, *, reason: str, limit: int = 2
) -> list[Evidence]:
    """The sentences of `text` that are nearest to any of `rows`, float32[m, 384]; their cosine goes into the reason."""
    candidates = _candidates(text, reading, rows.mean(axis=0))
    if not candidates:
        return []
    cosines = (engine.embed([candidate.text for candidate in candidates]) @ rows.T).max(axis=1)
    best = [int(index) for index in np.argsort(-cosines, kind="stable")[:limit] if cosines[index] >= _EVIDENCE_COSINE]
    return [
        Evidence(**candidates[index].model_dump(), reason=f"{reason} (cosine {float(cosines[index]):.2f})")
        for index in best
    ]


def next_steps(text: str, limit: int = 10, asks: Asks | None = None) -> list[Span]:
    """The first sentences of `text` that ask for something or promise it.

    Args:
        asks: judges mail, sentence by sentence, which is cut to `_MOST_READ` of them; null goes by wordings alone.
    """
    if asks is None:
        return list(islice(_by_wording(text), limit))
    read = [
        Span(text=text[start:end], start=start, end=end)
        for start, end in islice(sentence_spans(text), _MOST_READ)
        if end - start <= _LONGEST
    ]
    asked = asks([span.text for span in read])
    chosen = [span for span, does in zip(read, asked, strict=True) if does or _promised(span.text)]
    return chosen[:limit]


def _promised(sentence: str) -> bool:
    """Whether the writer promises something by a day."""
    return _PROMISE.search(sentence) is not None and due(sentence, None) is not None


def _by_wording(text: str) -> Iterator[Span]:
    last = -1
    for match in _NEXT_STEP.finditer(text):
        if match.start() < last:
            continue
        # Only the surroundings are split: a long text holds few requests.
        begin = max(0, match.start() - 500)
        around = sentences(text[begin : match.end() + 500])
        at = match.start() - begin
        sentence = next((s for s in around if s.start <= at < s.end), None)
        if sentence is None:
            continue
        last = begin + sentence.end
        if len(sentence.text) <= _LONGEST:
            yield Span(text=sentence.text, start=begin + sentence.start, end=last)


def _candidates(text: str, reading: Reading, towards: "NDArray[float32]") -> list[Span]:
    """Whole sentences of the windows nearest to a vector; where none has enough words, the shorter ones too."""
    vectors = reading.vectors[1:] if reading.has_subject else reading.vectors
    order = np.argsort(-(vectors @ towards), kind="stable")[:_WINDOWS]
    found: list[Span] = []
    for index in sorted({0, *order.tolist()}):
        window = reading.windows[index]
        for sentence in sentences(text[window.start : window.end]):
            start = window.start + sentence.start
            found.append(_shortened(Span(text=sentence.text, start=start, end=start + len(sentence.text))))
    whole = [span for span in found if sum(1 for _ in words(span.text)) >= _FEWEST_WORDS]
    return (whole or found)[:_CANDIDATES]


def _shortened(span: Span) -> Span:
    """The span itself, or its beginning up to the end of a word."""
    if len(span.text) <= _LONGEST:
        return span
    end = span.text.rfind(" ", 0, _LONGEST)
    text = span.text[: end if end > 0 else _LONGEST].rstrip()
    return Span(text=text, start=span.start, end=span.start + len(text))


def _form(span: Span, length: int, telling: set[str]) -> float:
    """Early sentences, those with the text's keywords, and of a middling length read best."""
    own = [word for word, _, _ in words(span.text)]
    full = 0.12 * min(1.0, sum(map(told, own)) / 6)
    early = 0.12 * (1 - span.start / max(length, 1))
    held = 0.15 * min(1.0, sum(word in telling for word in own) / 4)
    size = -0.15 if len(own) < 8 else 0.0
    asks = -0.1 if span.text.endswith("?") else 0.0
    return full + early + held + size + asks

"""Classification with a generative engine's vote; everything else of the answer is the embedded engine's or a quote."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from besunny.inference.classification.verdict import (
    AMBIGUOUS_SHARE,
    LEAST_ALTERNATIVE,
    MOST_ALTERNATIVES,
    MOST_EVIDENCE,
    REVIEW_BELOW,
    level_of,
    threshold_for,
)
from besunny.inference.contracts.classification import Alternative, ClassificationAnswer, ClassificationRequest
from besunny.inference.contracts.common import Coverage, Document, Evidence, Project, Span
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.asking import Asker
from besunny.inference.generative.grounding import Source, distinct_spans
from besunny.inference.generative.parts import cut, parts_of, room_for_text, spread, total_length
from besunny.inference.generative.reading import read_parts
from besunny.inference.generative.schema import at_most
from besunny.inference.text.language import KNOWN

_OFFERED = 12
_DESCRIPTION = 300
# A project of which less can be said than this is not offered.
_LEAST_LINE_BYTES = 50
_NONE = "none"
# A vote changes the odds by this much at most: a document can tell a model what to answer, but it cannot tell the
# embedded engine. Between projects that are about equally likely the vote decides, against clear odds it does not.
_STRONGEST_VOTE = 10.0
# Against all projects it counts less: nothing in the document has to stand for that.
_STRONGEST_VETO = 3.0
# What the embedded engine holds for so unlikely that it does not name it.
_UNNAMED = 0.005
_SUMMARY, _NEXT_STEPS, _TAGS = 3, 10, 5


class ClassificationOutput(BaseModel):
    """What the prompt asks for."""

    project: str
    quotes: list[str] = at_most(MOST_EVIDENCE)
    summary_quotes: list[str] = at_most(_SUMMARY)
    next_step_quotes: list[str] = at_most(_NEXT_STEPS)
    tags: list[str] = at_most(_TAGS)


class _Quotes:
    """Quotes as spans of the source; those that do not stand there are counted."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.dropped = 0

    def spans(self, quotes: Sequence[str], within: tuple[int, int]) -> list[Span]:
        found = []
        for quote in quotes:
            place = self._source.find(quote, *within)
            if place is None:
                self.dropped += 1
            else:
                found.append(place)
        return [Span(text=self._source.text[s:e], start=s, end=e) for s, e in distinct_spans(found)]


def improve(
    request: ClassificationRequest, base: ClassificationAnswer, asker: Asker, *, deadline: Deadline
) -> ClassificationAnswer:
    """The embedded answer with the engine's vote on the project, and its choice of evidence, summary and next steps.

    Args:
        base: the embedded engine's answer to the request.

    Raises:
        EngineUnavailableError, EngineFailedError: as `Asker.ask`.
    """
    document, text = request.document, request.document.content_text
    settings = asker.settings
    room = room_for_text(settings.context_tokens, settings.max_output_tokens)
    odds = _odds(base, request.projects or [])[: room // 2 // _LEAST_LINE_BYTES]
    labels = {f"P{number}": project for number, (project, _) in enumerate(odds, 1)}
    context = _context(document, labels, room // 2)
    parts = parts_of(text, room - len(context.encode(errors="surrogatepass")))
    read = [parts[index] for index in spread(len(parts), settings.max_windows)]
    quotes = _Quotes(Source(text))
    votes: Counter[str] = Counter()
    shown: dict[str, list[Span]] = {}
    summary: list[Span] = []
    steps: list[Span] = []
    tags: list[str] = []

    def ask(part: tuple[int, int]) -> ClassificationOutput:
        return asker.ask(
            "classification",
            text[slice(*part)],
            ClassificationOutput,
            deadline=deadline,
            context=context,
            narrow=lambda schema: schema["properties"]["project"].update(enum=[_NONE, *labels]),
            allowed=lambda found: None if found.project in (_NONE, *labels) else "project: there is no such label",
        )

    outputs, missing = read_parts(read, ask)
    for part, output in outputs:
        standing = quotes.spans(output.quotes[:MOST_EVIDENCE], part)
        # A choice for which nothing in the document stands is no vote.
        if standing or output.project == _NONE:
            votes[output.project] += part[1] - part[0]
            shown.setdefault(output.project, []).extend(standing)
        summary += quotes.spans(output.summary_quotes[:_SUMMARY], part)
        steps += quotes.spans(output.next_step_quotes[:_NEXT_STEPS], part)
        tags += [span.text.lower() for span in quotes.spans(output.tags[:_TAGS], part)]
    vote = votes.most_common(1)[0][0] if votes else None
    changes: dict[str, Any] = {
        "engine": asker.info,
        "coverage": Coverage.of(len(text), total_length(part for part, _ in outputs), missing),
        "dropped_ungrounded": quotes.dropped,
    }
    if summary:
        summary = [summary[index] for index in spread(len(summary), _SUMMARY)]
        changes |= {"summary": " ".join(span.text for span in summary), "summary_spans": summary}
    if steps:
        changes["next_steps"] = steps[:_NEXT_STEPS]
    if odds and vote is not None and base.classification_source == "ai":
        held = _Vote(asker.info.name, labels.get(vote), settings.vote_accuracy, shown.get(vote, []))
        changes |= _choice(document, base, odds, held)
    if tags:
        known = {tag.lower() for tag in changes.get("matched_tags", base.matched_tags)}
        changes["inferred_tags"] = [tag for tag in dict.fromkeys(tags) if tag not in known][:_TAGS]
    return base.model_copy(update=changes)


def _odds(base: ClassificationAnswer, projects: Sequence[Project]) -> list[tuple[Project, float]]:
    """The likeliest projects with what the embedded engine gives them, best first."""
    named = {one.project_id: one.confidence for one in base.alternatives}
    if base.project_id:
        named[base.project_id] = base.confidence
    held = [(project, named.get(project.id, _UNNAMED)) for project in projects]
    return sorted(held, key=lambda pair: -pair[1])[:_OFFERED]


def _context(document: Document, labels: dict[str, Project], most_bytes: int) -> str:
    """The projects, each as far as its share of the room goes."""
    share = most_bytes // max(len(labels), 1) - 1
    lines = ["The projects:"] if labels else ["There are no projects: answer `none`."]
    for label, project in labels.items():
        about = "; ".join(filter(None, [project.description[:_DESCRIPTION], ", ".join(project.keywords[:10])]))
        lines.append(cut(f"- {label}: {project.name}. {about}".replace("\n", " "), share))
    if document.is_transcript:
        lines.append("The document is a transcript of speech.")
    return "\n".join(lines)


@dataclass(frozen=True)
class _Vote:
    """What an engine votes for (None: no project), how often it is right, and the passages that it shows for it."""

    engine: str
    project: Project | None
    accuracy: float
    shown: Sequence[Span]


def _weighed(odds: Sequence[tuple[Project, float]], vote: _Vote) -> list[tuple[Project, float]]:
    """Bayes' rule: the embedded confidences times how much likelier this vote is where it is right, summing to 1.

    What they leave to 1 is that none fits, which is a choice like another.
    """
    none = max(1 - sum(share for _, share in odds), _UNNAMED)
    strongest = _STRONGEST_VETO if vote.project is None else _STRONGEST_VOTE
    weight = max(min(vote.accuracy / (1 - vote.accuracy) * len(odds), strongest), 1.0)
    shares = [(project, share * (weight if project is vote.project else 1.0)) for project, share in odds]
    whole = sum(share for _, share in shares) + none * (weight if vote.project is None else 1.0)
    return sorted(((project, round(share / whole, 4)) for project, share in shares), key=lambda pair: -pair[1])


def _choice(
    document: Document, base: ClassificationAnswer, odds: Sequence[tuple[Project, float]], vote: _Vote
) -> dict[str, Any]:
    weighed = _weighed(odds, vote)
    best, confidence = weighed[0]
    second = weighed[1][1] if len(weighed) > 1 else 0.0
    ambiguous = second > AMBIGUOUS_SHARE * confidence
    chosen = best if confidence >= threshold_for(document, ambiguous=ambiguous) else None
    agreed = vote.project.id == base.project_id if vote.project else base.unclassified
    evidence = [
        Evidence(**span.model_dump(), reason=f"chosen by {vote.engine}")
        for span in vote.shown
        if vote.project is chosen
    ]
    if chosen and chosen.id == base.project_id:
        evidence += [own for own in base.evidence if all(own.end <= e.start or own.start >= e.end for e in evidence)]
    rest = weighed[1:] if chosen else weighed
    opinion = f"{vote.engine} votes for {vote.project.name if vote.project else 'none of the projects'}"
    before = f"the embedded engine had {base.project_name or 'none'} at {base.confidence:.2f}"
    verdict = f"{chosen.name} at {confidence:.2f}" if chosen else f"Unclassified: {best.name} is at {confidence:.2f}"
    return {
        "project_id": chosen.id if chosen else "",
        "project_name": chosen.name if chosen else "",
        "confidence": confidence,
        "confidence_level": level_of(confidence),
        "unclassified": chosen is None,
        "needs_review": chosen is None or confidence < REVIEW_BELOW or not agreed or base.language not in KNOWN,
        "classification_notes": f"{verdict}: {opinion}; {before}.",
        "matched_tags": _matched_tags(chosen, base, document.content_text),
        "alternatives": [
            Alternative(project_id=project.id, name=project.name, confidence=share)
            for project, share in rest[:MOST_ALTERNATIVES]
            if share >= LEAST_ALTERNATIVE
        ],
        "evidence": evidence[:MOST_EVIDENCE],
    }


def _matched_tags(chosen: Project | None, base: ClassificationAnswer, text: str) -> list[str]:
    if chosen is None or chosen.id == base.project_id:
        return base.matched_tags if chosen else []
    low = text.lower()
    return [tag for tag in chosen.tags if tag.lower() in low]

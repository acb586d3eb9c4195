"""Classification of one document over an engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from besunny.inference.classification.categories import categories
from besunny.inference.classification.confidence import probabilities
from besunny.inference.classification.highlights import nearest_sentences, next_steps, summary
from besunny.inference.classification.lexical import DocumentWords, Match
from besunny.inference.classification.profiles import Profiles
from besunny.inference.classification.reading import Reading, read
from besunny.inference.classification.signals import signals_of
from besunny.inference.classification.taught import doubt_of_any
from besunny.inference.classification.verdict import (
    AMBIGUOUS_SHARE,
    LEAST_ALTERNATIVE,
    MOST_ALTERNATIVES,
    MOST_EVIDENCE,
    REVIEW_BELOW,
    level_of,
    threshold_for,
)
from besunny.inference.contracts.classification import (
    Alternative,
    ClassificationAnswer,
    ClassificationRequest,
    Keyword,
)
from besunny.inference.contracts.common import Coverage, Evidence, Project, Span
from besunny.inference.engines.action_intent import asks_for_action
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.entities import entities
from besunny.inference.text.keywords import keywords
from besunny.inference.text.language import KNOWN, language, language_note
from besunny.inference.text.sentiment import sentiment
from besunny.inference.text.speech import MARKS

_SECONDARY = ("description", "category")


@dataclass(frozen=True, slots=True)
class _Choice:
    """The projects by probability, and what spoke for each."""

    order: list[int]
    confidences: list[float]
    hits: list[list[Match]]
    profiles: Profiles
    nearness: list[float]


def classify(request: ClassificationRequest, engine: Engine, *, now: datetime) -> ClassificationAnswer:  # noqa: ARG001
    """Which project the document belongs to, and what it holds.

    Args:
        request: its `projects` filled in by the caller; none at all makes every document unclassified.
        engine: reads the text.
        now: the present moment, as every service takes it; nothing here depends on it.
    """
    document, projects = request.document, request.projects or []
    text = document.content_text
    reading = read(document, engine)
    words = DocumentWords.of(document)
    choice = _choose(request, words, reading, engine) if projects else None
    told = keywords(text, skip=MARKS if document.is_transcript else None)
    named = entities(text)
    sentences = summary(text, reading, told, engine)
    mood, score = sentiment(text)
    tongue = language(text)
    confidence = choice.confidences[choice.order[0]] if choice else 0.0
    threshold = threshold_for(document, ambiguous=choice is not None and _ambiguous(choice))
    chosen = projects[choice.order[0]] if choice and confidence >= threshold else None
    return ClassificationAnswer(
        project_id=chosen.id if chosen else "",
        project_name=chosen.name if chosen else "",
        confidence=confidence,
        confidence_level=level_of(confidence),
        unclassified=chosen is None,
        needs_review=chosen is None or confidence < REVIEW_BELOW or tongue not in KNOWN,
        classification_notes=_notes(projects, choice, threshold, chosen, tongue),
        matched_tags=_matched_tags(chosen, choice),
        inferred_tags=_inferred_tags(chosen, told, named.people),
        alternatives=_alternatives(projects, choice, chosen),
        evidence=_evidence(text, reading, choice, engine) if chosen and choice else [],
        categories=categories(reading.centre, words.counts, words.total, engine),
        entities=named,
        keywords=told,
        summary=" ".join(span.text for span in sentences),
        summary_spans=sentences,
        next_steps=next_steps(text, asks=asks_for_action if document.is_mail else None),
        sentiment=mood,
        sentiment_score=score,
        language=tongue,
        engine=engine.info,
        coverage=Coverage.of(len(text), reading.characters_used),
    )


def _choose(request: ClassificationRequest, words: DocumentWords, reading: Reading, engine: Engine) -> _Choice:
    projects = request.projects or []
    spoken = signals_of(request.document, words, reading, projects, engine, taught=request.taught)
    near = spoken.signals.middle
    doubt = doubt_of_any(request.taught, reading.centre, spoken.signals.best)
    shares = [round(float(share) * (1 - doubt), 4) for share in probabilities(spoken.signals)]
    order = sorted(range(len(projects)), key=lambda index: (-shares[index], -float(near[index]), index))
    return _Choice(order, shares, spoken.matches, spoken.learned.profiles, near.tolist())


def _ambiguous(choice: _Choice) -> bool:
    """Whether the second comes near, or nothing but likeness speaks for the first: no word of its own, no example."""
    best = choice.order[0]
    if len(choice.order) > 1 and choice.confidences[choice.order[1]] > AMBIGUOUS_SHARE * choice.confidences[best]:
        return True
    named = any(hit.source not in _SECONDARY for hit in choice.hits[best])
    return not named and not choice.profiles.from_example[choice.profiles.owner == best].any()


def _alternatives(projects: Sequence[Project], choice: _Choice | None, chosen: Project | None) -> list[Alternative]:
    """The next best; with nothing chosen, the best too."""
    if choice is None:
        return []
    rest = choice.order[1 if chosen else 0 :][:MOST_ALTERNATIVES]
    return [
        Alternative(project_id=projects[i].id, name=projects[i].name, confidence=choice.confidences[i])
        for i in rest
        if choice.confidences[i] >= LEAST_ALTERNATIVE
    ]


def _matched_tags(chosen: Project | None, choice: _Choice | None) -> list[str]:
    if chosen is None or choice is None:
        return []
    found = {hit.term for hit in choice.hits[choice.order[0]]}
    return [tag for tag in chosen.tags if tag in found]


def _inferred_tags(chosen: Project | None, told: Sequence[Keyword], people: Sequence[Span]) -> list[str]:
    known = {tag.lower() for tag in chosen.tags} if chosen else set()
    known |= {name for person in people for name in (person.text.lower(), *person.text.lower().split())}
    return [word for keyword in told if (word := keyword.text.lower()) not in known][:5]


def _evidence(text: str, reading: Reading, choice: _Choice, engine: Engine) -> list[Evidence]:
    best = choice.order[0]
    found: list[Evidence] = []
    for hit in choice.hits[best]:
        inside = any(hit.start < span.end and span.start < hit.end for span in found)
        if hit.start >= 0 and hit.source != "description" and not inside:
            reason = f"{hit.source}: {hit.term}"
            found.append(Evidence(text=text[hit.start : hit.end], start=hit.start, end=hit.end, reason=reason))
        if len(found) == MOST_EVIDENCE - 2:
            break
    mine = choice.profiles.owner == best
    said = choice.profiles.rows[mine & ~choice.profiles.from_example]
    shown = choice.profiles.rows[mine & choice.profiles.from_example]
    if len(shown):
        found += nearest_sentences(text, reading, shown, engine, reason="reads like an example of the project", limit=1)
    near = nearest_sentences(text, reading, said, engine, reason="reads like what is said of the project")
    return [*found, *near][:MOST_EVIDENCE]


def _notes(
    projects: Sequence[Project], choice: _Choice | None, threshold: float, chosen: Project | None, tongue: str
) -> str:
    if choice is None:
        parts = ["Unclassified: there is no project to choose from."]
    else:
        best = choice.order[0]
        name, confidence = projects[best].name, choice.confidences[best]
        terms = [hit.term for hit in choice.hits[best] if hit.source != "description"][:4]
        why = [f"it names {', '.join(terms)}"] if terms else []
        why.append(f"its text has a cosine of {choice.nearness[best]:.2f} with the project")
        if chosen:
            parts = [f"{name} at {confidence:.2f}: {'; '.join(why)}."]
        else:
            parts = [f"Unclassified: the nearest, {name}, is at {confidence:.2f}, below {threshold}: {'; '.join(why)}."]
    if choice and choice.profiles.examples_read < choice.profiles.examples:
        parts.append(
            f"Of {choice.profiles.examples} examples {choice.profiles.examples_read} were read, the first ones."
        )
    if note := language_note(tongue):
        parts.append(note)
    return " ".join(parts)

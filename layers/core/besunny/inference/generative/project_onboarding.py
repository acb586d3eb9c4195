"""A project's profile with a generative engine's proposals: each on a quote of what was given, marked as suggested."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from besunny.inference.contracts.common import Coverage
from besunny.inference.contracts.project_onboarding import (
    ProjectOnboardingAnswer,
    ProjectOnboardingRequest,
    Suggestion,
)
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.asking import Asker
from besunny.inference.generative.grounding import Source
from besunny.inference.generative.parts import parts_of, room_for_text, spread, total_length
from besunny.inference.generative.reading import read_parts
from besunny.inference.generative.schema import at_most

_TAGS, _PROPOSALS, _MOST = 8, 5, 10
_LONGEST_TEXT, _LONGEST_REASON = 200, 160
_LISTS = ("required_skills", "success_metrics", "risks", "recommendations")


class Proposal(BaseModel):
    """Something to consider, and the words that lead to it."""

    text: str
    quote: str


class OnboardingOutput(BaseModel):
    """What the prompt asks for."""

    tags: list[str] = at_most(_TAGS)
    required_skills: list[Proposal] = at_most(_PROPOSALS)
    success_metrics: list[Proposal] = at_most(_PROPOSALS)
    risks: list[Proposal] = at_most(_PROPOSALS)
    recommendations: list[Proposal] = at_most(_PROPOSALS)


def improve(
    request: ProjectOnboardingRequest, base: ProjectOnboardingAnswer, asker: Asker, *, deadline: Deadline
) -> ProjectOnboardingAnswer:
    """The embedded answer with the engine's proposals after the rules' own.

    Args:
        base: the embedded engine's answer to the request.

    Raises:
        EngineUnavailableError, EngineFailedError: as `Asker.ask`.
    """
    source = Source(_text(request))
    settings = asker.settings
    parts = parts_of(source.text, room_for_text(settings.context_tokens, settings.max_output_tokens))
    read = [parts[index] for index in spread(len(parts), settings.max_windows)]
    tags: list[str] = []
    proposed: dict[str, list[Suggestion]] = {name: [] for name in _LISTS}
    dropped = 0

    def ask(part: tuple[int, int]) -> OnboardingOutput:
        return asker.ask("project_onboarding", source.text[slice(*part)], OnboardingOutput, deadline=deadline)

    outputs, missing = read_parts(read, ask)
    for _, output in outputs:
        standing = [source.text[slice(*place)].lower() for tag in output.tags[:_TAGS] if (place := _found(source, tag))]
        dropped += len(output.tags[:_TAGS]) - len(standing)
        tags += standing
        for name in _LISTS:
            offered: Sequence[Proposal] = getattr(output, name)[:_PROPOSALS]
            kept = [one for proposal in offered if (one := _suggestion(proposal, source))]
            dropped += len(offered) - len(kept)
            proposed[name] += kept
    changes: dict[str, Any] = {
        name: _distinct([*getattr(base, name), *proposed[name]])[: max(_MOST, len(getattr(base, name)))]
        for name in _LISTS
    }
    changes["tags"] = list(dict.fromkeys([*request.keywords, *tags, *base.tags]))[:_TAGS]
    changes["engine"] = asker.info
    changes["coverage"] = Coverage.of(len(source.text), total_length(part for part, _ in outputs), missing)
    changes["dropped_ungrounded"] = dropped
    return base.model_copy(update=changes)


def _text(request: ProjectOnboardingRequest) -> str:
    given = {
        "Project": request.project_name,
        "Overview": request.overview,
        "Keywords": ", ".join(request.keywords),
        "Deliverables": ", ".join(request.deliverables),
        "Contacts": ", ".join(request.contacts),
        "Date": request.shoot_date,
        "Location": request.location,
        "References": ", ".join(request.references),
    }
    lines = [f"{name}: {value}" for name, value in given.items() if value]
    return "\n\n".join(["\n".join(lines), *request.documents])


def _found(source: Source, tag: str) -> tuple[int, int] | None:
    """Where a tag stands; unlike a quote it may be one short word, but it must be a whole one."""
    words = tag.split()
    if not words or len(tag) > 60:
        return None
    found = re.search(rf"(?<![^\W_]){re.escape(tag)}(?![^\W_])", source.text)
    return found.span() if found else None


def _suggestion(proposal: Proposal, source: Source) -> Suggestion | None:
    """The proposal as a suggestion; None where its quote does not stand, or it has facts that the source has not."""
    place = source.find(proposal.quote)
    text = " ".join(proposal.text.split())
    if place is None or not 0 < len(text) <= _LONGEST_TEXT or not source.holds_facts_of(text):
        return None
    quoted = " ".join(source.text[slice(*place)].split())
    short = quoted if len(quoted) <= _LONGEST_REASON else f"{quoted[:_LONGEST_REASON]}…"
    return Suggestion(text=text, reason=f"“{short}”")


def _distinct(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    return list({one.text.casefold(): one for one in reversed(suggestions)}.values())[::-1]

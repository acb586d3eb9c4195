"""A project's profile from what its wizard asked."""

from datetime import date, datetime
from typing import Literal

from besunny.inference.classification.categories import categories
from besunny.inference.classification.lexical import DocumentWords
from besunny.inference.classification.reading import read
from besunny.inference.contracts.common import Coverage, Document
from besunny.inference.contracts.project_onboarding import (
    EntityPatterns,
    ProjectOnboardingAnswer,
    ProjectOnboardingRequest,
    Stakeholder,
    Suggestion,
)
from besunny.inference.engines.protocol import Engine
from besunny.inference.project_onboarding.identity import project_id_of
from besunny.inference.project_onboarding.people import company_domains, stakeholders
from besunny.inference.project_onboarding.recurring import recurring
from besunny.inference.project_onboarding.rules import suggestions
from besunny.inference.project_onboarding.timing import day_of, duration, priority
from besunny.inference.text.entities import entities
from besunny.inference.text.keywords import keywords
from besunny.inference.text.language import language, language_note

_TAGS, _KEYWORDS, _SKILLS, _PATTERNS = 8, 20, 6, 50
# What each field adds to the confidence when it is filled; an overview of 60 words counts whole.
_SHARES = {
    "overview": 0.4,
    "keywords": 0.15,
    "deliverables": 0.15,
    "contacts": 0.1,
    "shoot_date": 0.08,
    "location": 0.04,
    "references": 0.04,
    "documents": 0.04,
}
_FULL_OVERVIEW = 60


def onboard(request: ProjectOnboardingRequest, engine: Engine, *, now: datetime) -> ProjectOnboardingAnswer:
    """The profile: what was given, what follows from it, and suggestions marked as such.

    Args:
        request: the wizard's fields.
        engine: tells the category.
        now: dates are counted from here.
    """
    given = {
        "project_name": request.project_name,
        "overview": request.overview,
        "keywords": ", ".join(request.keywords),
        "deliverables": ", ".join(request.deliverables),
        "references": ", ".join(request.references),
    }
    brief = ". ".join(part for part in given.values() if part)
    whole = "\n\n".join([brief, *request.documents])
    reading = read(Document(subject=request.project_name, content_text=whole), engine)
    counted = DocumentWords.of(Document(content_text=whole))
    named = entities(f"{request.overview}\n{request.location}")
    told_of = recurring(request.documents)
    people = stakeholders(request.contacts, named.people)
    due = day_of(request.shoot_date)
    skills = suggestions("skills", given)[:_SKILLS]
    told = [keyword.text for keyword in keywords(whole, _KEYWORDS)]
    complexity, why = _complexity(request, skills, people)
    urgency, why_urgent = priority(brief, due, now.date())
    found = categories(reading.centre, counted.counts, counted.total, engine)
    return ProjectOnboardingAnswer(
        title=request.project_name,
        description=request.overview
        or f"{request.project_name}: {', '.join(request.deliverables or request.keywords)}.",
        category=found[0] if found else "general",
        tags=_distinct([*request.keywords, *told])[:_TAGS],
        keywords=_distinct([*request.keywords, *request.deliverables, *told])[:_KEYWORDS],
        priority=urgency,
        priority_reason=why_urgent,
        estimated_duration=duration(brief, due, now.date()),
        complexity=complexity,
        complexity_reason=why,
        deliverables=request.deliverables,
        required_skills=skills,
        stakeholders=people,
        success_metrics=_metrics(request, given),
        risks=_risks(request, given, due, now.date()),
        recommendations=_recommendations(request, bool(entities(brief).money)),
        entity_patterns=EntityPatterns(
            people=_first([*(person.name for person in people), *told_of.people]),
            organizations=_first([*(span.text for span in named.organizations), *told_of.organizations]),
            locations=_first([request.location, *(span.text for span in named.locations), *told_of.locations]),
            email_domains=company_domains(people),
        ),
        confidence_score=_confidence(request),
        project_id=project_id_of(request),
        documents_read=len(request.documents),
        notes=list(filter(None, [language_note(language(whole))])),
        engine=engine.info,
        coverage=Coverage.of(len(whole), reading.characters_used),
    )


def _first(texts: list[str]) -> list[str]:
    return list({text.casefold(): text for text in reversed(texts) if text}.values())[::-1][:_PATTERNS]


def _distinct(texts: list[str]) -> list[str]:
    return list({text.lower(): text.lower() for text in texts})


def _complexity(
    request: ProjectOnboardingRequest, skills: list[Suggestion], people: list[Stakeholder]
) -> tuple[Literal["low", "medium", "high"], str]:
    """By how many things must come together."""
    counts = {"deliverables": len(request.deliverables), "skills": len(skills), "people": len(people)}
    total = sum(counts.values())
    level: Literal["low", "medium", "high"] = "low" if total <= 4 else "medium" if total <= 10 else "high"
    return level, ", ".join(f"{count} {name}" for name, count in counts.items())


def _metrics(request: ProjectOnboardingRequest, given: dict[str, str]) -> list[Suggestion]:
    found = suggestions("metrics", given)
    if request.deliverables:
        text = f"All {len(request.deliverables)} deliverables accepted" + (
            f" by {request.shoot_date}" if request.shoot_date else ""
        )
        found.insert(0, Suggestion(text=text, reason="the deliverables are listed"))
    return found


def _risks(request: ProjectOnboardingRequest, given: dict[str, str], due: date | None, today: date) -> list[Suggestion]:
    found = suggestions("risks", {**given, "location": request.location})
    if due and due < today:
        reason = f"shoot_date {due.isoformat()} lies before {today.isoformat()}"
        found.insert(0, Suggestion(text="The date has passed", reason=reason))
    elif not request.shoot_date:
        found.append(Suggestion(text="Without a date the work may slip", reason="shoot_date is empty"))
    if not request.deliverables:
        found.append(Suggestion(text="The scope may grow", reason="deliverables is empty"))
    return found


def _recommendations(request: ProjectOnboardingRequest, has_money: bool) -> list[Suggestion]:
    wanted = [
        (not request.deliverables, "List what is to be delivered", "deliverables is empty"),
        (not request.contacts, "Name who decides for the client", "contacts is empty"),
        (not request.shoot_date, "Agree on a date", "shoot_date is empty"),
        (
            bool(request.shoot_date) and day_of(request.shoot_date) is None,
            "Write the date with its year, such as 2030-06-30",
            f"shoot_date “{request.shoot_date}” is not one day",
        ),
        (not has_money, "Agree on a budget", "no amount of money stands in the text"),
        (not request.keywords, "Add keywords that its documents use", "keywords is empty"),
        (
            not request.documents,
            "Add a few documents of the project as examples: classification is surer with them",
            "documents is empty",
        ),
    ]
    return [Suggestion(text=text, reason=reason) for missing, text, reason in wanted if missing]


def _confidence(request: ProjectOnboardingRequest) -> float:
    filled = {name: 1.0 if getattr(request, name) else 0.0 for name in _SHARES}
    filled["overview"] = min(1.0, len(request.overview.split()) / _FULL_OVERVIEW)
    return round(sum(share * filled[name] for name, share in _SHARES.items()), 4)

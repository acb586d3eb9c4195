"""Parent categories of a text: by words that tell them and by nearness to what they mean."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from besunny.inference.classification.remembered import remembered
from besunny.inference.contracts.classification import Category
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.words import stem

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

# Each category is the nearest of its meanings: one sentence for all would be near to none.
_MEANINGS: dict[Category, tuple[str, ...]] = {
    "business": (
        "Sales, marketing strategy, customers, partnerships and market growth.",
        "Company operations, hiring, management meetings and planning of a team's work.",
        "A customer's order, complaint or contract with a supplier.",
    ),
    "technical": (
        "Software engineering: code, servers, APIs, bugs, deployments and databases.",
        "An error message, an outage or a crash of an app or website.",
        "Hardware, electronics, networks and machines.",
    ),
    "creative": (
        "A film, video or photo shoot, its crew, edit and grade.",
        "Graphic design, logo, branding, packaging, layout and illustration.",
        "Music, sound recording, podcast, script writing and art direction.",
    ),
    "financial": (
        "An invoice, bill, payment, refund or price quote.",
        "Budgets, accounting, taxes, revenue, profit and quarterly results.",
        "Interest rates, stocks, investment, banking and loans.",
    ),
    "legal": (
        "A contract, agreement, non-disclosure or licence between parties.",
        "Compliance, regulation, permits, liability and privacy law.",
        "A lawsuit, court, attorney or legal claim.",
    ),
}
_WORDS: dict[Category, str] = {
    "business": "client customer sales marketing strategy partnership campaign stakeholder hiring operations vendor "
    "supplier launch pipeline growth competitor retail brand conversion roadmap quarter kickoff",
    "technical": "software code server api bug deploy deployment database infrastructure backend frontend engineering "
    "system network firmware algorithm cloud migration integration debug hardware interface aws monolith lambda "
    "dynamodb android ios app crash outage exception traceback staging rollback wordpress",
    "creative": "design shoot film video photo photography edit editing music script storyboard branding logo artwork "
    "illustration commercial spot camera director actor cast footage trailer animation podcast recording layout grade "
    "retouched stills voice",
    "financial": "invoice payment budget accounting tax revenue cost expense profit refund investment bank loan price "
    "fee salary forecast funding audit balance vat iban margin shares inflation bill mortgage statement usd eur",
    "legal": "contract agreement clause liability lawsuit court compliance regulation attorney lawyer licence license "
    "copyright trademark nda confidentiality confidential gdpr legislation plaintiff statute permit permission",
}
_LEAST = 0.4
_NEAR_ENOUGH = 0.8


def categories(centre: "NDArray[float32]", counts: Mapping[str, int], total: int, engine: Engine) -> list[Category]:
    """The categories that the text tells, strongest first; none where nothing tells one.

    Args:
        centre: the document's vector.
        counts: its words by stem.
        total: how many words it has.
    """
    meanings = remembered([text for texts in _MEANINGS.values() for text in texts], engine) @ centre
    cosines = meanings.reshape(len(_MEANINGS), -1).max(axis=1)
    scores: dict[Category, float] = {}
    for index, category in enumerate(_MEANINGS):
        distinct = sum(1 for word in _WORDS[category].split() if counts.get(stem(word)))
        mentions = sum(counts.get(stem(word), 0) for word in _WORDS[category].split())
        # A mention in 30 words says all that mentions can say; many different words say more than one repeated.
        density = min(1.0, 30 * mentions / max(total, 30)) * min(1.0, distinct / 3)
        scores[category] = float(cosines[index]) + 0.6 * density
    best = max(scores.values())
    ranked = sorted(scores, key=lambda category: -scores[category])
    return [c for c in ranked if scores[c] >= _LEAST and scores[c] >= _NEAR_ENOUGH * best][:2]

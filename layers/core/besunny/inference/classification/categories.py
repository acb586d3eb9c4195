"""Parent categories of a text: by words that tell them and by nearness to what they mean."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from besunny.inference.contracts.classification import Category
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.words import stem

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_MEANINGS: dict[Category, str] = {
    "business": "sales, marketing strategy, customers, partnerships, company operations, hiring and market growth",
    "technical": "software engineering, code, servers, APIs, bugs, infrastructure, data, hardware and electronics",
    "creative": "film and video shoots, photography, design, branding, music, writing, art direction and editing",
    "financial": "invoices, payments, budgets, accounting, taxes, revenue, investment and banking",
    "legal": "contracts, agreements, lawsuits, compliance, regulation, liability, licences and court",
}
_WORDS: dict[Category, str] = {
    "business": "client customer sales marketing strategy partnership market campaign stakeholder hiring operations "
    "vendor supplier launch pipeline growth competitor retail brand",
    "technical": "software code server api bug deploy deployment database infrastructure backend frontend engineering "
    "system network firmware algorithm cloud migration integration debug hardware interface aws monolith lambda",
    "creative": "design shoot film video photo photography edit editing music script storyboard branding logo artwork "
    "illustration commercial spot camera director actor cast footage trailer animation",
    "financial": "invoice payment budget accounting tax revenue cost expense profit refund investment bank loan price "
    "fee salary forecast funding audit balance",
    "legal": "contract agreement clause liability lawsuit court compliance regulation attorney lawyer licence license "
    "copyright trademark nda confidentiality gdpr legislation plaintiff statute",
}
_LEAST = 0.3
_NEAR_ENOUGH = 0.8


def categories(centre: "NDArray[float32]", counts: Mapping[str, int], total: int, engine: Engine) -> list[Category]:
    """The categories that the text tells, strongest first; none where nothing tells one.

    Args:
        centre: the document's vector.
        counts: its words by stem.
        total: how many words it has.
    """
    cosines = engine.embed(list(_MEANINGS.values())) @ centre
    scores: dict[Category, float] = {}
    for index, category in enumerate(_MEANINGS):
        distinct = sum(1 for word in _WORDS[category].split() if counts.get(stem(word)))
        mentions = sum(counts.get(stem(word), 0) for word in _WORDS[category].split())
        # A mention in 30 words says all that mentions can say; many different words say more than one repeated.
        density = min(1.0, 30 * mentions / max(total, 30)) * min(1.0, (distinct + 1) / 4)
        scores[category] = float(cosines[index]) + 0.4 * density
    best = max(scores.values())
    ranked = sorted(scores, key=lambda category: -scores[category])
    return [c for c in ranked if scores[c] >= _LEAST and scores[c] >= _NEAR_ENOUGH * best][:2]

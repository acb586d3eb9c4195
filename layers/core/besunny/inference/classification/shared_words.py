"""How alike the words of a document are to those of each thing said of a project and each example of it."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from besunny.inference.text.words import stem, words

# An example's first words are like its others; a book as an example must not cost seconds.
_WORDS = 400


@dataclass(frozen=True, slots=True)
class WordIndex:
    """Texts as words and pairs of words, weighted by how rare they are among the texts (tf-idf), each of L2 norm 1.

    Attributes:
        rarity: of each term that a text has.
        rows: for each term, the texts that have it and its weight there.
    """

    owner: Sequence[int]
    count: int
    rarity: Mapping[str, float]
    rows: Mapping[str, list[tuple[int, float]]]

    @classmethod
    def of(cls, texts: Sequence[str], owner: Sequence[int], count: int) -> "WordIndex":
        """An index of `texts`, of which `owner` says the project, 0 to `count` - 1."""
        terms = [_terms(text) for text in texts]
        had = Counter(term for own in terms for term in own)
        rarity = {term: 1 + math.log((1 + len(texts)) / (1 + often)) for term, often in had.items()}
        rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for row, own in enumerate(terms):
            for term, weight in _weighted(own, rarity).items():
                rows[term].append((row, weight))
        return cls(owner, count, rarity, rows)

    def likeness(self, text: str) -> list[float]:
        """For each project, the cosine of `text` with the text of it that shares most words, 0 to 1."""
        by_row: dict[int, float] = defaultdict(float)
        for term, weight in _weighted(_terms(text), self.rarity).items():
            for row, other in self.rows.get(term, ()):
                by_row[row] += weight * other
        best = [0.0] * self.count
        for row, cosine in by_row.items():
            best[self.owner[row]] = max(best[self.owner[row]], cosine)
        return best


def _terms(text: str) -> Counter[str]:
    found: list[str] = []
    for word, _, _ in words(text):
        found.append(stem(word))
        if len(found) == _WORDS:
            break
    return Counter([*found, *(f"{one} {next_}" for one, next_ in pairwise(found))])


def _weighted(terms: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """Terms that no text of the index has weigh as the rarest: a document of other words is unlike all."""
    rarest = max(rarity.values(), default=1.0)
    found = {term: (1 + math.log(often)) * rarity.get(term, rarest) for term, often in terms.items()}
    norm = math.sqrt(sum(weight * weight for weight in found.values())) or 1.0
    return {term: weight / norm for term, weight in found.items()}

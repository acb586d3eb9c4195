"""Whether words make a sentence: speech leaves halves, restarts and headings, which no notes should hold."""

import re

from besunny.inference.meeting_intelligence.lexicon import lexicon
from besunny.inference.meeting_intelligence.verbs import CATEGORY_OF, OF_THE_TALK
from besunny.inference.meeting_intelligence.words import tokens

_FINITE = lexicon("finite_verbs")
_SUBJECTS = frozenset("i we you he she they it there who".split())  # noqa: SIM905
_ASIDE = re.compile(r"\b(?:i think|i guess|i mean|i believe|you know)\b", re.I)
_ORDERS = frozenset(CATEGORY_OF) | OF_THE_TALK | {"please", "let's", "welcome"}
_CONTRACTED = re.compile(r".+(?:'(?:s|re|m|ll|ve|d)|n't)$")
_BENT = re.compile(r"\w{2,}(?:[^e\W]ed|ates|izes|ises|ifies)$")
# Clauses that stand in a sentence and are none by themselves.
_WHICH = re.compile(r"(?:which|whose|whom)\b", re.I)
_RELATIVE = re.compile(r"(?:who|that (?:the|we|i|they|he|she|it|there|a|our|you|if))\b", re.I)
_SUBORDINATE = re.compile(
    r"(?:to|because|'cause|cuz|although|though|while|unless|whether|whereas|if|when|once|until|whatever|whenever|how|why"
    r"|where|so that|in order to|since (?:i|we|you|they|he|she|it|the))\b",
    re.I,
)
# What speech alone puts side by side, having begun anew: "the what we", "we I think", "in the at".
_RESTART = re.compile(
    r"\b(?:(?:the|a|an|my|our|your|their|its) (?:the|a|an|i|i'm|we|you|he|she|they|it|it's|is|are|was|of|to|in|for|and"
    r"|but|this|that|these|what|if|at|on|with|from)"
    r"|(?:i|we|he|she|they) (?:the|a|an|i|i'm|we|we're|he|she|they|it's|of|for|if|is that)"
    r"|(?:is|are|was|were) (?:is|are|was|were|has|have)"
    r"|(?:to|of|for|from|with) (?:is|are|was|of|and|but|i|we|he|she|they)"
    r"|and (?:of|but|or))\b(?!')",
    re.I,
)


def is_sentence(text: str) -> bool:
    """Whether a cleaned sentence can be read by itself: it has a verb that carries it, and did not begin anew.

    Without a tagger: errs on the side of the speaker, since it knows few of the verbs there are by name.
    """
    words = tokens(text)
    if not words or _RESTART.search(text):
        return False
    if _WHICH.match(text) and not text.endswith("?"):
        return False
    if not text.endswith("?") and (_RELATIVE.match(text) or _SUBORDINATE.match(text)):
        # The sentence proper comes after the comma, or further on with a verb and a subject of its own.
        after = tokens(text.partition(",")[2])
        subjects = [word for word in tokens(_ASIDE.sub(" ", text)) if word.partition("'")[0] in _SUBJECTS]
        return _carried(after) or len(subjects) > 1
    return _carried(words) or words[0] in _ORDERS


def _carried(words: list[str]) -> bool:
    """Whether a verb with its subject seems to be among them."""
    return (
        any(word in _SUBJECTS for word in words[:-1])
        or any(word in _FINITE or _CONTRACTED.match(word) for word in words)
        or any(_BENT.match(word) or (word.endswith("s") and word[:-1] in _ORDERS) for word in words[1:])
    )

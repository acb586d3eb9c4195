"""The wording of a sentence as a set of n-grams, for linear models over them."""

import re
from math import log2

_LINK = re.compile(r"\$link|https?://\S+|www\.\S+")
_ADDRESS = re.compile(r"\S+@\S+")
_NUMBER = re.compile(r"\d[\d:,./-]*")
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[?!$:]")
_LONGEST = 4  # tokens of an n-gram
_OPENING = 4  # tokens that count as the sentence's beginning


def wording(sentence: str) -> set[str]:
    """N-grams of one to four tokens with the sentence's ends (`^`, `$`), the opening words, a class of length.

    Links, addresses and numbers are one token each, whatever they hold.
    """
    text = sentence.lower().replace("’", "'").replace("`", "'")
    text = _NUMBER.sub(" 0 ", _ADDRESS.sub(" xmail ", _LINK.sub(" xlink ", text)))
    tokens = _TOKEN.findall(text)
    framed = ["^", *tokens, "$"]
    found = {
        " ".join(framed[start : start + size])
        for size in range(1, _LONGEST + 1)
        for start in range(len(framed) - size + 1)
    }
    found.update(f"^1 {token}" for token in tokens[:_OPENING])
    found.add(f"#length {min(8, int(log2(len(tokens) + 1) * 1.5))}")
    if sentence.rstrip().endswith("?"):
        found.add("#question")
    return found

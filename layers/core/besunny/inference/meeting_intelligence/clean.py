"""Speech made readable: markers, fillers, false starts and repeats go; no word is added or changed."""

import re

_MARKER = re.compile(
    r"\{[^{}]{0,40}\}|\[[^\[\]\d]{0,40}\]|\((?:laughs?|laughter|inaudible|crosstalk|pause|coughs?)\)", re.I
)
_FILLER = re.compile(
    r"(?:[,\s]*\b(?:u+h+m*|u+m+|e+r+m*|a+h+|h+m+|mm+|m+hm*|mm-hmm|uh-huh|uh-hum)\b(?![-'’])[,\s]*(?:\.{2,}|…)?)+", re.I
)
_ASIDE = re.compile(r",\s*(?:you know|i mean|you see|sort of|kind of)\s*,", re.I)
_OPENER = re.compile(
    r"^(?:(?:okay|ok|'kay|yeah|yep|yes|alright|all right|well|right|so|now|oh|and|but|anyway|anyways|cool|great"
    r"|sure|actually|basically|i mean|you know)\b"
    r"(?:\s*[,.;:!-]+\s*|\s+(?=(?:so|okay|ok|right|yeah|well|um|uh|i|we|let's|the|then|this|that|it)\b)))+",
    re.I,
)
# What "then" ties to stands in another sentence; "then do we" asks and keeps it.
_THEN = re.compile(r"^then,?\s+(?=(?:i|we|they|he|she|it|there|the|of course|basically)\b)", re.I)
_CONJUNCTION = re.compile(r"^(?:and|but|'cause|so(?! (?:far|that|much|many|long|as|on)\b))\s+", re.I)
_LONE_QUOTE = re.compile(r"^[\"”]\s+(?=[^\"”]*$)")
_REPEAT = re.compile(r"\b(\w+(?:['’]\w+)?(?:\s+\w+(?:['’]\w+)?){0,3})(?:[\s,]*(?:-|–|—|\.{3}|…)?[\s,]+\1\b)+", re.I)
# "w we", "th the", "u up": the start of the next word, and no word itself.
_STAMMER = re.compile(
    r"(?<![\w'’.-])(?!(?:a|i|am|an|as|at|be|by|do|go|he|hi|if|in|is|it|me|my|no|of|on|or|so|to|up|us|we)\b)"
    r"([a-z]{1,2})[\s,-]+(?=(?:\1[\s,-]+)*\1\w)"
)
_BRACKET = re.compile(r"[{\[(]")
_UNSAID = r"(?:[^\w{\[]|\{[^{}]{0,40}\}|\[[^\[\]\d]{0,40}\]|\b(?:u+h+m*|u+m+|e+r+m*|a+h+|h+m+|mm+|you know|i mean)\b)+"
_HAS_FILLER = re.compile(r"\b(?:u+[hm]|e+r|a+h|h+m|m+h|mm)", re.I)
_WORD = re.compile(r"\w+")
_LONGEST_REPEAT = 8  # words, those of contractions counted twice
_CONTRACTION = re.compile(r"\b(\w+) (['’](?:s|re|ve|ll|d|m|t)|n['’]t)\b", re.I)
_SPACED_STOP = re.compile(r"\s+([,.;:!?…%)])")
_SPACES = re.compile(r"\s+")
_COMMAS = re.compile(r"(?:\s*,){2,}|,(?=\s*[.?!])")


def clean(raw: str) -> str:
    """The sentence without what only speech needs; empty when nothing else was in it."""
    # The quick looks beforehand spare most sentences of a long meeting the costly patterns.
    text = _MARKER.sub(" ", raw) if _BRACKET.search(raw) else raw
    text = _SPACED_STOP.sub(r"\1", _CONTRACTION.sub(r"\1\2", _SPACES.sub(" ", text)))
    text = _OPENER.sub("", text.strip())
    if _HAS_FILLER.search(text):
        text = _FILLER.sub(_joined, text)
    text = _ASIDE.sub(" ", text).strip(" ,;:-–—")
    text = _CONJUNCTION.sub("", _OPENER.sub("", _LONE_QUOTE.sub("", text)))
    text = _STAMMER.sub("", _THEN.sub("", text))
    if _repeats(text):
        # Twice: "in in the in the room" becomes "in the in the room" first.
        text = _REPEAT.sub(r"\1", _REPEAT.sub(r"\1", text))
    text = _COMMAS.sub(",", text).replace(",.", ".").replace(",?", "?")
    text = _SPACES.sub(" ", text).strip(" ,;:-–—")
    return text[:1].upper() + text[1:] if any(c.isalnum() for c in text) else ""


def as_spoken(raw: str, words: str) -> str:
    """The characters of `raw` that some words of `clean(raw)` were made of; the words where they stand apart."""
    parts = [re.escape(part) for part in _WORD.findall(words)]
    # A word may stand twice before the next, of which `clean` left one.
    pattern = _UNSAID.join(f"{part}(?:{_UNSAID}{part})*" for part in parts)
    found = re.search(rf"\b{pattern}\b", raw, re.I) if parts else None
    return found[0] if found else words


def _repeats(text: str) -> bool:
    words = _WORD.findall(text.lower())
    return any(
        one == other
        for reach in range(1, _LONGEST_REPEAT + 1)
        for one, other in zip(words, words[reach:], strict=False)
    )


def _joined(match: re.Match[str]) -> str:
    # Commas on both sides, or after, closed off the filler; a lone comma before it belongs to the sentence.
    gap = match[0].strip()
    return ", " if gap.startswith(",") and not gap.endswith(",") else " "

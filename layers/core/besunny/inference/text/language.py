"""The language of a text, from its script and its commonest words."""

# ruff: noqa: SIM905 (lists of words read better as text)
import re
from collections import Counter

from besunny.inference.text.words import words

_COMMON = {
    "en": "the and of to is that for you with are this have was not will be on we it as".split(),
    "de": "der die und das ist nicht ein ich wir mit auf für den zu im eine sich auch von werden".split(),
    "fr": "le la les et des est pas que une nous pour dans vous avec sur du qui au ce sont".split(),
    "es": "el la los que de y en una por con para es se las no del como está nos pero".split(),
    "it": "il di che la è e non per una con sono del gli anche della nel ho questo ci le".split(),
    "pt": "o que de e não uma para com os do em da se no mais por como foi na está".split(),
    "nl": "de het een en van ik niet dat is we voor met zijn op te naar maar ook die er".split(),
}
_SCRIPTS = {
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
}
_SAMPLE = 20_000


def language(text: str) -> str:
    """ISO 639-1 code of the language of the first 20,000 characters, or `und` where too little tells it."""
    sample = text[:_SAMPLE]
    letters = sum(character.isalpha() for character in sample)
    for code, script in _SCRIPTS.items():
        # Japanese mixes its own signs with Chinese ones; a tenth of them tells it.
        if letters and len(script.findall(sample)) > letters * (0.1 if code == "ja" else 0.4):
            return code
    counts = Counter(word for word, _, _ in words(sample))
    total = sum(counts.values())
    scores = {code: sum(counts[word] for word in common) for code, common in _COMMON.items()}
    best = max(scores, key=lambda code: scores[code])
    return best if total and scores[best] >= max(2, total * 0.08) else "und"

"""The language of a text, from its script, its commonest words and the letters that English does without.

The embedded models read English; `language_note` is what every service says of a text in another language.
"""

import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from besunny.inference.text.words import words

_SCRIPTS = {
    "uk": re.compile(r"[\u0454\u0456\u0457\u0491]"),
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
# Of the letters. Japanese mixes its own signs with Chinese ones, and Ukrainian has few that Russian lacks.
_SCRIPT_SHARES = {"ja": 0.1, "uk": 0.02}
# Letters that tell a word from English; of words in small letters, since names go over borders.
_LETTERS = {
    "de": "äöüß", "fr": "éèêàçùîôûœ", "es": "ñáéíóú", "it": "àèìòù", "pt": "ãõçáéíóúâêôà", "nl": "ëïé", "sv": "åäö",
    "da": "åæø", "no": "åæø", "fi": "äö", "pl": "ąćęłńóśźż", "cs": "ěščřžýáíéůúňťďó", "sk": "ľščťžýáíéúňďôäĺŕó",
    "hu": "őűáéíóöüú", "ro": "ăâîșțşţ", "tr": "ğışçöüâî",
    "vi": "ạảấầẩẫậắặẹẻếềểệịọỏốồổỗộớờởợụủứừửữựỳỵỷỹđơưáàãâăéèêíìóòõôúùý",
}  # fmt: skip
_SAMPLE = 20_000
_LEAST = 2  # words that tell it
_LEAST_SHARE = 0.08  # of all words
KNOWN = ("en", "und")


def language(text: str) -> str:
    """ISO 639-1 code of the language of the first 20,000 characters, or `und` where too little tells it."""
    sample = text[:_SAMPLE]
    letters = sum(character.isalpha() for character in sample)
    for code, script in _SCRIPTS.items():
        if letters and len(script.findall(sample)) > letters * _SCRIPT_SHARES.get(code, 0.4):
            return code
    counts = Counter(sample[start:end] for _, start, end in words(sample))
    scores = dict.fromkeys(_common_words(), 0.0)
    for word, count in counts.items():
        for code in _telling(word):
            scores[code] += count
    best = max(scores, key=lambda code: scores[code])  # English, the first, where it has as many
    return best if scores[best] >= max(_LEAST, sum(counts.values()) * _LEAST_SHARE) else "und"


def language_note(code: str) -> str | None:
    """What to say of a text in this language; null for English and where too little tells it."""
    return (
        None if code in KNOWN else f"The text looks like `{code}`; this engine knows English, so a person should check."
    )


def _telling(word: str) -> list[str]:
    """The languages this word speaks for."""
    plain = word.lower().replace("’", "'")
    found = _codes_of().get(plain, [])
    if found or word.isascii() or word[:1].isupper():
        return found
    accents = {letter for letter in plain if letter.isalpha() and not letter.isascii()}
    return [code for code, own in _LETTERS.items() if accents <= set(own)]


@lru_cache
def _codes_of() -> dict[str, list[str]]:
    """The languages that each common word is of."""
    found: dict[str, list[str]] = {}
    for code, listed in _common_words().items():
        for word in listed.split():
            found.setdefault(word, []).append(code)
    return found


@lru_cache
def _common_words() -> dict[str, str]:
    """The commonest words of each language, those of post and meetings among them; English first."""
    path = Path(__file__).with_name("common_words.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))

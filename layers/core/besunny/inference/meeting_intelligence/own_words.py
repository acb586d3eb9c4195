"""What the people of a meeting say for themselves: not what they quote, and not orders to whatever reads along."""

import re
from collections.abc import Sequence
from dataclasses import replace

from besunny.inference.contracts.meeting_intelligence import Segment
from besunny.inference.meeting_intelligence.people import People
from besunny.inference.meeting_intelligence.sentences import Sentence

# At least two words: `the "save" button` quotes nobody.
_QUOTED = re.compile(r"[\"“«](?=\w)[^\"“”«»]*?\s[^\"“”«»]*(?:[\"”»]|$)|^[^\"“”«»]*\w[.,!?]?[\"”»](?!\w)")
_SPOKEN_QUOTE = re.compile(r"[\"“«][^\"“”«»]+(?:[\"”»]|$)")
_MACHINE = (
    r"(?:(?:ai )?assistant|ai(?: agent)?|a\.i\.|(?:ai )?note[- ]?taker|(?:chat)?bot|chatgpt|gpt|llm|copilot|claude"
    r"|gemini|(?:language |ai )?model|summari[sz]er|transcriber)"
)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.?!]{0,30}(?:\b(?:previous|prior|earlier|above|preceding|your|system)"
    r"\b[^.?!]{0,20}\b(?:rules?|messages?|guidelines?|directions?|instructions?|prompts?)|\b(?:all|any)\b[^.?!]{0,20}"
    r"\b(?:instructions?|prompts?))\b"
    r"|^\W*(?:system|developer|admin|root)(?: (?:prompt|message|note|override|instruction))?\s*[:>\]]"
    r"|<\|?/?(?:system|im_start|im_end|inst|instructions?)\b|\[/?inst\]|\[/?system\b|^#+ ?(?:system|instruction)"
    r"|\bnew (?:system )?instructions?\s*:"
    rf"|^\W*(?:(?:hey|dear|hello|hi|ok|okay|attention|note to|message to|to)[\s,:]+)?(?:the |our )?{_MACHINE}\s*[,:]"
    rf"|^\W*(?:hey|dear|attention|note to|message to)[\s,:]+(?:the |our )?{_MACHINE}\b"
    rf"|\b(?:you are|you're|act as|as) (?:now )?(?:an? |the )?(?:helpful )?{_MACHINE}\b[^.?!]*"
    r"\b(?:you|must|should|and)\b"
    r"|\b(?:when|if|while|after) (?:you(?:'re| are)? )?(?:(?:summari[sz]|transcrib)\w+ (?:this|the)"
    r" (?:meeting|call|text)|(?:process|analy[sz]|read|summari[sz])\w* (?:this|the) transcript)\b"
)
_NO_PERSON = frozenset(
    ("system", "system prompt", "system message", "developer message", "instruction", "instructions")
)


def own_words(sentences: Sequence[Sentence], segments: Sequence[Segment], people: People) -> list[Sentence]:
    """The sentences, with an empty text where nobody says it for himself, so that no finding stands on it.

    Those are sentences inside quotation marks of a turn that says more than the quotation, orders to the program that
    reads along, and what follows such an order in its turn.
    """
    ordered: set[int] = set()
    found = []
    for sentence in sentences:
        aside = sentence.speaker.lower() in _NO_PERSON or sentence.segment in ordered
        if not aside and _ORDERS.search(people.marked(sentence.raw.lower().replace("’", "'"))):
            ordered.update(part.segment for part in sentence.parts)
            aside = True
        found.append(replace(sentence, text="") if aside or _is_quoted(sentence, segments) else sentence)
    return found


def _is_quoted(sentence: Sentence, segments: Sequence[Segment]) -> bool:
    part = sentence.parts[0]
    text = segments[part.segment].text
    if not any(mark in text for mark in '"“«'):
        return False
    quoted = list(_SPOKEN_QUOTE.finditer(text))
    beside = _SPOKEN_QUOTE.sub(" ", text)
    return any(map(str.isalnum, beside)) and any(
        match.start() <= part.start and part.end <= match.end() + 1 for match in quoted
    )


def unquoted(text: str) -> str:
    """The text with the words of others in it blanked, places kept; a text that is all quotation as it is."""
    if not any(mark in text for mark in '"“”«»'):
        return text
    blank = _QUOTED.sub(lambda match: re.sub(r"\w", "_", match[0]), text)
    return blank if any(map(str.isalnum, blank)) else text

"""How the others answered: who took a task on, who agreed, whether a question found an answer."""

import re
from collections.abc import Iterator, Sequence

from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.words import content_words, tokens

_TAKES = re.compile(
    r"^\W*(?:(?:yes|yeah|yep|okay|ok|sure|right|um|uh|well)\W+)*"
    r"(?:will do|i can do (?:that|it)|i'll (?:do|take) (?:that|it|care)|i will(?: do (?:that|it))?\b|on it|i'm on it"
    r"|happy to|glad to|i'd be (?:happy|glad)|noted|understood|can do|doing (?:it|that)|will\b"
    r"|consider it done|no problem|of course|absolutely|sure(?: thing)?\W|leave it (?:to|with) me|i'll\b"
    r"|i got it)"
)
_YES = re.compile(r"^\W*(?:yes|yeah|yep|okay|ok|sure|right|fine|alright|perfect|great|good|got it|certainly)\b")
_AGREES = re.compile(
    r"\b(?:agreed|i agree|sounds good|works for me|good idea|that's fine|let's do (?:that|it)|i'm fine with"
    r"|(?:fine|okay) (?:with|by) me|exactly"
    r"|absolutely|perfect|deal|settled|makes sense)\b"
)

_WANTED = re.compile(
    r"^\W*(?:(?:yes|yeah|yep|okay|ok|sure|oh|great|perfect|good)\W+)*(?:please|go ahead|do (?:it|that)\b|thanks"
    r"|thank you|(?:that|it) would (?:be|help)|that'd be|if you (?:could|can|would)|perfect|great"
    r"|i'd (?:like|love|appreciate) that)"
)
_DECLINES = re.compile(
    r"^\W*(?:(?:sorry|no|nope|um|uh|well|unfortunately|actually|ah|oh|but|i'm afraid)\W+)*"
    r"(?:i (?:really )?(?:can't|cannot|can not|won't)\b(?! wait)"
    r"|i'm (?:afraid|on leave|away|out|off|swamped|fully booked)"
    r"|i (?:don't|do not) have (?:the |any )?time|not (?:me|possible|this week|today)\b|no way)"
)
_TAKES_OVER = re.compile(r"\b(?:then )?i(?:'ll| will|'d| can)(?: just| gladly)? (?:do|take|handle|cover|pick)\b")
_DECLINED_WITHIN = 6  # sentences
_SHORT = 4  # words of a reply that says yes and no more
_NO_ANSWER = re.compile(
    r"\b(?:i don't know|we don't know|no idea|not sure|don't know yet|good question|have to find out|need to check"
    r"|i'd have to|who knows|not decided|haven't decided)\b"
)


def next_others(sentence: Sentence, sentences: Sequence[Sentence], most: int) -> Iterator[Sentence]:
    """The first `most` sentences that others say within the dozen after this one."""
    for later in sentences[sentence.index + 1 : sentence.index + 13]:
        if later.speaker != sentence.speaker:
            yield later
            most -= 1
        if most <= 0:
            return


def reply_to(sentence: Sentence, sentences: Sequence[Sentence], most: int) -> Iterator[Sentence]:
    """As `next_others`, up to where the speaker of the sentence takes the word again."""
    begun = False
    for later in sentences[sentence.index + 1 : sentence.index + 13]:
        if later.speaker != sentence.speaker:
            begun = True
            yield later
            most -= 1
        if most <= 0 or (begun and later.speaker == sentence.speaker):
            return


def accepted_by(sentence: Sentence, sentences: Sequence[Sentence], *, asked: bool) -> str | None:
    """Who took on what `sentence` asked for, in the first words of the reply; null where nobody did.

    Args:
        asked: whether it asked somebody outright: then a bare yes takes it on.
    """
    for number, reply in enumerate(reply_to(sentence, sentences, 2)):
        said = _plain(reply)
        if _TAKES.search(said) or (sentence.raw.rstrip().endswith("?") and _YES.search(said)):
            return reply.speaker
        if asked and number == 0 and _YES.search(said) and len(tokens(said)) <= _SHORT:
            return reply.speaker
    return None


def declined(sentence: Sentence, sentences: Sequence[Sentence]) -> tuple[bool, str | None]:
    """Whether the first reply refused what `sentence` asked for, and who took it on after that, if anybody."""
    following = sentences[sentence.index + 1 : sentence.index + 1 + _DECLINED_WITHIN]
    refuser = next((later.speaker for later in following if later.speaker != sentence.speaker), None)
    refused = replied = False
    for later in following:
        said = _plain(later)
        if later.speaker == refuser:
            replied = True
            refused = refused or _DECLINES.search(said) is not None
            if not refused and (_TAKES.search(said) or (_YES.search(said) and len(tokens(said)) <= _SHORT)):
                return False, None
        elif refused and (_TAKES.search(said) or _TAKES_OVER.search(said)):
            return True, later.speaker
        elif replied and not refused:
            return False, None
    return refused, None


def wanted(sentence: Sentence, sentences: Sequence[Sentence]) -> bool:
    """Whether others took up what `sentence` offered; a bare yes answers only a question."""
    asked = sentence.raw.rstrip().endswith("?")
    replies = [_plain(reply) for reply in reply_to(sentence, sentences, 2)]
    return any(_WANTED.search(said) or (asked and _YES.search(said)) for said in replies)


def agreement(sentence: Sentence, sentences: Sequence[Sentence]) -> float:
    """How clearly others agreed in what they say next: 1 in so many words, 0.4 with a yes, 0 not at all."""
    replies = [_plain(reply) for reply in next_others(sentence, sentences, 3)]
    if any(_AGREES.search(said) for said in replies):
        return 1.0
    return 0.4 if any(_YES.search(said) for said in replies) else 0.0


def answered(sentence: Sentence, sentences: Sequence[Sentence]) -> bool:
    """Whether a question got a reply that takes up its words, says yes or no, or says something of its own."""
    asked = set(content_words(sentence.text))
    for reply in next_others(sentence, sentences, 4):
        said = _plain(reply)
        if _NO_ANSWER.search(said):
            return False
        if _YES.search(said) or said.startswith("no"):
            return True
        words = tokens(reply.text)
        if not reply.text.endswith("?") and (len(words) >= 5 or asked & set(content_words(reply.text))):
            return True
    return False


def _plain(sentence: Sentence) -> str:
    return sentence.raw.lower().replace("’", "'").replace(" '", "'")

"""What was settled: decisions in so many words, and choices the others agreed to."""

import re
from collections.abc import Sequence

from besunny.inference.contracts.meeting_intelligence import Decision, Segment
from besunny.inference.meeting_intelligence.own_words import unquoted
from besunny.inference.meeting_intelligence.replies import agreement
from besunny.inference.meeting_intelligence.sentences import Sentence, evidence
from besunny.inference.meeting_intelligence.strength import confidence
from besunny.inference.meeting_intelligence.withdrawals import REACH, kept, takes_back
from besunny.inference.meeting_intelligence.words import content_words, tokens
from besunny.inference.meeting_intelligence.written_lists import written_lines

THRESHOLD = 0.5
_WRITTEN = 0.95  # of a line of a list of decisions
_CHOOSE = (
    r"(?:go(?:ing)? (?:with|for|ahead with|forward with)|stick(?:ing)? (?:with|to)|proceed(?:ing)? with"
    r"|settl(?:e|ing) on|mov(?:e|ing) (?:forward|ahead) with|keep(?:ing)?|choos(?:e|ing)|pick(?:ing)?|us(?:e|ing)"
    r"|adopt(?:ing)?|drop(?:ping)?|postpon(?:e|ing)|cancel(?:ling|ing)?|launch(?:ing)?|mak(?:e|ing) it)"
)
_HAVE = r"(?:'ve| have| has|'re| are|)"
_SOFT = r"(?: (?:all|just|already|now|then|finally|basically|definitely|going to|gonna))*"
_FORMS = [
    (
        rf"\b(?:we|everyone|the (?:team|committee|group|board)){_HAVE}{_SOFT} "
        r"(?:decided|agreed|settled|chosen|concluded|resolved|approved)\b",
        1.6,
    ),
    (r"\b(?:final |our |the |that )?decisions?(?: here| then)? (?:is|was|has been|:)", 1.4),
    (r"^decisions?(?: made)?\s*:", 2.0),
    (r"\bit was (?:(?:also|then|unanimously|finally) )*(?:decided|agreed|resolved) (?:to|not to|that)\b", 1.8),
    (
        r"^(?:(?:so|then),? )*let's (?!see|talk|look|start by|get|go (?:on|over|through)|say|hear)[a-z]+",
        -0.6,
    ),
    (r"\b(?:it's|that's|it is|that is|has been|have been) (?:decided|settled|agreed|approved|final|confirmed)\b", 1.1),
    (r"\b(?:motion|amendment|clause)(?: is| was| has been)? (?:carried|carries|passed|agreed to|adopted)\b", 1.8),
    (r"\b(?:is|are) (?:hereby |now |then )?(?:approved|carried|adopted|rejected|withdrawn)\b", 1.2),
    (
        r"^the (?:minutes|motion|accounts|budget|proposal|report|resolution|amendment)\b[^.?!]{0,60}"
        r" (?:was|were) (?:unanimously |then )?(?:approved|carried|adopted|accepted|rejected)\b",
        1.2,
    ),
    (r"\bi(?:'ve| have)? decided\b", 0.6),
    (rf"\b(?:let's|we'll|we will|we're|we are){_SOFT} {_CHOOSE}\b", 0.5),
    (r"\bwe're not (?:(?:going to|gonna) (?!be able|be here)|doing|using)", 0.2),
    (rf"\b(?:then|so) (?:we|i) (?:should|can|would) {_CHOOSE}\b", -0.3),
    (rf"\blet's{_SOFT} (?:do|have|leave|skip|split|hold|move)\b", -0.4),
    (r"^agreed\b(?! i(?:'ll| will)\b).{8,}", 0.8),
    (r"\bdecided (?:to|that|on|against|not)\b", 0.5),
]
_COMPILED = [(re.compile(pattern), points) for pattern, points in _FORMS]
_GATE = re.compile(
    r"decid|decision|agree|settled|chosen|conclu|resolved|approved|let's|we'll|we will|we're|we are|motion|amend|clause"
    r"|confirmed|final|carried|adopted|rejected|withdrawn|(?:then|so) (?:we|i) "
)
_OPEN = re.compile(
    r"\b(?:haven't|hasn't|not yet|didn't|need to|needs to|have to|has to|must|should we|can we|could we|do we|did we"
    r"|if|whether|when we|once|until|before|to decide|to be decided|would be|still)\b"
)
_DENIED = re.compile(
    r"\b(?:(?:not|never)(?: yet| really| even| all| quite| been| finally)*"
    r" (?:decided?|agreed?|settled?|approved?|chosen|concluded?|resolved?|final|confirmed)"
    r"|no (?:final )?decisions?|nothing (?:is|was|has been)|undecided|as (?:we |was )?agreed)\b"
)
# "What we are going to use" tells of a choice, and makes none.
_INDIRECT = re.compile(
    r"\b(?:what|how|which|where|as|points|things?|everything|anything|materials)\b[^,.;]{0,40}"
    r"\b(?:we|we're|we've|been|is|was)\b[^,.;]{0,20}(?:decided|agreed|going to|gonna|use)\b"
    r"|\b(?:decided|agreed) (?:on )?everything\b"
)
# "The tools that we're using": said of a thing, where "we decided that we're using" says it of us.
_OF_A_THING = re.compile(
    r"\b(?!(?:decided|agreed|settled|concluded|resolved|said|say|think|so|is|was|means?|confirm(?:ed)?|sure|know)\b)"
    r"[a-z]+ (?:that|which|what|where|how)$"
    r"|(?:\b(?:is|are|was|were)|'s) (?:one of )?(?:the|these|those|some) [a-z ]{1,30}$"
)
_HEDGED = re.compile(r"\b(?:maybe|perhaps|might|possibly|i guess|probably|i think|would|could|or)\b")
_PASSING = re.compile(
    r"\b(?:use the (?:word|term|time)|start|talk|discuss|see|look|go (?:over|through)|we're using|say)\b"
)


def decisions(sentences: Sequence[Sentence], segments: Sequence[Segment]) -> list[Decision]:
    """Every decision with a confidence of at least `THRESHOLD`, in order; the same one said twice counts once."""
    found: dict[frozenset[str], Decision] = {}
    last: tuple[int, frozenset[str]] = -REACH, frozenset()
    for sentence in sentences:
        if takes_back(sentence.raw) and sentence.index - last[0] <= REACH:
            found.pop(last[1], None)
        low = unquoted(kept(sentence.text).lower().replace("’", "'"))
        if not _GATE.search(low):
            continue
        matches = [(points, match) for pattern, points in _COMPILED if (match := pattern.search(low))]
        if not matches:
            continue
        points, match = max(matches, key=lambda pair: pair[0])
        points += _adjusted(sentence, low) - 2.0 * bool(_OF_A_THING.search(low[: match.start()].rstrip()))
        points += 0.6 * agreement(sentence, sentences)
        score = confidence(points)
        key = frozenset(content_words(low))
        if score >= THRESHOLD and key and (key not in found or found[key].confidence_score < score):
            word = match[0].split()[-1]
            place = evidence(sentence, segments, max(0, sentence.raw.lower().find(word)))
            last = sentence.index, key
            found[key] = Decision(**place.model_dump(), text=kept(sentence.text), confidence_score=score)
    for index, line in written_lines(sentences).items():
        if line.kind == "decision":
            place = evidence(sentences[index], segments)
            key = frozenset(content_words(line.text))
            found[key] = Decision(**place.model_dump(), text=line.text, confidence_score=_WRITTEN)
    return sorted(found.values(), key=lambda decision: decision.segment_index)


def _adjusted(sentence: Sentence, low: str) -> float:
    count = len(tokens(low))
    points = 0.3 if len(set(content_words(low))) >= 3 else -0.5
    points -= 2.5 * sentence.text.rstrip().endswith("?")
    points -= (
        1.3 * bool(_OPEN.search(low))
        + 3.0 * bool(_DENIED.search(low))
        + 1.7 * bool(_INDIRECT.search(low))
        + 0.5 * bool(_HEDGED.search(low))
        + 0.8 * bool(_PASSING.search(low))
    )
    return points - 0.6 * (count > 40) - 0.6 * (count < 5)

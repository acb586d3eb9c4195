"""What a sentence tells that is worth keeping after the meeting: outcomes, figures and reasons, not the talk itself."""

import re

_OUTCOME = re.compile(
    r"\b(?:decided|agreed|approved|settled|concluded|chose|chosen|confirmed|signed|launched|shipped|finished|cancelled"
    r"|canceled|postponed|rejected|deadline|due (?:on|by|date)|budget|contract|final)\b",
    re.I,
)
_FIGURE = re.compile(
    r"\d|[€$£%]|\b(?:percent|per cent|hundred|thousand|million|billion|half of|twice|doubled|euros?|dollars?|pounds?)\b"
    r"|\b(?:by|on|until|till|before|after|next) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    re.I,
)
_REASON = re.compile(
    r"\b(?:because|since|therefore|so that|the reason|means? that|found (?:that|out)|shows? that|turned out|the problem"
    r"|the (?:main|biggest|most important|key|big)|most important|important (?:thing|that)|risk|issue|blocked|failed"
    r"|fell|dropped|rose|increased?|decreased?|instead of|rather than|need(?:s|ed)? to|has to|have to|must|should)\b",
    re.I,
)
# Of the talk itself: greetings, thanks, the way through the agenda and the slides, and whether one is heard.
_TALK = re.compile(
    r"^(?:(?:good|happy) (?:morning|afternoon|evening|day)|hello|hi|hey|welcome|thank|thanks|see you|bye|have a)\b"
    r"|\b(?:get started|let's (?:start|begin|move on|go on|see|go (?:to|through|over|around))|(?:next|first|last) slide"
    r"|can you (?:hear|see)|hear (?:me|you)|microphone|my screen|share (?:my|the) screen|thanks everyone"
    r"|let me (?:see|think|show|just|start|try)|i'll (?:show|start|begin|explain|go)|i (?:hope|guess|don't know|mean)\b"
    r"|we'll (?:look|discuss|talk|see|get back|close the meeting)|go (?:first|next)|move on|what do you (?:think|mean)"
    r"|any (?:questions|comments|ideas)|the agenda|this meeting|today's meeting|final meeting|minutes left)\b",
    re.I,
)
_OUTCOME_POINTS, _FIGURE_POINTS, _REASON_POINTS, _TALK_POINTS, _QUESTION_POINTS = 0.8, 0.6, 0.4, -1.2, -0.8


def information(text: str) -> float:
    """How much of an outcome, a figure or a reason a cleaned sentence holds; below 0 it is of the talk itself."""
    return (
        _OUTCOME_POINTS * bool(_OUTCOME.search(text))
        + _FIGURE_POINTS * bool(_FIGURE.search(text))
        + _REASON_POINTS * bool(_REASON.search(text))
        + _TALK_POINTS * bool(_TALK.search(text))
        + _QUESTION_POINTS * text.endswith("?")
    )

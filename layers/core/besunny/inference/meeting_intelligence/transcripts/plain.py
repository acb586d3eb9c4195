"""Plain text: `Name: text`, `[00:01:02] Name: text`, `Name (00:01:02): text`, or a name on the line above.

So write Zoom (`[Name] 10:01:02`, and its chat), Teams and Otter (`Name   0:03`), Google Meet (names under times).
"""

import re
from typing import Any

from besunny.inference.contracts.common import fault
from besunny.inference.meeting_intelligence.transcripts.furniture import is_furniture
from besunny.inference.meeting_intelligence.transcripts.times import CLOCK, clock_seconds
from besunny.inference.meeting_intelligence.transcripts.written import list_heading, list_line

# What names hold beyond letters: emoji, their joiner and selectors, and the marks of scripts that write vowels so.
# Not spaces and punctuation beyond ASCII, nor arrows and boxes, which open a line as a bullet does.
_MARK = r"(?!\w)[^\x00-\xbf\s\u2000-\u200c\u200e-\u206f\u2190-\u25ff\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\ufffd]"
_WORD = rf"(?:[^\W_]|{_MARK})(?:[\w.'’&@-]|{_MARK})*"
_ASIDE = r"(?: ?\([^()\d\n][^()\n]{0,60}\))?"
_NAME = rf"{_WORD}(?: {_WORD}){{0,5}}{_ASIDE}"
_STAMP = rf"[\[(]?(?P<stamp>{CLOCK})[\])]?"
_LEAD = r"[ \t]*(?:>>[ \t]*|[-*•][ \t]+|#{1,6}[ \t]+)?"
_LINE = re.compile(
    rf"{_LEAD}(?:{_STAMP}[ \t]*(?:[-–|][ \t]*)?)?(?:\*\*)?\[?(?P<name>{_NAME})\]?(?:\*\*)?"
    rf"(?:[ \t]*[\[(](?P<after>{CLOCK})[\])])?[ \t]*(?::\*\*|:)(?=\s|$)[ \t]*"
)
# The chat of Zoom: `10:01:02 From Ann Lee to Everyone:`.
_FROM = re.compile(
    rf"{_LEAD}{_STAMP}[ \t]+From[ \t]+(?P<name>{_WORD}(?: {_WORD}){{0,5}}?{_ASIDE})(?:[ \t]+to[ \t]+[^:\n]{{1,100}})?"
    r"[ \t]*:(?=\s|$)[ \t]*",
    re.I,
)
_STAMPED = re.compile(
    rf"{_LEAD}(?P<open>[\[(])?(?P<stamp>{CLOCK})[\])]?[ \t]*(?:[-–|:][ \t]*)?(?:\{{#[\d:]+\}}[ \t]*)?(?=\S|$)"
)
# Where a time stands beside it, a name may be "Last, First", and in brackets anything.
_HEADER = re.compile(
    rf"[ \t]*(?:\[(?P<boxed>[^\[\]\n]{{1,100}})\]|(?P<name>(?:{_WORD}, )?{_NAME}))[ \t]*(?:[|,–-][ \t]*|[ \t])"
    rf"[\[(]?(?P<stamp>{CLOCK})[\])]?[ \t]*"
)
_PARTICLES = {"de", "del", "der", "di", "da", "la", "le", "van", "von", "of", "the", "and", "al", "bin", "ter", "den"}
_NOT_NAMES = {
    "note", "notes", "agenda", "action", "actions", "action item", "action items", "todo", "decision", "decisions",
    "date", "time", "attendees", "participants", "present", "subject", "topic", "question", "answer", "summary",
    "example", "for example", "ps", "re", "update", "next steps", "transcript", "meeting", "title", "location",
    "http", "https", "warning", "reminder", "option", "first", "second", "third",
    "apologies", "absent", "in attendance", "attending", "one", "two", "so", "and", "but", "well",
}  # fmt: skip


def split_speaker(text: str) -> tuple[str | None, str]:
    """`Name: text` as (name, text); (None, text) where no name leads."""
    match = _LINE.match(text)
    if match is None or match["stamp"] or not _is_name(match["name"]):
        return None, text.strip()
    return match["name"], text[match.end() :].strip()


def is_whole_name(line: str) -> bool:
    """Whether `line` is a name and nothing else."""
    return re.fullmatch(_NAME, line) is not None and _is_name(line)


def parse_plain(text: str) -> list[dict[str, Any]]:
    """The turns of a plain transcript, in order. A line that names no speaker goes on with the turn above it.

    Headings and closing lines of the program that wrote it are left out.

    Args:
        text: with `\\n` line ends. Text before the first name is by `Unknown`.

    Raises:
        PydanticCustomError: where a turn's time should stand there is none (`00:61:99`); names the line.
    """
    turns: list[dict[str, Any]] = []
    written = listed = False
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        # "- Helen: book the room" below "Action items:" is a task, and no turn of Helen's.
        below, listed = listed, list_heading(line) is not None or (listed and list_line(line) is not None)
        if is_furniture(line):
            written = True
            continue
        if listed:
            turn, said = None, line.strip()
        else:
            turn, said = _opened(line, number, timed=not turns or turns[-1]["start_time"] is not None)
        if turn is not None:
            if written and len(turns) == 1 and turns[0]["preamble"]:
                turns.clear()  # the title and the names above it
            turns.append(turn | {"lines": [], "preamble": False})
        elif not turns:
            turns.append({"speaker": "Unknown", "start_time": None, "lines": [], "preamble": True})
        if said and below and not listed:
            turns[-1]["lines"].append("")  # the end of the list
        if said:
            turns[-1]["lines"].append(said)
    return _times_filled(turns)


def _opened(line: str, number: int, *, timed: bool) -> tuple[dict[str, Any] | None, str]:
    """The turn this line opens (null: it goes on with the one above) and what it says.

    Args:
        timed: whether turns have times here, so that bare figures at the head of a line are one.
    """
    match = _FROM.match(line) or _LINE.match(line)
    if match is not None and _is_name(match["name"]):
        stamp = match["stamp"] or match.groupdict().get("after")
        turn = {"speaker": match["name"], "start_time": _at(stamp, number) if stamp else None}
        return turn, line[match.end() :].strip()
    match = _HEADER.fullmatch(line)
    if match is not None and (match["boxed"] or _is_name(match["name"])):
        return {"speaker": (match["boxed"] or match["name"]).strip(), "start_time": _at(match["stamp"], number)}, ""
    match = _STAMPED.match(line)
    if match is not None:
        said = line[match.end() :].strip()
        if match["open"] or not said or (timed and clock_seconds(match["stamp"]) is not None):
            return {"speaker": None, "start_time": _at(match["stamp"], number)}, said
    return None, line.strip()


def _at(stamp: str, number: int) -> float:
    found = clock_seconds(stamp)
    if found is None:
        raise fault(f"the time in line {number} is none", "MM:SS or HH:MM:SS, minutes and seconds below 60")
    return found


def _is_name(name: str) -> bool:
    if name.lower() in _NOT_NAMES:
        return False
    words = [word for word in name.partition(" (")[0].split(" ") if any(map(str.isalnum, word))]
    if len(words) <= 1:
        return bool(words) and not words[0].isdigit()
    return all(_is_part_of_a_name(word) for word in words)


def _is_part_of_a_name(word: str) -> bool:
    first = next(character for character in word if character.isalnum())
    return not first.islower() or word.lower() in _PARTICLES


def _times_filled(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    pending: float | None = None
    for turn in turns:
        if not turn["lines"]:
            # A time or a name alone on its line belongs to the turn below it.
            pending = turn["start_time"] if turn["start_time"] is not None else pending
            if turn["speaker"] is None:
                continue
        start = turn["start_time"] if turn["start_time"] is not None else pending
        pending = None
        found.append({"speaker": turn["speaker"] or "Unknown", "text": "\n".join(turn["lines"]), "start_time": start})
    return [turn for turn in found if turn["text"]]

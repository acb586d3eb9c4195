"""Plain text: `Name: text`, `[00:01:02] Name: text`, `Name (00:01:02): text`, or a name on the line above."""

import re
from typing import Any

from besunny.inference.meeting_intelligence.transcripts.times import CLOCK, clock_seconds

# What names hold beyond letters: emoji, their joiner and selectors, and the marks of scripts that write vowels so.
# Not spaces and punctuation beyond ASCII, nor arrows and boxes, which open a line as a bullet does.
_MARK = r"(?!\w)[^\x00-\xbf\s\u2000-\u200c\u200e-\u206f\u2190-\u25ff\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\ufffd]"
_WORD = rf"(?:[^\W_]|{_MARK})(?:[\w.'’&@-]|{_MARK})*"
_NAME = rf"{_WORD}(?: {_WORD}){{0,5}}(?: ?\([^()\d\n][^()\n]{{0,60}}\))?"
_STAMP = rf"[\[(]?(?P<stamp>{CLOCK})[\])]?"
_LEAD = r"[ \t]*(?:>>[ \t]*|[-*•][ \t]+)?"
_LINE = re.compile(
    rf"{_LEAD}(?:{_STAMP}[ \t]*(?:[-–|][ \t]*)?)?(?:\*\*)?(?P<name>{_NAME})(?:\*\*)?"
    rf"(?:[ \t]*[\[(](?P<after>{CLOCK})[\])])?[ \t]*(?::\*\*|:)(?=\s|$)[ \t]*"
)
_STAMPED = re.compile(rf"{_LEAD}[\[(]?(?P<stamp>{CLOCK})[\])]?[ \t]*(?:[-–|:][ \t]*)?(?=\S|$)")
# Where a time stands beside it, a name may be "Last, First".
_HEADER = re.compile(
    rf"[ \t]*(?P<name>(?:{_WORD}, )?{_NAME})[ \t]*(?:[|,–-][ \t]*|[ \t])[\[(]?(?P<stamp>{CLOCK})[\])]?[ \t]*"
)
_PARTICLES = {"de", "del", "der", "di", "da", "la", "le", "van", "von", "of", "the", "and", "al", "bin", "ter", "den"}
_NOT_NAMES = {
    "note", "notes", "agenda", "action", "actions", "action item", "action items", "todo", "decision", "decisions",
    "date", "time", "attendees", "participants", "present", "subject", "topic", "question", "answer", "summary",
    "example", "for example", "ps", "re", "update", "next steps", "transcript", "meeting", "title", "location",
    "http", "https", "warning", "reminder", "option", "first", "second", "third",
    "one", "two", "so", "and", "but", "well",
}  # fmt: skip


def split_speaker(text: str) -> tuple[str | None, str]:
    """`Name: text` as (name, text); (None, text) where no name leads."""
    match = _LINE.match(text)
    if match is None or match["stamp"] or not _is_name(match["name"]):
        return None, text.strip()
    return match["name"], text[match.end() :].strip()


def parse_plain(text: str) -> list[dict[str, Any]]:
    """The turns of a plain transcript, in order. A line that names no speaker goes on with the turn above it.

    Args:
        text: with `\\n` line ends. Text before the first name is by `Unknown`.
    """
    turns: list[dict[str, Any]] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        turn, said = _opened(line)
        if turn is not None:
            turns.append(turn | {"lines": []})
        elif not turns:
            turns.append({"speaker": "Unknown", "start_time": None, "lines": []})
        if said:
            turns[-1]["lines"].append(said)
    return _times_filled(turns)


def _opened(line: str) -> tuple[dict[str, Any] | None, str]:
    """The turn this line opens (null: it goes on with the one above) and what it says."""
    match = _LINE.match(line)
    if match is not None and _is_name(match["name"]):
        stamp = match["stamp"] or match["after"]
        turn = {"speaker": match["name"], "start_time": clock_seconds(stamp) if stamp else None}
        return turn, line[match.end() :].strip()
    match = _HEADER.fullmatch(line)
    if match is not None and _is_name(match["name"]):
        return {"speaker": match["name"], "start_time": clock_seconds(match["stamp"])}, ""
    match = _STAMPED.match(line)
    if match is not None:
        return {"speaker": None, "start_time": clock_seconds(match["stamp"])}, line[match.end() :].strip()
    return None, line.strip()


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

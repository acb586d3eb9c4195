"""Lines that the program wrote which made a transcript, and nobody said."""

import re

_WRITTEN = re.compile(
    r"attendees|transcript|invited(?: .+)?|.{1,200} - transcript"
    r"|.{1,100} (?:started|stopped) transcription"
    r"|transcribed by (?:https?://)?otter\.ai.*"
    r"|meeting ended after [\d:]+.*|(?:the )?transcription ended after [\d:]+.*"
    r"|this editable transcript was computer generated and might contain errors\..*"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2}, \d{4}"
    r"(?:,? \d{1,2}:\d{2} ?[ap]m)?|(?:\d{1,2}h )?\d{1,3}m(?: \d{1,2}s)?|\d{1,3}s",
    re.I,
)


def is_furniture(line: str) -> bool:
    """Whether `line` is a heading or a closing line of Google Meet, Teams or Otter."""
    return _WRITTEN.fullmatch(line.strip().strip("#* \t")) is not None

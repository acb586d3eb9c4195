"""Transcripts as Zoom, Teams, Google Meet, Otter and Webex write them, and files that are a little broken."""

import pytest

from besunny.errors import InvalidInputError
from besunny.inference.contracts.meeting_intelligence import MeetingRequest
from besunny.inference.contracts.parse import parse_request
from besunny.inference.meeting_intelligence.clean import clean
from tests.unit.inference.meeting_intelligence.meetings import analysis, analysis_of, request_of

ZOOM = "[Ann Lee] 10:01:02\nWe ship: on Monday.\nTell Bob.\n\n[Bob Ray (Guest)] 10:01:20\nI agree.\n"
ZOOM_CHAT = """10:01:02 From Ann Lee to Everyone:
	We ship: on Monday.
	Tell Bob.
10:01:20 From Bob Ray (Guest) :
	I agree.
"""
TEAMS_WORD = """Weekly sync-20261010_100000-Meeting Recording
October 10, 2026, 10:00AM
31m 22s

Ann Lee started transcription

Ann Lee   0:03
We ship: on Monday.
Tell Bob.

Bob Ray (Guest)   1:05:20
I agree.

Ann Lee stopped transcription
"""
TEAMS_TERSE = (
    "0:0:3.0 --> 0:0:5.40\nAnn Lee\nWe ship: on Monday.\nTell Bob.\n0:1:4.0 --> 0:1:6.30\nBob Ray (Guest)\nI agree.\n"
)
TEAMS_VTT = """WEBVTT

8f1a-2b/12-0
00:00:03.000 --> 00:00:05.000
<v Ann Lee>We ship: on Monday.
Tell Bob.</v>

8f1a-2b/13-0
00:01:04.000 --> 00:01:06.000
<v Bob Ray (Guest)>I agree.</v>
"""
MEET = """Weekly sync (2026-10-10 10:00 GMT-7) - Transcript
Attendees
Ann Lee, Bob Ray

Transcript

00:00:00

Ann Lee: We ship: on Monday.
Tell Bob.

### 00:05:00 {#00:05:00}

**Bob Ray (Guest):** I agree.
Meeting ended after 00:10:00 👋
This editable transcript was computer generated and might contain errors. People can also change the text.
"""
OTTER = "Ann Lee  0:03  \nWe ship: on Monday.\nTell Bob.\n\nBob Ray (Guest)  1:05  \nI agree.\n\nTranscribed by https://otter.ai\n"
WEBEX = """WEBVTT

1 "Ann Lee" (3245)
00:00:03.000 --> 00:00:05.000
We ship: on Monday.
Tell Bob.

2 "Bob Ray (Guest)" (77)
00:01:04.000 --> 00:01:06.000
I agree.
"""


@pytest.mark.parametrize(
    ("transcript", "times"),
    [
        (ZOOM, (36062, 36080)),
        (ZOOM.replace(":02\n", ":02 AM\n").replace(":20\n", ":20 PM\n"), (36062, 79280)),
        (ZOOM_CHAT, (36062, 36080)),
        (TEAMS_WORD, (3, 3920)),
        (TEAMS_TERSE, (3, 64)),
        (TEAMS_VTT, (3, 64)),
        (MEET, (0, 300)),
        (OTTER, (3, 65)),
        (WEBEX, (3, 64)),
    ],
)
def test_each_program_gives_speakers_words_and_times(transcript: str, times: tuple[float, float]) -> None:
    segments = request_of(transcript.replace("\n", "\r\n")).segments
    assert [(s.speaker, s.text, s.start_time) for s in segments] == [
        ("Ann Lee", "We ship: on Monday.\nTell Bob.", times[0]),
        ("Bob Ray (Guest)", "I agree.", times[1]),
    ]


def _cues(*bodies: str) -> list[tuple[str, str, float | None]]:
    return [(s.speaker, s.text, s.start_time) for s in request_of(*bodies).segments]


def test_an_arrow_in_a_note_or_in_speech_is_no_time() -> None:
    vtt = (
        "WEBVTT\n\nNOTE from a --> b\n00:09.000 --> 00:09.500\nhidden\n\n"
        "STYLE\n::cue { color: red }\n\nREGION\nid:fred\n\n"
        "intro\n00:01.000 --> 00:02.000 line:0 align:start\nAnn: move a --> b &amp; c\n5 --> 6 it is\n\n"
        "00:03.000 --> 00:04.000\nBob: ok\n\nand: more --> of it\n"
    )
    assert _cues(vtt) == [
        ("Ann", "move a --> b & c\n5 --> 6 it is", 1.0),
        ("Bob", "ok\nand: more --> of it", 3.0),
    ]


def test_cues_out_of_order_and_over_each_other_are_in_the_order_of_their_starts() -> None:
    vtt = (
        "WEBVTT\n\n00:05.000 --> 00:09.000\n<v Ann>second</v>\n\n00:01.000 --> 00:07.000\n<v Bob>first</v>\n\n"
        "00:05.000 --> 00:06.000\n<v Bob>third</v>\n"
    )
    assert _cues(vtt) == [("Bob", "first", 1.0), ("Ann", "second", 5.0), ("Bob", "third", 5.0)]


def test_srt_with_points_without_numbers_and_without_blank_lines_loses_no_word() -> None:
    srt = (
        "00:00:01.000 --> 00:00:02.000\n{\\an8}Ann: <b>hi</b>\n00:00:03,5-->00:00:04,000\n42\n"
        "00:00:05,000 --> 00:00:06,000\n00:00:07,000 --> 00:00:08,000\nAnn: end"
    )
    assert _cues(srt) == [("Ann", "hi", 1.0), ("Unknown", "42", 3.5), ("Ann", "end", 7.0)]


@pytest.mark.parametrize(
    ("transcript", "line"),
    [
        ("WEBVTT\n\n00:61:99.000 --> 00:62:00.000\nAnn: hi\n", "line 3"),
        ("1\n00:00:01,000 --> 00:00:02,000\nAnn: hi\n\n2\n00:00:0x,000 --> 00:00:09,000\nAnn: hi\n", "line 6"),
        ("Ann: hi\n[00:61:99] Bob: yo", "line 2"),
        ("Ann Lee  0:03\nhi\n\nBob  0:75\nyo", "line 4"),
        ("[Ann Lee] 10:01:02\nhi\n[Bob] 10:61:02\nyo", "line 3"),
        ("00:00:00\n\nAnn: hi\n\n00:99:00\nBob: yo", "line 5"),
        ("Ann: hi\n[Bob] 13:01:02 PM\nyo", "line 2"),
    ],
)
def test_what_is_no_time_is_refused_by_its_line(transcript: str, line: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        parse_request("meeting_intelligence", {"transcript": transcript})
    assert line in raised.value.errors[0].reason


def test_figures_with_a_colon_are_words_where_turns_have_no_times() -> None:
    text = "the ratio is:\n3:45 of them\n10:30 we meet\n12:75 is odd"
    assert _cues(f"Ann: {text}", "Bob: ok") == [("Ann", text, None), ("Bob", "ok", None)]


def _notes(*lines: str) -> str:
    return " ".join(analysis_of(*lines).notes)


def test_notes_on_times_say_what_is_odd_and_nothing_of_text_without_times() -> None:
    assert "time" not in _notes("Ann: We ship the release on Monday.", "Bob: Good, I agree with that.")
    assert "no start time" in _notes("[0:01] Ann: We ship the release.", "Bob: Good, I agree with that.")
    assert "order in which they stand" in _notes("[0:09] Ann: We ship the release.", "[0:01] Bob: Good, I agree.")
    assert "of the day" in _notes(ZOOM)
    assert not analysis_of("[0:01] Ann: We ship the release.", "[0:09] Bob: Good, I agree.").notes


def test_a_topic_spans_turns_that_overlap_and_stand_out_of_order() -> None:
    turns = [("Ann", 50, 60), ("🦊", 2, 90), ("Bob", 70, 75)]
    segments = [
        {"speaker": name, "text": "We ship the release.", "start_time": start, "end_time": end}
        for name, start, end in turns
    ]
    (topic,) = analysis(MeetingRequest.model_validate({"segments": segments})).topics_discussed
    assert (topic.start_time, topic.end_time) == (2, 90)


def test_a_quote_that_lost_its_other_half_is_left_out() -> None:
    assert clean('" and then we can make the data file.') == "We can make the data file."
    assert clean('" Ship it " is what he said.') == '" Ship it " is what he said.'

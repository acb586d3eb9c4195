"""Inputs for the tests over HTTP: real and made-up documents that belong to different projects."""

import json
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[2] / "events"

PROJECTS = [
    {
        "id": "p-harbour",
        "name": "Harbour bridge renovation",
        "description": "Structural repair and repainting of the harbour bridge: steelwork, scaffolding, permits.",
        "tags": ["construction", "bridge", "steel"],
        "keywords": ["scaffolding", "girder", "corrosion", "lane closure"],
    },
    {
        "id": "p-vaccine",
        "name": "Vaccine awareness campaign",
        "description": "Public health campaign for the autumn flu vaccine: posters, radio spots, clinics, nurses.",
        "tags": ["health", "campaign"],
        "keywords": ["flu", "vaccine", "clinic", "nurse"],
    },
    {
        "id": "p-remote",
        "name": "Remote control design",
        "description": "Design of a new television remote control: buttons, case, batteries, user interface, cost.",
        "tags": ["product design", "electronics"],
        "keywords": ["remote control", "buttons", "infrared", "television", "battery"],
    },
]

BRIDGE_MAIL: dict[str, Any] = {
    "type": "email",
    "source_id": "mail-1",
    "author": "Ruth Okafor <ruth@ironworks.example>",
    "date": "2026-03-02",
    "subject": "Corroded girders on the north span",
    "content_text": (
        "Dear all, the inspection of the harbour bridge found corrosion on four girders of the north span. "
        "We must extend the scaffolding and ask the city for another lane closure from 12 March 2026. "
        "The additional steel costs $48,500. Ruth Okafor will send the revised drawings by Friday."
    ),
}
CLINIC_MAIL: dict[str, Any] = {
    "type": "email",
    "source_id": "mail-2",
    "author": "Tomas Lind",
    "date": "2026-09-14",
    "subject": "Clinic hours for the flu vaccine",
    "content_text": (
        "Hello, the clinics in Leeds open an hour earlier during the vaccine campaign. Two more nurses will help. "
        "Please put the new hours on the posters and tell the radio station before Monday."
    ),
}
UNRELATED: dict[str, Any] = {
    "type": "document",
    "content_text": "The sourdough needs flour, water and salt; let it rest overnight and bake it in a very hot oven.",
}

STANDUP = {
    "meeting_id": "m-standup",
    "title": "Website stand-up",
    "meeting_date": "2026-05-04",
    "participants": ["Ines", "Jamal"],
    "segments": [
        {
            "speaker": "Ines",
            "start_time": 0,
            "end_time": 8,
            "text": "We decided to move the launch to 20 May.",
        },
        {
            "speaker": "Jamal",
            "start_time": 8,
            "end_time": 15,
            "text": "Fine. I will update the landing page by Friday.",
        },
        {
            "speaker": "Ines",
            "start_time": 15,
            "end_time": 22,
            "text": "Jamal, can you also send the invoice out?",
        },
        {"speaker": "Jamal", "start_time": 22, "end_time": 28, "text": "Yes, I'll send the invoice tomorrow."},
        {"speaker": "Ines", "start_time": 28, "end_time": 33, "text": "Who is going to write the press release?"},
    ],
}


def real_meeting() -> dict[str, Any]:
    """The meeting of the AMI corpus that is kept in `events/`."""
    path = next((EVENTS / "transcripts").glob("*.json"))
    return dict(json.loads(path.read_text()))

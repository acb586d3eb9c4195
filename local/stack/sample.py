"""The first workflow that `make run` sends: a real meeting, with projects to choose from, over HTTP."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from local.stack import http
from local.stack.errors import StackError
from local.stack.paths import ROOT

MEETING = ROOT / "events/transcripts/ami-ts3003c.json"
PROJECTS = ROOT / "events/projects/agency.json"
ENDED = {"completed", "partially_completed", "failed", "cancelled", "timed_out"}


@dataclass(frozen=True)
class Outcome:
    """What was sent, the workflow as the API showed it at its end, and the seconds it took the caller."""

    request: dict[str, Any]
    workflow: dict[str, Any]
    seconds: float


def load() -> dict[str, Any]:
    """The request body: a hybrid of the sample meeting, to be filed under one of the sample projects."""
    meeting, projects = json.loads(MEETING.read_text()), json.loads(PROJECTS.read_text())
    return {"workflow_type": "hybrid", "priority": "high", "input_data": {"meeting": meeting, "projects": projects}}


def send(api_url: str, token: str, *, within_seconds: float = 90.0) -> Outcome:
    """Run the sample as any client would. Raises StackError when the API refuses it or it does not end in time."""
    request = load()
    started = time.monotonic()
    workflows = f"{api_url}/v1/ai-orchestration/workflows"
    answer = http.call("POST", workflows, token=token, body=request, headers={"Prefer": "wait=20"})
    while answer.status in (200, 202) and answer.body.get("status") not in ENDED:
        if time.monotonic() - started > within_seconds:
            raise StackError(
                f"workflow {answer.body['workflow_id']} is {answer.body['status']} after {within_seconds:.0f} s"
            )
        status = f"{workflows}/{answer.body['workflow_id']}/status"
        answer = http.call("GET", status, token=token, headers={"Prefer": "wait=20"})
    if answer.status != 200:
        raise StackError(f"the API answered {answer.status}: {json.dumps(answer.body)[:400]}")
    return Outcome(request, answer.body, time.monotonic() - started)

"""A workflow's result as text that a person reads."""

from __future__ import annotations

import textwrap
from typing import Any

from local.stack.sample import Outcome

WIDTH = 100


def render(outcome: Outcome) -> str:
    """Summary, action items with who said each and where, project and confidence, timings and engines."""
    workflow = outcome.workflow
    result = workflow.get("result") or {}
    meeting = result.get("meeting_intelligence") or {}
    title = (outcome.request["input_data"].get("meeting") or {}).get("title") or "the sample meeting"
    lines = [f"{title}: {workflow['status']}", ""]
    lines += _wrap(meeting.get("executive_summary") or "(no summary)")
    lines += _evidence("Action items", meeting.get("action_items", []))
    lines += _evidence("Decisions", meeting.get("decisions_made", []))
    lines += ["", "Project", *_project(result.get("classification"))]
    lines += ["", "How", *_how(outcome)]
    for error in workflow.get("errors", []):
        lines += _wrap(f"failed: {error}")
    return "\n".join(lines)


def _wrap(text: str, indent: str = "  ", first: str | None = None) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent)


def _evidence(heading: str, items: list[dict[str, Any]], most: int = 8) -> list[str]:
    lines = ["", f"{heading} ({len(items)})"]
    for item in items[:most]:
        lines += _wrap(item["text"], "    ", "  - ")
        owner = f"for {item['assignee']}, " if item.get("assignee") else ""
        due = f"due {item['due_date']}, " if item.get("due_date") else ""
        lines.append(
            f"    {owner}{due}said by {item['speaker']} {_place(item)}, confidence {item['confidence_score']:.2f}"
        )
    if len(items) > most:
        lines.append(f"  and {len(items) - most} more")
    return lines


def _place(item: dict[str, Any]) -> str:
    if item.get("timestamp") is None:
        return f"in turn {item['segment_index']}"
    minutes, seconds = divmod(int(item["timestamp"]), 60)
    return f"at {minutes}:{seconds:02d} (turn {item['segment_index']})"


def _project(answer: dict[str, Any] | None) -> list[str]:
    if answer is None:
        return ["  (not classified)"]
    chosen = "unclassified" if answer["unclassified"] else f"{answer['project_name']} ({answer['project_id']})"
    lines = [f"  {chosen}, confidence {answer['confidence']:.2f}"]
    if answer.get("alternatives"):
        others = ", ".join(f"{one['name']} {one['confidence']:.2f}" for one in answer["alternatives"][:3])
        lines.append(f"  passed over: {others}")
    return lines


def _how(outcome: Outcome) -> list[str]:
    workflow = outcome.workflow
    took = f"{workflow['processing_time_ms']:.0f} ms of work, {outcome.seconds:.1f} s until the answer was here"
    lines = [f"  {took}{' (from the result cache)' if workflow.get('cached') else ''}"]
    for name, answer in (workflow.get("result") or {}).items():
        engine = (answer or {}).get("engine") if name != "combined" else None
        if isinstance(engine, dict):
            lines.append(f"  {name}: engine {engine.get('name')}, model {engine.get('model')}")
        elif engine:
            lines.append(f"  {name}: engine {engine}")
    lines.append(f"  workflow {workflow['workflow_id']}")
    return lines

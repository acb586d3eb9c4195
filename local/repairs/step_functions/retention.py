"""Old executions are forgotten, so that the state which is saved every few seconds stays small.

AWS keeps an execution and its history for 90 days; a laptop keeps the newest.
"""

from __future__ import annotations

import threading
import time

from ministack.services import stepfunctions as sfn

from local.repairs.pins import expect

EVERY_SECONDS = 60.0
HISTORIES_KEPT = 500
EXECUTIONS_KEPT = 5000


def apply() -> None:
    expect(sfn, "_executions")
    threading.Thread(target=_run, daemon=True, name="executions").start()


def _run() -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        forget(HISTORIES_KEPT, EXECUTIONS_KEPT)


def forget(histories: int, executions: int) -> None:
    """Keep the newest so many histories and executions of those that ended."""
    ended = [(key, e) for key, e in list(sfn._executions._data.items()) if e["status"] != "RUNNING"]
    ended.sort(key=lambda pair: pair[1]["stopDate"] or "", reverse=True)
    for _, execution in ended[histories:]:
        execution["events"] = []
    for key, _ in ended[executions:]:
        sfn._executions._data.pop(key, None)

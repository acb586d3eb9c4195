"""Alarms change state as time passes, not only when somebody puts a metric.

AWS evaluates an alarm every period: one whose metric falls silent goes to what `TreatMissingData` says. Stock ministack
evaluates alarms at each PutMetricData call and at no other time.
"""

from __future__ import annotations

import logging
import threading
import time

from ministack.core import responses
from ministack.services import cloudwatch

from local.repairs.pins import expect

logger = logging.getLogger("alarms")
EVERY_SECONDS = 5.0


def apply() -> None:
    evaluate = expect(cloudwatch, "_evaluate_all_alarms")
    expect(cloudwatch, "_alarms")

    def run() -> None:
        while True:
            time.sleep(EVERY_SECONDS)
            for account, region in {(key[0], key[1]) for key in list(cloudwatch._alarms._data)}:
                try:
                    with responses.request_scope(account, region):
                        evaluate()
                except RuntimeError as problem:
                    # "dictionary changed size during iteration": the next turn sees the change.
                    logger.info("alarms are evaluated again at the next turn: %s", problem)

    threading.Thread(target=run, daemon=True, name="alarms").start()

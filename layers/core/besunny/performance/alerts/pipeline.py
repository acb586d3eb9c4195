"""The chain: figures -> verdicts -> lives -> table -> notices. Each stage is a module of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from besunny.performance.alerts.evaluate import evaluate
from besunny.performance.alerts.learned import evaluate_learned, incidents
from besunny.performance.alerts.lifecycle import Alert, end_of_removed, step
from besunny.performance.alerts.notify import notify
from besunny.performance.alerts.rules import AnyRule, LearnedRule, load_rules
from besunny.performance.alerts.store import active_alerts, read_alert, save_alert
from besunny.performance.figures import Figures
from besunny.performance.settings import RecorderSettings

_RETRY_AFTER = timedelta(seconds=45)


def run(
    figures: Figures, settings: RecorderSettings, now: datetime, *, rules: Iterable[AnyRule] | None = None
) -> list[Alert]:
    """Take every alert one step on, end those whose rule was removed, and tell operators of what changed.

    Returns:
        The alerts that this run wrote; one that another evaluator wrote first is not among them.

    Raises:
        ExceptionGroup: learned rules that could not be judged, and notices that could not be sent; every other rule
            has been judged all the same, and the next run tries those again.
    """
    written = []
    failed: list[Exception] = []
    known = tuple(load_rules() if rules is None else rules)
    steps: list[tuple[Alert | None, Alert | None]] = []
    active = active_alerts(settings.alerts_table)
    learned = [rule for rule in known if isinstance(rule, LearnedRule)]
    evaluations = evaluate(known, figures, settings)
    for rule in learned:
        try:
            evaluations += evaluate_learned(settings.metrics_table, [rule], figures, incidents(active), now)
        except Exception as error:  # noqa: BLE001 - a state that cannot be read must not silence the other rules
            failed.append(error)
    for evaluation in evaluations:
        before = read_alert(settings.alerts_table, evaluation.rule.fingerprint)
        steps.append((before, step(before, evaluation, now)))
    judged = {rule.fingerprint for rule in known}
    orphans = [alert for alert in active if alert.fingerprint not in judged]
    steps += [(orphan, end_of_removed(orphan, now)) for orphan in orphans]
    for before, after in steps:
        if after is not None and after is not before:
            if not save_alert(settings.alerts_table, before, after):
                continue
            written.append(after)
        if after is not None and settings.alert_topic_arn and _is_to_be_told(after, now):
            try:
                notify(settings.alerts_table, settings.alert_topic_arn, after)
            except Exception as error:  # noqa: BLE001 - whatever ails one notice must not silence the rules after it
                failed.append(error)
    if failed:
        raise ExceptionGroup("rules could not be judged, or notices not sent", failed)
    return written


def _is_to_be_told(alert: Alert, now: datetime) -> bool:
    """Whether this run sends the notice: it made the change, or the run that did could not send."""
    return alert.notice_due and (alert.since == now or now - alert.since >= _RETRY_AFTER)

"""Points of the last minutes from CloudWatch: what exists is asked for (ListMetrics), then read in pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from besunny.aws import clients
from besunny.performance.collectors.catalogue import GAUGE, QUANTILES, Family
from besunny.performance.metric_store import Period
from besunny.performance.points import Point, single, with_distribution
from besunny.performance.settings import RecorderSettings

_QUERIES_A_CALL = 500


@dataclass(frozen=True)
class _Wanted:
    """One metric to read."""

    source: str
    series: str
    metric: dict[str, Any]
    statistics: tuple[str, ...]


class IncompleteDataError(Exception):
    """CloudWatch answered, but not for every metric."""


def read_family(family: Family, start: datetime, end: datetime, settings: RecorderSettings) -> list[Period]:
    """Every minute of [start, end) of every source of a family that has data; both are whole minutes.

    Raises:
        botocore.exceptions.ClientError, BotoCoreError: CloudWatch did not answer.
        IncompleteDataError: it answered in part.
    """
    wanted = list(_discover(family, settings))
    statistics: dict[tuple[str, str, datetime], dict[str, float]] = {}
    queries = [(metric, statistic) for metric in wanted for statistic in metric.statistics]
    for first in range(0, len(queries), _QUERIES_A_CALL):
        for (metric, statistic), moment, value in _read(queries[first : first + _QUERIES_A_CALL], start, end):
            statistics.setdefault((metric.source, metric.series, moment), {})[statistic] = value
    periods: dict[tuple[str, datetime], Period] = {}
    for (source, name, moment), values in sorted(statistics.items()):
        if (point := _point(values)) is not None:
            periods.setdefault((source, moment), Period(source, moment, {})).points[name] = point
    return list(periods.values())


def _discover(family: Family, settings: RecorderSettings) -> Iterator[_Wanted]:
    wanted = family.wanted()
    listing = clients.cloudwatch().get_paginator("list_metrics")
    for page in listing.paginate(Namespace=family.namespace, RecentlyActive="PT3H"):
        for metric in page["Metrics"]:
            dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", [])}
            source = family.source(dimensions, settings)
            if source and metric["MetricName"] in wanted:
                series, statistics = wanted[metric["MetricName"]]
                yield _Wanted(source, series, dict(metric), statistics)


def _read(
    queries: Iterable[tuple[_Wanted, str]], start: datetime, end: datetime
) -> Iterator[tuple[tuple[_Wanted, str], datetime, float]]:
    by_id = {f"q{number}": query for number, query in enumerate(queries)}
    asked: list[Any] = [
        {"Id": name, "MetricStat": {"Metric": wanted.metric, "Period": 60, "Stat": statistic}}
        for name, (wanted, statistic) in by_id.items()
    ]
    pages = (
        clients.cloudwatch()
        .get_paginator("get_metric_data")
        .paginate(MetricDataQueries=asked, StartTime=start, EndTime=end)
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            if result.get("StatusCode") in ("InternalError", "Forbidden"):
                raise IncompleteDataError(f"{result.get('Label', result['Id'])}: {result['StatusCode']}")
            for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
                yield by_id[result["Id"]], moment.astimezone(UTC), value


def _point(values: dict[str, float]) -> Point | None:
    if values.keys() == {"Sum"}:
        return single(values["Sum"])
    count = int(values.get("SampleCount", 0))
    if count < 1 or not values.keys() >= set(GAUGE):
        return None
    point = Point(count, values["Sum"], values["Minimum"], values["Maximum"])
    knots = {QUANTILES[name]: value for name, value in values.items() if name in QUANTILES}
    return with_distribution(point, knots) if knots or count <= 2 else point

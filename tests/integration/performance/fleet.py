"""What a fleet of functions would have put into CloudWatch."""

from datetime import datetime

import boto3
from moto.cloudwatch.models import Statistics

_KNOWN = Statistics.get_statistics_for_type


def statistic(self: Statistics, name: str) -> float | None:
    """moto's `get_statistics_for_type` that knows percentiles: linear between the nearest ranks."""
    if not name.startswith("p"):
        return _KNOWN(self, name)
    values = sorted(float(value) for value in self.metric_single_values_list)
    rank = float(name[1:]) / 100 * (len(values) - 1)
    low = int(rank)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (rank - low)


def put(function: str, metric: str, values: list[float], at: datetime) -> None:
    """Samples as the EMF of one function brings them."""
    _put(
        "BeSunny", metric, values, at, {"service": "besunny", "stack": function.partition("-")[0], "function": function}
    )


def put_aws(namespace: str, metric: str, values: list[float], at: datetime, **dimensions: str) -> None:
    """Samples as a service of AWS brings them."""
    _put(namespace, metric, values, at, dimensions)


def put_requests(function: str, at: datetime, *, durations: list[float], errors: int = 0) -> None:
    """Requests that one function answered, `errors` of them with 5xx."""
    put(function, "Requests", [1.0] * len(durations), at)
    put(function, "Errors", [1.0] * errors + [0.0] * (len(durations) - errors), at)
    put(function, "Duration", durations, at)


def _put(namespace: str, metric: str, values: list[float], at: datetime, dimensions: dict[str, str]) -> None:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    boto3.client("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[{"MetricName": metric, "Dimensions": named, "Timestamp": at, "Value": value} for value in values],
    )

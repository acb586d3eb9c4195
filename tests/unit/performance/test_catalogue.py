"""Which metrics are this stack's."""

import pytest

from besunny.performance.collectors.catalogue import FAMILIES
from besunny.performance.settings import RecorderSettings

SETTINGS = RecorderSettings(metrics_table="m", alerts_table="a", stack_name="besunny-orchestration-production")
OWN = next(family for family in FAMILIES if family.namespace == "BeSunny")
LAMBDA = next(family for family in FAMILIES if family.namespace == "AWS/Lambda")


@pytest.mark.parametrize(
    ("function", "ours"),
    [
        ("besunny-orchestration-production-Create-abc123def456", True),
        ("besunny-orchestration-productive-Create-abc123def456", False),
        ("besunny-orchestration-PerformanceStatusFunction-ABCdefGHI1234567", True),
        ("besunny-orchestration-PerformanceStatusFunction-ABCdefGHI123456", False),
        ("besunny-orchestration-production-dev-Create-abc123def456", False),
        ("other", False),
    ],
)
def test_a_function_is_ours_by_its_name_also_where_cloudformation_cut_it(function, ours):
    source = LAMBDA.source({"FunctionName": function}, SETTINGS)
    assert source == (f"lambda/{function}" if ours else None)


def test_our_own_metrics_are_told_apart_by_their_stack():
    for stack, source in ((SETTINGS.stack_name, "function/F"), (SETTINGS.stack_name + "-dev", None)):
        assert OWN.source({"service": "besunny", "stack": stack, "function": "F"}, SETTINGS) == source


def test_other_dimensions_are_another_metric():
    assert OWN.source({"function": "F", "stack": SETTINGS.stack_name}, SETTINGS) is None


def test_the_names_of_series_are_apart_in_a_family():
    for family in FAMILIES:
        names = [*family.counters.values(), *family.gauges.values(), *family.distributions.values()]
        assert len(names) == len(set(names))

"""What functions read from the environment is what the template gives them."""

import ast
import re

import pytest

from besunny.orchestration import settings as orchestration_settings
from besunny.performance import settings as performance_settings
from besunny.settings import Settings
from tests.infrastructure.template import ROOT, functions, template

MONITORING = {
    name: properties
    for name, properties in functions().items()
    if re.match(r"performance\.|scheduled\.record_metrics\.|streams\.record_activity\.", properties["Handler"])
}
TABLES = {"METRICS_TABLE": "MetricsTable", "ALERTS_TABLE": "AlertsTable", "ACTIVITY_TABLE": "ActivityTable"}


def settings_of(properties):
    """The settings model that a handler's file imports."""
    module = properties["Handler"].rpartition(".")[0]
    source = (ROOT / "functions" / (module.replace(".", "/") + ".py")).read_text()
    names = [a.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ImportFrom) for a in n.names]
    (found,) = [getattr(performance_settings, name) for name in names if name.endswith("Settings")]
    return found


def test_every_setting_of_new_work_can_be_set_in_the_template():
    created = next(p for p in functions().values() if p["Handler"].startswith("orchestration.create_workflow."))
    given = created["Environment"]["Variables"]
    models = [model for model in vars(orchestration_settings).values() if model in Settings.__subclasses__()]
    assert {name.upper() for model in models for name in model.model_fields} <= given.keys()
    assert given["CONFIG_VERSION"]["Ref"] in template()["Parameters"]


@pytest.mark.parametrize("name", MONITORING)
def test_a_monitoring_function_is_given_what_it_reads_and_no_more(name):
    given = MONITORING[name]["Environment"]["Variables"].keys()
    from_all = template()["Globals"]["Function"]["Environment"]["Variables"].keys()
    read = {field.upper() for field in settings_of(MONITORING[name]).model_fields}
    assert given <= read <= given | from_all


@pytest.mark.parametrize("name", MONITORING)
def test_a_monitoring_function_reaches_only_the_tables_that_it_was_given(name):
    given = {TABLES[v] for v in MONITORING[name]["Environment"]["Variables"] if v in TABLES}
    allowed = str(MONITORING[name]["Policies"])
    assert {table for table in TABLES.values() if f"{table}.Arn" in allowed} == given

"""The figures in the pictures of the documents are those of the template."""

import re
from collections import Counter

import pytest

from tests.infrastructure.template import ROOT, resources

FUNCTIONS = Counter(
    properties["Handler"].split(".")[0] for properties in resources("AWS::Serverless::Function").values()
)


@pytest.mark.parametrize(
    ("path", "form", "folder"),
    [
        ("README.md", r"(\d+) orchestration functions", "orchestration"),
        ("README.md", r"(\d+) AI functions", "inference"),
        ("README.md", r"(\d+) performance functions", "performance"),
        ("docs/architecture.md", r"orchestration<br/>(\d+) functions", "orchestration"),
        ("docs/architecture.md", r"AI services<br/>(\d+) functions", "inference"),
        ("docs/architecture.md", r"performance<br/>(\d+) functions", "performance"),
    ],
)
def test_functions_are_counted_as_the_template_has_them(path, form, folder):
    assert re.findall(form, (ROOT / path).read_text()) == [str(FUNCTIONS[folder])]

"""Template parameters as a person types them."""

import pytest

from local.stack import parameters
from local.stack.errors import StackError

DECLARED = {
    "GlobalLimit": {"Type": "Number", "MinValue": 1},
    "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]},
    "AlertEmail": {"Type": "String", "Default": ""},
}


def test_words_become_parameters():
    assert parameters.parse(["GlobalLimit=5", "AlertEmail=a=b"]) == {"GlobalLimit": "5", "AlertEmail": "a=b"}


@pytest.mark.parametrize("word", ["GlobalLimit", "=5", "GlobalLimit:5"])
def test_a_word_that_is_no_parameter_is_shown(word):
    with pytest.raises(StackError, match=word):
        parameters.parse([word])


def test_what_the_template_allows_passes():
    parameters.check({"GlobalLimit": "5", "Stage": "prod", "AlertEmail": "x@example.com"}, DECLARED)


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ({"Glolimit": "5"}, "it has AlertEmail, GlobalLimit, Stage"),
        ({"GlobalLimit": "many"}, "is not a number"),
        ({"GlobalLimit": "0"}, "at least 1"),
        ({"Stage": "test"}, "one of dev, prod"),
    ],
)
def test_what_it_does_not_allow_is_refused_with_the_fix(given, fix):
    with pytest.raises(StackError, match=fix):
        parameters.check(given, DECLARED)

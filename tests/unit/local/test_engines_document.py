"""`make run ENGINES=...`: the file checked, its keys moved to where AWS keeps them."""

import json

import boto3
import pytest
from moto import mock_aws

from local.stack import engines
from local.stack.errors import StackError

GOOD = """
engines:
  house:
    kind: openai_compatible
    base_url: http://127.0.0.1:8080/v1
    model: m
    api_key_env: HOUSE_KEY
default:
  classification: [house, embedded]
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "engines.yaml"
        path.write_text(text)
        return path

    return write


def test_the_key_goes_into_a_secret_and_not_into_the_document(written):
    document = engines.read(written(GOOD), {"HOUSE_KEY": "sk-1"})
    assert document.secrets == {"besunny/engines/house": "sk-1"}
    assert "sk-1" not in document.text
    assert json.loads(document.text)["engines"]["house"]["api_key_secret"] == "besunny/engines/house"
    assert "api_key_env" not in document.text


def test_it_is_published_twice_as_well_as_once(written):
    with mock_aws():
        ssm, secrets = (boto3.client(name, region_name="us-east-1") for name in ("ssm", "secretsmanager"))
        for key in ("sk-1", "sk-2"):
            document = engines.read(written(GOOD), {"HOUSE_KEY": key})
            document.publish(ssm, secrets)
        assert ssm.get_parameter(Name=engines.PARAMETER)["Parameter"]["Value"] == document.text
        assert secrets.get_secret_value(SecretId="besunny/engines/house")["SecretString"] == "sk-2"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GOOD.replace("base_url: http://127.0.0.1:8080/v1", "base_url: nowhere"),
            r"engines\.house\.base_url: .*https://",
        ),
        (GOOD.replace("    model: m\n", ""), r"engines\.house\.model: .*add this field"),
        (GOOD.replace("[house, embedded]", "[hause]"), "not defined"),
        (GOOD, r"HOUSE_KEY is not set"),
        ("engines: [", "no YAML"),
        ("just a text", "not an object"),
        ("", "not an object"),
        ("engines: {nova: {kind: bedrock, model: m}}", "talks to no AWS"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_field_and_fix(written, text, said):
    with pytest.raises(StackError, match=said) as caught:
        engines.read(written(text), {})
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(StackError, match=r"No such file.*docs/engines\.md"):
        engines.read(tmp_path / "none.yaml", {})

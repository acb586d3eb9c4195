"""The engines document: what it means, and what is said of a wrong one."""

import pytest

from besunny.errors import InvalidInputError
from besunny.inference.contracts.engine_config import parse_engines
from besunny.inference.contracts.versions import EMBEDDED, PROMPT_VERSIONS

LOCAL = {"kind": "openai_compatible", "base_url": "http://127.0.0.1:8080/v1", "model": "m"}
NO_URL = {"kind": "openai_compatible", "model": "m"}
OTHER = {"base_url": "http://localhost:1/v1"}
NOVA = {"kind": "bedrock", "model": "amazon.nova-lite-v1:0"}


def document(**changes):
    return {"engines": {"local": LOCAL, "nova": NOVA}, "default": {"classification": ["local", "embedded"]}, **changes}


def faults(data):
    with pytest.raises(InvalidInputError) as caught:
        parse_engines(data)
    return {error.field: f"{error.reason}|{error.fix}" for error in caught.value.errors}


def test_a_tenants_own_order_comes_before_the_default_and_what_is_not_named_is_embedded():
    config = parse_engines(document(tenants={"acme": {"classification": ["nova", "local"]}}))
    assert config.places("acme", "classification") == [["nova"], ["local"]]
    assert config.places("other", "classification") == [["local"], ["embedded"]]
    assert config.places("acme", "meeting_intelligence") == [["embedded"]]
    assert config.order("other", "meeting_intelligence") == [[EMBEDDED]]


def test_engines_in_a_list_of_their_own_share_a_place():
    config = parse_engines(document(default={"classification": [["nova", "local"], "embedded"]}))
    assert config.places("acme", "classification") == [["nova", "local"], ["embedded"]]
    assert [[one.name for one in place] for place in config.order("acme", "classification")] == [
        ["nova", "local"],
        ["embedded"],
    ]


def test_what_an_engine_is_holds_all_that_shapes_its_answers_and_nothing_else():
    def info(**settings):
        return parse_engines({"engines": {"local": {**LOCAL, **settings}}}).info("local", "classification")

    base = info()
    assert (base.name, base.kind, base.model) == ("local", "openai_compatible", "m")
    assert base.prompt_version == PROMPT_VERSIONS["classification"]
    for shaping in (
        {"temperature": 0.5},
        {"context_tokens": 4096},
        {"vote_accuracy": 0.9},
        {"max_output_tokens": 99},
        OTHER,
    ):
        assert info(**shaping).config_version != base.config_version
    for other in ({"timeout_seconds": 9}, {"attempts": 5}, {"api_key_secret": "s/engines/k"}):
        assert info(**other) == base
    relabelled = parse_engines({"version": "2", "engines": {"local": LOCAL}}).info("local", "classification")
    assert relabelled.config_version != base.config_version


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ([], "engines document", "not an object"),
        ({"engine": {}}, "engine", "remove this field"),
        (document(engines={"local": {**LOCAL, "base_url": "ftp://x"}}), "engines.local.base_url", "http"),
        (document(engines={"local": {**LOCAL, "base_url": "http://h:port/v1"}}), "engines.local.base_url", "http"),
        (
            document(engines={"local": {"kind": "openai_compatible", "model": "m"}}),
            "engines.local.base_url",
            "add this",
        ),
        (document(engines={"local": {**LOCAL, "kind": "mistral"}}), "engines.local", "openai_compatible"),
        (document(engines={"local": {**LOCAL, "api_key": "sk-1"}}), "engines.local.api_key", "remove this field"),
        (document(engines={"local": {**LOCAL, "attempts": 9}}), "engines.local.attempts", "less than or equal to 5"),
        (document(engines={"embedded": LOCAL}, default={}), "engines document", "another name"),
        (document(engines={"Local!": LOCAL}, default={}), "engines.Local!", "pattern"),
        (document(default={"classification": ["gpt"]}), "engines document", "names of embedded, local, nova"),
        (document(default={"classification": ["embedded", "local"]}), "engines document", "`embedded` last"),
        (document(default={"classification": ["local", "local"]}), "engines document", "each once"),
        (document(default={"classification": [["local", "nova"], "local"]}), "engines document", "each once"),
        (document(default={"classification": [["local", "embedded"], "nova"]}), "engines document", "`embedded` last"),
        (document(default={"classification": [[]]}), "default.classification.0", "at least one"),
        (document(default={"embeddings": [["local", "nova"]]}), "engines document", "exactly one"),
        (document(engines={"local": {**LOCAL, "open_after": 0}}), "engines.local.open_after", "greater than or equal"),
        (document(default={"classify": ["local"]}), "default.classify", "meeting_intelligence"),
        (document(default={"classification": []}), "default.classification", "at least one"),
        (document(default={"embeddings": ["local"]}), "engines document", "384 dimensions"),
        (document(default={"embeddings": ["nova"]}), "engines document", "384 dimensions"),
        (document(tenants={"a": {"embeddings": ["local", "embedded"]}}), "engines document", "exactly one"),
        (document(engines={"l": {**LOCAL, "max_output_tokens": 9000}}, default={}), "engines.l", "at most half"),
        (
            document(engines={"l": {**LOCAL, "context_tokens": 2000, "max_output_tokens": 901}}, default={}),
            "engines.l",
            "at least 2001, or",
        ),
        (
            document(engines={"l": {**LOCAL, "context_tokens": 1024, "max_output_tokens": 64}}, default={}),
            "engines.l",
            "`context_tokens` has no room for a source beside 64 tokens of output",
        ),
        (
            document(engines={"nova": {**NOVA, "endpoint_url": "vpce-1"}}, default={}),
            "engines.nova.endpoint_url",
            "http",
        ),
        (
            document(engines={"nova": {**NOVA, "endpoint_url": "https://u:p@h"}}, default={}),
            "engines.nova.endpoint_url",
            "http",
        ),
        (
            document(engines={"l": {**LOCAL, "base_url": "http://far/v1", "api_key_env": "K"}}, default={}),
            "engines.l",
            "https",
        ),
        (
            document(engines={"l": {**LOCAL, "api_key_env": "K", "api_key_secret": "k"}}, default={}),
            "engines.l",
            "one of",
        ),
        (document(tenants={str(n): {"classification": ["local"]} for n in range(900)}), "engines document", "8192"),
    ],
)
def test_a_wrong_document_names_field_and_fix(data, field, said):
    found = faults(data)
    assert field in found, found
    assert said in found[field], found


def test_a_key_that_was_written_into_the_document_is_not_repeated():
    assert "sk-secret" not in str(faults(document(engines={"local": {**LOCAL, "api_key": "sk-secret"}})))

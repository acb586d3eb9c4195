"""The engines document that the stack under test has: the default is `embedded`; tenants of their own have others."""

KEY = "sk-end-to-end"
WITH_FALLBACK, WITHOUT_FALLBACK = "engines-with-fallback", "engines-without-fallback"


IN_ORDER, AS_EQUALS = "engines-in-order", "engines-as-equals"
COOL_DOWN_SECONDS = 3


def engines_document(base_url: str, other_url: str) -> str:
    """As a person writes it into `engines.yaml`; what is not about circuits has one that never opens."""
    return f"""
version: end-to-end
engines:
  house:
    kind: openai_compatible
    base_url: {base_url}
    model: test-model
    api_key_env: ENGINE_KEY
    embedding_model: test-embedder
    open_after: 100
    price: {{ input_per_million: 1, output_per_million: 10 }}
  north: &north
    kind: openai_compatible
    base_url: {base_url}
    model: test-model
    open_after: 3
    cool_down_seconds: {COOL_DOWN_SECONDS}
  south: {{ <<: *north, base_url: {other_url} }}
  east: *north
  west: {{ <<: *north, base_url: {other_url} }}
tenants:
  {IN_ORDER}:
    classification: [north, south]
  {AS_EQUALS}:
    classification: [[east, west], embedded]
  {WITH_FALLBACK}:
    classification: [house, embedded]
    meeting_intelligence: [house, embedded]
    embeddings: [house]
  {WITHOUT_FALLBACK}:
    classification: [house]
"""

"""The engines document that the stack under test has: the default is `embedded`; tenants of their own have others."""

KEY = "sk-end-to-end"
WITH_FALLBACK, WITHOUT_FALLBACK = "engines-with-fallback", "engines-without-fallback"


def engines_document(base_url: str) -> str:
    """As a person writes it into `engines.yaml`."""
    return f"""
version: end-to-end
engines:
  house:
    kind: openai_compatible
    base_url: {base_url}
    model: test-model
    api_key_env: ENGINE_KEY
    embedding_model: test-embedder
    price: {{ input_per_million: 1, output_per_million: 10 }}
tenants:
  {WITH_FALLBACK}:
    classification: [house, embedded]
    meeting_intelligence: [house, embedded]
    embeddings: [house]
  {WITHOUT_FALLBACK}:
    classification: [house]
"""

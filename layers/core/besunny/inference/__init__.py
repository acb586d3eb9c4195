"""The AI services: contracts, and each service as a pure function over an engine."""

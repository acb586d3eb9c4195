"""Alerts: rules as data, and a chain of small stages: evaluate, step the life, store, notify."""

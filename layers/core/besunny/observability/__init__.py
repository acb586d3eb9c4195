"""Logs, metrics and the psutil probe that every function carries."""

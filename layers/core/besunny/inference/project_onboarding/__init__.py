"""The profile of a new project."""

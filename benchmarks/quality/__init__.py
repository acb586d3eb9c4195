"""A module a task; each has `rows(bench)`, which measures and returns its rows of the table."""

"""Workflows: what may run, when it runs, and what came of it. The ledger is the truth; everything else reads it."""

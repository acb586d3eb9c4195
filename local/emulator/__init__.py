"""The AWS emulator of the laptop stack: ministack, with what differs from AWS repaired (`local/repairs`).

Runs as `python -m local.emulator` inside a venv of its own, which holds ministack and nothing of this project: so
nothing here imports beyond the standard library and ministack, and nothing outside imports more of it than `settings`.
"""

"""Thresholds learned from a series: a streaming detector, and what it keeps."""

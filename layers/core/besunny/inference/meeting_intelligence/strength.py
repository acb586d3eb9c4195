"""Evidence weighed: points for and against, brought to a confidence."""

import math


def confidence(points: float) -> float:
    """Points of evidence as a probability: 0 points are even odds, 2 points are 0.88."""
    return round(1 / (1 + math.exp(-points)), 3)

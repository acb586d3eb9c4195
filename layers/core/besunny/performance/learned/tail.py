"""How rare a value is above all that a stream has shown: its greatest values, and a Pareto tail beyond them.

Peaks over threshold as in Siffer et al., Anomaly Detection in Streams with Extreme Value Theory (KDD 2017), the tail's
shape by the method of moments.
"""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass, field

_KEPT = 32
_SHARE = 0.05  # the tail is the greatest 5% of what was seen, of long streams the greatest 32 values
_FEWEST = 30
_FEWEST_PEAKS = 5
_HEAVIEST = 0.5  # shape of the heaviest tail: beyond it the variance that the estimate stands on is infinite


@dataclass
class Tail:
    """The upper tail of a stream.

    Attributes:
        count: values seen.
        peaks: the greatest of them, ascending, to six digits.
    """

    count: int = 0
    peaks: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        """Learn a value."""
        self.count += 1
        room = min(_KEPT, max(_FEWEST_PEAKS, int(self.count * _SHARE)))
        if len(self.peaks) >= room:
            if value <= self.peaks[0]:
                return
            self.peaks.pop(0)
        insort(self.peaks, float(f"{value:.6g}"))

    def evidence(self, value: float) -> float:
        """-log10 of the probability to see `value` or more: 0 where it is not rare, or where too little was seen."""
        if self.count < _FEWEST or value <= self.peaks[0]:
            return 0.0
        share, shape, scale = self._fit()
        excess = (value - self.peaks[0]) / scale
        rarity = excess if shape == 0 else math.log1p(shape * excess) / shape
        return max(0.0, rarity / math.log(10) - math.log10(share))

    def bound(self, evidence: float) -> float | None:
        """The value of that evidence; None where too little was seen."""
        if self.count < _FEWEST:
            return None
        share, shape, scale = self._fit()
        rarity = max(0.0, (evidence + math.log10(share)) * math.log(10))
        excess = rarity if shape == 0 else math.expm1(shape * rarity) / shape
        return self.peaks[0] + scale * excess

    def _fit(self) -> tuple[float, float, float]:
        """Share of the values that are peaks, shape and scale of the Pareto tail over the least of them."""
        least, number = self.peaks[0], len(self.peaks) - 1
        mean = sum(self.peaks[1:]) / number - least
        if mean <= 0:  # as good as constant: whatever is clearly above is new
            return len(self.peaks) / self.count, 0.0, max(abs(least) * 1e-3, 1e-9)
        variance = sum((peak - least - mean) ** 2 for peak in self.peaks[1:]) / number
        shape = 0.5 * (1 - mean * mean / variance) if variance > 0 else 0.0
        shape = min(shape, _HEAVIEST) if shape > 1e-6 else 0.0
        return len(self.peaks) / self.count, shape, mean * (1 - shape)

"""Which meetings of QMSum must stay together, and the two halves of its `train` part that stand in for each other."""

import numpy as np


def kind(name):
    """AMI, ICSI or a committee."""
    return {"ES": "ami", "IS": "ami", "TS": "ami", "ed": "committee", "co": "committee"}.get(name[:2], "icsi")


def group(name):
    """Meetings that must stay together: those of one AMI team."""
    return name[:-1] if kind(name) == "ami" else name


def half(names):
    """Of all these meetings the one half; the other are those left over."""
    groups = np.random.default_rng(0).permutation(sorted({group(name) for name in names})).tolist()
    chosen = set(groups[::2])
    return {name for name in names if group(name) in chosen}

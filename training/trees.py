"""LightGBM's trees as the arrays that `besunny.inference.boosted_trees` computes with."""

import numpy as np


def arrays(booster, name):
    """The trees of a trained booster, by the names that `BoostedTrees.load` reads."""
    feature, threshold, left, right, roots = [], [], [], [], []
    deepest = 0

    def add(node, depth):
        nonlocal deepest
        deepest = max(deepest, depth)
        at = len(feature)
        feature.append(node.get("split_feature", -1))
        threshold.append(node["threshold"] if "threshold" in node else node["leaf_value"])
        left.append(at)
        right.append(at)
        if "threshold" in node:
            assert node["decision_type"] == "<=", node["decision_type"]
            left[at] = add(node["left_child"], depth + 1)
            right[at] = add(node["right_child"], depth + 1)
        return at

    for tree in booster.dump_model()["tree_info"]:
        roots.append(add(tree["tree_structure"], 0))
    return {
        f"{name}.feature": np.array(feature, dtype=np.int16),
        f"{name}.threshold": np.array(threshold, dtype=np.float32),
        f"{name}.left": np.array(left, dtype=np.int32),
        f"{name}.right": np.array(right, dtype=np.int32),
        f"{name}.roots": np.array(roots, dtype=np.int32),
        f"{name}.depth": np.array(deepest, dtype=np.int32),
    }

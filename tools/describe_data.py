"""Writes cae/data/figures.json: what the page Data tells of MNIST and Fashion-MNIST where they are not on the machine.

Run it where they are: python tools/describe_data.py
"""

import json

import numpy as np

from cae.data.mnist import FASHION_MNIST, MNIST
from cae.data.statistics import FIGURES, describe


def text() -> str:
    """The file's content."""
    found = {}
    for source in (MNIST, FASHION_MNIST):
        data = source.dataset
        figures = describe(data.x_train, data.y_train)
        found[source.name] = {
            "classes": data.classes,
            "counts": figures.counts.tolist(),
            "test_counts": np.bincount(data.y_test, minlength=10).tolist(),
            "histogram": figures.histogram.tolist(),
        }
    return json.dumps(found) + "\n"


if __name__ == "__main__":
    FIGURES.write_text(text())

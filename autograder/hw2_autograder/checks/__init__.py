"""The handout's table: its sections, their points, and the checks that each has to pass."""
import functools
import zlib
from collections import namedtuple

import numpy as np

from . import cnn, conv1d, layers, multiple_choice, scanning_mlp

Section = namedtuple("Section", "number title points checks")

SECTIONS = [
    Section("2", "Multiple choice", 5, [multiple_choice.Letters]),
    Section("3.1.1", "Conv1D forward", 20,
            [conv1d.ConvAttributes, conv1d.ConvForward]),
    Section("3.1.2", "Conv1D backward", 40, [conv1d.ConvBackward]),
    Section("3.2", "Flatten and homework 1's layers", 0,
            [layers.FlattenLayer, layers.LinearLayer, layers.Activations, layers.Loss]),
    Section("3.3", "CNN as a simple scanning MLP", 10, [scanning_mlp.SimpleScan]),
    Section("3.4", "CNN as a distributed scanning MLP", 10, [scanning_mlp.DistributedScan]),
    Section("3.5", "Build a CNN model", 15, [cnn.CNNAttributes, cnn.CNNPasses]),
]


def choose(numbers):
    """Return the sections of these numbers; "3.1" stands for 3.1.1 and 3.1.2, none for all.

    Raises
    ------
    ValueError
        If a number has no section.
    """
    parts = {number: [s for s in SECTIONS if (s.number + ".").startswith(number + ".")]
             for number in numbers}
    for number, sections in parts.items():
        if not sections:
            raise ValueError("there is no section %s: choose from %s" % (
                number, ", ".join(s.number for s in SECTIONS)))
    return [s for s in SECTIONS if not numbers or any(s in part for part in parts.values())]


@functools.lru_cache(maxsize=None)
def draw(check, seed):
    """Return the cases of a check, the same for the same seed in every process."""
    return list(check.cases(np.random.default_rng([seed, zlib.crc32(check.__name__.encode())])))

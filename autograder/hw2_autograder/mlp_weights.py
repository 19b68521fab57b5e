"""Weights of the MLPs of sections 3.3 and 3.4: fresh ones, and the sample in data/."""
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent / "data"


def simple_weights(rng):
    """Return three (in, out) matrices of an MLP on 8 vectors of 24, with no structure."""
    shapes = (192, 8), (8, 16), (16, 4)
    return [rng.standard_normal(shape) / shape[0] ** 0.5 for shape in shapes]


def distributed_weights(rng, absent=0.0):
    """Return matrices of the same shapes with the shared neurons of Figure 3.

    Parameters
    ----------
    absent : float
        What stands where Figure 3 has no connection.
    """
    matrices = []
    for shape, times in ((48, 2), 4), ((4, 8), 2), ((16, 4), 1):
        block = rng.standard_normal(shape) / shape[0] ** 0.5
        blocks = np.kron(np.eye(times), block)  # along the diagonal
        matrices.append(np.where(np.kron(np.eye(times), np.ones(shape)), blocks, absent))
    return matrices

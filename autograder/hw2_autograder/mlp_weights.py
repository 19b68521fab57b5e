"""Weights of the MLPs of sections 3.3 and 3.4: fresh ones, and the sample in data/.

This writes data/ again: python3 autograder/hw2_autograder/mlp_weights.py
"""
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent / "data"


def simple_weights(rng):
    """Three (in, out) matrices of an MLP on 8 vectors of 24, with no structure."""
    shapes = (192, 8), (8, 16), (16, 4)
    return [rng.standard_normal(shape) / shape[0] ** 0.5 for shape in shapes]


def distributed_weights(rng, absent=0.0):
    """Matrices of the same shapes with the shared neurons of Figure 3.

    Parameters
    ----------
    absent : float
        What stands where Figure 3 has no connection.
    """
    pair = rng.standard_normal((48, 2)) / 48 ** 0.5
    group = rng.standard_normal((4, 8)) / 4 ** 0.5
    top = rng.standard_normal((16, 4)) / 16 ** 0.5
    return [repeat(pair, 4, absent), repeat(group, 2, absent), top]


def repeat(block, times, absent):
    """The block `times` times along the diagonal."""
    rows, columns = block.shape
    matrix = np.full((times * rows, times * columns), absent)
    for i in range(times):
        matrix[i * rows:(i + 1) * rows, i * columns:(i + 1) * columns] = block
    return matrix


def main():
    rng = np.random.default_rng(11785)
    DATA.mkdir(exist_ok=True)
    np.save(DATA / "input.npy", rng.standard_normal((128, 24)))
    np.savez(DATA / "simple_weights.npz", *simple_weights(rng))
    np.savez(DATA / "distributed_weights.npz", *distributed_weights(rng))


if __name__ == "__main__":
    main()

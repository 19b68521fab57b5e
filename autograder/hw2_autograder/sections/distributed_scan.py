"""Section 3.4: CNN_DistributedScanningMLP in hw2/mlp_scan.py."""
import dataclasses

import numpy as np

from ..check import Section
from ..results import is_array
from .shared.scanner import NAMES, Scan

BLOCKS = {"conv1": (48, 2), "conv2": (4, 8), "conv3": (16, 4)}  # of distinct weights
COPIES = {"conv1": 4, "conv2": 2, "conv3": 1}  # of the block, along the matrix's diagonal


def draw_weights(rng, absent=0.0):
    """Return (in, out) matrices of an MLP with the shared neurons of Figure 3.

    Parameters
    ----------
    absent : float
        What stands where Figure 3 has no connection.
    """
    matrices = []
    for name in NAMES:
        shape = BLOCKS[name]
        diagonal = np.eye(COPIES[name])
        block = rng.standard_normal(shape) / shape[0] ** 0.5
        connected = np.kron(diagonal, np.ones(shape))
        matrices.append(np.where(connected, np.kron(diagonal, block), absent))
    return matrices


class DistributedScan(Scan):
    """CNN_DistributedScanningMLP gives what Figure 3's MLP gives on every window."""

    network = "CNN_DistributedScanningMLP"
    sizes = {"conv1": (24, 2, 2, 2), "conv2": (2, 8, 2, 2), "conv3": (8, 4, 2, 1)}
    widths = (64, 32)

    def cases(self, rng):
        def with_zeros():
            return draw_weights(rng, 0.0)

        def with_nan():
            return draw_weights(rng, np.nan)

        def integers():
            return [np.rint(3 * W).astype(int) for W in draw_weights(rng)]

        return self.scan_cases(rng, "distributed_weights.npz", {
            "float with 0 for absent connections": with_zeros,
            "float with NaN for absent connections": with_nan,
            "integer with 0 for absent connections": integers})

    def expected(self, torch, case):
        results = {}
        for name in NAMES:
            channel, out, kernel, _ = self.sizes[name]
            results["shape of %s.W" % name] = np.array([out, channel, kernel])
        return {**results, **super().expected(torch, case)}

    def mistakes(self, torch, case):
        yield from super().mistakes(torch, case)
        integers = case.weights[0].dtype.kind == "i"  # which W /= 4 cannot divide
        for name in "conv1", "conv2":
            right = self.right_weights(case, name)
            words = "with the weights of %s divided by %d: they are shared, not averaged"
            mistake = self._arrangement(words % (name, COPIES[name]), {name: right / COPIES[name]})
            yield dataclasses.replace(mistake, raises=integers)

    def problem(self, name, expected, got):
        problem = super().problem(name, expected, got)
        if problem and name.startswith("shape of conv"):
            conv = name.split()[-1][:5]
            if is_array(got) and sorted(got) == sorted(expected):
                return "%s.W has its axes in another order: they are (out_channel, in_channel," \
                    " kernel_size)" % conv
            return "%s has the wrong size. In Figure 3, how many different neurons does layer %s" \
                " have, and how many neighbors below does each see?" % (conv, conv[-1])
        return problem


SECTION = Section("3.4", "CNN as a distributed scanning MLP", 10, [DistributedScan()])

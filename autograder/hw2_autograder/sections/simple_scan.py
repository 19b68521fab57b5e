"""Section 3.3: CNN_SimpleScanningMLP in hw2/mlp_scan.py."""
from ..check import Section
from .shared.scanner import Scan

SHAPES = [(192, 8), (8, 16), (16, 4)]  # of the MLP's matrices, (in, out)


class SimpleScan(Scan):
    """CNN_SimpleScanningMLP gives what the MLP gives on every window of 8 vectors, stride 4."""

    network = "CNN_SimpleScanningMLP"
    sizes = {"conv1": (24, 8, 8, 4), "conv2": (8, 16, 1, 1), "conv3": (16, 4, 1, 1)}
    widths = (31, 31)

    def cases(self, rng):
        def floats():
            return [rng.standard_normal(shape) / shape[0] ** 0.5 for shape in SHAPES]

        def integers():
            return [rng.choice([-1, 1], shape) for shape in SHAPES]

        return self.scan_cases(rng, "simple_weights.npz", {"float": floats, "integer": integers})


SECTION = Section("3.3", "CNN as a simple scanning MLP", 10, [SimpleScan()])

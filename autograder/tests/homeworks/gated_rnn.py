"""A homework on RNNs: a gated cell unrolled over time, with backpropagation through time."""
import os
import sys

import numpy as np

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from mytorch import Linear
from mytorch.activation import Sigmoid, Tanh
from mytorch.loss import SoftmaxCrossEntropy

LR, STEPS = 0.3, 60


class GatedCell:
    """z = sigmoid([x, h] @ Wz), n = tanh([x, h] @ Wn), h' = (1 - z) * h + z * n."""

    def __init__(self, Wz, Wn):
        self.Wz, self.Wn = Wz, Wn
        self.tanh = Tanh()  # one for all time steps

    def forward(self, xs, h):
        self.steps = []
        for x in xs:
            gate, xh = Sigmoid(), np.hstack([x, h])
            z, n = gate(xh @ self.Wz), self.tanh(xh @ self.Wn)
            self.steps.append((gate, xh, h, z, n))
            h = (1 - z) * h + z * n
        return h

    def backward(self, dh):
        self.dWz, self.dWn = np.zeros_like(self.Wz), np.zeros_like(self.Wn)
        for gate, xh, h, z, n in reversed(self.steps):
            da = gate.backward(dh * (n - h))
            dc = dh * z * self.tanh.derivative(n)
            self.dWz += xh.T @ da
            self.dWn += xh.T @ dc
            dxh = da @ self.Wz.T + dc @ self.Wn.T
            dh = dh * (1 - z) + dxh[:, -h.shape[1]:]


def main(folder):
    given = np.load(os.path.join(folder, "given.npz"))
    xs, y = given["xs"], given["y"]
    cell, criterion, losses = GatedCell(given["Wz"], given["Wn"]), SoftmaxCrossEntropy(), []
    hidden = cell.Wn.shape[1]
    readout = Linear(hidden, y.shape[1], lambda *_: given["Wo"], np.zeros)
    for _ in range(STEPS):
        h = cell.forward(xs, np.zeros((len(y), hidden)))
        losses.append(criterion(readout(h), y).mean())
        cell.backward(readout.backward(criterion.derivative()))
        cell.Wz = cell.Wz - LR * cell.dWz / len(y)
        cell.Wn = cell.Wn - LR * cell.dWn / len(y)
        readout.W = readout.W - LR * readout.dW
        readout.b = readout.b - LR * readout.db
    np.savez(os.path.join(folder, "result.npz"), losses=losses, Wz=cell.Wz, Wn=cell.Wn,
             Wo=readout.W, bo=readout.b)


if __name__ == "__main__":
    main(sys.argv[1])

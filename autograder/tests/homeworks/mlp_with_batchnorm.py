"""A homework on MLPs: batch norm after the first layer, SGD with momentum, train and eval."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mytorch"))

from activation import *
from batchnorm import *
from linear import *
from loss import *

LR, MOMENTUM, STEPS, BATCH = 0.05, 0.9, 120, 16


class MLP:
    def __init__(self, given):
        self.linear = [Linear(W.shape[0], W.shape[1], lambda *_, W=W: W.copy(),
                              lambda n: np.zeros((1, n))) for W in (given["W0"], given["W1"])]
        self.norm = BatchNorm(self.linear[0].W.shape[1], alpha=0.8)
        self.activation = Sigmoid()
        self.criterion = SoftmaxCrossEntropy()
        self.train_mode = True

    def forward(self, x):
        z = self.norm(self.linear[0](x), eval=not self.train_mode)
        return self.linear[1](self.activation(z))

    def backward(self):
        delta = self.linear[1].backward(self.criterion.derivative())
        delta = delta * self.activation.derivative()
        return self.linear[0].backward(self.norm.backward(delta))

    def step(self):
        for layer in self.linear:
            layer.momentum_W = MOMENTUM * layer.momentum_W - LR * layer.dW
            layer.momentum_b = MOMENTUM * layer.momentum_b - LR * layer.db
            layer.W = layer.W + layer.momentum_W
            layer.b = layer.b + layer.momentum_b
        self.norm.gamma = self.norm.gamma - LR * self.norm.dgamma / BATCH
        self.norm.beta = self.norm.beta - LR * self.norm.dbeta / BATCH


def main(folder):
    given = np.load(os.path.join(folder, "given.npz"))
    x, y = given["x"], given["y"]
    network, losses = MLP(given), []
    for i in range(STEPS):
        batch = np.arange(i * BATCH, (i + 1) * BATCH) % len(x)
        losses.append(network.criterion(network.forward(x[batch]), y[batch]).mean())
        network.backward()
        network.step()
    network.train_mode = False
    np.savez(os.path.join(folder, "result.npz"), losses=losses, evaluated=network.forward(x),
             W0=network.linear[0].W, b1=network.linear[1].b, gamma=network.norm.gamma,
             running_var=network.norm.running_var)


if __name__ == "__main__":
    main(sys.argv[1])

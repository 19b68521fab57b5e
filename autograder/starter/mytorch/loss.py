"""Copy your file from homework 1 over this one."""
import os

import numpy as np


class Criterion:
    """Base class: `forward` keeps the logits, the labels and the loss."""

    def __init__(self):
        self.logits = None
        self.labels = None
        self.loss = None

    def __call__(self, x, y):
        return self.forward(x, y)

    def forward(self, x, y):
        raise NotImplementedError

    def derivative(self):
        raise NotImplementedError


class SoftmaxCrossEntropy(Criterion):
    def forward(self, x, y):
        """Return the loss of each sample, (batch_size,), of logits x and one-hot labels y."""
        raise NotImplementedError

    def derivative(self):
        """Return the derivative of the loss with respect to the logits, not averaged."""
        raise NotImplementedError

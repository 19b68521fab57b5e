"""Section 3.5: a CNN."""
import os
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mytorch"))
from activation import *
from conv import *
from linear import *
from loss import *


class CNN:
    """Convolutions, each followed by its activation, then Flatten and Linear.

    Parameters
    ----------
    input_width, num_input_channels : int
        Of the input, (batch_size, num_input_channels, input_width).
    num_channels, kernel_sizes, strides : list of int
        Of each convolution.
    num_linear_neurons : int
        Of the linear layer.
    activations : list of Activation
        One for each convolution.
    conv_weight_init_fn, bias_init_fn, linear_weight_init_fn : callable
        As Conv1D and Linear take them; bias_init_fn is for both.
    criterion : Criterion
    lr : float
        Learning rate.
    """

    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        # Given: do not change these.
        self.train_mode = True
        self.nlayers = len(num_channels)
        self.activations = activations
        self.criterion = criterion
        self.lr = lr

        # Make self.convolutional_layers (a list of Conv1D), self.flatten and self.linear_layer.
        raise NotImplementedError

    def forward(self, x):
        """Return the logits, (batch_size, num_linear_neurons), and keep them as self.output."""
        raise NotImplementedError

    def backward(self, labels):
        """Set each layer's dW and db; return the loss's derivative with respect to the input.

        labels are one-hot, (batch_size, num_linear_neurons). The given lines need self.output.
        """
        m, _ = labels.shape
        self.loss = self.criterion(self.output, labels).sum()
        grad = self.criterion.derivative()

        raise NotImplementedError

    def zero_grads(self):
        """Given: needs dW and db in every layer."""
        for layer in self.convolutional_layers:
            layer.dW.fill(0.0)
            layer.db.fill(0.0)
        self.linear_layer.dW.fill(0.0)
        self.linear_layer.db.fill(0.0)

    def step(self):
        """Given: descends by lr times each layer's dW and db, as `backward` left them."""
        for layer in self.convolutional_layers:
            layer.W = layer.W - self.lr * layer.dW
            layer.b = layer.b - self.lr * layer.db
        self.linear_layer.W = self.linear_layer.W - self.lr * self.linear_layer.dW
        self.linear_layer.b = self.linear_layer.b - self.lr * self.linear_layer.db

    def __call__(self, x):
        return self.forward(x)

    def train(self):
        """Given: switches to training."""
        self.train_mode = True

    def eval(self):
        """Given: switches to evaluation."""
        self.train_mode = False

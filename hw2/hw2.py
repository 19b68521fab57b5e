"""A CNN classifier: convolutions with their activations, then one linear layer."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mytorch"))

import numpy as np

from activation import ReLU, Sigmoid, Tanh
from conv import Conv1D, Flatten
from linear import Linear
from loss import SoftmaxCrossEntropy


class CNN:
    """Convolutions, each followed by its activation, then Flatten and Linear.

    Parameters
    ----------
    input_width, num_input_channels : int
        Shape of one sample: (num_input_channels, input_width).
    num_channels, kernel_sizes, strides : list of int
        One for each convolution.
    num_linear_neurons : int
        Number of logits.
    activations : list of Activation
        One for each convolution.
    conv_weight_init_fn, bias_init_fn, linear_weight_init_fn : callable or None
        As Conv1D and Linear take them; bias_init_fn serves both.
    criterion : Criterion
    lr : float
        Learning rate.

    Attributes
    ----------
    convolutional_layers, activations : list
        Of length ``nlayers``.
    flatten : Flatten
    linear_layer : Linear
    train_mode : bool
    output : ndarray of shape (batch, num_linear_neurons)
        Logits of the last forward pass.
    loss : float
        Loss of the last backward pass, summed over the batch.

    Raises
    ------
    ValueError
        If the lists differ in length, the input is too narrow for the kernels, x has the wrong
        shape, or backward is called before forward.

    Examples
    --------
    >>> cnn = CNN(5, 1, [2], [3], [2], 4, [ReLU()], None, None, None, SoftmaxCrossEntropy(), 0.1)
    >>> cnn(np.ones((6, 1, 5))).shape
    (6, 4)
    """

    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        self.train_mode = True
        self.nlayers = len(num_channels)
        self.activations = activations
        self.criterion = criterion
        self.lr = lr
        self.output = self.loss = None

        lengths = [len(a) for a in (num_channels, kernel_sizes, strides, activations)]
        if len(set(lengths)) > 1:
            raise ValueError("expected num_channels, kernel_sizes, strides and activations of "
                             "one length, got %s" % lengths)
        self.convolutional_layers = []
        channel, width = self.input_shape = num_input_channels, input_width
        for out, kernel, stride in zip(num_channels, kernel_sizes, strides):
            conv = Conv1D(channel, out, kernel, stride, conv_weight_init_fn, bias_init_fn)
            channel, width = conv.out_channel, (width - conv.kernel_size) // conv.stride + 1
            self.convolutional_layers.append(conv)
        if width < 1:
            raise ValueError("expected input_width to fit all kernels, got %r" % (input_width,))
        self.flatten = Flatten()
        self.linear_layer = Linear(channel * width, num_linear_neurons,
                                   linear_weight_init_fn, bias_init_fn)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return the logits, (batch, num_linear_neurons), and keep them as ``output``."""
        x = np.asarray(x)
        if x.shape[1:] != self.input_shape:
            raise ValueError("expected x of shape (batch, %s, %s), got %s"
                             % (self.input_shape + (x.shape,)))
        for conv, activation in zip(self.convolutional_layers, self.activations):
            x = activation(conv(x))
        output = self.linear_layer(self.flatten(x))
        self.output = output
        return output

    def backward(self, labels):
        """Set ``loss`` and every layer's dW and db, and return dL/dx, of x's shape.

        The criterion takes the labels. Its derivative is of the loss L summed over the
        batch, and passes back through each layer in turn; the linear layer averages its dW and db
        over the batch, the convolutions sum theirs.
        """
        if self.output is None:
            raise ValueError("expected forward(x) before backward(labels)")
        self.loss = self.criterion(self.output, labels).sum()
        delta = self.linear_layer.backward(self.criterion.derivative())
        delta = self.flatten.backward(delta)
        for conv, activation in zip(self.convolutional_layers[::-1], self.activations[::-1]):
            delta = conv.backward(activation.backward(delta))
        return delta

    def zero_grads(self):
        """Fill dW and db with zeros in every layer: convolutional_layers and linear_layer."""
        for layer in self.convolutional_layers + [self.linear_layer]:
            layer.dW.fill(0.0)
            layer.db.fill(0.0)

    def step(self):
        """Subtract lr * dW and lr * db in every layer.

        The gradients are as ``backward`` leaves them: the linear layer's averaged over the batch,
        the convolutions' summed. So the linear layer minimizes the mean loss at learning rate lr,
        and the convolutions at lr times the batch size: a larger batch needs a smaller lr.
        """
        for layer in self.convolutional_layers + [self.linear_layer]:
            layer.W = layer.W - self.lr * layer.dW
            layer.b = layer.b - self.lr * layer.db

    def train(self):
        """Switch to training mode: set ``train_mode``. No layer here depends on it."""
        self.train_mode = True

    def eval(self):
        """Switch to evaluation mode: unset ``train_mode``."""
        self.train_mode = False


def figure_4_cnn(conv_weight_init_fn=None, bias_init_fn=None, linear_weight_init_fn=None,
                 lr=0.01):
    """Return the CNN of the handout's Figure 4, from (batch, 24, 128) to 10 logits.

    The init functions are as Conv1D and Linear take them; the criterion is softmax cross-entropy.
    """
    return CNN(128, 24, [56, 28, 14], [5, 6, 2], [1, 2, 2], 10, [Tanh(), ReLU(), Sigmoid()],
               conv_weight_init_fn, bias_init_fn, linear_weight_init_fn,
               SoftmaxCrossEntropy(), lr)

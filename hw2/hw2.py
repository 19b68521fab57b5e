"""A CNN classifier: convolutions with their activations, then one linear layer."""
import numbers
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
        Of each convolution.
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
        Summed over the batch, of the last backward pass.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or size, the lists differ in length, or the input
        is too narrow for a layer.
    """

    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        lists = {"num_channels": num_channels, "kernel_sizes": kernel_sizes, "strides": strides,
                 "activations": activations}
        _check_lists(lists)
        _check_sizes(input_width=input_width, num_input_channels=num_input_channels,
                     num_linear_neurons=num_linear_neurons,
                     **{"%s[%d]" % (name, i): size for name in list(lists)[:3]
                        for i, size in enumerate(lists[name])})
        for i, activation in enumerate(activations):
            _check_has("activations[%d]" % i, activation, "an activation", "backward")
        _check_has("criterion", criterion, "a criterion", "derivative")
        if isinstance(lr, bool) or not isinstance(lr, numbers.Real):
            raise TypeError("CNN expected lr to be a number, got %r" % (lr,))
        if not 0 <= lr < float("inf"):
            raise ValueError("CNN expected lr to be finite and not negative, got %r" % (lr,))

        self.train_mode = True
        self.nlayers = len(num_channels)
        self.input_shape = int(num_input_channels), int(input_width)
        self.activations = list(activations)
        self.criterion = criterion
        self.lr = float(lr)
        self.output = self.loss = None
        self.batch_size = 0

        self.convolutional_layers = []
        channel, width = num_input_channels, input_width
        for i in range(self.nlayers):
            conv = Conv1D(channel, num_channels[i], kernel_sizes[i], strides[i],
                          conv_weight_init_fn, bias_init_fn)
            if width < conv.kernel_size:
                raise ValueError("CNN expected width %d or more at convolution %d, its kernel's,"
                                 " got %d: input_width %d is too small"
                                 % (conv.kernel_size, i + 1, width, input_width))
            channel, width = conv.out_channel, (width - conv.kernel_size) // conv.stride + 1
            self.convolutional_layers.append(conv)
        self.flatten = Flatten()
        self.linear_layer = Linear(channel * width, num_linear_neurons,
                                   linear_weight_init_fn, bias_init_fn)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return the logits.

        Parameters
        ----------
        x : ndarray of shape (batch, num_input_channels, input_width)

        Returns
        -------
        ndarray of shape (batch, num_linear_neurons)

        Raises
        ------
        TypeError, ValueError
            If x is not a real array of that shape.
        """
        if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu":
            raise TypeError("CNN expected x to be an array of real numbers, got %s"
                            % getattr(x, "dtype", type(x).__name__))
        if x.ndim != 3 or x.shape[1:] != self.input_shape:
            raise ValueError("CNN expected x of shape (batch, %d, %d), got %s"
                             % (self.input_shape + (x.shape,)))
        for conv, activation in zip(self.convolutional_layers, self.activations):
            x = activation(conv(x))
        self.output = self.linear_layer(self.flatten(x))
        return self.output

    def backward(self, labels):
        """Set ``loss``, and every layer's dW and db.

        The criterion's derivative is of the loss summed over the batch. It passes back through
        each layer in turn; the linear layer averages its dW and db over the batch, the
        convolutions sum theirs.

        Parameters
        ----------
        labels : ndarray of shape (batch, num_linear_neurons)
            As the criterion takes them.

        Returns
        -------
        ndarray of shape (batch, num_input_channels, input_width)
            Derivative of the summed loss with respect to the input.

        Raises
        ------
        TypeError, ValueError
            If forward has not run, or labels do not fit its result.
        """
        if self.output is None:
            raise ValueError("CNN expected forward(x) before backward(labels)")
        self.loss = self.criterion(self.output, labels).sum()
        self.batch_size = len(self.output)
        delta = self.linear_layer.backward(self.criterion.derivative())
        delta = self.flatten.backward(delta)
        for conv, activation in zip(self.convolutional_layers[::-1], self.activations[::-1]):
            delta = conv.backward(activation.backward(delta))
        return delta

    def zero_grads(self):
        """Set every layer's dW and db to zero."""
        for layer in self.convolutional_layers + [self.linear_layer]:
            layer.dW = np.zeros_like(layer.dW)
            layer.db = np.zeros_like(layer.db)

    def step(self):
        """Take one step of gradient descent on the mean loss over the batch.

        The linear layer's gradients are averaged already, the convolutions' are not: theirs
        are divided by the batch size here.
        """
        for conv in self.convolutional_layers:
            _descend(conv, self.lr / max(self.batch_size, 1))
        _descend(self.linear_layer, self.lr)

    def train(self):
        """Switch to training mode."""
        self.train_mode = True

    def eval(self):
        """Switch to evaluation mode."""
        self.train_mode = False


def figure_4_cnn(conv_weight_init_fn=None, bias_init_fn=None, linear_weight_init_fn=None,
                 lr=0.01):
    """Build the model of the handout's Figure 4, for input of shape (batch, 24, 128).

    Parameters
    ----------
    conv_weight_init_fn, bias_init_fn, linear_weight_init_fn : callable, optional
        As for CNN.
    lr : float

    Returns
    -------
    CNN
        With 10 logits and softmax cross-entropy.
    """
    return CNN(128, 24, [56, 28, 14], [5, 6, 2], [1, 2, 2], 10, [Tanh(), ReLU(), Sigmoid()],
               conv_weight_init_fn, bias_init_fn, linear_weight_init_fn,
               SoftmaxCrossEntropy(), lr)


def _descend(layer, lr):
    layer.W = layer.W - lr * layer.dW
    layer.b = layer.b - lr * layer.db


def _check_lists(lists):
    for name, values in lists.items():
        if not isinstance(values, (list, tuple)):
            raise TypeError("CNN expected %s to be a list, got %r" % (name, values))
    if len({len(values) for values in lists.values()}) > 1:
        raise ValueError("CNN expected lists of one length, got %s" % ", ".join(
            "%d %s" % (len(values), name) for name, values in lists.items()))


def _check_sizes(**sizes):
    for name, size in sizes.items():
        if not isinstance(size, numbers.Integral) or isinstance(size, bool):
            raise TypeError("CNN expected %s to be an integer, got %r" % (name, size))
        if size < 1:
            raise ValueError("CNN expected %s to be positive, got %d" % (name, size))


def _check_has(name, value, what, method):
    if isinstance(value, type) or not hasattr(value, method):
        raise TypeError("CNN expected %s to be %s, got %r" % (name, what, value))

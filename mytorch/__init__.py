"""MyTorch: the layers of a small deep-learning library, in NumPy.

Each layer is called on arrays, keeps what its backward pass needs, and then takes the derivative
of the loss with respect to its output and returns the one with respect to its input.
"""
from .activation import Activation, Identity, ReLU, Sigmoid, Tanh
from .batchnorm import BatchNorm
from .conv import Conv1D, Flatten
from .linear import Linear
from .loss import Criterion, SoftmaxCrossEntropy

__all__ = ["Activation", "BatchNorm", "Conv1D", "Criterion", "Flatten", "Identity", "Linear",
           "ReLU", "Sigmoid", "SoftmaxCrossEntropy", "Tanh"]

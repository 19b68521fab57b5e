"""MyTorch: the layers of a small deep-learning library, in NumPy."""
from .activation import Activation, Identity, ReLU, Sigmoid, Tanh
from .batchnorm import BatchNorm
from .conv import Conv1D, Flatten
from .linear import Linear
from .loss import Criterion, SoftmaxCrossEntropy

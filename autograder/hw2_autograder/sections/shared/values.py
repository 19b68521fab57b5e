"""Numbers that sections give to a hand-in, read from it, or hand to torch."""
import numpy as np

ACTIVATIONS = ["Identity", "Sigmoid", "Tanh", "ReLU"]


def wave(*shape):
    """An init function: irregular numbers, so that a wrong shape or order shows."""
    return 5 * np.sin(np.arange(np.prod(shape)) ** 2 + 1.0).reshape(shape)


def vector(value):
    """Return a vector of shape (1, n) as (n,): homework 1 allows both."""
    if isinstance(value, np.ndarray) and value.shape[:-1] == (1,):
        return value[0]
    return value


def number(value):
    """Return an array of one number as that number."""
    if isinstance(value, np.ndarray) and value.size == 1:
        return value.item()
    return value


def zero_gradients(layer):
    """Fill a layer's dW and db with zeros in place, as the given zero_grads does."""
    layer.dW.fill(0.0)
    layer.db.fill(0.0)


def if_changed(name, after, before):
    """Yield (name, after) if an array is not what it was before."""
    if not np.array_equal(after, before):
        yield name, after


def equals(a, b):
    """Return whether two results of a hand-in are the same array."""
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.array_equal(a, b)


def leaf(torch, array):
    """Return an array as a tensor that collects its gradient."""
    return torch.tensor(np.array(array, dtype=np.float64), requires_grad=True)


def activate(torch, name, x):
    """Return torch's activation of this name."""
    return getattr(torch.nn, name)()(x)

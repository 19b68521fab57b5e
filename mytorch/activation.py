"""Element-wise nonlinearities; without them, stacked linear layers are one linear layer."""
import numpy as np


class Activation:
    """Base class of the activations: y = f(x), element by element, for x of any shape.

    A subclass has ``_function(x)``, which is f(x), and ``_slope(y)``, which is f'(x) written in
    terms of y = f(x).

    Attributes
    ----------
    state : ndarray or None
        The last output.

    Raises
    ------
    ValueError
        If backward or derivative() (not Identity's) is called before forward, or delta has the
        wrong shape.

    Examples
    --------
    >>> relu = ReLU()
    >>> relu([-1.0, 2.0])
    array([0., 2.])
    >>> relu.backward([5.0, 5.0])
    array([0., 5.])
    """

    def __init__(self):
        self.state = None

    def __call__(self, x):
        return self.forward(x)

    def __repr__(self):
        return type(self).__name__ + "()"

    def forward(self, x):
        """Return y = f(x), of x's shape, and keep it as ``state``."""
        x = np.asarray(x)
        x = x.astype(np.result_type(x.dtype, np.float32), copy=False)
        y = np.asarray(self._function(x))
        self.state = y
        return y

    def derivative(self, state=None):
        """Return dy/dx at ``state``: the last output, or that of another time step if given."""
        return np.asarray(self._slope(self._output(state)))

    def backward(self, delta):
        """Return dL/dx for delta = dL/dy, both of y's shape: if y = f(x), dL/dx = dL/dy * f'(x)."""
        delta = np.asarray(delta)
        y = self._output()
        if delta.shape != y.shape:
            raise ValueError("expected delta of shape %s, got %s" % (y.shape, delta.shape))
        with np.errstate(under="ignore"):  # far out, the slope is as good as 0
            return np.asarray(delta * self.derivative())

    def _function(self, x):
        raise NotImplementedError("Activation is a base class: use ReLU() or another subclass")

    def _slope(self, y):
        raise NotImplementedError("Activation is a base class: use ReLU() or another subclass")

    def _output(self, state=None):
        if state is None:
            state = self.state
        if state is None:
            raise ValueError("expected forward(x) before derivative() and backward(delta)")
        return np.asarray(state)


class Identity(Activation):
    """y = x, so dy/dx = 1."""

    def _function(self, x):
        return x

    def derivative(self, state=None):
        return 1.0


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)), so dy/dx = y * (1 - y)."""

    def _function(self, x):
        with np.errstate(over="ignore", under="ignore"):  # exp(-x) may be infinite, or 0
            return 1 / (1 + np.exp(-x))

    def _slope(self, y):
        return y * (1 - y)


class Tanh(Activation):
    """y = tanh(x), so dy/dx = 1 - y**2."""

    def _function(self, x):
        return np.tanh(x)

    def _slope(self, y):
        return 1 - y ** 2


class ReLU(Activation):
    """y = max(x, 0), so dy/dx = 1 where y > 0 and 0 elsewhere; 0 at 0 too, as in torch."""

    def _function(self, x):
        return np.maximum(x, 0)

    def _slope(self, y):
        return (y > 0).astype(y.dtype)

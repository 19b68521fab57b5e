"""An activation bends each number by itself, so that layers in a row are more than one."""
import numpy as np


class Activation:
    """Base class of the activations: y = f(x), element by element, for x of any shape.

    Attributes
    ----------
    state : ndarray or None
        The last output. Derivatives are written in terms of it, not of the input.

    Raises
    ------
    ValueError
        If a derivative is asked for before forward, or delta is not of the output's shape.

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

    def __repr__(self):
        return type(self).__name__ + "()"

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return y = f(x), of x's shape, and keep it as ``state``."""
        raise NotImplementedError

    def derivative(self):
        """Return dy/dx at ``state``, of its shape, or 1.0 where it is that everywhere."""
        raise NotImplementedError

    def backward(self, delta):
        """Return dL/dx for delta = dL/dy, both of y's shape: if y = f(x), dL/dx = dL/dy * f'(x)."""
        delta, y = np.asarray(delta), self._output()
        if delta.shape != y.shape:
            raise ValueError("%r expected delta of shape %s, got %s" % (self, y.shape, delta.shape))
        return np.asarray(delta * self.derivative())

    def _keep(self, y):
        self.state = np.asarray(y)  # which NumPy's functions do not return for a single number
        return self.state

    def _output(self):
        if self.state is None:
            raise ValueError("%r expected forward(x) first" % self)
        return np.asarray(self.state)


class Identity(Activation):
    """y = x, so dy/dx = 1."""

    def forward(self, x):
        return self._keep(x)

    def derivative(self):
        return 1.0


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)), so dy/dx = y * (1 - y)."""

    def forward(self, x):
        with np.errstate(over="ignore"):  # where exp(-x) is infinite, y is 0: as close as can be
            return self._keep(1 / (1 + np.exp(-_floats(x))))

    def derivative(self):
        y = self._output()
        return np.asarray(y * (1 - y))


class Tanh(Activation):
    """y = tanh(x), so dy/dx = 1 - y**2."""

    def forward(self, x):
        return self._keep(np.tanh(_floats(x)))

    def derivative(self, state=None):
        """Return dy/dx at ``state``: the last output, or that of another time step, if given."""
        y = self._output() if state is None else np.asarray(state)
        return np.asarray(1 - y ** 2)


class ReLU(Activation):
    """y = max(x, 0), so dy/dx = 1 where y > 0 and 0 elsewhere; 0 at 0 too, as in torch."""

    def forward(self, x):
        return self._keep(np.maximum(np.asarray(x), 0))

    def derivative(self):
        y = self._output()
        return np.asarray(~(y <= 0)).astype(y.dtype)  # 1 where y is nan, as in torch


def _floats(x):
    x = np.asarray(x)
    return x.astype(np.result_type(x, np.float32), copy=False)

"""An activation bends each number by itself, so that layers in a row are more than one."""
import numpy as np


class Activation:
    """Base class of the activations: y = f(x), element by element.

    Attributes
    ----------
    state : ndarray or None
        The last output. Derivatives are written in terms of it, not of the input.
    """

    def __init__(self):
        self.state = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return f(x) and remember it as ``state``.

        Parameters
        ----------
        x : ndarray of any shape

        Returns
        -------
        ndarray of x's shape

        Raises
        ------
        TypeError
            If x is not an array of real numbers.
        """
        raise NotImplementedError

    def derivative(self):
        """Return dy/dx at ``state``.

        Returns
        -------
        ndarray of the state's shape, or 1.0 where it is that everywhere

        Raises
        ------
        ValueError
            If forward has not run.
        """
        raise NotImplementedError

    def backward(self, delta):
        """Pass the gradient on: if y = f(x), then dL/dx = dL/dy * f'(x).

        Parameters
        ----------
        delta : ndarray of the state's shape
            dL/dy.

        Returns
        -------
        ndarray of the state's shape
            dL/dx.

        Raises
        ------
        TypeError, ValueError
            If forward has not run, or delta is not a real array shaped like its result.
        """
        self._check_delta(delta)
        with np.errstate(all="ignore"):  # inf and nan pass through quietly, as in torch
            return delta * self.derivative()

    def _check_delta(self, delta):
        self._check_state()
        self._check("delta", delta)
        if delta.shape != self.state.shape:
            raise ValueError("%s expected delta of shape %s, got %s"
                             % (type(self).__name__, self.state.shape, delta.shape))

    def _check_state(self):
        if self.state is None:
            raise ValueError("%s expected forward(x) first" % type(self).__name__)

    def _check(self, name, x):
        if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu":
            got = "dtype %s" % x.dtype if isinstance(x, np.ndarray) else type(x).__name__
            raise TypeError("%s expected %s to be an array of real numbers, got %s"
                            % (type(self).__name__, name, got))


class Identity(Activation):
    """y = x, so dy/dx = 1."""

    def forward(self, x):
        self._check("x", x)
        self.state = x
        return self.state

    def derivative(self):
        return 1.0


class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)), so dy/dx = y * (1 - y)."""

    def forward(self, x):
        self._check("x", x)
        with np.errstate(all="ignore"):  # where exp(-x) is infinite, y is 0: as close as can be
            y = np.exp(np.negative(x, dtype=np.result_type(x, np.float32)))
            y += 1
            self.state = np.divide(1, y, out=y)
        return self.state

    def derivative(self):
        self._check_state()
        with np.errstate(all="ignore"):
            return self.state * (1 - self.state)


class Tanh(Activation):
    """y = tanh(x), so dy/dx = 1 - y**2."""

    def forward(self, x):
        self._check("x", x)
        self.state = np.tanh(x, dtype=np.result_type(x, np.float32))
        return self.state

    def derivative(self, state=None):
        """Return dy/dx at ``state``.

        Parameters
        ----------
        state : ndarray, optional
            The output of another time step, where one Tanh is unrolled over time; the last
            output by default.

        Returns
        -------
        ndarray of the state's shape

        Raises
        ------
        TypeError, ValueError
            If state is not an array of real numbers, or is left out before forward.
        """
        if state is None:
            self._check_state()
            state = self.state
        else:
            self._check("state", state)
        with np.errstate(all="ignore"):
            return 1 - state ** 2


class ReLU(Activation):
    """y = max(x, 0), so dy/dx = 1 where y > 0 and 0 elsewhere; 0 at 0 too, as in torch."""

    def forward(self, x):
        self._check("x", x)
        self.state = np.maximum(x, 0)
        return self.state

    def derivative(self):
        self._check_state()
        with np.errstate(all="ignore"):
            return (~(self.state <= 0)).astype(self.state.dtype)

    def backward(self, delta):
        self._check_delta(delta)
        with np.errstate(all="ignore"):
            on = ~(self.state <= 0)
            dx = delta * on  # several times as fast as np.where, but 0 * inf is nan
            return dx if np.isfinite(dx).all() else np.where(on, delta, 0)

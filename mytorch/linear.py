"""A linear layer weighs every input feature into every output feature and adds a bias."""
import numbers

import numpy as np


class Linear:
    """y = x @ W + b, as ``torch.nn.Linear`` with its weight transposed.

    Parameters
    ----------
    in_feature, out_feature : int
        Sizes of one input and one output vector.
    weight_init_fn : callable, optional
        ``weight_init_fn(in_feature, out_feature)`` returns W; standard normal from
        ``np.random`` by default.
    bias_init_fn : callable, optional
        ``bias_init_fn(out_feature)`` returns b, of shape (out_feature,) or
        (1, out_feature), and b keeps that shape; zeros of shape (out_feature,) by default.

    Attributes
    ----------
    W, dW, momentum_W : ndarray of shape (in_feature, out_feature)
        Weights, their gradient averaged over the batch, and a buffer for an optimizer.
    b, db, momentum_b : ndarray of shape (out_feature,) or (1, out_feature)
        The same for the bias.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive integer or an init function's array does not fit.

    Examples
    --------
    >>> layer = Linear(3, 2, lambda i, o: np.ones((i, o)))
    >>> layer(np.array([[1.0, 2.0, 3.0]]))
    array([[6., 6.]])
    """

    def __init__(self, in_feature, out_feature, weight_init_fn=None, bias_init_fn=None):
        self.in_feature = _size("in_feature", in_feature)
        self.out_feature = _size("out_feature", out_feature)
        shape = self.in_feature, self.out_feature
        self.W = _initial("weight_init_fn", weight_init_fn, np.random.randn, *shape)
        self.b = _initial("bias_init_fn", bias_init_fn, np.zeros, self.out_feature)
        self._check_parameters()
        self.dW, self.db = _zeros(self.W), _zeros(self.b)
        self.momentum_W, self.momentum_b = _zeros(self.W), _zeros(self.b)
        self.x = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Weigh and add up the features of each sample.

        Parameters
        ----------
        x : ndarray of shape (batch, in_feature)
            Kept, not copied, for ``backward``.

        Returns
        -------
        ndarray of shape (batch, out_feature)

        Raises
        ------
        TypeError, ValueError
            If x, W or b is not a real array of its shape.
        """
        _check("x", x, ("batch", self.in_feature))
        self._check_parameters()
        self.x = x
        with np.errstate(all="ignore"):  # inf and nan pass through quietly, as in torch
            y = np.matmul(x, self.W, dtype=np.result_type(x, self.W, np.float32))
            y += self.b
        return y

    def backward(self, delta):
        """Set dW and db, and pass the gradient on.

        If y = x @ W + b, then dL/dx = dL/dy @ W.T, dL/dW = x.T @ dL/dy and dL/db is the sum
        of dL/dy over the batch. Homework 1 averages the last two over the batch, so delta is
        the derivative of the loss *summed* over the batch, and dW and db are of its mean.

        Parameters
        ----------
        delta : ndarray of shape (batch, out_feature)
            dL/dy.

        Returns
        -------
        ndarray of shape (batch, in_feature)
            dL/dx.

        Raises
        ------
        TypeError, ValueError
            If forward has not run, or delta is not a real array shaped like its result.
        """
        if self.x is None:
            raise ValueError("Linear expected forward(x) before backward(delta)")
        batch = len(self.x)
        _check("delta", delta, (batch, self.out_feature))
        self._check_parameters()
        with np.errstate(all="ignore"):
            self.dW = np.matmul(self.x.T, delta) / max(batch, 1)
            self.db = delta.sum(axis=0).reshape(self.b.shape) / max(batch, 1)
            return np.matmul(delta, self.W.T)

    def _check_parameters(self):
        _check("W", self.W, (self.in_feature, self.out_feature))
        _check("b", self.b, (self.out_feature,) if np.ndim(self.b) < 2 else (1, self.out_feature))


def _zeros(parameter):
    return np.zeros(parameter.shape, np.result_type(parameter, np.float32))


def _size(name, value):
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError("Linear expected %s to be an integer, got %r" % (name, value))
    if value < 1:
        raise ValueError("Linear expected %s to be positive, got %d" % (name, value))
    return int(value)


def _initial(name, init_fn, default, *shape):
    if init_fn is None:
        return default(*shape)
    if not callable(init_fn):
        raise TypeError("Linear expected %s to be a function, got %r" % (name, init_fn))
    return init_fn(*shape)


def _check(name, x, shape):
    """Raise unless x is a real array of this shape, where a word stands for any length."""
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu":
        got = "dtype %s" % x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError("Linear expected %s to be an array of real numbers, got %s" % (name, got))
    if x.shape != shape and (len(x.shape) != len(shape) or [
            n for n, m in zip(x.shape, shape) if n != m and m.__class__ is not str]):
        shape = "(%s%s)" % (", ".join(map(str, shape)), "," * (len(shape) == 1))
        raise ValueError("Linear expected %s of shape %s, got %s" % (name, shape, x.shape))

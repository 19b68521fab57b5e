"""A linear layer computes each output as a weighted sum of all inputs, plus a bias."""
import numpy as np


class Linear:
    """y = x @ W + b, as ``torch.nn.Linear`` with its weight transposed.

    Parameters
    ----------
    in_feature, out_feature : int
        Sizes of one input and one output vector.
    weight_init_fn, bias_init_fn : callable, optional
        ``weight_init_fn(in_feature, out_feature)`` returns W and ``bias_init_fn(out_feature)`` b,
        of either shape below; by default standard normal from ``np.random``, and zeros.

    Attributes
    ----------
    W, dW, momentum_W : ndarray of shape (in_feature, out_feature)
        Weights, their gradient averaged over the batch, and a buffer for an optimizer.
    b, db, momentum_b : ndarray of shape (out_feature,) or (1, out_feature)
        The same for the bias.

    Raises
    ------
    ValueError
        If a size is not a positive integer, an array has the wrong shape, or backward is called
        before forward.
    TypeError
        If an init function cannot be called with the sizes.

    Examples
    --------
    >>> layer = Linear(3, 2, lambda *shape: np.ones(shape))
    >>> layer([[1.0, 2.0, 3.0]])
    array([[6., 6.]])
    """

    def __init__(self, in_feature, out_feature, weight_init_fn=None, bias_init_fn=None):
        for name, size in ("in_feature", in_feature), ("out_feature", out_feature):
            if not isinstance(size, (int, np.integer)) or size is True or size < 1:
                raise ValueError("expected %s to be a positive integer, got %r" % (name, size))
            setattr(self, name, int(size))
        shape = (self.in_feature, self.out_feature)
        self.W = _initial("weight_init_fn", weight_init_fn, np.random.randn, shape)
        self.b = _initial("bias_init_fn", bias_init_fn, np.zeros, shape[1:])
        W, b = self._parameters()
        self.dW = np.zeros(W.shape, W.dtype)
        self.db = np.zeros(b.shape, W.dtype)
        self.momentum_W = np.zeros(W.shape, W.dtype)
        self.momentum_b = np.zeros(b.shape, W.dtype)
        self.x = self.y_shape = None

    def __call__(self, x):
        return self.forward(x)

    def __repr__(self):
        return "Linear(%d, %d)" % (self.in_feature, self.out_feature)

    def forward(self, x):
        """Return y = x @ W + b, (batch, out_feature), for x of shape (batch, in_feature).

        x is kept for ``backward``, not copied.
        """
        x = _array("x", x, ("batch", self.in_feature))
        W, b = self._parameters()
        y = x @ W
        y += b
        self.x = x
        self.y_shape = y.shape
        return y

    def backward(self, delta):
        """Set dW and db, and return dL/dx, of x's shape, for delta = dL/dy of y's shape.

        If y = x @ W + b, then dL/dx = dL/dy @ W.T, dL/dW = x.T @ dL/dy and dL/db is the sum
        of dL/dy over the batch. Homework 1 divides the last two by the batch size: delta is of
        the summed loss, dW and db of the mean loss.
        """
        delta = _array("delta", delta, self.y_shape)
        W, b = self._parameters()
        batch = max(len(delta), 1)
        self.dW = self.x.T @ delta / batch
        db = delta.sum(axis=0) / batch
        self.db = db.reshape(b.shape)
        return delta @ W.T

    def _parameters(self):
        W = _array("W", self.W, (self.in_feature, self.out_feature))
        b_shape = (self.out_feature,)
        if np.ndim(self.b) == 2:
            b_shape = (1, self.out_feature)
        b = _array("b", self.b, b_shape)
        return W, b


# Also in conv.py: each file can be imported alone, as `linear` and as `mytorch.linear`.
def _initial(name, init_fn, default, shape):
    if init_fn is None:
        init_fn = default
    try:
        return np.asarray(init_fn(*shape))
    except TypeError as error:
        raise TypeError("expected %s%s to give an array, got %r" % (name, shape, error)) from error


def _array(name, value, shape):
    """Return value as floats; raise unless it has this shape, in which a string fits any length."""
    if shape is None:
        raise ValueError("expected forward(x) before backward(%s)" % name)
    array = np.asarray(value)
    fits = (n == m or isinstance(n, str) for m, n in zip(array.shape, shape))
    if array.ndim != len(shape) or not all(fits):
        shape = str(shape).replace("'", "")
        raise ValueError("expected %s of shape %s, got %s" % (name, shape, array.shape))
    return array.astype(np.result_type(array.dtype, np.float32), copy=False)

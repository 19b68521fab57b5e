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

    Examples
    --------
    >>> layer = Linear(3, 2, lambda *shape: np.ones(shape))
    >>> layer([[1.0, 2.0, 3.0]])
    array([[6., 6.]])
    """

    def __init__(self, in_feature, out_feature, weight_init_fn=None, bias_init_fn=None):
        for name, size in ("in_feature", in_feature), ("out_feature", out_feature):
            if not isinstance(size, (int, np.integer)) or size < 1:
                raise ValueError("expected %s to be a positive integer, got %r" % (name, size))
            setattr(self, name, int(size))
        self.W = (weight_init_fn or np.random.randn)(in_feature, out_feature)
        self.b = (bias_init_fn or np.zeros)(out_feature)
        self.W, self.b = self._parameters()
        dtype = np.result_type(self.W, np.float32)
        self.dW, self.momentum_W = np.zeros(self.W.shape, dtype), np.zeros(self.W.shape, dtype)
        self.db, self.momentum_b = np.zeros(self.b.shape, dtype), np.zeros(self.b.shape, dtype)
        self.x = self.y_shape = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return y = x @ W + b, (batch, out_feature), for x of shape (batch, in_feature).

        x is kept for ``backward``, not copied.
        """
        x = _array("x", x, ("any", self.in_feature))
        W, b = self._parameters()
        x = x.astype(np.result_type(x, W, np.float32), copy=False)
        y = x @ W
        y += b
        self.x, self.y_shape = x, y.shape
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
        dx, self.dW = delta @ W.T, self.x.T @ delta / batch
        self.db = delta.sum(axis=0).reshape(b.shape) / batch
        return dx

    def _parameters(self):
        b_shape = (1, self.out_feature) if np.ndim(self.b) == 2 else (self.out_feature,)
        return (_array("W", self.W, (self.in_feature, self.out_feature)),
                _array("b", self.b, b_shape))


# Also in conv.py: each file can be imported alone, as `linear` and as `mytorch.linear`.
def _array(name, value, shape):
    """Return value as an array; raise unless it has this shape, in which "any" fits any length."""
    if shape is None:
        raise ValueError("expected forward(x) before backward(%s)" % name)
    array = np.asarray(value)
    if len(shape) != array.ndim or any(m not in (n, "any") for m, n in zip(shape, array.shape)):
        raise ValueError("expected %s of shape %s, got %s" % (name, shape, array.shape))
    return array

"""A linear layer weighs every input feature into every output feature and adds a bias."""
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
        If a size is not a positive integer, an array's shape does not fit, or backward is called
        before forward.

    Examples
    --------
    >>> layer = Linear(3, 2, lambda *shape: np.ones(shape))
    >>> layer([[1.0, 2.0, 3.0]])
    array([[6., 6.]])
    """

    def __init__(self, in_feature, out_feature, weight_init_fn=None, bias_init_fn=None):
        self.in_feature = _size("in_feature", in_feature)
        self.out_feature = _size("out_feature", out_feature)
        self.W = (weight_init_fn or np.random.randn)(in_feature, out_feature)
        self.b = (bias_init_fn or np.zeros)(out_feature)
        self.W, self.b = self._checked_parameters()
        self.dW, self.momentum_W = _zeros(self.W), _zeros(self.W)
        self.db, self.momentum_b = _zeros(self.b), _zeros(self.b)
        self.x = self.y_shape = None

    def __repr__(self):
        return "Linear(%s, %s)" % (self.in_feature, self.out_feature)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return y = x @ W + b, (batch, out_feature), for x of shape (batch, in_feature).

        x is kept for ``backward``, not copied.
        """
        x = _array(self, "x", x, ("batch", self.in_feature))
        W, b = self._checked_parameters()
        x = x.astype(np.result_type(x, W, np.float32), copy=False)
        y = x @ W
        y += b
        self.x, self.y_shape = x, y.shape
        return y

    def backward(self, delta):
        """Set dW and db, and return dL/dx, of x's shape, for delta = dL/dy of y's shape.

        If y = x @ W + b, then dL/dx = dL/dy @ W.T, dL/dW = x.T @ dL/dy and dL/db is the sum
        of dL/dy over the batch. Homework 1 averages the last two over the batch, so delta is
        the derivative of the loss *summed* over the batch, and dW and db are of its mean.
        """
        delta = _array(self, "delta", delta, self.y_shape)
        W, b = self._checked_parameters()
        batch = max(len(delta), 1)
        dx, self.dW = delta @ W.T, self.x.T @ delta / batch
        self.db = delta.sum(axis=0).reshape(b.shape) / batch
        return dx

    def _checked_parameters(self):
        b_shape = (1, self.out_feature) if np.ndim(self.b) == 2 else (self.out_feature,)
        return (_array(self, "W", self.W, (self.in_feature, self.out_feature)),
                _array(self, "b", self.b, b_shape))


def _zeros(parameter):
    return np.zeros(parameter.shape, np.result_type(parameter, np.float32))


def _array(layer, name, value, shape):
    """Return value as an array; raise unless it has this shape, where a word fits any length."""
    if shape is None:
        raise ValueError("%r expected forward(x) before backward(delta)" % layer)
    array = np.asarray(value)
    if array.shape != shape and (array.ndim != len(shape) or any(
            n != m and not isinstance(m, str) for n, m in zip(array.shape, shape))):
        raise ValueError("%r expected %s of shape %s, got %s" % (
            layer, name, str(shape).replace("'", ""), array.shape))
    return array


def _size(name, size):
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise ValueError("Linear expected %s to be a positive integer, got %r" % (name, size))
    return int(size)

"""Batch normalization gives each feature mean 0 and variance 1 over the batch, then rescales it."""
import numpy as np


class BatchNorm:
    """y = gamma * (x - mean) / sqrt(var + eps) + beta, feature by feature.

    Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
    Internal Covariate Shift" (2015). Unlike in ``torch.nn.BatchNorm1d``, running_var averages the
    biased variance; PyTorch's momentum is 1 - alpha.

    Parameters
    ----------
    in_feature : int
        Size of one input vector.
    alpha : float
        Fraction of the running mean and variance that each batch keeps, 0 to 1.

    Attributes
    ----------
    eps : float
        1e-8, keeps the division finite.
    gamma, beta, dgamma, dbeta : ndarray of shape (1, in_feature)
        Scale and shift, and their gradients summed over the batch.
    mean, var : ndarray of shape (1, in_feature)
        Mean and biased variance of the last batch in training.
    running_mean, running_var : ndarray of shape (1, in_feature)
        Their running averages, used in evaluation.

    Raises
    ------
    ValueError
        If in_feature is not a positive integer, an array has the wrong shape, a batch in training
        is empty, or backward is called before forward.

    Examples
    --------
    >>> norm = BatchNorm(1)
    >>> norm([[1.0], [3.0]]).round(6)
    array([[-1.],
           [ 1.]])
    """

    def __init__(self, in_feature, alpha=0.9):
        size = in_feature
        if not isinstance(size, (int, np.integer)) or size is True or size < 1:
            raise ValueError("expected in_feature to be a positive integer, got %r" % (size,))
        self.in_feature = int(size)
        self.alpha = alpha
        self.eps = 1e-8
        shape = (1, self.in_feature)
        self.gamma = np.ones(shape)
        self.beta = np.zeros(shape)
        self.dgamma = np.zeros(shape)
        self.dbeta = np.zeros(shape)
        self.mean = np.zeros(shape)
        self.var = np.ones(shape)
        self.running_mean = np.zeros(shape)
        self.running_var = np.ones(shape)
        # From the last forward: normalized input, 1 / sqrt(var + eps), whether it was training.
        self.norm = self.inv_std = self.training = None

    def __call__(self, x, eval=False):
        return self.forward(x, eval)

    def __repr__(self):
        return "BatchNorm(%d, alpha=%s)" % (self.in_feature, self.alpha)

    def forward(self, x, eval=False):
        """Return y for x, both of shape (batch, in_feature).

        Training uses the batch's mean and variance, and updates the running ones with them;
        eval=True uses the running ones and leaves them as they are.
        """
        x = _array("x", x, ("batch", self.in_feature))
        gamma = self._parameter("gamma")
        beta = self._parameter("beta")
        running_mean = self._parameter("running_mean")
        running_var = self._parameter("running_var")
        if not (eval or len(x)):
            raise ValueError("expected x with a sample or more in training, got shape %s"
                             % (x.shape,))
        if eval:
            mean = running_mean
            var = running_var
        else:
            mean = x.mean(axis=0, keepdims=True)
            var = x.var(axis=0, keepdims=True)
        inv_std = 1 / np.sqrt(var + self.eps)
        norm = (x - mean) * inv_std
        y = gamma * norm + beta
        if not eval:
            self.mean = mean
            self.var = var
            self.running_mean = self.alpha * running_mean + (1 - self.alpha) * mean
            self.running_var = self.alpha * running_var + (1 - self.alpha) * var
        self.norm = norm
        self.inv_std = inv_std
        self.training = not eval
        return y.astype(x.dtype, copy=False)

    def backward(self, delta):
        """Set dgamma and dbeta, and return dL/dx for delta = dL/dy, both (batch, in_feature).

        If y = gamma * n + beta, then dL/dgamma is the sum of dL/dy * n over the batch,
        dL/dbeta that of dL/dy, and dL/dn = dL/dy * gamma.
        If n = (x - mean) / std with running statistics, then dL/dx = dL/dn / std. In training,
        mean and std depend on x too, which subtracts from dL/dn its mean over the batch and
        its component along n: dL/dx = (dL/dn - mean(dL/dn) - n * mean(dL/dn * n)) / std.
        """
        if self.norm is None:
            raise ValueError("expected forward(x) before backward(delta)")
        n = self.norm
        delta = _array("delta", delta, n.shape)
        dn = delta * self._parameter("gamma")
        if self.training:
            along_n = n * (dn * n).mean(axis=0)
            dn = dn - dn.mean(axis=0) - along_n
        self.dgamma = (delta * n).sum(axis=0, keepdims=True)
        self.dbeta = delta.sum(axis=0, keepdims=True)
        return (dn * self.inv_std).astype(delta.dtype, copy=False)

    def _parameter(self, name):
        return _array(name, getattr(self, name), (1, self.in_feature))


# Also in conv.py and linear.py: each file can be imported alone, as `mytorch.conv` or as `conv`.
def _array(name, value, shape):
    """Return value as floats; raise unless it has this shape, in which a string fits any length."""
    array = np.asarray(value)
    fits = (n == m or isinstance(n, str) for m, n in zip(array.shape, shape))
    if array.ndim != len(shape) or not all(fits):
        shape = str(shape).replace("'", "")
        raise ValueError("expected %s of shape %s, got %s" % (name, shape, array.shape))
    return array.astype(np.result_type(array.dtype, np.float32), copy=False)

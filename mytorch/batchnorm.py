"""Batch normalization gives each feature mean 0 and variance 1 over the batch, then rescales it."""
import numbers

import numpy as np


class BatchNorm:
    """y = gamma * (x - mean) / sqrt(var + eps) + beta, feature by feature.

    Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
    Internal Covariate Shift" (2015). Unlike ``torch.nn.BatchNorm1d``, whose momentum is
    1 - alpha here, the running variance is of the biased variance.

    Parameters
    ----------
    in_feature : int
        Size of one input vector.
    alpha : float
        How much of the running mean and variance stays at each batch, 0 to 1.

    Attributes
    ----------
    eps : float
        1e-8, keeps the division finite.
    gamma, beta, dgamma, dbeta : ndarray of shape (1, in_feature)
        Scale and shift, and their gradients summed over the batch.
    mean, var : ndarray of shape (1, in_feature)
        Mean and biased variance of the last batch in training.
    running_mean, running_var : ndarray of shape (1, in_feature)
        Their running averages, which stand in for them in evaluation.

    Raises
    ------
    TypeError, ValueError
        If in_feature is not a positive integer or alpha not a number from 0 to 1.

    Examples
    --------
    >>> norm = BatchNorm(1)
    >>> norm(np.array([[1.0], [3.0]])).round(6)
    array([[-1.],
           [ 1.]])
    """

    def __init__(self, in_feature, alpha=0.9):
        if not isinstance(in_feature, numbers.Integral) or isinstance(in_feature, bool):
            raise TypeError("BatchNorm expected in_feature to be an integer, got %r"
                            % (in_feature,))
        if in_feature < 1:
            raise ValueError("BatchNorm expected in_feature to be positive, got %d" % in_feature)
        if not isinstance(alpha, numbers.Real) or isinstance(alpha, bool):
            raise TypeError("BatchNorm expected alpha to be a number, got %r" % (alpha,))
        if not 0 <= alpha <= 1:
            raise ValueError("BatchNorm expected alpha from 0 to 1, got %r" % (alpha,))
        self.in_feature = int(in_feature)
        self.alpha = float(alpha)
        self.eps = 1e-8
        self.gamma, self.beta = np.ones((1, in_feature)), np.zeros((1, in_feature))
        self.dgamma, self.dbeta = np.zeros((1, in_feature)), np.zeros((1, in_feature))
        self.running_mean, self.running_var = np.zeros((1, in_feature)), np.ones((1, in_feature))
        self.mean, self.var = np.zeros((1, in_feature)), np.ones((1, in_feature))
        self.norm = None  # of the last forward: the normalized input,
        self.inv_std = None  # 1 / sqrt(var + eps)
        self._eval = None  # and whether it was in evaluation

    def __call__(self, x, eval=False):
        return self.forward(x, eval)

    def forward(self, x, eval=False):
        """Normalize a batch by its own statistics or, in evaluation, by the running ones.

        Parameters
        ----------
        x : ndarray of shape (batch, in_feature)
        eval : bool

        Returns
        -------
        ndarray of shape (batch, in_feature)

        Raises
        ------
        TypeError, ValueError
            If x or a parameter is not a real array of its shape, or a batch in training is
            empty.
        """
        _check("x", x, ("batch", self.in_feature))
        for name in "gamma", "beta", "running_mean", "running_var":
            _check(name, getattr(self, name), (1, self.in_feature))
        if not (eval or len(x)):
            raise ValueError("BatchNorm expected at least one sample in training, got none")
        with np.errstate(all="ignore"):  # inf and nan pass through quietly, as in torch
            mean, var = self.running_mean, self.running_var
            if not eval:
                self.mean = mean = x.mean(axis=0, keepdims=True)
                self.var = var = x.var(axis=0, keepdims=True)
                a = self.alpha
                self.running_mean = a * self.running_mean + (1 - a) * mean
                self.running_var = a * self.running_var + (1 - a) * var
            self._eval = bool(eval)
            self.inv_std = 1 / np.sqrt(var + self.eps)
            self.norm = (x - mean) * self.inv_std
            y = self.gamma * self.norm + self.beta
        return y.astype(np.result_type(x, np.float32), copy=False)

    def backward(self, delta):
        """Set dgamma and dbeta, and pass the gradient on.

        If y = gamma * n + beta, then dL/dgamma is the sum of dL/dy * n over the batch,
        dL/dbeta that of dL/dy, and dL/dn = dL/dy * gamma.
        If n = (x - mean) / std with running statistics, then dL/dx = dL/dn / std. With the
        batch's own, x moves mean and std too, which takes away from dL/dn its mean over the
        batch and its part along n: dL/dx = (dL/dn - mean(dL/dn) - n * mean(dL/dn * n)) / std.

        Parameters
        ----------
        delta : ndarray of shape (batch, in_feature)
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
        if self.norm is None:
            raise ValueError("BatchNorm expected forward(x) before backward(delta)")
        _check("delta", delta, self.norm.shape)
        _check("gamma", self.gamma, (1, self.in_feature))
        n = self.norm
        with np.errstate(all="ignore"):
            self.dgamma = (delta * n).sum(axis=0, keepdims=True)
            self.dbeta = delta.sum(axis=0, keepdims=True)
            dn = delta * self.gamma
            if not self._eval:
                dn = (dn - dn.mean(axis=0, keepdims=True)
                      - n * (dn * n).mean(axis=0, keepdims=True))
            dx = dn * self.inv_std
        return dx.astype(np.result_type(delta, np.float32), copy=False)


def _check(name, x, shape):
    """Raise unless x is a real array of this shape, where a word stands for any length."""
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu":
        got = "dtype %s" % x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError("BatchNorm expected %s to be an array of real numbers, got %s"
                        % (name, got))
    if x.shape != shape and (len(x.shape) != len(shape) or [
            n for n, m in zip(x.shape, shape) if n != m and m.__class__ is not str]):
        shape = "(%s%s)" % (", ".join(map(str, shape)), "," * (len(shape) == 1))
        raise ValueError("BatchNorm expected %s of shape %s, got %s" % (name, shape, x.shape))

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
        if not isinstance(in_feature, (int, np.integer)) or in_feature < 1:
            raise ValueError("expected in_feature to be a positive integer, got %r" % (in_feature,))
        self.in_feature, self.alpha, self.eps = int(in_feature), alpha, 1e-8
        self.gamma, self.beta = np.ones((1, in_feature)), np.zeros((1, in_feature))
        self.dgamma, self.dbeta = np.zeros((1, in_feature)), np.zeros((1, in_feature))
        self.mean, self.var = np.zeros((1, in_feature)), np.ones((1, in_feature))
        self.running_mean, self.running_var = np.zeros((1, in_feature)), np.ones((1, in_feature))
        # From the last forward: normalized input, 1 / sqrt(var + eps), whether it was training.
        self.norm = self.inv_std = self.training = None

    def __call__(self, x, eval=False):
        return self.forward(x, eval)

    def forward(self, x, eval=False):
        """Return y for x, both of shape (batch, in_feature).

        Training uses the batch's mean and variance, and updates the running ones with them;
        eval=True uses the running ones and leaves them as they are.
        """
        x = np.asarray(x)
        if x.ndim != 2 or x.shape[1] != self.in_feature or not (eval or len(x)):
            raise ValueError("expected x of shape (batch, %d), not empty in training, got %s"
                             % (self.in_feature, x.shape))
        if eval:
            mean, var = np.asarray(self.running_mean), np.asarray(self.running_var)
        else:
            mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
        inv_std = 1 / np.sqrt(var + self.eps)
        norm = (x - mean) * inv_std
        y = np.asarray(self.gamma) * norm + np.asarray(self.beta)
        if not eval:
            self.mean, self.var, a = mean, var, self.alpha
            self.running_mean = a * np.asarray(self.running_mean) + (1 - a) * mean
            self.running_var = a * np.asarray(self.running_var) + (1 - a) * var
        self.norm, self.inv_std, self.training = norm, inv_std, not eval
        return y.astype(np.result_type(x, np.float32), copy=False)

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
        delta, n = np.asarray(delta), self.norm
        if delta.shape != n.shape:
            raise ValueError("expected delta of shape %s, got %s" % (n.shape, delta.shape))
        dn = delta * np.asarray(self.gamma)
        if self.training:
            dn = dn - dn.mean(axis=0) - n * (dn * n).mean(axis=0)
        self.dgamma = (delta * n).sum(axis=0, keepdims=True)
        self.dbeta = delta.sum(axis=0, keepdims=True)
        return (dn * self.inv_std).astype(np.result_type(delta, np.float32), copy=False)

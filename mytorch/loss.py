"""A criterion says how far the logits are from the labels, and which way is better."""
# `from loss import *` hands on np and os too: code of this course relies on both names,
# so os is imported although nothing here needs it, and there is no __all__.
import os

import numpy as np


class Criterion:
    """Base class of the losses: one number for each sample.

    Attributes
    ----------
    logits, labels : ndarray of shape (batch, classes) or None
        The arguments of the last ``forward``.
    loss : ndarray of shape (batch,) or None
        Its result.
    """

    def __init__(self):
        self.logits = self.labels = self.loss = None

    def __repr__(self):
        return type(self).__name__ + "()"

    def __call__(self, x, y):
        return self.forward(x, y)

    def forward(self, x, y):
        """Return the loss of each sample, (batch,), for logits x and labels y."""
        raise NotImplementedError

    def derivative(self):
        """Return the derivative of the summed loss with respect to the logits, of their shape."""
        raise NotImplementedError


class SoftmaxCrossEntropy(Criterion):
    """Softmax of the logits, then the cross-entropy with the labels.

    The same as ``torch.nn.CrossEntropyLoss(reduction="none")`` on class probabilities.

    Raises
    ------
    ValueError
        If the logits are not of shape (batch, classes), the labels not of the logits' shape, or
        derivative is called before forward.

    Examples
    --------
    >>> criterion = SoftmaxCrossEntropy()
    >>> criterion([[0.0, 0.0]], [[1.0, 0.0]])
    array([0.69314718])
    >>> criterion.derivative()
    array([[-0.5,  0.5]])
    """

    def forward(self, x, y):
        """Return the losses, (batch,), for logits x and labels y, both of shape (batch, classes).

        If p = softmax(x), then loss = -sum(y * log(p)). The labels are one-hot, or probabilities
        that add up to 1; the logits may be of any finite size.
        """
        x, y = np.asarray(x), np.asarray(y)
        if x.ndim != 2:
            raise ValueError("%r expected logits x of shape (batch, classes), got %s"
                             % (self, x.shape))
        if y.shape != x.shape:
            raise ValueError("%r expected one-hot labels y, of the logits' shape %s, got %s"
                             % (self, x.shape, y.shape))
        loss = -(y * _log_softmax(x)).sum(axis=1)
        self.logits, self.labels, self.loss = x, y, loss
        return loss

    def derivative(self):
        """Return the derivative of the summed loss by the logits, (batch, classes); not averaged.

        The log of the softmax turns the chain rule's product into a difference:
        if p = softmax(x) and loss = -sum(y * log(p)), then dloss/dx = p - y.
        """
        if self.logits is None:
            raise ValueError("%r expected forward(x, y) before derivative()" % self)
        return np.exp(_log_softmax(self.logits)) - np.asarray(self.labels)


def _log_softmax(x):
    """Return log(p) where p = exp(x) / sum(exp(x)), for each row."""
    x = np.asarray(x)
    x = x.astype(np.result_type(x, np.float32), copy=False)
    # p stays the same when x is shifted: by its maximum, exp cannot overflow. Where two finite
    # logits are further apart than the largest float, the lowest one stands for their difference.
    with np.errstate(over="ignore"):
        shifted = x - x.max(axis=1, keepdims=True)
    np.maximum(shifted, np.finfo(x.dtype).min, out=shifted, where=np.isfinite(x))
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

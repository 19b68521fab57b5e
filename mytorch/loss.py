"""Loss functions and their gradients."""
# `from loss import *` also exports np and os: code of this course relies on both names,
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

    def __call__(self, x, y):
        return self.forward(x, y)

    def __repr__(self):
        return type(self).__name__ + "()"

    def forward(self, x, y):
        """Return the loss of each sample, (batch,), for logits x and labels y."""
        raise NotImplementedError("Criterion is a base class: use SoftmaxCrossEntropy()")

    def derivative(self):
        """Return the derivative of the summed loss with respect to the logits, of their shape."""
        raise NotImplementedError("Criterion is a base class: use SoftmaxCrossEntropy()")


class SoftmaxCrossEntropy(Criterion):
    """Softmax of the logits, then the cross-entropy with the labels.

    The same as ``torch.nn.CrossEntropyLoss(reduction="none")`` on class probabilities.

    Raises
    ------
    ValueError
        If the shapes are not both (batch, classes), or derivative is called before forward.

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
        that add up to 1; the logits may be large, 1e4 or more. The loss and its derivative have
        the logits' type, float32 or float64.
        """
        logits = np.asarray(x)
        labels = np.asarray(y)
        if logits.ndim != 2:
            raise ValueError("expected logits x of shape (batch, classes), got %s"
                             % (logits.shape,))
        if labels.shape != logits.shape:
            raise ValueError("expected one-hot labels y of the logits' shape %s, got %s"
                             % (logits.shape, labels.shape))
        log_p = _log_softmax(logits)
        with np.errstate(under="ignore"):
            terms = labels.astype(log_p.dtype) * log_p
        loss = -terms.sum(axis=1)
        self.logits = logits
        self.labels = labels
        self.loss = loss
        return loss

    def derivative(self):
        """Return the derivative of the summed loss with respect to the logits, (batch, classes).

        log(p) = x - log(sum(exp(x))), and the last term's derivative is p:
        if p = softmax(x) and loss = -sum(y * log(p)), then dloss/dx = p - y.
        """
        if self.logits is None:
            raise ValueError("expected forward(x, y) before derivative()")
        labels = np.asarray(self.labels)
        with np.errstate(under="ignore"):  # what is too small for a float is 0
            p = np.exp(_log_softmax(self.logits))
            return p - labels.astype(p.dtype)


def _log_softmax(x):
    """Return log(p) for each row, where p = exp(x) / sum(exp(x)).

    Shifting a row by its maximum leaves p as it is, and keeps exp from overflowing.
    """
    x = np.asarray(x)
    x = x.astype(np.result_type(x.dtype, np.float32), copy=False)
    shifted = x - x.max(axis=1, keepdims=True)
    with np.errstate(under="ignore"):
        total = np.exp(shifted).sum(axis=1, keepdims=True)
    return shifted - np.log(total)

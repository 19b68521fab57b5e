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
        self.logits = None
        self.labels = None
        self.loss = None

    def __call__(self, x, y):
        return self.forward(x, y)

    def forward(self, x, y):
        """Return the loss of each sample."""
        raise NotImplementedError

    def derivative(self):
        """Return the derivative of the summed loss with respect to the logits."""
        raise NotImplementedError


class SoftmaxCrossEntropy(Criterion):
    """Softmax of the logits, then the cross-entropy with the labels.

    The same as ``torch.nn.CrossEntropyLoss(reduction="none")`` on class probabilities.

    Examples
    --------
    >>> criterion = SoftmaxCrossEntropy()
    >>> criterion(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]))
    array([0.69314718])
    >>> criterion.derivative()
    array([[-0.5,  0.5]])
    """

    def forward(self, x, y):
        """Return the loss of each sample: if p = softmax(x), then loss = -sum(y * log(p)).

        Parameters
        ----------
        x : ndarray of shape (batch, classes)
            Logits, of any finite size.
        y : ndarray of shape (batch, classes)
            Labels: one-hot, or probabilities that add up to 1.

        Returns
        -------
        ndarray of shape (batch,)

        Raises
        ------
        TypeError, ValueError
            If x or y is not a real array of its shape.
        """
        _check("logits x", x, ("batch", "classes"))
        _check("labels y", y, x.shape)
        if not x.shape[1]:
            raise ValueError("SoftmaxCrossEntropy expected at least one class, got none")
        # p = exp(x) / sum(exp(x)) stays the same when x is shifted: by max(x), nothing overflows.
        with np.errstate(all="ignore"):  # inf and nan pass through quietly, as in torch
            x = x.astype(np.result_type(x, np.float32), copy=False)
            shifted = x - x.max(axis=1, keepdims=True)
            # Two finite logits can be further apart than the largest float: stay finite.
            np.maximum(shifted, np.finfo(shifted.dtype).min, out=shifted, where=np.isfinite(x))
            exp = np.exp(shifted)
            total = exp.sum(axis=1, keepdims=True)
            loss = -(y * (shifted - np.log(total))).sum(axis=1)
            self._softmax = exp / total
        self.logits, self.labels, self.loss = x, y, loss
        return loss

    def derivative(self):
        """Return the derivative of the summed loss with respect to the logits.

        The log of the softmax turns the chain rule's product into a difference:
        if p = softmax(x) and loss = -sum(y * log(p)), then dloss/dx = p - y.

        Returns
        -------
        ndarray of shape (batch, classes)
            Not averaged over the batch.

        Raises
        ------
        ValueError
            If forward has not run.
        """
        if self.logits is None:
            raise ValueError("SoftmaxCrossEntropy expected forward(x, y) before derivative()")
        return self._softmax - self.labels


def _check(name, x, shape):
    """Raise unless x is a real array of this shape, where a word stands for any length."""
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu":
        got = "dtype %s" % x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError("SoftmaxCrossEntropy expected %s to be an array of real numbers, got %s"
                        % (name, got))
    if x.shape != shape and (len(x.shape) != len(shape) or [
            n for n, m in zip(x.shape, shape) if n != m and m.__class__ is not str]):
        shape = "(%s%s)" % (", ".join(map(str, shape)), "," * (len(shape) == 1))
        raise ValueError("SoftmaxCrossEntropy expected %s of shape %s, got %s"
                         % (name, shape, x.shape))

"""A convolution slides one small linear layer along the input and keeps what it says at each stop."""
import numbers

import numpy as np
from numpy.lib.stride_tricks import as_strided


class Conv1D:
    """1-D convolution as ``torch.nn.Conv1d`` without padding: a cross-correlation plus bias.

    At position t the layer sees the window x[:, :, t * stride : t * stride + kernel_size], and
    the same weights W read every window:
    out[n, o, t] = b[o] + sum over c, k of W[o, c, k] * x[n, c, t * stride + k].

    Parameters
    ----------
    in_channel, out_channel, kernel_size, stride : int
        Numbers of channels, the window's width, and the step from one window to the next.
    weight_init_fn : callable, optional
        ``weight_init_fn(out_channel, in_channel, kernel_size)`` returns W; standard normal
        from ``np.random`` by default.
    bias_init_fn : callable, optional
        ``bias_init_fn(out_channel)`` returns b; zeros by default.

    Attributes
    ----------
    W, dW : ndarray of shape (out_channel, in_channel, kernel_size)
        Weights, and their gradient summed over batch and positions.
    b, db : ndarray of shape (out_channel,)
        Bias, and its gradient summed likewise.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive integer or an init function's array does not fit.

    Examples
    --------
    >>> conv = Conv1D(1, 1, kernel_size=2, stride=1, weight_init_fn=lambda *shape: np.ones(shape))
    >>> conv(np.array([[[1.0, 2.0, 3.0]]]))
    array([[[3., 5.]]])
    """

    def __init__(self, in_channel, out_channel, kernel_size, stride,
                 weight_init_fn=None, bias_init_fn=None):
        self.in_channel = _size("in_channel", in_channel)
        self.out_channel = _size("out_channel", out_channel)
        self.kernel_size = _size("kernel_size", kernel_size)
        self.stride = _size("stride", stride)
        shape = self.out_channel, self.in_channel, self.kernel_size
        self.W = _initial("weight_init_fn", weight_init_fn, np.random.randn, *shape)
        self.b = _initial("bias_init_fn", bias_init_fn, np.zeros, self.out_channel)
        self._check_parameters()
        self.dW = np.zeros(self.W.shape, np.result_type(self.W, np.float32))
        self.db = np.zeros(self.b.shape, np.result_type(self.b, np.float32))
        self.x = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Apply W to every window: with the windows as columns, one matrix product.

        Parameters
        ----------
        x : ndarray of shape (batch, in_channel, in_width)
            Kept, not copied, for ``backward``.

        Returns
        -------
        ndarray of shape (batch, out_channel, out_width)
            out_width = (in_width - kernel_size) // stride + 1.

        Raises
        ------
        TypeError, ValueError
            If x, W or b is not a real array of its shape, or x is narrower than the kernel.
        """
        self._check_input(x)
        self.x = x
        with np.errstate(all="ignore"):  # inf and nan pass through quietly, as in torch
            out = np.tensordot(self.W, self._windows(), ([1, 2], [1, 3])).swapaxes(0, 1)
            out = out.astype(np.result_type(out, np.float32), copy=False)
            out += self.b[:, np.newaxis]
        return out

    def backward(self, delta):
        """Set dW and db, and pass the gradient on.

        W[o, c, k] meets x[n, c, t * stride + k] on its way into out[n, o, t]. So
        dL/dW[o, c, k] sums dL/dout[n, o, t] * x[n, c, t * stride + k] over n and t,
        dL/db[o] sums dL/dout[n, o, t] over n and t, and
        dL/dx[n, c, i] sums W[o, c, k] * dL/dout[n, o, t] over o and all k, t with
        t * stride + k = i: each input hears from every window that it is part of.

        Parameters
        ----------
        delta : ndarray of shape (batch, out_channel, out_width)
            dL/dout.

        Returns
        -------
        ndarray of shape (batch, in_channel, in_width)
            dL/dx, zero for inputs past the last window.

        Raises
        ------
        TypeError, ValueError
            If forward has not run, or delta is not a real array shaped like its result.
        """
        self._check_delta(delta)
        with np.errstate(all="ignore"):
            self.dW = np.tensordot(delta, self._windows(), ([0, 2], [0, 2]))
            self.db = delta.sum(axis=(0, 2))
            dwindows = np.tensordot(delta, self.W, ([1], [0]))  # (batch, out_width, in, kernel)
            dx = np.zeros(self.x.shape, dwindows.dtype)
            span = (delta.shape[2] - 1) * self.stride + 1
            for k in range(self.kernel_size):
                dx[:, :, k:k + span:self.stride] += dwindows[:, :, :, k].swapaxes(1, 2)
        return dx

    def _windows(self):
        """x as its windows, (batch, in_channel, out_width, kernel_size): a view, no copy."""
        batch, channel, width = self.x.shape
        step, along, up = self.x.strides[0], self.x.strides[1], self.x.strides[2]
        out_width = (width - self.kernel_size) // self.stride + 1
        return as_strided(self.x, (batch, channel, out_width, self.kernel_size),
                          (step, along, up * self.stride, up))

    def _check_parameters(self):
        _check("W", self.W, (self.out_channel, self.in_channel, self.kernel_size))
        _check("b", self.b, (self.out_channel,))

    def _check_input(self, x):
        _check("x", x, ("batch", self.in_channel, "width"))
        if x.shape[2] < self.kernel_size:
            raise ValueError("Conv1D expected x at least as wide as its kernel, %d, got width %d"
                             % (self.kernel_size, x.shape[2]))
        self._check_parameters()

    def _check_delta(self, delta):
        if self.x is None:
            raise ValueError("Conv1D expected forward(x) before backward(delta)")
        batch, _, width = self.x.shape
        out_width = (width - self.kernel_size) // self.stride + 1
        _check("delta", delta, (batch, self.out_channel, out_width))
        self._check_parameters()


class Flatten:
    """Lays the channels of each sample end to end: (batch, channel, width) to 2-D and back."""

    def __init__(self):
        self.shape = None

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        """Return x as (batch, channel * width), channel-major.

        Parameters
        ----------
        x : ndarray of shape (batch, channel, width)

        Returns
        -------
        ndarray of shape (batch, channel * width)

        Raises
        ------
        TypeError, ValueError
            If x is not a real array of three dimensions.
        """
        _check("x", x, ("batch", "channel", "width"), "Flatten")
        self.shape = x.shape
        return x.reshape(len(x), x.shape[1] * x.shape[2])

    def backward(self, delta):
        """Undo forward: if y is x in another shape, then dL/dx is dL/dy in x's.

        Parameters
        ----------
        delta : ndarray of shape (batch, channel * width)
            dL/dy.

        Returns
        -------
        ndarray of shape (batch, channel, width)
            dL/dx.

        Raises
        ------
        TypeError, ValueError
            If forward has not run, or delta is not a real array shaped like its result.
        """
        if self.shape is None:
            raise ValueError("Flatten expected forward(x) before backward(delta)")
        batch, channel, width = self.shape
        _check("delta", delta, (batch, channel * width), "Flatten")
        return delta.reshape(self.shape)


def _size(name, value):
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError("Conv1D expected %s to be an integer, got %r" % (name, value))
    if value < 1:
        raise ValueError("Conv1D expected %s to be positive, got %d" % (name, value))
    return int(value)


def _initial(name, init_fn, default, *shape):
    if init_fn is None:
        return default(*shape)
    if not callable(init_fn):
        raise TypeError("Conv1D expected %s to be a function, got %r" % (name, init_fn))
    return init_fn(*shape)


def _check(name, x, shape, layer="Conv1D"):
    """Raise unless x is a real array of this shape, where a word stands for any length."""
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu":
        got = "dtype %s" % x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError("%s expected %s to be an array of real numbers, got %s"
                        % (layer, name, got))
    if x.shape != shape and (len(x.shape) != len(shape) or any(
            n != m for n, m in zip(x.shape, shape) if not isinstance(m, str))):
        shape = "(%s%s)" % (", ".join(map(str, shape)), "," * (len(shape) == 1))
        raise ValueError("%s expected %s of shape %s, got %s" % (layer, name, shape, x.shape))

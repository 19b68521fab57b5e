"""Right hand-ins, each written another way that students choose: all are worth full marks."""
from textwrap import dedent

from handins import append, define, gone, swap, whole

RIGHT = {}  # the edits of a student's files, by what is special

CONV, LINEAR, ACTIVATION = "mytorch/conv.py", "mytorch/linear.py", "mytorch/activation.py"
LOSS, HW2, SCAN = "mytorch/loss.py", "hw2/hw2.py", "hw2/mlp_scan.py"


def right(name, *edits):
    """Add a hand-in that is worth full marks."""
    assert name not in RIGHT, name
    RIGHT[name] = edits


def conv(forward, backward):
    """The two edits that give Conv1D these methods."""
    return define(CONV, "Conv1D.forward", forward), define(CONV, "Conv1D.backward", backward)


# The convolution: one way each

right("conv loops over batch, filter, channel and tap", *conv("""
    def forward(self, x):
        self.x = x
        batch_size, _, in_width = x.shape
        out_width = (in_width - self.kernel_size) // self.stride + 1
        out = np.zeros((batch_size, self.out_channel, out_width))
        for n in range(batch_size):
            for o in range(self.out_channel):
                for i in range(self.in_channel):
                    for k in range(self.kernel_size):
                        taps = x[n, i, k:k + out_width * self.stride:self.stride][:out_width]
                        out[n, o] += taps * self.W[o, i, k]
                out[n, o] += self.b[o]
        return out
    """, """
    def backward(self, delta):
        batch_size, _, out_width = delta.shape
        dx = np.zeros(self.x.shape)
        for n in range(batch_size):
            for o in range(self.out_channel):
                for i in range(self.in_channel):
                    for k in range(self.kernel_size):
                        stop = k + (out_width - 1) * self.stride + 1
                        taps = slice(k, stop, self.stride)
                        self.dW[o, i, k] += np.sum(delta[n, o] * self.x[n, i, taps])
                        dx[n, i, taps] += delta[n, o] * self.W[o, i, k]
                self.db[o] += np.sum(delta[n, o])
        return dx
    """))

right("conv loops over batch, filter and position", *conv("""
    def forward(self, x):
        self.x = x
        self.batch_size = x.shape[0]
        self.in_width = x.shape[2]
        self.out_width = int(np.floor((self.in_width - self.kernel_size) / self.stride)) + 1
        z = np.empty((self.batch_size, self.out_channel, self.out_width))
        for b in range(self.batch_size):
            for j in range(self.out_channel):
                m = 0
                for t in range(0, self.in_width - self.kernel_size + 1, self.stride):
                    segment = x[b, :, t:t + self.kernel_size]
                    z[b, j, m] = np.sum(segment * self.W[j]) + self.b[j]
                    m += 1
        return z
    """, """
    def backward(self, delta):
        dx = np.zeros_like(self.x)
        self.dW = np.zeros(self.W.shape)
        self.db = np.zeros(self.b.shape)
        for b in range(self.batch_size):
            for j in range(self.out_channel):
                for m in range(self.out_width):
                    t = m * self.stride
                    self.dW[j] += delta[b, j, m] * self.x[b, :, t:t + self.kernel_size]
                    self.db[j] += delta[b, j, m]
                    dx[b, :, t:t + self.kernel_size] += delta[b, j, m] * self.W[j]
        return dx
    """))

right("conv by tensordot at each position", *conv("""
    def forward(self, x):
        self.x = x
        out_size = (x.shape[2] - self.kernel_size) // self.stride + 1
        out = np.zeros((x.shape[0], self.out_channel, out_size))
        for i in range(out_size):
            start = i * self.stride
            window = x[:, :, start:start + self.kernel_size]
            out[:, :, i] = np.tensordot(window, self.W, axes=([1, 2], [1, 2])) + self.b
        return out
    """, """
    def backward(self, delta):
        self.db = np.sum(delta, axis=(0, 2))
        self.dW = np.zeros(self.W.shape)
        dx = np.zeros(self.x.shape)
        for i in range(delta.shape[2]):
            start = i * self.stride
            window = self.x[:, :, start:start + self.kernel_size]
            self.dW += np.tensordot(delta[:, :, i], window, axes=(0, 0))
            dx[:, :, start:start + self.kernel_size] += np.tensordot(delta[:, :, i], self.W, 1)
        return dx
    """))

right("conv by einsum on sliding_window_view",
      swap(CONV, "import numpy as np\n",
           "import numpy as np\nfrom numpy.lib.stride_tricks import sliding_window_view\n"),
      *conv("""
    def forward(self, x):
        self.x_shape = x.shape
        self.windows = sliding_window_view(x, self.kernel_size, axis=2)[:, :, ::self.stride]
        return np.einsum('nitk,oik->not', self.windows, self.W) + self.b[:, None]
    """, """
    def backward(self, delta):
        self.dW = np.einsum('not,nitk->oik', delta, self.windows)
        self.db = np.einsum('not->o', delta)
        d_windows = np.einsum('not,oik->nitk', delta, self.W)
        dx = np.zeros(self.x_shape)
        for t in range(delta.shape[-1]):
            dx[:, :, t * self.stride:t * self.stride + self.kernel_size] += d_windows[:, :, t]
        return dx
    """))

right("conv by as_strided columns kept for backward, then deleted", *conv("""
    def forward(self, x):
        self.x_shape = x.shape
        x = np.ascontiguousarray(x)
        n, c, w = x.shape
        t = (w - self.kernel_size) // self.stride + 1
        sn, sc, sw = x.strides
        cols = np.lib.stride_tricks.as_strided(
            x, (n, t, c, self.kernel_size), (sn, sw * self.stride, sc, sw), writeable=False)
        self.cols = cols.reshape(n * t, c * self.kernel_size)
        out = self.cols @ self.W.reshape(self.out_channel, -1).T + self.b
        return out.reshape(n, t, self.out_channel).transpose(0, 2, 1)
    """, """
    def backward(self, delta):
        n, o, t = delta.shape
        flat = delta.transpose(0, 2, 1).reshape(n * t, o)
        self.dW += (flat.T @ self.cols).reshape(self.W.shape)
        self.db += flat.sum(axis=0)
        dcols = (flat @ self.W.reshape(o, -1)).reshape(n, t, self.in_channel, self.kernel_size)
        dx = np.zeros(self.x_shape)
        for i in range(t):
            dx[:, :, i * self.stride:i * self.stride + self.kernel_size] += dcols[:, i]
        del self.cols  # free the memory
        return dx
    """))

right("conv by dot on flattened segments", *conv("""
    def forward(self, x):
        self.x = x
        batch_size = len(x)
        filters = self.W.reshape(self.out_channel, self.in_channel * self.kernel_size)
        pieces = []
        for start in range(0, x.shape[2] - self.kernel_size + 1, self.stride):
            segment = x[:, :, start:start + self.kernel_size].reshape(batch_size, -1)
            pieces.append(np.dot(segment, filters.T) + self.b)
        return np.stack(pieces, axis=-1)
    """, """
    def backward(self, delta):
        batch_size = len(delta)
        filters = self.W.reshape(self.out_channel, self.in_channel * self.kernel_size)
        flat_dW = np.zeros(filters.shape)
        dx = np.zeros(self.x.shape)
        for i in range(delta.shape[2]):
            a, z = i * self.stride, i * self.stride + self.kernel_size
            segment = self.x[:, :, a:z].reshape(batch_size, -1)
            flat_dW += np.dot(delta[:, :, i].T, segment)
            back = np.dot(delta[:, :, i], filters)
            dx[:, :, a:z] += back.reshape(batch_size, self.in_channel, self.kernel_size)
        self.dW = self.dW + flat_dW.reshape(self.W.shape)
        self.db = self.db + delta.sum(axis=2).sum(axis=0)
        return dx
    """))

right("conv gathers with an index array and scatters with add.at", *conv("""
    def forward(self, x):
        self.x = x
        out_width = (x.shape[-1] - self.kernel_size) // self.stride + 1
        self.index = self.stride * np.arange(out_width)[:, None] + np.arange(self.kernel_size)
        patches = x[:, :, self.index]
        return np.tensordot(patches, self.W, ((1, 3), (1, 2))).swapaxes(1, 2) \\
            + self.b.reshape(1, -1, 1)
    """, """
    def backward(self, delta):
        patches = self.x[:, :, self.index]
        self.dW = np.tensordot(delta, patches, axes=((0, 2), (0, 2)))
        self.db = delta.sum((0, 2))
        dx = np.zeros(self.x.shape)
        grads = np.tensordot(delta, self.W, axes=(1, 0)).transpose(0, 2, 1, 3)
        np.add.at(dx, (slice(None), slice(None), self.index), grads)
        return dx
    """))

right("conv as a sum over taps of strided slices", *conv("""
    def forward(self, x):
        self.x = x
        out_width = (x.shape[2] - self.kernel_size) // self.stride + 1
        self.last = (out_width - 1) * self.stride + 1
        return sum(np.matmul(self.W[:, :, k], x[:, :, k:k + self.last:self.stride])
                   for k in range(self.kernel_size)) + self.b[np.newaxis, :, np.newaxis]
    """, """
    def backward(self, delta):
        dx = np.zeros(self.x.shape)
        for k in range(self.kernel_size):
            tap = slice(k, k + self.last, self.stride)
            self.dW[:, :, k] = np.matmul(delta, self.x[:, :, tap].transpose(0, 2, 1)).sum(axis=0)
            dx[:, :, tap] += np.matmul(self.W[:, :, k].T, delta)
        self.db[:] = delta.sum(axis=(0, 2))
        return dx
    """))

right("conv by one Toeplitz matrix for each pair of channels",
      define(CONV, "Conv1D.unroll", """
    def unroll(self, w, out_width, in_width):
        # w as a (out_width, in_width) band matrix, so that w * x == band @ x
        band = np.zeros((out_width, in_width))
        for t in range(out_width):
            band[t, t * self.stride:t * self.stride + self.kernel_size] = w
        return band
    """), *conv("""
    def forward(self, x):
        self.x = x
        T = (x.shape[2] - self.kernel_size) // self.stride + 1
        out = np.zeros((x.shape[0], self.out_channel, T))
        for o in range(self.out_channel):
            for i in range(self.in_channel):
                out[:, o] += x[:, i].dot(self.unroll(self.W[o, i], T, x.shape[2]).T)
            out[:, o] += self.b[o]
        return out
    """, """
    def backward(self, delta):
        T, width = delta.shape[2], self.x.shape[2]
        dx = np.zeros(self.x.shape)
        dW = np.zeros(self.W.shape)
        for o in range(self.out_channel):
            for i in range(self.in_channel):
                dx[:, i] += delta[:, o].dot(self.unroll(self.W[o, i], T, width))
                dband = delta[:, o].T.dot(self.x[:, i])
                for t in range(T):
                    dW[o, i] += dband[t, t * self.stride:t * self.stride + self.kernel_size]
        self.dW = dW
        self.db = delta.sum(axis=(0, 2))
        return dx
    """))

right("conv by np.correlate and np.convolve on a dilated delta", *conv("""
    def forward(self, x):
        self.x = x
        out = []
        for sample in x:
            maps = []
            for w, b in zip(self.W, self.b):
                full = sum(np.correlate(row, taps, 'valid') for row, taps in zip(sample, w))
                maps.append(full[::self.stride] + b)
            out.append(maps)
        return np.array(out)
    """, """
    def backward(self, delta):
        n, o, t = delta.shape
        dilated = np.zeros((n, o, (t - 1) * self.stride + 1))
        dilated[:, :, ::self.stride] = delta
        dx = np.zeros(self.x.shape)
        reached = dilated.shape[2] + self.kernel_size - 1
        for a in range(n):
            for j in range(o):
                for i in range(self.in_channel):
                    dx[a, i, :reached] += np.convolve(dilated[a, j], self.W[j, i])
                    self.dW[j, i] += np.correlate(self.x[a, i, :reached], dilated[a, j], 'valid')
        self.db += delta.sum(axis=-1).sum(axis=0)
        return dx
    """))

right("dx by a full convolution of the dilated delta with the flipped kernel",
      define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        batch_size, _, out_width = delta.shape
        in_width = self.x.shape[2]
        # zeros between the entries of delta, then kernel_size - 1 zeros at both ends
        dilated = np.zeros((batch_size, self.out_channel, (out_width - 1) * self.stride + 1))
        dilated[:, :, ::self.stride] = delta
        left = self.kernel_size - 1
        right = in_width - dilated.shape[2]
        padded = np.pad(dilated, ((0, 0), (0, 0), (left, right)), 'constant')
        flipped = self.W[:, :, ::-1]
        dx = np.zeros(self.x.shape)
        for t in range(in_width):
            dx[:, :, t] = np.tensordot(padded[:, :, t:t + self.kernel_size], flipped,
                                       axes=([1, 2], [0, 2]))
        for k in range(self.kernel_size):
            seen = self.x[:, :, k:k + dilated.shape[2]]
            self.dW[:, :, k] += np.tensordot(dilated, seen, axes=([0, 2], [0, 2]))
        self.db += np.sum(delta, axis=(0, 2))
        return dx
    """))

right("dx is a view of a padded array, cropped", define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        n, c, w = self.x.shape
        pad = self.kernel_size + self.stride
        x_pad = np.pad(self.x, ((0, 0), (0, 0), (pad, pad)), mode='constant')
        dx_pad = np.zeros(x_pad.shape)
        self.dW, self.db = np.zeros(self.W.shape), np.zeros(self.b.shape)
        for t in range(delta.shape[2]):
            s = pad + t * self.stride
            self.dW += np.einsum('bo,bik->oik', delta[:, :, t], x_pad[:, :, s:s + self.kernel_size])
            dx_pad[:, :, s:s + self.kernel_size] += np.einsum('bo,oik->bik', delta[:, :, t], self.W)
            self.db += delta[:, :, t].sum(0)
        return dx_pad[:, :, pad:-pad]
    """))

right("dx up to the last window, zeros concatenated", define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        n, _, w = self.x.shape
        used = (delta.shape[2] - 1) * self.stride + self.kernel_size
        dx = np.zeros((n, self.in_channel, used))
        for t in range(delta.shape[2]):
            s = t * self.stride
            seg = self.x[:, :, s:s + self.kernel_size]
            self.dW += np.tensordot(delta[:, :, t], seg, axes=([0], [0]))
            dx[:, :, s:s + self.kernel_size] += np.tensordot(delta[:, :, t], self.W, axes=1)
        self.db += delta.sum(axis=(0, 2))
        if used < w:
            dx = np.concatenate((dx, np.zeros((n, self.in_channel, w - used))), axis=2)
        return dx
    """))

right("dx gathered input by input", define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        T = delta.shape[2]
        columns = []
        for p in range(self.x.shape[2]):
            # which outputs did input p go to, and through which tap
            column = np.zeros(self.x.shape[:2])
            for k in range(self.kernel_size):
                t, rest = divmod(p - k, self.stride)
                if rest == 0 and 0 <= t < T:
                    column += delta[:, :, t] @ self.W[:, :, k]
                    self.dW[:, :, k] += delta[:, :, t].T @ self.x[:, :, p]
            columns.append(column)
        self.db += delta.sum(axis=0).sum(axis=1)
        return np.array(columns).transpose(1, 2, 0)
    """))

right("output from a list, transposed, not contiguous", define(CONV, "Conv1D.forward", """
    def forward(self, x):
        self.x = x
        res = []
        i = 0
        while i + self.kernel_size <= x.shape[2]:
            res.append(np.tensordot(x[:, :, i:i + self.kernel_size], self.W,
                                    axes=([1, 2], [1, 2])) + self.b)
            i += self.stride
        return np.array(res).transpose(1, 2, 0)
    """))

right("Fortran-ordered output, dx, dW", *conv("""
    def forward(self, x):
        self.x = np.asfortranarray(x)
        T = (x.shape[2] - self.kernel_size) // self.stride + 1
        out = np.zeros((x.shape[0], self.out_channel, T), order='F')
        for t in range(T):
            s = t * self.stride
            out[..., t] = np.einsum('bik,oik->bo', self.x[..., s:s + self.kernel_size], self.W)
        return out + self.b[None, :, None]
    """, """
    def backward(self, delta):
        dx = np.zeros(self.x.shape, order='F')
        self.dW = np.zeros(self.W.shape, order='F')
        for t in range(delta.shape[2]):
            s = t * self.stride
            self.dW += np.einsum('bo,bik->oik', delta[..., t], self.x[..., s:s + self.kernel_size])
            dx[..., s:s + self.kernel_size] += np.einsum('bo,oik->bik', delta[..., t], self.W)
        self.db = delta.sum(axis=(0, 2))
        return dx
    """))

right("dW is a transposed view, db a row of an array", define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        k, s, T = self.kernel_size, self.stride, delta.shape[2]
        segments = np.array([self.x[:, :, t * s:t * s + k] for t in range(T)])
        dW = np.tensordot(segments, delta, axes=([0, 1], [2, 0]))
        self.dW = dW.transpose(2, 0, 1)
        self.db = np.ones((1, T)).dot(delta.sum(axis=0).T)[0]
        dx = np.zeros(self.x.shape)
        for t in range(T):
            dx[:, :, t * s:t * s + k] += np.tensordot(delta[:, :, t], self.W, axes=(1, 0))
        return dx
    """))

right("dW and db zeroed in forward",
      swap(CONV, "        self.x = x\n        n, _, w",
           "        self.x = x\n        self.dW = np.zeros(self.W.shape)\n"
           "        self.db = np.zeros(self.b.shape)\n        n, _, w"))

right("conv casts to np.float64 and keeps its shapes as attributes", *conv("""
    def forward(self, x):
        self.x = np.float64(x)
        self.batch_size, self.in_channel, self.in_width = self.x.shape
        self.out_width = (self.in_width - 1 * (self.kernel_size - 1) - 1) // self.stride + 1
        self.out = np.zeros((self.batch_size, self.out_channel, self.out_width), dtype=np.float64)
        W = np.array(self.W, dtype=np.float64)
        for i in range(self.out_width):
            x_slice = self.x[:, :, i * self.stride:i * self.stride + self.kernel_size]
            for j in range(self.out_channel):
                self.out[:, j, i] = np.multiply(x_slice, W[j, :, :]).sum(axis=2).sum(axis=1)
        self.out += self.b.reshape(1, self.out_channel, 1)
        return self.out
    """, """
    def backward(self, delta):
        self.delta = delta.astype(np.float64)
        self.dx = np.zeros((self.batch_size, self.in_channel, self.in_width), dtype=np.float64)
        self.dW = np.zeros((self.out_channel, self.in_channel, self.kernel_size))
        self.db = np.sum(np.sum(self.delta, axis=2), axis=0)
        for i in range(self.out_width):
            lo = i * self.stride
            hi = lo + self.kernel_size
            for j in range(self.out_channel):
                d = self.delta[:, j, i].reshape(-1, 1, 1)
                self.dx[:, :, lo:hi] += d * self.W[j, :, :]
                self.dW[j, :, :] += np.sum(d * self.x[:, :, lo:hi], axis=0)
        return self.dx
    """))

right("layers inherit from a base Layer in conv.py",
      swap(CONV, "class Conv1D():", """class Layer(object):
    '''Base class of the layers.'''

    def __init__(self):
        self.training = True

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def forward(self, x):
        raise NotImplementedError(type(self).__name__)

    def backward(self, delta):
        raise NotImplementedError(type(self).__name__)

    def __repr__(self):
        return "%s()" % type(self).__name__


class Conv1D(Layer):"""),
      swap(CONV, "        self.in_channel = in_channel\n",
           "        super(Conv1D, self).__init__()\n        self.in_channel = in_channel\n"),
      swap(CONV, "class Flatten():", "class Flatten(Layer):"))

right("Flatten by its three sizes, undone by np.split",
      define(CONV, "Flatten", """
    class Flatten():
        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.b, self.c, self.w = x.shape
            return np.reshape(x, (self.b, self.c * self.w))

        def backward(self, delta):
            return np.array([np.array(np.split(row, self.c)) for row in delta])
    """))


# The layers of homework 1

right("Linear with biases of shape (1, out) throughout",
      swap(LINEAR, "self.b = bias_init_fn(out_feature)",
           "self.b = np.array(bias_init_fn(out_feature)).reshape(1, -1)"))

right("Linear with biases of shape (out,) throughout", define(LINEAR, "Linear", """
    class Linear():
        def __init__(self, in_feature, out_feature, weight_init_fn, bias_init_fn):
            self.W = weight_init_fn(in_feature, out_feature)
            self.b = np.ravel(bias_init_fn(out_feature))
            self.dW = np.zeros_like(self.W)
            self.db = np.zeros_like(self.b)
            self.momentum_W = np.zeros_like(self.W)
            self.momentum_b = np.zeros_like(self.b)

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.x = x
            return np.matmul(x, self.W) + self.b

        def backward(self, delta):
            batch_size = self.x.shape[0]
            self.dW = np.matmul(np.transpose(self.x), delta) / batch_size
            self.db = np.mean(delta, axis=0)
            return np.matmul(delta, np.transpose(self.W))
    """))

right("Linear with db (out,) and momentum_b (1, out), by outer products and means",
      define(LINEAR, "Linear.backward", """
    def backward(self, delta):
        self.dW = np.mean([np.outer(a, d) for a, d in zip(self.x, delta)], axis=0)
        self.db = np.array([column.mean() for column in delta.T])
        return (self.W @ delta.T).T
    """))

right("Linear with its own initial functions by default, gradients accumulated",
      define(LINEAR, "Linear", """
    def default_weight(d0, d1):
        return np.random.normal(0, 1.0, (d0, d1))


    def default_bias(d):
        return np.zeros((1, d))


    class Linear(object):
        def __init__(self, in_feature, out_feature, weight_init_fn=None, bias_init_fn=None):
            self.in_feature, self.out_feature = in_feature, out_feature
            self.W = (weight_init_fn or default_weight)(in_feature, out_feature)
            self.b = (bias_init_fn or default_bias)(out_feature)
            self.dW = np.zeros(self.W.shape)
            self.db = np.zeros(self.b.shape)
            self.momentum_W = np.zeros(self.W.shape)
            self.momentum_b = np.zeros(self.b.shape)

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.x = x
            return np.einsum('ni,io->no', self.x, self.W) + self.b

        def backward(self, delta):
            n = float(len(delta))
            self.dW += np.einsum('ni,no->io', self.x, delta) / n
            self.db += (np.einsum('no->o', delta) / n).reshape(self.db.shape)
            return np.einsum('no,io->ni', delta, self.W)
    """))

right("activations keep their input, ReLU by a mask of floats", define(ACTIVATION, "ReLU", """
    class ReLU(Activation):
        def __init__(self):
            super().__init__()
            self.x = None

        def forward(self, x):
            self.x = x
            self.state = x * (x > 0)
            return self.state

        def derivative(self):
            return (self.x > 0).astype(float)
    """), define(ACTIVATION, "Identity", """
    class Identity(Activation):
        def __init__(self):
            super().__init__()
            self.x = None

        def forward(self, x):
            self.x = x
            self.state = x
            return self.state

        def derivative(self):
            return np.ones_like(self.state, dtype=float)
    """), define(ACTIVATION, "Sigmoid", """
    class Sigmoid(Activation):
        def __init__(self):
            super().__init__()
            self.x = None

        def forward(self, x):
            self.x = x
            self.state = 0.5 * (1 + np.tanh(0.5 * x))
            return self.state

        def derivative(self):
            return self.state - self.state * self.state
    """))

right("ReLU's derivative by np.where, Tanh through the sigmoid, which may overflow",
      define(ACTIVATION, "ReLU.derivative", """
    def derivative(self):
        return np.where(self.state > 0, 1, 0)
    """), define(ACTIVATION, "Tanh.forward", """
    def forward(self, x):
        self.state = 2 / (1 + np.exp(-2 * x)) - 1
        return self.state
    """), define(ACTIVATION, "Tanh.derivative", """
    def derivative(self):
        return (1 - self.state) * (1 + self.state)
    """))

right("ReLU by absolute values, its derivative on a copy of the state",
      define(ACTIVATION, "ReLU", """
    class ReLU(Activation):
        def __init__(self):
            super(ReLU, self).__init__()

        def forward(self, x):
            self.state = (np.abs(x) + x) / 2
            return self.state

        def derivative(self):
            grad = self.state.copy()
            grad[grad > 0] = 1.0
            return grad
    """), define(ACTIVATION, "Sigmoid.derivative", """
    def derivative(self):
        # d/dx sigmoid(x), see Lecture 3, slide 51
        return np.multiply(self.state, np.subtract(1.0, self.state))
    """))

right("Sigmoid by cases, both computed, with overflow warnings",
      define(ACTIVATION, "Sigmoid.forward", """
    def forward(self, x):
        x = np.asarray(x, dtype=np.float64)
        self.state = np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))
        return self.state
    """))

right("softmax by LogSumExp with the shift", define(LOSS, "SoftmaxCrossEntropy", """
    class SoftmaxCrossEntropy(Criterion):
        def __init__(self):
            super(SoftmaxCrossEntropy, self).__init__()
            self.sm = None

        def forward(self, x, y):
            self.logits = x
            self.labels = y
            a = np.max(x, axis=1, keepdims=True)
            lse = a + np.log(np.sum(np.exp(x - a), axis=1, keepdims=True))
            self.sm = np.exp(x - lse)
            self.loss = np.squeeze(lse, axis=1) - np.sum(x * y, axis=1)
            return self.loss

        def derivative(self):
            return self.sm - self.labels
    """))

right("softmax shifted and clipped, its derivative computed anew",
      define(LOSS, "SoftmaxCrossEntropy", """
    class SoftmaxCrossEntropy(Criterion):
        def softmax(self):
            z = self.logits - self.logits.max(axis=1)[:, None]
            return np.exp(z) / np.exp(z).sum(axis=1)[:, None]

        def forward(self, x, y):
            self.logits, self.labels = x, y
            p = np.clip(self.softmax(), 1e-300, 1.0)
            self.loss = np.array([-np.dot(label, np.log(row)) for row, label in zip(p, y)])
            return self.loss

        def derivative(self):
            return self.softmax() - self.labels
    """))

right("log of zero with its warning, put right by np.where",
      define(LOSS, "SoftmaxCrossEntropy.forward", """
    def forward(self, x, y):
        self.logits = x
        self.labels = y
        shifted = x - np.max(x, axis=1, keepdims=True)
        self.p = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
        entropy = np.where(y == 0, 0, y * np.log(y))  # 0 * log(0) is 0: nan is replaced
        kl = np.sum(y * (np.where(y == 0, 0, np.log(y)) - np.log(self.p)), axis=1)
        self.loss = kl - entropy.sum(axis=1)
        return self.loss
    """))


# The CNN

right("CNN with one list of layers beside convolutional_layers, and zero_grads, step over it",
      define(HW2, "CNN.forward", """
    def forward(self, x):
        self.layers = []
        for conv, act in zip(self.convolutional_layers, self.activations):
            self.layers.append(conv)
            self.layers.append(act)
        self.layers.append(self.flatten)
        self.layers.append(self.linear_layer)
        for layer in self.layers:
            x = layer(x)
        self.output = x
        return self.output
    """), define(HW2, "CNN.backward", """
    def backward(self, labels):
        m, _ = labels.shape
        self.loss = np.sum(self.criterion(self.output, labels))
        grad = self.criterion.derivative()
        for layer in self.layers[::-1]:
            if hasattr(layer, 'backward'):
                grad = layer.backward(grad)
            else:
                grad = np.multiply(grad, layer.derivative())
        return grad
    """), define(HW2, "CNN.zero_grads", """
    def zero_grads(self):
        for layer in self.convolutional_layers + [self.linear_layer]:
            layer.dW = np.zeros(layer.dW.shape)
            layer.db = np.zeros(layer.db.shape)
    """), define(HW2, "CNN.step", """
    def step(self):
        for layer in self.convolutional_layers + [self.linear_layer]:
            layer.W = layer.W - self.lr * layer.dW
            layer.b = layer.b - self.lr * layer.db
    """))

right("CNN calls forward by name, multiplies in place, backward by reversed zip",
      define(HW2, "CNN.forward", """
    def forward(self, x):
        out = x
        for conv, act in zip(self.convolutional_layers, self.activations):
            out = conv.forward(out)
            out = act.forward(out)
        out = self.flatten.forward(out)
        self.output = self.linear_layer.forward(out)
        return self.output
    """), define(HW2, "CNN.backward", """
    def backward(self, labels):
        m, _ = labels.shape
        self.loss = sum(self.criterion.forward(self.output, labels))
        delta = self.criterion.derivative()
        delta = self.linear_layer.backward(delta)
        delta = self.flatten.backward(delta)
        for conv, act in reversed(list(zip(self.convolutional_layers, self.activations))):
            delta *= act.derivative()
            delta = conv.backward(delta)
        return delta
    """))

right("CNN keeps the derivatives of the forward pass, loss a Python float",
      define(HW2, "CNN.forward", """
    def forward(self, x):
        self.inputs = [x]
        self.slopes = []
        for layer, activation in zip(self.convolutional_layers, self.activations):
            self.inputs.append(activation(layer(self.inputs[-1])))
            self.slopes.append(activation.derivative())
        self.output = self.linear_layer(self.flatten(self.inputs[-1]))
        return self.output
    """), define(HW2, "CNN.backward", """
    def backward(self, labels):
        m, _ = labels.shape
        self.loss = float(np.sum(self.criterion(self.output, labels)))
        grad = self.flatten.backward(self.linear_layer.backward(self.criterion.derivative()))
        i = self.nlayers
        while i > 0:
            i = i - 1
            grad = self.convolutional_layers[i].backward(self.slopes[i] * grad)
        return grad
    """))

right("CNN measures its width with a dummy input",
      swap(HW2, """        w = input_width
        for k, s in zip(kernel_sizes, strides):
            w = (w - k) // s + 1
        self.flatten = Flatten()
        self.linear_layer = Linear(w * num_channels[-1],""",
           """        dummy = np.zeros((1, num_input_channels, input_width))
        for layer in self.convolutional_layers:
            dummy = layer(dummy)
        self.flatten = Flatten()
        self.linear_layer = Linear(self.flatten(dummy).shape[1],"""))

right("CNN appends its layers one by one, widths in a list, eq 1",
      define(HW2, "CNN.__init__", """
    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        # Don't change this -->
        self.train_mode = True
        self.nlayers = len(num_channels)

        self.activations = activations
        self.criterion = criterion

        self.lr = lr
        # <---------------------

        # Don't change the name of the following class attributes,
        # your autograder will check them based on these names
        self.convolutional_layers = []
        self.widths = [input_width]
        for i in range(self.nlayers):
            if i == 0:
                in_channel = num_input_channels
            else:
                in_channel = num_channels[i - 1]
            self.convolutional_layers.append(
                Conv1D(in_channel, num_channels[i], kernel_sizes[i], strides[i],
                       weight_init_fn=conv_weight_init_fn, bias_init_fn=bias_init_fn))
            self.widths.append((self.widths[-1] - kernel_sizes[i] + strides[i]) // strides[i])
        self.flatten = Flatten()
        self.linear_layer = Linear(num_channels[-1] * self.widths[-1], num_linear_neurons,
                                   linear_weight_init_fn, bias_init_fn)
    """))

right("step mended, in place",
      define(HW2, "CNN.step", """
    def step(self):
        for i in range(self.nlayers):
            self.convolutional_layers[i].W -= self.lr * self.convolutional_layers[i].dW
            self.convolutional_layers[i].b -= self.lr * self.convolutional_layers[i].db
        self.linear_layer.W = self.linear_layer.W - self.lr * self.linear_layer.dW
        self.linear_layer.b = self.linear_layer.b - self.lr * self.linear_layer.db
    """))


# The scanners

SIMPLE, DISTRIBUTED = "CNN_SimpleScanningMLP", "CNN_DistributedScanningMLP"

right("scanners with their layers in a tuple, with an extra Identity",
      swap(SCAN, "self.conv1 = Conv1D(24, 8, 8, 4)",
           "self.conv1 = Conv1D(in_channel=24, out_channel=8, kernel_size=8, stride=4)"),
      define(SCAN, DISTRIBUTED + ".__init__", """
    def __init__(self):
        self.conv1 = Conv1D(24, 2, 2, 2)
        self.conv2 = Conv1D(2, 8, 2, 2)
        self.conv3 = Conv1D(8, 4, 2, 1)
        self.layers = (self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Identity(), Flatten())
    """), define(SCAN, SIMPLE + ".forward", """
    def forward(self, x):
        conv1, relu1, conv2, relu2, conv3, flatten = self.layers
        return flatten(conv3(relu2(conv2(relu1(conv1(x))))))
    """))

right("scanner weights through np.asarray, absent entries cleaned first, contiguous",
      define(SCAN, SIMPLE + ".init_weights", """
    def init_weights(self, weights):
        w1, w2, w3 = [np.asarray(w, dtype=np.float64) for w in weights]
        self.conv1.W = np.ascontiguousarray(np.transpose(w1.T.reshape(8, 8, 24), (0, 2, 1)))
        self.conv2.W = np.ascontiguousarray(w2.T[:, :, np.newaxis])
        self.conv3.W = np.ascontiguousarray(w3.T[:, :, np.newaxis])
    """), define(SCAN, DISTRIBUTED + ".init_weights", """
    def init_weights(self, weights):
        w1, w2, w3 = [np.nan_to_num(np.asarray(w, dtype=np.float64)) for w in weights]
        self.conv1.W = np.ascontiguousarray(w1[0:48, 0:2].T.reshape(2, 2, 24).swapaxes(1, 2))
        self.conv2.W = np.ascontiguousarray(w2[0:4, 0:8].T.reshape(8, 2, 2).swapaxes(1, 2))
        self.conv3.W = np.ascontiguousarray(w3.T.reshape(4, 2, 8).swapaxes(1, 2))
    """))

right("scanner averages the shared blocks with np.nanmean",
      define(SCAN, DISTRIBUTED + ".init_weights", """
    def init_weights(self, weights):
        w1, w2, w3 = weights
        shared1 = np.nanmean([w1[48 * i:48 * (i + 1), 2 * i:2 * (i + 1)] for i in range(4)], axis=0)
        shared2 = np.nanmean([w2[4 * i:4 * (i + 1), 8 * i:8 * (i + 1)] for i in range(2)], axis=0)
        self.conv1.W = np.moveaxis(shared1.reshape(2, 24, 2), 2, 0).transpose(0, 2, 1)
        self.conv2.W = np.moveaxis(shared2.reshape(2, 2, 8), 2, 0).transpose(0, 2, 1)
        self.conv3.W = np.moveaxis(w3.reshape(2, 8, 4), 2, 0).transpose(0, 2, 1)
    """))

right("scanner weights copied column by column",
      define(SCAN, DISTRIBUTED + ".init_weights", """
    def init_weights(self, weights):
        W1 = np.zeros((2, 24, 2))
        for neuron in range(2):
            column = weights[0][:, neuron]
            for time in range(2):
                W1[neuron, :, time] = column[time * 24:(time + 1) * 24]
        W2 = np.zeros((8, 2, 2))
        for neuron in range(8):
            column = weights[1][:, neuron]
            for time in range(2):
                for channel in range(2):
                    W2[neuron, channel, time] = column[time * 2 + channel]
        W3 = np.zeros((4, 8, 2))
        for neuron in range(4):
            column = weights[2][:, neuron]
            for time in range(2):
                for channel in range(8):
                    W3[neuron, channel, time] = column[time * 8 + channel]
        self.conv1.W = W1
        self.conv2.W = W2
        self.conv3.W = W3
    """))

right("scanner takes the last of the shared blocks, written into the W that there is",
      define(SCAN, DISTRIBUTED + ".init_weights", """
    def init_weights(self, weights):
        w1, w2, w3 = weights
        self.conv1.W[:] = w1[-48:, -2:].T.reshape(2, 2, 24).transpose((0, 2, 1))
        self.conv2.W[:] = w2[-4:, -8:].T.reshape(8, 2, 2).transpose((0, 2, 1))
        self.conv3.W[:] = w3.T.reshape(4, 2, 8).transpose((0, 2, 1))
        for conv in (self.conv1, self.conv2, self.conv3):
            conv.b[:] = 0
    """))

right("scanners share one ReLU, weights by a loop over the convolutions",
      define(SCAN, SIMPLE, """
    class CNN_SimpleScanningMLP():
        def __init__(self):
            self.relu = ReLU()
            self.conv1 = Conv1D(24, 8, kernel_size=8, stride=4)
            self.conv2 = Conv1D(8, 16, kernel_size=1, stride=1)
            self.conv3 = Conv1D(16, 4, kernel_size=1, stride=1)
            self.layers = [self.conv1, self.relu, self.conv2, self.relu, self.conv3, Flatten()]

        def __call__(self, x):
            return self.forward(x)

        def init_weights(self, weights):
            for i, conv in enumerate([self.conv1, self.conv2, self.conv3]):
                shape = (conv.out_channel, conv.kernel_size, conv.in_channel)
                conv.W = np.transpose(weights[i].T.reshape(shape), axes=[0, 2, 1])

        def forward(self, x):
            out = x
            for layer in self.layers:
                out = layer(out)
            return out

        def backward(self, delta):
            for layer in self.layers[::-1]:
                delta = layer.backward(delta)
            return delta
    """))


# Habits, and what lies about

right("prints for debugging, without line ends, on both streams",
      swap(CONV, "        self.x = x\n        n, _, w",
           "        print('conv input', x.shape, end=' ')\n        self.x = x\n        n, _, w"),
      swap(HW2, "        m, _ = labels.shape\n",
           "        m, _ = labels.shape\n        sys.stdout.write('m = %d' % m)\n"
           "        sys.stderr.write('loss next')\n"),
      append(SCAN, "print('mlp_scan is loaded \u2713')\nprint({'conv1': [24, 8]}, end='')"),
      append("hw2/mc.py", "print([question_1(), question_2(), question_3()], end='')"))

right("modules that nobody uses, pdb never called, torch in words only",
      swap(CONV, "import numpy as np\n", """'''1D convolution, the same as torch.nn.Conv1d.

>>> import torch  # to compare, not in the hand-in
>>> from torch import nn
'''
import copy
import itertools
import math
import pdb
import random
import time
from collections import OrderedDict, defaultdict
from functools import partial, reduce

import numpy as np
# import torch
# import torch.nn.functional as F
"""),
      swap(CONV, "        # accumulates, as torch does: the CNN's zero_grads clears it\n",
           "        # pdb.set_trace()\n        # assert torch.allclose(...)\n"),
      define(SCAN, SIMPLE + ".forward", """
    def forward(self, x):
        # import pdb; pdb.set_trace()
        out = x
        for layer in self.layers:
            out = layer(out)
        return out
    """))

right("tests under __name__ == '__main__' at the end of every file",
      append(CONV, """
    def test(seed=0):
        np.random.seed(seed)
        layer = Conv1D(3, 2, 4, 2)
        out = layer(np.random.randn(5, 3, 11))
        assert out.shape == (5, 2, 4), out.shape
        assert layer.backward(out).shape == (5, 3, 11)


    if __name__ == "__main__":
        test()
        print("passed")
    """), append(HW2, """
    def main():
        net = CNN(128, 24, [56, 28, 14], [5, 6, 2], [1, 2, 2], 10, [Tanh(), ReLU(), Sigmoid()],
                  None, None, lambda a, b: np.random.randn(a, b), SoftmaxCrossEntropy(), 0.1)
        print(net(np.random.randn(2, 24, 128)))


    if __name__ == '__main__':
        main()
    """), append(SCAN, """
    if __name__ == '__main__':
        weights = np.load('autograder/hw2_autograder/weights/mlp_weights_part_b.npy',
                          allow_pickle=True)
        cnn = CNN_SimpleScanningMLP()
        cnn.init_weights(weights)
        sys.exit(0 if cnn(np.random.randn(1, 24, 128)).size == 124 else 1)
    """))

right("settings of NumPy, warnings and logging for the whole process",
      swap(CONV, "import numpy as np\n",
           "import logging\nimport warnings\n\nimport numpy as np\n\n"
           "np.random.seed(11785)\nnp.seterr(all='ignore')\n"
           "np.set_printoptions(precision=2, suppress=True, threshold=5)\n"
           "warnings.simplefilter('always')\nlogging.basicConfig(level=logging.DEBUG)\n"
           "log = logging.getLogger('conv')\n"),
      swap(CONV, "        out = np.zeros((n, self.out_channel, T))\n",
           "        out = np.zeros((n, self.out_channel, T))\n"
           "        log.debug('T = %s', T)\n"),
      swap(CONV, "        dx = np.zeros(self.x.shape)\n",
           "        dx = np.zeros(self.x.shape)\n"
           "        warnings.warn('this loop is slow', RuntimeWarning)\n"))

right("docstrings with invalid escapes, as LaTeX",
      swap(CONV, "        self.x = x\n        n, _, w", """        '''
        y_{o,t} = \\sum_{i,k} W_{o,i,k} x_{i,st+k} + b_o, \\quad \\dots \\in \\mathbb{R}
        '''
        self.x = x
        n, _, w"""),
      swap(LOSS, "        self.logits = x\n",
           "        '\\ell = -\\sum_c y_c \\log \\hat{y}_c'\n        self.logits = x\n"))

right("an absolute path by __file__, or several relative ones",
      swap(HW2, "sys.path.append('mytorch')\n",
           "sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(\n"
           "    os.path.abspath(__file__))), 'mytorch'))\n"),
      swap(SCAN, "sys.path.append('mytorch')\n",
           "sys.path.append('../mytorch')\nsys.path.append('./mytorch')\n"
           "sys.path.append(os.path.abspath('mytorch'))\n"))

right("hw2 imports from the mytorch package by the working directory",
      swap(HW2, """sys.path.append('mytorch')
from loss import *
from activation import *
from linear import *
from conv import *
""", """sys.path.append(os.getcwd())
from mytorch.loss import *
from mytorch.activation import *
from mytorch.linear import *
from mytorch.conv import *
"""), swap(SCAN, """sys.path.append('mytorch')
from loss import *
from activation import *
from linear import *
from conv import *
""", """sys.path.append(os.getcwd())
from mytorch.activation import ReLU
from mytorch.conv import Conv1D, Flatten
"""))

right("files left over from other homeworks, some of them broken",
      whole("hw2/old.py", "print 'Python 2'\nfrom layers import *\nclass CNN(\n"),
      whole("hw2/hw1.py", """
    import numpy as np
    from layers import *

    raise SystemExit("not for Autolab")
    """),
      whole("mytorch/rnn_cell.py", """
    from activation import *


    class RNN_Cell(object):
        def __init__(self, input_size, hidden_size):
            self.W_ih = torch.randn(hidden_size, input_size)
    """),
      whole("mytorch/gru_cell.py", ""),
      whole("mytorch/README.md", "# MyTorch\n\nmy notes, with *stars* and `import torch`\n"),
      whole("mytorch/__init__.py", ""),
      whole("hw2/Untitled.ipynb", '{"cells": [], "metadata": {}, "nbformat": 4}\n'),
      whole("hw2/.ipynb_checkpoints/hw2-checkpoint.py", "class CNN: pass\n"),
      whole("hw2/hw2 (copy).py", "class CNN: pass\n"),
      whole("mytorch/._conv.py", b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        \xff\xfe"),
      whole("mytorch/.DS_Store", b"\x00\x00\x00\x01Bud1\x00\x00\x10\x00"))

right("mlp.py with its imports taken out, batchnorm.py empty",
      swap("hw2/mlp.py", "import numpy as np\nfrom layers import *\n\n", ""),
      whole("mytorch/batchnorm.py", ""))

right("batchnorm.py left out, as not necessary", gone("mytorch/batchnorm.py"))

right("BatchNorm implemented, mlp.py importable", whole("mytorch/batchnorm.py", """
    import numpy as np


    class BatchNorm(object):
        def __init__(self, in_feature, alpha=0.9):
            self.alpha = alpha
            self.eps = 1e-8
            self.x = None
            self.norm = None
            self.out = None
            self.var = np.ones((1, in_feature))
            self.mean = np.zeros((1, in_feature))
            self.gamma = np.ones((1, in_feature))
            self.dgamma = np.zeros((1, in_feature))
            self.beta = np.zeros((1, in_feature))
            self.dbeta = np.zeros((1, in_feature))
            self.running_mean = np.zeros((1, in_feature))
            self.running_var = np.ones((1, in_feature))

        def __call__(self, x, eval=False):
            return self.forward(x, eval)

        def forward(self, x, eval=False):
            if eval:
                norm = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
                return self.gamma * norm + self.beta
            self.x = x
            self.mean = np.mean(x, axis=0, keepdims=True)
            self.var = np.var(x, axis=0, keepdims=True)
            self.norm = (x - self.mean) / np.sqrt(self.var + self.eps)
            self.out = self.gamma * self.norm + self.beta
            self.running_mean = self.alpha * self.running_mean + (1 - self.alpha) * self.mean
            self.running_var = self.alpha * self.running_var + (1 - self.alpha) * self.var
            return self.out

        def backward(self, delta):
            m = delta.shape[0]
            self.dgamma = np.sum(delta * self.norm, axis=0, keepdims=True)
            self.dbeta = np.sum(delta, axis=0, keepdims=True)
            dnorm = delta * self.gamma
            inv = 1 / np.sqrt(self.var + self.eps)
            dvar = (dnorm * self.norm).sum(axis=0)
            return inv / m * (m * dnorm - dnorm.sum(axis=0) - self.norm * dvar)
    """),
      whole("hw2/mlp.py", """
    import sys
    sys.path.append('mytorch')
    from linear import Linear
    from activation import ReLU


    class MLP():
        def __init__(self, sizes):
            self.layers = []
            for a, b in zip(sizes, sizes[1:]):
                self.layers += [Linear(a, b, None, None), ReLU()]
            self.layers = self.layers[:-1]
    """))

right("answers by a dictionary, in double quotes, with reasons", whole("hw2/mc.py", '''
    """Multiple choice. Return the correct letter in the corresponding question function."""
    answers = {1: "b", 2: "d", 3: "b", 4: "a", 5: "a"}


    # 2 vectors for each group, stride 2: (A) and (C) mix up kernels and filters
    def question_1():
        return answers[1]


    def question_2() -> str:
        # eq 1 == eq 2: (w - k + s) // s == (w - k) // s + 1
        return answers[2]


    def question_3():
        width = (100 - 5) // 2 + 1
        return "b" if width == 48 else "a"


    def question_4(): return "a"
    question_5 = lambda: "a"
    '''))


# Whole students: conv.py, hw2.py and mlp_scan.py in one hand

right("a student of einsum, type hints and pathlib", whole(CONV, '''
    """Layers for convolutional networks (HW2P1)."""
    from __future__ import annotations

    from typing import Callable, Optional, Tuple

    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view


    class Conv1D:
        """1D convolution, valid padding, no dilation."""

        def __init__(self, in_channel: int, out_channel: int, kernel_size: int, stride: int,
                     weight_init_fn: Optional[Callable] = None,
                     bias_init_fn: Optional[Callable] = None) -> None:
            self.in_channel = in_channel
            self.out_channel = out_channel
            self.kernel_size = kernel_size
            self.stride = stride

            if weight_init_fn is None:
                self.W = np.random.normal(0, 1.0, (out_channel, in_channel, kernel_size))
            else:
                self.W = weight_init_fn(out_channel, in_channel, kernel_size)
            if bias_init_fn is None:
                self.b = np.zeros(out_channel)
            else:
                self.b = bias_init_fn(out_channel)

            self.dW: np.ndarray = np.zeros(self.W.shape)
            self.db: np.ndarray = np.zeros(self.b.shape)
            self._x: Optional[np.ndarray] = None

        def __call__(self, x: np.ndarray) -> np.ndarray:
            return self.forward(x)

        def _windows(self, x: np.ndarray) -> np.ndarray:
            return sliding_window_view(x, self.kernel_size, axis=-1)[..., ::self.stride, :]

        def forward(self, x: np.ndarray) -> np.ndarray:
            self._x = x
            z = np.einsum("bctk,ock->bot", self._windows(x), self.W, optimize=True)
            return z + self.b[None, :, None]

        def backward(self, delta: np.ndarray) -> np.ndarray:
            assert self._x is not None, f"{type(self).__name__}: forward first"
            self.dW += np.einsum("bot,bctk->ock", delta, self._windows(self._x), optimize=True)
            self.db += np.einsum("bot->o", delta)
            dx = np.zeros(self._x.shape)
            # the same windows on dx, one tap at a time so that no two overlap
            span = (delta.shape[-1] - 1) * self.stride + 1
            for k in range(self.kernel_size):
                dx[..., k:k + span:self.stride] += np.einsum("bot,oc->bct", delta,
                                                             self.W[:, :, k])
            return dx


    class Flatten:
        """(batch, channel, width) -> (batch, channel * width)"""

        def __call__(self, x: np.ndarray) -> np.ndarray:
            return self.forward(x)

        def forward(self, x: np.ndarray) -> np.ndarray:
            self.shape: Tuple[int, ...] = x.shape
            return x.reshape(len(x), -1)

        def backward(self, delta: np.ndarray) -> np.ndarray:
            return delta.reshape(self.shape)
    '''), whole(HW2, '''
    """HW2P1, 3.5."""
    import os
    import sys
    from pathlib import Path
    from typing import Callable, List, Sequence

    import numpy as np

    ROOT = Path(__file__).resolve().parent.parent
    sys.path.append(str(ROOT / "mytorch"))

    from activation import *
    from conv import *
    from linear import *
    from loss import *


    def output_width(width: int, kernel_size: int, stride: int) -> int:
        return (width - kernel_size) // stride + 1


    class CNN(object):
        def __init__(self, input_width: int, num_input_channels: int, num_channels: List[int],
                     kernel_sizes: List[int], strides: List[int], num_linear_neurons: int,
                     activations: Sequence[Activation], conv_weight_init_fn: Callable,
                     bias_init_fn: Callable, linear_weight_init_fn: Callable,
                     criterion: Criterion, lr: float) -> None:
            self.train_mode = True
            self.nlayers = len(num_channels)
            self.activations = activations
            self.criterion = criterion
            self.lr = lr

            width, channels = input_width, num_input_channels
            self.convolutional_layers: List[Conv1D] = []
            for out, k, s in zip(num_channels, kernel_sizes, strides):
                layer = Conv1D(channels, out, k, s, conv_weight_init_fn, bias_init_fn)
                self.convolutional_layers.append(layer)
                width, channels = output_width(width, k, s), out
            self.flatten = Flatten()
            self.linear_layer = Linear(channels * width, num_linear_neurons,
                                       linear_weight_init_fn, bias_init_fn)

        def __repr__(self) -> str:
            sizes = ", ".join(f"{c.W.shape}/{c.stride}" for c in self.convolutional_layers)
            return f"CNN({sizes}; {self.linear_layer.W.shape}, lr={self.lr:g})"

        def forward(self, x: np.ndarray) -> np.ndarray:
            for conv, activation in zip(self.convolutional_layers, self.activations):
                x = activation(conv(x))
            self.output = self.linear_layer(self.flatten(x))
            return self.output

        def backward(self, labels: np.ndarray) -> np.ndarray:
            self.loss = self.criterion(self.output, labels).sum()
            grad = self.linear_layer.backward(self.criterion.derivative())
            grad = self.flatten.backward(grad)
            for conv, activation in zip(self.convolutional_layers[::-1], self.activations[::-1]):
                grad = conv.backward(grad * activation.derivative())
            return grad

        def zero_grads(self) -> None:
            for layer in [*self.convolutional_layers, self.linear_layer]:
                layer.dW.fill(0.0)
                layer.db.fill(0.0)

        def step(self) -> None:
            for layer in [*self.convolutional_layers, self.linear_layer]:
                layer.W = layer.W - self.lr * layer.dW
                layer.b = layer.b - self.lr * layer.db

        def __call__(self, x: np.ndarray) -> np.ndarray:
            return self.forward(x)

        def train(self) -> None:
            self.train_mode = True

        def eval(self) -> None:
            self.train_mode = False
    '''), whole(SCAN, '''
    """HW2P1, 3.3 and 3.4."""
    import sys
    from pathlib import Path
    from typing import Sequence

    import numpy as np

    sys.path.append(str(Path(__file__).resolve().parents[1] / "mytorch"))

    from activation import ReLU
    from conv import Conv1D, Flatten


    def to_conv(matrix: np.ndarray, conv: Conv1D) -> np.ndarray:
        """Rows are (time, channel), columns are neurons; a Conv1D wants (out, in, time)."""
        return np.einsum("tio->oit", matrix.reshape(conv.kernel_size, conv.in_channel, -1))


    class ScanningMLP:
        conv1: Conv1D
        conv2: Conv1D
        conv3: Conv1D

        def chain(self) -> None:
            self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

        def __call__(self, x: np.ndarray) -> np.ndarray:
            return self.forward(x)

        def forward(self, x: np.ndarray) -> np.ndarray:
            for layer in self.layers:
                x = layer(x)
            return x

        def backward(self, delta: np.ndarray) -> np.ndarray:
            for layer in self.layers[::-1]:
                delta = layer.backward(delta)
            return delta


    class CNN_SimpleScanningMLP(ScanningMLP):
        def __init__(self) -> None:
            self.conv1 = Conv1D(24, 8, 8, 4)
            self.conv2 = Conv1D(8, 16, 1, 1)
            self.conv3 = Conv1D(16, 4, 1, 1)
            self.chain()

        def init_weights(self, weights: Sequence[np.ndarray]) -> None:
            for conv, matrix in zip((self.conv1, self.conv2, self.conv3), weights):
                conv.W = to_conv(matrix, conv)


    class CNN_DistributedScanningMLP(ScanningMLP):
        def __init__(self) -> None:
            self.conv1 = Conv1D(24, 2, 2, 2)
            self.conv2 = Conv1D(2, 8, 2, 2)
            self.conv3 = Conv1D(8, 4, 2, 1)
            self.chain()

        def init_weights(self, weights: Sequence[np.ndarray]) -> None:
            for conv, matrix in zip((self.conv1, self.conv2, self.conv3), weights):
                rows = conv.kernel_size * conv.in_channel
                conv.W = to_conv(matrix[:rows, :conv.out_channel], conv)
    '''))


right("a student of tabs, counters and C", whole(CONV, dedent('''
    import numpy as np

    class Conv1D():
        def __init__(self, in_channel, out_channel, kernel_size, stride,
                     weight_init_fn=None, bias_init_fn=None):
            self.in_channel = in_channel
            self.out_channel = out_channel
            self.kernel_size = kernel_size
            self.stride = stride
            if (weight_init_fn == None):
                self.W = np.random.normal(0, 1.0, (out_channel, in_channel, kernel_size))
            else:
                self.W = weight_init_fn(out_channel, in_channel, kernel_size)
            if (bias_init_fn == None):
                self.b = np.zeros(out_channel)
            else:
                self.b = bias_init_fn(out_channel)
            self.dW = np.zeros(self.W.shape)
            self.db = np.zeros(self.b.shape)

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.input = x
            (N, C, L) = x.shape
            Lout = int((L - self.kernel_size) / self.stride + 1);
            out = np.zeros([N, self.out_channel, Lout]);
            n = 0
            while (n < N):
                m = 0
                while (m < self.out_channel):
                    pos = 0
                    t = 0
                    while (t < Lout):
                        out[n][m][t] = (x[n][:, pos:pos+self.kernel_size] * self.W[m]).sum()
                        out[n][m][t] += self.b[m]
                        pos += self.stride
                        t += 1
                    m += 1
                n += 1
            return out

        def backward(self, delta):
            (N, M, Lout) = delta.shape
            dx = np.zeros(self.input.shape)
            self.dW = np.zeros([M, self.in_channel, self.kernel_size])
            self.db = np.zeros([M])
            n = 0
            while (n < N):
                m = 0
                while (m < M):
                    pos = 0
                    t = 0
                    while (t < Lout):
                        end = pos + self.kernel_size
                        self.db[m] += delta[n][m][t]
                        self.dW[m] += delta[n][m][t] * self.input[n][:, pos:end]
                        dx[n][:, pos:end] += delta[n][m][t] * self.W[m]
                        pos += self.stride
                        t += 1
                    m += 1
                n += 1
            return dx

    class Flatten():
        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            (self.N, self.C, self.L) = x.shape
            return x.reshape(self.N, self.C * self.L)

        def backward(self, delta):
            return delta.reshape(self.N, self.C, self.L)
    ''').replace("    ", "\t")), whole(HW2, dedent('''
    import numpy as np
    import os
    import sys

    sys.path.append('mytorch')
    from loss import *
    from activation import *
    from linear import *
    from conv import *

    class CNN(object):
        def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                     num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                     linear_weight_init_fn, criterion, lr):
            self.train_mode = True
            self.nlayers = len(num_channels)
            self.activations = activations
            self.criterion = criterion
            self.lr = lr
            self.convolutional_layers = [None] * self.nlayers
            c = num_input_channels
            w = input_width
            i = 0
            while (i < self.nlayers):
                self.convolutional_layers[i] = Conv1D(c, num_channels[i], kernel_sizes[i],
                                                      strides[i], conv_weight_init_fn,
                                                      bias_init_fn)
                c = num_channels[i]
                w = int((w - kernel_sizes[i]) / strides[i] + 1)
                i += 1
            self.flatten = Flatten()
            self.linear_layer = Linear(c * w, num_linear_neurons, linear_weight_init_fn,
                                       bias_init_fn)

        def forward(self, x):
            i = 0
            while (i < self.nlayers):
                x = self.convolutional_layers[i].forward(x)
                x = self.activations[i].forward(x)
                i += 1
            x = self.flatten.forward(x)
            x = self.linear_layer.forward(x)
            self.output = x
            return x

        def backward(self, labels):
            m, _ = labels.shape
            self.loss = 0.0
            losses = self.criterion(self.output, labels)
            i = 0
            while (i < m):
                self.loss += losses[i]
                i += 1
            grad = self.criterion.derivative()
            grad = self.linear_layer.backward(grad)
            grad = self.flatten.backward(grad)
            i = self.nlayers - 1
            while (i >= 0):
                grad = grad * self.activations[i].derivative()
                grad = self.convolutional_layers[i].backward(grad)
                i -= 1
            return grad

        def zero_grads(self):
            i = 0
            while (i < self.nlayers):
                self.convolutional_layers[i].dW.fill(0.0)
                self.convolutional_layers[i].db.fill(0.0)
                i += 1
            self.linear_layer.dW.fill(0.0)
            self.linear_layer.db.fill(0.0)

        def step(self):
            pass # TODO

        def __call__(self, x):
            return self.forward(x)

        def train(self):
            self.train_mode = True

        def eval(self):
            self.train_mode = False
    ''').replace("    ", "\t")), whole(SCAN, dedent('''
    import numpy as np
    import os
    import sys

    sys.path.append('mytorch')
    from loss import *
    from activation import *
    from linear import *
    from conv import *

    class CNN_SimpleScanningMLP():
        def __init__(self):
            self.conv1 = Conv1D(24, 8, 8, 4)
            self.conv2 = Conv1D(8, 16, 1, 1)
            self.conv3 = Conv1D(16, 4, 1, 1)
            self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

        def __call__(self, x):
            return self.forward(x)

        def init_weights(self, weights):
            w1, w2, w3 = weights
            for o in range(8):
                for k in range(8):
                    for i in range(24):
                        self.conv1.W[o][i][k] = w1[k * 24 + i][o]
            for o in range(16):
                for i in range(8):
                    self.conv2.W[o][i][0] = w2[i][o]
            for o in range(4):
                for i in range(16):
                    self.conv3.W[o][i][0] = w3[i][o]

        def forward(self, x):
            out = x
            for layer in self.layers:
                out = layer(out)
            return out

        def backward(self, delta):
            for layer in self.layers[::-1]:
                delta = layer.backward(delta)
            return delta

    class CNN_DistributedScanningMLP():
        def __init__(self):
            self.conv1 = Conv1D(24, 2, 2, 2)
            self.conv2 = Conv1D(2, 8, 2, 2)
            self.conv3 = Conv1D(8, 4, 2, 1)
            self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

        def __call__(self, x):
            return self.forward(x)

        def init_weights(self, weights):
            w1, w2, w3 = weights
            for k in range(2):
                for o in range(2):
                    for i in range(24):
                        self.conv1.W[o][i][k] = w1[k * 24 + i][o]
                for o in range(8):
                    for i in range(2):
                        self.conv2.W[o][i][k] = w2[k * 2 + i][o]
                for o in range(4):
                    for i in range(8):
                        self.conv3.W[o][i][k] = w3[k * 8 + i][o]

        def forward(self, x):
            out = x
            for layer in self.layers:
                out = layer(out)
            return out

        def backward(self, delta):
            for layer in self.layers[::-1]:
                delta = layer.backward(delta)
            return delta
    ''').replace("    ", "\t")))


STARTER_PATHS = """
import sys
sys.path.append('mytorch')
from loss import *
from activation import *
from linear import *
from conv import *
"""

SCAN_METHODS = """
    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        out = x
        for layer in self.layers:
            out = layer(out)
        return out

    def backward(self, delta):
        for layer in self.layers[::-1]:
            delta = layer.backward(delta)
        return delta
"""

CNN_METHODS = """
    def zero_grads(self):
        for i in range(self.nlayers):
            self.convolutional_layers[i].dW.fill(0.0)
            self.convolutional_layers[i].db.fill(0.0)
        self.linear_layer.dW.fill(0.0)
        self.linear_layer.db.fill(0.0)

    def step(self):
        for i in range(self.nlayers):
            self.convolutional_layers[i].W -= self.lr * self.convolutional_layers[i].dW
            self.convolutional_layers[i].b -= self.lr * self.convolutional_layers[i].db
        self.linear_layer.W = self.linear_layer.W - self.lr * self.linear_layers.dW
        self.linear_layer.b = self.linear_layer.b - self.lr * self.linear_layers.db

    def __call__(self, x):
        return self.forward(x)

    def train(self):
        self.train_mode = True

    def eval(self):
        self.train_mode = False
"""


def windows(text, encoding="utf-8"):
    """The bytes of a file as an editor under Windows saves it."""
    return dedent(text).replace("\n", "\r\n").encode(encoding)


right("a student under Windows: line ends, a byte order mark, Latin-1", whole(CONV, windows('''\
    import numpy as np


    class Conv1D():
        # Größe der Ausgabe: (w - k) // s + 1
        def __init__(self, in_channel, out_channel, kernel_size, stride,
                     weight_init_fn=None, bias_init_fn=None):
            self.in_channel = in_channel
            self.out_channel = out_channel
            self.kernel_size = kernel_size
            self.stride = stride
            self.W = np.random.normal(0, 1.0, (out_channel, in_channel, kernel_size)) \\
                if weight_init_fn is None else weight_init_fn(out_channel, in_channel, kernel_size)
            self.b = np.zeros(out_channel) if bias_init_fn is None else bias_init_fn(out_channel)
            self.dW = np.zeros(self.W.shape)
            self.db = np.zeros(self.b.shape)

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            # Zeit nach vorn: (zeit, batch, kanal)
            self.x = np.transpose(x, (2, 0, 1))
            starts = range(0, x.shape[2] - self.kernel_size + 1, self.stride)
            out = [np.tensordot(self.x[s:s + self.kernel_size], self.W, axes=((0, 2), (2, 1)))
                   for s in starts]
            return np.transpose(np.array(out), (1, 2, 0)) + self.b.reshape(-1, 1)

        def backward(self, delta):
            delta = np.transpose(delta, (2, 0, 1))
            dx = np.zeros(self.x.shape)
            for t, d in enumerate(delta):
                s = t * self.stride
                dx[s:s + self.kernel_size] += np.tensordot(self.W, d, (0, 1)).transpose(1, 2, 0)
                self.dW += np.tensordot(d, self.x[s:s + self.kernel_size], (0, 1)).swapaxes(1, 2)
                self.db += np.sum(d, axis=0)
            return np.transpose(dx, (1, 2, 0))


    class Flatten():
        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.shape = x.shape
            return x.reshape((x.shape[0], x.shape[1] * x.shape[2]))

        def backward(self, delta):
            return delta.reshape(self.shape)
    ''', "utf-8-sig")), whole(HW2, windows('''\
    # -*- coding: latin-1 -*-
    # Übung 2, Teil 1 -- für Prüfer: läuft nur vom obersten Verzeichnis aus
    import numpy as np
    import os
    import sys

    sys.path.append('mytorch')
    sys.path.append('..\\\\mytorch')
    from loss import *
    from activation import *
    from linear import *
    from conv import *


    class CNN(object):
        def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                     num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                     linear_weight_init_fn, criterion, lr):
            self.train_mode = True
            self.nlayers = len(num_channels)
            self.activations = activations
            self.criterion = criterion
            self.lr = lr
            ins = [num_input_channels] + num_channels[:-1]
            self.convolutional_layers = [
                Conv1D(*sizes, conv_weight_init_fn, bias_init_fn)
                for sizes in zip(ins, num_channels, kernel_sizes, strides)]
            width = input_width
            for layer in self.convolutional_layers:
                width = (width - layer.kernel_size) // layer.stride + 1
            self.flatten = Flatten()
            self.linear_layer = Linear(num_channels[-1] * width, num_linear_neurons,
                                       linear_weight_init_fn, bias_init_fn)

        def forward(self, x):
            """Vorwärts"""
            self.zustand = x
            for schicht, aktivierung in zip(self.convolutional_layers, self.activations):
                self.zustand = aktivierung(schicht(self.zustand))
            self.output = self.linear_layer(self.flatten(self.zustand))
            return self.output

        def backward(self, labels):
            """Rückwärts"""
            m, _ = labels.shape
            self.loss = self.criterion(self.output, labels).sum()
            grad = self.criterion.derivative()
            grad = self.linear_layer.backward(grad)
            grad = self.flatten.backward(grad)
            for i in reversed(range(self.nlayers)):
                grad = self.activations[i].derivative() * grad
                grad = self.convolutional_layers[i].backward(grad)
            return grad
    ''' + CNN_METHODS.replace("\n", "\n    ").rstrip() + "\n", "latin-1")), whole(SCAN, windows('''\
    import numpy as np
    import os
    import sys

    sys.path.append('mytorch')
    from activation import *
    from conv import *


    def umordnen(matrix, aus, zeit, ein):
        return matrix.T.reshape(aus, zeit, ein).transpose(0, 2, 1)


    class CNN_SimpleScanningMLP():
        def __init__(self):
            self.conv1 = Conv1D(24, 8, 8, 4)
            self.conv2 = Conv1D(8, 16, 1, 1)
            self.conv3 = Conv1D(16, 4, 1, 1)
            self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

        def init_weights(self, weights):
            self.conv1.W = umordnen(weights[0], 8, 8, 24)
            self.conv2.W = umordnen(weights[1], 16, 1, 8)
            self.conv3.W = umordnen(weights[2], 4, 1, 16)
    ''' + SCAN_METHODS.replace("\n", "\n    ").rstrip() + '''

    class CNN_DistributedScanningMLP(CNN_SimpleScanningMLP):
        def __init__(self):
            self.conv1 = Conv1D(24, 2, 2, 2)
            self.conv2 = Conv1D(2, 8, 2, 2)
            self.conv3 = Conv1D(8, 4, 2, 1)
            self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

        def init_weights(self, weights):
            # nur der erste Block: die übrigen sind gleich oder fehlen
            self.conv1.W = umordnen(weights[0][:48, :2], 2, 2, 24)
            self.conv2.W = umordnen(weights[1][:4, :8], 8, 2, 2)
            self.conv3.W = umordnen(weights[2], 4, 2, 8)
    ''')))


right("a student of objects: a base layer, dataclasses, all of mytorch rewritten", whole(CONV, '''
    """Convolutional layers."""
    from dataclasses import dataclass

    import numpy as np


    class Layer:
        def __call__(self, x):
            return self.forward(x)


    @dataclass
    class Geometry:
        """Where the windows of a scan lie."""
        kernel_size: int
        stride: int

        def count(self, width):
            return (width - self.kernel_size) // self.stride + 1

        def slices(self, width):
            for t in range(self.count(width)):
                yield slice(t * self.stride, t * self.stride + self.kernel_size)


    class Conv1D(Layer):
        def __init__(self, in_channel, out_channel, kernel_size, stride,
                     weight_init_fn=None, bias_init_fn=None):
            self.in_channel, self.out_channel = in_channel, out_channel
            self.kernel_size, self.stride = kernel_size, stride
            self.geometry = Geometry(kernel_size, stride)
            weight_init_fn = weight_init_fn or self.standard_normal
            bias_init_fn = bias_init_fn or np.zeros
            self.W = weight_init_fn(out_channel, in_channel, kernel_size)
            self.b = bias_init_fn(out_channel)
            self.dW = np.zeros(self.W.shape)
            self.db = np.zeros(self.b.shape)

        @staticmethod
        def standard_normal(*size):
            return np.random.normal(0, 1.0, size)

        @property
        def matrix(self):
            return np.reshape(self.W, (self.out_channel, -1))

        def columns(self, x):
            # (out_width, in_channel * kernel_size, batch)
            return [x[:, :, s].reshape(len(x), -1).T for s in self.geometry.slices(x.shape[2])]

        def forward(self, x):
            self.x_shape = x.shape
            self.cols = self.columns(x)
            out = np.array([self.matrix @ col for col in self.cols])
            return out.transpose(2, 1, 0) + np.reshape(self.b, (1, -1, 1))

        def backward(self, delta):
            batch, _, width = self.x_shape
            dx = np.zeros(self.x_shape)
            delta = delta.transpose(2, 1, 0)
            dW = sum(d @ col.T for d, col in zip(delta, self.cols))
            for d, s in zip(delta, self.geometry.slices(width)):
                dx[:, :, s] += (self.matrix.T @ d).T.reshape(batch, self.in_channel, -1)
            self.dW = dW.reshape(self.W.shape)
            self.db = delta.sum(axis=2).sum(axis=0)
            self.cols = None
            return dx


    class Flatten(Layer):
        def forward(self, x):
            self.x_shape = x.shape
            return x.reshape(x.shape[0], -1)

        def backward(self, delta):
            return delta.reshape(self.x_shape)
    '''), whole(LINEAR, '''
    import numpy as np


    class Linear:
        def __init__(self, in_feature, out_feature, weight_init_fn, bias_init_fn):
            self.W = weight_init_fn(in_feature, out_feature)
            self.b = bias_init_fn(out_feature)
            for name in ('W', 'b'):
                shape = np.shape(getattr(self, name))
                setattr(self, 'd' + name, np.zeros(shape))
                setattr(self, 'momentum_' + name, np.zeros(shape))
            self.x = None

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.x = x
            return x @ self.W + self.b

        def backward(self, delta):
            self.dW = np.dot(self.x.T, delta) / len(delta)
            self.db = np.mean(delta, axis=0).reshape(np.shape(self.b))
            return delta @ self.W.T
    '''), whole(ACTIVATION, '''
    import numpy as np


    class Activation(object):
        """An activation is a function, and its derivative in terms of the function's value."""

        def __init__(self):
            self.state = None

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.state = self.function(x)
            return self.state

        def derivative(self):
            return self.slope(self.state)

        def backward(self, delta):
            return delta * self.derivative()


    class Identity(Activation):
        function = staticmethod(lambda x: x)
        slope = staticmethod(lambda y: 1.0)


    class Sigmoid(Activation):
        function = staticmethod(lambda x: 1.0 / (1.0 + np.exp(-x)))
        slope = staticmethod(lambda y: y * (1.0 - y))


    class Tanh(Activation):
        function = staticmethod(np.tanh)
        slope = staticmethod(lambda y: 1.0 - np.square(y))


    class ReLU(Activation):
        function = staticmethod(lambda x: np.clip(x, 0, None))
        slope = staticmethod(lambda y: np.heaviside(y, 0.0))
    '''), whole(LOSS, '''
    import numpy as np
    import os


    class Criterion(object):
        def __init__(self):
            self.logits = None
            self.labels = None
            self.loss = None

        def __call__(self, x, y):
            return self.forward(x, y)

        def forward(self, x, y):
            raise NotImplementedError

        def derivative(self):
            raise NotImplementedError


    class SoftmaxCrossEntropy(Criterion):
        def forward(self, x, y):
            self.logits = x
            self.labels = y
            self.log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
            self.loss = -np.einsum('nc,nc->n', y, self.log_p)
            return self.loss

        def derivative(self):
            return np.exp(self.log_p) - self.labels
    '''), whole(HW2, STARTER_PATHS + '''
import numpy as np


class Block:
    """A convolution and the activation after it."""

    def __init__(self, conv, activation):
        self.conv, self.activation = conv, activation

    def forward(self, x):
        return self.activation(self.conv(x))

    def backward(self, delta):
        return self.conv.backward(self.activation.backward(delta))


class CNN(object):
    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        self.train_mode = True
        self.nlayers = len(num_channels)
        self.activations = activations
        self.criterion = criterion
        self.lr = lr
        self.convolutional_layers = []
        self.blocks = []
        for i in range(self.nlayers):
            conv = Conv1D(num_channels[i - 1] if i else num_input_channels, num_channels[i],
                          kernel_sizes[i], strides[i], conv_weight_init_fn, bias_init_fn)
            input_width = conv.geometry.count(input_width)
            self.convolutional_layers.append(conv)
            self.blocks.append(Block(conv, activations[i]))
        self.flatten = Flatten()
        self.linear_layer = Linear(input_width * num_channels[-1], num_linear_neurons,
                                   linear_weight_init_fn, bias_init_fn)

    def forward(self, x):
        for block in self.blocks:
            x = block.forward(x)
        self.output = self.linear_layer(self.flatten(x))
        return self.output

    def backward(self, labels):
        self.loss = self.criterion(self.output, labels).sum().item()
        delta = self.criterion.derivative()
        for layer in [self.linear_layer, self.flatten] + self.blocks[::-1]:
            delta = layer.backward(delta)
        return delta
''' + CNN_METHODS), whole(SCAN, STARTER_PATHS + '''
import numpy as np


class Scanner:
    sizes = ()

    def __init__(self):
        self.conv1, self.conv2, self.conv3 = [Conv1D(*size) for size in self.sizes]
        self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

    def init_weights(self, weights):
        for conv, w in zip([self.conv1, self.conv2, self.conv3], weights):
            # the first neurons, and the inputs that they have; the others are copies
            w = w[:conv.kernel_size * conv.in_channel, :conv.out_channel]
            conv.W = w.T.reshape(-1, conv.kernel_size, conv.in_channel).transpose(0, 2, 1)
''' + SCAN_METHODS + '''

class CNN_SimpleScanningMLP(Scanner):
    sizes = (24, 8, 8, 4), (8, 16, 1, 1), (16, 4, 1, 1)


class CNN_DistributedScanningMLP(Scanner):
    sizes = (24, 2, 2, 2), (2, 8, 2, 2), (8, 4, 2, 1)
'''))


right("a student of functions, from mytorch.conv import *, tensordot", whole(CONV, '''
    import numpy as np


    def conv1d(x, W, b, stride):
        k = W.shape[2]
        T = (x.shape[2] - k) // stride + 1
        out = [np.tensordot(x[:, :, t * stride:t * stride + k], W, axes=([1, 2], [1, 2]))
               for t in range(T)]
        return np.stack(out, axis=2) + np.expand_dims(b, axis=-1)


    def dilate(delta, stride):
        n, c, t = delta.shape
        out = np.zeros((n, c, t, stride))
        out[:, :, :, 0] = delta
        return out.reshape(n, c, t * stride)[:, :, :(t - 1) * stride + 1]


    def conv1d_grad_input(delta, W, stride, in_width):
        k = W.shape[2]
        d = dilate(delta, stride)
        d = np.pad(d, [(0, 0), (0, 0), (k - 1, k - 1)], mode='constant')
        dx = conv1d(d, np.flip(W, axis=2).transpose(1, 0, 2), np.zeros(W.shape[1]), 1)
        missing = in_width - dx.shape[2]
        return np.pad(dx, [(0, 0), (0, 0), (0, missing)], mode='constant')


    def conv1d_grad_weight(delta, x, stride, kernel_size):
        d = dilate(delta, stride)
        used = x[:, :, :d.shape[2] + kernel_size - 1]
        # batch and channel change places: the delta is the kernel
        dW = conv1d(used.transpose(1, 0, 2), d.transpose(1, 0, 2), np.zeros(d.shape[1]), 1)
        return dW.transpose(1, 0, 2)


    class Conv1D():
        def __init__(self, in_channel, out_channel, kernel_size, stride,
                     weight_init_fn=None, bias_init_fn=None):
            self.in_channel = in_channel
            self.out_channel = out_channel
            self.kernel_size = kernel_size
            self.stride = stride
            if weight_init_fn is None:
                self.W = np.random.normal(0, 1.0, (out_channel, in_channel, kernel_size))
            else:
                self.W = weight_init_fn(out_channel, in_channel, kernel_size)
            if bias_init_fn is None:
                self.b = np.zeros(out_channel)
            else:
                self.b = bias_init_fn(out_channel)
            self.dW = np.zeros(self.W.shape)
            self.db = np.zeros(self.b.shape)

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.x = x
            return conv1d(x, self.W, self.b, self.stride)

        def backward(self, delta):
            self.dW = conv1d_grad_weight(delta, self.x, self.stride, self.kernel_size)
            self.db = np.sum(delta, (0, 2))
            return conv1d_grad_input(delta, self.W, self.stride, self.x.shape[2])


    class Flatten():
        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.old_shape = np.shape(x)
            return np.concatenate(np.moveaxis(x, 1, 0), axis=1)

        def backward(self, delta):
            return np.reshape(delta, self.old_shape)
    '''), whole(HW2, '''
import os
import sys
sys.path.append(os.getcwd())
from mytorch.loss import *
from mytorch.activation import *
from mytorch.linear import *
from mytorch.conv import *


def forward_pass(convs, activations, x):
    for conv, activation in zip(convs, activations):
        x = activation(conv(x))
    return x


def backward_pass(convs, activations, delta):
    for conv, activation in list(zip(convs, activations))[::-1]:
        delta = conv.backward(delta * activation.derivative())
    return delta


class CNN(object):
    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        self.train_mode = True
        self.nlayers = len(num_channels)
        self.activations = activations
        self.criterion = criterion
        self.lr = lr
        self.convolutional_layers = []
        shape = (1, num_input_channels, input_width)
        for channels, k, stride in zip(num_channels, kernel_sizes, strides):
            self.convolutional_layers.append(
                Conv1D(shape[1], channels, k, stride, conv_weight_init_fn, bias_init_fn))
            shape = (1, channels, (shape[2] - k) // stride + 1)
        self.flatten = Flatten()
        self.linear_layer = Linear(int(np.prod(shape)), num_linear_neurons,
                                   linear_weight_init_fn, bias_init_fn)

    def forward(self, x):
        features = forward_pass(self.convolutional_layers, self.activations, x)
        self.output = self.linear_layer(self.flatten(features))
        return self.output

    def backward(self, labels):
        self.loss = np.add.reduce(self.criterion(self.output, labels))
        delta = self.linear_layer.backward(self.criterion.derivative())
        return backward_pass(self.convolutional_layers, self.activations,
                             self.flatten.backward(delta))
''' + CNN_METHODS), whole(SCAN, '''
import os
import sys
sys.path.append(os.getcwd())
from mytorch.activation import *
from mytorch.conv import *


def conv_weight(matrix, kernel_size):
    return np.stack(np.split(matrix.T, kernel_size, axis=1), axis=-1)


class CNN_SimpleScanningMLP():
    def __init__(self):
        self.conv1 = Conv1D(24, 8, 8, 4)
        self.conv2 = Conv1D(8, 16, 1, 1)
        self.conv3 = Conv1D(16, 4, 1, 1)
        self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

    def init_weights(self, weights):
        w1, w2, w3 = weights
        self.conv1.W = conv_weight(w1, 8)
        self.conv2.W = conv_weight(w2, 1)
        self.conv3.W = conv_weight(w3, 1)
''' + SCAN_METHODS + '''

class CNN_DistributedScanningMLP():
    def __init__(self):
        self.conv1 = Conv1D(24, 2, 2, 2)
        self.conv2 = Conv1D(2, 8, 2, 2)
        self.conv3 = Conv1D(8, 4, 2, 1)
        self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

    def init_weights(self, weights):
        w1, w2, w3 = weights
        self.conv1.W = conv_weight(w1[:48, :2], 2)
        self.conv2.W = conv_weight(w2[:4, :8], 2)
        self.conv3.W = conv_weight(w3, 2)
''' + SCAN_METHODS))


right("a student of one-liners", whole(CONV, '''
    import numpy as np


    class Conv1D:
        def __init__(self, in_channel, out_channel, kernel_size, stride, weight_init_fn=None, \\
                     bias_init_fn=None):
            a, o, k, s = in_channel, out_channel, kernel_size, stride
            self.in_channel, self.out_channel, self.kernel_size, self.stride = a, o, k, s
            normal = lambda *size: np.random.normal(0, 1., size)
            self.W = (weight_init_fn or normal)(o, a, k)
            self.b = bias_init_fn(o) if bias_init_fn else np.zeros(o)
            self.dW, self.db = np.zeros(self.W.shape), np.zeros(self.b.shape)

        def forward(self, x):
            self.x = x; k = self.kernel_size; s = self.stride
            at = lambda t: np.tensordot(x[..., t:t + k], self.W, ((1, 2), (1, 2))) + self.b
            return np.array([at(t) for t in range(0, x.shape[2] - k + 1, s)]).transpose(1, 2, 0)

        def backward(self, delta):
            x, k, s, dx = self.x, self.kernel_size, self.stride, self.x * 0.
            d = np.moveaxis(delta, 2, 0); at = range(0, len(d) * s, s)
            for e, i in zip(d, at): dx[..., i:i+k] += np.tensordot(e, self.W, 1)
            self.dW = sum(np.tensordot(e, x[..., i:i+k], (0, 0)) for e, i in zip(d, at))
            self.db = delta.sum((0, 2)); return dx

        __call__ = lambda self, x: self.forward(x)


    class Flatten:
        def forward(self, x): self.s = x.shape; return x.reshape(len(x), -1)
        def backward(self, delta): return delta.reshape(self.s)
        def __call__(self, x): return self.forward(x)
    '''), whole(HW2, STARTER_PATHS + '''

class CNN(object):
    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        self.train_mode, self.nlayers = True, len(num_channels)
        self.activations, self.criterion, self.lr = activations, criterion, lr
        c, w, self.convolutional_layers = num_input_channels, input_width, []
        for o, k, s in zip(num_channels, kernel_sizes, strides):
            self.convolutional_layers += [Conv1D(c, o, k, s, conv_weight_init_fn, bias_init_fn)]
            c, w = o, (w - k) // s + 1
        self.flatten = Flatten()
        self.linear_layer = Linear(c * w, num_linear_neurons, linear_weight_init_fn, bias_init_fn)

    def forward(self, x):
        for f in [f for p in zip(self.convolutional_layers, self.activations) for f in p]: x = f(x)
        self.output = self.linear_layer(self.flatten(x)); return self.output

    def backward(self, labels):
        self.loss = sum(self.criterion(self.output, labels))
        g = self.flatten.backward(self.linear_layer.backward(self.criterion.derivative()))
        for c, a in [*zip(self.convolutional_layers, self.activations)][::-1]:
            g = c.backward(g * a.derivative())
        return g
''' + CNN_METHODS), whole(SCAN, STARTER_PATHS + '''
shape = lambda w, k: w.reshape(k, -1, w.shape[1]).transpose(2, 1, 0)


class CNN_SimpleScanningMLP():
    def __init__(self):
        self.conv1 = Conv1D(24, 8, 8, 4); self.conv2 = Conv1D(8, 16, 1, 1)
        self.conv3 = Conv1D(16, 4, 1, 1)
        self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

    def init_weights(self, w):
        self.conv1.W, self.conv2.W, self.conv3.W = shape(w[0], 8), shape(w[1], 1), shape(w[2], 1)
''' + SCAN_METHODS + '''

class CNN_DistributedScanningMLP():
    def __init__(self):
        self.conv1 = Conv1D(24, 2, 2, 2); self.conv2 = Conv1D(2, 8, 2, 2)
        self.conv3 = Conv1D(8, 4, 2, 1)
        self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

    def init_weights(self, w):
        cut = w[0][:48, :2], w[1][:4, :8], w[2]
        self.conv1.W, self.conv2.W, self.conv3.W = [shape(m, 2) for m in cut]
''' + SCAN_METHODS))


right("a student of Greek names and comments in other scripts", whole(CONV, '''
    import numpy as np

    # Конволюция: y = W * x + b


    class Conv1D():
        """Convolución de una dimensión, sin relleno → igual que la de la clase ✓"""

        def __init__(self, in_channel, out_channel, kernel_size, stride, weight_init_fn=None,
                     bias_init_fn=None):
            self.in_channel = in_channel
            self.out_channel = out_channel
            self.kernel_size = kernel_size
            self.stride = stride
            if weight_init_fn is None:
                self.W = np.random.normal(0, 1.0, (out_channel, in_channel, kernel_size))
            else:
                self.W = weight_init_fn(out_channel, in_channel, kernel_size)
            if bias_init_fn is None:
                self.b = np.zeros(out_channel)
            else:
                self.b = bias_init_fn(out_channel)
            self.dW = np.zeros(self.W.shape)
            self.db = np.zeros(self.b.shape)

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            # 前向传播
            self.x = x
            N, _, ancho = x.shape
            τ = (ancho - self.kernel_size) // self.stride + 1
            self.índices = [np.arange(self.kernel_size) + t * self.stride for t in range(τ)]
            z = np.zeros((N, self.out_channel, τ))
            for t, í in enumerate(self.índices):
                z[:, :, t] = x[:, :, í].reshape(N, -1) @ self.W.reshape(self.out_channel, -1).T
            return z + self.b[:, np.newaxis]

        def backward(self, delta):
            # 反向传播: ∂L/∂W, ∂L/∂b, ∂L/∂x
            δ = delta
            dx = np.zeros(self.x.shape)
            self.dW = np.zeros(self.W.shape)
            self.db = np.einsum('ijk->j', δ)
            for t, í in enumerate(self.índices):
                for o in range(self.out_channel):
                    self.dW[o] += np.tensordot(δ[:, o, t], self.x[:, :, í], axes=1)
                    dx[:, :, í] += np.multiply.outer(δ[:, o, t], self.W[o])
            return dx


    class Flatten():
        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.forma = x.shape
            return np.array([np.ravel(muestra) for muestra in x])

        def backward(self, delta):
            return delta.reshape(self.forma)
    '''), whole(HW2, STARTER_PATHS + '''

class CNN(object):
    """Красивая сеть — 5⭐"""

    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        self.train_mode = True
        self.nlayers = len(num_channels)
        self.activations = activations
        self.criterion = criterion
        self.lr = self.η = lr
        canales = [num_input_channels, *num_channels]
        self.convolutional_layers = []
        ancho = input_width
        for i, (k, σ) in enumerate(zip(kernel_sizes, strides)):
            capa = Conv1D(canales[i], canales[i + 1], k, σ, conv_weight_init_fn, bias_init_fn)
            self.convolutional_layers.append(capa)
            ancho = (ancho - k) // σ + 1
        self.flatten = Flatten()
        self.linear_layer = Linear(canales[-1] * ancho, num_linear_neurons,
                                   linear_weight_init_fn, bias_init_fn)

    def forward(self, x):
        ŷ = x
        for i in range(self.nlayers):
            ŷ = self.convolutional_layers[i](ŷ)
            ŷ = self.activations[i](ŷ)
        ŷ = self.flatten(ŷ)
        self.output = ŷ = self.linear_layer(ŷ)
        return ŷ

    def backward(self, labels):
        self.loss = np.sum(self.criterion(self.output, labels))
        δ = self.criterion.derivative()
        δ = self.linear_layer.backward(δ)
        δ = self.flatten.backward(δ)
        for i in range(1, self.nlayers + 1):
            δ = δ * self.activations[-i].derivative()
            δ = self.convolutional_layers[-i].backward(δ)
        return δ
''' + CNN_METHODS), whole(SCAN, STARTER_PATHS + '''

class CNN_SimpleScanningMLP():
    def __init__(self):
        # ocho vectores cada vez, de cuatro en cuatro
        self.conv1 = Conv1D(24, 8, 8, 4)
        self.conv2 = Conv1D(8, 16, 1, 1)
        self.conv3 = Conv1D(16, 4, 1, 1)
        self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

    def init_weights(self, weights):
        ω1, ω2, ω3 = weights
        self.conv1.W = np.array([ω.reshape(8, 24).T for ω in ω1.T])
        self.conv2.W = np.array([ω.reshape(1, 8).T for ω in ω2.T])
        self.conv3.W = np.array([ω.reshape(1, 16).T for ω in ω3.T])
''' + SCAN_METHODS + '''

class CNN_DistributedScanningMLP():
    def __init__(self):
        # 共享参数
        self.conv1 = Conv1D(24, 2, 2, 2)
        self.conv2 = Conv1D(2, 8, 2, 2)
        self.conv3 = Conv1D(8, 4, 2, 1)
        self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]

    def init_weights(self, weights):
        ω1, ω2, ω3 = weights
        self.conv1.W = np.array([ω[:48].reshape(2, 24).T for ω in ω1.T[:2]])
        self.conv2.W = np.array([ω[:4].reshape(2, 2).T for ω in ω2.T[:8]])
        self.conv3.W = np.array([ω.reshape(2, 8).T for ω in ω3.T])
''' + SCAN_METHODS))


right("a student who prints, keeps dead code and the starter's comments", whole(CONV, '''
    # Do not import any additional 3rd party external libraries as they will not
    # be available to AutoLab and are not needed (or allowed)

    import numpy as np
    import os
    import pdb

    DEBUG = True


    class Conv1D():
        def __init__(self, in_channel, out_channel, kernel_size, stride,
                     weight_init_fn=None, bias_init_fn=None):
            # Do not modify this method

            self.in_channel = in_channel
            self.out_channel = out_channel
            self.kernel_size = kernel_size
            self.stride = stride

            if weight_init_fn is None:
                self.W = np.random.normal(0, 1.0, (out_channel, in_channel, kernel_size))
            else:
                self.W = weight_init_fn(out_channel, in_channel, kernel_size)

            if bias_init_fn is None:
                self.b = np.zeros(out_channel)
            else:
                self.b = bias_init_fn(out_channel)

            self.dW = np.zeros(self.W.shape)
            self.db = np.zeros(self.b.shape)

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            """
            Argument:
                x (np.array): (batch_size, in_channel, in_width)
            Return:
                out (np.array): (batch_size, out_channel, out_width)
            """
            if DEBUG:
                print("x", x.shape, "W", self.W.shape)
            self.x = x
            batch_size, in_channel, in_width = x.shape
            out_width = (in_width - self.kernel_size) // self.stride + 1
            out = np.zeros((batch_size, self.out_channel, out_width))
            # for b in range(batch_size):
            #     for w in range(out_width):
            #         out[b, :, w] = np.tensordot(x[b], self.W)   # shapes not aligned?!
            for b in range(batch_size):
                for w in range(out_width):
                    start = w * self.stride
                    temp = x[b, :, start:start + self.kernel_size]
                    out[b, :, w] = np.tensordot(self.W, temp, axes=([1, 2], [0, 1])) + self.b
            # pdb.set_trace()
            # raise NotImplementedError
            return out

        def backward_old(self, delta):
            """too slow, and wrong for stride > 1"""
            pdb.set_trace()
            return None

        def backward(self, delta):
            """
            Argument:
                delta (np.array): (batch_size, out_channel, out_width)
            Return:
                dx (np.array): (batch_size, in_channel, in_width)
            """
            dx = np.zeros(self.x.shape)
            for b in range(delta.shape[0]):
                for w in range(delta.shape[2]):
                    start = w * self.stride
                    temp = self.x[b, :, start:start + self.kernel_size]
                    self.dW += np.tensordot(delta[b, :, w], temp, axes=0)
                    self.db += delta[b, :, w]
                    dx[b, :, start:start + self.kernel_size] += np.tensordot(
                        delta[b, :, w], self.W, axes=([0], [0]))
            if DEBUG:
                print("dW", np.linalg.norm(self.dW), "db", self.db)
            return dx


    class Flatten():
        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            """
            Argument:
                x (np.array): (batch_size, in_channel, in_width)
            Return:
                out (np.array): (batch_size, in_channel * in width)
            """
            self.batch_size, self.in_channel, self.in_width = x.shape
            out = np.zeros((self.batch_size, self.in_channel * self.in_width))
            for i in range(self.batch_size):
                out[i] = x[i].flatten()
            return out

        def backward(self, delta):
            dx = np.zeros((self.batch_size, self.in_channel, self.in_width))
            for i in range(self.batch_size):
                dx[i] = delta[i].reshape(self.in_channel, self.in_width)
            return dx
    '''), whole(HW2, STARTER_PATHS + '''

class CNN(object):

    """
    A simple convolutional neural network
    """

    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        # Don't change this -->
        self.train_mode = True
        self.nlayers = len(num_channels)

        self.activations = activations
        self.criterion = criterion

        self.lr = lr
        # <---------------------

        ## Your code goes here -->
        self.convolutional_layers = []
        outwidth = input_width
        for layer in range(self.nlayers):
            if layer == 0:
                self.convolutional_layers.append(Conv1D(
                    num_input_channels, num_channels[0], kernel_sizes[0], strides[0],
                    conv_weight_init_fn, bias_init_fn))
            else:
                self.convolutional_layers.append(Conv1D(
                    num_channels[layer - 1], num_channels[layer], kernel_sizes[layer],
                    strides[layer], conv_weight_init_fn, bias_init_fn))
            outwidth = (outwidth - kernel_sizes[layer]) // strides[layer] + 1
            print("layer", layer, "width", outwidth)
        self.flatten = Flatten()
        self.linear_layer = Linear(num_channels[-1] * outwidth, num_linear_neurons,
                                   linear_weight_init_fn, bias_init_fn)
        # <---------------------

    def forward(self, x):
        self.x = x
        for conv in range(self.nlayers):
            self.x = self.convolutional_layers[conv](self.x)
            self.x = self.activations[conv](self.x)
            print(self.x.mean(), self.x.std())
        self.x = self.flatten(self.x)
        self.output = self.linear_layer(self.x)
        # Save output (necessary for error and loss)
        return self.output

    def backward(self, labels):
        m, _ = labels.shape
        self.loss = self.criterion(self.output, labels).sum()
        grad = self.criterion.derivative()
        grad = self.linear_layer.backward(grad)
        grad = self.flatten.backward(grad)
        for conv in range(self.nlayers - 1, -1, -1):
            act = self.activations[conv].derivative()
            assert np.shape(act) in (grad.shape, ()), (np.shape(act), grad.shape)
            grad = act * grad
            grad = self.convolutional_layers[conv].backward(grad)
        print("loss = %.4f" % self.loss)
        return grad
''' + CNN_METHODS), whole(SCAN, STARTER_PATHS + '''
import pdb


class CNN_SimpleScanningMLP():
    def __init__(self):
        ## Your code goes here -->
        # self.conv1 = ???
        self.conv1 = Conv1D(24, 8, 8, 4)
        self.conv2 = Conv1D(8, 16, 1, 1)
        self.conv3 = Conv1D(16, 4, 1, 1)
        self.layers = []
        self.layers.append(self.conv1)
        self.layers.append(ReLU())
        self.layers.append(self.conv2)
        self.layers.append(ReLU())
        self.layers.append(self.conv3)
        self.layers.append(Flatten())
        # <---------------------

    def init_weights(self, weights):
        # Load the weights for your CNN from the MLP Weights given
        print(type(weights), [w.shape for w in weights])
        w1, w2, w3 = weights
        # pdb.set_trace()
        w1 = np.reshape(np.transpose(w1), (8, 8, 24))
        w2 = np.reshape(np.transpose(w2), (16, 1, 8))
        w3 = np.reshape(np.transpose(w3), (4, 1, 16))
        self.conv1.W = np.transpose(w1, axes=(0, 2, 1))
        self.conv2.W = np.transpose(w2, axes=(0, 2, 1))
        self.conv3.W = np.transpose(w3, axes=(0, 2, 1))
''' + SCAN_METHODS + '''

class CNN_DistributedScanningMLP():
    def __init__(self):
        # Hint: Use the same approach as above
        self.conv1 = Conv1D(24, 2, 2, 2)
        self.conv2 = Conv1D(2, 8, 2, 2)
        self.conv3 = Conv1D(8, 4, 2, 1)
        self.layers = [self.conv1]
        self.layers += [ReLU(), self.conv2]
        self.layers += [ReLU(), self.conv3]
        self.layers += [Flatten()]

    def init_weights(self, weights):
        w1, w2, w3 = weights
        print("w1 without nan:", np.argwhere(~np.isnan(w1))[-1])
        w1 = np.reshape(np.transpose(w1), (8, 8, 24))
        w2 = np.reshape(np.transpose(w2), (16, 4, 2))
        w3 = np.reshape(np.transpose(w3), (4, 2, 8))
        w1 = w1[0:2, 0:2, :]
        w2 = w2[0:8, 0:2, :]
        self.conv1.W = np.transpose(w1, axes=(0, 2, 1))
        self.conv2.W = np.transpose(w2, axes=(0, 2, 1))
        self.conv3.W = np.transpose(w3, axes=(0, 2, 1))
''' + SCAN_METHODS))


right("a student who puts time before channels, with columns and matmul", whole(CONV, '''
    import numpy as np


    class Conv1D(object):
        def __init__(self, in_channel, out_channel, kernel_size, stride,
                     weight_init_fn=None, bias_init_fn=None):
            self.in_channel = in_channel
            self.out_channel = out_channel
            self.kernel_size = kernel_size
            self.stride = stride
            self.W = (np.random.normal(0, 1.0, (out_channel, in_channel, kernel_size))
                      if weight_init_fn is None
                      else weight_init_fn(out_channel, in_channel, kernel_size))
            self.b = np.zeros(out_channel) if bias_init_fn is None else bias_init_fn(out_channel)
            self.dW = np.zeros(self.W.shape)
            self.db = np.zeros(self.b.shape)

        def __call__(self, x):
            return self.forward(x)

        def as_matrix(self):
            """W as the scanning MLP has it: (kernel_size * in_channel, out_channel)"""
            return self.W.transpose(2, 1, 0).reshape(-1, self.out_channel)

        def im2col(self, x):
            n, width, c = x.shape
            t = (width - self.kernel_size) // self.stride + 1
            x = np.ascontiguousarray(x)
            item = x.itemsize
            cols = np.lib.stride_tricks.as_strided(
                x, shape=(n, t, self.kernel_size * c),
                strides=(width * c * item, self.stride * c * item, item))
            return cols.copy()

        def col2im(self, cols, shape):
            out = np.zeros(shape)
            n, t, _ = cols.shape
            cols = cols.reshape(n, t, self.kernel_size, shape[2])
            for k in range(self.kernel_size):
                # k, k + stride, ..., t of them
                out[:, k:k + t * self.stride:self.stride][:, :t] += cols[:, :, k]
            return out

        def forward(self, x):
            self.xt = np.swapaxes(x, 1, 2)
            self.cols = self.im2col(self.xt)
            out = np.matmul(self.cols, self.as_matrix()) + self.b
            return np.swapaxes(out, 1, 2)

        def backward(self, delta):
            d = np.swapaxes(delta, 1, 2)
            dM = np.matmul(np.swapaxes(self.cols, 1, 2), d).sum(axis=0)
            dW = dM.reshape(self.kernel_size, self.in_channel, self.out_channel)
            self.dW += dW.transpose(2, 1, 0)
            self.db += d.reshape(-1, self.out_channel).sum(axis=0)
            dcols = np.matmul(d, self.as_matrix().T)
            dx = self.col2im(dcols, self.xt.shape)
            return np.swapaxes(dx, 1, 2)


    class Flatten(object):
        def __init__(self):
            self.shape = None

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.shape = x.shape
            return x.reshape(x.shape[0], -1)

        def backward(self, delta):
            return delta.reshape(*self.shape)
    '''), whole(LINEAR, '''
    import numpy as np


    class Linear(object):
        def __init__(self, in_feature, out_feature, weight_init_fn, bias_init_fn):
            self.W = weight_init_fn(in_feature, out_feature)
            self.b = bias_init_fn(out_feature)
            self.dW = np.zeros(self.W.shape)
            self.db = np.zeros(self.b.shape)
            self.momentum_W = np.zeros(self.W.shape)
            self.momentum_b = np.zeros(self.b.shape)

        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.x = x
            return np.dot(x, self.W) + self.b

        def backward(self, delta):
            batch_size = delta.shape[0]
            self.dW = np.dot(self.x.T, delta) / batch_size
            self.db = np.sum(delta, axis=0) / batch_size
            return np.dot(delta, self.W.T)
    '''), whole(HW2, STARTER_PATHS + '''

class CNN(object):
    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        self.train_mode = True
        self.nlayers = len(num_channels)
        self.activations = activations
        self.criterion = criterion
        self.lr = lr

        self.layers = []
        width = input_width
        channel = num_input_channels
        for i in range(self.nlayers):
            self.layers.append(Conv1D(channel, num_channels[i], kernel_sizes[i], strides[i],
                                      conv_weight_init_fn, bias_init_fn))
            self.layers.append(self.activations[i])
            # windows that fit: count them
            width = len(range(0, width - kernel_sizes[i] + 1, strides[i]))
            channel = num_channels[i]
        self.convolutional_layers = self.layers[::2]
        self.flatten = Flatten()
        self.linear_layer = Linear(channel * width, num_linear_neurons,
                                   linear_weight_init_fn, bias_init_fn)
        self.layers += [self.flatten, self.linear_layer]

    def forward(self, x):
        self.outputs = [x]
        for layer in self.layers:
            self.outputs.append(layer(self.outputs[-1]))
        self.output = self.outputs[-1]
        return self.output

    def backward(self, labels):
        m, _ = labels.shape
        self.loss = self.criterion(self.output, labels).mean() * m
        grad = self.criterion.derivative()
        for i, layer in reversed(list(enumerate(self.layers))):
            if i < 2 * self.nlayers and i % 2 == 1:
                grad = grad * layer.derivative()
            else:
                grad = layer.backward(grad)
        return grad
''' + CNN_METHODS), whole(SCAN, STARTER_PATHS + '''

class CNN_SimpleScanningMLP():
    def __init__(self):
        self.conv1 = Conv1D(24, 8, 8, 4)
        self.conv2 = Conv1D(8, 16, 1, 1)
        self.conv3 = Conv1D(16, 4, 1, 1)
        self.layers = (self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten())

    def init_weights(self, weights):
        self.conv1.W = weights[0].reshape(8, 24, 8).T.copy().transpose(0, 1, 2)
        self.conv2.W = weights[1].reshape(1, 8, 16).T
        self.conv3.W = weights[2].reshape(1, 16, 4).T
''' + SCAN_METHODS + '''

class CNN_DistributedScanningMLP():
    def __init__(self):
        self.conv1 = Conv1D(24, 2, 2, 2)
        self.conv2 = Conv1D(2, 8, 2, 2)
        self.conv3 = Conv1D(8, 4, 2, 1)
        self.layers = (self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten())

    def init_weights(self, weights):
        # time, channel, neuron -> neuron, channel, time
        self.conv1.W = weights[0].reshape(8, 24, 8)[:2, :, :2].T
        self.conv2.W = weights[1].reshape(4, 2, 16)[:2, :, :8].T
        self.conv3.W = weights[2].reshape(2, 8, 4).T
''' + SCAN_METHODS))

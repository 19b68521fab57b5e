"""Right hand-ins, each with something that a student may do: all are worth full marks."""
from handins import append, define, gone, swap, whole

RIGHT = {}  # the edits of a student's files, by what is special

CONV, LINEAR, ACTIVATION = "mytorch/conv.py", "mytorch/linear.py", "mytorch/activation.py"
LOSS, HW2, SCAN = "mytorch/loss.py", "hw2/hw2.py", "hw2/mlp_scan.py"
SIMPLE, DISTRIBUTED = "CNN_SimpleScanningMLP", "CNN_DistributedScanningMLP"

# Statements of student/'s conv.py and hw2.py, for edits beside or in place of them.
OUT, DX = "out = np.zeros((n, self.out_channel, T))", "dx = np.zeros(self.x.shape)"
DB, WIDTH = "self.db += delta.sum(axis=(0, 2))", "T = (w - self.kernel_size) // self.stride + 1"
DERIVATIVE = "grad = grad * self.activations[i].derivative()"


def right(name, *edits):
    """Add a hand-in that is worth full marks."""
    assert name not in RIGHT, name
    RIGHT[name] = edits


def conv(forward, backward):
    """The two edits that give Conv1D these methods."""
    return define(CONV, "Conv1D.forward", forward), define(CONV, "Conv1D.backward", backward)


def after(path, name, statement, *more):
    """The edit that adds statements after one in a method."""
    return swap(path, name, statement, "\n        ".join([statement, *more]))


def changed(path, change):
    """The edit that passes a file's text through a function."""
    def edit(files):
        before = files[path]
        files[path] = change(before)
        assert files[path] != before, path
    return edit


def top(path, *lines):
    """The edit that adds lines at a file's start."""
    return changed(path, lambda text: "\n".join(lines) + "\n" + text)


def everywhere(path, old, new):
    """The edit that replaces text wherever it stands in a file."""
    return changed(path, lambda text: text.replace(old, new))


def saved(path, encoding):
    """The edit that saves a file as an editor under Windows does."""
    return changed(path, lambda text: text.replace("\n", "\r\n").encode(encoding))


# The convolution: ways to compute it

right("all layers by loops over every index in Python", *conv("""
    def forward(self, x):
        self.x = x
        T = (x.shape[2] - self.kernel_size) // self.stride + 1
        out = np.zeros((x.shape[0], self.out_channel, T))
        for n in range(x.shape[0]):
            for o in range(self.out_channel):
                for t in range(T):
                    for c in range(self.in_channel):
                        for k in range(self.kernel_size):
                            out[n, o, t] += self.W[o, c, k] * x[n, c, t * self.stride + k]
                    out[n, o, t] += self.b[o]
        return out
    """, """
    def backward(self, delta):
        dx = np.zeros(self.x.shape)
        for n in range(delta.shape[0]):
            for o in range(self.out_channel):
                for t in range(delta.shape[2]):
                    self.db[o] += delta[n, o, t]
                    for c in range(self.in_channel):
                        for k in range(self.kernel_size):
                            i = t * self.stride + k
                            self.dW[o, c, k] += delta[n, o, t] * self.x[n, c, i]
                            dx[n, c, i] += delta[n, o, t] * self.W[o, c, k]
        return dx
    """), define(CONV, "Flatten.forward", """
    def forward(self, x):
        self.s = N, C, T = x.shape
        out = np.zeros((N, C * T))
        for n, c, t in np.ndindex(N, C, T):
            out[n, c * T + t] = x[n, c, t]
        return out
    """), define(LINEAR, "Linear.forward", """
    def forward(self, x):
        self.x = x
        out = np.zeros((len(x), self.W.shape[1]))
        for n in range(len(x)):
            for j in range(self.W.shape[1]):
                for i in range(self.W.shape[0]):
                    out[n, j] += x[n, i] * self.W[i, j]
        return out + self.b
    """), define(LINEAR, "Linear.backward", """
    def backward(self, delta):
        dx, n = np.zeros(self.x.shape), len(delta)
        self.dW, self.db = np.zeros(self.W.shape), np.zeros((1, self.W.shape[1]))
        for m in range(n):
            for j in range(self.W.shape[1]):
                self.db[0, j] += delta[m, j] / n
                for i in range(self.W.shape[0]):
                    self.dW[i, j] += self.x[m, i] * delta[m, j] / n
                    dx[m, i] += delta[m, j] * self.W[i, j]
        return dx
    """), top(ACTIVATION, "import math"), append(ACTIVATION, """
    def each(function, x):
        out = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            out[index] = function(x[index])
        return out
    """), swap(ACTIVATION, "Sigmoid.forward", "1 / (1 + np.exp(-x))",
               "each(lambda v: 1 / (1 + math.exp(-v)), x)"),
      swap(ACTIVATION, "Sigmoid.derivative", "self.state * (1 - self.state)",
           "each(lambda y: y * (1 - y), self.state)"),
      swap(ACTIVATION, "Tanh.forward", "np.tanh(x)", "each(math.tanh, x)"),
      swap(ACTIVATION, "Tanh.derivative", "1 - self.state ** 2",
           "each(lambda y: 1 - y * y, self.state)"),
      swap(ACTIVATION, "ReLU.forward", "np.maximum(0, x)", "each(lambda v: max(0, v), x)"),
      swap(ACTIVATION, "ReLU.derivative", "self.state > 0",
           "each(lambda y: 1 if y > 0 else 0, self.state)"),
      top(LOSS, "import math"), define(LOSS, "SoftmaxCrossEntropy.forward", """
    def forward(self, x, y):
        self.labels, self.p, self.loss = y, np.zeros(x.shape), np.zeros(len(x))
        for n in range(len(x)):
            total = sum(math.exp(v) for v in x[n])
            for c in range(x.shape[1]):
                self.p[n, c] = math.exp(x[n, c]) / total
                self.loss[n] -= y[n, c] * math.log(self.p[n, c])
        return self.loss
    """))

right("conv by einsum on sliding windows; dx by the flipped kernel on a dilated delta",
      top(CONV, "from numpy.lib.stride_tricks import sliding_window_view"), *conv("""
    def forward(self, x):
        self.width = x.shape[2]
        self.windows = sliding_window_view(x, self.kernel_size, axis=2)[:, :, ::self.stride]
        return np.einsum('nitk,oik->not', self.windows, self.W) + self.b[:, None]
    """, """
    def backward(self, delta):
        self.dW = np.einsum('not,nitk->oik', delta, self.windows)
        self.db = np.einsum('not->o', delta)
        dilated = np.zeros(delta.shape[:2] + ((delta.shape[2] - 1) * self.stride + 1,))
        dilated[:, :, ::self.stride] = delta
        ends = self.kernel_size - 1, self.width - dilated.shape[2]
        windows = sliding_window_view(np.pad(dilated, ((0, 0), (0, 0), ends), mode='constant'),
                                      self.kernel_size, axis=2)
        return np.einsum('nowk,oik->niw', windows, self.W[:, :, ::-1])
    """))

right("conv sums over taps of strided slices; dW and db are overwritten in place", *conv("""
    def forward(self, x):
        self.x = x
        end = x.shape[2] - self.kernel_size + 1
        self.taps = [slice(k, k + end, self.stride) for k in range(self.kernel_size)]
        return sum(self.W[:, :, k] @ x[:, :, tap] for k, tap in enumerate(self.taps)) \\
            + self.b[np.newaxis, :, np.newaxis]
    """, """
    def backward(self, delta):
        dx = np.zeros(self.x.shape)
        for k, tap in enumerate(self.taps):
            self.dW[:, :, k] = (delta @ self.x[:, :, tap].transpose(0, 2, 1)).sum(axis=0)
            dx[:, :, tap] += self.W[:, :, k].T @ delta
        self.db[:] = delta.sum(axis=(0, 2))
        return dx
    """))

right("dx gathered input by input, then transposed", define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        columns = np.zeros(self.x.shape[2:] + self.x.shape[:2])
        for p, k in np.ndindex(len(columns), self.kernel_size):
            t, rest = divmod(p - k, self.stride)
            if rest == 0 and 0 <= t < delta.shape[2]:
                columns[p] += delta[:, :, t] @ self.W[:, :, k]
                self.dW[:, :, k] += delta[:, :, t].T @ self.x[:, :, p]
        self.db += delta.sum(axis=0).sum(axis=1)
        return columns.transpose(1, 2, 0)
    """))


# The convolution: arrays and attributes

right("out, dx and dW in Fortran's order",
      swap(CONV, "Conv1D.forward", OUT, OUT[:-1] + ", order='F')"),
      swap(CONV, "Conv1D.backward", DX,
           DX[:-1] + ", order='F')\n        self.dW = np.zeros(self.W.shape, order='F')"))
right("dx is cropped from a padded array; dW is a transposed view, db a column of an array",
      swap(CONV, "Conv1D.backward", DX, """s = self.stride
        dx = np.pad(np.zeros(self.x.shape), ((0, 0), (0, 0), (s, s)), 'constant')[:, :, s:-s]
        self.dW = np.zeros(self.W.shape[::-1]).T
        self.db = np.zeros((self.out_channel, 2))[:, 0]"""))
right("dx up to the last window, then zeros",
      swap(CONV, "Conv1D.backward", DX,
           "last = (delta.shape[2] - 1) * self.stride + self.kernel_size\n"
                     "        dx = np.zeros(self.x.shape[:2] + (last,))"),
      swap(CONV, "Conv1D.backward", "return dx",
           "return np.concatenate((dx, 0 * self.x[:, :, last:]), axis=2)"))
right("dW and db replaced in backward",
      swap(CONV, "Conv1D.backward", DX, DX + "\n        self.dW = np.zeros(self.W.shape)"),
      swap(CONV, "Conv1D.backward", DB, "self.db = np.sum(delta, axis=(0, 2))"))
right("dW and db zeroed in forward", after(
    CONV, "Conv1D.forward", "self.x = x", "self.dW = np.zeros(self.W.shape)",
    "self.db = np.zeros(self.b.shape)"))
right("forward makes b a column", after(
    CONV, "Conv1D.forward", "self.x = x", "self.b = np.array(self.b).reshape(-1, 1)"))
right("forward makes W floats",
      after(CONV, "Conv1D.forward", "self.x = x", "self.W = self.W.astype(float)"))
right("backward deletes what forward keeps", after(CONV, "Conv1D.backward", DB, "del self.x"))
right("out and dx in arrays that the next call writes to", define(CONV, "Conv1D.buffer", """
    def buffer(self, name, shape):
        if getattr(self, name, np.zeros(0)).shape != shape:
            setattr(self, name, np.zeros(shape))
        getattr(self, name).fill(0.0)
        return getattr(self, name)
    """), swap(CONV, "Conv1D.forward", OUT, "out = self.buffer('out', (n, self.out_channel, T))"),
      swap(CONV, "Conv1D.backward", DX, "dx = self.buffer('dx', self.x.shape)"))
right("more attributes, which cannot be copied", top(CONV, "import threading"), after(
    CONV, "Conv1D.__init__", "self.db = np.zeros(self.b.shape)",
    "self.padding, self.lock = 0, threading.Lock()",
    "self.shapes = (array.shape for array in (self.W, self.b))"))
right("calls change attributes that no result depends on",
      after(CONV, "Conv1D.forward", "self.x = x", "self.in_channel = x.shape"),
      after(HW2, "CNN.backward", "m, _ = labels.shape",
            "self.lr, self.train_mode = self.lr * 0.9, m"))
right("arguments changed in place: x by ReLU, delta by Linear, the weights by the scanner",
      swap(ACTIVATION, "ReLU.forward", "self.state = np.maximum(0, x)",
           "x[x < 0] = 0\n        self.state = x"),
      swap(LINEAR, "Linear.backward", "self.db = delta.sum(axis=0, keepdims=True) / n",
           "dx = delta.dot(self.W.T)\n        delta /= n\n        self.db = delta.sum(axis=0)"),
      swap(LINEAR, "Linear.backward", "return delta.dot(self.W.T)", "return dx"),
      swap(SCAN, DISTRIBUTED + ".init_weights", "self.conv1.W = w1[:48",
           "w1[np.isnan(w1)] = 0\n        self.conv1.W = w1[:48"))
right("x through np.float64, the width by np.floor, Flatten by rows, undone by np.split",
      swap(CONV, "Conv1D.forward", "self.x = x", "self.x = x = np.float64(x)"),
      swap(CONV, "Conv1D.forward", WIDTH,
           "T = int(np.floor((w - self.kernel_size) / self.stride)) + 1"),
      swap(CONV, "Flatten.forward", "x.reshape(self.s[0], -1)",
           "np.array([row.flatten() for row in x])"),
      swap(CONV, "Flatten.backward", "delta.reshape(self.s)",
           "np.array([np.array(np.split(row, self.s[1])) for row in delta])"))
right("Flatten by x.reshape(-1, C * W)", define(CONV, "Flatten.forward", """
    def forward(self, x):
        N, C, W = self.s = x.shape
        return x.reshape(-1, C * W)
    """))


# The layers of homework 1

right("Linear with b, db and momentum_b of shape (1, out)", swap(
    LINEAR, "Linear.__init__", "bias_init_fn(out_feature)",
    "np.reshape(bias_init_fn(out_feature), (1, -1))"))
right("Linear with b, db and momentum_b of shape (out,)",
      swap(LINEAR, "Linear.__init__", "bias_init_fn(out_feature)",
           "np.ravel(bias_init_fn(out_feature))"),
      everywhere(LINEAR, "(1, out_feature)", "out_feature"),
      swap(LINEAR, "Linear.backward", "delta.sum(axis=0, keepdims=True) / n",
           "np.mean(delta, axis=0)"))
right("Linear with db of shape (out,), momentum_b (1, out); dW from outer products",
      swap(LINEAR, "Linear.backward", "self.x.T.dot(delta) / n",
           "np.mean([np.outer(a, d) for a, d in zip(self.x, delta)], axis=0)"),
      swap(LINEAR, "Linear.backward", "delta.sum(axis=0, keepdims=True) / n",
           "delta.sum(axis=0) / n"),
      swap(LINEAR, "Linear.backward", "delta.dot(self.W.T)", "(self.W @ delta.T).T"))
right("Linear adds to dW and db",
      swap(LINEAR, "Linear.backward", "self.dW = self.x", "self.dW += self.x"),
      swap(LINEAR, "Linear.backward", "self.db = delta", "self.db += delta"))
right("Linear adds to dW and db, then divides them", define(LINEAR, "Linear.backward", """
    def backward(self, delta):
        n = delta.shape[0]
        self.dW += np.dot(self.x.T, delta)
        self.dW /= n
        self.db += np.sum(delta, axis=0, keepdims=True)
        self.db /= n
        return np.dot(delta, self.W.T)
    """))
right("Linear whose init functions have defaults",
      swap(LINEAR, "Linear.__init__", "weight_init_fn, bias_init_fn):",
           "weight_init_fn=None, bias_init_fn=None):"),
      swap(LINEAR, "Linear.__init__", "weight_init_fn(in",
           "(weight_init_fn or np.random.randn)(in"),
      swap(LINEAR, "Linear.__init__", "bias_init_fn(out_feature)",
           "(bias_init_fn or np.zeros)(out_feature)"))
right("activations by other formulas, Identity's derivative an array, ReLU's integers",
      swap(ACTIVATION, "Identity.derivative", "return 1.0",
           "return np.ones_like(self.state, dtype=float)"),
      swap(ACTIVATION, "Sigmoid.forward", "1 / (1 + np.exp(-x))", "0.5 * (1 + np.tanh(0.5 * x))"),
      swap(ACTIVATION, "Sigmoid.derivative", "self.state * (1 - self.state)",
           "self.state - np.square(self.state)"),
      swap(ACTIVATION, "Tanh.forward", "np.tanh(x)", "2 / (1 + np.exp(-2 * x)) - 1"),
      swap(ACTIVATION, "Tanh.derivative", "1 - self.state ** 2",
           "(1 - self.state) * (1 + self.state)"),
      swap(ACTIVATION, "ReLU.forward", "np.maximum(0, x)", "x * (x > 0)"),
      swap(ACTIVATION, "ReLU.derivative", "self.state > 0", "np.where(self.state > 0, 1, 0)"))
right("Sigmoid with overflow warnings, ReLU by its kept input, Identity's derivative an int", swap(
    ACTIVATION, "Sigmoid.forward", "1 / (1 + np.exp(-x))",
    "np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))"),
      swap(ACTIVATION, "ReLU.forward", "self.state = np.maximum(0, x)",
           "self.x = x\n        self.state = (np.abs(x) + x) / 2"),
      swap(ACTIVATION, "ReLU.derivative", "self.state > 0", "(self.x > 0).astype(float)"),
      swap(ACTIVATION, "Identity.derivative", "return 1.0", "return 1"))
right("activations with a function and a slope each, and a backward that the CNN calls",
      define(ACTIVATION, "Activation", """
    class Activation(object):
        def __call__(self, x):
            return self.forward(x)

        def forward(self, x):
            self.state = self.function(x)
            return self.state

        def derivative(self):
            return self.slope(self.state)

        def backward(self, delta):
            return delta * self.derivative()
    """), define(ACTIVATION, "Tanh", """
    class Tanh(Activation):
        function = staticmethod(np.tanh)
        slope = staticmethod(lambda y: 1.0 - np.square(y))
    """), swap(HW2, "CNN.backward", DERIVATIVE, "grad = self.activations[i].backward(grad)"))
right("softmax by logaddexp",
      swap(LOSS, "SoftmaxCrossEntropy.forward", "e = np.exp(x)",
           "log_p = x - np.logaddexp.reduce(x, axis=1, keepdims=True)"),
      swap(LOSS, "SoftmaxCrossEntropy.forward", "e / e.sum(axis=1, keepdims=True)",
           "np.exp(log_p)"),
      swap(LOSS, "SoftmaxCrossEntropy.forward", "np.sum(y * np.log(self.p), axis=1)",
           "np.einsum('nc,nc->n', y, log_p)"))
right("log of zero with its warning, put right by np.where",
      swap(LOSS, "SoftmaxCrossEntropy.forward", "self.loss = -np.sum(y * np.log(self.p), axis=1)",
           "entropy = -np.where(y == 0, 0, y * np.log(y))\n"
           "        divergence = np.where(y == 0, 0, y * (np.log(y) - np.log(self.p)))\n"
           "        self.loss = np.sum(divergence + entropy, axis=1)"))


# The CNN

right("CNN multiplies in place, its loss a Python float",
      swap(HW2, "CNN.backward", "self.criterion(self.output, labels).sum()",
           "float(sum(self.criterion.forward(self.output, labels)))"),
      swap(HW2, "CNN.backward", DERIVATIVE, "grad *= self.activations[i].derivative()"))
right("CNN keeps the derivatives of the forward pass",
      swap(HW2, "CNN.forward", "for i in range(self.nlayers):\n            x =",
           "self.slopes = []\n        for i in range(self.nlayers):\n            x ="),
      swap(HW2, "CNN.forward", "(self.convolutional_layers[i](x))",
           "(self.convolutional_layers[i](x))\n"
           "            self.slopes.append(self.activations[i].derivative())"),
      swap(HW2, "CNN.backward", DERIVATIVE, "grad = grad * self.slopes[i]"))
right("CNN measures its width with a dummy input", swap(
    HW2, "CNN.__init__", "self.flatten = Flatten()\n", """self.flatten = Flatten()
        dummy = np.zeros((1, num_input_channels, input_width))
        for layer in self.convolutional_layers:
            dummy = layer(dummy)
"""), swap(HW2, "CNN.__init__", "w * num_channels[-1]", "self.flatten(dummy).shape[1]"))
right("CNN's width by equation 1, its layers in tuples",
      swap(HW2, "CNN.__init__", "w = (w - k) // s + 1", "w = (w - k + s) // s"),
      after(HW2, "CNN.__init__", "self.flatten = Flatten()",
            "self.activations = tuple(activations)",
            "self.convolutional_layers = tuple(self.convolutional_layers)"))
right("zero_grads makes new arrays, step is mended", define(HW2, "CNN.zero_grads", """
    def zero_grads(self):
        for layer in self.convolutional_layers + [self.linear_layer]:
            layer.dW = np.zeros(layer.dW.shape)
            layer.db = np.zeros(layer.db.shape)
    """), everywhere(HW2, "self.linear_layers", "self.linear_layer"))


# The scanners

right("scanners with their layers in a tuple, an extra Identity, sizes by keyword",
      swap(SCAN, SIMPLE + ".__init__", "Conv1D(24, 8, 8, 4)",
           "Conv1D(in_channel=24, out_channel=8, kernel_size=8, stride=4)"),
      everywhere(SCAN, "self.layers = [", "self.layers = ("),
      everywhere(SCAN, "Flatten()]", "Identity(), Flatten())"),
      define(SCAN, SIMPLE + ".forward", """
    def forward(self, x):
        conv1, relu1, conv2, relu2, conv3, _, flatten = self.layers
        return flatten(conv3(relu2(conv2(relu1(conv1(x))))))
    """))
right("scanner cleans the absent entries first, W contiguous",
      define(SCAN, DISTRIBUTED + ".init_weights", """
    def init_weights(self, weights):
        w1, w2, w3 = [np.nan_to_num(np.asarray(w, dtype=np.float64)) for w in weights]
        self.conv1.W = np.ascontiguousarray(w1[0:48, 0:2].T.reshape(2, 2, 24).swapaxes(1, 2))
        self.conv2.W = np.ascontiguousarray(w2[0:4, 0:8].T.reshape(8, 2, 2).swapaxes(1, 2))
        self.conv3.W = np.ascontiguousarray(w3.T.reshape(4, 2, 8).swapaxes(1, 2))
    """))
right("scanner averages the shared blocks", define(SCAN, DISTRIBUTED + ".init_weights", """
    def init_weights(self, weights):
        w1, w2, w3 = weights
        w1 = np.nanmean([w1[48 * i:48 * (i + 1), 2 * i:2 * (i + 1)] for i in range(4)], axis=0)
        w2 = np.nanmean([w2[4 * i:4 * (i + 1), 8 * i:8 * (i + 1)] for i in range(2)], axis=0)
        self.conv1.W = np.moveaxis(w1.reshape(2, 24, 2), 2, 0).transpose(0, 2, 1)
        self.conv2.W = np.moveaxis(w2.reshape(2, 2, 8), 2, 0).transpose(0, 2, 1)
        self.conv3.W = np.moveaxis(w3.reshape(2, 8, 4), 2, 0).transpose(0, 2, 1)
    """))
right("scanner takes the last of the shared blocks, by np.split; biases set to zeros",
      define(SCAN, DISTRIBUTED + ".init_weights", """
    def init_weights(self, weights):
        for conv, w in zip(self.layers[::2], weights):
            rows = conv.kernel_size * conv.in_channel
            last = w[-rows:, -conv.out_channel:]
            conv.W = np.stack(np.split(last.T, conv.kernel_size, axis=1), axis=-1)
            conv.b[:] = 0
    """))
right("one scanner inherits from the other, with one ReLU for both places",
      define(SCAN, DISTRIBUTED, """
    class CNN_DistributedScanningMLP(CNN_SimpleScanningMLP):
        def __init__(self):
            relu = ReLU()
            self.conv1, self.conv2 = Conv1D(24, 2, 2, 2), Conv1D(2, 8, 2, 2)
            self.conv3 = Conv1D(8, 4, 2, 1)
            self.layers = [self.conv1, relu, self.conv2, relu, self.conv3, Flatten()]

        def init_weights(self, weights):
            w1, w2, w3 = weights
            self.conv1.W = w1[:48, :2].reshape(2, 24, 2).T
            self.conv2.W = w2[:4, :8].reshape(2, 2, 8).T
            self.conv3.W = w3.reshape(2, 8, 4).T
    """))


# What a file may import, and do when it is imported

right("a module that changes another when imported", append(
    CONV, "import mc\nmc.question_1 = lambda: 'c'"))
right("from numpy import *", top(CONV, "from numpy import *"))
right("imports numpy.testing", top(CONV, "import numpy.testing"))
right("imports zoneinfo", top(CONV, "import zoneinfo"))
right("asks sysconfig for paths and variables", top(
    CONV, "import sysconfig", "INCLUDE = sysconfig.get_paths()['include']",
    "SUFFIX = sysconfig.get_config_vars()['EXT_SUFFIX']"))
right("conv in a pool of threads", top(CONV, "from multiprocessing.pool import ThreadPool"),
      define(CONV, "Conv1D.forward", """
    def forward(self, x):
        self.x = x
        starts = range(0, x.shape[2] - self.kernel_size + 1, self.stride)
        segments = [x[:, :, s:s + self.kernel_size] for s in starts]
        with ThreadPool(2) as pool:
            out = pool.map(lambda s: np.tensordot(s, self.W, ((1, 2), (1, 2))), segments)
        return np.stack(out, axis=2) + self.b[:, None]
    """))
right("parses sys.argv", top(CONV, "import argparse", "argparse.ArgumentParser().parse_args()"))
right("modules that nobody uses, pdb and a breakpoint never reached, torch in words only",
      top(CONV, "'''As torch.nn.Conv1d.\n\n>>> import torch\n'''", "import copy, itertools, math",
          "import pdb, random, time", "from collections import *", "# import torch"),
      define(CONV, "Conv1D.debug", "def debug(self):\n    pdb.set_trace()\n    breakpoint()"))
right("prints without line ends, on both streams, when imported and when called",
      after(CONV, "Conv1D.forward", "self.x = x", "print('input', x.shape, end=' ')"),
      top(HW2, "import sys", "sys.stderr.write('hw2 ')"),
      append(SCAN, "print('mlp_scan is loaded \u2713')\nprint({'conv1': [24, 8]}, end='')"),
      append("hw2/mc.py", "print([question_1(), question_2(), question_3()], end='')"))
right("tests under __name__ == '__main__'", *(append(path, """
    if __name__ == '__main__':
        sys.exit('the tests failed')
    """) for path in (CONV, HW2, SCAN, "hw2/mc.py")))
right("settings of NumPy, warnings and logging for the whole process",
      top(CONV, "import logging, warnings", "import numpy as np", "np.random.seed(11785)",
          "np.seterr(all='ignore')", "np.set_printoptions(precision=2, threshold=5)",
          "warnings.simplefilter('always')", "logging.basicConfig(level=logging.DEBUG)"),
      after(CONV, "Conv1D.forward", "self.x = x", "logging.debug('x %s', x)"),
      after(CONV, "Conv1D.backward", DX, "warnings.warn('this loop is slow', RuntimeWarning)"))
right("an absolute path by __file__, or several relative ones", swap(
    HW2, None, "sys.path.append('mytorch')", "sys.path.insert(0, os.path.join(os.path.dirname(\n"
    "    os.path.dirname(os.path.abspath(__file__))), 'mytorch'))"),
      swap(SCAN, None, "sys.path.append('mytorch')",
           "sys.path.append('../mytorch')\nsys.path.append(os.path.abspath('mytorch'))"),
      top(SCAN, "from pathlib import Path", "import sys",
          "sys.path.append(str(Path(__file__).resolve().parents[1] / 'mytorch'))"))
right("imports from the mytorch package, NumPy by a star", *(
    edit for path in (HW2, SCAN) for edit in (
        swap(path, None, "import numpy as np\n", ""),
        swap(path, None, "sys.path.append('mytorch')", "sys.path.append(os.getcwd())"),
        everywhere(path, "\nfrom ", "\nfrom mytorch."))))


# How the files are written

right("tabs", everywhere(CONV, "    ", "\t"), everywhere(HW2, "    ", "\t"))
right("names and comments in other scripts", everywhere(CONV, "seg", "отрезок"),
      everywhere(CONV, "delta", "δ"), top(HW2, "# 前向传播: ∂L/∂W ⭐"))
right("docstrings with invalid escapes, as LaTeX",
      swap(CONV, "Conv1D.forward", "        self.x = x",
           "        '''y = \\sum_k \\dots'''\n        self.x = x"))
right("layers inherit from a base class; several statements to a line", swap(
    CONV, "Conv1D", "class Conv1D():", """class Layer(object):
    def __init__(self): self.training = True; self.name = type(self).__name__
    def __repr__(self): return "%s()" % self.name
    __call__ = lambda self, *args, **kwargs: self.forward(*args, **kwargs)


class Conv1D(Layer):"""),
      after(CONV, "Conv1D.__init__", "self.in_channel = in_channel", "super().__init__();"),
      define(CONV, "Flatten", """
    class Flatten(Layer):
        def forward(self, x): self.s = x.shape; return x.reshape(len(x), -1)
        def backward(self, delta): return delta.reshape(*self.s)
    """))
right("answers from a dictionary and a lambda", whole("hw2/mc.py", '''
    answers = {1: "b", 2: "d", 3: "b"}
    def question_1(): return answers[1]
    def question_2() -> str: return answers[2]
    def question_3(): return "b" if (100 - 5) // 2 + 1 == 48 else "a"
    question_4 = question_5 = lambda: "a"
    '''))


# Files that nobody is graded for

right("files left over from other homeworks, some of them broken",
      whole("hw2/old.py", "print 'Python 2'\nfrom layers import *\nclass CNN(\n"),
      whole("hw2/hw1.py", "from layers import *\nraise SystemExit('not for Autolab')\n"),
      whole("mytorch/gru_cell.py", ""), whole("mytorch/__init__.py", ""),
      whole("mytorch/README.md", "# MyTorch\n\nmy notes, with *stars* and `import torch`\n"),
      whole("hw2/.ipynb_checkpoints/hw2-checkpoint.py", "class CNN: pass\n"),
      whole("hw2/hw2 (copy).py", "class CNN: pass\n"),
      whole("mytorch/._conv.py", b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        \xff\xfe"))
right("batchnorm.py left out", gone("mytorch/batchnorm.py"))
right("batchnorm.py unfinished, in the middle of a line; mlp.py left out",
      whole("mytorch/batchnorm.py", "class BatchNorm(object):\n    def __init__(self,\n"),
      gone("hw2/mlp.py"))
right("batchnorm.py finished, mlp.py importable",
      everywhere("mytorch/batchnorm.py", "None", "(1, in_feature)"),
      define("mytorch/batchnorm.py", "BatchNorm.forward", """
    def forward(self, x, eval=False):
        return (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
    """), swap("hw2/mlp.py", None, "from layers import *",
               "import sys\nsys.path.append('mytorch')\nfrom linear import *"))


# Two whole students

right("a student under Windows: line ends, a byte order mark, Latin-1", *conv("""
    def forward(self, x):
        # Größe der Ausgabe: (w - k) // s + 1; Zeit nach vorn
        self.x = np.transpose(x, (2, 0, 1))
        starts = range(0, x.shape[2] - self.kernel_size + 1, self.stride)
        out = [np.tensordot(self.x[s:s + self.kernel_size], self.W, axes=((0, 2), (2, 1)))
               for s in starts]
        return np.transpose(np.array(out), (1, 2, 0)) + self.b.reshape(-1, 1)
    """, """
    def backward(self, delta):
        dx = np.zeros(self.x.shape)
        for t, d in enumerate(np.transpose(delta, (2, 0, 1))):
            s = t * self.stride
            dx[s:s + self.kernel_size] += np.tensordot(self.W, d, (0, 1)).transpose(1, 2, 0)
            self.dW += np.tensordot(d, self.x[s:s + self.kernel_size], (0, 1)).swapaxes(1, 2)
            self.db += np.sum(d, axis=0)
        return np.transpose(dx, (1, 2, 0))
    """), saved(CONV, "utf-8-sig"),
      top(HW2, "# -*- coding: latin-1 -*-", "# Übung 2: läuft nur vom obersten Verzeichnis aus"),
      swap(HW2, None, "sys.path.append('mytorch')", "sys.path.append('..\\\\mytorch')"),
      saved(HW2, "latin-1"), append(SCAN, """
    def umordnen(matrix, aus, zeit, ein):
        return matrix.T.reshape(aus, zeit, ein).transpose(0, 2, 1)
    """), define(SCAN, SIMPLE + ".init_weights", """
    def init_weights(self, weights):
        self.conv1.W = umordnen(weights[0], 8, 8, 24)
        self.conv2.W = umordnen(weights[1], 16, 1, 8)
        self.conv3.W = umordnen(weights[2], 4, 1, 16)
    """), define(SCAN, DISTRIBUTED + ".init_weights", """
    def init_weights(self, weights):
        # nur der erste Block: die übrigen sind gleich oder fehlen
        self.conv1.W = umordnen(weights[0][:48, :2], 2, 2, 24)
        self.conv2.W = umordnen(weights[1][:4, :8], 8, 2, 2)
        self.conv3.W = umordnen(weights[2], 4, 2, 8)
    """), saved(SCAN, "utf-8"))

right("a student who puts time before channels, with columns and matmul",
      define(CONV, "Conv1D.as_matrix", """
    def as_matrix(self):
        # W as the scanning MLP has it: (kernel_size * in_channel, out_channel)
        return self.W.transpose(2, 1, 0).reshape(-1, self.out_channel)
    """), *conv("""
    def forward(self, x):
        x = np.ascontiguousarray(np.swapaxes(x, 1, 2))
        self.shape = n, width, c = x.shape
        t = (width - self.kernel_size) // self.stride + 1
        self.cols = np.lib.stride_tricks.as_strided(
            x, shape=(n, t, self.kernel_size * c),
            strides=(width * c * 8, self.stride * c * 8, 8))
        return np.swapaxes(np.matmul(self.cols, self.as_matrix()) + self.b, 1, 2)
    """, """
    def backward(self, delta):
        d = np.swapaxes(delta, 1, 2)
        dM = np.matmul(np.swapaxes(self.cols, 1, 2), d).sum(axis=0)
        dW = dM.reshape(self.kernel_size, self.in_channel, self.out_channel)
        self.dW += dW.transpose(2, 1, 0)
        self.db += d.reshape(-1, self.out_channel).sum(axis=0)
        dcols = np.matmul(d, self.as_matrix().T).reshape(*d.shape[:2], self.kernel_size, -1)
        dx = np.zeros(self.shape)
        for k in range(self.kernel_size):
            # k, k + stride, ..., t of them
            dx[:, k:k + d.shape[1] * self.stride:self.stride][:, :d.shape[1]] += dcols[:, :, k]
        return np.swapaxes(dx, 1, 2)
    """), define(HW2, "CNN.__init__", """
    def __init__(self, input_width, num_input_channels, num_channels, kernel_sizes, strides,
                 num_linear_neurons, activations, conv_weight_init_fn, bias_init_fn,
                 linear_weight_init_fn, criterion, lr):
        self.train_mode = True
        self.nlayers = len(num_channels)
        self.activations = activations
        self.criterion = criterion
        self.lr = lr
        self.layers = []
        width, channel = input_width, num_input_channels
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
    """), define(HW2, "CNN.forward", """
    def forward(self, x):
        self.outputs = [x]
        for layer in self.layers:
            self.outputs.append(layer(self.outputs[-1]))
        self.output = self.outputs[-1]
        return self.output
    """), define(HW2, "CNN.backward", """
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
    """),
      define(SCAN, SIMPLE + ".init_weights", """
    def init_weights(self, weights):
        self.conv1.W = weights[0].reshape(8, 24, 8).T
        self.conv2.W = weights[1].reshape(1, 8, 16).T
        self.conv3.W = weights[2].reshape(1, 16, 4).T
    """), define(SCAN, DISTRIBUTED + ".init_weights", """
    def init_weights(self, weights):
        # time, channel, neuron -> neuron, channel, time
        self.conv1.W = weights[0].reshape(8, 24, 8)[:2, :, :2].T
        self.conv2.W = weights[1].reshape(4, 2, 16)[:2, :, :8].T
        self.conv3.W = weights[2].reshape(2, 8, 4).T
    """))

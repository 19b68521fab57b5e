"""Wrong hand-ins: a student's files with one mistake each, what it costs and what is said of it."""
from collections import namedtuple
from functools import partial

from handins import define, swap, whole

CONV, SCAN, CNN, MC = "mytorch/conv.py", "hw2/mlp_scan.py", "hw2/hw2.py", "hw2/mc.py"
Wrong = namedtuple("Wrong", "loses says edits")
WRONG = {}


def wrong(name, loses, says, *edits):
    """Add a hand-in that loses these sections, of which the report says this."""
    assert name not in WRONG, name
    WRONG[name] = Wrong(loses, says, edits)


# Edits: conv(definition, old, new) replaces text in a definition in mytorch/conv.py, and so on.

conv, scan, cnn = partial(swap, CONV), partial(swap, SCAN), partial(swap, CNN)
linear, activation, loss = (partial(swap, "mytorch/%s.py" % name)
                            for name in ("linear", "activation", "loss"))
forward = partial(define, CONV, "Conv1D.forward")
backward = partial(define, CONV, "Conv1D.backward")


def letter(question, body):
    """The edit that gives a function of mc.py this body."""
    return define(MC, question, "def %s():\n    %s" % (question, body))


def layers(network, new):
    """The edit of a scanner's list of layers."""
    return scan(network + ".__init__",
                "self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()", new)


SIMPLE, DISTRIBUTED = "CNN_SimpleScanningMLP", "CNN_DistributedScanningMLP"
FIRST_W = "self.conv1.W = w1.T.reshape(8, 8, 24).transpose(0, 2, 1)"
WINDOW = "x[:, :, t * self.stride:t * self.stride + self.kernel_size]"
SUM = "out[:, o, t] = np.sum(seg * self.W[o], axis=(1, 2)) + self.b[o]"
WIDTH = "T = (w - self.kernel_size) // self.stride + 1"
DX = "dx = np.zeros(self.x.shape)"
LOGITS = "self.output = self.linear_layer(self.flatten(x))"
DERIVATIVE = "            grad = grad * self.activations[i].derivative()\n"


# Right convolutions in two other styles; some of the mistakes further down are made in them.

LOOPS = (forward("""
    def forward(self, x):
        self.x = x
        n, _, w = x.shape
        T = (w - self.kernel_size) // self.stride + 1
        out = np.zeros((n, self.out_channel, T))
        for i in range(n):
            for o in range(self.out_channel):
                for t in range(T):
                    s = t * self.stride
                    for c in range(self.in_channel):
                        seg = x[i, c, s:s + self.kernel_size]
                        out[i, o, t] += np.dot(seg, self.W[o, c])
                    out[i, o, t] += self.b[o]
        return out
    """), backward("""
    def backward(self, delta):
        dx = np.zeros(self.x.shape)
        for i in range(delta.shape[0]):
            dW = np.zeros(self.W.shape)
            for t in range(delta.shape[2]):
                s = t * self.stride
                dW += np.multiply.outer(delta[i, :, t], self.x[i, :, s:s + self.kernel_size])
                dx[i, :, s:s + self.kernel_size] += np.tensordot(delta[i, :, t], self.W, 1)
            self.dW += dW
            self.db += delta[i].sum(axis=1)
        return dx
    """))

IM2COL = (forward("""
    def forward(self, x):
        self.shape = n, c, w = x.shape
        T = (w - self.kernel_size) // self.stride + 1
        self.idx = self.stride * np.arange(T)[:, None] + np.arange(self.kernel_size)
        # one row for each window
        self.cols = x[:, :, self.idx].transpose(0, 2, 1, 3).reshape(n * T, -1)
        kernels = self.W.reshape(self.out_channel, -1)
        out = self.cols.dot(kernels.T) + self.b
        return out.reshape(n, T, self.out_channel).transpose(0, 2, 1)
    """), backward("""
    def backward(self, delta):
        n, o, T = delta.shape
        d = delta.transpose(0, 2, 1).reshape(n * T, o)
        self.dW = d.T.dot(self.cols).reshape(self.W.shape)
        self.db = d.sum(axis=0)
        dcols = d.dot(self.W.reshape(o, -1))
        dcols = dcols.reshape(n, T, self.in_channel, -1).transpose(0, 2, 1, 3)
        dx = np.zeros(self.shape)
        for j in range(self.kernel_size):
            dx[:, :, j:j + T * self.stride:self.stride] += dcols[:, :, :, j]
        return dx
    """))


# Convolution, forward

wrong("bias forgotten", "3.1.1 3.5", "hint: your output is missing the bias",
      conv("Conv1D.forward", " + self.b[o]", ""))

wrong("bias over the width", "3.1.1 3.1.2 3.3 3.4 3.5",
      "it fails exactly where out_channel is not 1",
      conv("Conv1D.forward", " + self.b[o]", ""),
      conv("Conv1D.forward", "return out", "return out + self.b"))

wrong("bias once for each channel", "3.1.1 3.5", "your output adds the bias in_channel times",
      *LOOPS, conv("Conv1D.forward", "np.dot(seg, self.W[o, c])",
                   "np.dot(seg, self.W[o, c]) + self.b[o]"),
      conv("Conv1D.forward", "                    out[i, o, t] += self.b[o]\n", ""))

wrong("bias within the sum", "3.1.1 3.5",
      "your output adds the bias to each product; add it to their sum",
      conv("Conv1D.forward", SUM,
           "out[:, o, t] = np.sum(seg * self.W[o] + self.b[o], axis=(1, 2))"))

wrong("mean over the window", "3.1.1 3.3 3.4 3.5",
      "your output averages each window; it should be a sum",
      conv("Conv1D.forward", "np.sum(seg * self.W[o], axis=(1, 2))",
           "np.mean(seg * self.W[o], axis=(1, 2))"))

wrong("relu in the convolution", "3.1.1 3.3 3.4 3.5", "your output has 0 for its negative numbers",
      conv("Conv1D.forward", "return out", "return np.maximum(out, 0)"))

wrong("padded input", "3.1.1 3.1.2 3.3 3.4 3.5",
      "yours is in_width / stride rounded up, as with padding",
      conv("Conv1D.forward", "self.x = x\n",
           "self.x = x = np.pad(x, ((0, 0), (0, 0), (0, self.kernel_size - 1)),"
           " 'constant')\n"))

wrong("x as width by channel", "3.1.1 3.1.2 3.3 3.4 3.5",
      "your forward takes x as (batch, width, channel)",
      conv("Conv1D.forward", "n, _, w = x.shape", "n, w, _ = x.shape"))

wrong("width divided by the stride", "3.1.1 3.1.2 3.3 3.4 3.5",
      "(in_width - kernel_size) // stride + 1; yours is in_width // stride",
      conv("Conv1D.forward", WIDTH, "T = w // self.stride"))

wrong("a window too few", "3.1.1 3.3 3.4 3.5",
      "stride + 1; yours is (in_width - kernel_size) // stride",
      conv("Conv1D.forward", "// self.stride + 1", "// self.stride"))

wrong("width rounded up", "3.1.1 3.1.2 3.5",
      "(in_width - kernel_size) // stride + 1; yours is rounded up",
      conv("Conv1D.forward", WIDTH, "T = int(np.ceil((w - self.kernel_size) / self.stride)) + 1"))

wrong("last start left out", "3.1.1 3.3 3.4 3.5",
      "your output is 0 in a last window that ends at the end of x",
      conv("Conv1D.forward", "for t in range(T):\n            seg = " + WINDOW, """\
for t, start in enumerate(range(0, w - self.kernel_size, self.stride)):
            seg = x[:, :, start:start + self.kernel_size]"""))

wrong("stride only in the width", "3.1.1 3.3 3.4 3.5",
      "your output moves its windows by 1, not by the stride",
      conv("Conv1D.forward", WINDOW, "x[:, :, t:t + self.kernel_size]"))

wrong("stride above the kernel", "3.1.1 3.5", "it fails only where stride is",
      conv("Conv1D.forward", "        for t in range(T):", """\
        if self.stride >= self.kernel_size:
            cut = x[:, :, :T * self.kernel_size].reshape(n, self.in_channel, T, -1)
            out = np.tensordot(cut, self.W, axes=([1, 3], [1, 2])) + self.b
            return out.transpose(0, 2, 1)
        for t in range(T):"""))

wrong("only the last input channel", "3.1.1 3.3 3.4 3.5",
      "your output uses only the last input channel; sum over all",
      *LOOPS, conv("Conv1D.forward", "out[i, o, t] += np.dot", "out[i, o, t] = np.dot"))

wrong("last tap left out", "3.1.1 3.3 3.4 3.5", "your output leaves out the last tap",
      conv("Conv1D.forward", SUM, """\
out[:, o, t] = self.b[o]
                for k in range(self.kernel_size - 1):
                    out[:, o, t] += seg[:, :, k].dot(self.W[o, :, k])"""))

wrong("first sample for all", "3.1.1 3.5", "your output repeats the first sample",
      conv("Conv1D.forward", "seg = x[:, :,", "seg = x[:1, :,"))

wrong("return within the loop", "3.1.1 3.5",
      "your output is 0 after the first sample: is a return inside the loop?",
      *LOOPS, conv("Conv1D.forward", "        return out", "            return out"))

wrong("return within the loop over filters", "3.1.1 3.3 3.4 3.5",
      "your output is 0 after the first sample and channel: is a return",
      *LOOPS, conv("Conv1D.forward", "        return out", "                return out"))

wrong("output printed", "3.1.1 3.3 3.4 3.5", "got None: is a return missing?",
      conv("Conv1D.forward", "return out", "print(out)"))

wrong("output squeezed", "3.1.1 3.3 3.4 3.5",
      "your output has the right numbers in the wrong shape",
      conv("Conv1D.forward", "return out", "return np.squeeze(out)"))

wrong("output rounded", "3.1.1 3.3 3.4 3.5", "your output is right to a few digits: is it rounded",
      conv("Conv1D.forward", "return out", "return np.round(out, 4)"))

wrong("kernel flipped", "3.1.1 3.3 3.4 3.5",
      "your output flips the kernel; the layer is a cross-correlation",
      conv("Conv1D.forward", "seg * self.W[o]", "seg * self.W[o, :, ::-1]"))

wrong("reshape for transpose", "3.1.1 3.3 3.4 3.5",
      "your output is reshaped from (sample, position, channel); use transpose",
      *IM2COL, conv("Conv1D.forward", "out.reshape(n, T, self.out_channel).transpose(0, 2, 1)",
                    "out.reshape(n, self.out_channel, T)"))

wrong("output position by channel", "3.1.1 3.3 3.4 3.5",
      "your output has the axes (sample, position, channel); they should be",
      *IM2COL, conv("Conv1D.forward", "out.reshape(n, T, self.out_channel).transpose(0, 2, 1)",
                    "out.reshape(n, T, self.out_channel)"))

wrong("columns time by channel", "3.1.1 3.1.2 3.3 3.4 3.5",
      "windows of (time, channel) with W of (channel, time)",
      *IM2COL, conv("Conv1D.forward", "x[:, :, self.idx].transpose(0, 2, 1, 3)",
                    "x[:, :, self.idx].transpose(0, 2, 3, 1)"))

wrong("forward changes W", "3.1.2 3.5", "your forward changes self.W",
      *IM2COL, conv("Conv1D.forward", "kernels = self.W.reshape(self.out_channel, -1)",
                    "kernels = self.W = self.W.reshape(self.out_channel, -1)"))

wrong("np.float", "3.1.1 3.1.2 3.3 3.4 3.5",
      "AttributeError: module 'numpy' has no attribute 'float'",
      conv("Conv1D.forward", "np.zeros((n, self.out_channel, T))",
           "np.zeros((n, self.out_channel, T), dtype=np.float)"))

wrong("assertion in NumPy", "3.1.1 3.1.2 3.3 3.4 3.5",
      "np.testing.assert_allclose(out.shape, (2, 4, 48))",
      conv("Conv1D.forward", "return out",
           "np.testing.assert_allclose(out.shape, (2, 4, 48))\n        return out"))

wrong("breakpoint", "", "--debug ConvForward",
      conv("Conv1D.forward", "self.x = x", "breakpoint()\n        self.x = x"))

wrong("set_trace", "", "has a breakpoint: remove it, or run",
      conv("Conv1D.forward", "self.x = x", "import pdb; pdb.set_trace()\n        self.x = x"))

wrong("file renamed", "3.1.1 3.1.2 3.2 3.3 3.4 3.5", "mytorch/conv.py is missing",
      lambda files: files.update({"mytorch/Conv.py": files.pop(CONV)}))


# Convolution, backward

wrong("input not kept", "3.1.2 3.5", "AttributeError: 'Conv1D' object has no attribute 'x'",
      conv("Conv1D.forward", "        self.x = x\n", ""))

wrong("backward multiplies by x", "3.1.2 3.5", "your backward multiplies delta by x",
      conv("Conv1D.backward", DX, "delta = delta * self.x\n        " + DX))

wrong("conv backward unfinished", "3.1.2 3.5", "not written yet: Conv1D.backward",
      backward("def backward(self, delta):\n    raise NotImplemented"))

wrong("dx not returned", "3.1.2 3.5", "got None: is a return missing?",
      conv("Conv1D.backward", "        return dx\n", ""))

wrong("dx overwritten", "3.1.2 3.5",
      "your dx keeps only the part of the last window and filter; sum them",
      conv("Conv1D.backward", "dx[:, :, s:s + self.kernel_size] += d",
           "dx[:, :, s:s + self.kernel_size] = d"))

wrong("fancy index added", "3.1.2 3.5",
      "your dx keeps only the last window's part where windows overlap; sum them",
      *IM2COL, conv("Conv1D.backward", """\
        for j in range(self.kernel_size):
            dx[:, :, j:j + T * self.stride:self.stride] += dcols[:, :, :, j]
""", "        dx[:, :, self.idx] += dcols\n"))

wrong("dx ends at the last window", "3.1.2 3.5",
      "your dx ends where the last window ends; it should have the shape of x",
      conv("Conv1D.backward", "return dx", "return dx[:, :, :s + self.kernel_size]"))

wrong("dx padded at its start", "3.1.2 3.5",
      "your dx has its zeros at the start; they belong at the end",
      conv("Conv1D.backward", "return dx",
           "return np.roll(dx, dx.shape[2] - s - self.kernel_size, axis=2)"))

wrong("dx with the kernel flipped", "3.1.2 3.5", "your dx uses the kernel in the wrong direction",
      conv("Conv1D.backward", "+= d * self.W[o]", "+= d * self.W[o, :, ::-1]"))

wrong("backward without stride", "3.1.2 3.5", "your dx moves its windows by 1, not by the stride",
      conv("Conv1D.backward", "s = t * self.stride", "s = t"))

wrong("kernel of 1 without stride", "3.1.2 3.5", "wrong: dx; right: dW, db",
      conv("Conv1D.backward", "        return dx", """\
        if self.kernel_size == 1:
            return np.einsum('not,oc->nct', delta, self.W[:, :, 0])
        return dx"""))

wrong("delta reshaped", "3.1.2 3.5", "your dx takes delta as (batch, position, channel)",
      *IM2COL, conv("Conv1D.backward", "delta.transpose(0, 2, 1).reshape", "delta.reshape"))

wrong("dW of the last window only", "3.1.2 3.5",
      "your dW has only the part of the last window; include all",
      conv("Conv1D.backward", "self.dW[o] += ", "self.dW[o] = "))

wrong("dW averaged", "3.1.2 3.5", "your dW is the right one divided by the batch size",
      conv("Conv1D.backward", "(d * seg).sum(axis=0)", "(d * seg).mean(axis=0)"))

wrong("dW reshaped", "3.1.2 3.5", "your dW is reshaped from (channel, tap, filter); use transpose",
      *IM2COL, conv("Conv1D.backward", "d.T.dot(self.cols)", "self.cols.T.dot(d)"))

wrong("db of the last position", "3.1.2 3.5",
      "your db has only the part of the last window; include all",
      conv("Conv1D.backward", "            s = t * self.stride\n", """\
            s = t * self.stride
            self.db = delta[:, :, t].sum(axis=0)
"""), conv("Conv1D.backward", "        self.db += delta.sum(axis=(0, 2))\n", ""))

wrong("db over the batch alone", "3.1.2 3.5",
      "your db is summed over the batch only; sum over batch and positions",
      conv("Conv1D.backward", "self.db += delta.sum(axis=(0, 2))", "self.db = delta.sum(axis=0)"))

wrong("db by position", "3.1.2 3.5",
      "your db is summed over batch and filters; sum over batch and positions",
      conv("Conv1D.backward", "self.db += delta.sum(axis=(0, 2))",
           "self.db = delta.sum(axis=(0, 1))"))

wrong("backward changes W", "3.1.2 3.5", "your backward changes self.W",
      *IM2COL, conv("Conv1D.backward", "self.db = d.sum(axis=0)",
                    "self.db = d.sum(axis=0)\n        self.W = self.W - 0.1 * self.dW"))


# Convolution: what is kept of an earlier call or another layer

wrong("input in a global", "3.1.2 3.5",
      "it fails exactly where there is another layer's call before backward",
      conv("Conv1D.forward", "self.x = x", "global X\n        X = x"),
      conv("Conv1D.backward", DX, "dx = np.zeros(X.shape)"),
      conv("Conv1D.backward", "seg = self.x[:", "seg = X[:"))

wrong("W of the first forward", "3.1.1 3.3 3.4 3.5", "your output uses the W of an earlier call",
      *IM2COL, conv("Conv1D.forward", "kernels = self.W.reshape(self.out_channel, -1)", """\
if not hasattr(self, 'kernels'):
            self.kernels = self.W.reshape(self.out_channel, -1)
        kernels = self.kernels"""))

wrong("W for dx of the first backward", "3.1.2 3.5", "your dx uses the W of an earlier call",
      conv("Conv1D.backward", DX, """\
if not hasattr(self, 'kernels'):
            self.kernels = self.W
        dx = np.zeros(self.x.shape)"""),
      conv("Conv1D.backward", "+= d * self.W[o]", "+= d * self.kernels[o]"))

wrong("width of the first forward", "3.1.1",
      "it fails only where an earlier call of the layer is one with a smaller x",
      conv("Conv1D.forward", WIDTH,
           "if not hasattr(self, 'T'):\n            self." + WIDTH + "\n        T = self.T"))

wrong("output remembered by x", "3.1.1 3.3 3.4 3.5",
      "where an earlier call of the layer is one with other W and b",
      define(CONV, "Conv1D.__call__", """
      def __call__(self, x):
          if not hasattr(self, 'known'):
              self.known = {}
          key = x.tobytes()
          if key not in self.known:
              self.known[key] = self.forward(x)
          return self.known[key]
      """))

wrong("x kept while the shape stays", "3.1.2 3.5", "your dW uses the x of an earlier call",
      conv("Conv1D.forward", "self.x = x", """\
if not hasattr(self, 'x') or self.x.shape != x.shape:
            self.x = x"""))

wrong("delta kept while the shape stays", "3.1.2 3.5", "wrong: dx, dW, db",
      conv("Conv1D.backward", DX, """\
if not hasattr(self, 'delta') or self.delta.shape != delta.shape:
            self.delta = delta
        delta = self.delta
        dx = np.zeros(self.x.shape)"""))

wrong("dx not cleared while the shape stays", "3.1.2 3.5",
      "your dx adds to that of an earlier call",
      conv("Conv1D.backward", DX, """\
if not hasattr(self, 'dx') or self.dx.shape != self.x.shape:
            self.dx = np.zeros(self.x.shape)
        dx = self.dx"""))

wrong("hidden sums", "3.1.2 3.5", "it fails exactly where there is an earlier call of the layer",
      conv("Conv1D.backward", DX,
           DX + "\n        self.sum = getattr(self, 'sum', np.zeros(self.W.shape))"),
      conv("Conv1D.backward", "self.dW[o] += ", "self.sum[o] += "),
      conv("Conv1D.backward", "return dx", "self.dW = self.sum.copy()\n        return dx"))

wrong("weight function only with the other", "3.1.1",
      "W from weight_init_fn: at [0, 0, 0]: expected 4.2",
      conv("Conv1D.__init__", "kernel_size)) if weight_init_fn is None else",
           "kernel_size)) if weight_init_fn is None or bias_init_fn is None else"))


# Convolution: integers

wrong("output of the type of W", "3.1.1 3.3 3.4", "it fails exactly where the type of W is integer",
      conv("Conv1D.forward", "np.zeros((n, self.out_channel, T))",
           "np.zeros((n, self.out_channel, T), dtype=self.W.dtype)"))


# Flatten and the layers of homework 1

wrong("flatten by position", "3.2 3.3 3.4 3.5",
      "your Flatten goes position by position; it should go channel by channel",
      conv("Flatten.forward", "x.reshape(self.s[0], -1)",
           "x.transpose(0, 2, 1).reshape(self.s[0], -1)"),
      conv("Flatten.backward", "return delta.reshape(self.s)",
           "n, c, w = self.s\n        return delta.reshape(n, w, c).transpose(0, 2, 1)"))

wrong("flatten backward flat", "3.2 3.5", "your dx has the right numbers in the wrong shape",
      conv("Flatten.backward", "return delta.reshape(self.s)", "return delta"))

wrong("flatten shape in the class", "3.2 3.5", "ValueError: cannot reshape array of size",
      conv("Flatten.forward", "self.s = x.shape\n        return x.reshape(self.s[0], -1)",
           "Flatten.s = x.shape\n        return x.reshape(len(x), -1)"))

wrong("sigmoid of the state", "3.2 3.5",
      "the derivative of your Sigmoid applies the sigmoid once more",
      activation("Sigmoid.derivative", "return self.state * (1 - self.state)",
                 "s = 1 / (1 + np.exp(-self.state))\n        return s * (1 - s)"))

wrong("sigmoid without the minus", "3.2 3.5", "the output of your Sigmoid lacks the minus",
      activation("Sigmoid.forward", "np.exp(-x)", "np.exp(x)"))

wrong("tanh not squared", "3.2 3.5", "the derivative of your Tanh lacks the square",
      activation("Tanh.derivative", "1 - self.state ** 2", "1 - self.state"))

wrong("tanh by exponentials", "3.5", "your Tanh gives NaN for large numbers: use np.tanh",
      activation("Tanh.forward", "np.tanh(x)",
                 "(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))"))

wrong("tanh state in the class", "3.2 3.5", "wrong: derivative(); right: output",
      activation("Tanh.forward", "self.state = np.tanh(x)\n        return self.state",
                 "Tanh.last = np.tanh(x)\n        return Tanh.last"),
      activation("Tanh.derivative", "1 - self.state ** 2", "1 - Tanh.last ** 2"))

wrong("relu returns its input", "3.2 3.3 3.4 3.5", "the output of your ReLU is its input",
      activation("ReLU.forward", "self.state = np.maximum(0, x)\n        return self.state",
                 "self.state = np.maximum(0, x)\n        return x"))

wrong("relu over the batch", "3.2 3.3 3.4 3.5",
      "the output of your ReLU is a maximum over the batch",
      activation("ReLU.forward", "np.maximum(0, x)", "np.max(x, 0)"))

wrong("relu derivative of one", "3.2 3.5", "the derivative of your ReLU is 1 everywhere",
      activation("ReLU.derivative", "self.state > 0", "self.state >= 0"))

wrong("relu mask kept while the shape stays", "3.2 3.5",
      "the derivative of your ReLU is that of an earlier output",
      activation("ReLU.forward", "self.state = np.maximum(0, x)", """\
if getattr(self, 'mask', x[:0]).shape != x.shape:
            self.mask = x > 0
        self.state = np.maximum(0, x)"""),
      activation("ReLU.derivative", "return self.state > 0", "return self.mask"))

wrong("labels kept while the shape stays", "3.2 3.5",
      "your derivative uses the labels of an earlier call",
      loss("SoftmaxCrossEntropy.forward", "self.labels = y",
           "self.labels = self.labels if np.shape(self.labels) == y.shape else y"))

wrong("linear dW summed", "3.2 3.5", "your dW is the right one times the batch size",
      linear("Linear.backward", "self.x.T.dot(delta) / n", "self.x.T.dot(delta)"))

wrong("linear bias forgotten", "3.2 3.5", "your output is missing the bias",
      linear("Linear.forward", " + self.b", ""))

wrong("softmax over the batch", "3.2 3.5",
      "your softmax is normalized over the samples; it should be over each",
      loss("SoftmaxCrossEntropy.forward", "e.sum(axis=1, keepdims=True)",
           "e.sum(axis=0, keepdims=True)"))

wrong("one loss for all", "3.2",
      "your loss is summed over the batch; it should be one number per sample",
      loss("SoftmaxCrossEntropy.forward", "-np.sum(y * np.log(self.p), axis=1)",
           "-np.sum(y * np.log(self.p))"))


# Multiple choice

wrong("shape guessed", "2",
      "question_4: 'b' is wrong", letter("question_4", "return 'b'"))

wrong("letter printed", "2",
      "question_2: expected a letter as a string, got None", letter("question_2", "print('d')"))

wrong("letter without quotes", "2",
      "NameError: name 'b' is not defined", letter("question_1", "return b"))

wrong("letters in upper case", "2",
      "'B' is the right letter, but write it as one lower-case letter",
      whole(MC, "".join("def question_%d():\n    return '%s'\n\n\n" % question
                        for question in enumerate("BDBAA", 1))))

wrong("question copied", "2", "module 'mc' has no attribute 'question_4'",
      swap(MC, "question_4", "def question_4", "def question_3"))


# Scanning MLPs

wrong("simple rows channel by time", "3.3",
      "with the rows of the matrix for conv1 read as channel by time",
      scan(SIMPLE + ".init_weights", FIRST_W, "self.conv1.W = w1.T.reshape(8, 24, 8)"))

wrong("simple weights not transposed", "3.3",
      "with the matrix for conv1 reshaped before it is transposed",
      scan(SIMPLE + ".init_weights", "w1.T.reshape(8, 8, 24)", "w1.reshape(8, 8, 24)"))

wrong("simple weights printed", "3.3", "it printed: w1 is (192, 8)",
      scan(SIMPLE + ".init_weights", FIRST_W,
           "print('w1 is', w1.shape)\n        " + FIRST_W.replace(".T", "")))

wrong("simple without the last transpose", "3.3",
      "conv1.W has shape (8, 8, 24), but Conv1D(24, 8, 8, 4) has W of shape (8,",
      scan(SIMPLE + ".init_weights", "w1.T.reshape(8, 8, 24).transpose(0, 2, 1)",
           "w1.T.reshape(8, 8, 24)"))

wrong("distributed weights averaged", "3.4", "your output is that of the network with the weights"
      " of conv1 divided by 4: they are shared, not averaged",
      scan(DISTRIBUTED + ".init_weights", "self.conv1.W = w1[:48, :2]",
           "self.conv1.W = 1 / 4 * w1[:48, :2]"))

wrong("distributed without the last transpose", "3.4",
      "conv1.W has shape (2, 2, 24), but Conv1D(24, 2, 2, 2) has W of shape (2,", *IM2COL,
      scan(DISTRIBUTED + ".init_weights",
           "w1[:48, :2].T.reshape(2, 2, 24).transpose(0, 2, 1)", "w1[:48, :2].T.reshape(2, 2, 24)"))

wrong("simple conv3 misspelt", "3.3", "init_weights leaves conv3.W as it was",
      scan(SIMPLE + ".init_weights", "self.conv3.W = w3.T.reshape(4, 1",
           "self.conv3.w = w3.T.reshape(4, 1"))

wrong("simple time reversed", "3.3", "with the taps of conv1 in reversed order",
      scan(SIMPLE + ".init_weights", FIRST_W, FIRST_W + "[:, :, ::-1]"))

wrong("simple strides by its kernel", "3.3",
      "your output is that of the network with a stride of 8 in conv1",
      scan(SIMPLE + ".__init__", "Conv1D(24, 8, 8, 4)", "Conv1D(24, 8, 8, 8)"))

wrong("simple last relu", "3.3", "your output is that of the network with a ReLU after conv3",
      layers(SIMPLE, "self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, ReLU(), Flatten()"))

wrong("simple without flatten", "3.3", "your output has the right numbers in the wrong shape",
      layers(SIMPLE, "self.conv1, ReLU(), self.conv2, ReLU(), self.conv3"))

wrong("simple layers made anew", "3.3",
      "your output does not depend on conv1.W: does forward use it?",
      layers(SIMPLE, "Conv1D(24, 8, 8, 4), ReLU(), Conv1D(8, 16, 1, 1), ReLU(),"
                     " Conv1D(16, 4, 1, 1), Flatten()"))

wrong("simple weights as an array", "3.3", "AttributeError: 'list' object has no attribute 'shape'",
      scan(SIMPLE + ".init_weights", "w1, w2, w3 = weights\n        " + FIRST_W,
           "w1, w2, w3 = [weights[i] for i in range(weights.shape[0])]\n        " + FIRST_W))

wrong("simple weights cut to integers", "3.3", "with the weights of conv1 cut to integers",
      scan(SIMPLE + ".init_weights", FIRST_W,
           FIRST_W.replace("w1.T", "w1.T.astype(int)")))

wrong("simple only floats", "3.3", "it fails exactly where the type of the weights is integer",
      scan(SIMPLE + ".init_weights", FIRST_W,
           "w1 = np.frombuffer(w1.tobytes()).reshape(w1.shape)\n        " + FIRST_W))

wrong("simple weights only once", "3.3", "a second init_weights leaves conv1.W as it was",
      scan(SIMPLE + ".init_weights", FIRST_W, """\
if hasattr(self, 'weights'):
            return
        self.weights = weights
        """ + FIRST_W))

wrong("scan bracket missing", "3.3 3.4", "SyntaxError: '(' was never closed",
      scan(DISTRIBUTED + ".__init__", "Conv1D(24, 2, 2, 2)", "Conv1D(24, 2, 2, 2"))

wrong("distributed without a relu", "3.4",
      "your output is that of the network without the ReLU after conv1",
      layers(DISTRIBUTED, "self.conv1, self.conv2, ReLU(), self.conv3, Flatten()"))

wrong("distributed layers out of order", "3.4",
      "ValueError: operands could not be broadcast together with shapes",
      layers(DISTRIBUTED, "self.conv1, ReLU(), self.conv3, ReLU(), self.conv2, Flatten()"))

wrong("distributed every fourth neuron", "3.4",
      "your output has NaN: leave out the weights of absent connections",
      scan(DISTRIBUTED + ".init_weights", "w1[:48, :2]", "w1[:48, ::4]"))

wrong("distributed as simple with zeros", "3.4", "conv1 has the wrong size. In Figure 3, how many",
      define(SCAN, DISTRIBUTED, """
      class CNN_DistributedScanningMLP(CNN_SimpleScanningMLP):
          def init_weights(self, weights):
              super().init_weights([np.nan_to_num(w) for w in weights])
      """))

wrong("distributed connections told by NaN", "3.4",
      "ValueError: cannot reshape array of size 384 into shape (2,2,24)",
      scan(DISTRIBUTED + ".init_weights", "w1[:48, :2].T.reshape",
           "w1.T[:2][~np.isnan(w1.T[:2])].reshape"),
      scan(DISTRIBUTED + ".init_weights", "w2[:4, :8].T.reshape",
           "w2.T[:8][~np.isnan(w2.T[:8])].reshape"))

wrong("distributed last layer unordered", "3.4",
      "with the rows of the matrix for conv3 read as channel by time",
      scan(DISTRIBUTED + ".init_weights", "w3.T.reshape(4, 2, 8).transpose(0, 2, 1)",
           "w3.T.reshape(4, 8, 2)"))

wrong("distributed by position", "3.4",
      "flattened position by position; it should be channel by channel",
      define(SCAN, DISTRIBUTED + ".forward", """
      def forward(self, x):
          for layer in self.layers[:-1]:
              x = layer(x)
          return self.layers[-1](x.transpose(0, 2, 1))
      """))

wrong("distributed only lists and tuples", "3.4",
      "it fails exactly where the container of the weights is an object array",
      scan(DISTRIBUTED + ".init_weights",
           "w1, w2, w3 = weights\n        self.conv1.W = w1[:48, :2]", """\
assert isinstance(weights, (list, tuple))
        w1, w2, w3 = weights
        self.conv1.W = w1[:48, :2]"""))


# The CNN

wrong("cnn weight function not handed on", "3.5",
      "convolutional_layers[0].W: not what conv_weight_init_fn gives: is it",
      cnn("CNN.__init__", "strides[i], conv_weight_init_fn, bias_init_fn)",
          "strides[i], None, bias_init_fn)"))

wrong("cnn bias function not handed on", "3.5",
      "convolutional_layers[0].b: not what bias_init_fn gives: is it",
      cnn("CNN.__init__", "strides[i], conv_weight_init_fn, bias_init_fn)",
          "strides[i], conv_weight_init_fn)"))

wrong("cnn bias and weight functions exchanged", "3.5",
      "bias_init_fn() takes 1 positional argument but 3 were given",
      cnn("CNN.__init__", "strides[i], conv_weight_init_fn, bias_init_fn)",
          "strides[i], bias_init_fn, conv_weight_init_fn)"))

wrong("cnn linear weight function not used", "3.5",
      "linear_layer.W: not what linear_weight_init_fn gives: is it",
      cnn("CNN.__init__", "num_linear_neurons, linear_weight_init_fn",
          "num_linear_neurons, np.random.randn"))

wrong("cnn width rounded up", "3.5",
      "each convolution makes the width (width - kernel_size) // stride + 1",
      cnn("CNN.__init__", "w = (w - k) // s + 1", "w = int(np.ceil((w - k) / s)) + 1"))

wrong("cnn only figure 4", "3.5", "linear_layer.W: expected shape (4, 2), got (420, 2)",
      cnn("CNN.__init__", "Linear(w * num_channels[-1],", "Linear(420,"))

wrong("cnn a column too many", "3.5", "linear_layer.W: expected shape (4, 2), got (4, 3)",
      cnn("CNN.__init__", "num_channels[-1], num_linear_neurons",
          "num_channels[-1], num_linear_neurons + 1"))

wrong("cnn three layers", "3.5", "IndexError: list index out of range",
      cnn("CNN.backward", "for i in range(self.nlayers - 1, -1, -1):", "for i in [2, 1, 0]:"))

wrong("cnn own criterion", "3.5", "it fails exactly where the criterion is not of this course",
      cnn("CNN.__init__", "self.criterion = criterion", "self.criterion = SoftmaxCrossEntropy()"))

wrong("cnn lr before criterion", "3.5",
      "lr: expected a number, got a value of type SoftmaxCrossEntropy",
      cnn("CNN.__init__", "linear_weight_init_fn, criterion, lr):",
          "linear_weight_init_fn, lr, criterion):"))

wrong("cnn without its criterion", "3.5",
      "AttributeError: 'CNN' object has no attribute 'criterion'",
      cnn("CNN.__init__", "self.criterion = criterion", "self.loss_fn = criterion"),
      cnn("CNN.backward", "self.criterion(self.output, labels)",
          "self.loss_fn(self.output, labels)"),
      cnn("CNN.backward", "self.criterion.derivative()", "self.loss_fn.derivative()"))

wrong("cnn name misspelt", "3.5",
      "AttributeError: 'CNN' object has no attribute 'convolution_layers'",
      cnn("CNN.forward", "self.activations[i](self.convolutional_layers[i](x))",
          "self.activations[i](self.convolution_layers[i](x))"))

wrong("cnn layers in the class", "3.5", "len(convolutional_layers): expected 1, got 2",
      cnn("CNN", "class CNN(object):\n", "class CNN(object):\n    convolutional_layers = []\n\n"),
      cnn("CNN.__init__", "self.convolutional_layers = [Conv1D(",
          "self.convolutional_layers += [Conv1D("))

wrong("cnn last activation missing", "3.5",
      "of the network without the activation after the last convolution",
      cnn("CNN.forward", "x = self.activations[i](self.convolutional_layers[i](x))", """\
x = self.convolutional_layers[i](x)
            if i < self.nlayers - 1:
                x = self.activations[i](x)"""))

wrong("cnn activation after the linear layer", "3.5",
      "the last activation after the linear layer too",
      cnn("CNN.forward", LOGITS,
          "self.output = self.activations[-1](self.linear_layer(self.flatten(x)))"))

wrong("cnn first activation everywhere", "3.5", "with the first activation after every convolution",
      cnn("CNN.forward", "self.activations[i](", "self.activations[0]("),
      cnn("CNN.backward", "self.activations[i].derivative()", "self.activations[0].derivative()"))

wrong("cnn ends in a softmax", "3.5", "with a softmax on the output",
      cnn("CNN.forward", LOGITS, LOGITS + """
        e = np.exp(self.output - self.output.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)"""))

wrong("cnn batch of one squeezed", "3.5", "your output has the right numbers in the wrong shape",
      cnn("CNN.forward", LOGITS, "self.output = np.squeeze(self.linear_layer(self.flatten(x)))"))

wrong("cnn activations reversed", "3.5", "1 of 26 cases fails",
      cnn("CNN.backward", DERIVATIVE, """\
            other = self.activations[self.nlayers - 1 - i]
            same = other.state.shape == grad.shape
            grad = grad * (other if same else self.activations[i]).derivative()
"""))

wrong("cnn labels ignored", "3.5",
      "your backward starts from the output, not from the criterion's derivative",
      cnn("CNN.backward", "grad = self.criterion.derivative()", "grad = self.output"))

wrong("cnn labels of the first backward", "3.5", "your results use the labels of an earlier pass",
      cnn("CNN.backward", "        m, _ = labels.shape\n", """\
        if not hasattr(self, 'labels') or self.labels.shape != labels.shape:
            self.labels = labels
        labels = self.labels
"""))

wrong("cnn loss averaged", "3.5", "your loss is the right one divided by the batch size",
      cnn("CNN.backward", "self.criterion(self.output, labels).sum()",
          "self.criterion(self.output, labels).mean()"))

wrong("cnn gradient of the mean loss", "3.5",
      "your backward starts from a derivative averaged over the batch",
      cnn("CNN.backward", "self.criterion.derivative()", "self.criterion.derivative() / m"))

wrong("cnn flatten not undone", "3.5", "could not be broadcast together with shapes",
      cnn("CNN.backward", "self.flatten.backward(self.linear_layer.backward(grad))",
          "self.linear_layer.backward(grad)"))

wrong("cnn activation derivative forgotten", "3.5",
      "your backward leaves out the activations' derivatives",
      cnn("CNN.backward", DERIVATIVE, ""))

wrong("cnn first layer left out", "3.5", "your convolutional_layers[0].dW is 0 everywhere",
      cnn("CNN.backward", "range(self.nlayers - 1, -1, -1)", "range(self.nlayers - 1, 0, -1)"))

wrong("cnn convolutions averaged", "3.5",
      "your convolutions' dW and db are divided by the batch size; they are sums",
      cnn("CNN.backward", "            grad = self.convolutional_layers[i].backward(grad)\n", """\
            grad = self.convolutional_layers[i].backward(grad)
            self.convolutional_layers[i].dW /= m
            self.convolutional_layers[i].db /= m
"""))


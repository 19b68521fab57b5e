"""Wrong hand-ins: a student's files with one mistake each, what it costs and what is said of it."""
from collections import namedtuple
from functools import partial

from handins import define, swap, whole

CONV, SCAN, CNN, MC = "mytorch/conv.py", "hw2/mlp_scan.py", "hw2/hw2.py", "hw2/mc.py"
Wrong = namedtuple("Wrong", "loses mistake says edits")
WRONG = {}


def wrong(name, loses, mistake, says, *edits):
    """Add a hand-in that loses these sections by this mistake, of which the report says this."""
    assert name not in WRONG, name
    WRONG[name] = Wrong(loses, mistake, says, edits)


# Edits: conv(old, new) replaces text in mytorch/conv.py, and so on.

conv, scan, cnn = partial(swap, CONV), partial(swap, SCAN), partial(swap, CNN)
linear, activation, loss = (partial(swap, "mytorch/%s.py" % name)
                            for name in ("linear", "activation", "loss"))
forward = partial(define, CONV, "Conv1D.forward")
backward = partial(define, CONV, "Conv1D.backward")


def letter(question, body):
    """The edit that gives a function of mc.py this body."""
    return define(MC, question, "def %s():\n    %s" % (question, body))


def layers(last, new):
    """The edit of the list of layers in the scanner that has this last convolution."""
    start = "self.conv3 = %s\n        self.layers = [" % last
    return scan(start + "self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]",
                start + new + "]")


SIMPLE, DISTRIBUTED = "Conv1D(16, 4, 1, 1)", "Conv1D(8, 4, 2, 1)"  # the last convolutions
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

wrong("bias forgotten", "3.1.1 3.5", "The bias is never added to the output.",
      "hint: your output is missing the bias",
      conv(" + self.b[o]", ""))

wrong("bias over the width", "3.1.1 3.1.2 3.3 3.4 3.5",
      "The bias, one per channel, is added along the last axis, so most shapes fail.",
      "it fails exactly where out_channel is not 1",
      conv(" + self.b[o]", ""), conv("return out", "return out + self.b"))

wrong("bias once for each channel", "3.1.1 3.5",
      "The bias is added within the loop over the input channels, so it counts once for each.",
      "your output adds the bias in_channel times",
      *LOOPS, conv("np.dot(seg, self.W[o, c])", "np.dot(seg, self.W[o, c]) + self.b[o]"),
      conv("                    out[i, o, t] += self.b[o]\n", ""))

wrong("bias within the sum", "3.1.1 3.5", "The bias is added within np.sum, once for each product.",
      "your output adds the bias to each product; add it to their sum",
      conv(SUM, "out[:, o, t] = np.sum(seg * self.W[o] + self.b[o], axis=(1, 2))"))

wrong("mean over the window", "3.1.1 3.3 3.4 3.5", "np.mean stands in place of np.sum.",
      "your output averages each window; it should be a sum",
      conv("np.sum(seg * self.W[o], axis=(1, 2))", "np.mean(seg * self.W[o], axis=(1, 2))"))

wrong("relu in the convolution", "3.1.1 3.3 3.4 3.5", "The convolution applies a ReLU.",
      "your output has 0 for its negative numbers",
      conv("return out", "return np.maximum(out, 0)"))

wrong("padded input", "3.1.1 3.1.2 3.3 3.4 3.5", "The input is padded with zeros at its end.",
      "yours is in_width / stride rounded up, as with padding",
      conv("self.x = x\n", "self.x = x = np.pad(x, ((0, 0), (0, 0), (0, self.kernel_size - 1)),"
           " 'constant')\n"))

wrong("x as width by channel", "3.1.1 3.1.2 3.3 3.4 3.5",
      "forward unpacks x.shape as batch, width, channel.",
      "your forward takes x as (batch, width, channel)",
      conv("n, _, w = x.shape", "n, w, _ = x.shape"))

wrong("width divided by the stride", "3.1.1 3.1.2 3.3 3.4 3.5",
      "The output's width is in_width // stride, which forgets the kernel size.",
      "(in_width - kernel_size) // stride + 1; yours is in_width // stride",
      conv(WIDTH, "T = w // self.stride"))

wrong("a window too few", "3.1.1 3.3 3.4 3.5",
      "The + 1 is missing in the output width, so the last window is left out.",
      "stride + 1; yours is (in_width - kernel_size) // stride",
      conv("// self.stride + 1", "// self.stride"))

wrong("width rounded up", "3.1.1 3.1.2 3.5",
      "The output width is rounded up, so forward runs past the end where inputs are left over.",
      "(in_width - kernel_size) // stride + 1; yours is rounded up",
      conv(WIDTH, "T = int(np.ceil((w - self.kernel_size) / self.stride)) + 1"))

wrong("last start left out", "3.1.1 3.3 3.4 3.5",
      "range() stops before the last possible start, so a last window that fits exactly stays 0.",
      "your output is 0 in a last window that ends at the end of x",
      conv("for t in range(T):\n            seg = " + WINDOW, """\
for t, start in enumerate(range(0, w - self.kernel_size, self.stride)):
            seg = x[:, :, start:start + self.kernel_size]"""))

wrong("stride only in the width", "3.1.1 3.3 3.4 3.5",
      "The stride counts in the output width, but the windows themselves move by one.",
      "your output moves its windows by 1, not by the stride",
      conv(WINDOW, "x[:, :, t:t + self.kernel_size]"))

wrong("stride above the kernel", "3.1.1 3.5",
      "Where windows do not overlap, x is reshaped into them, though there are gaps between them.",
      "it fails only where stride is",
      conv("        for t in range(T):", """\
        if self.stride >= self.kernel_size:
            cut = x[:, :, :T * self.kernel_size].reshape(n, self.in_channel, T, -1)
            out = np.tensordot(cut, self.W, axes=([1, 3], [1, 2])) + self.b
            return out.transpose(0, 2, 1)
        for t in range(T):"""))

wrong("only the last input channel", "3.1.1 3.3 3.4 3.5",
      "Each input channel overwrites the output of the one before: = where += is needed.",
      "your output uses only the last input channel; sum over all",
      *LOOPS, conv("out[i, o, t] += np.dot", "out[i, o, t] = np.dot"))

wrong("last tap left out", "3.1.1 3.3 3.4 3.5",
      "The loop over the kernel ends one too early.", "your output leaves out the last tap",
      conv(SUM, """\
out[:, o, t] = self.b[o]
                for k in range(self.kernel_size - 1):
                    out[:, o, t] += seg[:, :, k].dot(self.W[o, :, k])"""))

wrong("first sample for all", "3.1.1 3.5",
      "Every sample of the batch gets the first one's output.",
      "your output repeats the first sample",
      conv("seg = x[:, :,", "seg = x[:1, :,"))

wrong("return within the loop", "3.1.1 3.5",
      "The return is indented too far, so only the first sample of the batch is computed.",
      "your output is 0 after the first sample: is a return inside the loop?",
      *LOOPS, conv("        return out", "            return out"))

wrong("return within the loop over filters", "3.1.1 3.3 3.4 3.5",
      "The return is indented too far, so only the first filter is computed.",
      "your output is 0 after the first sample and channel: is a return",
      *LOOPS, conv("        return out", "                return out"))

wrong("output printed", "3.1.1 3.3 3.4 3.5", "The output is printed and not returned.",
      "got None: is a return missing?",
      conv("return out", "print(out)"))

wrong("output squeezed", "3.1.1 3.3 3.4 3.5", "Axes of length 1 are squeezed out of the output.",
      "your output has the right numbers in the wrong shape",
      conv("return out", "return np.squeeze(out)"))

wrong("output rounded", "3.1.1 3.3 3.4 3.5", "The output is rounded to four digits.",
      "your output is right to a few digits: is it rounded",
      conv("return out", "return np.round(out, 4)"))

wrong("kernel flipped", "3.1.1 3.3 3.4 3.5",
      "The kernel is flipped, but the layer is a cross-correlation.",
      "your output flips the kernel; the layer is a cross-correlation",
      conv("seg * self.W[o]", "seg * self.W[o, :, ::-1]"))

wrong("reshape for transpose", "3.1.1 3.3 3.4 3.5",
      "The product's rows are windows, but it is reshaped to channels first and not transposed.",
      "your output is reshaped from (sample, position, channel); use transpose",
      *IM2COL, conv("out.reshape(n, T, self.out_channel).transpose(0, 2, 1)",
                    "out.reshape(n, self.out_channel, T)"))

wrong("output position by channel", "3.1.1 3.3 3.4 3.5",
      "The output is (batch, position, channel): the last transpose is missing.",
      "your output has the axes (sample, position, channel); they should be",
      *IM2COL, conv("out.reshape(n, T, self.out_channel).transpose(0, 2, 1)",
                    "out.reshape(n, T, self.out_channel)"))

wrong("columns time by channel", "3.1.1 3.1.2 3.3 3.4 3.5",
      "The windows are flattened time by channel and the kernels channel by time.",
      "windows of (time, channel) with W of (channel, time)",
      *IM2COL, conv("x[:, :, self.idx].transpose(0, 2, 1, 3)",
                    "x[:, :, self.idx].transpose(0, 2, 3, 1)"))

wrong("forward changes W", "3.1.2 3.5",
      "forward reshapes self.W itself, so that dW has two axes.",
      "your forward changes self.W",
      *IM2COL, conv("kernels = self.W.reshape(self.out_channel, -1)",
                    "kernels = self.W = self.W.reshape(self.out_channel, -1)"))

wrong("np.float", "3.1.1 3.1.2 3.3 3.4 3.5", "forward uses np.float, which NumPy has removed.",
      "AttributeError: module 'numpy' has no attribute 'float'",
      conv("np.zeros((n, self.out_channel, T))",
           "np.zeros((n, self.out_channel, T), dtype=np.float)"))

wrong("assertion in NumPy", "3.1.1 3.1.2 3.3 3.4 3.5",
      "An assertion on the sizes of question 3 is left in forward.",
      "np.testing.assert_allclose(out.shape, (2, 4, 48))",
      conv("return out", "np.testing.assert_allclose(out.shape, (2, 4, 48))\n        return out"))

wrong("breakpoint", "", "A breakpoint() is left in forward, which is right otherwise.",
      "--debug ConvForward",
      conv("self.x = x", "breakpoint()\n        self.x = x"))

wrong("set_trace", "", "A pdb.set_trace() is left in forward, which is right otherwise.",
      "has a breakpoint: remove it, or run",
      conv("self.x = x", "import pdb; pdb.set_trace()\n        self.x = x"))

wrong("file renamed", "3.1.1 3.1.2 3.2 3.3 3.4 3.5",
      "The file is called Conv.py, so that nothing finds conv.py.",
      "mytorch/conv.py is missing",
      lambda files: files.update({"mytorch/Conv.py": files.pop(CONV)}))


# Convolution, backward

wrong("input not kept", "3.1.2 3.5",
      "forward does not keep its input, so backward finds no self.x.",
      "AttributeError: 'Conv1D' object has no attribute 'x'",
      conv("        self.x = x\n", ""))

wrong("conv backward unfinished", "3.1.2 3.5",
      "backward of the convolution still is the starter's raise NotImplemented.",
      "not written yet: Conv1D.backward",
      backward("def backward(self, delta):\n    raise NotImplemented"))

wrong("dx not returned", "3.1.2 3.5", "backward computes dx and returns nothing.",
      "got None: is a return missing?",
      conv("        return dx\n", ""))

wrong("dx overwritten", "3.1.2 3.5",
      "dx is set and not added to, so overlapping windows and other filters are lost.",
      "your dx keeps only the part of the last window and filter; sum them",
      conv("dx[:, :, s:s + self.kernel_size] += d", "dx[:, :, s:s + self.kernel_size] = d"))

wrong("fancy index added", "3.1.2 3.5",
      "dx[:, :, idx] += adds only once where an index comes twice, so overlaps are lost.",
      "your dx keeps only the last window's part where windows overlap; sum them",
      *IM2COL, conv("""\
        for j in range(self.kernel_size):
            dx[:, :, j:j + T * self.stride:self.stride] += dcols[:, :, :, j]
""", "        dx[:, :, self.idx] += dcols\n"))

wrong("dx ends at the last window", "3.1.2 3.5",
      "dx ends with the last window, so it is narrower than x where inputs are left over.",
      "your dx ends with the last window; it has the shape of x",
      conv("return dx", "return dx[:, :, :s + self.kernel_size]"))

wrong("dx padded at its start", "3.1.2 3.5",
      "The zeros for inputs past the last window are put at the start of dx.",
      "your dx has zeros at its start; the inputs past the last window are at",
      conv("return dx", "return np.roll(dx, dx.shape[2] - s - self.kernel_size, axis=2)"))

wrong("dx with the kernel flipped", "3.1.2 3.5",
      "The kernel is flipped once too often for dx.",
      "your dx uses a flipped kernel",
      conv("+= d * self.W[o]", "+= d * self.W[o, :, ::-1]"))

wrong("backward without stride", "3.1.2 3.5",
      "backward moves its windows by one position and not by the stride.",
      "your dx moves its windows by 1, not by the stride",
      conv("s = t * self.stride", "s = t"))

wrong("kernel of 1 without stride", "3.1.2 3.5",
      "The short way to dx for kernels of width 1 forgets the stride.",
      "it fails only where kernel_size is 1",
      conv("        return dx", """\
        if self.kernel_size == 1:
            return np.einsum('not,oc->nct', delta, self.W[:, :, 0])
        return dx"""))

wrong("delta reshaped", "3.1.2 3.5",
      "delta is reshaped to one row for each window without bringing the channels to the end.",
      "your dx takes delta as (batch, position, channel)",
      *IM2COL, conv("delta.transpose(0, 2, 1).reshape", "delta.reshape"))

wrong("dW of the last window only", "3.1.2 3.5",
      "dW is set anew at every position, so only the last position's share is left.",
      "your dW has only the part of the last window; include all",
      conv("self.dW[o] += ", "self.dW[o] = "))

wrong("dW averaged", "3.1.2 3.5",
      "dW is the mean over the batch, as in the linear layer, and not the sum.",
      "your dW is the right one divided by the batch size",
      conv("(d * seg).sum(axis=0)", "(d * seg).mean(axis=0)"))

wrong("dW reshaped", "3.1.2 3.5",
      "dW comes out as channel, time, filter and is reshaped to W's shape and not transposed.",
      "your dW is reshaped from (channel, tap, filter); use transpose",
      *IM2COL, conv("d.T.dot(self.cols)", "self.cols.T.dot(d)"))

wrong("db of the last position", "3.1.2 3.5",
      "db is set within the loop over the positions, so only the last one counts.",
      "your db has only the part of the last window; include all",
      conv("            s = t * self.stride\n", """\
            s = t * self.stride
            self.db = delta[:, :, t].sum(axis=0)
"""), conv("        self.db += delta.sum(axis=(0, 2))\n", ""))

wrong("db over the batch alone", "3.1.2 3.5",
      "db is summed over the batch and not over the positions.",
      "your db is summed over the batch only; sum over batch and positions",
      conv("self.db += delta.sum(axis=(0, 2))", "self.db = delta.sum(axis=0)"))

wrong("db by position", "3.1.2 3.5",
      "db is summed over batch and channels, so it has an entry for each position.",
      "your db is summed over batch and filters; sum over batch and positions",
      conv("self.db += delta.sum(axis=(0, 2))", "self.db = delta.sum(axis=(0, 1))"))

wrong("backward changes W", "3.1.2 3.5",
      "A step of gradient descent is taken before dx is computed.",
      "your backward changes self.W",
      *IM2COL, conv("self.db = d.sum(axis=0)",
                    "self.db = d.sum(axis=0)\n        self.W = self.W - 0.1 * self.dW"))


# Convolution: what is kept of an earlier call or another layer

wrong("input in a global", "3.1.2 3.5", "The input is kept in a global, which all layers share.",
      "it fails exactly where there is another layer's call before backward",
      conv("self.x = x", "global X\n        X = x"), conv(DX, "dx = np.zeros(X.shape)"),
      conv("seg = self.x[:", "seg = X[:"))

wrong("W of the first forward", "3.1.1 3.3 3.4 3.5",
      "The kernels are laid out at the first forward and kept, whatever W is later.",
      "your output uses the W of an earlier call",
      *IM2COL, conv("kernels = self.W.reshape(self.out_channel, -1)", """\
if not hasattr(self, 'kernels'):
            self.kernels = self.W.reshape(self.out_channel, -1)
        kernels = self.kernels"""))

wrong("W for dx of the first backward", "3.1.2 3.5",
      "The kernels for dx are kept from the first backward, whatever W is later.",
      "your dx uses the W of an earlier call",
      conv(DX, """\
if not hasattr(self, 'kernels'):
            self.kernels = self.W
        dx = np.zeros(self.x.shape)"""),
      conv("+= d * self.W[o]", "+= d * self.kernels[o]"))

wrong("width of the first forward", "3.1.1", "The output's width is that of the first call.",
      "it fails only where an earlier call of the layer is with a smaller x",
      conv(WIDTH, "if not hasattr(self, 'T'):\n            self." + WIDTH + "\n        T = self.T"))

wrong("output remembered by x", "3.1.1 3.3 3.4 3.5",
      "Outputs are remembered by the numbers of x alone: a new W or b changes nothing.",
      "where an earlier call of the layer is with other W and b",
      define(CONV, "Conv1D.__call__", """
      def __call__(self, x):
          if not hasattr(self, 'known'):
              self.known = {}
          key = x.tobytes()
          if key not in self.known:
              self.known[key] = self.forward(x)
          return self.known[key]
      """))

wrong("x kept while the shape stays", "3.1.2 3.5",
      "backward uses the x of an earlier forward if that had the same shape.",
      "your dW uses the x of an earlier call",
      conv("self.x = x", """\
if not hasattr(self, 'x') or self.x.shape != x.shape:
            self.x = x"""))

wrong("delta kept while the shape stays", "3.1.2 3.5",
      "A second backward uses the delta of the first one if that had the same shape.",
      "wrong: dx, dW, db",
      conv(DX, """\
if not hasattr(self, 'delta') or self.delta.shape != delta.shape:
            self.delta = delta
        delta = self.delta
        dx = np.zeros(self.x.shape)"""))

wrong("dx not cleared while the shape stays", "3.1.2 3.5",
      "The array for dx is kept from call to call and added to, if its shape is right.",
      "wrong: dx; right: dW, db",
      conv(DX, """\
if not hasattr(self, 'dx') or self.dx.shape != self.x.shape:
            self.dx = np.zeros(self.x.shape)
        dx = self.dx"""))

wrong("hidden sums", "3.1.2 3.5",
      "dW is a copy of a sum kept elsewhere, so filling dW with zeros does nothing.",
      "it fails exactly where there is an earlier call of the layer",
      conv(DX, DX + "\n        self.sum = getattr(self, 'sum', np.zeros(self.W.shape))"),
      conv("self.dW[o] += ", "self.sum[o] += "),
      conv("return dx", "self.dW = self.sum.copy()\n        return dx"))

wrong("weight function only with the other", "3.1.1",
      "weight_init_fn is used only if bias_init_fn is given too.",
      "W from weight_init_fn: at [0, 0, 0]: expected 4.2",
      conv("kernel_size)) if weight_init_fn is None else",
           "kernel_size)) if weight_init_fn is None or bias_init_fn is None else"))


# Convolution: integers

wrong("output of the type of W", "3.1.1 3.3 3.4",
      "The output is an array of the type of W, so integer weights cut it to integers.",
      "it fails exactly where the type of W is integer",
      conv("np.zeros((n, self.out_channel, T))",
           "np.zeros((n, self.out_channel, T), dtype=self.W.dtype)"))


# Flatten and the layers of homework 1

wrong("flatten by position", "3.2 3.3 3.4 3.5",
      "Flatten exchanges channels and positions before it reshapes, and undoes it in backward.",
      "your Flatten goes position by position; it should go channel by channel",
      conv("x.reshape(self.s[0], -1)", "x.transpose(0, 2, 1).reshape(self.s[0], -1)"),
      conv("return delta.reshape(self.s)",
           "n, c, w = self.s\n        return delta.reshape(n, w, c).transpose(0, 2, 1)"))

wrong("flatten backward flat", "3.2 3.5",
      "Flatten's backward hands delta on as it comes and does not restore the input's shape.",
      "your dx has the right numbers in the wrong shape",
      conv("return delta.reshape(self.s)", "return delta"))

wrong("flatten shape in the class", "3.2 3.5",
      "The shape is kept in the class, so that backward finds that of the Flatten called last.",
      "ValueError: cannot reshape array of size",
      conv("self.s = x.shape\n        return x.reshape(self.s[0], -1)",
           "Flatten.s = x.shape\n        return x.reshape(len(x), -1)"))

wrong("sigmoid of the state", "3.2 3.5",
      "Sigmoid's derivative is evaluated at the output, which has been through the sigmoid before.",
      "the derivative of your Sigmoid applies the sigmoid once more",
      activation("return self.state * (1 - self.state)",
                 "s = 1 / (1 + np.exp(-self.state))\n        return s * (1 - s)"))

wrong("sigmoid without the minus", "3.2 3.5", "The exponent of the sigmoid lacks its minus.",
      "the output of your Sigmoid lacks the minus",
      activation("np.exp(-x)", "np.exp(x)"))

wrong("tanh not squared", "3.2 3.5", "The derivative of Tanh lacks the square.",
      "the derivative of your Tanh lacks the square",
      activation("1 - self.state ** 2", "1 - self.state"))

wrong("tanh state in the class", "3.2 3.5",
      "The state of Tanh is kept in the class, so that all its activations share it.",
      "it fails exactly where the activation is Tanh",
      activation("self.state = np.tanh(x)\n        return self.state",
                 "Tanh.last = np.tanh(x)\n        return Tanh.last"),
      activation("1 - self.state ** 2", "1 - Tanh.last ** 2"))

wrong("relu returns its input", "3.2 3.3 3.4 3.5",
      "ReLU stores the right state and returns x itself.",
      "the output of your ReLU is its input",
      activation("self.state = np.maximum(0, x)\n        return self.state",
                 "self.state = np.maximum(0, x)\n        return x"))

wrong("relu over the batch", "3.2 3.3 3.4 3.5",
      "np.max(x, 0) is the maximum over the batch; np.maximum was meant.",
      "the output of your ReLU is a maximum over the batch",
      activation("np.maximum(0, x)", "np.max(x, 0)"))

wrong("relu derivative of one", "3.2 3.5",
      "The derivative is 1 everywhere: no output is below zero.",
      "the derivative of your ReLU is 1 everywhere",
      activation("self.state > 0", "self.state >= 0"))

wrong("relu mask kept while the shape stays", "3.2 3.5", "The mask is that of the first such x.",
      "it fails exactly where the activation is ReLU",
      activation("self.state = np.maximum(0, x)", """\
if getattr(self, 'mask', x[:0]).shape != x.shape:
            self.mask = x > 0
        self.state = np.maximum(0, x)"""), activation("return self.state > 0", "return self.mask"))

wrong("labels kept while the shape stays", "3.2 3.5", "The labels are those of the first such x.",
      "wrong: derivative(); right: loss",
      loss("self.labels = y",
           "self.labels = self.labels if np.shape(self.labels) == y.shape else y"))

wrong("linear dW summed", "3.2 3.5",
      "The linear layer's dW is the sum over the batch and not the mean.",
      "your dW is the right one times the batch size",
      linear("self.x.T.dot(delta) / n", "self.x.T.dot(delta)"))

wrong("linear bias forgotten", "3.2 3.5", "Linear does not add its bias.",
      "your output is missing the bias", linear(" + self.b", ""))

wrong("softmax over the batch", "3.2 3.5",
      "The softmax normalizes over the batch and not over the classes.",
      "your softmax is normalized over the batch; it should be over each",
      loss("e.sum(axis=1, keepdims=True)", "e.sum(axis=0, keepdims=True)"))

wrong("one loss for all", "3.2",
      "The criterion returns the batch's summed loss, where one loss for each sample is asked.",
      "your loss is summed over the batch; it should be one number per sample",
      loss("-np.sum(y * np.log(self.p), axis=1)", "-np.sum(y * np.log(self.p))"))


# Multiple choice

wrong("shape guessed", "2",
      "Question 4 is answered with (B), the shape and the value of something else.",
      "question_4: 'b' is wrong", letter("question_4", "return 'b'"))

wrong("letter printed", "2", "Question 2 prints its letter and returns nothing.",
      "question_2: expected a letter as a string, got None", letter("question_2", "print('d')"))

wrong("letter without quotes", "2",
      "Question 1 returns a variable named b that does not exist.",
      "NameError: name 'b' is not defined", letter("question_1", "return b"))

wrong("letters in upper case", "2", "All five letters are in upper case.",
      "'B' is the right letter, but write it as one lower-case letter",
      whole(MC, "".join("def question_%d():\n    return '%s'\n\n\n" % question
                        for question in enumerate("BDBAA", 1))))

wrong("question copied", "2",
      "Question 4 was pasted under the name of question 3: it replaces that one and is missing.",
      "question_4 raises AttributeError",
      swap(MC, "def question_4", "def question_3"))


# Scanning MLPs

wrong("simple rows channel by time", "3.3",
      "The 192 rows are taken as channel by time, where they are time by channel.",
      "with the rows of the matrix for conv1 read as channel by time",
      scan(FIRST_W, "self.conv1.W = w1.T.reshape(8, 24, 8)"))

wrong("simple weights not transposed", "3.3",
      "The first weight matrix is reshaped as (in, out), without being transposed before.",
      "with the matrix for conv1 reshaped before it is transposed",
      scan("w1.T.reshape(8, 8, 24)", "w1.reshape(8, 8, 24)"))

wrong("simple weights printed", "3.3",
      "init_weights prints the shape of what it gets, and reshapes as (in, out).",
      "it printed: w1 is (192, 8)",
      scan(FIRST_W, "print('w1 is', w1.shape)\n        " + FIRST_W.replace(".T", "")))

wrong("simple without the last transpose", "3.3",
      "The axes of the weights are left as filter, time, channel.",
      "conv1.W has shape (8, 8, 24), but Conv1D(24, 8, 8, 4) has W of shape (8,",
      scan("w1.T.reshape(8, 8, 24).transpose(0, 2, 1)", "w1.T.reshape(8, 8, 24)"))

wrong("distributed without the last transpose", "3.4",
      "The axes are left as filter, time, channel, in a layer that flattens W.",
      "conv1.W has shape (2, 2, 24), but Conv1D(24, 2, 2, 2) has W of shape (2,", *IM2COL,
      scan("w1[:48, :2].T.reshape(2, 2, 24).transpose(0, 2, 1)", "w1[:48, :2].T.reshape(2, 2, 24)"))

wrong("simple conv3 misspelt", "3.3",
      "The third convolution keeps its random W: the attribute is called w.",
      "init_weights leaves conv3.W as it was",
      scan("self.conv3.W = w3.T.reshape(4, 1", "self.conv3.w = w3.T.reshape(4, 1"))

wrong("simple time reversed", "3.3",
      "The first kernels run backwards in time, as if the layer were a true convolution.",
      "with the taps of conv1 in reversed order",
      scan(FIRST_W, FIRST_W + "[:, :, ::-1]"))

wrong("simple strides by its kernel", "3.3",
      "The scan moves by 8 vectors, the width that it sees, and not by 4.",
      "your output is that of the network with a stride of 8 in conv1",
      scan("Conv1D(24, 8, 8, 4)", "Conv1D(24, 8, 8, 8)"))

wrong("simple last relu", "3.3", "There is a ReLU after the output neurons too.",
      "your output is that of the network with a ReLU after conv3",
      layers(SIMPLE, "self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, ReLU(), Flatten()"))

wrong("simple without flatten", "3.3",
      "The list of layers ends without Flatten, so the output is not a row of 124 values.",
      "your output has the right numbers in the wrong shape",
      layers(SIMPLE, "self.conv1, ReLU(), self.conv2, ReLU(), self.conv3"))

wrong("simple layers made anew", "3.3",
      "The list of layers holds other convolutions than the three that get the weights.",
      "your output does not depend on conv1.W: does forward use it?",
      layers(SIMPLE, "Conv1D(24, 8, 8, 4), ReLU(), Conv1D(8, 16, 1, 1), ReLU(),"
                     " Conv1D(16, 4, 1, 1), Flatten()"))

wrong("simple weights as an array", "3.3",
      "The weights are taken for an array, but a list or a tuple has no shape.",
      "AttributeError: 'list' object has no attribute 'shape'",
      scan("w1, w2, w3 = weights\n        " + FIRST_W,
           "w1, w2, w3 = [weights[i] for i in range(weights.shape[0])]\n        " + FIRST_W))

wrong("simple weights cut to integers", "3.3",
      "The weights are cut to integers, as those in the sample file are.",
      "with the weights of conv1 cut to integers",
      scan(FIRST_W, FIRST_W.replace("w1.T", "w1.T.astype(int)")))

wrong("simple only floats", "3.3",
      "The bytes of the matrices are read as floats, also where they are integers.",
      "it fails exactly where the type of the weights is integer",
      scan(FIRST_W, "w1 = np.frombuffer(w1.tobytes()).reshape(w1.shape)\n        " + FIRST_W))

wrong("simple weights only once", "3.3", "A second init_weights is ignored.",
      "a second init_weights leaves conv1.W as it was",
      scan(FIRST_W, """\
if hasattr(self, 'weights'):
            return
        self.weights = weights
        """ + FIRST_W))

wrong("scan bracket missing", "3.3 3.4",
      "A closing bracket is missing, so mlp_scan.py cannot be imported.",
      "SyntaxError: '(' was never closed",
      scan("Conv1D(24, 2, 2, 2)", "Conv1D(24, 2, 2, 2"))

wrong("distributed without a relu", "3.4",
      "There is no activation between the first and the second convolution.",
      "your output is that of the network without the ReLU after conv1",
      layers(DISTRIBUTED, "self.conv1, self.conv2, ReLU(), self.conv3, Flatten()"))

wrong("distributed layers out of order", "3.4",
      "The third convolution stands before the second in the list of layers.",
      "ValueError: operands could not be broadcast together with shapes",
      layers(DISTRIBUTED, "self.conv1, ReLU(), self.conv3, ReLU(), self.conv2, Flatten()"))

wrong("distributed every fourth neuron", "3.4",
      "The first layer's two neurons are taken as columns 0 and 4, but a pair stands side by side.",
      "your output has NaN: leave out the weights of absent connections",
      scan("w1[:48, :2]", "w1[:48, ::4]"))

wrong("distributed as simple with zeros", "3.4",
      "The network of 3.3 with zeros for absent connections: the sharing is not used.",
      "conv1 has the wrong size. In Figure 3, how many",
      define(SCAN, "CNN_DistributedScanningMLP", """
      class CNN_DistributedScanningMLP(CNN_SimpleScanningMLP):
          def init_weights(self, weights):
              super().init_weights([np.nan_to_num(w) for w in weights])
      """))

wrong("distributed connections told by NaN", "3.4",
      "Absent connections are recognized by NaN, so not where they are 0.",
      "ValueError: cannot reshape array of size 384 into shape (2,2,24)",
      scan("w1[:48, :2].T.reshape", "w1.T[:2][~np.isnan(w1.T[:2])].reshape"),
      scan("w2[:4, :8].T.reshape", "w2.T[:8][~np.isnan(w2.T[:8])].reshape"))

wrong("distributed last layer unordered", "3.4",
      "The third layer's 16 rows are taken as channel by time, where they are time by channel.",
      "with the rows of the matrix for conv3 read as channel by time",
      scan("w3.T.reshape(4, 2, 8).transpose(0, 2, 1)", "w3.T.reshape(4, 8, 2)"))

wrong("distributed by position", "3.4",
      "The output is flattened position by position and not channel by channel.",
      "flattened position by position; it should be channel by channel",
      define(SCAN, "CNN_DistributedScanningMLP.forward", """
      def forward(self, x):
          for layer in self.layers[:-1]:
              x = layer(x)
          return self.layers[-1](x.transpose(0, 2, 1))
      """))

wrong("distributed only lists and tuples", "3.4",
      "Whatever is not a list or a tuple is refused, so the course's object array is.",
      "it fails exactly where the container of the weights is an object array",
      scan("w1, w2, w3 = weights\n        self.conv1.W = w1[:48, :2]", """\
assert isinstance(weights, (list, tuple))
        w1, w2, w3 = weights
        self.conv1.W = w1[:48, :2]"""))


# The CNN

wrong("cnn weight function not handed on", "3.5",
      "The convolutions are made without conv_weight_init_fn.",
      "convolutional_layers[0].W: not what conv_weight_init_fn gives: is it",
      cnn("strides[i], conv_weight_init_fn, bias_init_fn)", "strides[i], None, bias_init_fn)"))

wrong("cnn bias function not handed on", "3.5",
      "The convolutions are made without bias_init_fn, so their biases start as zeros.",
      "convolutional_layers[0].b: not what bias_init_fn gives: is it",
      cnn("strides[i], conv_weight_init_fn, bias_init_fn)", "strides[i], conv_weight_init_fn)"))

wrong("cnn bias and weight functions exchanged", "3.5",
      "The convolutions get the two functions in the wrong order.",
      "<lambda>() takes 1 posit",
      cnn("strides[i], conv_weight_init_fn, bias_init_fn)",
          "strides[i], bias_init_fn, conv_weight_init_fn)"))

wrong("cnn linear weight function not used", "3.5",
      "The linear layer's weights are drawn, whatever function is given.",
      "linear_layer.W: not what linear_weight_init_fn gives: is it",
      cnn("num_linear_neurons, linear_weight_init_fn", "num_linear_neurons, np.random.randn"))

wrong("cnn width rounded up", "3.5",
      "The widths are rounded up: right in Figure 4, wrong where inputs are left over.",
      "each convolution makes the width (width - kernel_size) // stride + 1",
      cnn("w = (w - k) // s + 1", "w = int(np.ceil((w - k) / s)) + 1"))

wrong("cnn only figure 4", "3.5",
      "The linear layer has 420 inputs, as in Figure 4, whatever the sizes are.",
      "linear_layer.W: expected shape (4, 2), got (420, 2)",
      cnn("Linear(w * num_channels[-1],", "Linear(420,"))

wrong("cnn a column too many", "3.5", "The linear layer has one output too many.",
      "linear_layer.W: expected shape (4, 2), got (4, 3)",
      cnn("num_channels[-1], num_linear_neurons", "num_channels[-1], num_linear_neurons + 1"))

wrong("cnn three layers", "3.5",
      "Backward goes through three convolutions, however many there are.",
      "convolutional_layers[3].dW: at [0, 0, 0]: expected",
      cnn("for i in range(self.nlayers - 1, -1, -1):", "for i in [2, 1, 0]:"))

wrong("cnn own criterion", "3.5",
      "A SoftmaxCrossEntropy is made in the constructor and the given criterion is not used.",
      "it fails exactly where the criterion is not of this course",
      cnn("self.criterion = criterion", "self.criterion = SoftmaxCrossEntropy()"))

wrong("cnn lr before criterion", "3.5", "The constructor takes lr before criterion.",
      "lr: expected a number, got a value of type SoftmaxCrossEntropy",
      cnn("linear_weight_init_fn, criterion, lr):", "linear_weight_init_fn, lr, criterion):"))

wrong("cnn without its criterion", "3.5",
      "The attribute is called loss_fn, where the constructor's is criterion.",
      "AttributeError: 'CNN' object has no attribute 'criterion'",
      cnn("self.criterion = criterion", "self.loss_fn = criterion"),
      cnn("self.criterion(self.output, labels)", "self.loss_fn(self.output, labels)"),
      cnn("self.criterion.derivative()", "self.loss_fn.derivative()"))

wrong("cnn name misspelt", "3.5",
      "forward uses self.convolution_layers, a name that the constructor does not set.",
      "AttributeError: 'CNN' object has no attribute 'convolution_layers'",
      cnn("self.activations[i](self.convolutional_layers[i](x))",
          "self.activations[i](self.convolution_layers[i](x))"))

wrong("cnn layers in the class", "3.5",
      "The list of convolutions belongs to the class, so that a second network adds to it.",
      "len(convolutional_layers): expected 1, got 2",
      cnn("class CNN(object):\n", "class CNN(object):\n    convolutional_layers = []\n\n"),
      cnn("self.convolutional_layers = [Conv1D(", "self.convolutional_layers += [Conv1D("))

wrong("cnn last activation missing", "3.5",
      "The last convolution gets no activation in forward, as the last layer in homework 1.",
      "of the network without the activation after the last convolution",
      cnn("x = self.activations[i](self.convolutional_layers[i](x))", """\
x = self.convolutional_layers[i](x)
            if i < self.nlayers - 1:
                x = self.activations[i](x)"""))

wrong("cnn activation after the linear layer", "3.5",
      "The last activation is applied after the linear layer too.",
      "the last activation after the linear layer too",
      cnn(LOGITS, "self.output = self.activations[-1](self.linear_layer(self.flatten(x)))"))

wrong("cnn first activation everywhere", "3.5",
      "The first activation stands after every convolution.",
      "with the first activation after every convolution",
      cnn("self.activations[i](", "self.activations[0]("),
      cnn("self.activations[i].derivative()", "self.activations[0].derivative()"))

wrong("cnn ends in a softmax", "3.5",
      "The network ends in a softmax, which the loss applies again.",
      "with a softmax on the output",
      cnn(LOGITS, LOGITS + """
        e = np.exp(self.output - self.output.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)"""))

wrong("cnn batch of one squeezed", "3.5",
      "The logits lose their axes of length 1, so that a batch of one is no batch any more.",
      "your output has the right numbers in the wrong shape",
      cnn(LOGITS, "self.output = np.squeeze(self.linear_layer(self.flatten(x)))"))

wrong("cnn activations reversed", "3.5",
      "Where shapes agree, backward uses the derivatives of the activations in reversed order.",
      "1 of 26 cases fails",
      cnn(DERIVATIVE, """\
            other = self.activations[self.nlayers - 1 - i]
            same = other.state.shape == grad.shape
            grad = grad * (other if same else self.activations[i]).derivative()
"""))

wrong("cnn labels ignored", "3.5",
      "Backward starts from the logits and not from the criterion's derivative.",
      "with backward starting from the output, not from the criterion's",
      cnn("grad = self.criterion.derivative()", "grad = self.output"))

wrong("cnn labels of the first backward", "3.5",
      "The labels are kept from the first backward while their shape stays.",
      "your results use the labels of an earlier pass",
      cnn("        m, _ = labels.shape\n", """\
        if not hasattr(self, 'labels') or self.labels.shape != labels.shape:
            self.labels = labels
        labels = self.labels
"""))

wrong("cnn loss averaged", "3.5", "The loss is the mean over the batch and not the sum.",
      "your loss is the right one divided by the batch size",
      cnn("self.criterion(self.output, labels).sum()",
          "self.criterion(self.output, labels).mean()"))

wrong("cnn gradient of the mean loss", "3.5", "The gradient is that of the batch's mean loss.",
      "with backward starting from a derivative averaged over the batch",
      cnn("self.criterion.derivative()", "self.criterion.derivative() / m"))

wrong("cnn flatten not undone", "3.5",
      "Backward leaves out Flatten, so the gradient has not the shape of the last activation.",
      "could not be broadcast together with shapes",
      cnn("self.flatten.backward(self.linear_layer.backward(grad))",
          "self.linear_layer.backward(grad)"))

wrong("cnn activation derivative forgotten", "3.5",
      "The gradient is not multiplied with the activations' derivatives.",
      "leaving out the derivative of the activation after each convolution",
      cnn(DERIVATIVE, ""))

wrong("cnn first layer left out", "3.5",
      "The loop in backward ends one too early and leaves out the first convolution.",
      "your convolutional_layers[0].dW is 0 everywhere",
      cnn("range(self.nlayers - 1, -1, -1)", "range(self.nlayers - 1, 0, -1)"))

wrong("cnn convolutions averaged", "3.5",
      "The convolutions' gradients are divided by the batch size, as the linear layer's are.",
      "your convolutional_layers[0].dW is the right one divided by the batch",
      cnn("            grad = self.convolutional_layers[i].backward(grad)\n", """\
            grad = self.convolutional_layers[i].backward(grad)
            self.convolutional_layers[i].dW /= m
            self.convolutional_layers[i].db /= m
"""))


"""Wrong hand-ins: a student's files with one mistake each, what it costs and what is said of it."""
from collections import namedtuple

from handins import define, swap, whole

CONV = "mytorch/conv.py"
SCAN = "hw2/mlp_scan.py"
CNN = "hw2/hw2.py"
Wrong = namedtuple("Wrong", "loses mistake says edits")
WRONG = {}


def wrong(name, loses, mistake, says, *edits):
    """Add a hand-in that loses these sections by this mistake, of which the report says this."""
    assert name not in WRONG, name
    WRONG[name] = Wrong(loses, mistake, says, edits)


# Right convolutions in other people's styles; the mistakes further down are made in them.

LOOPS = (define(CONV, "Conv1D.forward", """
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
    """),)

STARTS = (define(CONV, "Conv1D.forward", """
    def forward(self, x):
        self.x = x
        batch_size, _, in_width = x.shape
        last = in_width - self.kernel_size
        out_width = last // self.stride + 1
        out = np.zeros((batch_size, self.out_channel, out_width))
        for t, start in enumerate(range(0, last + 1, self.stride)):
            window = x[:, None, :, start:start + self.kernel_size]
            out[:, :, t] = (window * self.W).sum(axis=3).sum(axis=2) + self.b
        return out
    """),)

CORRELATE = (define(CONV, "Conv1D.forward", """
    def forward(self, x):
        self.x = x
        batch, _, width = x.shape
        out_width = (width - self.kernel_size) // self.stride + 1
        z = np.zeros((batch, self.out_channel, out_width))
        for i in range(batch):
            for o in range(self.out_channel):
                for c in range(self.in_channel):
                    z[i, o] += np.correlate(x[i, c], self.W[o, c], 'valid')[::self.stride]
                z[i, o] += self.b[o]
        return z
    """),)

STRIDED = (define(CONV, "Conv1D.forward", """
    def forward(self, x):
        self.x = x
        n, c, w = x.shape
        T = (w - self.kernel_size) // self.stride + 1
        sn, sc, sw = x.strides
        windows = np.lib.stride_tricks.as_strided(x, shape=(n, T, c, self.kernel_size),
                                                  strides=(sn, self.stride * sw, sc, sw))
        out = windows.reshape(n * T, -1).dot(self.W.reshape(self.out_channel, -1).T)
        out = out.reshape(n, T, self.out_channel).transpose(0, 2, 1)
        return out + self.b[:, None]
    """),)

TENSORDOT = (define(CONV, "Conv1D.forward", """
    def forward(self, x):
        self.x = x
        out_width = (x.shape[2] - self.kernel_size) // self.stride + 1
        out = np.zeros((x.shape[0], self.out_channel, out_width))
        for i in range(out_width):
            start = i * self.stride
            patch = x[:, :, start:start + self.kernel_size]
            out[:, :, i] = np.tensordot(patch, self.W, axes=([1, 2], [1, 2])) + self.b
        return out
    """), define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        self.db = np.sum(delta, axis=(0, 2))
        self.dW = np.zeros(self.W.shape)
        dx = np.zeros(self.x.shape)
        for i in range(delta.shape[2]):
            start = i * self.stride
            end = start + self.kernel_size
            patch = self.x[:, :, start:end]
            self.dW += np.tensordot(delta[:, :, i], patch, axes=([0], [0]))
            dx[:, :, start:end] += np.tensordot(delta[:, :, i], self.W, axes=([1], [0]))
        return dx
    """))

EINSUM = (define(CONV, "Conv1D.forward", """
    def forward(self, x):
        self.x = x
        k, s = self.kernel_size, self.stride
        T = (x.shape[2] - k) // s + 1
        self.windows = np.stack([x[:, :, t * s:t * s + k] for t in range(T)], axis=2)
        bias = self.b.reshape(1, -1, 1)
        return np.einsum('nctk,ock->not', self.windows, self.W) + bias
    """), define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        s, T = self.stride, delta.shape[2]
        self.dW += np.einsum('not,nctk->ock', delta, self.windows)
        self.db += np.einsum('not->o', delta)
        dx = np.zeros(self.x.shape)
        for j in range(self.kernel_size):
            dx[:, :, j:j + T * s:s] += np.einsum('not,oc->nct', delta, self.W[:, :, j])
        return dx
    """))

IM2COL = (define(CONV, "Conv1D.forward", """
    def forward(self, x):
        self.x = x
        n, c, w = x.shape
        T = (w - self.kernel_size) // self.stride + 1
        self.idx = self.stride * np.arange(T)[:, None] + np.arange(self.kernel_size)
        # one row for each window
        self.cols = x[:, :, self.idx].transpose(0, 2, 1, 3).reshape(n * T, -1)
        out = self.cols @ self.W.reshape(self.out_channel, -1).T + self.b
        return out.reshape(n, T, self.out_channel).transpose(0, 2, 1)
    """), define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        n, _, T = delta.shape
        d = delta.transpose(0, 2, 1).reshape(n * T, self.out_channel)
        self.dW = (d.T @ self.cols).reshape(self.W.shape)
        self.db = d.sum(axis=0)
        dcols = d @ self.W.reshape(self.out_channel, -1)
        dcols = dcols.reshape(n, T, self.in_channel, self.kernel_size).transpose(0, 2, 1, 3)
        dx = np.zeros(self.x.shape)
        np.add.at(dx, (slice(None), slice(None), self.idx), dcols)
        return dx
    """))

DILATED = (define(CONV, "Conv1D.backward", """
    def backward(self, delta):
        n, c, w = self.x.shape
        k = self.kernel_size
        # zeros between the entries of delta, so that the stride is 1
        up = np.zeros((n, self.out_channel, w - k + 1))
        up[:, :, ::self.stride] = delta
        for j in range(k):
            x_part = self.x[:, :, j:j + w - k + 1]
            self.dW[:, :, j] += np.tensordot(up, x_part, axes=([0, 2], [0, 2]))
        self.db += np.sum(delta, axis=(0, 2))
        padded = np.pad(up, ((0, 0), (0, 0), (k - 1, k - 1)), 'constant')
        kernel = self.W[:, :, ::-1]
        dx = np.zeros((n, c, w))
        for t in range(w):
            dx[:, :, t] = np.tensordot(padded[:, :, t:t + k], kernel, axes=([1, 2], [0, 2]))
        return dx
    """),)

STYLES = {"loops": LOOPS, "starts": STARTS, "correlate": CORRELATE, "strided": STRIDED,
          "tensordot": TENSORDOT, "einsum": EINSUM, "im2col": IM2COL, "dilated": DILATED}


# Convolution, forward

wrong("bias forgotten", "3.1.1 3.5",
      "The bias is never added to the output.",
      "your output is the right one without the bias",
      swap(CONV, " + self.b[o]", ""))

wrong("bias over the width", "3.1.1 3.1.2 3.3 3.4 3.5",
      "The bias, one per channel, is added along the last axis, so most shapes fail.",
      "it fails just where there are several output channels",
      swap(CONV, " + self.b[o]", ""),
      swap(CONV, "        return out", "        return out + self.b"))

wrong("a window too few", "3.1.1 3.3 3.4 3.5",
      "The + 1 is missing in the output width, so the last window is left out.",
      "your output is a position short",
      swap(CONV, "// self.stride + 1", "// self.stride"))

wrong("width rounded up", "3.1.1 3.1.2 3.5",
      "The output width is rounded up, so forward runs off the input if the stride leaves a rest.",
      "your output is right, but has a position or more too many at the end, where it fails;",
      swap(CONV, "T = (w - self.kernel_size) // self.stride + 1",
           "T = int(np.ceil((w - self.kernel_size) / self.stride)) + 1"))

wrong("stride only in the width", "3.1.1 3.3 3.4 3.5",
      "The stride counts in the output width, but the windows themselves move by one.",
      "your output steps by 1 from window to window, whatever the stride",
      swap(CONV, "x[:, :, t * self.stride:t * self.stride + self.kernel_size]",
           "x[:, :, t:t + self.kernel_size]"))

wrong("only the last input channel", "3.1.1 3.3 3.4 3.5",
      "Each input channel overwrites the output of the one before: = where += is needed.",
      "your output has the last input channel alone: a filter sums over all",
      *LOOPS, swap(CONV, "out[i, o, t] += np.dot", "out[i, o, t] = np.dot"))

wrong("bias once for each channel", "3.1.1 3.5",
      "The bias is added within the loop over the input channels, so it counts once for each.",
      "your output is the right one with the bias added not once but as often as the number of",
      *LOOPS, swap(CONV, "np.dot(seg, self.W[o, c])", "np.dot(seg, self.W[o, c]) + self.b[o]"),
      swap(CONV, "                    out[i, o, t] += self.b[o]\n", ""))

wrong("return within the loop", "3.1.1 3.5",
      "The return is indented too far, so only the first example of the batch is computed.",
      "your output is right but for all samples but the first, where it is zero",
      *LOOPS, swap(CONV, "        return out", "            return out"))

wrong("last start left out", "3.1.1 3.3 3.4 3.5",
      "range() stops before the last possible start, so a last window that fits exactly stays 0.",
      "your output lacks the last window where it fits x exactly",
      *STARTS, swap(CONV, "range(0, last + 1, self.stride)", "range(0, last, self.stride)"))

wrong("kernel flipped", "3.1.1 3.3 3.4 3.5",
      "np.convolve turns the kernel around, where the layer is a cross-correlation.",
      "your output has the kernel turned around: the layer is a cross-correlation",
      *CORRELATE, swap(CONV, "np.correlate", "np.convolve"))

wrong("reshape for transpose", "3.1.1 3.3 3.4 3.5",
      "The product's rows are windows, but it is reshaped to channels first and not transposed.",
      "your output is the right one with its numbers in another order: reshaped from sample,",
      *STRIDED, swap(CONV, "out.reshape(n, T, self.out_channel).transpose(0, 2, 1)",
                     "out.reshape(n, self.out_channel, T)"))

wrong("tensordot axes crossed", "3.1.1 3.1.2 3.3 3.4 3.5",
      "tensordot pairs the window's time with the kernel's channels and the reverse.",
      "your output has the windows time by channel and W channel by time",
      *TENSORDOT, swap(CONV, "axes=([1, 2], [1, 2])", "axes=([2, 1], [1, 2])"))

wrong("einsum gives time first", "3.1.1 3.3 3.4 3.5",
      "The output's axes come as batch, position, channel: the last two letters are exchanged.",
      "your output is the right one with its axes as sample, position, channel",
      *EINSUM, swap(CONV, "bias = self.b.reshape(1, -1, 1)", "bias = self.b"),
      swap(CONV, "'nctk,ock->not'", "'nctk,ock->nto'"))

wrong("columns time by channel", "3.1.1 3.1.2 3.3 3.4 3.5",
      "The windows are flattened time by channel and the kernels channel by time.",
      "your output has the windows time by channel and W channel by time",
      *IM2COL, swap(CONV, "x[:, :, self.idx].transpose(0, 2, 1, 3)",
                    "x[:, :, self.idx].transpose(0, 2, 3, 1)"))

# Convolution, backward

wrong("input not kept", "3.1.2 3.5",
      "forward does not keep its input, so backward finds no self.x.",
      "AttributeError: 'Conv1D' object has no attribute 'x'",
      swap(CONV, "        self.x = x\n", ""))

wrong("conv backward unfinished", "3.1.2 3.5",
      "backward of the convolution still is the starter's raise NotImplemented.",
      "not written yet: Conv1D.backward",
      define(CONV, "Conv1D.backward", """
      def backward(self, delta):
          raise NotImplemented
      """))

wrong("dx not returned", "3.1.2 3.5",
      "backward computes dx and returns nothing.",
      "your dx is None: is it written yet, and does it return its result?",
      swap(CONV, "        return dx\n", ""))

wrong("dx overwritten", "3.1.2 3.5",
      "dx is set and not added to, so overlapping windows and other filters are lost.",
      "your dx keeps the last window's and the last filter's share alone",
      swap(CONV, "dx[:, :, s:s + self.kernel_size] += d", "dx[:, :, s:s + self.kernel_size] = d"))

wrong("dx ends at the last window", "3.1.2 3.5",
      "dx is only as wide as the windows reach, narrower than x where the stride leaves a rest.",
      "your dx ends with the last window, where x does not",
      swap(CONV, "dx = np.zeros(self.x.shape)", """\
width = (delta.shape[2] - 1) * self.stride + self.kernel_size
        dx = np.zeros((self.x.shape[0], self.in_channel, width))"""))

wrong("backward without stride", "3.1.2 3.5",
      "backward moves its windows by one position and not by the stride.",
      "your dx has each window's share where a stride of 1 would have it",
      swap(CONV, "s = t * self.stride", "s = t"))

wrong("dW of the last window only", "3.1.2 3.5",
      "dW is set anew at every position, so only the last position's share is left.",
      "your dW has the share of the last window alone",
      swap(CONV, "self.dW[o] += ", "self.dW[o] = "))

wrong("dW averaged", "3.1.2 3.5",
      "dW is the mean over the batch, as in the linear layer, and not the sum.",
      "your dW is the right one divided by the batch size",
      swap(CONV, "(d * seg).sum(axis=0)", "(d * seg).mean(axis=0)"))

wrong("db of the last position", "3.1.2 3.5",
      "db is set within the loop over the positions, so only the last one counts.",
      "your db has the share of the last window alone",
      swap(CONV, "            s = t * self.stride\n", """\
            s = t * self.stride
            self.db = delta[:, :, t].sum(axis=0)
"""),
      swap(CONV, "        self.db += delta.sum(axis=(0, 2))\n", ""))

wrong("db by position", "3.1.2 3.5",
      "db is summed over batch and channels, so it has an entry for each position.",
      "your db is summed over batch and filters, not over batch and positions",
      swap(CONV, "self.db += delta.sum(axis=(0, 2))", "self.db = delta.sum(axis=(0, 1))"))

wrong("tensordot reshaped", "3.1.2 3.5",
      "dW comes out as channel, time, filter and is reshaped to W's shape and not transposed.",
      "your dW is the right one with its numbers in another order: reshaped from input",
      *TENSORDOT, swap(CONV, "self.dW += np.tensordot(delta[:, :, i], patch, axes=([0], [0]))", """\
dW = np.tensordot(patch, delta[:, :, i], axes=([0], [0]))
            self.dW += dW.reshape(self.W.shape)"""))

wrong("slice of dx ends too early", "3.1.2 3.5",
      "The stepped slice of dx ends after T entries and not T strides, so shapes do not match.",
      "it fails only where there are several windows",
      *EINSUM, swap(CONV, "dx[:, :, j:j + T * s:s]", "dx[:, :, j:j + T:s]"))

wrong("einsum gives channels first", "3.1.2 3.5",
      "dW has its input channels first and its filters second.",
      "your dW is the right one with its axes as input channel, output channel, tap",
      *EINSUM, swap(CONV, "self.dW += np.einsum('not,nctk->ock'",
                    "self.dW = np.einsum('not,nctk->cok'"))

wrong("fancy index added", "3.1.2 3.5",
      "dx[:, :, idx] += adds only once where an index comes twice, so overlaps are lost.",
      "your dx keeps the last window's share alone, where windows overlap",
      *IM2COL, swap(CONV, "np.add.at(dx, (slice(None), slice(None), self.idx), dcols)",
                    "dx[:, :, self.idx] += dcols"))

wrong("delta reshaped", "3.1.2 3.5",
      "delta is reshaped to one row for each window without bringing the channels to the end.",
      "your dx takes delta as position by channel, where it is channel by position",
      *IM2COL, swap(CONV, "delta.transpose(0, 2, 1).reshape(n * T", "delta.reshape(n * T"))

wrong("kernel not flipped in dx", "3.1.2 3.5",
      "The full convolution for dx uses the kernel as it is, where it has to be turned around.",
      "your dx has the kernel turned around: tap k belongs to input k of a window",
      *DILATED, swap(CONV, "kernel = self.W[:, :, ::-1]", "kernel = self.W"))


# Flatten and the layers of homework 1

wrong("flatten by position", "3.2 3.3 3.4 3.5",
      "Flatten exchanges channels and positions before it reshapes, and undoes it in backward.",
      "your Flatten goes position by position; channels come first, as x is laid out",
      define(CONV, "Flatten.forward", """
      def forward(self, x):
          self.n, self.c, self.w = x.shape
          return x.transpose(0, 2, 1).reshape(self.n, -1)
      """),
      define(CONV, "Flatten.backward", """
      def backward(self, delta):
          return delta.reshape(self.n, self.w, self.c).transpose(0, 2, 1)
      """))

wrong("flatten backward flat", "3.2 3.5",
      "Flatten's backward hands delta on as it comes and does not restore the input's shape.",
      "your dx is right, but has 2 axes where 3 are expected",
      swap(CONV, "return delta.reshape(self.s)", "return delta"))

wrong("sigmoid of the state", "3.2 3.5",
      "Sigmoid's derivative is evaluated at the output, which has been through the sigmoid before.",
      "the derivative of your Sigmoid applies the sigmoid once too often",
      define("mytorch/activation.py", "Sigmoid.derivative", """
      def derivative(self):
          s = 1 / (1 + np.exp(-self.state))
          return s * (1 - s)
      """))

wrong("tanh not squared", "3.2 3.5",
      "The derivative of Tanh is 1 minus the output, without the square.",
      "the derivative of your Tanh lacks the square",
      swap("mytorch/activation.py", "1 - self.state ** 2", "1 - self.state"))

wrong("relu returns its input", "3.2 3.3 3.4 3.5",
      "ReLU stores the right state and returns x itself.",
      "the output of your ReLU is its input",
      define("mytorch/activation.py", "ReLU.forward", """
      def forward(self, x):
          self.state = np.maximum(0, x)
          return x
      """))

wrong("linear not averaged", "3.2 3.5",
      "The linear layer's dW is the sum over the batch and not the mean.",
      "your dW is the right one times the batch size",
      swap("mytorch/linear.py", "self.x.T.dot(delta) / n", "self.x.T.dot(delta)"))

wrong("softmax over the batch", "3.2 3.5",
      "The softmax normalizes over the batch and not over the classes.",
      "your loss takes the softmax over the batch; it is over the classes",
      swap("mytorch/loss.py", "e.sum(axis=1, keepdims=True)", "e.sum(axis=0, keepdims=True)"))

wrong("one loss for all", "3.2",
      "The criterion returns the batch's summed loss, where one loss for each example is asked.",
      "your loss is summed over the batch; it is one number a sample",
      swap("mytorch/loss.py", "-np.sum(y * np.log(self.p), axis=1)",
           "-np.sum(y * np.log(self.p))"))


# Multiple choice

wrong("shape guessed", "2",
      "Question 4 is answered with (B), the shape and the value of something else.",
      "question_4: expected another letter than 'b'",
      define("hw2/mc.py", "question_4", """
      def question_4():
          return 'b'
      """))

wrong("letter printed", "2",
      "Question 2 prints its letter and returns nothing.",
      "question_2: expected a letter, not None",
      define("hw2/mc.py", "question_2", """
      def question_2():
          print('d')
      """))

wrong("letter without quotes", "2",
      "Question 1 returns a variable named b that does not exist.",
      "NameError: name 'b' is not defined",
      define("hw2/mc.py", "question_1", """
      def question_1():
          return b
      """))

wrong("question copied", "2",
      "Question 4 was pasted under the name of question 3, so it replaces that and is missing.",
      "question_3: expected another letter than 'a'",
      whole("hw2/mc.py", """\
      def question_1():
          return 'b'


      def question_2():
          return 'd'


      def question_3():
          return 'b'


      def question_3():
          return 'a'


      def question_5():
          return 'a'
      """))


# Scanning MLPs

SIMPLE = "CNN_SimpleScanningMLP"
DISTRIBUTED = "CNN_DistributedScanningMLP"

wrong("simple rows channel by time", "3.3",
      "The 192 rows are taken as channel by time, where they are time by channel.",
      "your output is what the network gives where the rows of the matrix for conv1 are taken",
      swap(SCAN, "w1.T.reshape(8, 8, 24).transpose(0, 2, 1)", "w1.T.reshape(8, 24, 8)"))

wrong("simple weights not transposed", "3.3",
      "The first weight matrix is reshaped as (in, out), without being transposed before.",
      "your output is what the network gives where the matrix for conv1 is reshaped before it",
      swap(SCAN, "w1.T.reshape(8, 8, 24)", "w1.reshape(8, 8, 24)"))

wrong("simple strides by its kernel", "3.3",
      "The scan moves by 8 vectors, the width that it sees, and not by 4.",
      "your output is what the network gives with a stride of 8 in conv1",
      swap(SCAN, "Conv1D(24, 8, 8, 4)", "Conv1D(24, 8, 8, 8)"))

wrong("simple last relu", "3.3",
      "There is a ReLU after the output neurons too.",
      "your output is what the network gives with a ReLU after conv3",
      define(SCAN, SIMPLE + ".__init__", """
      def __init__(self):
          self.conv1 = Conv1D(24, 8, 8, 4)
          self.conv2 = Conv1D(8, 16, 1, 1)
          self.conv3 = Conv1D(16, 4, 1, 1)
          self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, ReLU(), Flatten()]
      """))

wrong("simple time reversed", "3.3",
      "The first kernels run backwards in time, as if the layer were a true convolution.",
      "your output is what the network gives with the taps of conv1 in reversed order",
      swap(SCAN, "w1.T.reshape(8, 8, 24).transpose(0, 2, 1)",
           "w1.T.reshape(8, 8, 24).transpose(0, 2, 1)[:, :, ::-1]"))

wrong("simple without flatten", "3.3",
      "The list of layers ends without Flatten, so the output is not a row of 124 values.",
      "your output, output for another x and 5 others are each right, but has 3 axes where 1",
      define(SCAN, SIMPLE + ".__init__", """
      def __init__(self):
          self.conv1 = Conv1D(24, 8, 8, 4)
          self.conv2 = Conv1D(8, 16, 1, 1)
          self.conv3 = Conv1D(16, 4, 1, 1)
          self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3]
      """))

wrong("simple layers made anew", "3.3",
      "The list of layers holds other convolutions than the three that get the weights.",
      "your output is the same as your output with other weights, and should not be",
      define(SCAN, SIMPLE + ".__init__", """
      def __init__(self):
          self.conv1 = Conv1D(24, 8, 8, 4)
          self.conv2 = Conv1D(8, 16, 1, 1)
          self.conv3 = Conv1D(16, 4, 1, 1)
          self.layers = [Conv1D(24, 8, 8, 4), ReLU(), Conv1D(8, 16, 1, 1), ReLU(),
                         Conv1D(16, 4, 1, 1), Flatten()]
      """))

wrong("scan bracket missing", "3.3 3.4",
      "A closing bracket is missing, so mlp_scan.py cannot be imported.",
      "SyntaxError: '(' was never closed",
      swap(SCAN, "Conv1D(24, 2, 2, 2)", "Conv1D(24, 2, 2, 2"))

wrong("distributed without a relu", "3.4",
      "There is no activation between the first and the second convolution.",
      "your output is what the network gives without the ReLU after conv1",
      define(SCAN, DISTRIBUTED + ".__init__", """
      def __init__(self):
          self.conv1 = Conv1D(24, 2, 2, 2)
          self.conv2 = Conv1D(2, 8, 2, 2)
          self.conv3 = Conv1D(8, 4, 2, 1)
          self.layers = [self.conv1, self.conv2, ReLU(), self.conv3, Flatten()]
      """))

wrong("distributed every fourth neuron", "3.4",
      "The first layer's two neurons are taken as columns 0 and 4, but a pair stands side by side.",
      "your output holds NaN, which is not a number: so do the weights for connections that",
      swap(SCAN, "w1[:48, :2]", "w1[:48, ::4]"))

wrong("distributed wrong block", "3.4",
      "The second layer's weights are cut where a group meets the other group's inputs.",
      "your output holds NaN, which is not a number: so do the weights for connections that",
      swap(SCAN, "w2[:4, :8]", "w2[4:, :8]"))

wrong("distributed last layer unordered", "3.4",
      "The third layer's 16 rows are taken as channel by time, where they are time by channel.",
      "your output is what the network gives where the rows of the matrix for conv3 are taken",
      swap(SCAN, "w3.T.reshape(4, 2, 8).transpose(0, 2, 1)", "w3.T.reshape(4, 8, 2)"))

wrong("distributed last stride", "3.4",
      "The third convolution has stride 2 as the others, so the scan moves by 8 vectors.",
      "your output is what the network gives with a stride of 2 in conv3",
      swap(SCAN, "Conv1D(8, 4, 2, 1)", "Conv1D(8, 4, 2, 2)"))

wrong("distributed as simple", "3.4",
      "The weight sharing is not used: the whole matrices are taken, absent connections and all.",
      "your output holds NaN, which is not a number: so do the weights for connections that",
      define(SCAN, DISTRIBUTED + ".__init__", """
      def __init__(self):
          self.conv1 = Conv1D(24, 8, 8, 4)
          self.conv2 = Conv1D(8, 16, 1, 1)
          self.conv3 = Conv1D(16, 4, 1, 1)
          self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]
      """),
      define(SCAN, DISTRIBUTED + ".init_weights", """
      def init_weights(self, weights):
          w1, w2, w3 = weights
          self.conv1.W = w1.T.reshape(8, 8, 24).transpose(0, 2, 1)
          self.conv2.W = w2.T.reshape(16, 1, 8).transpose(0, 2, 1)
          self.conv3.W = w3.T.reshape(4, 1, 16).transpose(0, 2, 1)
      """))

wrong("distributed by position", "3.4",
      "The output is flattened position by position and not channel by channel.",
      "your output is what the network gives where it is flattened position by position, not",
      define(SCAN, DISTRIBUTED + ".forward", """
      def forward(self, x):
          out = x
          for layer in self.layers[:-1]:
              out = layer(out)
          return self.layers[-1](out.transpose(0, 2, 1))
      """))

wrong("distributed layers out of order", "3.4",
      "The third convolution stands before the second in the list of layers.",
      "ValueError: operands could not be broadcast together with shapes (1,2,2) (8,2)",
      define(SCAN, DISTRIBUTED + ".__init__", """
      def __init__(self):
          self.conv1 = Conv1D(24, 2, 2, 2)
          self.conv2 = Conv1D(2, 8, 2, 2)
          self.conv3 = Conv1D(8, 4, 2, 1)
          self.layers = [self.conv1, ReLU(), self.conv3, ReLU(), self.conv2, Flatten()]
      """))


# The CNN

wrong("cnn width of the last layer", "3.5",
      "The linear layer's width is computed from the last convolution alone.",
      "the number of inputs of your linear layer follows the last convolution alone",
      swap(CNN, """\
        w = input_width
        for k, s in zip(kernel_sizes, strides):
            w = (w - k) // s + 1
""", """\
        w = (input_width - kernel_sizes[-1]) // strides[-1] + 1
"""))

wrong("cnn width rounded up", "3.5",
      "The widths are rounded up, which is right in Figure 4 and wrong if a stride leaves a rest.",
      "the number of inputs of your linear layer rounds up where it is to round down",
      swap(CNN, "w = (w - k) // s + 1", "w = int(np.ceil((w - k) / s)) + 1"))

wrong("cnn only figure 4", "3.5",
      "The linear layer has 420 inputs, as in Figure 4, whatever the sizes are.",
      "the number of inputs of your linear layer is that of Figure 4",
      swap(CNN, "Linear(w * num_channels[-1],", "Linear(420,"))

wrong("cnn three layers", "3.5",
      "Backward goes through three convolutions, however many there are.",
      "it fails just where there are not three convolutions",
      swap(CNN, "for i in range(self.nlayers - 1, -1, -1):", "for i in [2, 1, 0]:"))

wrong("cnn own activations", "3.5",
      "The activations of Figure 4 are made anew and the ones that are given are not used.",
      "it fails just where there are not three convolutions",
      swap(CNN, "self.activations = activations", "self.activations = [Tanh(), ReLU(), Sigmoid()]"))

wrong("cnn own criterion", "3.5",
      "A SoftmaxCrossEntropy is made in the constructor and the given criterion is not used.",
      "it fails just where the activations and the criterion are not the course's",
      swap(CNN, "self.criterion = criterion", "self.criterion = SoftmaxCrossEntropy()"))

wrong("cnn init functions exchanged", "3.5",
      "The linear layer gets the convolutions' weight function, which takes three sizes.",
      "your linear_layer.W is not what linear_weight_init_fn gives",
      swap(CNN, "num_linear_neurons, linear_weight_init_fn",
           "num_linear_neurons, conv_weight_init_fn"))

wrong("cnn last activation missing", "3.5",
      "The last convolution gets no activation in forward, as the last layer in homework 1.",
      "your result is what the network gives without the Sigmoid after convolution 3",
      define(CNN, "CNN.forward", """
      def forward(self, x):
          for i in range(self.nlayers):
              x = self.convolutional_layers[i](x)
              if i < self.nlayers - 1:
                  x = self.activations[i](x)
          self.output = self.linear_layer(self.flatten(x))
          return self.output
      """))

wrong("cnn name misspelt", "3.5",
      "forward uses self.convolution_layers, a name that the constructor does not set.",
      "AttributeError: 'CNN' object has no attribute 'convolution_layers'",
      swap(CNN, "self.activations[i](self.convolutional_layers[i](x))",
           "self.activations[i](self.convolution_layers[i](x))"))

wrong("cnn labels ignored", "3.5",
      "Backward starts from the logits and not from the criterion's derivative.",
      "your result is what the network gives where backward starts from the logits in place of",
      swap(CNN, "grad = self.criterion.derivative()", "grad = self.output"))

wrong("cnn loss averaged", "3.5",
      "The loss is the mean over the batch and not the sum.",
      "your loss is the right one divided by the batch size",
      swap(CNN, "self.criterion(self.output, labels).sum()",
           "self.criterion(self.output, labels).mean()"))

wrong("cnn flatten not undone", "3.5",
      "Backward leaves out Flatten, so the gradient has not the shape of the last activation.",
      "ValueError: operands could not be broadcast together with shapes (2,420) (2,14,30)",
      swap(CNN, "self.flatten.backward(self.linear_layer.backward(grad))",
           "self.linear_layer.backward(grad)"))

wrong("cnn activation derivative forgotten", "3.5",
      "The gradient is not multiplied with the activations' derivatives.",
      "your result is what the network gives where backward leaves out the derivative of the",
      swap(CNN, "            grad = grad * self.activations[i].derivative()\n", ""))

wrong("cnn derivative after convolution", "3.5",
      "In backward each convolution comes before its activation and not after it.",
      "ValueError: operands could not be broadcast together with shapes (2,28,60) (2,14,30)",
      swap(CNN, """\
            grad = grad * self.activations[i].derivative()
            grad = self.convolutional_layers[i].backward(grad)
""", """\
            grad = self.convolutional_layers[i].backward(grad)
            grad = grad * self.activations[i].derivative()
"""))

wrong("cnn derivative of another layer", "3.5",
      "The gradient is multiplied with the derivative of the activation one layer further down.",
      "ValueError: operands could not be broadcast together with shapes (2,14,30) (2,28,60)",
      swap(CNN, "grad * self.activations[i].derivative()",
           "grad * self.activations[i - 1].derivative()"))

wrong("cnn first layer left out", "3.5",
      "The loop in backward ends one too early and leaves out the first convolution.",
      "your convolutional_layers[0].dW and convolutional_layers[0].db are each zero everywhere",
      swap(CNN, "range(self.nlayers - 1, -1, -1)", "range(self.nlayers - 1, 0, -1)"))

wrong("cnn convolutions averaged", "3.5",
      "The convolutions' gradients are divided by the batch size, as the linear layer's are.",
      "your convolutional_layers[2].dW, convolutional_layers[2].db and 4 others are each the",
      swap(CNN, "            grad = self.convolutional_layers[i].backward(grad)\n", """\
            grad = self.convolutional_layers[i].backward(grad)
            self.convolutional_layers[i].dW /= m
            self.convolutional_layers[i].db /= m
"""))

"""More of them, by thirty imagined students: who they are tells what they get wrong."""
from handins import append, define, gone, swap, whole
from wrong_handins import wrong

CONV, CNN, SCAN, MC = "mytorch/conv.py", "hw2/hw2.py", "hw2/mlp_scan.py", "hw2/mc.py"
LINEAR, LOSS, ACTIVATION = "mytorch/linear.py", "mytorch/loss.py", "mytorch/activation.py"


# Right convolutions in other styles, for some of the students to make their mistake in.

EINSUM = (
    define(CONV, "Conv1D.forward", """
        def forward(self, x):
            self.x = x
            view = np.lib.stride_tricks.sliding_window_view(x, self.kernel_size, axis=2)
            self.windows = view[:, :, ::self.stride]
            return np.einsum('nctk,ock->not', self.windows, self.W) + self.b[:, None]
        """),
    define(CONV, "Conv1D.backward", """
        def backward(self, delta):
            w, k, s = self.x.shape[2], self.kernel_size, self.stride
            self.dW = np.einsum('not,nctk->ock', delta, self.windows)
            self.db = np.einsum('not->o', delta)
            dx = np.zeros(self.x.shape)
            for j in range(k):
                dx[:, :, j:w - k + j + 1:s] += np.einsum('not,oc->nct', delta, self.W[:, :, j])
            return dx
        """))

STRIDED = (
    define(CONV, "Conv1D.forward", """
        def forward(self, x):
            self.x = x
            n, c, w = x.shape
            k, s = self.kernel_size, self.stride
            T = (w - k) // s + 1
            batch, channel, step = x.strides
            windows = np.lib.stride_tricks.as_strided(
                x, shape=(n, c, T, k), strides=(batch, channel, s * step, step))
            out = np.tensordot(windows, self.W, axes=([1, 3], [1, 2]))
            return out.transpose(0, 2, 1) + self.b[:, None]
        """),)

SLIDING = (
    define(CONV, "Conv1D.forward", """
        def forward(self, x):
            self.x = x
            self.T = (x.shape[2] - self.kernel_size) // self.stride + 1
            view = np.lib.stride_tricks.sliding_window_view(x, self.kernel_size, axis=2)
            windows = view[:, :, ::self.stride][:, :, :self.T]
            out = np.tensordot(windows, self.W, axes=([1, 3], [1, 2]))
            return out.transpose(0, 2, 1) + self.b[:, None]
        """),)

IM2COL = (
    define(CONV, "Conv1D.forward", """
        def forward(self, x):
            self.x = x
            n, _, w = x.shape
            k, s = self.kernel_size, self.stride
            T = (w - k) // s + 1
            rows = [x[:, :, t * s:t * s + k].reshape(n, -1) for t in range(T)]
            self.cols = np.stack(rows, axis=1).reshape(n * T, -1)
            kernels = self.W.reshape(self.out_channel, -1)
            out = self.cols.dot(kernels.T) + self.b
            return out.reshape(n, T, self.out_channel).transpose(0, 2, 1)
        """),
    define(CONV, "Conv1D.backward", """
        def backward(self, delta):
            n, c, _ = self.x.shape
            k, s, T = self.kernel_size, self.stride, delta.shape[2]
            d = delta.transpose(0, 2, 1).reshape(n * T, -1)
            self.dW = d.T.dot(self.cols).reshape(self.W.shape)
            self.db = d.sum(axis=0)
            dcols = d.dot(self.W.reshape(self.out_channel, -1)).reshape(n, T, c, k)
            dx = np.zeros(self.x.shape)
            for t in range(T):
                dx[:, :, t * s:t * s + k] += dcols[:, t]
            return dx
        """))

TENSORDOT = (
    define(CONV, "Conv1D.forward", """
        def forward(self, x):
            self.x = x
            n, c, w = x.shape
            k, s = self.kernel_size, self.stride
            T = (w - k) // s + 1
            out = np.empty((n, self.out_channel, T))
            for t in range(T):
                window = x[:, :, t * s:t * s + k]
                out[:, :, t] = np.tensordot(window, self.W, axes=([1, 2], [1, 2])) + self.b
            return out
        """),
    define(CONV, "Conv1D.backward", """
        def backward(self, delta):
            k, s = self.kernel_size, self.stride
            self.dW, self.db = np.zeros(self.W.shape), delta.sum(axis=(0, 2))
            dx = np.zeros(self.x.shape)
            for t in range(delta.shape[2]):
                window, d = self.x[:, :, t * s:t * s + k], delta[:, :, t]
                self.dW += np.tensordot(d, window, axes=([0], [0]))
                dx[:, :, t * s:t * s + k] += np.tensordot(d, self.W, axes=([1], [0]))
            return dx
        """))

SPREAD = (
    define(CONV, "Conv1D.backward", """
        def backward(self, delta):
            # the transposed convolution: delta with zeros between, and the kernel flipped
            n, o, T = delta.shape
            w, k, s = self.x.shape[2], self.kernel_size, self.stride
            span = (T - 1) * s + 1
            spread = np.zeros((n, o, span))
            spread[:, :, ::s] = delta
            for j in range(k):
                x = self.x[:, :, j:j + span]
                self.dW[:, :, j] = np.tensordot(spread, x, axes=([0, 2], [0, 2]))
            self.db = delta.sum(axis=(0, 2))
            padded = np.pad(spread, ((0, 0), (0, 0), (k - 1, w - span)))
            flipped = self.W[:, :, ::-1]
            dx = np.zeros(self.x.shape)
            for i in range(w):
                part = padded[:, :, i:i + k]
                dx[:, :, i] = np.tensordot(part, flipped, axes=([1, 2], [0, 2]))
            return dx
        """),)

STYLES = {"einsum": EINSUM, "strided": STRIDED, "sliding": SLIDING, "im2col": IM2COL,
          "tensordot": TENSORDOT, "spread": SPREAD}


# Ann starts on the last evening.

wrong("Ann: forward", "3.1.1 3.3 3.4 3.5", "the last window is forgotten: the width lacks its + 1",
      "your output is a position short",
      swap(CONV, "// self.stride + 1", "// self.stride"))

wrong("Ann: scan", "3.3", "the first convolution steps by 8, not by 4",
      "your output is what the network gives with a stride of 8 in conv1",
      swap(SCAN, "Conv1D(24, 8, 8, 4)", "Conv1D(24, 8, 8, 8)"))

wrong("Ann: cnn", "3.5", "backward does not return the gradient",
      "your dx is None: is it written yet, and does it return its result?",
      swap(CNN, "        return grad\n", ""))


# Boris has written MATLAB for fifteen years.

wrong("Boris: forward", "3.1.1 3.3 3.4 3.5", "a true convolution, which flips the kernel",
      "your output has the kernel turned around: the layer is a cross-correlation",
      define(CONV, "Conv1D.forward", """
        def forward(self, x):
            self.x = x
            n, _, w = x.shape
            T = (w - self.kernel_size) // self.stride + 1
            out = np.zeros((n, self.out_channel, T))
            for i in range(n):
                for o in range(self.out_channel):
                    total = self.b[o]
                    for c in range(self.in_channel):
                        total = total + np.convolve(x[i, c], self.W[o, c], 'valid')
                    out[i, o] = total[::self.stride]
            return out
        """))

wrong("Boris: backward", "3.1.2 3.5", "the input is kept in a global, which all layers share",
      "your dW is computed with the x of another forward: an earlier or another layer's",
      swap(CONV, "        self.x = x\n        n, _, w",
           "        global X\n        X = x\n        n, _, w"),
      swap(CONV, "dx = np.zeros(self.x.shape)", "dx = np.zeros(X.shape)"),
      swap(CONV, "seg = self.x[:", "seg = X[:"))

wrong("Boris: scan", "3.3", "the kernel's time runs backwards",
      "your output is what the network gives with the taps of conv1 in reversed order",
      define(SCAN, "CNN_SimpleScanningMLP.init_weights", """
        def init_weights(self, weights):
            for conv, w in zip([self.conv1, self.conv2, self.conv3], weights):
                W = np.zeros(conv.W.shape)
                for o in range(conv.out_channel):
                    for c in range(conv.in_channel):
                        for k in range(conv.kernel_size):
                            W[o, c, conv.kernel_size - 1 - k] = w[k * conv.in_channel + c, o]
                conv.W = W
        """))


# Chen writes everything in einsum.

wrong("Chen: forward", "3.1.1 3.3 3.4 3.5", "W is reshaped where its axes have to be swapped",
      "your output has the windows time by channel and W channel by time",
      *EINSUM,
      swap(CONV, "np.einsum('nctk,ock->not', self.windows, self.W) + self.b[:, None]",
           "np.einsum('nctk,okc->not', self.windows, self.W.reshape(\n"
           "            self.out_channel, self.kernel_size, -1)) + self.b[:, None]"))

wrong("Chen: backward", "3.1.2 3.5", "a slice ends one too early, so that an exact fit raises",
      "your dx is zero everywhere, where it fails; it fails just where the windows fit x",
      *EINSUM,
      swap(CONV, "j:w - k + j + 1:s", "j:w - k + j:s"))


# Dana has discovered stride tricks.

wrong("Dana: strides", "3.1.1 3.3 3.4 3.5",
      "the strides are those of a contiguous input, and the layer's own output is not one",
      "it fails only where x is not laid out in C order",
      *STRIDED,
      swap(CONV, "batch, channel, step = x.strides",
           "batch, channel, step = c * w * x.itemsize, w * x.itemsize, x.itemsize"))

wrong("Dana: forward", "3.1.1", "the output's width is that of the first call, for good",
      "your output for another x is the right one cut off after some of its positions",
      *SLIDING,
      swap(CONV, "        self.T = (x", """
        if not hasattr(self, 'T'):
            self.T = (x"""))


# Emil follows a blog on im2col.

wrong("Emil: forward", "3.1.1 3.3 3.4 3.5",
      "the product's axes are mixed up: reshaped, not swapped",
      "your output is the right one with its numbers in another order: reshaped from sample,",
      *IM2COL,
      swap(CONV, "out.reshape(n, T, self.out_channel).transpose(0, 2, 1)",
           "out.reshape(n, self.out_channel, T)"))

wrong("Emil: backward", "3.1.2 3.5", "delta's axes are mixed up: reshaped, not swapped",
      "your dx takes delta as position by channel, where it is channel by position",
      *IM2COL,
      swap(CONV, "d = delta.transpose(0, 2, 1).reshape(n * T, -1)",
           "d = delta.reshape(n * T, self.out_channel)"))

wrong("Emil: dx", "3.1.2 3.5", "+= on repeated indices keeps only one of overlapping windows",
      "your dx keeps the last window's share alone, where windows overlap",
      *IM2COL,
      swap(CONV, """
        for t in range(T):
            dx[:, :, t * s:t * s + k] += dcols[:, t]
        """, """
        where = np.arange(T)[:, None] * s + np.arange(k)
        dx[:, :, where] += dcols.transpose(0, 2, 1, 3)
        """))


# Fay knows PyTorch well, and that it accumulates and sums.

wrong("Fay: backward", "3.1.2 3.5", "dx accumulates over the calls of backward",
      "your dx is added to that of an earlier call",
      swap(CONV, "dx = np.zeros(self.x.shape)", """if not hasattr(self, 'dx'):
            self.dx = np.zeros(self.x.shape)
        dx = self.dx"""))

wrong("Fay: linear", "3.2 3.5", "db is summed over the batch, not averaged",
      "your db is the right one times the batch size",
      swap(LINEAR, "keepdims=True) / n", "keepdims=True)"))

wrong("Fay: cnn", "3.5", "the gradient is that of the batch's mean loss",
      "your linear_layer.dW, linear_layer.db and 7 others are each the right one divided by",
      swap(CNN, "self.criterion.derivative()", "self.criterion.derivative() / m"))


# Goran tests with one example, and with the weights file.

wrong("Goran: forward", "3.1.1 3.5", "every example of the batch gets the first one's output",
      "your output is the right one with the first sample for all",
      swap(CONV, "seg = x[:, :,", "seg = x[:1, :,"))

wrong("Goran: flatten", "3.2 3.5", "the whole batch is flattened into one row",
      "your output for another x is right, but of another shape",
      swap(CONV, "x.reshape(self.s[0], -1)", "x.reshape(1, -1)"))

wrong("Goran: scan", "3.3", "the weights must be an array: a list or a tuple has no shape",
      "it fails just where the weights come as a list or a tuple",
      define(SCAN, "CNN_SimpleScanningMLP.init_weights", """
        def init_weights(self, weights):
            convs = [self.conv1, self.conv2, self.conv3]
            for i in range(weights.shape[0]):
                shape = convs[i].out_channel, convs[i].kernel_size, convs[i].in_channel
                convs[i].W = weights[i].T.reshape(shape).transpose(0, 2, 1)
        """))


# Hana builds exactly the network in the figure.

wrong("Hana: linear layer", "3.5", "the linear layer's size is the one of Figure 4",
      "the number of inputs of your linear layer is that of Figure 4",
      swap(CNN, "Linear(w * num_channels[-1], ", "Linear(420, "))

wrong("Hana: depth", "3.5", "there are always three convolutions",
      "it fails just where there are not three convolutions",
      swap(CNN, "self.nlayers = len(num_channels)", "self.nlayers = 3"))

wrong("Hana: quiz", "2", "the answer to question 4 is wrong",
      "question_4: expected another letter than 'b'",
      define(MC, "question_4", "def question_4():\n    return 'b'"))


# Ivan copies lines and changes them.

wrong("Ivan: scan", "3.3", "there is a ReLU after the last layer too",
      "your output is what the network gives with a ReLU after conv3",
      define(SCAN, "CNN_SimpleScanningMLP.__init__", """
        def __init__(self):
            self.conv1 = Conv1D(24, 8, 8, 4)
            self.conv2 = Conv1D(8, 16, 1, 1)
            self.conv3 = Conv1D(16, 4, 1, 1)
            self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, ReLU(), Flatten()]
        """))

wrong("Ivan: backward", "3.1.2 3.5", "dx is written as if the stride were 1",
      "your dx has each window's share where a stride of 1 would have it",
      swap(CONV, "dx[:, :, s:s + self", "dx[:, :, t:t + self"))

wrong("Ivan: quiz", "2", "the letter of question 1 stands in parentheses",
      "question_1: '(b)' is right, but not how it is written: the course reads one lower-case",
      define(MC, "question_1", "def question_1():\n    return '(b)'"))


# Jun wants it fast.

wrong("Jun: forward", "3.1.1 3.1.2 3.3 3.4 3.5",
      "the first layer's flattened kernel is kept in the class and used by every layer",
      "ValueError: shapes (2,7) and (10,5) not aligned: 7 (dim 1) != 10 (dim 0)",
      *IM2COL,
      swap(CONV, "class Conv1D():\n", "class Conv1D():\n    kernels = None\n\n"),
      swap(CONV, "        kernels = self.W.reshape(self.out_channel, -1)\n", """
        if Conv1D.kernels is None:  # once is enough
            Conv1D.kernels = self.W.reshape(self.out_channel, -1)
"""),
      swap(CONV, "dot(kernels.T)", "dot(Conv1D.kernels.T)"))

wrong("Jun: backward", "3.1.2 3.5", "the short way for kernels of width 1 forgets the stride in dx",
      "it fails only where the kernel is 1",
      *EINSUM,
      swap(CONV, "        dx = np.zeros(self.x.shape)\n", """
        if k == 1:  # one product of matrices does it
            return np.einsum('not,oc->nct', delta, self.W[:, :, 0])
        dx = np.zeros(self.x.shape)
"""))


# Kofi comes from signal processing.

wrong("Kofi: kernel", "3.1.2 3.5", "the kernel is not flipped for dx",
      "your dx has the kernel turned around: tap k belongs to input k of a window",
      *SPREAD,
      swap(CONV, "flipped = self.W[:, :, ::-1]", "flipped = self.W"))

wrong("Kofi: padding", "3.1.2 3.5",
      "inputs left over at the end are padded at the wrong side of dx",
      "your dx has at its start the zeros of the inputs past the last window",
      *SPREAD,
      swap(CONV, "(k - 1, w - span)", "(w - span, k - 1)"))


# Lena likes short and clever Python.

wrong("Lena: lambdas", "3.5", "every step of the network is the last one: lambdas bind i late",
      "ValueError: operands could not be broadcast together with shapes (2,24,2) (28,2)",
      define(CNN, "CNN.forward", """
        def forward(self, x):
            steps = [lambda x: self.activations[i](self.convolutional_layers[i](x))
                     for i in range(self.nlayers)]
            steps += [self.flatten, self.linear_layer]
            for step in steps:
                x = step(x)
            self.output = x
            return x
        """))

wrong("Lena: layers", "3.5", "the list of convolutions belongs to the class: all networks share it",
      "number of convolutional_layers: expected 2, not 24",
      swap(CNN, "class CNN(object):\n", "class CNN(object):\n    convolutional_layers = []\n\n"),
      swap(CNN, "self.convolutional_layers = [Conv1D(", "self.convolutional_layers += [Conv1D("))

wrong("Lena: scan", "3.4", "every init_weights adds the layers again",
      "ValueError: not enough values to unpack (expected 3, got 2)",
      define(SCAN, "CNN_DistributedScanningMLP.__init__", """
        def __init__(self):
            self.layers = []
            self.conv1 = Conv1D(24, 2, 2, 2)
            self.conv2 = Conv1D(2, 8, 2, 2)
            self.conv3 = Conv1D(8, 4, 2, 1)
        """),
      define(SCAN, "CNN_DistributedScanningMLP.init_weights", """
        def init_weights(self, weights):
            w1, w2, w3 = weights
            pieces = [w1[:48, :2], w2[:4, :8], w3]
            for conv, w in zip([self.conv1, self.conv2, self.conv3], pieces):
                w = w.T.reshape(conv.out_channel, conv.kernel_size, conv.in_channel)
                conv.W = w.transpose(0, 2, 1)
                self.layers += [conv, ReLU()]
            self.layers[-1] = Flatten()
        """))


# Milo programs for the first time.

wrong("Milo: forward", "3.1.1 3.3 3.4 3.5", "a window that ends exactly at the end stays zero",
      "your output lacks the last window where it fits x exactly",
      define(CONV, "Conv1D.forward", """
        def forward(self, x):
            self.x = x
            n, _, w = x.shape
            T = (w - self.kernel_size) // self.stride + 1
            out = np.zeros((n, self.out_channel, T))
            t = 0
            for start in range(0, w - self.kernel_size, self.stride):
                seg = x[:, :, start:start + self.kernel_size]
                for o in range(self.out_channel):
                    out[:, o, t] = np.sum(seg * self.W[o], axis=(1, 2)) + self.b[o]
                t = t + 1
            return out
        """))

wrong("Milo: backward", "3.1.2 3.5", "db is that of the last position only",
      "your db has the share of the last window alone",
      swap(CONV, "            s = t * self.stride\n", """
            self.db = delta[:, :, t].sum(axis=0)
            s = t * self.stride
"""),
      swap(CONV, "        self.db += delta.sum(axis=(0, 2))\n", ""))

wrong("Milo: quiz", "2", "an answer is printed and not returned",
      "question_3: expected a letter, not None",
      define(MC, "question_3", "def question_3():\n    print('b')"))


# Nora distrusts floating point.

wrong("Nora: loss", "3.2 3.5", "a constant is added inside the logarithm of the loss",
      "your loss for another x and loss are each right to some digits only: is something",
      swap(LOSS, "np.log(self.p)", "np.log(self.p + 1e-5)"))

wrong("Nora: forward", "3.1.1 3.3 3.4 3.5", "the output is rounded to four digits",
      "your output is the right one rounded to 4 digits after the point",
      swap(CONV, "return out", "return np.round(out, 4)"))


# Omar saves memory.

wrong("Omar: precision", "3.1.2 3.5", "dx is in single precision",
      "your dx is right to 7 digits only: is something float32, rounded, or added?",
      swap(CONV, "dx = np.zeros(self.x.shape)", "dx = np.zeros(self.x.shape, dtype=np.float32)"))

wrong("Omar: size", "3.1.2 3.5", "dx ends with the last window, before inputs that are left over",
      "your dx ends with the last window, where x does not",
      swap(CONV, "dx = np.zeros(self.x.shape)",
           "dx = np.zeros(self.x[:, :, :(delta.shape[2] - 1) * self.stride"
           " + self.kernel_size].shape)"))


# Pia debugs, and leaves the traces in.

wrong("Pia: forward", "3.1.1 3.3 3.4 3.5", "the output is printed and not returned",
      "your output is None: is it written yet, and does it return its result?",
      swap(CONV, "return out", "print(out)"))

wrong("Pia: backward", "3.1.2 3.5", "a breakpoint is left in backward",
      "bdb.BdbQuit",
      swap(CONV, "        dx = np.zeros(", """
        import pdb; pdb.set_trace()
        dx = np.zeros("""))

wrong("Pia: scan", "3.3 3.4", "an import is lost, so that ReLU is not defined",
      "NameError: name 'ReLU' is not defined",
      swap(SCAN, "from activation import *\n", ""))


# Quinn takes the mean wherever there is a batch.

wrong("Quinn: backward", "3.1.2 3.5", "dW is averaged over the batch, not summed",
      "your dW is the right one divided by the batch size",
      swap(CONV, "(d * seg).sum(axis=0)", "(d * seg).mean(axis=0)"))

wrong("Quinn: cnn", "3.5", "the loss is averaged over the batch, not summed",
      "your loss is the right one divided by the batch size",
      swap(CNN, "labels).sum()", "labels).mean()"))


# Rosa is used to TensorFlow, where channels come last.

wrong("Rosa: flatten", "3.2 3.3 3.4 3.5", "position comes before channel when flattened",
      "your Flatten goes position by position; channels come first, as x is laid out",
      define(CONV, "Flatten.forward", """
        def forward(self, x):
            self.s = x.shape
            return x.transpose(0, 2, 1).reshape(self.s[0], -1)
        """),
      define(CONV, "Flatten.backward", """
        def backward(self, delta):
            n, c, w = self.s
            return delta.reshape(n, w, c).transpose(0, 2, 1)
        """))

wrong("Rosa: scan", "3.3", "the 124 values come position by position, not channel by channel",
      "your output is what the network gives where it is flattened position by position, not",
      define(SCAN, "CNN_SimpleScanningMLP.forward", """
        def forward(self, x):
            out = x
            for layer in self.layers[:-1]:
                out = layer(out)
            return self.layers[-1](out.transpose(0, 2, 1))
        """))


# Sven likes tensordot since question 4.

wrong("Sven: backward", "3.1.2 3.5", "where windows overlap, dx keeps only the last one's part",
      "your dx keeps the last window's share alone, where windows overlap",
      *TENSORDOT,
      swap(CONV, "dx[:, :, t * s:t * s + k] +=", "dx[:, :, t * s:t * s + k] ="))

wrong("Sven: forward", "3.1.1 3.5", "with a stride beyond the kernel, the gaps are not left out",
      "your output is right but for all positions but the first",
      *TENSORDOT,
      swap(CONV, "        out = np.empty((n, self.out_channel, T))\n", """
        if s >= k:  # no overlap: cut x into its windows at once
            windows = x[:, :, :T * k].reshape(n, c, T, k)
            out = np.tensordot(windows, self.W, axes=([1, 3], [1, 2])) + self.b
            return out.transpose(0, 2, 1)
        out = np.empty((n, self.out_channel, T))
"""))


# Tara does calculus from memory.

wrong("Tara: sigmoid", "3.2 3.5", "the derivative takes the sigmoid of the output again",
      "the derivative of your Sigmoid applies the sigmoid once too often",
      define(ACTIVATION, "Sigmoid.derivative", """
        def derivative(self):
            s = 1 / (1 + np.exp(-self.state))
            return s * (1 - s)
        """))

wrong("Tara: relu", "3.2 3.5", "the derivative is 1 everywhere: no output is below zero",
      "the derivative of your ReLU is 1 everywhere",
      swap(ACTIVATION, "self.state > 0", "self.state >= 0"))

wrong("Tara: cnn", "3.5", "the network ends in a softmax, which the loss applies once more",
      "your logits are a softmax of the right one",
      swap(CNN, "        return self.output\n", """
        e = np.exp(self.output - self.output.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)
        return self.output
"""))


# Uli mistypes.

wrong("Uli: scan", "3.4", "the second convolution keeps its random W: the name is misspelt",
      "your output of another network is not the same as your output with other weights, and",
      swap(SCAN, "self.conv2.W = w2[:4", "self.conv2.w = w2[:4"))

wrong("Uli: cnn", "3.5", "the linear layer's attribute has another name than the one asked for",
      "AttributeError: 'CNN' object has no attribute 'linear_layer'",
      swap(CNN, "self.linear_layer = Linear(", "self.linear = Linear("),
      swap(CNN, "self.linear_layer(self", "self.linear(self"),
      swap(CNN, "self.linear_layer.backward", "self.linear.backward"))


# Vera draws her conclusions from the sample weights.

wrong("Vera: integers", "3.3", "the weights are cut to integers, as those in the sample file are",
      "your output is what the network gives where the weights of conv1 are cut to integers",
      swap(SCAN, "w1.T.reshape(8, 8, 24)", "w1.T.astype(int).reshape(8, 8, 24)"),
      swap(SCAN, "w2.T.reshape(16, 1, 8)", "w2.T.astype(int).reshape(16, 1, 8)"),
      swap(SCAN, "w3.T.reshape(4, 1, 16)", "w3.T.astype(int).reshape(4, 1, 16)"))

wrong("Vera: connections", "3.4", "absent connections are told by NaN and are not found where 0",
      "it fails just where absent connections are 0",
      define(SCAN, "CNN_DistributedScanningMLP.init_weights", """
        def init_weights(self, weights):
            w1, w2, w3 = weights
            w1 = np.array([column[~np.isnan(column)] for column in w1.T[:2]])
            w2 = np.array([column[~np.isnan(column)] for column in w2.T[:8]])
            self.conv1.W = w1.reshape(2, 2, 24).transpose(0, 2, 1)
            self.conv2.W = w2.reshape(8, 2, 2).transpose(0, 2, 1)
            self.conv3.W = w3.T.reshape(4, 2, 8).transpose(0, 2, 1)
        """))

wrong("Vera: sharing", "3.4", "the network of 3.3 with zeros in it: the sharing is not used",
      "conv1.W.shape: conv1 has not the size of the distinct neurons: how many different ones",
      define(SCAN, "CNN_DistributedScanningMLP.__init__", """
        def __init__(self):
            self.conv1 = Conv1D(24, 8, 8, 4)
            self.conv2 = Conv1D(8, 16, 1, 1)
            self.conv3 = Conv1D(16, 4, 1, 1)
            self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]
        """),
      define(SCAN, "CNN_DistributedScanningMLP.init_weights", """
        def init_weights(self, weights):
            w1, w2, w3 = [np.nan_to_num(w) for w in weights]
            self.conv1.W = w1.T.reshape(8, 8, 24).transpose(0, 2, 1)
            self.conv2.W = w2.T[:, :, None]
            self.conv3.W = w3.T[:, :, None]
        """))


# Wim stops when the numbers look right.

wrong("Wim: scan", "3.3", "the layers are other objects than conv1, conv2 and conv3",
      "your output with conv1.W doubled, output with conv2.W doubled and output with conv3.W",
      define(SCAN, "CNN_SimpleScanningMLP.__init__", """
        def __init__(self):
            self.conv1 = Conv1D(24, 8, 8, 4)
            self.conv2 = Conv1D(8, 16, 1, 1)
            self.conv3 = Conv1D(16, 4, 1, 1)
            self.layers = [Conv1D(24, 8, 8, 4), ReLU(), Conv1D(8, 16, 1, 1), ReLU(),
                           Conv1D(16, 4, 1, 1), Flatten()]
        """),
      swap(SCAN, "self.conv1.W = w1.T", "self.layers[0].W = w1.T"),
      swap(SCAN, "self.conv2.W = w2.T", "self.layers[2].W = w2.T"),
      swap(SCAN, "self.conv3.W = w3.T.reshape(4, 1", "self.layers[4].W = w3.T.reshape(4, 1"))

wrong("Wim: cnn", "3.5", "the first activation stands after every convolution",
      "your result is what the network gives with the first activation after every convolution",
      swap(CNN, "self.activations = activations", "self.activation = activations[0]"),
      swap(CNN, "self.activations[i](", "self.activation("),
      swap(CNN, "self.activations[i].derivative()", "self.activation.derivative()"))


# Xena rounds widths up.

wrong("Xena: forward", "3.1.1 3.5", "inputs left over at the end are padded to one more window",
      "your output is right, but has a position or more too many at the end, where it fails;",
      define(CONV, "Conv1D.forward", """
        def forward(self, x):
            self.x = x
            n, _, w = x.shape
            T = int(np.ceil((w - self.kernel_size) / self.stride)) + 1
            missing = (T - 1) * self.stride + self.kernel_size - w
            x = np.pad(x, ((0, 0), (0, 0), (0, missing)))
            out = np.zeros((n, self.out_channel, T))
            for t in range(T):
                seg = x[:, :, t * self.stride:t * self.stride + self.kernel_size]
                for o in range(self.out_channel):
                    out[:, o, t] = np.sum(seg * self.W[o], axis=(1, 2)) + self.b[o]
            return out
        """))

wrong("Xena: cnn", "3.5", "widths are rounded up, so that the linear layer does not always fit",
      "the number of inputs of your linear layer rounds up where it is to round down",
      swap(CNN, "w = (w - k) // s + 1", "w = int(np.ceil((w - k) / s)) + 1"))


# Yusuf's one test case has as many channels as outputs.

wrong("Yusuf: backward", "3.1.2 3.5", "the loop over output channels counts the input channels",
      "it fails just where the input channels are not as many as the output channels",
      swap(CONV, "for o in range(self.out_channel):\n                d = delta",
           "for o in range(self.in_channel):\n                d = delta"))

wrong("Yusuf: scan", "3.4", "the second layer's axes are mixed up: the last transpose is missing",
      "your output is what the network gives where the rows of the matrix for conv2 are taken",
      swap(SCAN, ".T.reshape(8, 2, 2).transpose(0, 2, 1)", ".T.reshape(8, 2, 2)"))


# Zoe runs out of time.

wrong("Zoe: flatten", "3.1.1 3.1.2 3.2 3.3 3.4 3.5",
      "an empty method, so that conv.py does not load",
      "IndentationError: expected an indented block after function definition on line 51",
      define(CONV, "Flatten.backward", """
        def backward(self, delta):
            # TODO: undo the reshape
        """))

wrong("Zoe: cnn", "3.5", "the last activation's derivative is left out",
      "your result is what the network gives where backward leaves out the derivative of the",
      swap(CNN, "            grad = grad * self.activations[i].derivative()\n", """
            if i < self.nlayers - 1:
                grad = grad * self.activations[i].derivative()
"""))


# Abe never knows which axes he has.

wrong("Abe: forward", "3.1.1 3.3 3.4 3.5", "axes of length 1 are squeezed out of the output",
      "your output is right, but has lost its axes of length 1, where it fails",
      swap(CONV, "return out", "return np.squeeze(out)"))

wrong("Abe: loss", "3.2 3.5", "the softmax is normalised over the whole batch",
      "your softmax is normalized over the whole batch; it is to be for each sample",
      swap(LOSS, "e / e.sum(axis=1, keepdims=True)", "e / e.sum()"))

wrong("Abe: backward", "3.1.2 3.5", "db keeps the axes that it is summed over",
      "your db keeps the summed axes",
      swap(CONV, "self.db += delta.sum(axis=(0, 2))",
           "self.db = delta.sum(axis=(0, 2), keepdims=True)"))


# Bea thinks of training all the time.

wrong("Bea: backward", "3.1.2 3.5", "a step of gradient descent is taken before dx is computed",
      "dx: expected -1492.778296 at [0, 0, 0], not -3051591.346",
      *TENSORDOT,
      swap(CONV, """
            self.dW += np.tensordot(d, window, axes=([0], [0]))
""", """
            self.dW += np.tensordot(d, window, axes=([0], [0]))
        self.W = self.W - 0.01 * self.dW
        for t in range(delta.shape[2]):
            d = delta[:, :, t]
"""))

wrong("Bea: cnn", "3.5", "the gradients are cleared at the end of backward",
      "your linear_layer.dW, linear_layer.db and 6 others are each zero everywhere",
      swap(CNN, "        return grad\n", """
        self.zero_grads()
        return grad
"""))


# Cora overlooks the small print.

wrong("Cora: forward", "3.1.1 3.5", "the bias is added once for each input channel",
      "your output is the right one with the bias added not once but as often as the number of",
      swap(CONV, """
                out[:, o, t] = np.sum(seg * self.W[o], axis=(1, 2)) + self.b[o]
""", """
                for c in range(self.in_channel):
                    out[:, o, t] += np.sum(seg[:, c] * self.W[o, c], axis=1) + self.b[o]
"""))

wrong("Cora: cnn", "3.5", "the convolutions do not get the function for the biases",
      "your convolutional_layers[0].b, convolutional_layers[1].b and 3 others are each zero",
      swap(CNN, "strides[i], conv_weight_init_fn, bias_init_fn)",
           "strides[i], conv_weight_init_fn)"))

wrong("Cora: quiz", "2", "the answers are in upper case",
      "question_1: 'B' is right, but not how it is written: the course reads one lower-case",
      whole(MC, """
        def question_1():
            return 'B'


        def question_2():
            return 'D'


        def question_3():
            return 'B'


        def question_4():
            return 'A'


        def question_5():
            return 'A'
        """))


# Dov puts activations where he feels like it.

wrong("Dov: relu", "3.2 3.3 3.4 3.5", "the largest of the batch in place of the larger of two",
      "the output of your ReLU is a maximum over the batch",
      swap(ACTIVATION, "np.maximum(0, x)", "np.max(x, 0)"))

wrong("Dov: scan", "3.4", "there is no ReLU after the second layer",
      "your output is what the network gives without the ReLU after conv2",
      define(SCAN, "CNN_DistributedScanningMLP.__init__", """
        def __init__(self):
            self.conv1 = Conv1D(24, 2, 2, 2)
            self.conv2 = Conv1D(2, 8, 2, 2)
            self.conv3 = Conv1D(8, 4, 2, 1)
            self.layers = [self.conv1, ReLU(), self.conv2, self.conv3, Flatten()]
        """))

wrong("Dov: cnn", "3.5", "there is no activation after the last convolution",
      "your result is what the network gives without the Sigmoid after convolution 3",
      swap(CNN, "            x = self.activations[i](self.convolutional_layers[i](x))\n", """
            x = self.convolutional_layers[i](x)
            if i < self.nlayers - 1:
                x = self.activations[i](x)
"""),
      swap(CNN, "            grad = grad * self.activations[i].derivative()\n", """
            if i < self.nlayers - 1:
                grad = grad * self.activations[i].derivative()
"""))

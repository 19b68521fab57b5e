"""More of them, found by an adversary: wrong in a second use, a certain layout or a corner."""
from handins import define, swap
from wrong_handins import wrong

CONV, CNN, SCAN = "mytorch/conv.py", "hw2/hw2.py", "hw2/mlp_scan.py"
LINEAR, LOSS, ACTIVATION = "mytorch/linear.py", "mytorch/loss.py", "mytorch/activation.py"
SIMPLE, DISTRIBUTED = "CNN_SimpleScanningMLP", "CNN_DistributedScanningMLP"


# A right convolution by columns, for some of the mistakes to be made in.

COLUMNS = (
    define(CONV, "Conv1D.forward", """
        def forward(self, x):
            self.x = x
            n, _, w = x.shape
            k, s = self.kernel_size, self.stride
            T = (w - k) // s + 1
            kernels = self.W.reshape(self.out_channel, -1)
            out = np.zeros((n, self.out_channel, T))
            for t in range(T):
                out[:, :, t] = x[:, :, t * s:t * s + k].reshape(n, -1).dot(kernels.T) + self.b
            return out
        """),)


# Convolution: what is kept of W, b and x from an earlier call

wrong("W copied once for each array", "3.1.1 3.5",
      "The kernels are laid out anew only if W is another array: a change in place is not seen.",
      "wrong: output with W changed in place, output with b changed in place",
      *COLUMNS,
      swap(CONV, "        kernels = self.W.reshape(self.out_channel, -1)\n", """
        if getattr(self, 'laid_out', None) is not self.W:
            self.laid_out = self.W
            self.kernels = self.W.reshape(self.out_channel, -1).copy()
"""),
      swap(CONV, "dot(kernels.T)", "dot(self.kernels.T)"))

wrong("b kept until W changes", "3.1.1 3.5",
      "b is looked at only together with a new W.",
      "your output with a new b is the same as your output with a new W, and should not",
      *COLUMNS,
      swap(CONV, "        kernels = self.W.reshape(self.out_channel, -1)\n", """
        if getattr(self, 'laid_out', None) is not self.W:
            self.laid_out, self.bias = self.W, self.b
        kernels = self.W.reshape(self.out_channel, -1)
"""),
      swap(CONV, " + self.b\n", " + self.bias\n"))

wrong("W kept until b changes", "3.1.1 3.3 3.4 3.5",
      "W is looked at only together with a new b.",
      "your output with a new W is the same as your output, and should not be",
      *COLUMNS,
      swap(CONV, "        kernels = self.W.reshape(self.out_channel, -1)\n", """
        if getattr(self, 'seen', None) is not self.b:
            self.seen, self.kernels = self.b, self.W.reshape(self.out_channel, -1)
"""),
      swap(CONV, "dot(kernels.T)", "dot(self.kernels.T)"))

wrong("W for dx of the first backward", "3.1.2 3.5",
      "The transposed kernels are made at the first backward and kept, whatever W is later.",
      "wrong: dx with a new W",
      swap(CONV, "        dx = np.zeros(self.x.shape)\n", """
        if not hasattr(self, 'kernels'):
            self.kernels = self.W.copy()
        dx = np.zeros(self.x.shape)
"""),
      swap(CONV, "+= d * self.W[o]", "+= d * self.kernels[o]"))

wrong("output kept while x is the same array", "3.1.1",
      "The last output is returned again for the same x, even if its numbers or W have changed.",
      "your output for an x changed in place is the same as your output, and should not",
      swap(CONV, "        self.x = x\n        n, _, w", """\
        if x is getattr(self, 'x', None):
            return self.out
        self.x = x
        n, _, w"""),
      swap(CONV, "        return out\n", "        self.out = out\n        return out\n"))

wrong("output remembered by x", "3.1.1 3.1.2 3.3 3.4 3.5",
      "Outputs are remembered by the numbers of x alone: a new W or b changes nothing.",
      "are each the same as your output, and should not be",
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
      "wrong: dW, dW after another layer's backward",
      swap(CONV, "        self.x = x\n        n, _, w", """\
        if not hasattr(self, 'x') or self.x.shape != x.shape:
            self.x = x
        n, _, w"""))

wrong("delta kept while the shape stays", "3.1.2 3.5",
      "A second backward uses the delta of the first one if that had the same shape.",
      "your dx is that of an earlier call",
      define(CONV, "Conv1D.backward", """
        def backward(self, delta):
            if not hasattr(self, 'delta') or self.delta.shape != delta.shape:
                self.delta = delta
            dx = np.zeros(self.x.shape)
            for t in range(delta.shape[2]):
                s = t * self.stride
                seg = self.x[:, :, s:s + self.kernel_size]
                for o in range(self.out_channel):
                    d = self.delta[:, o, t][:, None, None]
                    self.dW[o] += (d * seg).sum(axis=0)
                    dx[:, :, s:s + self.kernel_size] += d * self.W[o]
            self.db += delta.sum(axis=(0, 2))
            return dx
        """))

wrong("dx not cleared while the shape stays", "3.1.2 3.5",
      "The array for dx is kept from call to call and added to, if its shape is right.",
      "your dx is added to that of an earlier call",
      swap(CONV, "        dx = np.zeros(self.x.shape)\n", """
        if not hasattr(self, 'dx') or self.dx.shape != self.x.shape:
            self.dx = np.zeros(self.x.shape)
        dx = self.dx
"""))

wrong("hidden sums", "3.1.2 3.5",
      "The gradients are added up elsewhere and copied to dW and db: zeroing these does nothing.",
      "wrong: dW after zeros as zero_grads does, db after zeros as zero_grads does",
      swap(CONV, "        self.db = np.zeros(self.b.shape)\n", """\
        self.db = np.zeros(self.b.shape)
        self.sum_W = np.zeros(self.W.shape)
        self.sum_b = np.zeros(self.b.shape)
"""),
      swap(CONV, "self.dW[o] += (d * seg)", "self.sum_W[o] += (d * seg)"),
      swap(CONV, "        self.db += delta.sum(axis=(0, 2))\n", """\
        self.sum_b += delta.sum(axis=(0, 2))
        self.dW, self.db = self.sum_W.copy(), self.sum_b.copy()
"""))

wrong("hidden sums under two names", "3.1.2",
      "dW and db are names of the sums: assigning new zeros to them does not clear these.",
      "your dW after zeros by new arrays and db after zeros by new arrays are each",
      swap(CONV, "        self.db = np.zeros(self.b.shape)\n", """\
        self.db = np.zeros(self.b.shape)
        self.grads = self.dW, self.db
"""),
      swap(CONV, "        dx = np.zeros(self.x.shape)\n", """\
        self.dW, self.db = self.grads
        dx = np.zeros(self.x.shape)
"""))


# Convolution: how it starts, and what it keeps

wrong("seed set in every layer", "3.1.1 3.5",
      "The random state is set for W and restored: every layer of a shape gets the same W.",
      "W is the same in every layer: expected False, not True",
      swap(CONV, "        self.in_channel = in_channel\n", """\
        state = np.random.get_state()
        np.random.seed(11785)
        self.in_channel = in_channel
"""),
      swap(CONV, "        self.dW = np.zeros(self.W.shape)\n", """\
        np.random.set_state(state)
        self.dW = np.zeros(self.W.shape)
"""))

wrong("weight function only with the other", "3.1.1",
      "weight_init_fn is used only if bias_init_fn is given too.",
      "your W where only weight_init_fn is given is not the same as your W of",
      swap(CONV, "kernel_size)) if weight_init_fn is None else",
           "kernel_size)) if weight_init_fn is None or bias_init_fn is None else"))

wrong("bias function only with the other", "3.1.1",
      "bias_init_fn is used only if weight_init_fn is given too.",
      "your b where only bias_init_fn is given",
      swap(CONV, "if bias_init_fn is None else",
           "if weight_init_fn is None or bias_init_fn is None else"))

wrong("weights made once for a shape", "3.1.1 3.5",
      "weight_init_fn is called once for each shape: layers of that shape share the array.",
      "W of weight_init_fn is the same in every layer: expected False, not True",
      swap(CONV, "class Conv1D():\n", "class Conv1D():\n    made = {}\n\n"),
      swap(CONV, "        self.b = np.zeros(out_channel)", """\
        if weight_init_fn is not None:
            self.W = Conv1D.made.setdefault((weight_init_fn, self.W.shape), self.W)
        self.b = np.zeros(out_channel)"""))

wrong("batch written over a size", "3.1.1",
      "forward unpacks the shape of x into the layer's own attribute: in_channel is the batch.",
      "in_channel: expected 2, not 3",
      swap(CONV, "n, _, w = x.shape",
           "self.in_channel, _, w = x.shape\n        n = self.in_channel"))

wrong("b turned into a column", "3.1.1",
      "The first forward turns b into a column for good, and db keeps its own shape.",
      "wrong: b.shape",
      swap(CONV, "        self.x = x\n        n, _, w", """\
        self.x = x
        self.b = self.b.reshape(-1, 1)
        n, _, w"""),
      swap(CONV, "+ self.b[o]", "+ self.b[o, 0]"))


# Convolution: layouts and integers

wrong("x read in the order of its memory", "3.1.1 3.1.2 3.3 3.4",
      "x is flattened in the order of its memory, which is not that of its axes if transposed.",
      "it fails only where x is not laid out in C order",
      swap(CONV, "        self.x = x\n        n, _, w", """\
        x = x.ravel(order='K').reshape(x.shape)
        self.x = x
        n, _, w"""))

wrong("delta read in the order of its memory", "3.1.2",
      "delta is flattened in the order of its memory, which is not that of its axes if transposed.",
      "wrong: dx, dW, db",
      swap(CONV, "        dx = np.zeros(self.x.shape)\n", """\
        delta = delta.ravel(order='K').reshape(delta.shape)
        dx = np.zeros(self.x.shape)
"""))

wrong("W read in the order of its memory", "3.1.1 3.3 3.4",
      "W is flattened in the order of its memory, which is not that of its axes if transposed.",
      "it fails only where W is not laid out in C order",
      *COLUMNS,
      swap(CONV, "kernels = self.W.reshape(self.out_channel, -1)",
           "kernels = self.W.ravel(order='K').reshape(self.out_channel, -1)"))

wrong("output of the type of W", "3.1.1 3.3 3.4",
      "The output is an array of the type of W, so integer weights cut it to integers.",
      "your output is cut to integers where W is integers",
      swap(CONV, "np.zeros((n, self.out_channel, T))",
           "np.zeros((n, self.out_channel, T), dtype=self.W.dtype)"))

wrong("output begun with b", "3.1.1",
      "The output begins as copies of b and has their type, so an integer b cuts it to integers.",
      "cut to integers, where it fails; it fails just where b is integers",
      swap(CONV, "out = np.zeros((n, self.out_channel, T))",
           "out = np.tile(self.b[:, None], (n, 1, T))"),
      swap(CONV, "out[:, o, t] = np.sum(seg * self.W[o], axis=(1, 2)) + self.b[o]",
           "out[:, o, t] = out[:, o, t] + np.sum(seg * self.W[o], axis=(1, 2))"))


# The layers of homework 1 and Flatten

wrong("linear x in the class", "3.5",
      "x is kept in the class, so that backward finds that of the layer which was called last.",
      "ValueError: shapes (12,3) and (5,4) not aligned: 3 (dim 1) != 5 (dim 0)",
      swap(LINEAR, "        self.x = x\n", "        Linear.x = x\n"))

wrong("linear b kept until W changes", "3.5",
      "The linear layer looks at b only together with a new W.",
      "wrong: logits with new biases, dx with new biases, loss with new biases",
      swap(LINEAR, "        return x.dot(self.W) + self.b\n", """\
        if getattr(self, 'seen', None) is not self.W:
            self.seen, self.bias = self.W, self.b
        return x.dot(self.W) + self.bias
"""))

wrong("flatten shape in the class", "3.2 3.5",
      "The shape is kept in the class, so that backward finds that of the Flatten called last.",
      "ValueError: cannot reshape array of size 20 into shape (5,1,7)",
      swap(CONV, "        self.s = x.shape\n        return x.reshape(self.s[0], -1)\n", """\
        Flatten.s = x.shape
        return x.reshape(Flatten.s[0], -1)
"""))

wrong("tanh state in the class", "3.2 3.5",
      "The state of Tanh is kept in the class, so that all its activations share it.",
      "it fails just where the activation is Tanh",
      swap(ACTIVATION, "self.state = np.tanh(x)\n        return self.state",
           "Tanh.last = np.tanh(x)\n        return Tanh.last"),
      swap(ACTIVATION, "return 1 - self.state ** 2", "return 1 - Tanh.last ** 2"))

wrong("sigmoid derivative of the first state", "3.2 3.5",
      "The derivative is computed once and kept while the state's shape stays.",
      "it fails just where the activation is Sigmoid",
      swap(ACTIVATION, "        return self.state * (1 - self.state)\n", """\
        if not hasattr(self, 'slope') or self.slope.shape != self.state.shape:
            self.slope = self.state * (1 - self.state)
        return self.slope
"""))

wrong("criterion softmax in the class", "3.2",
      "The softmax is kept in the class, so that all criteria share it.",
      "right: loss for another x, loss; wrong: derivative()",
      swap(LOSS, "        self.p = e /", "        SoftmaxCrossEntropy.p = e /"))


# The scanning MLPs

wrong("simple convolutions in the class", "3.3",
      "The convolutions belong to the class: a second network gives its weights to the first.",
      "your output is the same as your output of another network, and should not be",
      define(SCAN, SIMPLE + ".__init__", """
        conv1 = Conv1D(24, 8, 8, 4)
        conv2 = Conv1D(8, 16, 1, 1)
        conv3 = Conv1D(16, 4, 1, 1)

        def __init__(self):
            self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]
        """))

wrong("simple weights only once", "3.3",
      "A second init_weights is ignored.",
      "your output with other weights is the same as your output, and should not be",
      define(SCAN, SIMPLE + ".init_weights", """
        def init_weights(self, weights):
            if hasattr(self, 'weights'):
                return
            self.weights = w1, w2, w3 = weights
            self.conv1.W = w1.T.reshape(8, 8, 24).transpose(0, 2, 1)
            self.conv2.W = w2.T.reshape(16, 1, 8).transpose(0, 2, 1)
            self.conv3.W = w3.T.reshape(4, 1, 16).transpose(0, 2, 1)
        """))

wrong("distributed weights added", "3.4",
      "W is set to zero in the constructor and added to: a second init_weights adds to the first.",
      "wrong: output with other weights",
      define(SCAN, DISTRIBUTED + ".__init__", """
        def __init__(self):
            self.conv1 = Conv1D(24, 2, 2, 2)
            self.conv2 = Conv1D(2, 8, 2, 2)
            self.conv3 = Conv1D(8, 4, 2, 1)
            for conv in self.conv1, self.conv2, self.conv3:
                conv.W = np.zeros(conv.W.shape)
            self.layers = [self.conv1, ReLU(), self.conv2, ReLU(), self.conv3, Flatten()]
        """),
      define(SCAN, DISTRIBUTED + ".init_weights", """
        def init_weights(self, weights):
            w1, w2, w3 = weights
            self.conv1.W += w1[:48, :2].T.reshape(2, 2, 24).transpose(0, 2, 1)
            self.conv2.W += w2[:4, :8].T.reshape(8, 2, 2).transpose(0, 2, 1)
            self.conv3.W += w3.T.reshape(4, 2, 8).transpose(0, 2, 1)
        """))

wrong("distributed only lists and tuples", "3.4",
      "Whatever is not a list or a tuple is refused, so the course's object array is.",
      "it fails just where the weights come as an object array",
      swap(SCAN, """\
        w1, w2, w3 = weights
        self.conv1.W = w1[:48, :2]""", """\
        if not isinstance(weights, (list, tuple)):
            raise TypeError('weights have to be a list')
        w1, w2, w3 = weights
        self.conv1.W = w1[:48, :2]"""))

wrong("simple only floats", "3.3",
      "The bytes of the matrices are read as floats, also where they are integers.",
      "your output holds NaN, which is not a number",
      swap(SCAN, """\
        w1, w2, w3 = weights
        self.conv1.W = w1.T""", """\
        w1, w2, w3 = [np.frombuffer(w.tobytes()).reshape(w.shape) for w in weights]
        self.conv1.W = w1.T"""))

wrong("simple without its convolutions", "3.3",
      "forward computes with the matrices themselves: the convolutions have W and do nothing.",
      "and output with conv3.W doubled are each half the right one",
      define(SCAN, SIMPLE + ".init_weights", """
        def init_weights(self, weights):
            self.weights = w1, w2, w3 = weights
            self.conv1.W = w1.T.reshape(8, 8, 24).transpose(0, 2, 1)
            self.conv2.W = w2.T.reshape(16, 1, 8).transpose(0, 2, 1)
            self.conv3.W = w3.T.reshape(4, 1, 16).transpose(0, 2, 1)
        """),
      define(SCAN, SIMPLE + ".forward", """
        def forward(self, x):
            w1, w2, w3 = self.weights
            positions = []
            for t in range(0, x.shape[2] - 7, 4):
                out = x[:, :, t:t + 8].transpose(0, 2, 1).reshape(len(x), -1).dot(w1)
                out = np.maximum(np.maximum(out, 0).dot(w2), 0).dot(w3)
                positions.append(out)
            return np.stack(positions, axis=2).reshape(len(x), -1)
        """))

wrong("distributed first x kept", "3.4",
      "The pieces of x are cut at the first forward, and every later one uses them again.",
      "your output for another x is the same as your output, and should not be",
      define(SCAN, DISTRIBUTED + ".forward", """
        def forward(self, x):
            if not hasattr(self, 'x'):
                self.x = x
            out = self.x
            for layer in self.layers:
                out = layer(out)
            return out
        """))


# The CNN

wrong("cnn bias function not handed on", "3.5",
      "The convolutions are made without bias_init_fn, so their biases start as zeros.",
      "your convolutional_layers[0].b, convolutional_layers[1].b and 3 others are each",
      swap(CNN, "strides[i], conv_weight_init_fn, bias_init_fn)",
           "strides[i], conv_weight_init_fn)"))

wrong("cnn bias and weight functions exchanged", "3.5",
      "The convolutions get the two functions in the wrong order.",
      "<lambda>() takes 1 positional argument but 3 were given",
      swap(CNN, "strides[i], conv_weight_init_fn, bias_init_fn)",
           "strides[i], bias_init_fn, conv_weight_init_fn)"))

wrong("cnn kernels and strides reordered", "3.5",
      "The constructor takes strides before kernel_sizes.",
      "convolutional_layers[0].W: expected shape (4, 2, 1), not (4, 2, 3)",
      swap(CNN, "num_channels, kernel_sizes, strides, num_linear_neurons,",
           "num_channels, strides, kernel_sizes, num_linear_neurons,"))

wrong("cnn lr before criterion", "3.5",
      "The constructor takes lr before criterion.",
      "lr: expected a number, not a value of type SoftmaxCrossEntropy",
      swap(CNN, "linear_weight_init_fn, criterion, lr):", "linear_weight_init_fn, lr, criterion):"))

wrong("cnn derivatives by class", "3.5",
      "backward knows the course's activations and takes 1 as the derivative of any other.",
      "it fails just where the activations and the criterion are not the course's",
      swap(CNN, "            grad = grad * self.activations[i].derivative()\n", """\
            if isinstance(self.activations[i], (Tanh, ReLU, Sigmoid, Identity)):
                grad = grad * self.activations[i].derivative()
"""))

wrong("cnn no more than four", "3.5",
      "forward goes through four convolutions at most.",
      "it fails just where there are 5 convolutions",
      swap(CNN, "for i in range(self.nlayers):\n            x =",
           "for i in range(min(self.nlayers, 4)):\n            x ="))

wrong("cnn three activations of figure 4", "3.5",
      "Three convolutions get the activations of Figure 4, whatever ones are given.",
      "it fails just where there are 3 convolutions",
      swap(CNN, "        self.activations = activations\n", """\
        self.activations = activations
        if self.nlayers == 3:
            self.activations = [Tanh(), ReLU(), Sigmoid()]
"""))

wrong("cnn convolutions made once for a size", "3.5",
      "Convolutions are kept by their sizes: equal ones, also of two networks, are one object.",
      "W and b that are not another layer's too: expected 16",
      swap(CNN, "class CNN(object):\n", "MADE = {}\n\n\nclass CNN(object):\n"),
      swap(CNN, "        w = input_width\n", """\
        for i, conv in enumerate(self.convolutional_layers):
            sizes = chans[i], chans[i + 1], kernel_sizes[i], strides[i]
            self.convolutional_layers[i] = MADE.setdefault(sizes, conv)
        w = input_width
"""))

wrong("cnn batch of one squeezed", "3.5",
      "The logits lose their axes of length 1, so that a batch of one is no batch any more.",
      "it fails just where the batch is 1",
      swap(CNN, "self.output = self.linear_layer(self.flatten(x))",
           "self.output = np.squeeze(self.linear_layer(self.flatten(x)))"))

wrong("cnn output in the class", "3.5",
      "The logits are kept in the class, so that backward starts from another network's.",
      "operands could not be broadcast together with shapes (3,12) (5,4)",
      swap(CNN, """\
        self.output = self.linear_layer(self.flatten(x))
        return self.output
""", """\
        CNN.output = self.linear_layer(self.flatten(x))
        return CNN.output
"""))

wrong("cnn loss in the class", "3.5",
      "The loss is kept in the class: another network's backward changes it.",
      "your loss after another network's backward is the same as your loss of a network",
      swap(CNN, "self.loss = self.criterion", "CNN.loss = self.criterion"))

wrong("cnn depth in the class", "3.5",
      "nlayers is kept in the class: it is that of the network which was made last.",
      "nlayers: expected ",
      swap(CNN, "self.nlayers = len(num_channels)", "CNN.nlayers = len(num_channels)"))

wrong("cnn labels of the first backward", "3.5",
      "The labels are kept from the first backward while their shape stays.",
      "wrong: loss, linear_layer.dW, linear_layer.db, convolutional_layers[0].dW",
      swap(CNN, "        m, _ = labels.shape\n", """\
        if not hasattr(self, 'labels') or self.labels.shape != labels.shape:
            self.labels = labels
        labels = self.labels
"""))

wrong("cnn logits of the first forward", "3.5",
      "backward starts from the logits of the first forward while their shape stays.",
      "your loss with new weights still uses old ones",
      swap(CNN, """\
        self.output = self.linear_layer(self.flatten(x))
        return self.output
""", """\
        out = self.linear_layer(self.flatten(x))
        if not hasattr(self, 'output') or self.output.shape != out.shape:
            self.output = out
        return out
"""))

wrong("cnn derivative of the first backward", "3.5",
      "The criterion's derivative is asked for once and kept while its shape stays.",
      "your linear_layer.db is that of the pass before",
      swap(CNN, "        grad = self.criterion.derivative()\n", """\
        if not hasattr(self, 'grad') or self.grad.shape != self.output.shape:
            self.grad = self.criterion.derivative()
        grad = self.grad
"""))

wrong("cnn inputs in a global", "3.5",
      "Each layer's output is kept in a global list, which all networks share.",
      "operands could not be broadcast together with shapes (5,4,6) (3,6,2)",
      swap(CNN, "class CNN(object):\n", "STATES = {}\n\n\nclass CNN(object):\n"),
      swap(CNN, "            x = self.activations[i](self.convolutional_layers[i](x))\n", """\
            x = STATES[i] = self.activations[i](self.convolutional_layers[i](x))
"""),
      swap(CNN, "            grad = grad * self.activations[i].derivative()\n", """\
            self.activations[i].state = STATES[i]
            grad = grad * self.activations[i].derivative()
"""))

wrong("cnn without its criterion", "3.5",
      "The attribute is called loss_fn, where the constructor's is criterion.",
      "has criterion: expected True, not False",
      swap(CNN, "self.criterion = criterion", "self.loss_fn = criterion"),
      swap(CNN, "self.criterion(self.output, labels)", "self.loss_fn(self.output, labels)"),
      swap(CNN, "self.criterion.derivative()", "self.loss_fn.derivative()"))

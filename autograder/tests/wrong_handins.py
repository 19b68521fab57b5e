"""Ordinary wrong hand-ins: each a small change to one file of the correct one, kept as data.

An entry names the file, the mistake that must be diagnosed (or None), the sections that must
lose, words of the feedback, and the change: (old, new) text, or code appended by `wrap` or alone.
"""
from collections import namedtuple

Wrong = namedtuple("Wrong", "name file loses words mistake change")
WRONG = []


def wrong(file, name, loses, words, mistake, change):
    WRONG.append(Wrong(name, file, loses.split(), words, mistake, change))


def wrap(method, arguments, body):
    """Code that replaces a method by one that may call the right one as right(self, ...)."""
    lines = "".join("    %s\n" % line for line in body.split("\n"))
    return "\n\ndef _changed(self, %s, right=%s):\n%s\n%s = _changed\n" % (
        arguments, method, lines, method) if arguments else (
        "\n\ndef _changed(self, right=%s):\n%s\n%s = _changed\n" % (method, lines, method))


def conv(*entry):
    wrong("mytorch/conv.py", *entry)


FORWARD, BACKWARD = "3.1.1 3.3 3.4 3.5", "3.1.2 3.3 3.4 3.5"
OUT = "axes=([1, 2], [1, 2])) + self.b"
ADD_DX = "dx[:, :, start:start + self.kernel_size] += np.tensordot"
conv("bias forgotten", "3.1.1 3.5", "output", "bias_forgotten", (") + self.b", ")"))
conv("bias added twice", "3.1.1 3.5", "output", "bias_added_twice", (") + self.b", ") + 2 * self.b"))
conv("bias subtracted", "3.1.1 3.5", "output", "bias_subtracted", (") + self.b", ") - self.b"))
conv("only the first bias", "3.1.1 3.5", "output", "first_bias_only", (") + self.b", ") + self.b[0]"))
conv("kernel flipped", "3.1.1 3.3 3.4 3.5", "output", "kernel_flipped",
     ("window, self.W, axes", "window, self.W[:, :, ::-1], axes"))
conv("channels reversed", FORWARD, "output", "channels_reversed",
     ("window, self.W, axes", "window, self.W[:, ::-1], axes"))
conv("first channel only", FORWARD, "output", "first_channel_only",
     ("window, self.W, axes=([1, 2], [1, 2]))", "window[:, :1], self.W[:, :1], axes=([1, 2], [1, 2]))"))
conv("output averaged over the window", FORWARD, "output", "output_averaged",
     (") + self.b", ") / window[0].size + self.b"))
conv("last window missing", FORWARD, "output", "last_window_zero",
     ("for t in range(out_width):\n            start = t * self.stride\n            window = x[",
      "for t in range(out_width - 1):\n            start = t * self.stride\n            window = x["))
conv("out_width one short", "3.1.1 3.3 3.4 3.5", "shape", "out_width_short",
     ("self.stride + 1", "self.stride"))
conv("out_width rounded up", "3.1.1 3.1.2 3.2 3.3 3.4 3.5", "shape", None,
     ("(in_width - self.kernel_size) // self.stride + 1", "-(-(in_width - self.kernel_size) // self.stride) + 1"))
conv("windows ignore the stride", FORWARD, "output", "stride_ignored",
     ("start = t * self.stride\n            window = x[", "start = t\n            window = x["))
conv("only the first sample", "3.1.1 3.3 3.4 3.5", "output", "first_sample_only",
     ("        return out\n", "        out[1:] = 0\n        return out\n"))
conv("every sample the first", FORWARD, "output", "first_sample_repeated",
     ("        return out\n", "        out[:] = out[:1].copy()\n        return out\n"))
conv("output transposed", FORWARD, "hint", "axes_swapped",
     ("        return out\n", "        return out.transpose(0, 2, 1)\n"))
conv("output flattened", FORWARD, "shape", None, ("        return out\n", "        return out.reshape(len(out), -1)\n"))
conv("output a list", FORWARD + " 3.2", "the list", None, ("        return out\n", "        return out.tolist()\n"))
conv("nothing returned", FORWARD + " 3.2", "None", "nothing_returned", ("        return out\n", ""))
conv("output in float32", FORWARD, "dtype", "computed_in_float32",
     ("dtype = np.result_type(x, self.W, np.float32)", "dtype = np.float32"))
conv("computed in float32", FORWARD, "output", "computed_in_float32",
     ("        return out\n", "        return out.astype(np.float32).astype(dtype)\n"))
conv("output accumulated in x's memory", FORWARD + " 3.1.2 3.2", "argument x", "argument_changed",
     ("        return out\n", "        x *= 2\n        return out\n"))
conv("weights changed in forward", FORWARD + " 3.1.2", "argument W", "argument_changed",
     ("        self.x = x\n", "        self.x = x\n        self.W -= 0.001 * self.W\n"))
conv("W transposed to (in, out, kernel)", "3.1.1", "shape", None,
     ("np.random.normal(0, 1, (out_channel, in_channel, kernel_size))",
      "np.random.normal(0, 1, (in_channel, out_channel, kernel_size))"))
conv("W uniform", "3.1.1", "W:", None, ("np.random.normal(0, 1, (", "np.random.uniform(-1, 1, ("))
conv("W from a generator of its own", "3.1.1", "W:", None, ("np.random.normal(", "np.random.default_rng(0).normal("))
conv("b initially one", "3.1.1 3.3 3.4", "b:", "bias_not_zero", ("self.b = np.zeros(", "self.b = np.ones("))
conv("weight_init_fn in another order", "3.1.1 3.5", "weight_init_fn", None,
     ("weight_init_fn(out_channel, in_channel, kernel_size)", "weight_init_fn(in_channel, out_channel, kernel_size)"))
conv("bias_init_fn ignored", "3.1.1 3.5", "bias_init_fn", "init_fn_ignored",
     ("bias_init_fn(out_channel)", "np.zeros(out_channel)"))
conv("weight_init_fn ignored", "3.1.1 3.2 3.5", "weight_init_fn", None,
     ("if weight_init_fn is None", "if True"))
conv("dW None before backward", "3.1.1", "dW", None, ("self.dW = np.zeros(self.W.shape)", "self.dW = None"))
conv("db of the wrong shape before backward", "3.1.1", "db", None, ("self.db = np.zeros(self.b.shape)", "self.db = np.zeros((1,) + self.b.shape)"))
conv("only the first call counts", "3.1.1 3.3 3.4 3.5", "again", "left_over",
     wrap("Conv1D.forward", "x", "if not hasattr(self, 'old'):\n    self.old = right(self, x)\nself.x = x\nreturn self.old"))
conv("W shared by all instances", FORWARD, "kept from it", "left_over",
     wrap("Conv1D.forward", "x", "Conv1D.first = getattr(Conv1D, 'first', {})\nW = Conv1D.first.setdefault(self.W.shape + x.shape, self.W)\nmine, self.W = self.W, W\nout = right(self, x)\nself.W = mine\nreturn out"))
conv("calls not forwarded", FORWARD + " 3.1.2 3.2", "TypeError", None, ("    def __call__(self, x):\n        return self.forward(x)\n\n    def forward(self, x):\n        self.x = x",
     "    def forward(self, x):\n        self.x = x"))
conv("forward unfinished", "3.1.1 3.1.2 3.2 3.3 3.4 3.5", "not implemented", "not_implemented", wrap("Conv1D.forward", "x", "raise NotImplementedError"))
conv("backward unfinished", BACKWARD + " 3.2", "not implemented", "not_implemented", wrap("Conv1D.backward", "delta", "raise NotImplementedError"))
conv("in_channel by another name", "3.1.1 3.3 3.4", "AttributeError", None, ("self.in_channel = in_channel", "self.in_channels = in_channel"))
for what, result in ("dW", "dW"), ("db", "db"):
    own = "3.1.2 3.5"
    conv(what + " averaged over the batch", own, result, "averaged_over_batch",
         ("        return dx\n", "        self.%s /= batch_size\n        return dx\n" % what))
    conv(what + " averaged over the positions", own, result, "averaged_over_positions",
         ("        return dx\n", "        self.%s /= out_width\n        return dx\n" % what))
    conv(what + " accumulates", "3.1.2 3.2" if what == "dW" else "3.1.2", result, "accumulated", wrap("Conv1D.backward", "delta",
         "before = self.%s\ndx = right(self, delta)\nself.%s = self.%s + before\nreturn dx" % (what, what, what)))
    conv(what + " with the sign flipped", own, result, "sign_flipped",
         ("        return dx\n", "        self.%s = -self.%s\n        return dx\n" % (what, what)))
    conv(what + " never set", own + " 3.2" * (what == "dW"), result, "stays_zero", wrap("Conv1D.backward", "delta",
         "before = self.%s\ndx = right(self, delta)\nself.%s = before\nreturn dx" % (what, what)))
    conv(what + " of the first sample only", own, result, "gradient_of_first_sample", wrap("Conv1D.backward", "delta",
         "dx = right(self, delta)\nkept, x, db, dW = delta[:1], self.x, self.db, self.dW\nself.x = x[:1]\nright(self, kept)\nself.x = x\nself.%s = %s\nreturn dx" % (
             ("db", "dW") [what == "db"], ("db", "dW")[what == "db"])))
conv("db summed over the batch only", "3.1.2 3.5", "shape", None, ("np.sum(delta, axis=(0, 2))", "np.sum(delta, axis=0)"))
conv("db with kept dimensions", "3.1.2 3.5", "shape", None, ("axis=(0, 2))", "axis=(0, 2), keepdims=True)"))
conv("dW flipped", "3.1.2 3.5", "dW", "dW_flipped", ("        return dx\n", "        self.dW = self.dW[:, :, ::-1]\n        return dx\n"))
conv("dW transposed", "3.1.2 3.5", "axes", "axes_swapped", ("        return dx\n", "        self.dW = self.dW.swapaxes(0, 1)\n        return dx\n"))
conv("overlapping windows overwritten", "3.1.2 3.3 3.4 3.5", "dx", "overlap_overwritten", (ADD_DX, ADD_DX.replace("+=", "=")))
conv("dx with the kernel flipped", BACKWARD, "dx", "dx_kernel_flipped", ("delta[:, :, t], self.W, axes", "delta[:, :, t], self.W[:, :, ::-1], axes"))
conv("dx averaged over the batch", BACKWARD, "dx", "averaged_over_batch", ("        return dx\n", "        return dx / batch_size\n"))
conv("dx without the last window", BACKWARD, "dx", "last_window_without_gradient", ("        return dx\n", "        again = [self.dW, self.db]\n        if out_width > 1:\n            dx[:, :, start:start + self.kernel_size] -= np.tensordot(delta[:, :, t], self.W, axes=([1], [0]))\n        else:\n            dx[:] = 0\n        self.dW, self.db = again\n        return dx\n"))
conv("dx in the first sample only", BACKWARD, "dx", "first_sample_only", ("        return dx\n", "        dx[1:] = 0\n        return dx\n"))
conv("dx cut after the last window", "3.1.2 3.3 3.4 3.5", "shape", "leftover_cut", ("        return dx\n", "        return dx[:, :, :start + self.kernel_size]\n"))
conv("leftovers take the last gradient", "3.1.2 3.3 3.4 3.5", "dx", "leftover_filled", ("        return dx\n", "        dx[:, :, start + self.kernel_size:] = dx[:, :, start + self.kernel_size - 1:start + self.kernel_size]\n        return dx\n"))
conv("dx ignores the stride", BACKWARD, "dx", "stride_ignored_in_dx", (ADD_DX, ADD_DX.replace("start:start", "t:t")))
conv("dx with the sign flipped", BACKWARD, "dx", "sign_flipped", ("        return dx\n", "        return -dx\n"))
conv("dx not returned", BACKWARD + " 3.2", "None", "nothing_returned", ("        return dx\n", ""))
conv("delta changed in place", "3.1.2 3.2 3.3 3.4", "argument delta", "argument_changed", ("        return dx\n", "        delta *= 2\n        return dx\n"))
conv("gradients in float32", BACKWARD, "dx", "computed_in_float32", ("        return dx\n", "        return dx.astype(np.float32).astype(dx.dtype)\n"))
conv("x of another layer", BACKWARD, "dW", None, ("        self.x = x\n", "        Conv1D.x = x\n"))
conv("dW always float64", "3.2", "dW", None, ("self.dW = np.zeros(self.W.shape, delta.dtype)", "self.dW = np.zeros(self.W.shape)"))
conv("Flatten width-major", "3.2 3.3 3.4 3.5", "output", "flattened_width_major", ("x.reshape(x.shape[0], x.shape[1] * x.shape[2])", "x.transpose(0, 2, 1).reshape(x.shape[0], -1)"))
conv("Flatten the batch too", "3.2 3.3 3.4 3.5", "shape", None, ("x.reshape(x.shape[0], x.shape[1] * x.shape[2])", "x.reshape(-1)"))
conv("Flatten back in another order", "3.2 3.3 3.4 3.5", "dx", "unflattened_width_major", ("return delta.reshape(self.shape)", "return delta.reshape(self.shape[0], self.shape[2], self.shape[1]).transpose(0, 2, 1)"))
conv("Flatten backward does nothing", "3.2 3.3 3.4 3.5", "shape", None, ("return delta.reshape(self.shape)", "return delta"))
conv("Flatten shape shared", "3.2", "reshape", None, ("self.shape = x.shape", "Flatten.shape = x.shape"))


def linear(name, words, mistake, method, body, loses="3.2 3.5"):
    wrong("mytorch/linear.py", name, loses, words, mistake,
          wrap("Linear." + method, {"forward": "x", "backward": "delta", "__init__": "*args"}[method], body))


linear("linear bias forgotten", "output", "bias_forgotten", "forward", "return right(self, x) - self.b")
linear("linear bias twice", "output", "bias_added_twice", "forward", "return right(self, x) + self.b")
linear("linear dW summed", "dW", "summed_over_batch", "backward", "dx = right(self, delta)\nself.dW = self.dW * len(delta)\nreturn dx")
linear("linear db summed", "db", "summed_over_batch", "backward", "dx = right(self, delta)\nself.db = self.db * len(delta)\nreturn dx")
linear("linear dW averaged over outputs", "dW", None, "backward", "dx = right(self, delta)\nself.dW = self.dW * len(delta) / delta.shape[1]\nreturn dx")
linear("linear dW transposed", "axes", "axes_swapped", "backward", "dx = right(self, delta)\nself.dW = self.dW.T\nreturn dx")
linear("linear dx averaged", "dx", "averaged_over_batch", "backward", "return right(self, delta) / len(delta)")
linear("linear dx sign", "dx", "sign_flipped", "backward", "return -right(self, delta)")
linear("linear dx not returned", "None", "nothing_returned", "backward", "right(self, delta)")
linear("linear gradients accumulate", "dW", "linear_accumulated", "backward", "old = self.dW\ndx = right(self, delta)\nself.dW = self.dW + old\nreturn dx", "3.2")
linear("linear without momentum_W", "momentum_W", None, "__init__", "right(self, *args)\ndel self.momentum_W", "3.2")
linear("linear momentum_b of ones", "momentum_b", None, "__init__", "right(self, *args)\nself.momentum_b = self.momentum_b + 1", "3.2")
linear("linear b as a row", "b:", None, "__init__", "right(self, *args)\nself.b = self.b.reshape(1, -1)", "3.2")
linear("linear computed in float32", "output", "computed_in_float32", "forward", "return right(self, x).astype(np.float32).astype(x.dtype)")
linear("linear x changed in place", "argument x", "argument_changed", "forward", "x += 1\nreturn right(self, x)")


def activation(name, loses, words, mistake, method, arguments, body):
    wrong("mytorch/activation.py", name, loses, words, mistake, wrap(method, arguments, body))


activation("sigmoid derivative at the input", "3.2 3.5", "derivative", None, "Sigmoid.derivative", "", "y = self.state\nx = np.log(np.maximum(y, 1e-300)) - np.log(np.maximum(1 - y, 1e-300))\nreturn x * (1 - x)")
activation("sigmoid derivative is the state", "3.2 3.5", "derivative", "derivative_is_output", "Sigmoid.derivative", "", "return self.state")
activation("sigmoid overflows", "3.2", "RuntimeWarning", None, "Sigmoid.forward", "x", "self.state = 1 / (1 + np.exp(-x))\nreturn self.state")
activation("tanh derivative without the square", "3.2 3.5", "derivative", "square_forgotten", "Tanh.derivative", "state=None", "return 1 - (self.state if state is None else state)")
activation("tanh ignores the given state", "3.2", "derivative(state)", "state_ignored", "Tanh.derivative", "state=None", "return right(self)")
activation("relu is leaky", "3.2 3.3 3.4 3.5", "output", "relu_leaky", "ReLU.forward", "x", "right(self, x)\nself.state = np.where(x > 0, x, 0.01 * x)\nreturn self.state")
activation("relu derivative 1 at 0", "3.2", "derivative", "relu_one_at_zero", "ReLU.derivative", "", "return (self.state >= 0) * 1.0")
activation("relu backward passes everything", "3.2 3.3 3.4 3.5", "backward", "delta_passed_on", "ReLU.backward", "delta", "return delta")
activation("identity derivative zero", "3.2 3.5", "derivative", None, "Identity.derivative", "", "return 0.0")
activation("state not kept", "3.2 3.5", "state", None, "Tanh.forward", "x", "return np.tanh(x)")
activation("backward forgets delta", "3.2 3.5", "backward", "delta_forgotten", "Activation.backward", "delta", "return self.derivative() * np.ones_like(delta)")


def loss(name, loses, words, mistake, method, arguments, body):
    wrong("mytorch/loss.py", name, loses, words, mistake, wrap("SoftmaxCrossEntropy." + method, arguments, body))


loss("loss averaged", "3.2 3.5", "forward", None, "forward", "x, y", "self.loss = right(self, x, y).mean()\nreturn self.loss")
loss("loss sign", "3.2 3.5", "forward", "sign_flipped", "forward", "x, y", "self.loss = -right(self, x, y)\nreturn self.loss")
loss("loss derivative averaged", "3.2 3.5", "derivative", "averaged_over_batch", "derivative", "", "return right(self) / len(self.logits)")
loss("loss derivative reversed", "3.2 3.5", "derivative", "sign_flipped", "derivative", "", "return -right(self)")
loss("loss derivative without labels", "3.2 3.5", "derivative", "labels_forgotten", "derivative", "", "return right(self) + self.labels")
loss("softmax overflows", "3.2", "RuntimeWarning", None, "forward", "x, y", "right(self, x, y)\ne = np.exp(x)\nself.loss = -(y * np.log(e / e.sum(axis=1, keepdims=True))).sum(axis=1)\nreturn self.loss")
loss("loss not kept", "3.2", "loss", None, "forward", "x, y", "result = right(self, x, y)\nself.loss = None\nreturn result")


def norm(name, words, mistake, method, body):
    wrong("mytorch/batchnorm.py", name, "3.2", words, mistake,
          wrap("BatchNorm." + method, {"forward": "x, eval=False", "backward": "delta", "__init__": "*args"}[method], body))


norm("batchnorm alpha swapped", "running_mean", "alpha_swapped", "forward", "self.alpha = 1 - self.alpha\ny = right(self, x, eval)\nself.alpha = 1 - self.alpha\nreturn y")
norm("batchnorm unbiased variance", "var", "variance_unbiased", "forward", "y = right(self, x, eval)\nif not eval:\n    self.var = x.var(axis=0, ddof=1, keepdims=True)\nreturn y")
norm("batchnorm eval ignored", "eval", None, "forward", "return right(self, x)")
norm("batchnorm beta forgotten", "output", "beta_forgotten", "forward", "return right(self, x, eval) - self.beta")
norm("batchnorm dgamma averaged", "dgamma", "averaged_over_batch", "backward", "dx = right(self, delta)\nself.dgamma = self.dgamma / len(delta)\nreturn dx")
norm("batchnorm dbeta averaged", "dbeta", "averaged_over_batch", "backward", "dx = right(self, delta)\nself.dbeta = self.dbeta / len(delta)\nreturn dx")
norm("batchnorm dx as if mean were constant", "dx", "mean_and_variance_constant", "backward", "right(self, delta)\nreturn delta * self.gamma * self.inv_std")
norm("batchnorm eps of torch", "eps", None, "__init__", "right(self, *args)\nself.eps = 1e-5")


def mc(number, answer):
    wrong("hw2/mc.py", "question %d %r" % (number, answer), "2", "question_%d()" % number, None,
          "\n\ndef question_%d():\n    return %r\n" % (number, answer))


for number, answer in (1, "a"), (2, "D"), (3, None), (4, " a"), (5, "b"):
    mc(number, answer)


def mlp(name, words, mistake, method, body):
    wrong("hw2/mlp.py", name, "3.2", words, mistake,
          wrap("MLP." + method, {"forward": "x", "backward": "delta", "__init__": "sizes", "init_weights": "weights"}[method], body))


mlp("mlp relu after the last", "layers", None, "__init__", "right(self, sizes)\nself.layers.append(ReLU())")
mlp("mlp backward in forward order", "Error", None, "backward", "for layer in self.layers:\n    delta = layer.backward(delta)\nreturn delta")
mlp("mlp weights ignored", "output", None, "init_weights", "pass")
mlp("mlp output doubled", "output", "doubled", "forward", "return 2 * right(self, x)")

for section, cls in ("3.3", "CNN_SimpleScanningMLP"), ("3.4", "CNN_DistributedScanningMLP"):
    def scan(name, words, mistake, method, body):
        wrong("hw2/mlp_scan.py", "%s: %s" % (cls, name), section, words, mistake, wrap(
            "%s.%s" % (cls, method), {"forward": "x", "backward": "delta", "init_weights": "weights", "__init__": ""}[method], body))
    scan("rows channel-major", "output", "rows_channel_major", "init_weights",
         "right(self, weights)\nc = self.conv1\nc.W = c.W.transpose(0, 2, 1).reshape(c.W.shape)")
    scan("time reversed", "output", "time_reversed", "init_weights", "right(self, weights)\nself.conv1.W = self.conv1.W[:, :, ::-1]")
    scan("output position-major", "output", "scan_position_major", "forward", "y = right(self, x)\nreturn y.reshape(len(y), 4, -1).transpose(0, 2, 1).reshape(len(y), -1)")
    scan("no relu", "output", "relu_missing", "__init__", "right(self)\nself.layers = [self.layers[i] for i in (0, 2, 4, 5)]")
    scan("stride wrong", "shape", None, "__init__", "right(self)\nself.conv1.stride = 1")
    scan("only the sample's width", "shape", None, "forward", "return right(self, x)[:, :124] if x.shape[2] >= 128 else np.zeros((len(x), 124))")
    scan("backward skips the flatten", "Error", None, "backward", "for layer in self.layers[-2::-1]:\n    delta = layer.backward(delta)\nreturn delta")
wrong("hw2/mlp_scan.py", "distributed: absent entries used", "3.4", "output", None, wrap("CNN_DistributedScanningMLP.init_weights", "weights",
      "right(self, weights)\nself.conv1.W = self.conv1.W + 0 * weights[0].sum()"))


def cnn(name, words, mistake, method, body):
    wrong("hw2/hw2.py", name, "3.5", words, mistake, wrap("CNN." + method,
          {"forward": "x", "backward": "labels", "__init__": "*args"}.get(method, ""), body))


CONVS = "for c in self.convolutional_layers:\n    "
cnn("step does nothing", "after step", "step_does_nothing", "step", "pass")
cnn("step ascends", "after step", "step_ascends", "step", "self.lr = -self.lr\nright(self)\nself.lr = -self.lr")
cnn("step of the summed loss in convolutions", "after step", "step_convs_summed", "step", CONVS + "c.dW = c.dW * self.batch_size\n    c.db = c.db * self.batch_size\nright(self)")
cnn("step divides the linear layer twice", "after step", "step_linear_divided_twice", "step", "l = self.linear_layer\nl.dW = l.dW / self.batch_size\nl.db = l.db / self.batch_size\nright(self)")
cnn("step without the learning rate", "after step", "step_without_lr", "step", "lr, self.lr = self.lr, 1.0\nright(self)\nself.lr = lr")
cnn("step forgets the biases", "after step", "step_does_nothing", "step", "kept = [c.b for c in self.convolutional_layers]\nright(self)\nfor c, b in zip(self.convolutional_layers, kept):\n    c.b = b")
cnn("zero_grads does nothing", "zero_grads", "zero_grads_does_nothing", "zero_grads", "pass")
cnn("loss averaged over the batch", "loss", "averaged_over_batch", "backward", "dx = right(self, labels)\nself.loss = self.loss / len(labels)\nreturn dx")
cnn("cnn dx averaged", "dx", "averaged_over_batch", "backward", "return right(self, labels) / len(labels)")
cnn("cnn dx not returned", "None", "nothing_returned", "backward", "right(self, labels)")
cnn("output not kept", "output", None, "forward", "y = right(self, x)\nself.output = y.copy()\nself.kept, self.output = y, self.output * 1\nself.output = y + 1\nreturn y")
cnn("eval does nothing", "eval()", None, "eval", "pass")
cnn("train does nothing", "train()", None, "train", "pass")
cnn("nlayers counts the linear layer", "nlayers", None, "__init__", "right(self, *args)\nself.nlayers += 1\nself.__class__.forward = lambda self, x, f=self.__class__.forward: f(self, x)")
cnn("only three convolutions", "Error", None, "forward", "if len(self.convolutional_layers) != 3:\n    raise IndexError('list index out of range')\nreturn right(self, x)")

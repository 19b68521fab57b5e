"""Right but unusual hand-ins: each keeps full marks."""
from collections import namedtuple

from wrong_handins import wrap

Right = namedtuple("Right", "name file change")
LOOPS = """

def _forward(self, x):
    self.x = x
    n = (x.shape[2] - self.kernel_size) // self.stride + 1
    out = np.zeros((len(x), self.out_channel, n), np.result_type(x, self.W, np.float32))
    for o in range(self.out_channel):
        for t in range(n):
            s = t * self.stride
            out[:, o, t] = (x[:, :, s:s + self.kernel_size] * self.W[o]).sum(axis=(1, 2)) + self.b[o]
    return out


Conv1D.forward = _forward
"""
RIGHT = [
    Right("plain conv", "mytorch/conv.py", ("class Flatten:", "class Flatten:")),
    Right("loops over filters", "mytorch/conv.py", LOOPS),
    Right("einsum", "mytorch/conv.py", ("np.tensordot(window, self.W, axes=([1, 2], [1, 2]))", "np.einsum('nck,ock->no', window, self.W)")),
    Right("np.pad", "mytorch/conv.py", ("        return dx\n", "        end = start + self.kernel_size\n        return np.pad(dx[:, :, :end], ((0, 0), (0, 0), (0, dx.shape[2] - end)))\n")),
    Right("Fortran-ordered", "mytorch/conv.py", ("        return out\n", "        return np.asfortranarray(out)\n")),
    Right("views", "mytorch/conv.py", ("        return out\n", "        return np.repeat(out, 2, axis=2)[:, :, ::2]\n")),
    Right("private helpers", "mytorch/conv.py", "\n\ndef _helper():\n    return 1\n\n\nclass _Helper(Conv1D):\n    pass\n"),
    Right("W as a property", "mytorch/conv.py", "\n\nConv1D.W = property(lambda self: self._w, lambda self, W: setattr(self, '_w', W))\n"),
    Right("prints", "mytorch/conv.py", ("        self.x = x\n", "        self.x = x\n        print(x.shape)\n")),
    Right("Linear with db (1, n)", "mytorch/linear.py", wrap("Linear.backward", "delta", "dx = right(self, delta)\nself.db = self.db.reshape(1, -1)\nreturn dx")),
    Right("package-style imports", "hw2/mlp_scan.py", "\n\nsys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))\nfrom mytorch.conv import Conv1D, Flatten\n"),
    Right("scan with layers as a tuple", "hw2/mlp_scan.py", wrap("_ScanningCNN.__init__", "*convs", "right(self, *convs)\nself.layers = tuple(self.layers)")),
    Right("step in place", "hw2/hw2.py", "\n\ndef _descend(layer, lr):\n    layer.W -= lr * layer.dW\n    layer.b -= lr * layer.db\n"),
    Right("other sigmoid", "mytorch/activation.py", wrap("Sigmoid.forward", "x", "right(self, x)\nself.state = 0.5 * (1 + np.tanh(0.5 * x))\nreturn self.state")),
]

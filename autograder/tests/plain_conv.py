"""Conv1D as a student writes it first: right, with loops. The tests' wrong ones are cut from it."""
import numpy as np


class Conv1D:
    def __init__(self, in_channel, out_channel, kernel_size, stride,
                 weight_init_fn=None, bias_init_fn=None):
        self.in_channel = in_channel
        self.out_channel = out_channel
        self.kernel_size = kernel_size
        self.stride = stride
        if weight_init_fn is None:
            self.W = np.random.normal(0, 1, (out_channel, in_channel, kernel_size))
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
        batch_size, _, in_width = x.shape
        out_width = (in_width - self.kernel_size) // self.stride + 1
        dtype = np.result_type(x, self.W, np.float32)
        out = np.zeros((batch_size, self.out_channel, out_width), dtype)
        for t in range(out_width):
            start = t * self.stride
            window = x[:, :, start:start + self.kernel_size]
            out[:, :, t] = np.tensordot(window, self.W, axes=([1, 2], [1, 2])) + self.b
        return out

    def backward(self, delta):
        batch_size, _, out_width = delta.shape
        self.dW = np.zeros(self.W.shape, delta.dtype)
        self.db = np.sum(delta, axis=(0, 2))
        dx = np.zeros(self.x.shape, delta.dtype)
        for t in range(out_width):
            start = t * self.stride
            window = self.x[:, :, start:start + self.kernel_size]
            self.dW += np.tensordot(delta[:, :, t], window, axes=([0], [0]))
            dx[:, :, start:start + self.kernel_size] += np.tensordot(delta[:, :, t], self.W, axes=([1], [0]))
        return dx


class Flatten:
    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(x.shape[0], x.shape[1] * x.shape[2])

    def backward(self, delta):
        return delta.reshape(self.shape)

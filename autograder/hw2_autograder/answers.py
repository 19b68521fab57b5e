"""What is right: the exercises again, by torch.

Each function takes the case that the hand-in's function of the same name in exercises.py takes
and returns the results that it should have. The process that runs the hand-in never sees them.
"""
import numpy as np
import torch
from torch.nn.functional import conv1d, cross_entropy, softmax

torch.set_num_threads(1)  # the arrays are small, and the hand-in's process wants the other core


def _leaf(array):
    return torch.tensor(np.array(array, dtype=np.float64), requires_grad=True)


def _array(tensor):
    return tensor.detach().numpy().copy()


def _zeros(*shape):
    return np.zeros(shape)


def _ramp(*shape):
    return np.linspace(-1, 1, int(np.prod(shape))).reshape(shape)


class _Secret(str):
    """A string that a report does not give away."""

    def __repr__(self):
        return "another letter"


def multiple_choice():
    return {"question_%d()" % i: _Secret(letter) for i, letter in enumerate("bdbaa", 1)}


def conv_forward(in_channel, out_channel, kernel_size, stride, W, b, x):
    return {"output": _array(conv1d(_leaf(x), _leaf(W), _leaf(b), stride))}


def conv_forward_again(in_channel, out_channel, kernel_size, stride, W, b, x, other_x, other_W):
    def output(x, W):
        return _array(conv1d(_leaf(x), _leaf(W), _leaf(b), stride))
    return {
        "output": output(x, W),
        "output of another Conv1D": output(x, other_W),
        "output on another width and batch": output(other_x, W),
        "output on the first x again": output(x, W),
        "output with a new W": output(x, other_W),
    }


def conv_attributes(in_channel, out_channel, kernel_size, stride, seed):
    shape = out_channel, in_channel, kernel_size
    return {"in_channel": in_channel, "out_channel": out_channel, "kernel_size": kernel_size,
            "stride": stride, "W": np.random.RandomState(seed).standard_normal(shape),
            "b": _zeros(out_channel), "dW": _zeros(*shape), "db": _zeros(out_channel),
            "W of weight_init_fn": _ramp(*shape), "b of bias_init_fn": _ramp(out_channel)}


def conv_backward(in_channel, out_channel, kernel_size, stride, W, b, x, delta):
    x, W, b = _leaf(x), _leaf(W), _leaf(b)
    conv1d(x, W, b, stride).backward(torch.tensor(delta))
    return {"dx": _array(x.grad), "dW": _array(W.grad), "db": _array(b.grad)}


def conv_backward_again(in_channel, out_channel, kernel_size, stride, W, b, x, delta,
                        other_x, other_delta, other_W):
    sizes = in_channel, out_channel, kernel_size, stride
    right = conv_backward(*sizes, W, b, x, delta)
    other = conv_backward(*sizes, other_W, b, other_x, other_delta)
    return {**right, "dx of another Conv1D": other["dx"], "dW of another Conv1D": other["dW"],
            "dW after the same backward again": right["dW"],
            "db after the same backward again": right["db"]}


def flatten(x, delta, other_x):
    return {"output on another shape": _array(_leaf(other_x).flatten(1)),
            "output": _array(_leaf(x).flatten(1)),
            "dx": _array(torch.tensor(delta).reshape(x.shape))}


def linear(in_feature, out_feature, W, b, x, delta):
    leaf_x, leaf_W, leaf_b = _leaf(x), _leaf(W), _leaf(b.reshape(-1))
    y = leaf_x @ leaf_W + leaf_b
    y.backward(torch.tensor(delta))
    return {"momentum_W": _zeros(*W.shape), "momentum_b": _zeros(*b.shape),
            "default W.shape": [in_feature, out_feature], "b": b,
            "output": _array(y), "dx": _array(leaf_x.grad),
            "dW": _array(leaf_W.grad) / len(x), "db": _array(leaf_b.grad) / len(x),
            "W of weight_init_fn": _ramp(in_feature, out_feature),
            "b of bias_init_fn": _ramp(out_feature)}


_ACTIVATIONS = {"Identity": lambda x: 1 * x, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh,
                "ReLU": torch.relu}


def activation(name, x, delta, other_x):
    def derivative(x, delta):
        leaf = _leaf(x)
        _ACTIVATIONS[name](leaf).backward(torch.tensor(delta))
        return _array(leaf.grad)
    y = _array(_ACTIVATIONS[name](_leaf(x)))
    slope = 1.0 if name == "Identity" else derivative(x, np.ones_like(x))
    results = {"is an Activation": True, "output": y, "output of a call": y, "state": y,
               "derivative()": slope, "backward(delta)": derivative(x, delta)}
    if name == "Tanh":
        results["derivative(state)"] = derivative(other_x, np.ones_like(other_x))
    return results


def loss(x, y):
    losses = _array(cross_entropy(_leaf(x), torch.tensor(y), reduction="none"))
    return {"is a Criterion": True, "forward(x, y)": losses, "loss of a call": losses,
            "logits": x, "labels": y, "loss": losses,
            "derivative()": _array(softmax(_leaf(x), dim=1)) - y}


def batchnorm(in_feature, alpha, gamma, beta, x, other_x, delta):
    layer = torch.nn.BatchNorm1d(in_feature, eps=1e-8, momentum=1 - alpha, dtype=torch.float64)
    leaf_x = _leaf(x)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(gamma[0]))
        layer.bias.copy_(torch.tensor(beta[0]))
        other_y = layer(_leaf(other_x))
    y = layer(leaf_x)
    y.backward(torch.tensor(delta))
    var = x.var(axis=0, keepdims=True)
    # torch keeps a running average of the unbiased variance; the course, of the biased one.
    running_var = alpha * (alpha * 1 + (1 - alpha) * other_x.var(axis=0)) + (1 - alpha) * var[0]
    layer.running_var.copy_(torch.tensor(running_var))
    layer.eval()

    def row(tensor):
        return _array(tensor)[np.newaxis]
    return {"eps": 1e-8, "default alpha": 0.9, "default gamma": np.ones((1, in_feature)),
            "default beta": _zeros(1, in_feature), "output on another batch": _array(other_y),
            "output in training": _array(y), "dx": _array(leaf_x.grad),
            "mean": x.mean(axis=0, keepdims=True), "var": var,
            "running_mean": row(layer.running_mean), "running_var": running_var[np.newaxis],
            "dgamma": row(layer.weight.grad), "dbeta": row(layer.bias.grad),
            "output in eval": _array(layer(_leaf(x))),
            "running_mean after eval": row(layer.running_mean)}


def float32(**case):
    return dict.fromkeys(["dtype of Conv1D's output", "dtype of Conv1D's dx",
                          "dtype of Conv1D's dW", "dtype of Linear's output"], "float32")


def imports(module, names, style):
    return dict.fromkeys(names, True)


def _mlp(x, weights):
    """The MLP on rows x: ReLU between its layers, biases zero."""
    for i, W in enumerate(weights):
        x = (torch.relu(x) if i else x) @ W
    return x


def mlp(layer_sizes, weights, x, delta):
    leaf = _leaf(x)
    y = _mlp(leaf, [_leaf(W) for W in weights])
    y.backward(torch.tensor(delta))
    return {"output": _array(y), "dx": _array(leaf.grad),
            "layers": (["Linear", "ReLU"] * len(weights))[:-1]}


def _scan(x, weights):
    """The MLP on each window of 8 vectors, stepping by 4: (batch, 4 * positions)."""
    weights = [torch.nan_to_num(_leaf(W), nan=0.0) for W in weights]
    starts = range(0, x.shape[2] - 8 + 1, 4)
    # A window's vectors follow each other in time: row = time * 24 + feature.
    outputs = [_mlp(x[:, :, t:t + 8].transpose(1, 2).flatten(1), weights) for t in starts]
    return torch.stack(outputs, dim=2).flatten(1)


def _scan_results(weights, x, shapes):
    output = _array(_scan(_leaf(x), weights))
    results = {"output": output, "output of its layers in turn": output, "last layer": "Flatten"}
    for i, shape in enumerate(shapes, 1):
        results["conv%d.W.shape" % i] = shape
        # Without biases, twice any layer's weights is twice the output: ReLU(2 x) = 2 ReLU(x).
        results["output with conv%d.W doubled" % i] = 2 * output
    return results


def simple_scan(weights, x):
    return _scan_results(weights, x, [[8, 24, 8], [16, 8, 1], [4, 16, 1]])


def distributed_scan(weights, x):
    return _scan_results(weights, x, [[2, 24, 2], [8, 2, 2], [4, 8, 2]])


def simple_scan_backward(weights, x, delta):
    leaf = _leaf(x)
    _scan(leaf, weights).backward(torch.tensor(delta))
    return {"dx": _array(leaf.grad)}


distributed_scan_backward = simple_scan_backward


class _CNN(torch.nn.Module):
    """The CNN of hw2.py as a torch module, its parameters set to copies of the case's."""

    def __init__(self, shape, parameters):
        super().__init__()
        self.strides = shape["strides"]
        self.activations = [_ACTIVATIONS[name] for name in shape["activations"]]
        self.weights = torch.nn.ParameterList(_leaf(W) for W, _ in parameters)
        self.biases = torch.nn.ParameterList(_leaf(b) for _, b in parameters)

    def forward(self, x):
        for W, b, stride, f in zip(self.weights, self.biases, self.strides, self.activations):
            x = f(conv1d(x, W, b, stride))
        return x.flatten(1) @ self.weights[-1] + self.biases[-1]

    def parameters_by_name(self):
        """(name in the report, W, b) of each layer."""
        convs = len(self.strides)
        names = ["convolutional_layers[%d]" % i for i in range(convs)] + ["linear_layer"]
        return list(zip(names, self.weights, self.biases))


def cnn(shape, parameters, x, labels, other_x):
    network, leaf = _CNN(shape, parameters), _leaf(x)
    logits = network(leaf)
    total = cross_entropy(logits, torch.tensor(labels), reduction="sum")
    total.backward()
    results = {"nlayers": len(shape["strides"]), "lr": 0.1, "train_mode": True,
               "number of activations": len(shape["strides"]),
               "logits": _array(logits), "output": _array(logits), "loss": total.item(),
               "logits on another batch": _array(network(_leaf(other_x))),
               "dx": _array(leaf.grad), "train_mode after eval()": False,
               "logits after eval()": _array(logits), "train_mode after train()": True}
    for name, W, b in network.parameters_by_name():
        results[name + ".W of its init function"] = _ramp(*W.shape)
        results[name + ".b of its init function"] = _ramp(*b.shape)
        # The convolutions sum over the batch, the linear layer averages.
        batch = len(x) if name == "linear_layer" else 1
        results[name + ".dW"], results[name + ".db"] = _array(W.grad) / batch, _array(b.grad) / batch
    return results


def cnn_training(shape, parameters, xs, labels, lr):
    network = _CNN(shape, parameters)
    results = {}
    for i, (x, y) in enumerate(zip(xs, labels), 1):
        network.zero_grad()
        mean = cross_entropy(network(torch.tensor(x)), torch.tensor(y))
        mean.backward()
        with torch.no_grad():  # torch.optim.SGD is these two lines, and 2 s of imports
            for parameter in network.parameters():
                parameter -= lr * parameter.grad
        results["loss at step %d" % i] = mean.item() * len(x)
        for name, W, b in network.parameters_by_name():
            results["%s.dW after zero_grads()" % name] = _zeros(*W.shape)
            results["%s.db after zero_grads()" % name] = _zeros(*b.shape)
            results["%s.W after step %d" % (name, i)] = _array(W)
            results["%s.b after step %d" % (name, i)] = _array(b)
    return results

"""What the hand-in computes: each exercise uses it as a student would and returns what came out.

An exercise runs in a process of its own that has NumPy but not torch. Its arguments are a case
from cases.py. It returns a dictionary of named results; answers.py has the function of the same
name that says what they should be. The docstring is what a student reads when it fails.
"""
import copy
import importlib
import sys
import warnings

import numpy as np


def multiple_choice():
    """hw2/mc.py: each question's function returns the right letter, in lower case."""
    import mc
    return {"question_%d()" % i: getattr(mc, "question_%d" % i)() for i in range(1, 6)}


def _conv(in_channel, out_channel, kernel_size, stride, W, b):
    from conv import Conv1D
    conv = Conv1D(in_channel, out_channel, kernel_size, stride)
    conv.W, conv.b = W, b
    return conv


def conv_forward(in_channel, out_channel, kernel_size, stride, W, b, x):
    """Conv1D.forward(x) gives what torch.nn.Conv1d gives, with no padding."""
    return {"output": _conv(in_channel, out_channel, kernel_size, stride, W, b).forward(x)}


def conv_forward_again(in_channel, out_channel, kernel_size, stride, W, b, x, other_x, other_W):
    """Conv1D(x) depends on x, W and b alone: not on earlier calls or on other layers."""
    conv = _conv(in_channel, out_channel, kernel_size, stride, W, b)
    other = _conv(in_channel, out_channel, kernel_size, stride, other_W, b)
    results = {
        "output": conv(x),
        "output of another Conv1D": other(x),
        "output on another width and batch": conv(other_x),
        "output on the first x again": conv(x),
    }
    conv.W = other_W
    results["output with a new W"] = conv(x)
    return results


def conv_attributes(in_channel, out_channel, kernel_size, stride, seed):
    """Conv1D(...) has the attributes of its arguments, W and b as initialized, dW and db zero."""
    from conv import Conv1D
    np.random.seed(seed)
    conv = Conv1D(in_channel, out_channel, kernel_size, stride)
    results = {name: getattr(conv, name) for name in (
        "in_channel", "out_channel", "kernel_size", "stride", "W", "b", "dW", "db")}
    conv = Conv1D(in_channel, out_channel, kernel_size, stride, _ramp, _ramp)
    results["W of weight_init_fn"], results["b of bias_init_fn"] = conv.W, conv.b
    return results


def _ramp(*shape):
    """An init function whose result tells the shape that it was asked for."""
    return np.linspace(-1, 1, int(np.prod(shape))).reshape(shape)


def conv_backward(in_channel, out_channel, kernel_size, stride, W, b, x, delta):
    """Conv1D.backward(delta) returns dx, and sets dW and db summed over batch and positions."""
    conv = _conv(in_channel, out_channel, kernel_size, stride, W, b)
    conv.forward(x)
    return {"dx": conv.backward(delta), "dW": conv.dW, "db": conv.db}


def conv_backward_again(in_channel, out_channel, kernel_size, stride, W, b, x, delta,
                        other_x, other_delta, other_W):
    """Conv1D.backward(delta) belongs to the last forward of its own layer, and adds up nothing."""
    conv = _conv(in_channel, out_channel, kernel_size, stride, W, b)
    other = _conv(in_channel, out_channel, kernel_size, stride, other_W, b)
    conv(other_x)
    conv.backward(other_delta)
    conv(x)
    other(other_x)
    results = {"dx": conv.backward(delta), "dW": conv.dW, "db": conv.db}
    results["dx of another Conv1D"] = other.backward(other_delta)
    results["dW of another Conv1D"] = other.dW
    conv.backward(delta)
    results["dW after the same backward again"] = conv.dW
    results["db after the same backward again"] = conv.db
    return results


def flatten(x, delta, other_x):
    """Flatten turns (batch, channel, width) into (batch, channel * width), and backward undoes it."""
    from conv import Flatten
    layer, other = Flatten(), Flatten()
    results = {"output on another shape": layer.forward(other_x), "output": layer(x)}
    other(other_x)
    results["dx"] = layer.backward(delta)
    return results


def linear(in_feature, out_feature, W, b, x, delta):
    """Linear gives x @ W + b; its dW and db are averaged over the batch."""
    from linear import Linear
    layer = Linear(in_feature, out_feature, lambda *shape: W.copy(), lambda *shape: b.copy())
    other = Linear(in_feature, out_feature)
    results = {"momentum_W": layer.momentum_W, "momentum_b": layer.momentum_b,
               "default W.shape": list(other.W.shape), "b": layer.b}
    layer.forward(2 * x)
    layer.backward(delta)
    results["output"] = layer(x)
    other(x[:1])
    results.update(dx=layer.backward(delta), dW=layer.dW, db=_row(layer.db))
    ramp = Linear(in_feature, out_feature, _ramp, _ramp)
    results["W of weight_init_fn"], results["b of bias_init_fn"] = ramp.W, ramp.b
    return results


def _row(db):
    """db as a vector: both homeworks' shapes, (out,) and (1, out), are right."""
    return db[0] if np.ndim(db) == 2 and len(db) == 1 else db


def activation(name, x, delta, other_x):
    """Activations: forward, state, derivative() and backward(delta), without any warning."""
    import activation as module
    warnings.simplefilter("error")
    layer, other = getattr(module, name)(), getattr(module, name)()
    results = {"is an Activation": isinstance(layer, module.Activation),
               "output": layer.forward(x), "output of a call": layer(x)}
    other(other_x)
    results.update({"state": layer.state, "derivative()": layer.derivative(),
                    "backward(delta)": layer.backward(delta)})
    if name == "Tanh":
        results["derivative(state)"] = layer.derivative(other.state)
    return results


def loss(x, y):
    """SoftmaxCrossEntropy: a loss for each sample; derivative() is softmax - labels."""
    from loss import Criterion, SoftmaxCrossEntropy
    warnings.simplefilter("error")
    criterion, other = SoftmaxCrossEntropy(), SoftmaxCrossEntropy()
    results = {"is a Criterion": isinstance(criterion, Criterion),
               "forward(x, y)": criterion.forward(x, y), "loss of a call": criterion(x, y)}
    other(x[::-1].copy(), y)
    results.update({"logits": criterion.logits, "labels": criterion.labels,
                    "loss": criterion.loss, "derivative()": criterion.derivative()})
    return results


def batchnorm(in_feature, alpha, gamma, beta, x, other_x, delta):
    """BatchNorm: the batch's statistics in training, the running ones in eval, and gradients."""
    from batchnorm import BatchNorm
    layer, default = BatchNorm(in_feature, alpha), BatchNorm(in_feature)
    results = {"eps": layer.eps, "default alpha": default.alpha,
               "default gamma": default.gamma, "default beta": default.beta}
    layer.gamma, layer.beta = gamma, beta
    results["output on another batch"] = layer(other_x)
    results["output in training"] = layer.forward(x)
    results["dx"] = layer.backward(delta)
    for name in "mean", "var", "running_mean", "running_var", "dgamma", "dbeta":
        results[name] = getattr(layer, name)
    results["output in eval"] = layer(x, eval=True)
    results["running_mean after eval"] = layer.running_mean
    return results


def float32(in_channel, out_channel, kernel_size, stride, W, b, x, delta, linear_W, linear_b,
            linear_x):
    """Arrays in float32 give float32, so that a float32 network stays one."""
    from conv import Conv1D
    from linear import Linear
    conv = Conv1D(in_channel, out_channel, kernel_size, stride,
                  lambda *shape: W.copy(), lambda *shape: b.copy())
    layer = Linear(*linear_W.shape, lambda *shape: linear_W.copy(), lambda *shape: linear_b.copy())
    return {"dtype of Conv1D's output": str(conv(x).dtype),
            "dtype of Conv1D's dx": str(conv.backward(delta).dtype),
            "dtype of Conv1D's dW": str(conv.dW.dtype),
            "dtype of Linear's output": str(layer(linear_x).dtype)}


def imports(module, names, style):
    """Each file is found by `import conv` and by `import mytorch.conv`, from any directory."""
    path = list(sys.path)
    mytorch, hw2, top = path[:3]
    for loaded, where in list(sys.modules.items()):
        if str(getattr(where, "__file__", "")).startswith((mytorch, hw2)):
            del sys.modules[loaded]
    try:
        if style == "package":
            sys.path[:3] = [top]
            module = importlib.import_module("mytorch." + module)
        else:
            sys.path[:3] = [hw2 if module in ("mc", "mlp", "mlp_scan", "hw2") else mytorch]
            module = importlib.import_module(module)
        return {name: hasattr(module, name) for name in names}
    finally:
        sys.path[:] = path


def mlp(layer_sizes, weights, x, delta):
    """hw2/mlp.py: MLP(layer_sizes) has linear layers with ReLU between, and biases of zero."""
    from mlp import MLP
    network = MLP(layer_sizes)
    network.init_weights(weights)
    return {"output": network.forward(x), "dx": network.backward(delta),
            "layers": [type(layer).__name__ for layer in network.layers]}


def _scan(network, weights, x):
    network.init_weights(weights)
    output = network.forward(x)
    in_turn = x
    for layer in network.layers:
        in_turn = layer(in_turn)
    results = {"output": output, "output of its layers in turn": in_turn,
               "last layer": type(network.layers[-1]).__name__}
    for name in "conv1", "conv2", "conv3":
        conv = getattr(network, name)
        results[name + ".W.shape"] = list(conv.W.shape)
        conv.W = 2 * conv.W
        results["output with %s.W doubled" % name] = network.forward(x)
        conv.W = conv.W / 2
    return results


def _scan_backward(network, weights, x, delta):
    network.init_weights(weights)
    network.forward(x)
    return {"dx": network.backward(delta)}


def simple_scan(weights, x):
    """CNN_SimpleScanningMLP gives what the MLP gives on each 8 vectors, stepping by 4."""
    from mlp_scan import CNN_SimpleScanningMLP
    return _scan(CNN_SimpleScanningMLP(), weights, x)


def simple_scan_backward(weights, x, delta):
    """CNN_SimpleScanningMLP.backward(delta) returns the derivative with respect to x."""
    from mlp_scan import CNN_SimpleScanningMLP
    return _scan_backward(CNN_SimpleScanningMLP(), weights, x, delta)


def distributed_scan(weights, x):
    """CNN_DistributedScanningMLP gives what Figure 3's MLP gives on each 8 vectors, step 4."""
    from mlp_scan import CNN_DistributedScanningMLP
    return _scan(CNN_DistributedScanningMLP(), weights, x)


def distributed_scan_backward(weights, x, delta):
    """CNN_DistributedScanningMLP.backward(delta) returns the derivative with respect to x."""
    from mlp_scan import CNN_DistributedScanningMLP
    return _scan_backward(CNN_DistributedScanningMLP(), weights, x, delta)


def _cnn(input_width, num_input_channels, num_channels, kernel_sizes, strides,
         num_linear_neurons, activations, lr):
    import activation
    from hw2 import CNN
    from loss import SoftmaxCrossEntropy
    return CNN(input_width, num_input_channels, num_channels, kernel_sizes, strides,
               num_linear_neurons, [getattr(activation, name)() for name in activations],
               _ramp, _ramp, _ramp, SoftmaxCrossEntropy(), lr)


def _parameters(network):
    """Each layer of a CNN with its name in the report."""
    for i, conv in enumerate(network.convolutional_layers):
        yield "convolutional_layers[%d]" % i, conv
    yield "linear_layer", network.linear_layer


def _set_parameters(network, parameters):
    for (_, layer), (W, b) in zip(_parameters(network), parameters):
        layer.W, layer.b = W.copy(), b.copy()


def cnn(shape, parameters, x, labels, other_x):
    """CNN: attributes, logits, summed loss, derivative of the input and each layer's gradients."""
    network = _cnn(lr=0.1, **shape)
    results = {"nlayers": network.nlayers, "lr": network.lr, "train_mode": network.train_mode,
               "number of activations": len(network.activations)}
    for name, layer in _parameters(network):
        results[name + ".W of its init function"] = layer.W
        results[name + ".b of its init function"] = _row(layer.b)
    _set_parameters(network, parameters)
    results["logits on another batch"] = network(other_x)
    results["logits"] = network.forward(x)
    results["output"] = network.output
    results["dx"] = network.backward(labels)
    results["loss"] = network.loss
    for name, layer in _parameters(network):
        results[name + ".dW"], results[name + ".db"] = layer.dW, _row(layer.db)
    network.eval()
    results["train_mode after eval()"] = network.train_mode
    results["logits after eval()"] = network(x)
    network.train()
    results["train_mode after train()"] = network.train_mode
    return results


def cnn_training(shape, parameters, xs, labels, lr):
    """CNN: each step() descends the mean loss over the batch, as torch.optim.SGD does."""
    network = _cnn(lr=lr, **shape)
    _set_parameters(network, parameters)
    results = {}
    for i, (x, y) in enumerate(zip(xs, labels), 1):
        network.zero_grads()
        for name, layer in _parameters(network):
            results["%s.dW after zero_grads()" % name] = copy.copy(layer.dW)
            results["%s.db after zero_grads()" % name] = copy.copy(_row(layer.db))
        network.forward(x)
        network.backward(y)
        results["loss at step %d" % i] = network.loss
        network.step()
        for name, layer in _parameters(network):
            results["%s.W after step %d" % (name, i)] = copy.copy(layer.W)
            results["%s.b after step %d" % (name, i)] = copy.copy(_row(layer.b))
    return results

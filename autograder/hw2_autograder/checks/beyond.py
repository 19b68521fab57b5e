"""Beyond the handout: what this project's own library adds, and no hand-in gets points for."""
import importlib
import sys

import numpy as np

from ..compare import Number, Row, Slope
from . import cnn, conv1d, scanning_mlp
from .check import Case, Check
from .conv1d import leaf
from .layers import ACTIVATIONS, activate


class DefaultWeights(Check):
    """Conv1D draws its default weights as the starter does; Linear has defaults too."""

    def cases(rng):
        yield Case(seed=int(rng.integers(2 ** 31)))

    def handin(case):
        from conv import Conv1D
        from linear import Linear
        np.random.seed(case.seed)
        yield "W of Conv1D", Conv1D(3, 4, 5, 2).W
        linear = Linear(3, 2)
        yield "W.shape of Linear", np.shape(linear.W)
        yield "b of Linear", linear.b
        yield "momentum_W of Linear", linear.momentum_W
        yield "momentum_b of Linear", linear.momentum_b

    def expected(torch, case):
        return {"W of Conv1D": np.random.RandomState(case.seed).standard_normal((4, 3, 5)),
                "W.shape of Linear": (3, 2), "b of Linear": Row(np.zeros(2)),
                "momentum_W of Linear": np.zeros((3, 2)), "momentum_b of Linear": Row(np.zeros(2))}


class GradientsReplaced(Check):
    """Each backward of Conv1D and Linear replaces dW and db; integer weights have gradients."""

    def cases(rng):
        case = conv1d.conv_case(rng, 3, 21, 2, 3, 5, 2)
        yield case.but(W=rng.integers(-5, 6, case.W.shape))

    def handin(case):
        from linear import Linear
        conv = conv1d.layer(case)
        linear = Linear(*case.W[:, :, 0].shape, lambda *_: case.W[:, :, 0], lambda *_: case.b[:2])
        for _ in range(2):
            conv.forward(case.x)
            dx = conv.backward(case.delta)
            linear.forward(case.x[:, 0, :3])
            linear.backward(case.x[:, 1, :2])
        yield "dx", dx
        yield "dW", conv.dW
        yield "db", conv.db
        yield "dW of Linear", linear.dW

    def expected(torch, case):
        return {**conv1d.gradients(torch, case),
                "dW of Linear": case.x[:, 0, :3].T @ case.x[:, 1, :2] / len(case.x)}


class ArrayLike(Check):
    """Layers take what NumPy takes: lists, numbers, and anything that has __array__."""

    def cases(rng):
        case = conv1d.conv_case(rng, 2, 9, 2, 3, 3, 2)
        yield case.but(W=np.arange(18).reshape(3, 2, 3), x=np.arange(36).reshape(2, 2, 9))

    def handin(case):
        from activation import Identity, Tanh
        from conv import Flatten

        class Tensor:
            def __array__(self, dtype=None, copy=None):
                return case.x.astype(dtype or float)

        conv = conv1d.layer(case)
        yield "output for lists", conv(case.x.tolist())
        yield "dx for lists", conv.backward(case.delta.tolist())
        yield "output for __array__", conv(Tensor())
        yield "Flatten of lists", Flatten()(case.x.tolist())
        yield "Tanh of __array__", Tanh()(Tensor())
        yield "Identity of 3", Identity()(3)

    def expected(torch, case):
        y, x = conv1d.output(torch, case), case.x.astype(float)
        return {"output for lists": y, "dx for lists": conv1d.gradients(torch, case)["dx"],
                "output for __array__": y, "Flatten of lists": x.reshape(2, 18),
                "Tanh of __array__": np.tanh(x), "Identity of 3": Number(3)}


class Float32(Check):
    """Arrays in float32 give float32, so that a float32 network stays one."""

    def cases(rng):
        yield conv1d.conv_case(rng, 2, 12, 3, 4, 3, 2)

    def handin(case):
        from conv import Conv1D
        conv = Conv1D(3, 4, 3, 2, lambda *_: case.W.astype("f4"), lambda *_: case.b.astype("f4"))
        for name, result in (("output", conv(case.x.astype("f4"))),
                             ("dx", conv.backward(case.delta.astype("f4"))),
                             ("dW", conv.dW), ("db", conv.db)):
            yield "%s is float32" % name, result.dtype == np.float32

    def expected(torch, case):
        return {"%s is float32" % name: True for name in ("output", "dx", "dW", "db")}


class ActivationBackward(Check):
    """Activations keep state, and have backward(delta); ReLU's derivative at 0 is 0."""

    tolerance = 1e-8

    def cases(rng):
        for name in ACTIVATIONS:
            x = np.append(3 * rng.standard_normal(9), [0, 30, -30, 1e3, -1e3, 1e4, -1e4])
            yield Case(name=name, x=x, delta=rng.standard_normal(16))

    def handin(case):
        import warnings
        import activation
        warnings.simplefilter("error")
        layer = getattr(activation, case.name)()
        yield "is an Activation", isinstance(layer, activation.Activation)
        yield "output", layer(case.x)
        yield "state", layer.state
        yield "derivative()", layer.derivative()
        yield "backward(delta)", layer.backward(case.delta)
        if case.name == "Tanh":
            yield "derivative(state)", layer.derivative(case.delta)

    def expected(torch, case):
        x = leaf(torch, case.x)
        y = activate(torch, case.name, x)
        y.sum().backward()
        slope = x.grad.numpy()
        results = {"is an Activation": True, "output": y.detach().numpy(),
                   "state": y.detach().numpy(), "derivative()": Slope(slope),
                   "backward(delta)": case.delta * slope}
        if case.name == "Tanh":
            results["derivative(state)"] = 1 - case.delta ** 2
        return results


class StableLoss(Check):
    """SoftmaxCrossEntropy stays finite for logits of any size, and takes soft labels."""

    tolerance = 1e-8

    def cases(rng):
        soft = rng.random((3, 3)) + 0.1
        yield Case(x=np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [800.0, 801.0, 802.0]]),
                   y=np.eye(3))
        yield Case(x=rng.standard_normal((3, 3)), y=soft / soft.sum(axis=1, keepdims=True))

    def handin(case):
        import warnings
        from loss import Criterion, SoftmaxCrossEntropy
        warnings.simplefilter("error")
        criterion = SoftmaxCrossEntropy()
        yield "is a Criterion", isinstance(criterion, Criterion)
        yield "result", criterion(case.x, case.y)
        for name in "logits", "labels", "loss":
            yield name, getattr(criterion, name)
        yield "derivative()", criterion.derivative()

    def expected(torch, case):
        x = leaf(torch, case.x)
        losses = torch.nn.functional.cross_entropy(x, torch.tensor(case.y), reduction="none")
        losses.sum().backward()
        return {"is a Criterion": True, "result": losses.detach().numpy(), "logits": case.x,
                "labels": case.y, "loss": losses.detach().numpy(), "derivative()": x.grad.numpy()}


class BatchNormLayer(Check):
    """BatchNorm: the batch's statistics in training, the running ones in eval, and gradients."""

    tolerance = 1e-8

    def cases(rng):
        for batch, n, alpha in (4, 3, 0.9), (3, 3, 0.5), (7, 1, 0.1), (2, 5, 0.9):
            yield Case(alpha=alpha, gamma=rng.standard_normal((1, n)),
                       beta=rng.standard_normal((1, n)),
                       x=2 + 3 * rng.standard_normal((batch, n)),
                       other_x=rng.standard_normal((batch + 2, n)),
                       delta=rng.standard_normal((batch, n)))

    def handin(case):
        from batchnorm import BatchNorm
        layer = BatchNorm(case.gamma.shape[1], case.alpha)
        yield "eps", layer.eps
        yield "gamma at first", layer.gamma
        yield "beta at first", layer.beta
        layer.gamma, layer.beta = case.gamma, case.beta
        yield "output on another batch", layer(case.other_x)
        yield "output in training", layer.forward(case.x)
        yield "dx", layer.backward(case.delta)
        for name in "mean", "var", "running_mean", "running_var", "dgamma", "dbeta":
            yield name, getattr(layer, name)
        yield "output in eval", layer(case.x, eval=True)
        yield "running_mean after eval", layer.running_mean

    def expected(torch, case):
        alpha, batch_norm = case.alpha, torch.nn.functional.batch_norm
        x, other_x = leaf(torch, case.x), torch.tensor(case.other_x)
        gamma, beta = leaf(torch, case.gamma[0]), leaf(torch, case.beta[0])
        y = batch_norm(x, None, None, gamma, beta, training=True, eps=1e-8)
        (y * torch.tensor(case.delta)).sum().backward()
        # torch keeps a running average of the unbiased variance; the course, of the biased one.
        mean, var = torch.zeros_like(beta), torch.ones_like(beta)
        with torch.no_grad():
            for batch in other_x, x:
                mean = alpha * mean + (1 - alpha) * batch.mean(0)
                var = alpha * var + (1 - alpha) * batch.var(0, unbiased=False)
            other_y = batch_norm(other_x, None, None, gamma, beta, training=True, eps=1e-8)
            in_eval = batch_norm(x, mean, var, gamma, beta, eps=1e-8)
        ones = np.ones(case.gamma.shape)
        return {"eps": Number(1e-8), "gamma at first": ones, "beta at first": 0 * ones,
                "output on another batch": other_y.numpy(),
                "output in training": y.detach().numpy(),
                "dx": x.grad.numpy(), "mean": case.x.mean(axis=0, keepdims=True),
                "var": case.x.var(axis=0, keepdims=True), "running_mean": mean.numpy()[None],
                "running_var": var.numpy()[None], "dgamma": gamma.grad.numpy()[None],
                "dbeta": beta.grad.numpy()[None], "output in eval": in_eval.numpy(),
                "running_mean after eval": mean.numpy()[None]}


class PlainMLP(Check):
    """hw2/mlp.py: MLP(layer_sizes) has linear layers with ReLU between, and biases of zero."""

    def cases(rng):
        for batch, sizes in (3, [6, 5]), (2, [7, 4, 3]), (4, [192, 8, 16, 4]):
            yield Case(sizes=sizes, x=rng.standard_normal((batch, sizes[0])),
                       weights=[rng.standard_normal(s) / s[0] ** 0.5
                                for s in zip(sizes, sizes[1:])],
                       delta=rng.standard_normal((batch, sizes[-1])))

    def handin(case):
        from mlp import MLP
        network = MLP(case.sizes)
        network.init_weights(case.weights)
        yield "number of layers", len(network.layers)
        yield "output", network.forward(case.x)
        yield "dx", network.backward(case.delta)

    def expected(torch, case):
        x = leaf(torch, case.x)
        y = scanning_mlp.mlp(torch, x, [torch.tensor(W) for W in case.weights])
        (y * torch.tensor(case.delta)).sum().backward()
        return {"number of layers": 2 * len(case.weights) - 1, "output": y.detach().numpy(),
                "dx": x.grad.numpy()}


class ScanWidths(Check):
    """Both scanners take other widths and batches, and have backward(delta)."""

    tolerance = 1e-8

    def cases(rng):
        for batch, width in (2, 128), (3, 8), (2, 53):
            positions = (width - 8) // 4 + 1
            for name, weights in (
                    ("Simple", scanning_mlp.simple_weights(rng)),
                    ("Distributed", scanning_mlp.distributed_weights(rng, np.nan))):
                yield Case(name="CNN_%sScanningMLP" % name, weights=weights,
                           x=rng.standard_normal((batch, 24, width)),
                           delta=rng.standard_normal((batch, 4 * positions)))

    def handin(case):
        import mlp_scan
        network = getattr(mlp_scan, case.name)()
        network.init_weights(case.weights)
        yield "output", network(case.x)
        yield "dx", network.backward(case.delta)

    def expected(torch, case):
        x = leaf(torch, case.x)
        y = scanning_mlp.scan(torch, x, case.weights)
        (y * torch.tensor(case.delta)).sum().backward()
        return {"output": y.detach().numpy(), "dx": x.grad.numpy()}


class AbsentConnections(Check):
    """The distributed scanner reads no entry of a connection that Figure 3 does not have."""

    def cases(rng):
        yield Case(weights=scanning_mlp.distributed_weights(rng, 1e3),
                   x=rng.standard_normal((1, 24, 128)))

    def handin(case):
        from mlp_scan import CNN_DistributedScanningMLP
        network = CNN_DistributedScanningMLP()
        network.init_weights(case.weights)
        yield "output", network.forward(case.x)

    def expected(torch, case):
        weights = [np.where(W == 1e3, 0, W) for W in case.weights]
        return {"output": Row(scanning_mlp.scan(torch, torch.tensor(case.x), weights).numpy()[0])}


class Training(Check):
    """CNN: zero_grads(), then passes and step()s that descend the mean loss as torch's SGD does."""

    tolerance = 1e-8

    def cases(rng):
        for depth, batches, lr in (1, [1, 1, 1], 0.3), (2, [4, 4, 3], 0.1), (4, [3, 5, 2], 0.2):
            levels = {"depth": depth, "layers": "narrow", **dict.fromkeys(cnn.PLACES, "Tanh")}
            case = cnn.cnn_case(rng, cnn.draw_shape(rng, levels), 1)
            xs, labels = zip(*(cnn.draw_batch(rng, case.shape, batch) for batch in batches))
            yield case.but(xs=list(xs), all_labels=list(labels), lr=lr)

    def handin(case):
        network = cnn.build(case, case.lr)
        cnn.set_parameters(network, case.parameters)
        yield "train_mode", network.train_mode
        for i, (x, labels) in enumerate(zip(case.xs, case.all_labels), 1):
            network.zero_grads()
            for name, layer in cnn.layers(network):
                yield "%s.dW after zero_grads() %d" % (name, i), layer.dW
            network.forward(x)
            network.backward(labels)
            yield "loss at step %d" % i, network.loss
            network.step()
            for name, layer in cnn.layers(network):
                yield "%s.W after step %d" % (name, i), layer.W
                yield "%s.b after step %d" % (name, i), layer.b
        network.eval()
        yield "train_mode after eval()", network.train_mode
        network.train()
        yield "train_mode after train()", network.train_mode

    def expected(torch, case):
        results = {"train_mode": True, "train_mode after eval()": False,
                   "train_mode after train()": True}
        parameters = case.parameters
        for i, (x, labels) in enumerate(zip(case.xs, case.all_labels), 1):
            found = cnn.passes(torch, case, x, labels, parameters=parameters)
            results["loss at step %d" % i] = Number(found["loss"])
            new = []
            for j, (W, b) in enumerate(parameters):
                last = j == len(parameters) - 1
                name = "linear_layer" if last else "convolutional_layers[%d]" % j
                rate = case.lr / (1 if last else len(x))  # the linear layer's are averaged already
                results["%s.dW after zero_grads() %d" % (name, i)] = 0 * W
                new.append((W - rate * found[name + ".dW"], b - rate * found[name + ".db"]))
                results["%s.W after step %d" % (name, i)] = new[-1][0]
                results["%s.b after step %d" % (name, i)] = Row(new[-1][1])
            parameters = new
        return results


class Imports(Check):
    """Each file is found by `import conv` and by `import mytorch.conv`, with the names it owes."""

    needs_torch = False

    def cases(rng):
        modules = {
            "conv": ["Conv1D", "Flatten"], "linear": ["Linear"], "batchnorm": ["BatchNorm"],
            "activation": ["Activation", "Identity", "Sigmoid", "Tanh", "ReLU"],
            "loss": ["Criterion", "SoftmaxCrossEntropy", "np", "os"],
        }
        for prefix in "", "mytorch.":
            for module, names in modules.items():
                yield Case(module=prefix + module, names=names)
        for module, name in (("mc", "question_1"), ("mlp", "MLP"), ("hw2", "CNN"),
                             ("mlp_scan", "CNN_SimpleScanningMLP")):
            yield Case(module=module, names=[name])

    def handin(case):
        mytorch_and_hw2 = tuple(sys.path[:2])
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", "")).startswith(mytorch_and_hw2):
                del sys.modules[name]
        module = importlib.import_module(case.module)
        for name in case.names:
            yield name, hasattr(module, name)

    def expected(torch, case):
        return dict.fromkeys(case.names, True)


CHECKS = [DefaultWeights, GradientsReplaced, ArrayLike, Float32, ActivationBackward, StableLoss,
          BatchNormLayer, PlainMLP, ScanWidths, AbsentConnections, Training, Imports]

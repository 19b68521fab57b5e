"""The torch modules that compute what our layers and networks compute."""
import torch


def layers(thing):
    """Return a network's layers in order; a layer is a network of one."""
    if not hasattr(thing, "convolutional_layers"):
        return getattr(thing, "layers", [thing])
    in_order = []
    for pair in zip(thing.convolutional_layers, thing.activations):
        in_order += pair
    return in_order + [thing.flatten, thing.linear_layer]


def twin(thing):
    """Return a torch module with copies of the weights of a layer or network."""
    return torch.nn.Sequential(*map(module, layers(thing)))


def module(layer):
    """Return the torch module of one layer."""
    name = type(layer).__name__
    if name == "Conv1D":
        conv = torch.nn.Conv1d(
            layer.in_channel, layer.out_channel, layer.kernel_size, layer.stride)
        return with_weights(conv, layer.W, layer.b)
    if name == "Linear":
        linear = torch.nn.Linear(*layer.W.shape)
        return with_weights(linear, layer.W.T, layer.b.reshape(-1))
    if name == "BatchNorm":
        norm = torch.nn.BatchNorm1d(layer.in_feature, layer.eps, 1 - layer.alpha)
        return with_weights(norm, layer.gamma[0], layer.beta[0]).double()
    return getattr(torch.nn, name)()


def with_weights(module, W, b):
    """Return the module after giving it copies of W and b, as floats."""
    module.weight.data = torch.tensor(W * 1.0)
    module.bias.data = torch.tensor(b * 1.0)
    return module


def run_ours(thing, x, delta):
    """Return output, dx, and each parameter's gradient, summed over the batch."""
    results = [thing.forward(x), thing.backward(delta)]
    for layer in layers(thing):
        for name in "W", "b", "gamma", "beta":
            if not hasattr(layer, name):
                continue
            gradient = getattr(layer, "d" + name)
            assert gradient.shape == getattr(layer, name).shape
            if type(layer).__name__ == "Linear":  # averages over the batch
                gradient = gradient * len(results[0])
            results.append(gradient)
    return results


def run_torch(module, x, loss):
    """Return the same of a torch module, in our shapes: loss is a function of the output."""
    x = torch.tensor(x, requires_grad=True)
    y = module(x)
    dx, *gradients = torch.autograd.grad(loss(y), [x, *module.parameters()])
    results = [y, dx]
    for gradient in gradients:
        results.append(gradient.T if gradient.ndim == 2 else gradient)
    return [a.detach().numpy() for a in results]

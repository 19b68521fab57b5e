"""The torch modules that compute what our layers and networks compute."""
import torch

torch.set_num_threads(1)


def layers(thing):
    """Return a network's layers in order; a layer is a network of one."""
    if not hasattr(thing, "convolutional_layers"):
        return getattr(thing, "layers", [thing])
    pairs = zip(thing.convolutional_layers, thing.activations)
    return [layer for pair in pairs for layer in pair] + [thing.flatten, thing.linear_layer]


def twin(thing):
    """Return a torch module with copies of the weights of a layer or network."""
    return torch.nn.Sequential(*map(module, layers(thing)))


def module(layer):
    name = type(layer).__name__
    if name == "Conv1D":
        sizes = layer.in_channel, layer.out_channel, layer.kernel_size, layer.stride
        return with_weights(torch.nn.Conv1d(*sizes), layer.W, layer.b)
    if name == "Linear":
        return with_weights(torch.nn.Linear(*layer.W.shape), layer.W.T, layer.b.reshape(-1))
    if name == "BatchNorm":
        norm = torch.nn.BatchNorm1d(layer.in_feature, layer.eps, 1 - layer.alpha)
        return with_weights(norm, layer.gamma[0], layer.beta[0]).double()
    return getattr(torch.nn, name)()


def with_weights(module, W, b):
    module.weight.data, module.bias.data = torch.tensor(W * 1.0), torch.tensor(b * 1.0)
    return module


def run_ours(thing, x, delta):
    """Return output, dx, and each parameter's gradient, summed over the batch."""
    results = [thing.forward(x), thing.backward(delta)]
    for layer in layers(thing):
        for name in "W", "b", "gamma", "beta":
            if hasattr(layer, name):
                gradient = getattr(layer, "d" + name)
                assert gradient.shape == getattr(layer, name).shape
                averaged = type(layer).__name__ == "Linear"
                results.append(gradient * len(results[0]) if averaged else gradient)
    return results


def run_torch(module, x, loss):
    """Return the same of a torch module, in our shapes: loss is a function of the output."""
    x = torch.tensor(x, requires_grad=True)
    y, parameters = module(x), list(module.parameters())
    dx, *gradients = torch.autograd.grad(loss(y), [x] + parameters)
    gradients = [a.T if a.ndim == 2 else a for a in gradients]
    return [a.detach().numpy() for a in (y, dx, *gradients)]

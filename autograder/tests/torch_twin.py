"""The torch model that has the same layers and weights as one of our CNNs."""
import torch


def twin(network):
    """Return a torch.nn.Sequential with copies of a CNN's weights, in float64."""
    modules = []
    for conv, activation in zip(network.convolutional_layers, network.activations):
        modules += [with_weights(torch.nn.Conv1d(conv.in_channel, conv.out_channel,
                                                 conv.kernel_size, conv.stride), conv.W, conv.b),
                    getattr(torch.nn, type(activation).__name__)()]
    linear = network.linear_layer
    return torch.nn.Sequential(
        *modules, torch.nn.Flatten(),
        with_weights(torch.nn.Linear(*linear.W.shape), linear.W.T, linear.b)).double()


def with_weights(module, W, b):
    module.weight.data, module.bias.data = torch.tensor(W.copy()), torch.tensor(b.copy())
    return module

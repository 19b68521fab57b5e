"""The sections of the handout: their points, their exercises, and what they build on.

To add a check: write a function of one name three times, in cases.py (the arguments),
exercises.py (what the hand-in computes with them) and answers.py (the same in torch), and
list the name here.
"""
from collections import namedtuple

Section = namedtuple("Section", "number title points exercises")

SECTIONS = [
    Section("2", "Multiple choice", 5, ["multiple_choice"]),
    Section("3.1.1", "Conv1D forward", 20,
            ["conv_forward", "conv_forward_again", "conv_attributes"]),
    Section("3.1.2", "Conv1D backward", 40, ["conv_backward", "conv_backward_again"]),
    Section("3.2", "Flatten and homework 1's layers", 0,
            ["flatten", "linear", "activation", "loss", "batchnorm", "mlp", "float32",
             "imports"]),
    Section("3.3", "CNN as a simple scanning MLP", 10,
            ["simple_scan", "simple_scan_backward"]),
    Section("3.4", "CNN as a distributed scanning MLP", 10,
            ["distributed_scan", "distributed_scan_backward"]),
    Section("3.5", "Build a CNN model", 15, ["cnn", "cnn_training"]),
]

# The exercises that each exercise builds on: where one of those fails, fix it first.
BUILDS_ON = {
    "conv_forward_again": ["conv_forward"],
    "conv_backward": ["conv_forward"],
    "conv_backward_again": ["conv_backward", "conv_forward"],
    "mlp": ["linear", "activation"],
    "simple_scan": ["conv_forward", "conv_forward_again", "flatten", "activation"],
    "simple_scan_backward": ["simple_scan", "conv_backward", "flatten", "activation"],
    "distributed_scan": ["conv_forward", "conv_forward_again", "flatten", "activation"],
    "distributed_scan_backward": ["distributed_scan", "conv_backward", "flatten", "activation"],
    "cnn": ["conv_forward", "conv_backward", "flatten", "linear", "activation", "loss"],
    "cnn_training": ["cnn", "conv_backward_again", "linear", "activation", "loss"],
}


def choose(numbers):
    """Return the sections of these numbers; "3.1" stands for 3.1.1 and 3.1.2, none for all.

    Raises
    ------
    ValueError
        If there is no section of a number.
    """
    for number in numbers:
        if not any(_is_part(s.number, number) for s in SECTIONS):
            raise ValueError("there is no section %s: choose from %s"
                             % (number, ", ".join(s.number for s in SECTIONS)))
    return [s for s in SECTIONS if not numbers or any(_is_part(s.number, n) for n in numbers)]


def _is_part(number, whole):
    return (number + ".").startswith(whole + ".")

"""A check: what a student reads of it, what it is tried on, the hand-in's results and torch's."""
import copy

import numpy as np


class Check:
    """Base class of the checks, which are never instantiated: a class is a check's one place.

    Its docstring is the sentence that a student reads. `handin` runs in a process of its own, that
    has NumPy and the hand-in but not torch; `expected` runs in the grader, which gives it torch.
    """

    builds_on = ()  # the checks that this one fails with: their mistakes are to be mended first
    tolerance = 1e-10  # of the largest number expected, or of 1 where all are smaller
    needs_torch = True

    def cases(rng):
        """Yield Cases, drawn from a NumPy random generator."""

    def handin(case):
        """Use the hand-in as a student would; yield (name, result) pairs, copied as they come."""

    def expected(torch, case):
        """Return a dictionary of what the results should be: see compare.py for what counts."""

    def mistakes(torch, case):
        """Yield (sentence, results) for mistakes that only this check knows."""
        return ()


class Case:
    """The arguments that a check is tried with, as attributes.

    Each time an attribute is read it is a new copy: a hand-in may change what it is given.
    """

    def __init__(self, **arguments):
        self.__dict__["arguments"] = arguments

    def __getattr__(self, name):
        if name.startswith("__") or name not in self.__dict__.get("arguments", ()):
            raise AttributeError(name)
        return copy.deepcopy(self.arguments[name])

    def but(self, **changes):
        """Return a case with some arguments changed."""
        return Case(**{**self.arguments, **changes})

    def size(self):
        """How many numbers its arrays hold."""
        return sum(value.size for value in self.arguments.values()
                   if isinstance(value, np.ndarray))

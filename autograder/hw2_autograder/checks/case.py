"""A check: a sentence for the student, cases, and the hand-in's and torch's results.

Cases cover pairs: for any two settings, such as a stride and a kernel size, every pair of their
levels is in some case.
"""
import copy
import itertools

import numpy as np

from ..compare import compare


class Check:
    """Base class of the checks. They are never instantiated: a class holds all about one check.

    The docstring is the sentence that a student reads. `cases` and `handin` run beside the hand-in,
    without torch; all but `handin` run in the grader.
    """

    builds_on = ()  # names of checks whose failure explains this one's
    tolerance = 1e-10  # relative to the largest number expected, or to 1 where all are smaller
    needs_torch = True

    def cases(rng):
        """Yield Cases, drawn from a NumPy random generator, a small one first."""

    def handin(case):
        """Use the hand-in as the course does; yield (name, result) pairs.

        (None, sentence) is a remark, shown as the hint if the case fails.
        """

    def expected(torch, case):
        """Return a dictionary of what the results should be, as arrays, in data-flow order."""

    def mistakes(torch, case):
        """Yield (sentence, function): a mistake, and the results it would give.

        Each function is called before the next pair is drawn.
        """
        return ()

    @classmethod
    def problem(check, name, expected, got):
        """Return what is wrong with a result as a sentence, or None."""
        return compare(expected, got, check.tolerance)


class Case:
    """The arguments that a check is tried with, as attributes, and the levels they were drawn from.

    Each read of an argument gives a copy, as a hand-in may modify it.
    """

    def __init__(self, levels=None, **arguments):
        self.levels, self.arguments = levels or {}, arguments

    def __getattr__(self, name):
        if name.startswith("__") or name not in self.arguments:
            raise AttributeError(name)
        return copy.deepcopy(self.arguments[name])

    def but(self, **changes):
        """Return a case with some arguments changed or added."""
        return Case(self.levels, **{**self.arguments, **changes})

    def size(self):
        """Return how many numbers its own arrays hold."""
        def count(value):
            if isinstance(value, (list, tuple)):
                return sum(map(count, value))
            return value.size if isinstance(value, np.ndarray) else 0
        return sum(map(count, self.arguments.values()))


def cover(rng, factors, excluded=()):
    """Return dictionaries, a level for each factor, that cover all pairs: a greedy construction.

    Parameters
    ----------
    rng : numpy.random.Generator
    factors : dict
        The list of levels of each factor.
    excluded : iterable of ((factor, level), (factor, level))
        Pairs that are impossible.
    """
    excluded = {frozenset(pair) for pair in excluded}
    levels = {name: [(name, level) for level in factors[name]] for name in factors}
    missing = {frozenset(pair) for a, b in itertools.combinations(levels, 2)
               for pair in itertools.product(levels[a], levels[b])} - excluded
    combinations = []
    while missing:
        # Start from a missing pair, then add the levels that cover the most missing pairs. A set's
        # order differs from process to process, so the pair is chosen by its text.
        chosen = sorted(min(missing, key=lambda pair: sorted(map(str, pair))), key=str)
        for name in rng.permutation([name for name in factors if name not in dict(chosen)]):
            def gain(level):
                pairs = [frozenset([level, other]) for other in chosen]
                return -1 if excluded & set(pairs) else len(missing & set(pairs)) + rng.random()
            chosen.append(max(levels[name], key=gain))
        missing -= {frozenset(pair) for pair in itertools.combinations(chosen, 2)}
        combinations.append(dict(chosen))
    return combinations

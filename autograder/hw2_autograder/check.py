"""A section of the handout, its checks, the cases they are tried with, and mistakes."""
import copy
from dataclasses import dataclass, field

import numpy as np

from .compare import compare


class NotWritten(Exception):
    """A method of the hand-in, named by the text, is as the course gave it."""


@dataclass(frozen=True)
class Section:
    """A section of the handout."""

    number: str
    title: str
    points: int  # 0 if it gives none
    checks: list

    def order(self):
        """Return what sections are sorted by."""
        return [int(part) for part in self.number.split(".")]


class Case:
    """The arguments that a check is tried with, as attributes; each read gives a copy.

    Parameters
    ----------
    levels : dict, optional
        The level of each factor that the arguments were drawn from.
    earlier : Case, optional
        Of a call before, of the same layer or network.
    other : Case, optional
        Of another layer's or network's call in between.
    **arguments
    """

    def __init__(self, levels=None, earlier=None, other=None, **arguments):
        self.levels = levels or {}
        self.earlier = earlier
        self.other = other
        self.arguments = arguments

    def __getattr__(self, name):
        if name.startswith("__") or name not in self.arguments:
            raise AttributeError("the case has no %s" % name)
        return copy.deepcopy(self.arguments[name])

    def get(self, name, default=None):
        """Return an argument, or a default if the case does not have it."""
        return getattr(self, name, default)

    def but(self, earlier=None, other=None, **changes):
        """Return a case with some arguments changed or added."""
        arguments = {**self.arguments, **changes}
        return Case(self.levels, earlier or self.earlier, other or self.other,
                    **arguments)

    def size(self):
        """Return how many numbers its own arrays hold."""
        return _count(list(self.arguments.values()))


def _count(value):
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, (list, tuple)):
        return sum(_count(item) for item in value)
    return 0


@dataclass(frozen=True)
class Mistake:
    """A mistake, and what code with it gives in a case.

    It gives the results of the right code with some arguments changed, or other results.
    """

    subject: str  # such as "your output"
    words: str  # such as "is missing the bias"
    changes: dict = field(default_factory=dict)  # arguments by name
    results: dict = field(default_factory=dict)  # by name, where it is not the right code's
    only: str | None = None  # the result that alone has it; None: all
    raises: bool = False  # whether it may end in an exception
    in_line: object = None  # a size or a shape in the line that raises; None: any

    @property
    def sentence(self):
        return "%s %s" % (self.subject, self.words)


class Check:
    """Base class of the checks. The docstring of a check is what a student reads.

    A check uses a layer or a network, which `make` returns, in two halves: between `begin` and
    `end` another one may be called. `cases`, `make`, `begin` and `end` run beside the hand-in,
    without torch; the other methods run in the grader.
    """

    file = "mytorch/conv.py"  # that a student writes for it
    methods = ()  # of the file, that a student writes
    builds_on = ()  # names of checks whose failure may explain this one's
    tolerance = 1e-10  # relative to the largest number expected, or to 1 where all are smaller
    needs_torch = True
    computes = True  # whether its results are computed, and not only kept

    @property
    def name(self):
        return type(self).__name__

    @property
    def sentence(self):
        return " ".join(type(self).__doc__.split())

    def cases(self, rng):
        """Return Cases, drawn from a NumPy random generator, a small one first."""
        raise NotImplementedError

    def make(self, case):
        """Return the hand-in's layer or network."""

    def begin(self, made, case):
        """Use it up to where another one may be called; yield (name, result) pairs."""
        return ()

    def end(self, made, case):
        """Use it from there on, mostly `backward`; yield (name, result) pairs."""
        return ()

    def expected(self, torch, case):
        """Return a dictionary of what the results should be, as arrays, in data-flow order.

        `begin` and `end` may give other results too: they are for `signs` and `remarks`.
        """
        raise NotImplementedError

    def mistakes(self, torch, case):
        """Yield Mistakes."""
        return ()

    def signs(self, torch, case, values):
        """Yield sentences on what the hand-in did in a failed case that right code never does."""
        return ()

    def remarks(self, torch, case, values):
        """Yield sentences on where a failed case goes wrong, said if nothing else explains it."""
        return ()

    def problem(self, name, expected, got):
        """Return what is wrong with a result as a sentence, or None."""
        return compare(expected, got, self.tolerance)

    def problems(self, right, values):
        """Return what is wrong with a case's results, by name, in the right ones' order."""
        found = {}
        for name, value in right.items():
            if name in values:
                problem = self.problem(name, value, values[name])
                if problem:
                    found[name] = problem
        return found

    def passes(self, right, result):
        """Return whether a case raised no exception and all its results are right."""
        if result.error is not None or set(right) - set(result.values):
            return False
        return not self.problems(right, result.values)

    def worked_out(self, case, name, index):
        """Return how an entry of a result is computed, in a line, or None."""
        return None

    def use(self, case):
        """Use the hand-in in a case, with its earlier and its other call; yield the results."""
        made = self.make(case)
        if case.earlier is not None:
            self._use_whole(made, case.earlier)
        yield from self.begin(made, case)
        if case.other is not None:
            self._use_whole(self.make(case.other), case.other)
        yield from self.end(made, case)

    def _use_whole(self, made, case):
        for half in self.begin, self.end:
            for _ in half(made, case):
                pass

"""Hints: the first mistake that fits all cases of a check.

A mistake fits a case if it gives what the hand-in gives: the numbers, the shape or the exception.
"""
import itertools

import numpy as np

from . import known_errors
from .check import Mistake
from .compare import same
from .results import Shape, is_array

MAX_CHANCE = 0.003  # that failing cases share a level by chance


def explain(trial):
    """Return a sentence on why a check fails, or None."""
    if trial.torch is None:
        return None
    return (mistake(trial, own_mistakes)
            or pair(trial)
            or known_error(trial)
            or first_sentence(trial, trial.check.signs)
            or varying(trial)
            or mistake(trial, general_mistakes)
            or first_sentence(trial, trial.check.remarks)
            or pattern(trial))


def mistake(trial, mistakes_in):
    """Return the sentence of the first mistake that fits all cases, or None.

    Parameters
    ----------
    mistakes_in : callable
        Yields (call, mistake) pairs for a case.
    """
    candidates = None
    confirmed = set()  # the sentences that some failing case has confirmed
    for i in trial.order():
        found = {}  # whether mistakes fit, by sentence: of one sentence there may be several
        for call, each in mistakes_in(trial, i):
            if candidates is None or each.sentence in candidates:
                found.setdefault(each.sentence, set()).add(fits(trial, i, each, call))
        if candidates is None:
            candidates = list(found)
        # A wrong result needs the mistake; in other cases it may be impossible.
        if trial.failing.get(i):
            candidates = [s for s in candidates if found.get(s, set()) & {True, None}]
        else:
            candidates = [s for s in candidates if found.get(s) != {False}]
        if i in trial.failing:
            confirmed.update(s for s in candidates if True in found.get(s, ()))
        if not candidates:
            return None
    return next((sentence for sentence in candidates or () if sentence in confirmed), None)


def own_mistakes(trial, i):
    """Yield the check's own mistakes in a case.

    An exception may come from another call of the case: then they are those of all its calls.
    """
    case = trial.cases[i]
    calls = [case]
    if trial.results[i].error is not None:
        calls += [call for call in (case.earlier, case.other) if call is not None]
    for call in calls:
        for each in trial.check.mistakes(trial.torch, call):
            yield call, each


def general_mistakes(trial, i):
    """Yield mistakes that any result may have, of the first result that is wrong."""
    case, wrong = trial.cases[i], trial.wrong()
    if trial.check.computes and wrong and wrong[0] in trial.expected[i]:
        name = wrong[0]
        right = trial.expected[i][name]
        got = trial.results[i].values.get(name)
        for each in GeneralMistakes(name, right, got, trial.expected[i], case).all():
            yield case, each


def fits(trial, i, mistake, call):
    """Return whether a case gives what code with this mistake gives; None if that is not known.

    Parameters
    ----------
    call : Case
        The case, or its earlier call or the other object's call.
    """
    result = trial.results[i]
    tolerance = trial.check.tolerance
    for name, value in mistake.results.items():
        if name in result.values and not same(value, result.values[name], tolerance):
            return False
    # It has to explain the first wrong result; those that follow may have other causes too.
    first = next(iter(trial.failing.get(i, ())), None)
    ended_early = first is None and result.error is not None
    if ended_early and not mistake.raises:
        gives_numbers = mistake.changes or mistake.results  # which may raise later on
        return None if gives_numbers else False
    given, raises = prediction(trial, call, mistake)
    if ended_early:
        return seen(mistake.in_line, result.error) if raises else None
    if raises is None and i in trial.failing:
        return None
    if call is not trial.cases[i] or not given:
        return False
    if isinstance(given.get(first), Shape) and given[first].shape == np.shape(
            trial.expected[i][first]):
        return None  # the shape is right in this case, and says nothing on the numbers
    if first is not None and first not in given:
        # If the mistake would show in this case, it is not made; otherwise nothing is known.
        right = trial.expected[i]
        visible = [name for name in given if not same(given[name], right.get(name), tolerance)]
        return False if visible else None
    return all(same(value, result.values[name], tolerance)
               for name, value in given.items() if name in result.values)


def prediction(trial, case, mistake):
    """Return the results that code with a mistake gives by name, and whether it may raise.

    The second is None where the shapes do not fit, so that nothing is known.
    """
    given = {}
    raises = mistake.raises
    if mistake.changes:
        changed = case.but(**mistake.changes)
        try:
            given = trial.check.expected(trial.torch, changed)
        except RuntimeError:  # the shapes do not fit
            raises = None
    if mistake.only:
        given = {name: value for name, value in given.items() if name == mistake.only}
    return {**given, **mistake.results}, raises


def seen(size, error):
    """Return whether a size, or a shape, is in the line that raised; None if any line may."""
    if size is None:
        return None
    found = error.frames[-1].sizes.values() if error.frames else ()
    if isinstance(size, tuple):
        return size in found
    return any(size == value or size in np.atleast_1d(value) for value in found)


def pair(trial):
    """Return the sentence of two mistakes that fit all cases together, or None.

    The first case is small, so that all pairs can be tried with it.
    """
    if trial.shown() != 0:
        return None
    candidates = None
    for i in trial.order():
        mistakes = {each.sentence: each for each in changing(trial, i)}
        if candidates is None:
            candidates = list(itertools.combinations(mistakes, 2))
        remaining = []
        for a, b in candidates:
            if a in mistakes and b in mistakes:
                agrees = fits(trial, i, both(mistakes[a], mistakes[b]), trial.cases[i])
            else:
                agrees = i not in trial.failing
            if agrees:
                remaining.append((a, b))
        candidates = remaining
        if not candidates:
            return None
    mistakes = {each.sentence: each for each in changing(trial, 0)}
    a, b = candidates[0]
    return both(mistakes[a], mistakes[b]).sentence


def changing(trial, i):
    """Return the mistakes that are changes of a case's arguments."""
    mistakes = trial.check.mistakes(trial.torch, trial.cases[i])
    return [each for each in mistakes if each.changes and not each.raises]


def both(a, b):
    """Return one Mistake for two; where both change an argument, the second's change counts."""
    words = "%s, and %s" % (a.words, b.words if a.subject == b.subject else b.sentence)
    return Mistake(a.subject, words, {**a.changes, **b.changes}, {**a.results, **b.results},
                   only=a.only if a.only == b.only else None)


def known_error(trial):
    """Return what the exception of the failing case that is shown means, if that is known."""
    error = trial.results[trial.shown()].error
    return error and known_errors.meaning(error)


def varying(trial):
    """Return which result has other numbers in another run, in a sentence, or None."""
    for i, (result, again) in enumerate(zip(trial.results, trial.again)):
        for name in trial.expected[i]:
            value, other = result.values.get(name), again.values.get(name)
            if is_array(value) and is_array(other):
                if not np.array_equal(value, other, equal_nan=True):
                    return "your %s has other numbers when it is run again: is it from np.empty," \
                        " or random?" % name
    return None


def first_sentence(trial, sentences_on):
    """Return the first sentence, on the shown case if there is one, or on another failing case."""
    for i in trial.order()[:len(trial.failing)]:
        for sentence in sentences_on(trial.torch, trial.cases[i], trial.results[i].values):
            return sentence if i == trial.shown() else "in another case, " + sentence
    return None


def pattern(trial):
    """Return which levels of a factor all failing cases have, unless by chance, or None."""
    drawn = []
    for i, case in enumerate(trial.cases[:len(trial.results)]):
        if case.levels:
            drawn.append((case.levels, i in trial.failing))
    found = []
    for factor in drawn[0][0] if drawn else ():
        failing = {levels[factor] for levels, fails in drawn if fails}
        inside = [fails for levels, fails in drawn if levels[factor] in failing]
        if not failing:
            continue
        chance = (len(inside) / len(drawn)) ** sum(inside)  # that they have these levels
        exact = all(inside) and len(inside) < len(drawn)
        if exact or chance < MAX_CHANCE:
            others = {levels[factor] for levels, _ in drawn} - failing
            word = "exactly" if all(inside) else "only"
            sentence = "it fails %s where %s" % (word, levels_in_words(factor, failing, others))
            found.append((not all(inside), chance, sentence))
    return min(found)[2] if found else None


def levels_in_words(factor, failing, others):
    """Return which levels of a factor fail, as words: by the others where those are fewer."""
    if others == {"none"}:
        return "there is " + factor
    if failing == {"none"}:
        return "there is no " + factor.partition(" ")[2]
    levels = failing
    verb = "is"
    if len(others) < len(failing):
        levels = others
        verb = "is not"
    *first, last = sorted(map(str, levels))
    if first:
        last = "%s or %s" % (", ".join(first), last)
    if last.startswith(("with ", "of ")):  # a kind of call
        return "%s is one %s" % (factor, last)
    return "%s %s %s" % (factor, verb, last)


class GeneralMistakes:
    """Mistakes of any result, made from the right one.

    Parameters
    ----------
    name : str
    right : array_like
    got : ndarray, str or None
        What the hand-in gives.
    expected : dict
        All right results.
    case : Case
    """

    def __init__(self, name, right, got, expected, case):
        self.name = name
        self.right = np.asarray(right, dtype=float)
        self.got = got
        self.expected = expected
        self.case = case
        axes = ["sample", "channel", "position"]
        if name.endswith("W"):
            axes = ["filter", "channel", "tap"]
        self.axes = {3: axes, 2: ["row", "column"], 1: ["element"]}.get(self.right.ndim, [])

    def all(self):
        """Yield the mistakes."""
        yield from self.whole()
        yield from self.sizes()
        for i, axis in enumerate(self.axes):
            for words, value in self.along(i):
                yield self.gives(words % axis, value)
        yield from self.returns()
        yield from self.orders()

    def gives(self, words, value):
        return Mistake("your " + self.name, words, results={self.name: value})

    def whole(self):
        right = self.right
        got = self.got
        yield self.gives("is 0 everywhere", 0 * right)
        yield self.gives("has the wrong sign", -right)
        yield self.gives("is truncated to integers", np.trunc(right))
        yield self.gives("has 0 for its negative numbers", np.maximum(right, 0))
        for name, other in self.expected.items():
            if name != self.name:
                yield self.gives("is what %s should be" % name, other)
        with np.errstate(all="ignore"):
            e = np.exp(right)
            yield self.gives("is a softmax of the right one", e / e.sum(axis=-1, keepdims=True))
        if is_array(got):
            scale = np.abs(right).max(initial=1e-300)
            if same(right / scale, got / scale, 1e-3):
                yield self.gives("is right to a few digits: is it rounded, or float32?", got)
            if got.size == right.size and got.shape != right.shape:
                yield self.gives("has the right numbers in the wrong shape",
                                 right.reshape(got.shape))

    def sizes(self):
        """Yield the right result times or divided by the sizes that a student may use."""
        found = {"2": 2}
        for name, value in self.case.arguments.items():
            if isinstance(value, int):
                found[name] = value
            for axis, n in enumerate(getattr(value, "shape", ())):
                found["%s.shape[%d]" % (name, axis)] = n
        for name, n in found.items():
            words = "the batch size" if name == "x.shape[0]" else name
            yield self.gives("is the right one divided by " + words, self.right / n)
            yield self.gives("is the right one times " + words, self.right * n)

    def along(self, i):
        """Yield (words, value) for mistakes along an axis."""
        right = self.right
        n = right.shape[i]
        index = np.indices(right.shape)[i]
        yield "is missing the last %s", right.take(range(n - 1), i)
        yield "is 0 in the last %s", np.where(index == n - 1, 0, right)
        yield "repeats the first %s", right.take([0] * n, i)
        yield "comes one %s too late", np.where(index == 0, 0, np.roll(right, 1, i))
        yield "comes one %s too early", np.where(index == n - 1, 0, np.roll(right, -1, i))
        yield "has its %ss reversed", np.flip(right, i)
        yield "is summed over its %ss", right.sum(axis=i)
        yield "is averaged over its %ss", right.mean(axis=i)

    def returns(self):
        """Yield mistakes of a return that ends one loop or two."""
        right = self.right
        loops = [*itertools.combinations(range(right.ndim), 1),
                 *itertools.combinations(range(right.ndim), 2)]
        for axes in loops:
            later = np.indices(right.shape)[list(axes)].any(axis=0)
            words = " and ".join(self.axes[i] for i in axes)
            yield self.gives("is 0 after the first %s: is a return inside the loop?" % words,
                             np.where(later, 0, right))

    def orders(self):
        """Yield the right result with its axes in other orders."""
        right = self.right
        for order in itertools.islice(itertools.permutations(range(right.ndim)), 1, None):
            words = ", ".join(self.axes[i] for i in order)
            yield self.gives("has the axes (%s); they should be (%s)"
                             % (words, ", ".join(self.axes)), right.transpose(order))
            yield self.gives("is reshaped from (%s); use transpose to move axes" % words,
                             right.transpose(order).reshape(right.shape))

"""Hints: the first mistake that fits all cases of a check.

A mistake is a sentence and the results it would give in a case. It is said only if in every case
these results are the hand-in's.
"""
import itertools

import numpy as np

from .compare import same


def explain(torch, check, cases, expected, records, failures):
    """Return a sentence on why a check fails, or None, and the case and the result that show it.

    A remark made while the hand-in was used comes first. The first wrong result, in data-flow
    order, explains those that follow.
    """
    order = sorted(range(len(cases)), key=lambda i: (i not in failures, i > 0, cases[i].size()))
    for i in order[:len(failures)]:
        if records[i].remarks:
            return records[i].remarks[0], (i, next(iter(failures[i])))
    wrong = next((name for right in expected for name in right
                  if any(name in problems for problems in failures.values())), None)
    index = next((i for i in order if wrong in failures.get(i, ())), order[0])
    candidates = None  # the sentences that no case has contradicted
    for i in order if torch else []:
        problems, results = failures.get(i, {}), records[i].results
        agree, contradicted = {}, set()
        for sentence, give in itertools.chain(
                check.mistakes(torch, cases[i]), _general(cases[i], expected[i], results, wrong)):
            if candidates is None or sentence in candidates:
                if _agrees(check, give(), results, problems, wrong):
                    agree[sentence] = True
                else:
                    contradicted.add(sentence)
        # A failing case needs the mistake; in a right one it may be impossible.
        candidates = [sentence for sentence in (agree if candidates is None else candidates)
                 if sentence in agree or sentence not in contradicted and not problems]
        if not candidates:
            break
    return candidates[0] if candidates else pattern(cases, failures), (index, wrong)


def _agrees(check, given, results, problems, wrong):
    """Return whether a mistake that gives these results, or None for any failure, fits a case."""
    if given is None:
        return bool(problems)
    if set(problems) == {None}:  # an exception, before any wrong result
        return wrong is not None
    return (wrong in given or wrong not in problems) and all(
        same(value, results[name], check.tolerance)
        for name, value in given.items() if name in results)


def pattern(cases, failures):
    """Return which levels of a factor all failing cases have, unless by chance, or None."""
    drawn = [(case.levels, i in failures) for i, case in enumerate(cases) if case.levels]
    found = []
    for factor in drawn[0][0] if drawn else ():
        failing = {levels[factor] for levels, fails in drawn if fails}
        inside = [fails for levels, fails in drawn if levels[factor] in failing]
        chance = (len(inside) / len(drawn)) ** sum(inside)  # that they have these levels
        if failing and (all(inside) and len(inside) < len(drawn) or chance < 0.01):
            other = {levels[factor] for levels, _ in drawn} - failing
            few, negated = min((failing, ""), (other, "not "), key=lambda pair: len(pair[0]))
            *first, last = sorted(map(str, few))
            where = "there is " + factor if other == {"none"} else "%s is %s%s" % (
                factor, negated, "%s or %s" % (", ".join(first), last) if first else last)
            found.append((not all(inside), chance, "it fails %s where %s" % (
                "exactly" if all(inside) else "only", where)))
    return min(found)[2] if found else None


def _general(case, right, results, name):
    """Yield (sentence, function) for mistakes of any result, made from the right one."""
    if name not in right:
        return
    got, r = results.get(name), np.asarray(right[name], dtype=float)
    top = np.abs(r).max(initial=1e-300)

    def whole():
        yield "is 0 everywhere", lambda: 0 * r
        yield "has the wrong sign", lambda: -r
        yield "is truncated to integers", lambda: np.trunc(r)
        yield "has 0 for its negative numbers", lambda: np.maximum(r, 0)
        for quantity, n in _quantities(case):
            yield "is the right one divided by " + quantity, lambda: r / n
            yield "is the right one times " + quantity, lambda: r * n
        close = isinstance(got, np.ndarray) and same(r / top, got / top, 1e-3)
        yield "is right to a few digits: is it rounded, or float32?", lambda: got if close else r
        for other in right:
            yield "is what %s should be" % other, lambda: right[other]
        yield "is a softmax of the right one", lambda: (
            np.exp(r) / np.exp(r).sum(axis=-1, keepdims=True))
        yield "has the right numbers in the wrong shape", lambda: (
            r.reshape(got.shape) if getattr(got, "size", None) == r.size else r)

    axes = ["filter", "channel", "tap"] if name.endswith("W") else ["sample", "channel", "position"]
    axes = {3: axes, 2: ["row", "column"], 1: ["element"]}.get(r.ndim, [])

    def along(i):
        n, index = r.shape[i], np.indices(r.shape)[i]
        yield "is missing the last %s", lambda: r.take(range(n - 1), i)
        yield "is 0 in the last %s", lambda: np.where(index == n - 1, 0, r)
        yield "repeats the first %s", lambda: r.take([0] * n, i)
        yield "comes one %s too late", lambda: np.where(index == 0, 0, np.roll(r, 1, i))
        yield "comes one %s too early", lambda: np.where(index == n - 1, 0, np.roll(r, -1, i))
        yield "has its %ss reversed", lambda: np.flip(r, i)
        yield "is summed over its %ss", lambda: r.sum(axis=i)
        yield "is averaged over its %ss", lambda: r.mean(axis=i)

    for phrase, give in whole():
        yield "your %s %s" % (name, phrase), lambda: {name: give()}
    for i, axis in enumerate(axes):
        for phrase, give in along(i):
            yield "your %s %s" % (name, phrase % axis), lambda: {name: give()}
    for loops in itertools.chain(*(itertools.combinations(range(r.ndim), n) for n in (1, 2))):
        yield "your %s is 0 after the first %s: is a return inside the loop?" % (
            name, " and ".join(axes[i] for i in loops)), lambda: {
                name: np.where(np.indices(r.shape)[list(loops)].any(axis=0), 0, r)}
    for order in itertools.islice(itertools.permutations(range(r.ndim)), 1, None):
        words = ", ".join(axes[i] for i in order)
        yield "your %s has the axes (%s); they should be (%s)" % (name, words, ", ".join(axes)), \
            lambda: {name: r.transpose(order)}
        yield "your %s is reshaped from (%s); use transpose to move axes" % (name, words), \
            lambda: {name: r.transpose(order).reshape(r.shape)}


def _quantities(case):
    """Yield the sizes that a student may multiply or divide by."""
    yield "2", 2
    for name, value in case.arguments.items():
        if isinstance(value, int):
            yield name, value
        for axis, n in enumerate(getattr(value, "shape", ())):
            text = "%s.shape[%d]" % (name, axis)
            yield "the batch size" if text == "x.shape[0]" else text, n

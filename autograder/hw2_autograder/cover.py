"""Cases that cover all pairs: for any two settings, every pair of their levels is in some case."""
import itertools

import numpy as np


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
    levels = {}
    for factor in factors:
        levels[factor] = [(factor, level) for level in factors[factor]]
    missing = set()
    for a, b in itertools.combinations(factors, 2):
        missing.update(map(frozenset, itertools.product(levels[a], levels[b])))
    missing -= excluded

    combinations = []
    while missing:
        # Start from a missing pair, then add the levels that cover the most missing pairs. A set's
        # order differs from process to process, so the pair is chosen by its text.
        chosen = sorted(min(missing, key=_text), key=str)
        others = [factor for factor in factors if factor not in dict(chosen)]
        for factor in rng.permutation(others):
            gains = [_gain(level, chosen, missing, excluded) for level in levels[factor]]
            best = np.argmax(gains + 0.9 * rng.random(len(gains)))  # one of the best, at random
            chosen.append(levels[factor][best])
        missing -= {frozenset(pair) for pair in itertools.combinations(chosen, 2)}
        combinations.append(dict(chosen))
    return combinations


def _text(pair):
    return sorted(map(str, pair))


def _gain(level, chosen, missing, excluded):
    """Return how many missing pairs a level makes with those chosen; -1 if one is impossible."""
    pairs = {frozenset([level, other]) for other in chosen}
    if pairs & excluded:
        return -1
    return len(pairs & missing)

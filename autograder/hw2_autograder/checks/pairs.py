"""Cases that cover by construction: every pair of levels of two factors stands in one of them."""
import itertools


def cover(rng, factors, excluded=()):
    """Return combinations of levels that cover all pairs: a greedy construction.

    Parameters
    ----------
    rng : numpy.random.Generator
    factors : dict
        The list of levels of each factor.
    excluded : iterable of ((factor, level), (factor, level))
        Pairs that cannot be.

    Returns
    -------
    list of dict
        A level for each factor.
    """
    excluded = {frozenset(pair) for pair in excluded}
    levels = {name: [(name, level) for level in factors[name]] for name in factors}
    missing = {frozenset(pair) for a, b in itertools.combinations(levels, 2)
               for pair in itertools.product(levels[a], levels[b])} - excluded
    combinations = []
    while missing:
        # Begin with a pair that is missing, then add the levels that bring most missing pairs.
        chosen = list(min(missing, key=sorted_names))
        others = [name for name in factors if name not in dict(chosen)]
        for name in rng.permutation(others):
            def gain(level):
                pairs = [frozenset([level, other]) for other in chosen]
                return -1 if excluded & set(pairs) else len(missing & set(pairs)) + rng.random()
            chosen.append(max(levels[name], key=gain))
        pairs = {frozenset(pair) for pair in itertools.combinations(chosen, 2)}
        assert not pairs & excluded, "no combination has %s" % (chosen,)
        missing -= pairs
        combinations.append(dict(chosen))
    return combinations


def sorted_names(pair):
    """Sets have no order that is the same in every process; their elements' names have."""
    return sorted(map(str, pair))

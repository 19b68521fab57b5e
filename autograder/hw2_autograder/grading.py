"""From a hand-in to its results: runs the checks, compares with torch, and judges each section."""
import functools
import zlib
from collections import namedtuple

import numpy as np

from . import diagnosis, supervisor
from .compare import Problem, compare

# Of a check: `failures`, empty if all is right; `right`, `wrong`: names of results;
# `consequence`: names of failed checks that it builds on, which explain it; `hint`: a sentence.
Verdict = namedtuple("Verdict", "check cases outcome failures right wrong consequence hint")
# Of a case: `result` names what is wrong, None for the case as a whole; `problem` is a Problem;
# `error` the text of an exception or None.
Failure = namedtuple("Failure", "case result problem error", defaults=(None,))
Graded = namedtuple("Graded", "section points verdicts")


@functools.lru_cache(maxsize=None)
def draw(check, seed):
    """Return the cases of a check, the same for the same seed."""
    return list(check.cases(np.random.default_rng([seed, zlib.crc32(check.__name__.encode())])))


@functools.lru_cache(maxsize=None)
def expected(check, seed):
    """What torch gives in each case of a check."""
    torch = torch_module() if check.needs_torch else None
    return [check.expected(torch, case) for case in draw(check, seed)]


@functools.lru_cache(maxsize=None)
def torch_module():
    """Torch, on one thread: the arrays are small, and the hand-in wants the other core."""
    import torch
    torch.set_num_threads(1)
    return torch


def grade(top, sections, seed, time_limit):
    """Yield a Graded for each section of the hand-in at `top`, in order."""
    checks = [check for section in sections for check in section.checks]
    if any(check.needs_torch for check in checks):
        torch_module()  # before anything of the hand-in runs
    outcomes = supervisor.start(top, {check: draw(check, seed) for check in checks}, time_limit)
    failed = {}
    for section in sections:
        verdicts = []
        for check in section.checks:
            verdict = judge(check, draw(check, seed), expected(check, seed),
                            outcomes[check].result(), failed)
            verdicts.append(verdict)
            if verdict.failures:
                failed[check.__name__] = verdict
        right = not any(verdict.failures for verdict in verdicts)
        yield Graded(section, section.points if right else 0, verdicts)


def judge(check, cases, expected, outcome, failed):
    """Return the Verdict of a check, given those of the checks that failed before it."""
    failures, seen = [], {}
    for i, (right, record) in enumerate(zip(expected, outcome.records)):
        for name, value in right.items():
            if name in record.results:
                problem = compare(value, record.results[name], check.tolerance)
                seen[name] = seen.get(name, True) and not problem
                if problem:
                    failures.append(Failure(i, name, problem))
        if record.error is not None:
            failures.append(Failure(i, None, Problem("raised an exception"), record.error))
        elif set(right) - set(record.results):
            failures.append(Failure(i, None, Problem("ended before its last result")))
    if outcome.ended:
        failures.append(Failure(len(outcome.records), None, Problem(outcome.ended)))
    consequence = list(dict.fromkeys(
        root for name in check.builds_on if name in failed
        for root in failed[name].consequence or [name]))
    hint = None
    # What the second use of a layer shows may explain what the first does not.
    if failures and not outcome.ended and all(failed[name].check.__module__ == check.__module__
                        and not failed[name].hint for name in consequence):
        torch = torch_module() if check.needs_torch else None
        hint = diagnosis.diagnose(torch, check, cases, expected, outcome, failures)
    return Verdict(check, cases, outcome, failures, [name for name in seen if seen[name]],
                   [name for name in seen if not seen[name]], consequence, hint)

"""Grades a hand-in: runs its sections, compares with torch, and judges each check."""
import contextlib
import functools
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from . import compare, hints, sandbox
from .gaps import gaps
from .results import CheckResult, Failure, SectionResult, is_array
from .sections import CHECKS, SECTIONS, draw, section_of

FIRST_RUN_LIMIT = 5  # seconds at most for several sections in one process


@functools.lru_cache(maxsize=None)
def torch_module():
    """Return torch, on one thread: the arrays are small, and the hand-in needs the other core."""
    import torch
    torch.set_num_threads(1)
    return torch


def torch_for(check):
    """Return torch, or None for a check that does not need it."""
    return torch_module() if check.needs_torch else None


@functools.lru_cache(maxsize=None)
def expected(check, seed):
    """Return what torch gives in each case of a check."""
    return [check.expected(torch_for(check), case) for case in draw(check, seed)]


def grade(files, sections, seed, time_limit):
    """Return a SectionResult for each section, of a hand-in's files by path.

    Two processes first run half of the sections each. A failure there may come from a section
    before it in the same process, or from chance, so each section that fails runs again, in a
    process of its own.
    """
    pool = ThreadPoolExecutor(2)
    try:
        limit = min(time_limit, FIRST_RUN_LIMIT)
        middle = len(sections) // 2
        halves = [half for half in (sections[:middle], sections[middle:]) if half]
        first_runs = [pool.submit(sandbox.run, files, half, seed, limit) for half in halves]
        for section in sections:
            for check in section.checks:  # while the hand-in runs
                expected(check, seed)
        first = {}  # what came of the first run of each section, by number
        for half, run in zip(halves, first_runs):
            first.update(results_of(half, seed, run))
        outcomes = {}
        runs = {}
        for section in sections:
            results = first.get(section.number, [])
            if passes(section, seed, results):
                outcomes[section.number] = sandbox.Outcome(results, None)
            else:
                runs[section.number] = pool.submit(sandbox.run, files, [section], seed, time_limit)
        for number, run in runs.items():
            outcomes[number] = run.result()
    except (KeyboardInterrupt, SystemExit):
        sandbox.stop_all()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    judge = Judge(files, seed, sections)
    found = []
    for section in sections:
        again = first.get(section.number, [])
        found.append(judge.section(section, outcomes[section.number], again))
    return tuple(found)


def results_of(sections, seed, run):
    """Return the CaseResults of each section, by number, of a run of several sections."""
    found = {}
    with contextlib.suppress(sandbox.NotStarted):
        results = run.result().cases
        for section in sections:
            n = sum(len(draw(check, seed)) for check in section.checks)
            found[section.number] = results[:n]
            results = results[n:]
    return found


def passes(section, seed, results):
    """Return whether all cases of a section were finished and are right."""
    rights = []
    for check in section.checks:
        for right in expected(check, seed):
            rights.append((check, right))
    if len(results) < len(rights):
        return False
    return all(check.passes(right, result)
               for (check, right), result in zip(rights, results))


class Trial:
    """The cases of a check that were finished, and what is wrong with each.

    Attributes
    ----------
    cases, expected, results : list
        The Cases, the right results by name, and the CaseResults, in order.
    again : list
        The CaseResults of another run, which may have ended early.
    failing : dict
        What is wrong with each case that fails, by its index: sentences by a result's name.
    """

    def __init__(self, check, torch, cases, expected, results, again=()):
        self.check = check
        self.torch = torch
        self.cases = cases
        self.expected = expected
        self.results = results
        self.again = again
        self.failing = {}
        for i, result in enumerate(results):
            if not check.passes(expected[i], result):
                self.failing[i] = check.problems(expected[i], result.values)

    def order(self):
        """Return the cases' indices: failing ones first, the small first case, then by size."""
        def key(i):
            return (i not in self.failing, i > 0, self.cases[i].size())
        return sorted(range(len(self.results)), key=key)

    def shown(self):
        """Return the index of the failing case that is shown, or None."""
        return self.order()[0] if self.failing else None

    def wrong(self):
        """Return the names of the results that are wrong in some case, in data-flow order."""
        found = set().union(*self.failing.values())
        return [name for name in self.names() if name in found]

    def names(self):
        """Return the names of all results, in data-flow order."""
        found = {}
        for right in self.expected:
            found.update(dict.fromkeys(right))
        return list(found)

    def right(self, shown):
        """Return the names of the results that are in the shown case and wrong in none."""
        if shown is None:
            return []
        values = self.results[shown].values
        wrong = self.wrong()
        return [name for name in self.expected[shown] if name in values and name not in wrong]

    def lost(self):
        """Return the names of the results that are wrong or missing in some case."""
        found = set(self.wrong())
        for i, right in enumerate(self.expected):
            values = self.results[i].values if i < len(self.results) else {}
            found.update(name for name in right if name not in values)
        return found


class Judge:
    """Judges the checks of a hand-in, one after the other."""

    def __init__(self, files, seed, sections=SECTIONS):
        self.gaps = gaps(files)
        self.seed = seed
        self.chosen = sections
        self.lost = {}  # the names of the results that a failed check lost, by the check's name

    def section(self, section, outcome, again=()):
        """Return the SectionResult of an Outcome, and of the CaseResults of another run."""
        results = []
        start = 0
        for check in section.checks:
            end = start + len(draw(check, self.seed))
            cases = outcome.cases[start:end]
            results.append(self.check(check, cases, outcome.stop, again[start:end]))
            start = end
        return SectionResult(section.number, section.title, section.points, tuple(results))

    def check(self, check, results, stop, again=()):
        """Return the CheckResult of the cases that were finished."""
        trial = Trial(check, torch_for(check), draw(check, self.seed),
                      expected(check, self.seed), results, again)
        all_finished = len(results) == len(trial.cases)
        shown = trial.shown()
        passed = all_finished and shown is None
        if not passed:
            self.lost[check.name] = trial.lost()
        breakpoints = [result.breakpoint for result in results if result.breakpoint]
        return CheckResult(
            name=check.name, sentence=check.sentence, file=check.file, cases=len(trial.cases),
            finished=len(results), failed=len(trial.failing), stop=None if all_finished else stop,
            failure=None if shown is None else failure(trial, shown),
            hint=self.hint(trial),
            wrong=tuple(trial.wrong()), right=tuple(trial.right(shown)),
            unwritten=() if passed else self.unwritten(check, trial, shown),
            may_come_from=() if passed else self.may_come_from(check),
            not_run=() if passed else self.not_run(check),
            breakpoint=breakpoints[0] if breakpoints else None)

    def unwritten(self, check, trial, shown):
        """Return the methods of a failed check that are not written yet."""
        found = [method for method in check.methods if method in self.gaps]
        error = shown is not None and trial.results[shown].error
        if error and error.type == "NotWritten" and error.text not in found:
            found.append(error.text)
        return tuple(found)

    def hint(self, trial):
        """Return what the mistake is, in a sentence, if a case fails and that is known, or None."""
        if trial.shown() is None:
            return None
        return self.missing_override(trial, trial.shown()) or hints.explain(trial)

    def missing_override(self, trial, shown):
        """Return a sentence if an unwritten method of a base class ran, or None."""
        error = trial.results[shown].error
        if error is None or not error.frames:
            return None
        frame = error.frames[-1]
        for name, (path, first, last) in self.gaps.items():
            owner, _, method = frame.function.partition(".")
            is_there = frame.path == path and first <= frame.line <= last
            if is_there and method and frame.function != name:
                return "%s has no %s()" % (owner, method)
        return None

    def may_come_from(self, check):
        """Return the numbers of the failed sections whose results a check builds on."""
        found = []
        for root in check.builds_on:
            name, _, result = root.partition(".")
            if name in self.lost and (not result or result in self.lost[name]):
                number = section_of(CHECKS[name]).number
                if number not in found and number != section_of(check).number:
                    found.append(number)
        return tuple(found)

    def not_run(self, check):
        """Return the numbers of the sections that a check builds on and that were not chosen."""
        found = []
        for root in check.builds_on:
            section = section_of(CHECKS[root.partition(".")[0]])
            if section not in self.chosen and section.number not in found:
                found.append(section.number)
        return tuple(found)


def failure(trial, shown):
    """Return the Failure of a case."""
    check = trial.check
    case = trial.cases[shown]
    result = trial.results[shown]
    right = trial.expected[shown]
    problems = trial.failing[shown]
    if result.error is not None or not problems:
        problem = "ended before its last result"
        if result.error is not None:
            problem = result.error.text
        return Failure(case=case, name=None, problem=problem, expected=None, got=None,
                       error=result.error, printed=result.printed, worked_out=None)
    name = next(iter(problems))
    value = right[name]
    got = result.values[name]
    return Failure(case=case, name=name, problem=problems[name], expected=value, got=got,
                   error=None, printed=result.printed,
                   worked_out=worked_out(check, case, name, value, got))


def worked_out(check, case, name, value, got):
    """Return how the first wrong entry is computed, and what it is, if it can be said in a line."""
    arrays = is_array(got) and isinstance(value, np.ndarray)
    small = not case.levels  # the first case has small integers
    if not arrays or got.shape != value.shape or not small:
        return None
    index = compare.first_wrong(compare.differs(value, got, check.tolerance))
    words = check.worked_out(case, name, index)
    return words and "%s, yours %g" % (words, got[index])

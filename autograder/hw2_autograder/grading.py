"""Grades a hand-in: runs its sections, compares with torch, and judges each check."""
import contextlib
import functools
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

from . import hints, sandbox
from .checks import draw

# What came of a check. failures: {case's index: {result's name: what is wrong}}, the name None for
# an exception or a process that ended; empty if all is right. depends_on: the names of
# failed checks that explain this one's failure. shown: the index of the case to show, and the name
# of the result. line: where in the hand-in the time ran out.
Verdict = namedtuple("Verdict", "check cases expected records failures depends_on hint shown line")

TRY_LIMIT = 5  # seconds at most for several sections in one process


@functools.lru_cache(maxsize=None)
def expected(check, seed):
    """Return what torch gives in each case of a check."""
    torch = torch_module() if check.needs_torch else None
    return [check.expected(torch, case) for case in draw(check, seed)]


@functools.lru_cache(maxsize=None)
def torch_module():
    """Return torch, on one thread: the arrays are small, and the hand-in needs the other core."""
    import torch
    torch.set_num_threads(1)
    return torch


def grade(files, sections, seed, time_limit):
    """Return (section, list of Verdicts) for each section, of a hand-in's files by path.

    Two processes first run half of the sections each, the last first. A failure counts only
    if its section ran first and ended; others run again, each in a process of its own.
    """
    with ThreadPoolExecutor(2) as pool:
        try:
            middle = len(sections) // 2
            halves = [sections[:middle][::-1], sections[middle:][::-1]] if middle else []
            tries = [pool.submit(sandbox.run, files, half, seed, min(time_limit, TRY_LIMIT))
                     for half in halves]
            for section in sections:
                for check in section.checks:  # while the hand-in runs
                    expected(check, seed)
            outcomes = {number: outcome for half, future in zip(halves, tries)
                        for number, outcome in decided(half, seed, future).items()}
            own = {section.number: pool.submit(sandbox.run, files, [section], seed, time_limit)
                   for section in sections if section.number not in outcomes}
            failed = {}
            return [(section, list(judge(section, seed, outcomes.get(section.number) or own[
                section.number].result(), failed))) for section in sections]
        except (KeyboardInterrupt, SystemExit):
            sandbox.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def decided(sections, seed, future):
    """Return the Outcomes, by number, of the first section, and of those that are right.

    The others may have been changed by what has run before them in the same process.
    """
    found = {}
    with contextlib.suppress(sandbox.NotStarted):
        records = future.result().records
        for section in sections:
            rights = [(check, right) for check in section.checks for right in expected(check, seed)]
            own, records = records[:len(rights)], records[len(rights):]
            if len(own) == len(rights) and (section is sections[0] or not any(
                    problems_of(*pair, record) for pair, record in zip(rights, own))):
                found[section.number] = sandbox.Outcome(own, None, None)
    return found


def judge(section, seed, outcome, failed):
    """Yield the Verdict of each check of a section; add those that fail to `failed`, by name."""
    records, ended = outcome.records, outcome.ended
    for check in section.checks:
        cases, rights = draw(check, seed), expected(check, seed)
        own, records = records[:len(cases)], records[len(cases):]
        failures = {i: problems for i, problems in enumerate(
            problems_of(check, *pair) for pair in zip(rights, own)) if problems}
        hint, shown, complete = None, (len(own), None), len(own) == len(cases)
        if not complete:
            failures[len(own)], ended = {None: ended or "did not run"}, None
        elif failures:
            torch = torch_module() if check.needs_torch else None
            hint, shown = hints.explain(torch, check, cases, rights, own, failures)
        depends_on = {root: None for name in check.builds_on if name in failed
                      for root in failed[name].depends_on or [name]}
        verdict = Verdict(check, cases, rights, own, failures, list(depends_on), hint, shown,
                          outcome.line)
        if failures:
            failed[check.__name__] = verdict
        yield verdict


def problems_of(check, right, record):
    """Return what is wrong with a case's results, by name, in the right ones' order."""
    problems = {name: check.problem(name, value, record.results[name])
                for name, value in right.items() if name in record.results}
    if record.error is not None or set(right) - set(record.results):
        problems[None] = record.error or "ended before its last result"
    return {name: problem for name, problem in problems.items() if problem}


def points(section, verdicts):
    """Return the points of a section: all or none."""
    return 0 if any(verdict.failures for verdict in verdicts) else section.points

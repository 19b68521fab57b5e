"""Grades a hand-in: runs its sections, compares with torch, and judges each check."""
import functools
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

from . import hints, sandbox
from .checks import draw

# What came of a check. failures: by the case's index, what is wrong by the result's name, or by
# None for an exception or a process that ended; empty if all is right. depends_on: the names of
# failed checks that explain this one's failure. shown: the index of the case to show, and the name
# of the result. line: where in the hand-in the time ran out.
Verdict = namedtuple("Verdict", "check cases expected records failures depends_on hint shown line")


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
    """Return (section, list of Verdicts) for each section, of a hand-in's files by path."""
    with ThreadPoolExecutor(2) as pool:
        try:
            outcomes = [pool.submit(sandbox.run, files, section.number, seed, time_limit)
                        for section in sections]
            failed, graded = {}, []
            for section, outcome in zip(sections, outcomes):
                for check in section.checks:  # while the hand-in runs
                    expected(check, seed)
                graded.append((section, list(judge(section, seed, outcome.result(), failed))))
            return graded
        except (KeyboardInterrupt, SystemExit):
            sandbox.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def judge(section, seed, outcome, failed):
    """Yield the Verdict of each check of a section, given those of the checks that have failed."""
    records, ended = list(outcome.records), outcome.ended
    for check in section.checks:
        cases, rights = draw(check, seed), expected(check, seed)
        own, records = records[:len(cases)], records[len(cases):]
        failures = {i: problems for i, problems in enumerate(map(
            functools.partial(problems_of, check), rights, own)) if problems}
        if len(own) < len(cases):
            failures[len(own)] = {None: ended or "did not run"}
            ended = None
        depends_on = list(dict.fromkeys(
            root for name in check.builds_on if name in failed
            for root in failed[name].depends_on or [name]))
        hint, about = None, None
        if failures and len(own) == len(cases) and not depends_on:
            hint, about = explain(check, cases, rights, own, failures)
        verdict = Verdict(check, cases, rights, own, failures, depends_on, hint,
                          failures and shown(cases, failures, about), outcome.line)
        if failures:
            failed[check.__name__] = verdict
        yield verdict


def problems_of(check, right, record):
    """Return what is wrong with a case's results, by name, in the right ones' order."""
    problems = {name: check.problem(name, value, record.results[name])
                for name, value in right.items() if name in record.results}
    problems = {name: problem for name, problem in problems.items() if problem}
    if record.error is not None or set(right) - set(record.results):
        problems[None] = record.error or "ended before its last result"
    return problems


def explain(check, cases, rights, records, failures):
    """Return a hint and the result it is about: the first remark, or what hints.py finds."""
    for i in failures:
        if records[i].remarks:
            return records[i].remarks[0], i
    if not check.needs_torch:
        return None, None
    return hints.explain(torch_module(), check, cases, rights, records, failures)


def shown(cases, failures, about):
    """Return the index of the smallest failing case with what a hint is about, and the result."""
    def size(i):
        return cases[i].size() if i < len(cases) else 0

    if about in failures:
        return about, next(iter(failures[about]))
    candidates = [i for i in failures if about in failures[i]] or list(failures)
    index = min(candidates, key=size)
    return index, about if about in failures[index] else next(iter(failures[index]))


def points(section, verdicts):
    """Return the points of a section: all or none."""
    return 0 if any(verdict.failures for verdict in verdicts) else section.points

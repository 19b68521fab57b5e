"""The command line: which hand-ins are graded in which sections, and where the results go."""
import argparse
import contextlib
import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings
from pathlib import Path

import numpy as np

from . import debug, grading, handin, overview, report, rules, sandbox, table
from .results import HandinResult
from .sections import CHECKS, SECTIONS, choose

TOP = Path(__file__).resolve().parents[2]
ATTEMPTS = 2  # at a hand-in at which the grader fails
PATIENCE = 2  # seconds between two looks at how many cases are done
TIME_LIMIT = 20  # seconds for each section


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message):
        self.exit(2, "runner.py: %s (see runner.py --help)\n" % message)


def parse(argv):
    """Return the arguments, or end with what is wrong with them and exit status 2."""
    parser = Parser(
        prog="runner.py", description="Grades a hand-in against PyTorch.", epilog="Exit status: 0"
        " if all chosen sections are right (with -A, always), 1 if not, 2 on errors.")
    add = parser.add_argument
    add("sections", nargs="*", metavar="SECTION", help="only these, such as 3.1 (default: all)")
    add("--handin", nargs="+", default=[], metavar="PATH", action="extend", type=Path,
        help="grade these tarballs or folders (default: the mytorch and hw2 beside autograder)")
    add("--seed", type=int, metavar="N", default=secrets.randbelow(10 ** 6),
        help="draw the random cases from this seed (default: a new one)")
    add("--time-limit", type=float, default=TIME_LIMIT, metavar="S",
        help="seconds for each section (default: %d)" % TIME_LIMIT)
    add("--debug", metavar="CHECK",
        help="run the case that a check's report shows here, where pdb works; a section's number"
        " stands for its first check that fails")
    add("-A", "--autolab", action="store_true", help="print Autolab's JSON line of scores, last")
    add("-v", "--verbose", action="store_true", help="full reports of several hand-ins too")
    add("--csv", metavar="FILE", help="write a row of points for each hand-in, or update its row")
    add("--json", metavar="FILE", type=Path, help="write the results as Gradescope reads them")
    add("--reports", metavar="FOLDER", type=Path, help="write a full report for each hand-in")
    args = parser.parse_args(argv)
    try:
        complete_arguments(args)
    except ValueError as error:
        parser.error(str(error))
    return args


def complete_arguments(args):
    """Replace the names of sections and checks by what they stand for, and check the others.

    Raises
    ------
    ValueError
        If an argument is wrong.
    """
    paths = []
    for path in args.handin:
        if re.fullmatch(r"\d(\.\d+)*", str(path)) and not path.exists():
            args.sections.append(str(path))  # a section after --handin
        else:
            paths.append(path)
    args.handin = paths
    args.sections = choose(args.sections)
    if args.seed < 0:
        raise ValueError("--seed: expected 0 or more, got %d" % args.seed)
    if not 0 < args.time_limit <= 3600:
        raise ValueError("--time-limit: expected more than 0 and at most 3600 seconds, got %g"
                         % args.time_limit)
    for path in paths:
        if not path.exists():
            advice = ": make it with sh create_tarball.sh" if path.name == "handin.tar" else ""
            raise ValueError("--handin: %s does not exist%s" % (path, advice))
    if len(paths) > 1 and (args.json or args.debug):
        raise ValueError("--json and --debug take one hand-in, got %d" % len(paths))
    if args.debug:
        if args.csv or args.json or args.reports or args.autolab:
            raise ValueError("--debug grades nothing: leave out -A, --csv, --json and --reports")
        args.debug = checks_of(args.debug)


def checks_of(name):
    """Return the checks of this name, in any case, or of a section.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name[:1].isdigit():
        return choose([name])[0].checks
    for check in CHECKS.values():
        if check.name.lower() == name.lower():
            return [check]
    raise ValueError("--debug: there is no check %s: choose from %s" % (name, ", ".join(CHECKS)))


def main(argv=None):
    """Grade what the arguments say, and return the exit status."""
    args = parse(argv)
    if sys.stdout is None:
        sys.stderr.write("There is no standard output to print to.\n")
        return 2
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace", line_buffering=True)
    np.seterr(all="ignore")  # the hand-in's numbers may be anything
    warnings.simplefilter("ignore")  # and so may its sources
    for name in "SIGTERM", "SIGHUP":
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), exit_by_signal)
    paths = args.handin or [TOP]
    csv_table = None
    if args.csv:
        try:
            csv_table = table.Table(args.csv, args.sections)
        except table.OtherColumns as error:
            sys.stderr.write("--csv: %s\n" % error)
            return 2
    print(header(paths, args.seed))
    if args.debug:
        return run_debug(paths[0], args)
    return grade_all(paths, csv_table, args)


def exit_by_signal(number, frame):
    """End with the exit status of a process that a signal ended."""
    sys.exit(128 + number)


def header(paths, seed):
    """Return the first line: what is graded, and with what."""
    graded = "%s (mytorch, hw2)" % paths[0] if paths == [TOP] else str(paths[0])
    if len(paths) > 1:
        graded = "%d hand-ins" % len(paths)
    words = ["%s %s" % (name, version) for name, version in table.versions().items() if version]
    return "grading %s   %s, seed %d" % (report.clean(graded, 300), ", ".join(words), seed)


def run_debug(path, args):
    """Run one case where pdb works, and return the exit status."""
    try:
        files = handin.read(path)
    except handin.Unreadable as error:
        print("not graded: %s" % error)
        return 1
    return 0 if debug.run(args.debug, files, args.seed, args.time_limit) else 1


def grade_all(paths, csv_table, args):
    """Grade each hand-in; print and write its results before the next one."""
    if args.reports:
        args.reports.mkdir(parents=True, exist_ok=True)
    names = report_names(paths)
    start = time.monotonic()
    rows = []  # of this run
    passed = True
    grader_failed = False
    for i, path in enumerate(paths):
        if len(paths) > 1 and sys.stdout.isatty():
            print(progress(i, len(paths), path, time.monotonic() - start), end="", flush=True)
        with counting(len(paths) == 1 and sys.stdout.isatty()):
            result = grade(path, args)
        rows.append(table.row(result, args.sections, args.seed))
        if csv_table is not None:
            csv_table.add(rows[-1])
        write_results(result, names[i], args)
        show(result, args, len(paths) > 1)
        passed = passed and result.passed
        grader_failed = grader_failed or result.grader_failed
    if len(paths) > 1 and not args.autolab:
        if csv_table is not None:  # with the rows of earlier runs
            rows = list(csv_table.rows.values())
        print("\n".join(["", *overview.lines(rows, args.sections)]))
    if grader_failed:
        return 2
    if passed and paths == [TOP] and not args.autolab:
        print(what_next(args.sections))
    return 0 if passed or args.autolab else 1


@contextlib.contextmanager
def counting(shown):
    """Show how many cases are done, if it takes long, on a line that goes away."""
    ended = threading.Event()

    def count():
        while not ended.wait(PATIENCE):
            print("\r\033[K%d cases done" % sandbox.cases_done(), end="", flush=True)

    thread = threading.Thread(target=count, daemon=True)
    if shown:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if shown:
            thread.join()
            print("\r\033[K", end="", flush=True)


def what_next(sections):
    """Return what a student does after these sections are right."""
    if sections == SECTIONS:
        return "hand in: sh create_tarball.sh"
    later = SECTIONS[SECTIONS.index(sections[-1]) + 1:]
    return "next: %s" % (later[0].number if later else "all sections")


def progress(i, n, path, seconds):
    """Return a line that tells which hand-in is being graded, to be overwritten."""
    left = ""
    if i:
        minutes = seconds / i * (n - i) / 60
        left = "  about %d min left" % round(minutes) if minutes >= 1 else "  less than 1 min left"
    return "\r\033[K[%d/%d] %s%s" % (i + 1, n, report.clean(path.name, 40), left)


def report_names(paths):
    """Return the names of the hand-ins' reports: with a number where two are the same."""
    names = []
    for path in paths:
        base = name = path.resolve().name[:60]
        number = 1
        while name + ".txt" in names:
            number += 1
            name = "%s (%d)" % (base, number)
        names.append(name + ".txt")
    return names


def grade(path, args):
    """Return the HandinResult of a path. What the grader fails at is tried once more."""
    start = time.monotonic()
    for _ in range(ATTEMPTS):
        found = {"warnings": (), "sections": (), "not_graded": None, "grader_failed": False}
        trace = ""
        try:
            files = handin.read(path)
            found["warnings"] = tuple(warnings_on(path, files))
            found["sections"] = grading.grade(files, args.sections, args.seed, args.time_limit)
            break
        except handin.Unreadable as error:
            found["not_graded"] = str(error)
            break
        except ModuleNotFoundError:  # a package is missing, for all hand-ins
            raise
        except Exception as error:
            found["not_graded"] = "the grader failed: %s" % (str(error) or type(error).__name__)
            found["grader_failed"] = True
            trace = traceback.format_exc()
    sys.stderr.write(trace)
    maximum = sum(section.points for section in args.sections)
    return HandinResult(path=str(path), maximum=maximum, seconds=time.monotonic() - start, **found)


def warnings_on(path, files):
    """Return sentences on a hand-in's files, and on a tarball older than the files beside it."""
    sentences = rules.breaches(files)
    for name in sorted(files):
        beside = path.parent / name
        if path.is_file() and beside.is_file() and beside.stat().st_mtime > path.stat().st_mtime:
            sentences.append("%s is older than %s" % (path.name, name))
            break
    return sentences


def command(*words):
    """Return a command that runs Python, as one types it."""
    if os.name == "nt":
        return subprocess.list2cmdline(["py", *words])
    return shlex.join(["python3", *words])


def write_results(result, name, args):
    """Write what other people and programs read."""
    def again(*words):  # as the student types it, who has neither this path nor these options
        return command("autograder/hw2_autograder/runner.py", *words, "--seed", str(args.seed))

    if args.json:
        args.json.write_text(table.gradescope(result, again), "utf-8")
    if args.reports:
        first = report.Line(header([Path(result.path)], args.seed))
        text = report.plain([first, *report.full(result, again)])
        (args.reports / name).write_text(text + "\n", "utf-8", "replace")


def show(result, args, several):
    """Print a hand-in's results."""
    def again(*words):
        options = ["--seed", str(args.seed)]
        if args.time_limit != TIME_LIMIT:
            options += ["--time-limit", "%g" % args.time_limit]
        if args.handin:
            path = result.path
            options += ["--handin", "./" + path if path.startswith("-") else path]
        return command(sys.argv[0], *words, *options)

    terminal = sys.stdout.isatty()
    if terminal and os.name == "nt":
        os.system("")  # makes the console understand colors
    if several and terminal:
        print("\r\033[K", end="")
    if several and not args.verbose:
        print(report.brief(result))
    else:
        if several:
            print("hand-in %s" % report.clean(result.path, 300))
        lines = report.full(result, again)
        print(report.painted(lines) if terminal else report.plain(lines))
    if args.autolab:
        print(table.autolab(result, args.sections))

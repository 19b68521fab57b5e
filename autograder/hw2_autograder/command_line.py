"""The command line: which hand-ins are graded in which sections, and where the reports go."""
import argparse
import csv
import os
import secrets
import shlex
import signal
import sys
import warnings
from pathlib import Path

import numpy as np

from . import debug, grading, handin, launcher, report, rules
from .checks import SECTIONS, choose

TOP = Path(__file__).resolve().parents[2]
CHECKS = {check.__name__: check for section in SECTIONS for check in section.checks}


def parse(argv):
    """Return the arguments, or end with what is wrong with them and exit status 2."""
    parser = argparse.ArgumentParser(
        prog="runner.py", description="Grades a hand-in against PyTorch.", epilog="Exit status: 0"
        " if all chosen sections are right (with -A, always), 1 if not, 2 on errors.")
    add = parser.add_argument
    add("sections", nargs="*", metavar="SECTION", help="only these, such as 3.1 (default: all)")
    add("--handin", nargs="+", default=[], metavar="PATH", action="extend", type=Path,
        help="grade these tarballs or folders (default: the mytorch and hw2 beside autograder)")
    add("--seed", type=int, metavar="N", default=secrets.randbelow(10 ** 6),
        help="draw the random cases from this seed (default: a new one)")
    add("--time-limit", type=float, default=20, metavar="S",
        help="seconds for each section (default: 20)")
    add("--debug", metavar="CHECK",
        help="run the case that a check's report shows here, where pdb works")
    add("-A", "--autolab", action="store_true", help="print Autolab's JSON line of scores, last")
    add("-v", "--verbose", action="store_true", help="full reports of several hand-ins too")
    add("--csv", metavar="FILE", help="write a row of points for each hand-in")
    add("--reports", metavar="FOLDER", type=Path, help="write a full report for each hand-in")
    args = parser.parse_args(argv)
    for wrong, message in (
            (args.debug not in [None, *CHECKS], "--debug: there is no check %s: choose from %s" % (
                args.debug, ", ".join(CHECKS))),
            (args.debug and len(args.handin) > 1, "--debug: expected one hand-in, got several"),
            (args.seed < 0, "--seed: expected 0 or more, got %d" % args.seed),
            (not 0 < args.time_limit <= 3600, "--time-limit: expected more than 0 and at most 3600"
                                              " seconds, got %g" % args.time_limit),
            *((not path.exists(), "--handin: %s does not exist (give sections before --handin)"
               % path) for path in args.handin)):
        if wrong:
            parser.error(message)
    try:
        args.sections = choose(args.sections)
    except ValueError as error:
        parser.error(str(error))
    return args


def main(argv=None):
    """Grade what the arguments say, and return the exit status."""
    args = parse(argv)
    if sys.stdout is None:
        sys.stderr.write("There is no standard output to print to.\n")
        return 2
    sys.stdout.reconfigure(errors="replace", line_buffering=True)
    np.seterr(all="ignore")  # the hand-in's numbers may be anything
    warnings.simplefilter("ignore")  # and so may its sources
    for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), lambda number, _: sys.exit(128 + number))
    launcher.adopt_orphans()
    print("seed %d" % args.seed)
    try:
        if args.debug:
            files = handin.read(args.handin[0] if args.handin else TOP)
            return 0 if debug.run(CHECKS[args.debug], files, args.seed, args.time_limit) else 1
        return grade_all(args)
    except handin.Unreadable as error:
        print("not graded: %s" % error)
        return 1
    except BrokenPipeError:  # whoever read the output, such as head, has stopped
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        sys.stderr.write("%s\n" % error)
        return 2


def grade_all(args):
    """Grade each hand-in, and print and write what comes of it before the next one."""
    paths, all_right = args.handin or [TOP], True
    brief = len(paths) > 1 and not args.verbose
    if args.reports:
        args.reports.mkdir(parents=True, exist_ok=True)
    with open(args.csv or os.devnull, "w", newline="", encoding="utf-8", errors="replace",
              buffering=1) as file:
        table = csv.writer(file)
        table.writerow(["hand-in", *(section.number for section in args.sections
                                     if section.points), "total", "why", "seed"])
        for count, path in enumerate(paths, 1):
            notes, graded = grade(path, args)
            notes, name = [report.clean(note, 200) for note in notes], report.clean(str(path), 300)
            right = graded and not any(report.failed(verdicts) for _, verdicts in graded)
            all_right = all_right and right
            why = "; ".join(filter(None, [report.clean(report.reason(graded), 1000), *notes]))
            points = [grading.points(section, verdicts) for section, verdicts in graded
                      if section.points] or [""] * sum(s.points > 0 for s in args.sections)
            table.writerow([("'" if str(path)[0] in "=+-@" else "") + str(path), *points,
                            sum(points) if graded else "", why, args.seed])
            lines = ["hand-in %s" % name] * bool(args.handin) + notes + list(
                report.full(graded, lambda *words: again(args, path, words)) if graded else [])
            if args.reports:
                (args.reports / ("%03d %s.txt" % (count, path.name[:60]))).write_text(
                    "\n".join(["seed %d" % args.seed, *lines, ""]), "utf-8", "replace")
            if brief:
                print(report.brief(name, graded), why)
            else:
                print("\n".join(report.paint(lines) if sys.stdout.isatty() else lines))
            if args.autolab:
                print(report.autolab(graded))
    if all_right and not args.handin and args.sections == SECTIONS and not args.autolab:
        print("hand in: sh create_tarball.sh")
    return 0 if all_right or args.autolab else 1


def grade(path, args):
    """Return notes on a hand-in, and its graded sections, or none if it could not be graded.

    A failure of the grader itself is not the hand-in's: it is tried once more.
    """
    for _ in range(2):
        try:
            files = handin.read(path)
            return (["warning: " + sentence for sentence in rules.breaches(files)],
                    grading.grade(files, args.sections, args.seed, args.time_limit))
        except ModuleNotFoundError:  # torch
            raise
        except Exception as error:
            problem = "not graded: %s" % error
            if isinstance(error, handin.Unreadable):
                break
        finally:
            launcher.end_children()
    return [problem], []


def again(args, path, words):
    """Return the command that runs the runner again with these words, from this folder."""
    limit = ["--time-limit", "%g" % args.time_limit] * (args.time_limit != 20)
    handins = ["--handin", "./" * str(path).startswith("-") + str(path)] * bool(args.handin)
    return shlex.join(["python3", sys.argv[0], *words, "--seed", str(args.seed), *limit, *handins])

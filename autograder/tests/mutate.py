"""Changes the code in one place at a time, and prints the changes that no test notices.

Run it from anywhere, with files or folders, or none for all of mytorch/ and hw2/:

    python3 autograder/tests/mutate.py mytorch/conv.py
    python3 autograder/tests/mutate.py --sample 150 --seed 1 autograder/hw2_autograder

A change is another operator, another constant, a bound left out of a slice, a condition negated or
a statement left out. Each is made in a copy, on which the tests run, those that see the file most
first. Docstrings, texts with spaces, imports and `raise` statements stay as they are. The library
takes a quarter of an hour, a change of the grader one or two minutes.
"""
import argparse
import ast
import concurrent.futures
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
LIBRARY_TESTS = ["test_bad_input.py", "test_networks.py", "test_library.py",
                 "test_later_homeworks.py"]
GRADER_TESTS = ["test_checks.py", "test_report.py", "test_tarball.py", "test_handins.py",
                "test_readme.py", "test_starter.py", "test_runner.py", "test_grader.py"]
FIRST = {  # the tests that see a file of the grader most
    "handin.py": "test_tarball.py", "rules.py": "test_runner.py", "table.py": "test_runner.py",
    "overview.py": "test_runner.py", "command_line.py": "test_runner.py",
    "runner.py": "test_runner.py",
    "debug.py": "test_runner.py", "gaps.py": "test_starter.py", "launcher.py": "test_grader.py",
    "sandbox.py": "test_grader.py", "wire.py": "test_grader.py", "child.py": "test_grader.py",
    "report.py": "test_report.py", "known_errors.py": "test_report.py"}
JOBS = 2
SECONDS = 900  # longer than the tests take; a change that runs on for this long is noticed

PAIRS = [(ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.FloorDiv, ast.Mod), (ast.Pow, ast.Mult),
         (ast.MatMult, ast.Mult), (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq),
         (ast.Is, ast.IsNot), (ast.In, ast.NotIn), (ast.And, ast.Or), (ast.USub, ast.UAdd)]
OTHER = {**{b: a for a, b in PAIRS}, **dict(PAIRS)}
AFTER = {"body": "left out", "orelse": "left out", "test": "negated"}
STATEMENTS = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.If, ast.For, ast.Delete)


def is_kept(node):
    """Return whether a node stays as it is: docstrings, imports, errors and their messages do."""
    return isinstance(node, (ast.Raise, ast.Import, ast.ImportFrom)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def nodes(node):
    """Yield a node and all below it that may be changed."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not is_kept(child):
            yield from nodes(child)


def edits(node):
    """Yield (field, new value, what is changed) for each change of a node."""
    if type(getattr(node, "op", None)) in OTHER:
        yield "op", OTHER[type(node.op)](), node
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER:
        yield "ops", [OTHER[type(node.ops[0])]()] + node.ops[1:], node
    if isinstance(node, (ast.If, ast.IfExp)) and not isinstance(node.test, ast.Compare):
        yield "test", ast.UnaryOp(ast.Not(), node.test), node.test
    if isinstance(node, ast.Constant):
        for value in other_values(node.value):
            yield "value", value, node
    for bound in "lower", "upper", "step":
        if getattr(node, bound, None):
            yield bound, None, node
    for field in "body", "orelse":
        block = getattr(node, field, None)
        for i, child in enumerate(block if isinstance(block, list) else []):
            if isinstance(child, STATEMENTS) and not is_kept(child):
                yield field, block[:i] + [ast.Pass()] + block[i + 1:], child


def other_values(value):
    """Yield another value for a constant; what has spaces is taken for words to read, and kept."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield value + 1
    elif isinstance(value, str) and " " not in value:
        yield value + "x"


def changes(path):
    """Yield (description, changed source) for each change of a file."""
    tree = ast.parse(path.read_text())
    for node in nodes(tree):
        for field, new, changed in edits(node):
            old, before = getattr(node, field), ast.unparse(changed).split("\n")[0]
            setattr(node, field, new)
            after = AFTER.get(field) or ast.unparse(changed)
            yield "%s:%d: %s -> %s" % (path.relative_to(TOP), changed.lineno, before, after), (
                ast.unparse(tree))
            setattr(node, field, old)


def tests_of(path):
    """Return the tests to run for a change of a file, in order."""
    if "hw2_autograder" not in path.parts:
        return LIBRARY_TESTS
    first = FIRST.get(path.name, GRADER_TESTS[0])
    return [first, *(test for test in GRADER_TESTS if test != first)]


def survives(folders, path, source):
    """Return whether the tests pass on a copy in which a file has this source."""
    folder = folders.get()
    file = folder / path.relative_to(TOP)
    file.write_text(source)
    try:
        return all(passes(folder, test) for test in tests_of(path))
    except subprocess.TimeoutExpired:
        return False
    finally:
        shutil.copy(path, file)
        folders.put(folder)


def passes(folder, test):
    """Return whether a file of tests passes on a copy."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
         folder / "autograder" / "tests" / test],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    return done.returncode == 0


def copies(work):
    """Return a queue of folders with a copy of the code, one for each job."""
    folders = queue.Queue()
    for i in range(JOBS):
        folder = Path(work, str(i))
        shutil.copytree(TOP, folder, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__"))
        folders.put(folder)
    return folders


def files(names):
    """Return the files of these names, and those in folders of these names."""
    found = []
    for path in [Path(name).resolve() for name in names] or [TOP / "mytorch", TOP / "hw2"]:
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return found


def main():
    """Make the changes, a few at a time; print those that survive, and their number."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="*", metavar="PATH", help="default: mytorch and hw2")
    parser.add_argument("--sample", type=int, metavar="N", help="make only N changes, at random")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default: 0)")
    args = parser.parse_args()
    paths = files(args.paths)
    todo = [(path, change, source) for path in paths for change, source in changes(path)]
    if args.sample:
        todo = random.Random(args.seed).sample(todo, min(args.sample, len(todo)))
    survivors = 0
    with tempfile.TemporaryDirectory() as work:
        folders = copies(work)
        if not survives(folders, paths[0], paths[0].read_text()):
            sys.exit("the tests fail on the code as it is")
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            runs = []
            for path, change, source in todo:
                runs.append((change, pool.submit(survives, folders, path, source)))
            for change, run in runs:
                if run.result():
                    survivors += 1
                    print(change, flush=True)
    print("%d of %d changes survive" % (survivors, len(runs)))


if __name__ == "__main__":
    main()

"""The grader's parts: cases that cover all pairs, damaged results, processes that end."""
import csv
import hashlib
import itertools
import json
import os
import random
import re
import subprocess
import sys
from argparse import Namespace
from unittest import mock

import numpy as np
import pytest

from conftest import TOP, run
from handins import define, handin, pack
from hw2_autograder import command_line, grading, launcher, report, sandbox, wire
from hw2_autograder.checks import SECTIONS, Section, cnn, conv1d, draw

pytest.importorskip("torch")


def conv_facts(case):
    """What each level of a convolution's case is about: a number, and names of levels that hold."""
    (out, channel, kernel), (batch, _, width) = case.W.shape, case.x.shape
    stride, (windows, past) = case.stride, divmod(width - kernel, case.stride)
    names = {"below kernel_size": 1 < stride < kernel, "kernel_size": stride == kernel,
             "above kernel_size": stride > kernel}
    return {"the batch size": (batch,), "in_channel": (channel,), "out_channel": (out,),
            "kernel_size": (kernel,), "the number of windows": (windows + 1,),
            "stride": (stride, [name for name in names if names[name]]),
            "the number of inputs past the last window": (past, ["above 0"] * (past > 0))}


def cnn_facts(case):
    """The same of a CNN's case."""
    sizes = case.sizes
    return {"the number of convolutions": (len(sizes["strides"]),), "the batch size":
            (len(case.x),), "the first activation": (None, sizes["activations"][:1])}


def holds(level, number, names=()):
    """Whether a number is in the range that a level says, or the level is one of the names."""
    found = re.fullmatch(r"(\d+)(?: to (\d+))?", str(level))
    return level in names if found is None else int(found[1]) <= number <= int(found[2] or found[1])


@pytest.mark.parametrize("check, factors, excluded, facts_of", [
    (conv1d.ConvForward, conv1d.FORWARD, conv1d.EXCLUDED, conv_facts),
    (conv1d.ConvBackward, conv1d.BACKWARD, conv1d.EXCLUDED, conv_facts),
    (cnn.CNNPasses, cnn.FACTORS, [], cnn_facts)])
def test_every_pair_of_levels_is_in_a_case_and_in_its_numbers(check, factors, excluded, facts_of):
    excluded = {frozenset(pair) for pair in excluded}
    for seed in range(5):
        cases = [case for case in draw(check, seed) if case.levels]
        for case in cases:
            for factor, fact in facts_of(case).items():
                assert factor not in factors or holds(case.levels[factor], *fact), (factor, fact)
        for a, b in itertools.combinations(factors, 2):
            seen = {(case.levels[a], case.levels[b]) for case in cases}
            for pair in itertools.product(factors[a], factors[b]):
                assert (pair in seen) != (frozenset(zip((a, b), pair)) in excluded), (a, b, pair)


DIGESTS = """
import hashlib, pickle, sys
from hw2_autograder.checks import SECTIONS, draw
for check in [check for section in SECTIONS for check in section.checks]:
    cases = [(case.levels, case.arguments) for case in draw(check, int(sys.argv[1]))]
    print(check.__name__, len(cases), hashlib.sha256(pickle.dumps(cases)).hexdigest())
"""


def test_the_cases_are_few_new_at_each_seed_and_the_same_in_each_process():
    first, second, other = (subprocess.run(
        [sys.executable, "-c", DIGESTS, seed], cwd=TOP / "autograder", text=True, check=True,
        capture_output=True, env={**os.environ, "PYTHONHASHSEED": hash_seed}).stdout.splitlines()
        for seed, hash_seed in (("7", "1"), ("7", "2"), ("8", "1")))
    assert first == second
    assert [line.split()[0] for line in first if line in other] == ["Letters", "ConvAttributes"]
    assert max(int(line.split()[1]) for line in first) <= 60


@pytest.mark.parametrize("value", [
    3, 2.5, True, 10 ** 30, float("nan"), -np.inf, np.float32(1.1), np.bool_(True), np.array(5),
    np.arange(6).reshape(2, 3)[:, ::-1], np.array([1, 2.5], dtype=object), np.zeros((0, 3)),
    np.array([1.5], dtype=">f4"), np.asfortranarray(np.arange(6.0).reshape(2, 3))])
def test_numbers_of_any_kind_come_back_as_arrays(value):
    got, right = sent(value), np.array(value, dtype=float)
    assert got.dtype == float and got.shape == right.shape and got.tobytes() == right.tobytes()


@pytest.mark.parametrize("value, text", [
    (None, "None"), ({}, "dict"), (object(), "object"), (1j, "complex"), ([1, 2], "list"),
    ((3, 4), "tuple"), (10 ** 400, "not of numbers"), (np.zeros(3, "M8[s]"), "datetime64"),
    (np.zeros(2 ** 23), r"shape \(8388608,\)"), (np.array(["b"]), "<U1"), ("b", "^'b'$"),
    ("x" * 10 ** 6, "^'x{59}$"), (np.array([None, "x"], dtype=object), "not of numbers"),
    (type("Text", (str,), {"__repr__": lambda self: 5})("b"), "^'b'$")])
def test_anything_else_comes_back_as_words(value, text):
    assert re.search(text, sent(value))


def sent(value):
    """What comes of a result on its way to the grader."""
    return wire.read(wire.write(wire.Record(
        {"x": wire.encode(value)}, None, "", [], "", None))).results["x"]


def damaged(line, rng):
    """A line with a byte changed, a part cut out or moved, or another tree in it."""
    kind, (a, b) = rng.randrange(6), sorted(rng.choices(range(len(line)), k=2))
    if kind == 0:
        return line[:a] + bytes([rng.randrange(256)]) + line[a + 1:]
    if kind == 1:
        return rng.choice([line[:a] + line[b:], line[:b] + line[a:], line[a:b]])

    def tree(depth):
        if depth and rng.random() < 0.4:
            return rng.choice([[tree(depth - 1) for _ in range(rng.randrange(7))],
                               {rng.choice(["shape", "data", "output"]): tree(depth - 1)}])
        return rng.choice([None, True, -1, 1e308, float("nan"), 10 ** 30, "x\n\x1b", "None", [], {},
                           ["x"], [2], [1, -1], {"x": 1}, {"shape": [], "data": "AAAAAAAA+H8="},
                           {"output": {"shape": [2, 1], "data": "AAAAAAAA+H8AAAAAAADwPw=="}}])

    record = json.loads(line)
    node = rng.choice([record, record[0], record[0], record[0]["output"]])
    node[rng.choice(list(node) if isinstance(node, dict) else range(6))] = tree(2)
    return json.dumps(tree(3) if rng.random() < 0.1 else record).encode()


class SmallCase(conv1d.ConvForward):
    """The first case alone."""

    def cases(rng):
        return itertools.islice(conv1d.ConvForward.cases(rng), 1)


def test_damaged_results_are_read_or_refused_and_never_stop_the_grader():
    rng, refused, section = random.Random(0), 0, Section("3.1.1", "", 20, [SmallCase])
    results = {name: wire.encode(value - 1.0)  # wrong, so that hints are looked for
               for name, value in grading.expected(SmallCase, 0)[0].items()}
    line = wire.write(wire.Record(results, None, "frames", [], "printed", None))
    for _ in range(5000):
        try:
            outcome = sandbox.Outcome([wire.read(damaged(line, rng))], None, None)
        except ValueError:
            refused += 1
            continue
        graded = [(section, list(grading.judge(section, 0, outcome, {})))]
        text = "\n".join(report.full(graded, lambda *words: "again"))
        assert report.reason(graded) and "\x1b" not in text and "0 /  20" in text
    assert 1000 < refused < 4900


def question(*statements):
    """The files of a hand-in whose question_1 runs these statements before it returns."""
    return handin(define("hw2/mc.py", "question_1", "\n    ".join(
        ["def question_1():", "import os, sys, time", *statements, "return 'b'"])))


def test_what_a_hand_in_does_to_its_process_ends_with_it_and_costs_its_section_alone(tmp_path):
    hand_ins = {
        "leaves": ("", [
            "for way in range(4):", "    if not os.fork():",
            "        way > 1 and os.setsid()", "        way % 2 and os.fork() and os._exit(0)",
            "        print(os.getpid(), file=open(%r, 'a'))" % str(tmp_path / "pids"),
            "        time.sleep(600)", "time.sleep(0.5)"]),
        "looks": ("", [
            "import importlib.util as util",
            "assert not util.find_spec('torch') and 'hw2_autograder.grading' not in sys.modules",
            "assert sys.argv == ['runner.py'] and 'SECRET' not in os.environ",
            "assert os.environ['HOME'] == os.environ['TMPDIR'] != os.getcwd()"]),
        "kills": ("its process ended (SIGKILL) before it returned", [
            "os.kill(os.getppid(), 9)", "time.sleep(60)"]),
        "stops": ("did not finish within 1.5 s", [
            "os.kill(os.getppid(), 19)", "os.kill(os.getpid(), 19)"]),
        "exits": ("its process ended (exit status 200) before it returned", ["os._exit(200)"])}
    paths = [pack(tmp_path / name, question(*body)) for name, (_, body) in hand_ins.items()]
    run("2", "3.1.1", "--time-limit", 1.5, "--csv", tmp_path / "table", "--handin", *paths,
        env={**os.environ, "SECRET": "1"})
    rows = list(csv.DictReader((tmp_path / "table").read_text().splitlines()))
    assert [(row["2"], row["3.1.1"], row["why"].replace("2: ", "")) for row in rows] == [
        ("0" if why else "5", "20", why) for why, _ in hand_ins.values()]
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 4 and not any(os.path.exists("/proc/" + pid) for pid in pids)


@pytest.mark.parametrize("failures, notes", [(1, []), (2, ["not graded: no space left"])])
def test_a_failure_of_the_grader_is_tried_once_more(tmp_path, failures, notes):
    outcomes = [OSError("no space left")] * failures + [sandbox.Outcome([], None, None)]
    with mock.patch.object(sandbox, "run", side_effect=outcomes) as started, \
            mock.patch.object(launcher, "end_children"):  # they are the tests'
        got, graded = command_line.grade(pack(tmp_path / "handin.tar", handin()), Namespace(
            sections=SECTIONS[:1], seed=0, time_limit=20))
    assert (got, len(graded), started.call_count) == (notes, not notes, 2)


LACKING = """
import os, runpy, sys
sys.path.append(%r)
sys.argv[:] = sys.argv[3:]  # without the script, -I and -S
if sys.argv[0].endswith("runner.py") and "2" not in sys.argv:
    import torch  # it looks at the platform
def no_proc(event, arguments):
    if event in ("open", "os.scandir") and str(arguments[0]).startswith("/proc"):
        raise FileNotFoundError
sys.addaudithook(no_proc)
sys.executable, sys.platform, sys.modules["resource"] = %r, %r, None
del os.fork, os.forkpty, os.setsid, os.killpg, os.getpgid
exec(sys.argv.pop(1)) if sys.argv[0] == "-c" else runpy.run_path(sys.argv[0], {}, "__main__")
"""


@pytest.mark.parametrize("platform, body, options, end", [
    ("win32", "pass", [], " 100 / 100"), ("darwin", "pass", ["2"], " 5 /   5"),
    ("darwin", "while True: pass", ["2", "--time-limit", "1"], " 0 /   5")])
def test_it_grades_without_what_other_systems_lack(tmp_path, platform, body, options, end):
    python, program = tmp_path / "python", tmp_path / "program.py"
    program.write_text(LACKING % (sandbox.PACKAGES[0], str(python), platform))
    python.write_text("#!/bin/sh\nexec %s -I -S %s \"$@\"\n" % (sys.executable, program))
    python.chmod(0o755)
    files = question("assert sys.platform == %r and not hasattr(os, 'fork')" % platform, body)
    done = run(*options, "--handin", pack(tmp_path / "handin.tar", files),
               python=[python, "-I", "-S"])
    assert re.search("^total .*%s$" % end, done.stdout, re.M) and done.stderr == ""


def test_a_hand_in_that_hangs_everywhere_has_its_last_line_in_time(tmp_path):
    hang = "import time\nprint(time.time(), file=open(%r, 'a'))\nwhile True: pass" % str(
        tmp_path / "times")
    path = pack(tmp_path / "handin.tar", {name: hang for name in handin()})
    done = run("-A", "--time-limit", 1, "--handin", path)
    assert list(json.loads(done.stdout.splitlines()[-1])["scores"].values()) == 6 * [0]
    starts = [float(line) for line in (tmp_path / "times").read_text().split()]
    # Two tries, then each section alone, two at a time: 5 limits before the last starts.
    assert len(starts) == 2 + len(SECTIONS) and max(starts) - min(starts) < 8

"""The grader's parts: cases that cover all pairs, damaged results, processes that end."""
import csv
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

from conftest import RUNNER, TOP, needs_torch, run, run_here
from handins import define, handin, pack
from hw2_autograder import command_line, report, sandbox, table, wire
from hw2_autograder import handin as hand_ins
from hw2_autograder.grading import Judge, expected
from hw2_autograder.results import CaseResult, Error, Frame, HandinResult, SectionResult
from hw2_autograder.sections import (CHECKS, SECTIONS, choose, cnn, conv1d_backward, conv1d_forward,
                                     draw)
from hw2_autograder.sections.shared.conv1d import EXCLUDED

NUMBERS = {section.number: section.points for section in SECTIONS}
ALL_OF_2 = "total: %d/" % NUMBERS["2"]  # in the line on a hand-in of which section 2 was graded


# Cases

def conv_facts(case):
    """What each level of a convolution's case is about: a number, or names of levels that hold."""
    out, channel, kernel = case.W.shape
    batch, _, width = case.x.shape
    stride = case.stride
    windows, past = divmod(width - kernel, stride)
    strides = []
    if stride == 1:
        strides.append("1")
    if 1 < stride < kernel:
        strides.append("below kernel_size")
    if stride == kernel:
        strides.append("kernel_size")
    if stride > kernel:
        strides.append("above kernel_size")
    return {"the batch size": batch, "in_channel": channel, "out_channel": out,
            "kernel_size": kernel, "the number of windows": windows + 1, "stride": strides,
            "the number of inputs past the last window": ["above 0" if past else "0"]}


def cnn_facts(case):
    """The same of a CNN's case."""
    return {"the number of convolutions": len(case.strides), "the batch size": len(case.x),
            "the first activation": case.activations[:1]}


def holds(level, fact):
    """Whether a number is in the range that a level says, or the level is one of the names."""
    if isinstance(fact, list):
        return level in fact
    low, _, high = str(level).partition(" to ")
    return int(low) <= fact <= int(high or low)


@pytest.mark.parametrize("name, factors, excluded, facts_of", [
    ("ConvForward", conv1d_forward.FACTORS, EXCLUDED, conv_facts),
    ("ConvBackward", conv1d_backward.FACTORS, EXCLUDED, conv_facts),
    ("CNNPasses", cnn.FACTORS, [], cnn_facts)])
def test_every_pair_of_levels_is_in_a_case_and_in_its_numbers(name, factors, excluded, facts_of):
    impossible = {frozenset(pair) for pair in excluded}
    for seed in range(5):
        cases = [case for case in draw(CHECKS[name], seed) if case.levels]
        for case in cases:
            for factor, fact in facts_of(case).items():
                assert holds(case.levels[factor], fact), (factor, fact)
        for a, b in itertools.combinations(factors, 2):
            seen = {(case.levels[a], case.levels[b]) for case in cases}
            for x, y in itertools.product(factors[a], factors[b]):
                is_impossible = frozenset({(a, x), (b, y)}) in impossible
                assert ((x, y) in seen) != is_impossible, (a, x, b, y)


# The arguments that differ in an earlier call, by its level.
CONV_CHANGES = {
    "none": set(),
    "with other W and b": {"W", "b"},
    "with another x": {"x"},
    "with a smaller x": {"x"}}
CNN_CHANGES = {
    "none": set(),
    "with other parameters": {"parameters"},
    "with another x and labels": {"x", "labels"}}


def test_other_calls_are_what_the_levels_say():
    for name in "ConvForward", "ConvBackward":
        for case in draw(CHECKS[name], 3)[1:]:
            level = case.levels["an earlier call of the layer"]
            assert changed_arguments(case.earlier, case) - {"delta"} == CONV_CHANGES[level]
            other = case.levels.get("another layer's call before backward", "none")
            assert (case.other is None) == (other == "none")
    for case in draw(CHECKS["CNNPasses"], 3)[1:-2]:
        level = case.levels["an earlier pass"]
        assert changed_arguments(case.earlier, case) == CNN_CHANGES[level]
        other = case.levels["another network's pass before backward"]
        assert (case.other is None) == (other == "none")
        if other != "none":
            has_same_sizes = case.other.strides == case.strides
            assert has_same_sizes == (other == "of the same sizes")


def changed_arguments(call, case):
    """The names of the arguments that differ in another call."""
    if call is None:
        return set()
    return {name for name in case.arguments
            if repr(call.arguments[name]) != repr(case.arguments[name])}


@needs_torch
def test_the_last_case_of_the_cnn_has_numbers_like_speech():
    for seed in range(5):
        case = draw(CHECKS["CNNPasses"], seed)[-1]
        assert case.x.shape == (1, 24, 128)
        assert case.num_channels == [56, 28, 14]
        sizes = np.abs(case.x)
        assert 60 < sizes.max() <= 126
        assert np.median(sizes) < 30
        activated = cnn.Passes(pytest.importorskip("torch"), case).convolved[0]
        assert activated.abs().max() > 710  # e^x overflows


DIGESTS = """
import hashlib, pickle, sys
from hw2_autograder.sections import CHECKS, draw

def plain(case):
    return case and (case.levels, case.arguments, plain(case.earlier), plain(case.other))

for check in CHECKS.values():
    cases = [plain(case) for case in draw(check, int(sys.argv[1]))]
    print(check.name, len(cases), hashlib.sha256(pickle.dumps(cases)).hexdigest())
"""


def digests(seed, hash_seed):
    """A line for each check's cases, from a process of its own."""
    variables = {**os.environ, "PYTHONHASHSEED": hash_seed}
    shown = subprocess.check_output([sys.executable, "-c", DIGESTS, seed], text=True,
                                    cwd=TOP / "autograder", env=variables)
    return shown.splitlines()


def test_the_cases_are_few_new_at_each_seed_and_the_same_in_each_process():
    lines = digests("7", "1")
    assert lines == digests("7", "2")
    other_seed = digests("8", "1")
    same = []
    for line in lines:
        name, count, _ = line.split()
        assert int(count) <= 60, name
        if line in other_seed:
            same.append(name)
    assert same == ["Letters", "ConvAttributes"]


def test_sections_are_chosen_by_the_start_of_their_numbers():
    assert [s.number for s in choose(["3.1"])] == ["3.1.1", "3.1.2"]
    assert [s.number for s in choose(["3.5", "2"])] == ["2", "3.5"]
    assert choose([]) == SECTIONS
    with pytest.raises(ValueError, match="there is no section 3.11"):
        choose(["3.11"])


# Results on their way to the grader

def sent(value):
    """What comes of a result on its way to the grader."""
    result = CaseResult({"x": wire.encode(value)}, None, "", None)
    return wire.read(wire.write(result)).values["x"]


AS_NUMBERS = {
    "int": 3,
    "float": 2.5,
    "bool": True,
    "large int": 10 ** 30,
    "nan": float("nan"),
    "minus infinity": -np.inf,
    "float32": np.float32(1.1),
    "bool_": np.bool_(True),
    "array without axes": np.array(5),
    "reversed array of integers": np.arange(6).reshape(2, 3)[:, ::-1],
    "array of objects": np.array([1, 2.5], dtype=object),
    "empty array": np.zeros((0, 3)),
    "big-endian array": np.array([1.5], dtype=">f4"),
    "array in Fortran's order": np.asfortranarray(np.arange(6.0).reshape(2, 3))}


@pytest.mark.parametrize("name", AS_NUMBERS)
def test_numbers_of_any_kind_come_back_as_arrays(name):
    got = sent(AS_NUMBERS[name])
    right = np.array(AS_NUMBERS[name], dtype=float)
    assert got.dtype == float
    assert got.shape == right.shape
    assert got.tobytes() == right.tobytes()


class Text(str):
    """A str whose repr is none."""

    def __repr__(self):
        return 5


AS_WORDS = {  # a result and a regular expression for what comes of it
    "None": (None, "^None$"),
    "dict": ({}, "dict"),
    "object": (object(), "object"),
    "complex": (1j, "complex"),
    "list": ([1, 2], "list"),
    "tuple": ((3, 4), "tuple"),
    "int above all floats": (10 ** 400, "not of numbers"),
    "array of times": (np.zeros(3, "M8[s]"), "datetime64"),
    "large array": (np.zeros(2 ** 23), r"shape \(8388608,\)"),
    "array of text": (np.array(["b"]), "<U1"),
    "array of objects": (np.array([None, "x"], dtype=object), "not of numbers"),
    "str": ("b", "^'b'$"),
    "long str": ("x" * 10 ** 6, "^'x{59}$"),
    "str with another repr": (Text("b"), "^'b'$"),
    "NotImplemented": (NotImplemented, "^NotImplemented$"),
    "NotImplementedError": (NotImplementedError, "^NotImplementedError$")}


@pytest.mark.parametrize("name", AS_WORDS)
def test_anything_else_comes_back_as_words(name):
    value, words = AS_WORDS[name]
    assert re.search(words, sent(value))


def test_an_exception_comes_back_with_its_frames():
    frame = Frame("mytorch/conv.py", 3, "Conv1D.forward", "    x @ W", {"x": (2, 3), "T": 5})
    error = Error("ValueError", "ValueError: no", (frame,))
    result = CaseResult({}, error, "printed", "conv.py, line 3")
    assert wire.read(wire.write(result)) == result


PLAIN_DATA = [
    None, True, -1, 1e308, float("nan"), 10 ** 30, "x\n\x1b", "None", [], {}, ["x"], [2], [1, -1],
    {"x": 1}, {"shape": [], "data": "AAAAAAAA+H8="},
    {"output": {"shape": [2, 1], "data": "AAAAAAAA+H8AAAAAAADwPw=="}}]


def tree(rng, depth):
    """Random plain data."""
    if depth == 0 or rng.random() >= 0.4:
        return rng.choice(PLAIN_DATA)
    parts = [tree(rng, depth - 1) for _ in range(rng.randrange(5))]
    name = rng.choice(["shape", "data", "output"])
    return rng.choice([parts, {name: parts}])


def damaged(line, rng):
    """A line with a byte changed, a part cut out or moved, or another tree in it."""
    kind = rng.randrange(6)
    a, b = sorted(rng.choices(range(len(line)), k=2))
    if kind == 0:
        return line[:a] + bytes([rng.randrange(256)]) + line[a + 1:]
    if kind == 1:
        without = line[:a] + line[b:]
        twice = line[:b] + line[a:]
        return rng.choice([without, twice, line[a:b]])
    record = json.loads(line)
    values = record["values"]
    error = record["error"]
    node = rng.choice([record, values, values["output"], error, error["frames"][0]])
    node[rng.choice(list(node))] = tree(rng, 2)
    if rng.random() < 0.1:
        record = tree(rng, 3)
    return json.dumps(record).encode()


@needs_torch
def test_damaged_results_are_read_or_refused_and_never_stop_the_grader():
    check = CHECKS["ConvForward"]
    section, = choose(["3.1.1"])
    rng = random.Random(0)
    values = {"output": wire.encode(expected(check, 0)[0]["output"] - 1.0)}  # wrong, for a hint
    frame = Frame("mytorch/conv.py", 3, "Conv1D.forward", "    x @ W\n    ^", {"x": (2, 3), "T": 5})
    error = Error("ValueError", "ValueError: no", (frame,))
    line = wire.write(CaseResult(values, error, "printed", None))
    refused = 0
    for _ in range(1000):
        try:
            result = wire.read(damaged(line, rng))
        except ValueError:
            refused += 1
            continue
        with mock.patch("hw2_autograder.grading.draw", return_value=draw(check, 0)[:1]):
            judged = Judge({}, 0).check(check, [result], None)
        scored = SectionResult(section.number, section.title, section.points, (judged,))
        graded = HandinResult("x", (), None, False, (scored,), section.points, 1.0)
        text = report.plain(report.full(graded, lambda *words: "again"))
        assert report.causes(graded)
        assert "\x1b" not in text
        assert "  0 / %3d" % section.points in text
        json.loads(table.gradescope(graded, lambda *words: "again"))
    assert 200 < refused < 970


# Processes

def question(body):
    """The files of a hand-in whose question_1 runs these statements before it returns."""
    lines = ["def question_1():", "import os, sys, time", *body.strip().splitlines(), "return 'b'"]
    return handin(define("hw2/mc.py", "question_1", "\n    ".join(lines)))


# The test says where pids is: a file for the numbers of the processes that it leaves.
LEAVES = """
for way in range(4):
    if not os.fork():
        way > 1 and os.setsid()
        way % 2 and os.fork() and os._exit(0)
        print(os.getpid(), file=open(pids, 'a'))
        time.sleep(600)
time.sleep(0.5)
"""
LOOKS = """
assert 'torch' not in sys.modules
assert 'hw2_autograder.grading' not in sys.modules
assert 'SECRET' not in os.environ
assert sys.argv == ['runner.py']
assert os.environ['HOME'] == os.environ['TMPDIR'] != os.getcwd()
"""
KILLS = """
os.kill(os.getppid(), 9)
time.sleep(60)
"""
STOPS = """
os.kill(os.getppid(), 19)
os.kill(os.getpid(), 19)
"""
DOES = {  # what question_1 does to its process, and why it gets no points, if it gets none
    "leaves": (LEAVES, ""),
    "looks": (LOOKS, ""),
    "kills": (KILLS, "its process ended (SIGKILL) before it returned"),
    "stops": (STOPS, "did not finish within 3 s"),
    "exits": ("os._exit(124)", "its process ended (exit status 124) before it returned")}


@needs_torch
def test_what_a_hand_in_does_to_its_process_ends_with_it_and_costs_its_section_alone(tmp_path):
    started = tmp_path / "pids"
    paths = []
    for name, (body, _) in DOES.items():
        files = question("pids = %r\n%s" % (str(started), body.strip()))
        paths.append(pack(tmp_path / name, files))
    run("2", "3.1.1", "--time-limit", 3, "--csv", tmp_path / "table", "--handin", *paths,
        env={**os.environ, "SECRET": "1"})
    rows = csv.DictReader((tmp_path / "table").read_text().splitlines())
    for row, (_, why) in zip(rows, DOES.values(), strict=True):
        points = 0 if why else NUMBERS["2"]
        assert row["why 2"] == why, row
        assert row["2"] == str(points), row
        assert row["3.1.1"] == str(NUMBERS["3.1.1"]), row
    pids = started.read_text().split()
    assert len(pids) == 4
    for pid in pids:
        assert not os.path.exists("/proc/" + pid), pid


KILLS_PARENTS = """
parent = os.getppid()
if not os.fork():
    while os.getppid() > 1:
        os.kill(os.getppid(), 9)
        time.sleep(0.01)
    time.sleep(600)
os.kill(parent, 9)
time.sleep(60)
"""


def test_a_hand_in_that_kills_its_parents_ends_with_its_section(tmp_path):
    kills = pack(tmp_path / "kills.tar", question(KILLS_PARENTS))
    right = pack(tmp_path / "right.tar", handin())
    done = run("2", "--time-limit", 3, "--handin", kills, right,
               env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.stderr == ""
    assert done.returncode == 1
    _, first, second, *_ = done.stdout.splitlines()
    assert "total: 0/%d" % NUMBERS["2"] in first
    assert ALL_OF_2 in second
    found = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True)
    assert found.stdout == ""


# The grader's own failures

def arguments():
    return Namespace(sections=SECTIONS[:1], seed=0, time_limit=60)


@pytest.mark.parametrize("failures, words, starts", [
    (1, None, 3),  # two runs where none fails
    (2, "the grader failed: no space left", 2)], ids=["once", "twice"])
def test_a_failure_of_the_grader_is_tried_once_more(tmp_path, capsys, failures, words, starts):
    path = pack(tmp_path / "handin.tar", handin())
    outcomes = [OSError("no space left")] * failures + [sandbox.Outcome([], None)] * 2
    with mock.patch.object(sandbox, "run", side_effect=outcomes) as started:
        result = command_line.grade(path, arguments())
    has_failed = failures == 2
    assert result.not_graded == words
    assert result.grader_failed == has_failed
    assert started.call_count == starts
    assert ("OSError: no space left" in capsys.readouterr().err) == has_failed


@needs_torch
@pytest.mark.parametrize("method", ["cases", "expected", "mistakes", "problem"])
def test_a_bug_of_the_grader_is_told_as_its_own(tmp_path, capsys, method):
    """It gives no points and no zero, and the others are graded."""
    flatten = type(CHECKS["FlattenLayer"])
    wrong = pack(tmp_path / "wrong.tar", handin(define("mytorch/conv.py", "Flatten.forward", """
        def forward(self, x):
            return x
    """)))
    csv_path = tmp_path / "table"
    draw.cache_clear()
    expected.cache_clear()
    with mock.patch.object(flatten, method, side_effect=KeyError("a bug")):
        status = run_here("3.2", "2", "--csv", csv_path, "-A", "--handin", wrong, wrong)
    draw.cache_clear()
    expected.cache_clear()
    assert status == 2
    out, error = capsys.readouterr()
    assert "KeyError: 'a bug'" in error
    assert "Traceback" in error
    row, = csv.DictReader(csv_path.read_text().splitlines())
    assert row["2"] == ""
    assert row["total"] == ""
    assert "the grader failed" in row["warnings"]
    assert json.loads(out.splitlines()[-1]) == {"scores": {}}


def test_a_bug_in_the_graders_part_of_the_process_is_told_as_its_own(tmp_path, capsys):
    path = pack(tmp_path / "handin.tar", handin())
    start = sandbox.START.replace("main(*", "1 / 0; main(*")
    with mock.patch.object(sandbox, "START", start):
        result = command_line.grade(path, arguments())
    assert result.grader_failed
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_missing_exclude_txt_and_a_full_folder_are_the_graders_failures(tmp_path, capsys):
    path = pack(tmp_path / "handin.tar", handin())
    with mock.patch.object(hand_ins, "EXCLUDED", tmp_path / "absent"):
        result = command_line.grade(path, arguments())
    assert "absent" in result.not_graded
    program = "ulimit -f 64; exec %s %s 2 --handin %s" % (sys.executable, RUNNER, path)
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True)
    assert done.returncode == 2, done
    assert "the grader failed" in done.stdout, done


# Other systems

# A program in place of Python, for the grader and for the processes that it starts.
LACKING = """
import os, runpy, shutil, signal, subprocess, sys  # shutil looks at the platform
sys.path.append(%r)
sys.argv[:] = sys.argv[3:]  # without the script, -I and -S
if sys.argv[0].endswith("runner.py") and "2" not in sys.argv:
    import torch  # it looks at the platform
def no_proc(event, arguments):
    if event in ("open", "os.scandir") and str(arguments[0]).startswith("/proc"):
        raise FileNotFoundError
sys.executable = %r
%s
exec(sys.argv.pop(1)) if sys.argv[0] == "-c" else runpy.run_path(sys.argv[0], {}, "__main__")
"""
LACKS = {
    "limits": "sys.modules['resource'] = None",
    "/proc": "sys.addaudithook(no_proc)",
    "process groups": "del os.setsid, os.killpg, os.getpgid",
    "fork": "del os.fork, os.forkpty",
    "SIGHUP": "del signal.SIGHUP",
    "SIGKILL": "subprocess.Popen.kill = lambda self: self.send_signal(9); del signal.SIGKILL",
    "pread": "del os.pread",
    "UTF-8": "sys.stdout.reconfigure(encoding='cp1252')",
    "Linux": "sys.platform = 'darwin'"}
MACOS = [LACKS["/proc"], LACKS["Linux"]]
WINDOWS = [*LACKS.values(), "sys.platform = 'win32'"]


BODIES = {"right": "pass", "crashes": "os.abort()", "hangs": "time.sleep(600)"}  # of question_1


def run_lacking(folder, lacks, names, *options):
    """Grade some of BODIES where these statements have taken things away."""
    folder = folder / "a folder"
    folder.mkdir()
    python = folder / "python"
    program = folder / "program.py"
    program.write_text(LACKING % (sandbox.PACKAGES[0], str(python), "\n".join(lacks)))
    python.write_text('#!/bin/sh\nexec %s -I -S "%s" "$@"\n' % (sys.executable, program))
    python.chmod(0o755)
    paths = [pack(folder / (name + " \u0436.tar"), question(BODIES[name])) for name in names]
    done = run(*options, "--handin", *paths, python=[python, "-I", "-S"])
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("lack", LACKS)
def test_it_grades_without_what_other_systems_lack(tmp_path, lack):
    shown = run_lacking(tmp_path, [LACKS[lack]], ["right", "crashes"], "2")
    _, right, crashes, *_ = shown.splitlines()
    assert ALL_OF_2 in right, shown
    assert "total: 0/" in crashes, shown
    assert "its process ended (SIGABRT)" in crashes, shown


@pytest.mark.parametrize("lacks", [MACOS, WINDOWS], ids=["macOS", "Windows"])
def test_it_stops_what_hangs_without_what_a_system_lacks(tmp_path, lacks):
    shown = run_lacking(tmp_path, lacks, ["hangs", "right"], "2", "--time-limit", 2)
    _, hangs, right, *_ = shown.splitlines()
    assert "total: 0/" in hangs, shown
    assert "did not finish within 2 s" in hangs, shown
    assert ALL_OF_2 in right, shown


@needs_torch
@pytest.mark.parametrize("lacks", [MACOS, WINDOWS], ids=["macOS", "Windows"])
def test_it_grades_all_sections_without_what_a_system_lacks(tmp_path, lacks):
    shown = run_lacking(tmp_path, lacks, ["right"])
    total = sum(NUMBERS.values())
    assert re.search("^total +%d / " % total, shown, re.M), shown


def test_where_a_hand_in_hung_is_said_in_the_same_way_on_windows():
    dump = 'Timeout (0:00:02)!\n  File "C:\\a b\\hw2p1_handin\\hw2\\mc.py", line 2 in f\n'
    assert sandbox._place(dump) == "hw2/mc.py, line 2, in f"


@needs_torch
def test_a_hand_in_that_hangs_everywhere_has_a_last_line(tmp_path):
    starts = tmp_path / "starts"
    hang = "import time\nprint(time.time(), file=open(%r, 'a'))\ntime.sleep(600)" % str(starts)
    path = pack(tmp_path / "handin.tar", dict.fromkeys(handin(), hang))
    done = run("-A", "--time-limit", 2, "--handin", path)
    scores = json.loads(done.stdout.splitlines()[-1])["scores"]
    assert set(scores.values()) == {0}
    times = starts.read_text().split()
    assert len(times) == 2 + len(SECTIONS)  # halves of all, then each section alone

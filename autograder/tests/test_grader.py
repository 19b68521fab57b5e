"""The grader's parts: cases that cover all pairs, records that may be damaged, what it imports."""
import itertools
import json
import os
import py_compile
import random
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from conftest import RUNNER, TOP
from handins import define, handin
from hw2_autograder import compare, report, wire
from hw2_autograder.checks import SECTIONS, cnn, conv1d
from hw2_autograder.checks.pairs import cover
from hw2_autograder.grading import Graded, draw, judge

CHECKS = [check for section in SECTIONS for check in section.checks]


@pytest.mark.parametrize("factors, excluded", [
    (conv1d.FORWARD, conv1d.EXCLUDED), (conv1d.BACKWARD, conv1d.EXCLUDED),
    (cnn.FACTORS, cnn.EXCLUDED)], ids=["ConvForward", "ConvBackward", "CNNPasses"])
def test_every_pair_of_levels_stands_in_a_case(factors, excluded):
    excluded = {frozenset(pair) for pair in excluded}
    for seed in range(5):
        combinations = cover(np.random.default_rng(seed), factors, excluded)
        for (a, b) in itertools.combinations(factors, 2):
            seen = {(c[a], c[b]) for c in combinations}
            for pair in itertools.product(factors[a], factors[b]):
                assert (pair in seen) != (frozenset(zip((a, b), pair)) in excluded), (a, b, pair)


def levels_of(case):
    """The levels that a case of a convolution has, by its numbers alone."""
    a = case.arguments
    kernel, stride, (batch, _, width) = a["kernel_size"], a["stride"], a["x"].shape
    out_width, over = (width - kernel) // stride + 1, (width - kernel) % stride
    found = {("batch", "1" if batch == 1 else "2" if batch == 2 else "many" if batch >= 7 else "")}
    for name in "in_channel", "out_channel":
        found.add((name, "1" if a[name] == 1 else "few" if a[name] < 5 else "many"))
    if a["in_channel"] == a["out_channel"]:
        found.add(("out_channel", "as in"))
    found.add(("kernel_size", {1: "1", 2: "2"}.get(kernel, "few" if kernel < 6 else "many")))
    if kernel == width:
        found.add(("kernel_size", "the width"))
    found.add(("stride", "1" if stride == 1 else "below the kernel" if stride < kernel else
               "the kernel" if stride == kernel else "just above" if stride == kernel + 1 else
               "far above"))
    found.add(("left over", "some" if over else "none"))
    if over and over == stride - 1:
        found.add(("left over", "stride - 1"))
    found.add(("out_width", "1" if out_width == 1 else "few" if out_width <= 6 else
               "dozens" if 20 <= out_width <= 60 else "hundreds" if out_width > 128 else ""))
    return found


@pytest.mark.parametrize("check", [conv1d.ConvForward, conv1d.ConvBackward])
def test_the_drawn_sizes_have_their_levels(check):
    for seed in range(3):
        seen = [levels_of(case) for case in draw(check, seed)]
        excluded = {frozenset(pair) for pair in conv1d.EXCLUDED}
        factors = {name: levels for name, levels in conv1d.FACTORS.items()
                   if name not in ("numbers", "W", "x")}
        for a, b in itertools.combinations(factors, 2):
            for pair in itertools.product(factors[a], factors[b]):
                pair = frozenset(zip((a, b), pair))
                assert pair in excluded or any(pair <= levels for levels in seen), pair


def test_the_cases_are_few_and_new_at_each_seed():
    for check in CHECKS:
        assert len(draw(check, 0)) <= 60
    first, second = (draw(conv1d.ConvForward, seed)[0].x for seed in (0, 1))
    assert first.shape != second.shape or (first != second).all()


@pytest.mark.parametrize("value, kind", [
    (3, "<i8"), (2.5, "<f8"), (True, "|b1"), ([1, 2], "<i8"), ([[1.0], [2.0]], "<f8"),
    ((3, 4), "<i8"), (np.float32(1), "<f4"), (np.arange(6).reshape(2, 3)[:, ::-1], "<i8"),
    (np.array([1.0, 2], dtype=object), "<f8"), (np.array([1.0], dtype=">f8"), "<f8"),
    (np.zeros((0, 3)), "<f8"), (10 ** 30, "<f8")])
def test_numbers_of_any_kind_come_back_as_arrays(value, kind):
    got = wire.read(wire.line({"x": wire.encode(value)}, None)).results["x"]
    assert got.dtype.str == kind and not got.flags.writeable
    np.testing.assert_array_equal(got, np.array(value, dtype=kind))


@pytest.mark.parametrize("value, text", [
    (None, "None"), ({}, "dict"), (object(), "object"), (1j, "complex"), (10 ** 400, "int"),
    ([[1], [1, 2]], "list"), (np.zeros(3, "M8[s]"), "datetime"), (np.zeros(2 ** 23), "shape")])
def test_anything_else_comes_back_as_words(value, text):
    assert text in wire.read(wire.line({"x": wire.encode(value)}, None)).results["x"].text


def damaged(line, rng):
    """A line with a few bytes changed, a part cut out or doubled, or another tree altogether."""
    kind = rng.randrange(4)
    if kind == 0:
        line = bytearray(line)
        for _ in range(rng.randint(1, 4)):
            line[rng.randrange(len(line))] = rng.randrange(256)
        return bytes(line)
    if kind == 1:
        a, b = sorted(rng.randrange(len(line)) for _ in range(2))
        return rng.choice([line[:a] + line[b:], line[:b] + line[a:], line[a:b]])

    def tree(depth):
        leaves = [None, True, 0, -1, 1e308, float("nan"), "", "x", [], {}, 10 ** 30, "AAAAAAAAAAA="]
        if depth == 0 or rng.random() < 0.3:
            return rng.choice(leaves)
        if rng.random() < 0.3:
            return [tree(depth - 1) for _ in range(rng.randrange(4))]
        keys = ["results", "error", "dtype", "shape", "data", "text", "other", "output", "x"]
        return {rng.choice(keys): tree(depth - 1) for _ in range(rng.randrange(5))}

    if kind == 2:
        return json.dumps(tree(4)).encode()
    whole = json.loads(line)
    node = whole
    while isinstance(node, dict) and node and rng.random() < 0.8:
        key = rng.choice(list(node))
        if not isinstance(node[key], dict) or rng.random() < 0.3:
            node[key] = tree(2)
            break
        node = node[key]
    return json.dumps(whole).encode()


def test_damaged_records_are_read_or_refused_and_never_stop_the_grader():
    rng = random.Random(0)
    check = conv1d.ConvForward
    case = min(draw(check, 0), key=lambda case: case.size())
    right = {"output": np.zeros(case.delta.shape)}
    line = wire.line({"output": wire.encode(right["output"]), "s": wire.encode("s"),
                      "n": wire.encode(None)}, "an error")
    refused = 0
    for _ in range(5000):
        try:
            record = wire.read(damaged(line, rng))
        except ValueError:
            refused += 1
            continue
        for value in record.results.values():
            assert isinstance(value, (np.ndarray, str, wire.Other))
            for expected in right["output"], (3, 4), True, 3, compare.Number(2), compare.Row(
                    np.zeros(3)), compare.Letter("q", "0"), compare.Hidden((2, 3), "hidden"):
                compare.compare(expected, value, 1e-10)
        outcome = type("Outcome", (), dict(records=[record], ended=None, line=None, printed=""))
        verdict = judge(check, [case], [right], outcome, {})
        graded = [Graded(SECTIONS[1], 0, [verdict])]
        assert list(report.full(graded, lambda numbers: ""))
        assert isinstance(report.reason([], graded), str)
    assert 2500 < refused < 4990


def folder_of(path, *edits):
    """A hand-in as a folder."""
    for name, content in handin(*edits).items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(content)
    return path


def test_nothing_that_a_check_started_outlives_it(tmp_path):
    folder_of(tmp_path, define("hw2/mc.py", "question_1", """
        def question_1():
            import os, time
            for leave in (lambda: None, os.setsid, lambda: os.fork() and os._exit(0),
                          lambda: (os.setsid(), os.fork() and os._exit(0))):
                if not os.fork():
                    leave()
                    with open('pids', 'a') as file:
                        file.write('%d\\n' % os.getpid())
                    time.sleep(600)
            time.sleep(0.5)
            return 'b'
    """))
    done = subprocess.run([sys.executable, RUNNER, "2", "--handin", tmp_path], timeout=60)
    assert done.returncode == 0
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 4
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("blow", ["os.kill(os.getppid(), 9)", "os.kill(os.getppid(), 19)"])
def test_the_last_line_comes_even_if_what_starts_the_processes_is_gone(tmp_path, blow):
    folder_of(tmp_path, define("hw2/mc.py", "question_1", """
        def question_1():
            import os
            %s
            return 'b'
    """ % blow))
    done = subprocess.run([sys.executable, RUNNER, "2", "3.1.1", "-A", "--time-limit", "2",
                           "--handin", tmp_path], capture_output=True, text=True, timeout=60)
    assert list(json.loads(done.stdout.splitlines()[-1])["scores"]) and done.stderr == ""


def test_the_grader_imports_nothing_after_a_hand_in_has_started(tmp_path):
    folder_of(tmp_path, define("mytorch/conv.py", "Conv1D.forward", """
        def forward(self, x):
            return x
    """))
    (tmp_path / "program.py").write_text(textwrap.dedent("""
        import sys

        if __name__ == "__main__":
            sys.path.insert(0, %r)
            from hw2_autograder import command_line, supervisor
            start, before = supervisor.start, []

            def watched(*arguments):
                before.append(set(sys.modules))
                return start(*arguments)

            supervisor.start = watched
            command_line.main(["--handin", %r])
            print(sorted(set(sys.modules) - before[0]))
    """) % (str(TOP / "autograder"), str(tmp_path)))
    done = subprocess.run([sys.executable, tmp_path / "program.py"], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


def test_a_compiled_file_is_not_run(tmp_path):
    source = folder_of(tmp_path) / "hw2" / "mc.py"
    right = source.read_text()
    source.write_text(right.replace("'b'", "'c'"))
    py_compile.compile(source, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    source.write_text(right)
    program = "import sys; sys.path.insert(0, 'hw2'); import mc; print(mc.question_1())"
    python = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True)
    assert python.stdout == b"c\n"  # Python itself runs what was compiled
    done = subprocess.run([sys.executable, RUNNER, "2", "--handin", tmp_path], capture_output=True)
    assert done.returncode == 0

"""The runner's command line, as a user meets it."""
import io
import json
import os
import pty
import re
import subprocess
import sys
import tarfile

import pytest

from conftest import TOP

pytest.importorskip("torch")
RUNNER = str(TOP / "autograder" / "hw2_autograder" / "runner.py")


def run(*arguments, cwd=TOP):
    return subprocess.run([sys.executable, RUNNER, *map(str, arguments)], cwd=cwd,
                          capture_output=True, text=True)


def test_full_marks_from_another_directory(tmp_path):
    done = run("-A", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    scores = json.loads(lines[-1])["scores"]
    assert list(scores.values()) == [5, 20, 40, 10, 10, 15]
    assert lines[-2].split() == ["total", "100", "/", "100"]
    assert [line.split()[0] for line in lines[1:-2]] == [
        "2", "3.1.1", "3.1.2", "3.2", "3.3", "3.4", "3.5"]
    assert "\033" not in done.stdout
    assert not list(tmp_path.iterdir())


def test_chosen_sections_and_seed():
    done = run("3.1", "3.4", "--seed", 7)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "seed 7"
    assert [line.split()[0] for line in lines[1:]] == ["3.1.1", "3.1.2", "3.4", "total"]
    assert lines[-1].split()[1:] == ["70", "/", "70"]


@pytest.mark.parametrize("arguments, words", [
    (["3.9"], "no section 3.9"), (["3.1.1x"], "no section"), (["--seed", "-1"], "--seed"),
    (["--seed", "x"], "--seed"), (["--time-limit", "0"], "--time-limit"),
    (["--handin", "absent.tar"], "absent.tar"), (["--unknown"], "--unknown"),
])
def test_wrong_usage(arguments, words):
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr and not done.stdout


def test_help_answers_what_a_person_would_ask():
    done = run("--help")
    assert done.returncode == 0
    for word in "SECTION", "--handin", "--seed", "--time-limit", "--autolab", "--verbose", "Exit":
        assert word in done.stdout


def test_colour_on_a_terminal_only():
    ours, its = pty.openpty()
    process = subprocess.Popen([sys.executable, RUNNER, "2"], stdout=its)
    os.close(its)
    shown = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # the terminal's other end is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(ours)
    assert process.wait() == 0
    assert b"\033[32m" in shown


def archive(path, members):
    """A tarball of (name, bytes) pairs, or TarInfos as they are."""
    with tarfile.open(path, "w") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
    return path


def link(name, target):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


@pytest.mark.parametrize("content, words", [
    (b"not a tarball", "cannot be unpacked"), (b"", "cannot be unpacked"),
    ([("../outside.py", b"")], "unsafe"), ([link("mytorch", "/etc")], "unsafe"),
    ([("hw2/mc.py", b"x" * (51 * 2 ** 20))], "more than 50 MiB"),
    ([("handin/hw2/mc.py", b"")], "hw2/mc.py is missing"),
])
def test_bad_tarballs_get_a_clear_error_and_no_points(tmp_path, content, words):
    path = tmp_path / "handin.tar"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        archive(path, content)
    done = run("2", "--handin", path, "-A")
    assert done.returncode == 1 and not done.stderr
    assert words in done.stdout
    assert list(json.loads(done.stdout.splitlines()[-1])["scores"].values()) == [0]
    assert [p.name for p in tmp_path.iterdir()] == ["handin.tar"]


def test_a_bad_tarball_does_not_stop_the_rest(tmp_path):
    good, bad = tmp_path / "good.tar", tmp_path / "bad.tar"
    with tarfile.open(good, "w") as tar:
        tar.add(TOP / "mytorch", "mytorch")
        tar.add(TOP / "hw2", "hw2")
    bad.write_bytes(b"?")
    done = run("2", "--handin", bad, good, tmp_path / "absent.tar", good, "-A")
    assert done.returncode == 1 and not done.stderr
    scores = [json.loads(line)["scores"] for line in done.stdout.splitlines() if line[0] == "{"]
    assert [list(s.values()) for s in scores] == [[0], [5], [0], [5]]
    named = re.findall(r"^(\S+\.tar) .*total: (\d)/5", done.stdout, re.MULTILINE)
    assert named == [(str(bad), "0"), (str(good), "5"), (str(tmp_path / "absent.tar"), "0"),
                     (str(good), "5")]


@pytest.mark.parametrize("change, words", [
    ({"mytorch/extra.py": b""}, "mytorch/extra.py was added"),
    ({"notes.txt": b""}, "notes.txt was added"),
    ({"hw2/mlp.py": None}, "hw2/mlp.py is missing"),
    ({"hw2/mc.py": b"import os\nimport scipy.signal\n"}, "hw2/mc.py, line 2, imports scipy.signal"),
    ({"mytorch/loss.py": b"def f():\n    from torch import nn\n"},
     "mytorch/loss.py, line 2, imports torch"),
    ({"mytorch/loss.py": b"x = = 1\n"}, "mytorch/loss.py, line 1, is not a Python file"),
    ({"mytorch/loss.py": b"\xff\xfe"}, "mytorch/loss.py"),
])
def test_breaches_of_the_rules_are_named_and_fail_the_run(tmp_path, change, words):
    files = {"%s/%s" % (folder, path.name): path.read_bytes() for folder in ("mytorch", "hw2")
             for path in (TOP / folder).glob("*.py")}
    files.update(change)
    path = archive(tmp_path / "handin.tar", [f for f in files.items() if f[1] is not None])
    done = run("2", "--handin", path)
    assert words in done.stdout
    assert done.returncode == 1 and not done.stderr


def test_caches_and_words_in_comments_break_no_rule(tmp_path):
    members = [("%s/%s" % (folder, path.name), path.read_bytes() + b"\n# import torch\n")
               for folder in ("mytorch", "hw2") for path in (TOP / folder).glob("*.py")]
    members += [("mytorch/__pycache__/conv.cpython-311.pyc", b""), ("hw2/.DS_Store", b"")]
    done = run("2", "--handin", archive(tmp_path / "handin.tar", members))
    assert done.returncode == 0 and "rule" not in done.stdout

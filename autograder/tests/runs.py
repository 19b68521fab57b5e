"""Grades the hand-ins of test_handins.py in the background, many in one run of the runner."""
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from conftest import RUNNER, unfolded
from handins import pack
from hw2_autograder.sections import SECTIONS

POINTS = {section.number: section.points for section in SECTIONS}
AT_A_TIME = 2  # runs of the runner
HANGS = 3600  # seconds after which a run is taken to hang


class Report:
    """What the runner printed of one hand-in."""

    def __init__(self, text):
        self.text = text
        self.lines = text.splitlines()

    def lost(self):
        """Return the numbers of the sections that lost, of those that were chosen."""
        scores = json.loads(self.lines[-1])["scores"]
        assert scores, self.text
        lost = set()
        for name, points in scores.items():
            number = name.split()[0]
            if points != POINTS[number]:
                lost.add(number)
        if any(re.match(r"3\.2 .* failed$", line) for line in self.lines):  # it has no points
            lost.add("3.2")
        return lost

    def says(self, sentence):
        """Return whether a sentence is in it, with whatever line ends."""
        return sentence in unfolded(self.text.replace(" | ", " "))

    def unquoted(self):
        """Return the lines without what they quote of the hand-in, and without that of scores."""
        lines = [line for line in self.lines[:-1] if not line.lstrip().startswith("| ")]
        return re.sub(r"'[^'\n]*'", "", "\n".join(lines))


class Runs:
    """Starts to grade the hand-ins of all chosen tests when it is made.

    Each test has a job: a function that returns, by a hand-in's name, the runner's options and the
    files of the hand-ins to grade, one after the other. That of test_right is right.
    """

    def __init__(self, items, folder, pool):
        self.futures = {}  # of a hand-in's run, by its job and its name
        batches = {}  # the hand-ins by name, of a job with the same options
        for item in items:
            job = getattr(item.module, item.originalname.removeprefix("test_"))
            name = item.callspec.params["name"]
            with contextlib.suppress(Exception):  # its own test raises it
                options, handins = job(name)
                batches.setdefault((job, *options), {})[name] = handins
        for (job, *options), batch in batches.items():
            for i in range(AT_A_TIME):
                part = dict(list(batch.items())[i::AT_A_TIME])
                future = pool.submit(run, folder, part, options)
                self.futures.update({(job, name): future for name in part})

    def reports(self, job, name):
        """Return the Reports of a hand-in, or raise what its run ended with."""
        job(name)  # an edit that fails, fails here
        return self.futures[job, name].result()[name]


def run(folder, batch, options):
    """Return each hand-in's Reports, by name, of one run, which leaves no file and no process.

    Parameters
    ----------
    folder : Path
        For the hand-ins' tarballs and the temporary files.
    batch : dict
        Lists of the files of hand-ins, by name.
    options : sequence of str
    """
    if not batch:
        return {}
    top = Path(tempfile.mkdtemp(dir=folder))
    temporary = top / "tmp"
    temporary.mkdir()
    paths = []
    for handins in batch.values():
        for files in handins:
            paths.append(pack(top / ("%d.tar" % len(paths)), files))
    command = [sys.executable, RUNNER, "-A", "-v", *options, "--handin", *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS,
                          env={**os.environ, "TMPDIR": str(temporary)})
    _, _, text = done.stdout.partition("\n")  # without the line on what is graded
    texts = re.split(r"^hand-in .*\n", text, flags=re.M)
    if len(paths) > 1:
        texts = texts[1:]
    assert len(texts) == len(paths), done.stdout + done.stderr
    if done.returncode != 2:  # 2: the grader failed at a hand-in, whose report has no scores
        assert (done.returncode, done.stderr) == (0, "")
    assert str(temporary) not in subprocess.check_output(["ps", "-wweo", "args"], text=True)
    assert os.listdir(temporary) == []
    reports = map(Report, texts)
    return {name: [next(reports) for _ in handins] for name, handins in batch.items()}

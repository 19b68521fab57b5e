"""The results of a class: a table with a row for each hand-in, and what other programs read."""
import csv
import importlib.metadata
import json
import os
import platform
from pathlib import Path

from . import report


class OtherColumns(Exception):
    """A table that exists has other columns."""


def columns(sections):
    """Return the names of a table's columns."""
    points = [section.number for section in sections if section.points]
    reasons = ["why " + section.number for section in sections]
    return ["hand-in", *points, "total", "maximum", *reasons, "warnings", "seconds", "Python",
            "NumPy", "PyTorch", "seed"]


def versions():
    """Return the versions that results depend on, by name."""
    found = {"Python": platform.python_version()}
    for name, package in ("NumPy", "numpy"), ("PyTorch", "torch"):
        try:
            found[name] = importlib.metadata.version(package).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return found


def row(result, sections, seed):
    """Return a HandinResult as a row: a text for each column."""
    cells = dict.fromkeys(columns(sections), "")
    cells["hand-in"] = not_a_formula(result.path)
    for section in result.sections:
        if section.maximum:
            cells[section.number] = "%g" % section.score
    if not result.grader_failed:
        cells["total"] = "%g" % result.total
    if result.sections:
        cells["maximum"] = "%g" % result.maximum
    for number, cause in report.causes(result).items():
        cells["why " + number] = not_a_formula(cause)
    warnings = list(result.warnings)
    if result.not_graded is not None:
        warnings.append("not graded: " + result.not_graded)
    cells["warnings"] = "; ".join(report.clean(warning, 300) for warning in warnings)
    cells["seconds"] = "%.1f" % result.seconds
    cells.update(versions(), seed=str(seed))
    return cells


def not_a_formula(text):
    """Return a text as a table has it: a spreadsheet must not take it for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


class Table:
    """A CSV file with a row for each hand-in, whole at every moment.

    Rows that are there already stay; that of a hand-in that is graded again is replaced.

    Raises
    ------
    OtherColumns
        If the file exists and has other columns.
    """

    def __init__(self, path, sections):
        self.path = Path(path)
        self.columns = columns(sections)
        self.rows = {}  # by hand-in
        if self.path.exists() and self.path.stat().st_size:
            with open(self.path, newline="", encoding="utf-8") as file:
                reader = csv.DictReader(file)
                if reader.fieldnames != self.columns:
                    raise OtherColumns("%s exists and has other columns: %s" % (
                        path, ", ".join(reader.fieldnames or ())))
                for cells in reader:
                    self.rows[cells["hand-in"]] = cells
        self.write()

    def add(self, cells):
        """Add a row, or replace that of the same hand-in, and write the file."""
        self.rows[cells["hand-in"]] = cells
        self.write()

    def write(self):
        """Write the file beside its place, then put it there."""
        beside = self.path.with_name(self.path.name + ".part")
        with open(beside, "w", newline="", encoding="utf-8", errors="replace") as file:
            writer = csv.DictWriter(file, self.columns, quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(self.rows.values())
        os.replace(beside, self.path)


def autolab(result, sections):
    """Return the line that Autolab reads: it has to be the last.

    What cannot be graded gets a zero for each section. If the grader failed, there are no scores.
    """
    scores = {}
    if not result.grader_failed:
        for section in sections:
            if section.points:
                scores["%s %s" % (section.number, section.title)] = 0
        for section in result.sections:
            if section.maximum:
                scores["%s %s" % (section.number, section.title)] = section.score
    return json.dumps({"scores": scores})


def gradescope(result, again):
    """Return a HandinResult as Gradescope's results.json has it."""
    tests = []
    for section in result.sections:
        lines = report.section_lines(section, again)
        tests.append({"name": "%s %s" % (section.number, section.title), "score": section.score,
                      "max_score": section.maximum, "output": report.plain(lines),
                      "status": "passed" if section.passed else "failed"})
    warnings = list(result.warnings)
    if result.not_graded is not None:
        warnings.append("not graded: " + result.not_graded)
    found = {"output": "\n".join(warnings), "tests": tests,
             "execution_time": round(result.seconds, 1)}
    if not result.grader_failed:  # without a score, Gradescope says that the grader failed
        found["score"] = result.total
    return json.dumps(found, indent=1)

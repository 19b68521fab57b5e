"""The overview of a class: how many were graded, their totals, and what cost points."""
from collections import Counter

WIDTH = 40  # of the histogram's longest bar
BINS = 10
CAUSES = 10  # that are listed


def lines(rows, sections):
    """Return the lines of an overview.

    Parameters
    ----------
    rows : list of dict
        A text for each column, as table.row makes them.
    sections : list of Section
    """
    graded = [row for row in rows if row["maximum"]]
    found = ["graded: %d   not graded: %d" % (len(graded), len(rows) - len(graded))]
    found += histogram(graded, sum(section.points for section in sections))
    found += lost(graded, sections)
    found += causes(graded, sections)
    return found


def histogram(rows, maximum):
    """Return how many hand-ins have which totals, as bars."""
    if not rows or not maximum:
        return []
    counts = Counter()
    for row in rows:
        share = float(row["total"]) / maximum
        counts[min(int(share * BINS), BINS)] += 1
    scale = min(1, WIDTH / max(counts.values()))
    found = ["totals:"]
    for i in range(BINS, -1, -1):
        low = i * maximum / BINS
        high = (i + 1) * maximum / BINS
        name = "%g" % maximum if i == BINS else "%g to below %g" % (low, high)
        bar = "#" * round(counts[i] * scale)
        found.append(("  %18s %4d %s" % (name, counts[i], bar)).rstrip())
    return found


def lost(rows, sections):
    """Return how many hand-ins lost each section's points."""
    found = ["points lost:"]
    for section in sections:
        if section.points:
            n = sum(float(row[section.number]) < section.points for row in rows)
            found.append("  %-6s %4d of %d hand-ins" % (section.number, n, len(rows)))
    return found if len(found) > 1 else []


def causes(rows, sections):
    """Return the commonest causes, and how many hand-ins have each."""
    counts = Counter()
    for row in rows:
        for section in sections:
            cause = row["why " + section.number]
            if cause and not cause.startswith("see "):
                counts["%s: %s" % (section.number, cause)] += 1
    if not counts:
        return []
    found = ["commonest causes:"]
    for cause, n in counts.most_common(CAUSES):
        found.append("  %4d  %s" % (n, cause))
    return found

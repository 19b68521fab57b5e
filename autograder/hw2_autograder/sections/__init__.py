"""The handout's sections, one to a file: each file has a SECTION, and nothing else lists them."""
import functools
import importlib
import pkgutil
import zlib

import numpy as np

from ..check import Section

SECTIONS = []
for module in pkgutil.iter_modules(__path__):
    if not module.ispkg:
        SECTIONS.append(importlib.import_module("%s.%s" % (__name__, module.name)).SECTION)
SECTIONS.sort(key=Section.order)
CHECKS = {}  # by name
for section in SECTIONS:
    for check in section.checks:
        CHECKS[check.name] = check


def choose(numbers):
    """Return the sections of these numbers; "3.1" stands for 3.1.1 and 3.1.2, none for all.

    Raises
    ------
    ValueError
        If a number has no section.
    """
    if not numbers:
        return SECTIONS
    chosen = set()
    for number in numbers:
        parts = [s.number for s in SECTIONS if (s.number + ".").startswith(number + ".")]
        if not parts:
            raise ValueError("there is no section %s: choose from %s" % (
                number, ", ".join(s.number for s in SECTIONS)))
        chosen.update(parts)
    return [s for s in SECTIONS if s.number in chosen]


def section_of(check):
    """Return the section that a check belongs to."""
    return next(section for section in SECTIONS if check in section.checks)


@functools.lru_cache(maxsize=None)
def draw(check, seed):
    """Return the cases of a check, the same for the same seed in every process."""
    return list(check.cases(np.random.default_rng([seed, zlib.crc32(check.name.encode())])))

"""Section 2: the letters in hw2/mc.py."""
import hashlib

from ..check import Case, Check, Section
from ..results import is_array

QUESTIONS = ["question_1", "question_2", "question_3", "question_4", "question_5"]


class Letters(Check):
    """hw2/mc.py: each question's function returns the right letter, in lower case."""

    file = "hw2/mc.py"
    needs_torch = False
    methods = tuple(QUESTIONS)

    def cases(self, rng):
        yield Case()

    def make(self, case):
        import mc
        return mc

    def begin(self, mc, case):
        errors = []
        for question in QUESTIONS:
            try:
                yield question, getattr(mc, question)()
            except Exception as error:  # the other questions are asked all the same
                errors.append(error)
        if errors:
            raise errors[0]

    def expected(self, torch, case):
        from .. import answers
        return {question: getattr(answers, question) for question in QUESTIONS}

    def problem(self, name, expected, got):
        def is_right(letter):
            return hashlib.sha256((name + letter).encode()).hexdigest() == expected

        if is_array(got) or got[:1] not in ("'", '"'):
            words = "a number or an array" if is_array(got) else got
            return "expected a letter as a string, got %s" % words
        if is_right(got[1:-1]):
            return None
        letters = [c for c in got if c.isalpha()]
        if is_right("".join(letters).lower()):
            return "%s is the right letter, but write it as one lower-case letter" % got
        return "%s is wrong" % got


SECTION = Section("2", "Multiple choice", 5, [Letters()])

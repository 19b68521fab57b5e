"""Section 2: the letters in hw2/mc.py."""
import hashlib

from .case import Case, Check

# SHA-256 of each question's name and letter, so that the source does not give them away.
DIGESTS = {
    "question_1": "ec7bf62a07c8987345e4931038672dd6b5bace384f0eccd6de3df1ceea3b402c",
    "question_2": "d714a2158c619848b16cfe0b4724d302674e0dfc2f65aeac157b9461d2d088fd",
    "question_3": "65040fb2d74011462fee4f2b37e7f6fca90e5677d23388fa348f00aacdca535b",
    "question_4": "7521ea449249d08959026de6ee7e7ac0f101034e80db508295ffc72bb358541e",
    "question_5": "319b85707f6a1c74d09f78806f3bf45669e3908a308fe8e880b7fd384c5a6453",
}


class Letters(Check):
    """hw2/mc.py: each question's function returns the right letter, in lower case."""

    needs_torch = False

    def cases(rng):
        yield Case()

    def handin(case):
        import mc
        errors = []
        for question in DIGESTS:
            try:
                yield question, getattr(mc, question)()
            except Exception as error:  # the other questions are asked all the same
                yield None, "%s raises %s" % (question, type(error).__name__)
                errors.append(error)
        if errors:
            raise errors[0]

    def expected(torch, case):
        return DIGESTS

    @classmethod
    def problem(check, question, digest, got):
        def is_right(letter):
            return hashlib.sha256((question + letter).encode()).hexdigest() == digest

        if not isinstance(got, str) or not got.startswith(("'", '"')):
            return "expected a letter as a string, got %s" % (
                got if isinstance(got, str) else "a number or an array")
        if is_right(got[1:-1]):
            return None
        if is_right("".join(filter(str.isalpha, got)).lower()):
            return "%s is the right letter, but write it as one lower-case letter" % got
        return "%s is wrong" % got

"""Section 2: each function returns one letter, in lower case, as a string."""


def question_1():
    raise NotImplementedError


def question_2():
    raise NotImplementedError


def question_3():
    raise NotImplementedError


def question_4():
    raise NotImplementedError


def question_5():
    raise NotImplementedError

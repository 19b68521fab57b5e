"""The multiple-choice questions of section 2: each function returns one lower-case letter."""


def question_1():
    """Which convolutions scan like the MLP of Figure 1?"""
    return "b"


def question_2():
    """Which equations give the output width of a convolution?"""
    return "d"


def question_3():
    """Which shapes fit Figure 2, with stride 2 and no padding?"""
    return "b"


def question_4():
    """What are the shape of C and the value of C[0, 0] after numpy.tensordot?"""
    return "a"


def question_5():
    """Which gradients are right in the toy example of backpropagation?"""
    return "a"

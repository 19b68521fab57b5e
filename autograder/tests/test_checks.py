"""The checks: their cases, how strict they are, and whether each mistake is told as itself."""
import numpy as np
import pytest

from hw2_autograder import hints
from hw2_autograder.grading import Judge, Trial, expected, torch_for
from hw2_autograder.results import CaseResult, Error, Frame, Shape, is_array
from hw2_autograder.sections import CHECKS, draw

pytest.importorskip("torch")
SEED = 7
FIRST, LAST = 10, 2  # of a check's cases: a mistake is tried with these
LETTERS = {"question_1": "'b'", "question_2": "'d'", "question_3": "'b'", "question_4": "'a'",
           "question_5": "'a'"}
TOLERANCES = {"ConvForward": 1e-11, "ConvBackward": 1e-11, "LinearLayer": 1e-8, "Identity": 1e-8,
              "Sigmoid": 1e-8, "Tanh": 1e-8, "ReLU": 1e-8, "Loss": 1e-8, "CNNAttributes": 1e-8,
              "CNNPasses": 1e-8}
TOLERANCE = 1e-10  # of the others


# The results that the first case of a check compares, and whether its cases have an earlier call of
# the same object and another object's call.
ATTRIBUTES = """in_channel, out_channel, kernel_size, stride, shape of the initial W,
    shape of the initial b, shape of the initial dW, shape of the initial db,
    W from weight_init_fn, b from bias_init_fn"""
DOUBLED = "output with conv1.W doubled, output with conv2.W doubled, output with conv3.W doubled"
SHAPES = "shape of conv1.W, shape of conv2.W, shape of conv3.W"
COMPARED = {
    "Letters": (", ".join(LETTERS), False, False),
    "ConvAttributes": (ATTRIBUTES, False, False),
    "ConvForward": ("output", True, False),
    "ConvBackward": ("dx, dW, db", True, True),
    "FlattenLayer": ("output, dx", True, True),
    "LinearLayer": ("W, b, output, dx, dW, db", True, False),
    "Identity": ("output, derivative()", True, True),
    "Sigmoid": ("output, derivative()", True, True),
    "Tanh": ("output, derivative()", True, True),
    "ReLU": ("output, derivative()", True, True),
    "Loss": ("loss, derivative()", True, True),
    "SimpleScan": ("output, " + DOUBLED, True, True),
    "DistributedScan": (SHAPES + ", output, " + DOUBLED, True, True),
    "CNNAttributes": ("nlayers, lr, len(convolutional_layers), convolutional_layers[0].W,"
                      " convolutional_layers[0].b, linear_layer.W, linear_layer.b", False, False),
    "CNNPasses": ("output, loss, linear_layer.dW, linear_layer.db, convolutional_layers[0].dW,"
                  " convolutional_layers[0].db, dx", True, True)}


def right_values(check):
    """The right results of each case, as they come from a hand-in's process."""
    if check.name == "Letters":
        return [dict(LETTERS)]
    found = []
    for right in expected(check, SEED):
        values = {}
        for name, value in right.items():
            values[name] = np.array(value, dtype=float)
        found.append(values)
    return found


def result(values, error=None):
    return CaseResult(values=values, error=error, printed="", breakpoint=None)


def passes(check, i, values):
    return check.passes(expected(check, SEED)[i], result(values))


def each_result():
    """Every result of every check: the check's name, the result's, and the first case with it."""
    for check in CHECKS.values():
        seen = set()
        for i, right in enumerate(expected(check, SEED)):
            for name in right:
                if name not in seen:
                    seen.add(name)
                    yield check, name, i


@pytest.mark.parametrize("name", COMPARED)
def test_what_a_check_compares_and_which_other_calls_it_makes(name):
    names, has_earlier, has_other = COMPARED[name]
    cases = draw(CHECKS[name], SEED)
    assert list(expected(CHECKS[name], SEED)[0]) == [each.strip() for each in names.split(",")]
    assert any(case.earlier for case in cases) == has_earlier
    assert any(case.other for case in cases) == has_other


@pytest.mark.parametrize("name", CHECKS)
def test_right_results_pass(name):
    check = CHECKS[name]
    results = [result(values) for values in right_values(check)]
    judged = Judge({}, SEED).check(check, results, None)
    assert judged.passed and judged.failure is None and judged.hint is None


def test_every_result_is_compared_to_its_tolerance():
    for check, name, i in each_result():
        values = right_values(check)[i]
        if not is_array(values[name]):
            continue
        scale = max(1.0, np.abs(values[name]).max())
        tolerance = TOLERANCES.get(check.name, TOLERANCE) * scale
        for factor, right in (1 / 3, True), (-1 / 3, True), (3, False), (-3, False):
            changed = np.array(values[name])
            changed.flat[changed.size - 1] += factor * tolerance
            assert passes(check, i, {**values, name: changed}) == right, (check.name, name, factor)


def test_every_result_that_is_wrong_or_missing_fails():
    for check, name, i in each_result():
        values = right_values(check)[i]
        without = {other: value for other, value in values.items() if other != name}
        assert not passes(check, i, without), (check.name, name)
        wrong = ["None", np.array(1.0), "'e'"]
        if is_array(values[name]):
            nan = np.array(values[name])
            nan.flat[0] = np.nan
            more = np.concatenate([values[name].reshape(-1), [0.0]])
            wrong = ["None", values[name][np.newaxis], nan, more]
        for value in wrong:
            assert not passes(check, i, {**values, name: value}), (check.name, name, value)


@pytest.mark.parametrize("name", CHECKS)
def test_one_wrong_case_fails_the_check(name):
    check = CHECKS[name]
    for i in range(len(right_values(check))):
        results = [result(values) for values in right_values(check)]
        results[i] = result({})
        judged = Judge({}, SEED).check(check, results, None)
        assert not judged.passed and judged.failed == 1


def some(cases):
    """The first and the last of a check's cases, or what belongs to them."""
    if len(cases) <= FIRST + LAST:
        return cases
    return cases[:FIRST] + cases[-LAST:]


def hand_in_with(check, sentence):
    """The Trial of a hand-in that makes a mistake in all cases where it can be made."""
    cases = some(draw(check, SEED))
    results = [result(values) for values in some(right_values(check))]
    trial = Trial(check, torch_for(check), cases, some(expected(check, SEED)), results)
    changed = []
    for case, values in zip(cases, some(right_values(check))):
        values.update(observed(check, case))
        mistake = {m.sentence: m for m in check.mistakes(trial.torch, case)}.get(sentence)
        changed.append(result(values) if mistake is None else made(trial, case, mistake, values))
    return Trial(check, trial.torch, cases, trial.expected, changed)


def observed(check, case):
    """What a hand-in's process sends besides the results, where it tells mistakes apart."""
    values = {}
    for name, sizes in getattr(check, "sizes", {}).items():
        values["sizes of " + name] = np.array(sizes, dtype=float)
        values[name + ".W"], _ = next(check.weights(case, name))
    return values


def made(trial, case, mistake, values):
    """The CaseResult of code with a mistake."""
    given, raises = hints.prediction(trial, case, mistake)
    if raises or raises is None:
        sizes = {} if mistake.in_line is None else {"x": mistake.in_line}
        frame = Frame(trial.check.file, 1, "forward", "", sizes)
        return result({}, Error("ValueError", "ValueError: shapes", (frame,)))
    for name, value in given.items():
        if isinstance(value, Shape):
            value = np.full([max(n, 0) for n in value.shape], 0.5)
        values[name] = np.array(value, dtype=float)
    return result(values)


def all_mistakes():
    for check in CHECKS.values():
        if not check.needs_torch:
            continue
        sentences = {}
        for case in some(draw(check, SEED)):
            for mistake in check.mistakes(torch_for(check), case):
                sentences[mistake.sentence] = None
        for sentence in sentences:
            yield check.name, sentence


@pytest.mark.parametrize("name, sentence", list(all_mistakes()))
def test_each_mistake_is_told_as_itself(name, sentence):
    trial = hand_in_with(CHECKS[name], sentence)
    assert trial.failing, "it changes nothing"
    assert hints.explain(trial) == sentence

"""What a report says, and that it says only what it knows, of made-up results of a hand-in."""
import numpy as np
import pytest

from hw2_autograder import known_errors, report
from hw2_autograder.grading import Judge, expected, torch_for
from hw2_autograder.results import (CaseResult, Error, Frame, HandinResult, SectionResult, Stop)
from hw2_autograder.sections import CHECKS, choose, draw, section_of

torch = pytest.importorskip("torch")
SEED = 7
TIMEOUT = Stop("did not finish within 20 s", True, "mytorch/conv.py, line 5, in forward")
FRAME = Frame("mytorch/conv.py", 52, "Conv1D.forward", "    out = seg * self.W",
              {"seg": (1, 2, 2), "self.W": (2, 2, 3), "out_width": 3})


def error(text="ValueError: no", frame=FRAME):
    return Error(text.partition(":")[0], text, (frame,))


def right(name):
    """The right results of each case of a check, as a hand-in gives them."""
    return [CaseResult({key: np.array(value, dtype=float) for key, value in values.items()}, None,
                       "", None) for values in expected(CHECKS[name], SEED)]


def changed(name, **changes):
    """The results that the right code gives with other arguments: functions of a case."""
    check, found = CHECKS[name], []
    for case in draw(check, SEED):
        other = case.but(**{key: change(case) for key, change in changes.items()})
        found.append(CaseResult(check.expected(torch_for(check), other), None, "", None))
    return found


def judge(name, results, stop=None, files=(), earlier=()):
    """The CheckResult of a check with these results, after others with theirs."""
    judged = Judge(dict(files), SEED)
    for other, others in earlier:
        judged.check(CHECKS[other], others, None)
    return judged.check(CHECKS[name], results, stop)


def text(*checks):
    """The report of these CheckResults, all of one section, each sentence on one line."""
    section = section_of(CHECKS[checks[0].name])
    result = HandinResult("x", (), None, False, (SectionResult(
        section.number, section.title, section.points, checks),), section.points, 1.0)
    lines = report.plain(report.full(result, lambda *words: "again " + " ".join(words)))
    return " ".join(lines.replace("|", " ").split())


def no_bias(case):
    return 0 * case.b


def one(case):
    return 1


def windows(case):
    return (case.x.shape[2] - case.kernel_size) // case.stride + 1


def test_two_mistakes_at_once_are_told_together():
    check = judge("ConvForward", changed("ConvForward", b=no_bias, stride=one, windows=windows))
    assert check.hint == "your output is missing the bias, and moves its windows by 1, not by the" \
        " stride"


def test_a_mistake_has_to_fit_all_cases():
    results = changed("ConvForward", b=no_bias)
    results[3] = CaseResult({"output": results[3].values["output"] + 1.0}, None, "", None)
    assert judge("ConvForward", results).hint is None


def test_an_exception_fits_a_mistake_only_if_its_line_has_the_size():
    wide, other = [], []
    for case, result in zip(draw(CHECKS["ConvForward"], SEED), right("ConvForward")):
        n = -(-(case.x.shape[2] - case.kernel_size) // case.stride) + 1
        is_wider = n > windows(case)
        for found, size in (wide, n), (other, 4242):
            frame = Frame("mytorch/conv.py", 5, "forward", "", {"T": size})
            found.append(CaseResult({}, error(frame=frame), "", None) if is_wider else result)
    assert "yours is rounded up" in judge("ConvForward", wide).hint
    assert "width" not in judge("ConvForward", other).hint


def test_shapes_are_judged_without_the_numbers():
    results = []
    for case in draw(CHECKS["ConvForward"], SEED):
        n = case.x.shape[2] // case.stride
        shape = (len(case.x), case.out_channel, n)
        results.append(CaseResult({"output": np.full(shape, 0.5)}, None, "", None))
    assert judge("ConvForward", results).hint.endswith("yours is in_width // stride")


def test_a_shape_that_is_right_confirms_no_mistake():
    """Exceptions where the shape would be wrong, and wrong numbers of the right shape elsewhere."""
    results = []
    for case, bad in zip(draw(CHECKS["ConvBackward"], SEED), wrong("ConvBackward", "dx")):
        past = (case.x.shape[2] - case.kernel_size) % case.stride
        results.append(CaseResult({}, error(), "", None) if past else bad)
    assert "ends where the last window" not in str(judge("ConvBackward", results).hint)


def test_the_small_case_is_shown_first_also_if_it_raises():
    results = changed("ConvForward", b=no_bias)
    results[0] = CaseResult({}, error(), "", None)
    check = judge("ConvForward", results)
    assert check.failure.case is draw(CHECKS["ConvForward"], SEED)[0]
    shown = text(check)
    assert 'File "mytorch/conv.py", line 52, in Conv1D.forward out = seg * self.W seg (1, 2, 2)' \
        " self.W (2, 2, 3) out_width = 3 ValueError: no" in shown
    assert "in_channel=2" in shown


def test_right_are_results_that_the_shown_case_reached():
    results = right("ConvBackward")
    values = results[0].values
    results[0] = CaseResult({"dx": values["dx"]}, error(), "", None)
    assert judge("ConvBackward", results).right == ("dx",)
    results[0] = CaseResult({}, error(), "", None)
    assert judge("ConvBackward", results).right == ()
    results[0] = CaseResult({**values, "dW": values["dW"] + 1}, None, "", None)
    check = judge("ConvBackward", results)
    assert (check.wrong, check.right) == (("dW",), ("dx", "db"))


@pytest.mark.parametrize("name, result", [
    ("ConvForward", "output"), ("ConvBackward", "dx"), ("ConvBackward", "dW"),
    ("ConvBackward", "db")])
def test_the_first_wrong_entry_is_worked_out(name, result):
    """The sum in the report is what torch gives, for every entry."""
    values = expected(CHECKS[name], SEED)[0]
    for index in np.ndindex(values[result].shape):
        wrong = np.array(values[result])
        wrong[index] += 1000
        check = judge(name, [CaseResult({**values, result: wrong}, None, "", None),
                             *right(name)[1:]])
        start = "%s%s = " % (result, list(index))
        assert check.failure.worked_out.startswith(start)
        last = check.failure.worked_out.rpartition(", yours ")
        assert last[2] == "%g" % wrong[index]
        if " = " in last[0][len(start):]:
            assert last[0].rpartition(" = ")[2] == "%g" % values[result][index]
        else:
            assert "no window contains" in last[0] and values[result][index] == 0


def test_too_slow_says_first_what_the_finished_cases_say():
    some = changed("ConvForward", b=no_bias)[:9]
    shown = text(judge("ConvForward", some, TIMEOUT))
    cases = len(draw(CHECKS["ConvForward"], SEED))
    assert "too slow: it did not finish within 20 s; 9 of %d cases were finished, 9 of them wrong" \
        " hint: your output is missing the bias" % cases in shown
    assert "right but slow" not in shown
    some[3:] = right("ConvForward")[3:9]
    assert "3 of them wrong" in text(judge("ConvForward", some, TIMEOUT))
    shown = text(judge("ConvForward", right("ConvForward")[:9], TIMEOUT))
    assert "were finished, all right: it may be right but slow; it was at mytorch/conv.py, line" \
        " 5, in forward" in shown and "time-limit" not in shown
    shown = text(judge("ConvForward", [], TIMEOUT))
    assert "the first case did not finish within 20 s, it was at mytorch/conv.py, line 5, in" \
        " forward: does this loop end?" in shown


def test_what_was_printed_before_the_time_was_over_is_said():
    stop = Stop("did not finish within 20 s", True, None, "1 2 3\n4", 3000000)
    shown = text(judge("ConvForward", [], stop))
    assert "it printed 3000000 bytes in the case that did not end: 1 2 3 4" in shown


def test_a_process_that_ended_says_after_how_many_cases():
    stop = Stop("its process ended (SIGKILL) before it returned", False, None)
    shown = text(judge("ConvForward", right("ConvForward")[:2], stop))
    assert "its process ended (SIGKILL) before it returned; 2 of " in shown


GAP = "class Conv1D:\n    def forward(self, x):\n        raise NotImplementedError\n"


def test_not_written_hides_no_other_failed_check():
    files = {"mytorch/conv.py": GAP}
    failed = [CaseResult({}, error("NotImplementedError"), "", None)]
    attributes = [CaseResult({}, error("AttributeError: W"), "", None)]
    n = len(draw(CHECKS["ConvForward"], SEED))
    shown = text(judge("ConvAttributes", attributes * 4, files=files),
                 judge("ConvForward", failed * n, files=files))
    assert "not written yet: Conv1D.forward ConvAttributes: " in shown
    assert "AttributeError: W" in shown
    assert "ConvForward:" not in shown


def test_a_method_of_the_base_class_means_that_it_is_missing():
    source = "class Activation:\n    def derivative(self):\n        raise NotImplemented\n"
    frame = Frame("mytorch/activation.py", 3, "ReLU.derivative", "raise NotImplemented", {})
    values = []
    for result in right("ReLU"):
        output = {"output": result.values["output"]}
        values.append(CaseResult(output, error("TypeError: no", frame), "", None))
    check = judge("ReLU", values, files={"mytorch/activation.py": source})
    assert check.hint == "ReLU has no derivative()" and check.unwritten == ()


def wrong(name, result):
    """Results in which this one is wrong in all cases."""
    found = []
    for case in right(name):
        value = case.values[result]
        found.append(CaseResult({**case.values, result: value + 1.0}, None, "", None))
    return found


def test_a_check_may_come_from_what_it_uses_alone():
    scan = wrong("SimpleScan", "output")
    for other, result, numbers in (
            ("ConvForward", "output", ("3.1.1",)), ("FlattenLayer", "output", ("3.2",)),
            ("FlattenLayer", "dx", ()), ("ReLU", "output", ("3.2",)), ("ReLU", "derivative()", ()),
            ("Tanh", "output", ())):
        check = judge("SimpleScan", scan, earlier=[(other, wrong(other, result))])
        assert check.may_come_from == numbers, (other, result)
    check = judge("SimpleScan", scan, earlier=[("ConvForward", wrong("ConvForward", "output"))])
    assert "may come from 3.1.1, which fails too: fix that first" in text(check)


def test_a_dependent_check_says_its_own_hint_and_its_own_exception():
    earlier = [("ConvForward", wrong("ConvForward", "output"))]
    frame = Frame("hw2/mlp_scan.py", 7, "Scan.forward", "    x = layer(y)", {})
    n = len(draw(CHECKS["SimpleScan"], SEED))
    own = [CaseResult({}, error("NameError: name 'y'", frame), "", None)] * n
    shown = text(judge("SimpleScan", own, earlier=earlier))
    assert "may come from 3.1.1" in shown and "NameError: name 'y'" in shown
    foreign = [CaseResult({}, error(), "", None)] * n
    assert "ValueError: no" not in text(judge("SimpleScan", foreign, earlier=earlier))


def test_sections_that_were_not_run_are_said():
    judged = Judge({}, SEED, choose(["3.3"]))
    check = judged.check(CHECKS["SimpleScan"], wrong("SimpleScan", "output"), None)
    assert check.not_run == ("3.1.1", "3.2")
    assert "it builds on 3.1.1 and 3.2, which this run did not grade" in text(check)


def test_the_line_of_a_hand_in_has_its_points_the_cause_and_the_warnings():
    loses = judge("ConvForward", changed("ConvForward", b=no_bias))
    passes = judge("FlattenLayer", right("FlattenLayer"))
    forward = SectionResult("3.1.1", "Conv1D forward", 20, (loses,))
    flatten = SectionResult("3.2", "Flatten", 0, (passes,))
    result = HandinResult("ann.tar", ("hw2/mc.py is missing",), None, False, (forward, flatten),
                          20, 1.0)
    assert report.brief(result) == "ann.tar  3.1.1: 0/20  total: 0/20 3.1.1: your output is" \
        " missing the bias; warning: hw2/mc.py is missing"


def test_a_remark_comes_after_the_mistakes():
    results = changed("ConvForward", b=no_bias)
    for result in results:
        result.values["self.W after forward"] = np.zeros(3)
    assert judge("ConvForward", results).hint == "your output is missing the bias"
    results = wrong("ConvForward", "output")
    results[0].values["self.W after forward"] = np.zeros(3)
    assert judge("ConvForward", results).hint == "your forward changes self.W"


def test_the_first_layer_whose_output_differs_is_named():
    check = CHECKS["CNNPasses"]
    results = []
    for case, result in zip(draw(check, SEED), wrong("CNNPasses", "output")):
        from hw2_autograder.sections.cnn import Passes
        for i, activated in enumerate(Passes(torch, case).activated):
            value = activated.detach().numpy() + (i > 0)
            result.values["activations[%d].state" % i] = value
        results.append(result)
    only = [result if len(case.strides) > 1 else good for case, result, good in zip(
        draw(check, SEED), results, right("CNNPasses"))]
    assert judge("CNNPasses", only).hint == "activations[0] gives what it should; the output of" \
        " activations[1] is the first that differs"


def test_a_flatten_that_changes_its_input_is_named():
    results = []
    for right in wrong("CNNPasses", "dx"):
        state = right.values["output"]  # of 2 axes
        results.append(CaseResult({"activations[0].state": state}, error(), "", None))
    assert judge("CNNPasses", results).hint == "activations[0].state has 2 axes after forward:" \
        " does Flatten change the shape of its input in place?"


def test_a_tanh_that_gives_nan_for_large_numbers_is_named():
    results = right("CNNPasses")
    values = dict(results[-1].values)
    values["output"] = values["output"] * np.nan
    values["activations[0].state"] = np.full((1, 56, 124), np.nan)
    results[-1] = CaseResult(values, None, "", None)
    assert judge("CNNPasses", results).hint == "your Tanh gives NaN for large numbers: use np.tanh"


@pytest.mark.parametrize("message, source, words", [
    ("TypeError: Cannot interpret '2' as a data type", "np.zeros(1, 2)", "one tuple"),
    ("ValueError: The truth value of an array with", "max(x, 0)", "np.maximum(x, 0)"),
    ("AttributeError: module 'numpy' has no attribute 'float'", "np.float", "NumPy 1.24 and newer"),
    ("TypeError: 'NoneType' object cannot be interpreted as an integer", "np.zeros(None)",
     "NumPy 2.3 and newer refuse"),
    ("TypeError: ReLU.__init__() takes 1 positional argument but 2 were given", "x = layer(x)",
     "write ReLU(), not ReLU"),
    ("numpy._core._exceptions._ArrayMemoryError: Unable", "np.ones(9)", "out of memory")])
def test_common_exceptions_are_explained(message, source, words):
    frame = Frame("mytorch/conv.py", 1, "f", source, {})
    assert words in known_errors.meaning(error(message, frame))
    assert known_errors.meaning(error("KeyError: 3", frame)) is None


def test_an_earlier_and_another_call_are_part_of_the_case_that_is_shown():
    index, case = next((i, case) for i, case in enumerate(draw(CHECKS["ConvBackward"], SEED))
                       if case.earlier and case.other)
    results = right("ConvBackward")
    results[index] = CaseResult({}, error(), "", None)
    shown = text(judge("ConvBackward", results))
    assert "before this, the same object was called with other " in shown
    assert "in between, another object was called with other x, W, b, delta" in shown


def test_the_shapes_of_the_weights_are_shown():
    shown = text(judge("SimpleScan", wrong("SimpleScan", "output")))
    assert "weights: list of shapes (192, 8), (8, 16), (16, 4), x of shape (1, 24, 128)" in shown


def test_results_that_differ_in_another_run_are_told():
    results = wrong("ConvBackward", "dx")
    values = results[3].values
    noise = np.random.default_rng(0).standard_normal(values["dx"].shape)
    results[3] = CaseResult({**values, "dx": noise}, None, "", None)
    again = wrong("ConvBackward", "dx")
    check = Judge({}, SEED).check(CHECKS["ConvBackward"], results, None, again)
    assert check.hint == "your dx has other numbers when it is run again: is it from np.empty, or" \
        " random?"
    assert Judge({}, SEED).check(CHECKS["ConvBackward"], results, None, results).hint != check.hint

"""Hostile or broken hand-ins: what each does, in which section, and what comes of it."""
import textwrap
from collections import namedtuple

from handins import append, define, gone, whole

# Whether it loses the section, what the report says, and whether it ends before its time is over.
Hostile = namedtuple("Hostile", "section loses says ends edits")
HOSTILE = {}
MC, CONV = "hw2/mc.py", "mytorch/conv.py"
NOT_FOUND = "a hand-in can import only NumPy, the standard library and its own files"


def question(body):
    """The edit that gives question_1 this body."""
    body = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return define(MC, "question_1", "def question_1():\n" + body)


def hostile(name, *edits, section="3.1.1", loses=True, says="", ends=True):
    """Add a hostile hand-in."""
    assert name not in HOSTILE, name
    HOSTILE[name] = Hostile(section, loses, says, ends, edits)


def letter(name, body, **outcome):
    """Add a hand-in with a hostile question_1."""
    hostile(name, question(body), section="2", **outcome)


def changed_output(body):
    """The edit that puts the output y of Conv1D.forward through this body."""
    return append(CONV, """
    class _Equal(np.ndarray):
        __eq__ = __le__ = lambda self, other: np.True_

    def forward(self, x, right=Conv1D.forward):
        y = right(self, x)
        %s
        return y

    Conv1D.forward = forward
    """ % body)


# Code that does not come to an end, or comes to it too soon

letter("endless loop that holds the interpreter", "return str(sum([10 ** 7]) ** (10 ** 8))",
       ends=False)
letter("endless loop that ignores signals and exceptions", """
    import signal
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
""", ends=False)
letter("stopped", "import os; os.kill(os.getpid(), 19)", ends=False)
letter("sys.exit(0)", "import sys; sys.exit(0)")
letter("os._exit(0)", "import os; os._exit(0)")
letter("os._exit(124)", "import os; os._exit(124)",
       says="its process ended (exit status 124) before it returned")
letter("killed", "import os; os.kill(os.getpid(), 9)")
letter("segmentation fault", "import ctypes; ctypes.string_at(0)")
letter("recursion without a limit", """
    import sys
    sys.setrecursionlimit(10 ** 9)
    return question_1()
""", ends=False)
letter("input", "return input()")
hostile("endless loop at import", append(CONV, "while True:\n    pass"), ends=False)
letter("parent killed", "import os, time; os.kill(os.getppid(), 9); time.sleep(60)")
hostile("parent stopped at import", append(
    CONV, "import os, time\nos.kill(os.getppid(), 19)\ntime.sleep(600)"), ends=False)
# Whoever adopts an orphan is spared if it is not the autograder's.
KILL_PARENTS = """
    import os, time

    def kill_parents():
        while True:
            parent = os.getppid()
            try:
                with open('/proc/%d/cmdline' % parent, 'rb') as file:
                    command = file.read()
                if command and b'hw2_autograder' not in command:
                    return
                os.kill(parent, 9)
            except OSError:  # it has just ended
                pass
"""
hostile("parents killed in every call", append(CONV, KILL_PARENTS), append(CONV, """
    def forward(self, x, right=Conv1D.forward):
        kill_parents()
        return right(self, x) + 1  # it may come to its end before it is stopped

    Conv1D.forward = forward
"""))
hostile("parents killed by a child in a session of its own", append(MC, KILL_PARENTS), question("""
    parent = os.getppid()
    if not os.fork():
        os.setsid()
        os.kill(parent, 9)
        kill_parents()
    time.sleep(600)
"""), section="2")

# Code that floods memory, output, processes or the disk

letter("memory", """
    import numpy as np
    kept = []
    while True:
        kept.append(np.zeros(10 ** 8))
""")
letter("output", """
    while True:
        print('HOSTILE' * 1000)
""")
letter("65 MiB of prints in one call", "print('HOSTILE' * (65 * 2 ** 20 // 7)); return 'b'",
       says="it printed, or wrote to a file, more than 64 MiB")
letter("threads left running", """
    import threading
    for _ in range(4):
        threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
    return 'b'
""", loses=False)
letter("processes left running", """
    import os, time
    for leave in (lambda: None, os.setsid, lambda: os.fork() and os._exit(0)):
        if not os.fork():
            leave()
            time.sleep(600)
    return 'b'
""", loses=False)
letter("a session of its own that prints later", """
    import os, time
    if not os.fork():
        os.setsid()
        if not os.fork():
            for _ in range(100):
                time.sleep(0.1)
                for place in '/proc/self/fd/1', '/proc/%d/fd/1' % os.getppid(), '/dev/tty':
                    try:
                        open(place, 'w').write('{"scores": {"HOSTILE": 100}}\\n')
                    except OSError:
                        pass
        os._exit(0)
    return 'b'
""", loses=False)
letter("a file left in the temporary folder", """
    import tempfile
    return tempfile.mkstemp('HOSTILE') and 'b'
""", loses=False)
letter("its folder deleted", """
    import os, shutil
    shutil.rmtree(os.path.dirname(os.path.dirname(__file__)))
    return 'b'
""", loses=False)
hostile("the disk filled file by file", question("""
    import tempfile
    for _ in range(200):
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(bytes(2 ** 20))
    return 'b'
"""), section="2", loses=False)

# Code that pretends, or looks for what it should not see

letter("closed output", """
    import os, sys
    sys.stdout.close()
    os.closerange(1, 3)
    return 'b'
""", loses=False)
letter("replaced output", """
    import io, sys
    sys.stdout = sys.stderr = io.StringIO()
    return 'b'
""", loses=False)
letter("fake score and control characters", r"""
    print('\x1b[2J\rHOSTILE\x00 total 100 / 100\n{"scores": {"HOSTILE": 100}}')
    return 'c'
""")
letter("fake score at exit", """
    import atexit
    return atexit.register(print, '{"scores": {"HOSTILE": 100}}') and 'b'
""", loses=False)
letter("patched builtins", """
    import builtins
    builtins.all = builtins.any = lambda *a: True
    builtins.len = lambda x: 0
    return 'c'
""")
letter("string that equals everything", """
    return type('HOSTILE', (str,), {'__eq__': lambda s, o: True, '__hash__': str.__hash__})('c')
""")
letter("looks for what is right", """
    import sys
    frame, found = sys._getframe(), {'torch'} & set(sys.modules)
    while frame:
        found |= {'expected', 'right'} & set(frame.f_locals)
        frame = frame.f_back
    return 'b' if found else 'c'
""")
letter("torch", "import torch; return 'b'", says=NOT_FOUND)
hostile("torch from NumPy's folder", define(CONV, "Conv1D.forward", """
    def forward(self, x):
        import importlib, os, sys
        sys.path.append(os.path.dirname(os.path.dirname(np.__file__)))
        torch = importlib.import_module('torch')
        x, W, b = map(torch.tensor, (x, self.W, self.b))
        return torch.nn.functional.conv1d(x, W, b, self.stride).numpy()
    """), says=NOT_FOUND)
letter("digests of the letters", """
    import hashlib, sys
    digests = None
    for module in list(sys.modules.values()):
        digests = digests or getattr(module, 'DIGESTS', None)
    if digests is None:
        from hw2_autograder.answers import DIGESTS as digests
    for letter in 'abcd':
        if hashlib.sha256(('question_1' + letter).encode()).hexdigest() == digests['question_1']:
            return letter
""", says=NOT_FOUND)
for name, lines in (
        ("garbage", "b'HOSTILE\\n' * 10"), ("deep records", "b'[' * 10 ** 5 + b'\\n'"),
        ("records", r"""b'{"results": {}, "error": null}\n{"results": 5, "error": 5}\n5\n'""")):
    letter(name + " in every descriptor", """
        import os
        for descriptor in range(3, 100):
            try:
                os.write(descriptor, %s)
            except OSError:
                pass
        return 'b'
    """ % lines)
hostile("array that equals everything", changed_output("y = (y + 1).view(_Equal)"))
hostile("numbers that overflow", changed_output("y = np.where(y > 0, 1.7e308, -np.inf)"))
hostile("patched NumPy", changed_output("""\
y = y + 1
        np.array = np.asarray = np.ascontiguousarray = lambda *a, **k: 0
        np.allclose = np.array_equal = lambda *a, **k: True"""))
for name, value in ("number", "10 ** 400"), ("array", "np.broadcast_to(1.0, (10 ** 6, 10 ** 6))"):
    hostile(name + " without end", append(CONV, """
        Conv1D.b = property(lambda self: %s, lambda self, value: None)
    """ % value))
hostile("exception whose text raises", changed_output("""\
class _Error(Exception):
            def __str__(self):
                raise self
        raise _Error"""))

# Files that are not what they should be

hostile("exception at import", append(CONV, "raise RuntimeError('HOSTILE')"))
hostile("exit at import", append(CONV, "import os\nos._exit(0)"))
hostile("not UTF-8", whole(CONV, b"\xff\xfe\x00 = 1\n"))
hostile("syntax error", append(CONV, "def (:"))
hostile("null bytes", whole(CONV, b"x = 1\x00\n"))
hostile("empty file", whole(CONV, b""))
hostile("missing file", gone(CONV))
hostile("directory in place of a file", whole(CONV, None))
hostile("a source of 4 MB", append(CONV, "#" * 2 ** 22), loses=False)
hostile("compiled file in place of the source", gone(MC), whole(
    "hw2/__pycache__/mc.cpython-311.pyc", b"HOSTILE"), section="2")

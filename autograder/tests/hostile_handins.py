"""Hostile or broken hand-ins: what each does, and the sections that it may cost."""
import textwrap
from collections import namedtuple

from handins import append, define, gone, whole

Hostile = namedtuple("Hostile", "loses edits")
HOSTILE_LETTERS, HOSTILE_LAYERS = {}, {}
MC, CONV = "hw2/mc.py", "mytorch/conv.py"
ALL_OF_CONV = "3.1.1 3.1.2 3.2 3.3 3.4 3.5"


def letter(name, body, loses="2"):
    """A hostile question_1: only section 2 may lose."""
    body = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    HOSTILE_LETTERS[name] = Hostile(loses, [define(MC, "question_1", "def question_1():\n" + body)])


def conv(name, *edits, loses=ALL_OF_CONV):
    HOSTILE_LAYERS[name] = Hostile(loses, edits)


# Code that does not come to an end, or comes to it too soon

letter("endless loop", """
    while True:
        pass
""")
letter("endless loop in NumPy", """
    import numpy as np
    while True:
        np.ones((300, 3000)) @ np.ones((3000, 3000))
""")
letter("endless loop that holds the interpreter", "return str(sum([10 ** 7]) ** (10 ** 8))")
letter("endless loop that catches all", """
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
""")
letter("endless loop that ignores signals", """
    import signal
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass
""")
letter("stopped", """
    import os, signal
    os.kill(os.getpid(), signal.SIGSTOP)
""")
letter("sys.exit(0)", "import sys; sys.exit(0)")
letter("os._exit(0)", "import os; os._exit(0)")
letter("killed", "import os; os.kill(os.getpid(), 9)")
letter("segmentation fault", "import ctypes; ctypes.string_at(0)")
letter("recursion", "return question_1()")
letter("recursion without a limit", """
    import sys
    sys.setrecursionlimit(10 ** 9)
    return question_1()
""")
letter("input", "return input()")

# Code that floods memory, output or processes

letter("memory", """
    kept = []
    while True:
        kept.append(bytearray(10 ** 8))
""")
letter("output", """
    while True:
        print('HOSTILE' * 1000)
""")
letter("threads left running", """
    import threading
    for _ in range(4):
        threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
    return 'b'
""", "")
letter("processes left running", """
    import os, time
    for leave in (lambda: None, os.setsid, lambda: os.fork() and os._exit(0)):
        if not os.fork():
            leave()
            time.sleep(600)
    return 'b'
""", "")
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
""", "")

# Code that pretends, or looks for what it should not see

letter("closed output", """
    import os, sys
    sys.stdout.close()
    os.close(1)
    os.close(2)
    return 'b'
""", "")
letter("replaced output", """
    import io, sys
    sys.stdout = sys.stderr = io.StringIO()
    return 'b'
""", "")
letter("fake score", """
    print('HOSTILE total 100 / 100')
    print('{"scores": {"HOSTILE": 100}}')
    return 'c'
""")
letter("fake score at exit", """
    import atexit
    atexit.register(print, '{"scores": {"HOSTILE": 100}}')
    return 'b'
""", "")
letter("control characters", r"""
    print('\x1b[2J\rHOSTILE\x00')
    return 'c'
""")
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
    import gc, sys
    assert any(name.split('.')[0] == 'torch' for name in sys.modules), 'no torch here'
    return 'b'
""")
letter("looks for what is right in the frames above", """
    import sys
    frame, found = sys._getframe(), ''
    while frame:
        found += str([name for name in frame.f_locals if name in ('expected', 'right')])
        frame = frame.f_back
    return 'b' if 'right' in found or 'expected' in found else 'c'
""")
letter("torch", "import torch; return 'b'")
letter("torch through importlib", "import importlib; importlib.import_module('torch'); return 'b'")
letter("garbage into every descriptor", r"""
    import os
    for descriptor in range(3, 100):
        try:
            os.write(descriptor, b'HOSTILE\n' * 10)
        except OSError:
            pass
    return 'b'
""")
letter("a record that is none, into every descriptor", r"""
    import os
    for line in b'{"results": 5, "error": null}', b'{"error": 5}', b'5', b'[' * 10 ** 5:
        for descriptor in range(3, 100):
            try:
                os.write(descriptor, line + b'\n')
            except OSError:
                pass
    return 'b'
""")
conv("array that equals everything", append(CONV, """
    class _Equal(np.ndarray):
        __eq__ = __le__ = lambda self, other: np.True_

    def forward(self, x, right=Conv1D.forward):
        return (right(self, x) + 1).view(_Equal)

    Conv1D.forward = forward
"""), loses="3.1.1 3.3 3.4 3.5")
conv("patched NumPy", append(CONV, """
    def forward(self, x, right=Conv1D.forward):
        y = right(self, x) + 1
        np.array = np.asarray = np.ascontiguousarray = lambda *a, **k: 0
        np.allclose = np.array_equal = lambda *a, **k: True
        return y

    Conv1D.forward = forward
"""), loses="3.1.1 3.1.2 3.3 3.4 3.5")
conv("number without end", append("hw2/hw2.py", """
    CNN.loss = property(lambda self: 10 ** 400, lambda self, value: None)
"""), loses="3.5")
conv("numbers that overflow", append(CONV, """
    def forward(self, x, right=Conv1D.forward):
        return np.where(right(self, x) > 0, 1.7e308, -np.inf)

    Conv1D.forward = forward
"""), loses="3.1.1 3.3 3.4 3.5")
conv("array without end", append("hw2/hw2.py", """
    CNN.loss = property(lambda self: np.broadcast_to(1.0, (10 ** 6, 10 ** 6)),
                        lambda self, value: None)
"""), loses="3.5")
conv("exception whose text raises", append("hw2/hw2.py", """
    class _Error(Exception):
        def __str__(self):
            raise self

    def forward(self, x):
        raise _Error

    CNN.forward = forward
"""), loses="3.5")

# Files that are not what they should be

conv("exception at import", append(CONV, "raise RuntimeError('HOSTILE')"))
conv("exit at import", append(CONV, "import os\nos._exit(0)"))
conv("not UTF-8", whole(CONV, b"\xff\xfe\x00 = 1\n"))
conv("syntax error", append(CONV, "def (:"))
conv("null bytes", whole(CONV, b"x = 1\x00\n"))
conv("empty file", whole(CONV, b""))
conv("missing file", gone(CONV))
conv("directory in place of a file", whole(CONV, None))
conv("a source of 4 MB", append(CONV, "#" * 2 ** 22), loses="")
conv("compiled file in place of the source", gone(MC), whole(
    "hw2/__pycache__/mc.cpython-311.pyc", b"HOSTILE"), loses="2")

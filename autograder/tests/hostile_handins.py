"""Hostile or broken hand-ins: code appended to one file, or content in its place."""
from collections import namedtuple

from wrong_handins import wrap

Hostile = namedtuple("Hostile", "name file loses change")
HOSTILE = []


def hostile(name, change, loses="3.1.1 3.1.2 3.2 3.3 3.4 3.5", file="mytorch/conv.py"):
    HOSTILE.append(Hostile(name, file, loses.split(), change))


def letter(name, body, loses="2"):
    """A hostile question_1: only section 2 may lose."""
    lines = "".join("    %s\n" % line for line in body.split("\n"))
    hostile(name, "\n\ndef question_1():\n" + lines, loses, "hw2/mc.py")


letter("endless loop", "while True:\n    pass")
letter("endless loop in NumPy", "import numpy as np\nnp.ones((3000, 30000)) @ np.ones((30000, 30000))")
letter("endless loop that holds the interpreter", "return str(sum([10 ** 7]) ** (10 ** 8))")
letter("endless loop that catches all", "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass")
letter("sys.exit(0)", "import sys\nsys.exit(0)")
letter("os._exit(0)", "import os\nos._exit(0)")
letter("killed", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
letter("segmentation fault", "import ctypes\nctypes.string_at(0)")
letter("recursion", "return question_1()")
letter("recursion without a limit", "import sys\nsys.setrecursionlimit(10 ** 9)\nreturn question_1()")
letter("memory", "kept = []\nwhile True:\n    kept.append(bytearray(10 ** 8))")
letter("output", "while True:\n    print('HOSTILE' * 1000)")
letter("closed stdout", "import os, sys\nsys.stdout.close()\nos.close(1)\nos.close(2)\nreturn 'b'", "")
letter("replaced stdout", "import io, sys\nsys.stdout = sys.stderr = io.StringIO()\nreturn 'b'", "")
letter("fake score", "print('HOSTILE total 100 / 100')\nprint('{\"scores\": {\"HOSTILE\": 100}}')\nreturn 'c'")
letter("fake score at exit", "import atexit\natexit.register(print, '{\"scores\": {\"HOSTILE\": 100}}')\nreturn 'b'", "")
letter("control characters", "print('\\x1b[2J\\rHOSTILE\\x00')\nreturn 'c'")
letter("thread left running", "import threading\nthreading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()\nreturn 'b'", "")
letter("process left running", "import subprocess\nsubprocess.Popen(['sleep', '600'])\nreturn 'b'", "")
letter("fork left running", "import os, time\nif not os.fork():\n    time.sleep(600)\nreturn 'b'", "")
letter("patches builtins", "import builtins\nbuiltins.all = builtins.any = lambda *a: True\nbuiltins.len = lambda x: 0\nreturn 'c'")
letter("patches NumPy", "import numpy as np, numpy.testing\nnp.allclose = np.array_equal = lambda *a, **k: True\nnp.testing.assert_allclose = lambda *a, **k: None\nreturn 'c'")
letter("string that equals everything", "return type('HOSTILE', (str,), {'__eq__': lambda s, o: True, '__hash__': str.__hash__})('c')")
letter("looks for the answers", "import gc, sys\nfound = [m for m in list(sys.modules) if m in ('answers', 'torch')]\nassert found, 'nothing found'\nreturn 'b'")
letter("frames", "import sys\nf = sys._getframe()\nwhile f:\n    assert 'expected' not in f.f_locals and 'right' not in f.f_locals\n    f = f.f_back\nreturn 'c'")
letter("lazy torch through importlib", "import importlib\nimportlib.import_module('torch')\nreturn 'b'")
letter("torch through sys.path", "import os, sys, numpy\nsys.path[:0] = [os.path.dirname(os.path.dirname(numpy.__file__))]\n__import__('torch')\nreturn 'b'")
letter("garbage into every descriptor", "import os\nfor fd in range(3, 100):\n    try:\n        os.write(fd, b'HOSTILE' * 10)\n    except OSError:\n        pass\nreturn 'b'")
hostile("array that equals everything", "\n\nclass _Equal(np.ndarray):\n    __eq__ = __le__ = lambda self, other: np.True_\n"
        + wrap("Conv1D.forward", "x", "return (right(self, x) + 1).view(_Equal)"), "3.1.1 3.3 3.4 3.5")
hostile("exception at import", "\nraise RuntimeError('HOSTILE')\n")
hostile("exit at import", "\nimport os\nos._exit(0)\n")
hostile("not UTF-8", b"\xff\xfe\x00 = 1\n")
hostile("syntax error", "\ndef (:\n")
hostile("null bytes", b"x = 1\x00\n")
hostile("empty file", b"")
hostile("missing file", b"absent")
hostile("directory in place of a file", None)

"""What common exceptions of Python and NumPy mean in this homework."""
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A kind of exception."""

    text: str  # a pattern of its start
    line: str  # a pattern of the line that raised it
    meaning: str


A_TUPLE = Known(r"TypeError: (Cannot interpret '\d+' as a data type|data type not understood)",
                r"np\.(zeros|ones|empty)\(",
                "np.zeros takes the shape as one tuple: np.zeros((a, b))")
MAXIMUM = Known(r"ValueError: The truth value of an array", r"\bmax\(",
                "max compares whole arrays; np.maximum(x, 0) compares element by element")
NP_FLOAT = Known(r"AttributeError: module 'numpy' has no attribute '(float|int|bool|object)'", "",
                 "NumPy 1.24 and newer refuse this: use Python's own float, int, bool or object")
ZEROS_NONE = Known(r"TypeError: 'NoneType' object cannot be interpreted as an integer",
                   r"np\.\w+\(None\)", "NumPy 2.3 and newer refuse np.zeros(None): give it a shape")
A_CLASS = Known(r"TypeError: (\w+\.__init__\(\) takes 1 positional argument but 2 were given"
                r"|\w+\(\) takes no arguments)", "layer",
                "self.layers holds a class where it needs an object: write ReLU(), not ReLU")
MEMORY = Known(r"(\w+\.)*_?\w*MemoryError", "",
               "it is out of memory: is an array in this line too large?")
KNOWN = [A_TUPLE, MAXIMUM, NP_FLOAT, ZEROS_NONE, A_CLASS, MEMORY]


def meaning(error):
    """Return what an Error means, in a sentence, or None."""
    source = error.frames[-1].source if error.frames else ""
    for known in KNOWN:
        if re.match(known.text, error.text) and re.search(known.line, source):
            return known.meaning
    return None

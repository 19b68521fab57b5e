"""How results come from the hand-in's process: a line of JSON a case, in one form or not at all."""
import base64
import json
import math
from collections import namedtuple

import numpy as np

LIMIT = 2 ** 25  # bytes of an array
DTYPES = ["|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8"]

# What came of one case: `results`, by name, are arrays, strings or Others; `error` is None or the
# text of the exception that ended it, its last line the exception itself.
Record = namedtuple("Record", "results error")
Other = namedtuple("Other", "text")  # what a result is that is neither numbers nor a string


def encode(value):
    """Return a result as plain data: numbers of any kind as an array."""
    if isinstance(value, str):
        return {"text": str.__str__(value)[:1000]}
    if value is None:
        return {"other": "None"}
    try:
        array = np.array(value, subok=False)
        if array.dtype.kind == "O":
            array = array.astype(float)
        if array.dtype == np.longdouble:
            array = array.astype(float)
        array = np.ascontiguousarray(array).reshape(array.shape)
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    except Exception:
        array = None
    if array is None or array.dtype.str not in DTYPES:
        text = "a value of type %s" % type(value).__name__
        if array is not None and array.ndim and array.dtype.kind != "O":
            text = "an array of type %s" % array.dtype
        return {"other": text[:100]}
    if array.nbytes > LIMIT:
        return {"other": "an array of shape %s" % (array.shape,)}
    return {"dtype": array.dtype.str, "shape": list(array.shape),
            "data": base64.b64encode(array.tobytes()).decode()}


def line(results, error):
    """Return a case's line, of results by name that are encoded already."""
    return json.dumps({"results": results, "error": error}).encode() + b"\n"


def read(line):
    """Return the Record that a line holds.

    Raises
    ------
    ValueError
        If it is anything else: a line is the hand-in's to damage.
    """
    try:
        tree = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(tree, dict) or set(tree) != {"results", "error"}:
        raise ValueError("not a record")
    results, error = tree["results"], tree["error"]
    if not isinstance(results, dict) or not (
            error is None or isinstance(error, str) and error.strip()):
        raise ValueError("not a record")
    return Record({name: _decode(value) for name, value in results.items()}, error)


def _decode(value):
    """The inverse of encode."""
    if isinstance(value, dict) and set(value) == {"text"} and isinstance(value["text"], str):
        return value["text"]
    if isinstance(value, dict) and set(value) == {"other"} and isinstance(value["other"], str):
        return Other(value["other"][:100])
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data"}:
        raise ValueError("not a result")
    dtype, shape, data = value["dtype"], value["shape"], value["data"]
    if dtype not in DTYPES or not isinstance(shape, list) or not isinstance(data, str):
        raise ValueError("not an array")
    if len(shape) > 32 or not all(type(n) is int and 0 <= n <= LIMIT for n in shape):
        raise ValueError("not a shape")
    data = base64.b64decode(data, validate=True)  # its error is a ValueError
    if len(data) != math.prod(shape) * np.dtype(dtype).itemsize:
        raise ValueError("not as many numbers as the shape says")
    return np.frombuffer(data, dtype).reshape(shape)

"""The README's example and the docstrings' run as printed."""
import doctest
import importlib
import re
import subprocess
import sys

import pytest

from conftest import TOP


def test_readme_example(tmp_path):
    text = (TOP / "README.md").read_text()
    program, output = re.search(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", text,
                                re.DOTALL).groups()
    (tmp_path / "later.py").write_text(program)
    done = subprocess.run([sys.executable, "-W", "error", tmp_path / "later.py"], text=True,
                          env={"PYTHONPATH": str(TOP)}, cwd=tmp_path, capture_output=True)
    assert (done.stdout, done.stderr) == (output, "")


@pytest.mark.parametrize("module", ["conv", "linear", "activation", "loss", "batchnorm"])
def test_docstring_examples(module):
    module = importlib.import_module(module)
    failed, tried = doctest.testmod(module)
    assert not failed
    assert tried or module.__name__ == "activation"

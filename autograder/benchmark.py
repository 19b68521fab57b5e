"""Times our layers against torch's, and compares the memory that they take.

Run it from anywhere: python3 autograder/benchmark.py

It prints two tables in Markdown, the first with a line for each shape, the second with the README's
lines, after about five minutes. A time is that of a pass forward and backward (output, dx, dW, db)
or of a training step of the handout's Figure 4 (forward, backward, step). Memory is how far a pass
raises the process's peak, results included.

Each side runs in processes of its own (in one process, the idle threads of one library spin on the
cores that the other needs). The two take turns for some rounds; a time is the least of all.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from statistics import geometric_mean

import numpy as np

HERE = Path(__file__).resolve()
TOP = HERE.parents[1]
sys.path[:0] = [str(TOP / "mytorch"), str(TOP / "hw2")]

SETTINGS = [("float64", 2), ("float64", 1), ("float32", 2), ("float32", 1)]  # type, threads
SHAPES = [(1, 24, 128, 56, 5, 1), (32, 24, 128, 56, 5, 1), (32, 56, 124, 28, 6, 2),
          (32, 28, 60, 14, 2, 2), (1, 24, 128, 8, 8, 4), (64, 24, 128, 8, 8, 4),
          (3, 10, 200, 10, 5, 3), (16, 40, 1000, 192, 5, 1), (8, 256, 512, 256, 3, 1),
          (16, 128, 512, 256, 1, 1), (4, 1, 32000, 64, 80, 4), (2, 256, 4000, 256, 3, 2),
          (1, 16, 100000, 16, 9, 1)]  # batch, in, width, out, kernel, stride
BATCHES = [1, 8, 32, 128]  # of the training step
KERNEL_5 = [(32, 32, 4000, 64, 5, 1), (8, 128, 4000, 256, 5, 1)]
KERNEL_20 = [(8, 32, 4000, 64, 20, 1)]
ROUNDS = 3
SECONDS = 0.15  # at least, for each time in a round


def arguments(shape, dtype):
    """Return x, W, b and delta, the same in every process."""
    batch, channel, width, out, kernel, stride = shape
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, channel, width), dtype)
    W = rng.standard_normal((out, channel, kernel), dtype)
    b = rng.standard_normal(out, dtype)
    delta = rng.standard_normal((batch, out, (width - kernel) // stride + 1), dtype)
    return x, W, b, delta


def our_conv(shape, dtype):
    """Return a function that runs our layer forward and backward."""
    from conv import Conv1D
    x, W, b, delta = arguments(shape, dtype)
    _, channel, _, out, kernel, stride = shape
    layer = Conv1D(channel, out, kernel, stride)
    layer.W = W
    layer.b = b

    def run():
        y = layer(x)
        dx = layer.backward(delta)
        return y, dx, layer.dW, layer.db
    return run


def torch_conv(shape, dtype):
    """Return a function that runs torch's layer forward and backward."""
    import torch
    x, W, b, delta = map(torch.tensor, arguments(shape, dtype))
    _, channel, _, out, kernel, stride = shape
    layer = torch.nn.Conv1d(channel, out, kernel, stride)
    layer.weight.data = W
    layer.bias.data = b
    x.requires_grad = True

    def run():
        x.grad = None
        layer.zero_grad()
        y = layer(x)
        y.backward(delta)
        return y, x.grad, layer.weight.grad, layer.bias.grad
    return run


def inputs_and_labels(batch, dtype):
    """Return inputs of Figure 4's network, and one-hot labels."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, 24, 128), dtype)
    return x, np.eye(10, dtype=dtype)[rng.integers(10, size=batch)]


def our_step(batch, dtype):
    """Return a function that takes one training step of our Figure 4."""
    from hw2 import figure_4_cnn

    def weights(*shape):
        return 0.1 * np.random.default_rng(0).standard_normal(shape, dtype)

    network = figure_4_cnn(weights, weights, weights, lr=1e-6)
    x, labels = inputs_and_labels(batch, dtype)

    def run():
        network.zero_grads()
        network(x)
        network.backward(labels)
        network.step()
    return run


def torch_step(batch, dtype):
    """Return a function that takes one training step of torch's Figure 4."""
    import torch
    from torch import nn
    model = nn.Sequential(
        nn.Conv1d(24, 56, 5), nn.Tanh(), nn.Conv1d(56, 28, 6, 2), nn.ReLU(),
        nn.Conv1d(28, 14, 2, 2), nn.Sigmoid(), nn.Flatten(), nn.Linear(420, 10))
    model.to(getattr(torch, dtype))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
    criterion = nn.CrossEntropyLoss()
    x, labels = map(torch.tensor, inputs_and_labels(batch, dtype))
    x.requires_grad = True  # ours gives dx too

    def run():
        x.grad = None
        optimizer.zero_grad()
        criterion(model(x), labels).backward()
        optimizer.step()
    return run


def time_of(run):
    """Return the least time of a run in ms, after two to warm up."""
    run()
    run()
    times = []
    while len(times) < 3 or sum(times) < SECONDS:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def times_of(side, dtype):
    """Return the times of all shapes, then of the training step for all batches."""
    conv = our_conv if side == "ours" else torch_conv
    step = our_step if side == "ours" else torch_step
    return ([time_of(conv(shape, dtype)) for shape in SHAPES]
            + [time_of(step(batch, dtype)) for batch in BATCHES])


def memory_of(side, dtype, shape):
    """Return how many MiB a pass adds to the process's peak, after a small one."""
    conv = our_conv if side == "ours" else torch_conv
    conv((1, 2, 16, 2, 3, 1), dtype)()
    run = conv(shape, dtype)
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # sets the peak to what is resident now
    run()
    return resident("VmHWM") - before


def resident(name):
    """Return this process's resident memory, VmRSS, or its peak, VmHWM, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(name + ":")[1].split()[0]) / 1024


def set_threads(side, threads):
    """Make sure that this process computes with so many threads."""
    if side == "torch":
        import torch
        torch.set_num_threads(threads)
        assert torch.get_num_threads() == threads
    else:
        np.ones((500, 500)) @ np.ones((500, 500))
        started = len(os.listdir("/proc/self/task"))  # by OPENBLAS_NUM_THREADS, as it is loaded
        assert started == threads, "NumPy has %d threads, not %d" % (started, threads)


def child(threads, side, *task):
    """Run this file in a process of its own for one task; return its answer."""
    env = dict(os.environ)
    if side == "ours":
        env.update(OPENBLAS_NUM_THREADS=str(threads))
    command = [sys.executable, str(HERE), "--child", json.dumps([threads, side, *task])]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def answer(threads, side, *task):
    """Do a child's task."""
    set_threads(side, threads)
    if len(task) == 1:
        return times_of(side, *task)
    return memory_of(side, *task)


def least_times(dtype, threads):
    """Return our least times, and torch's, of all shapes and batches."""
    ours = []
    torchs = []
    for _ in range(ROUNDS):
        ours.append(child(threads, "ours", dtype))
        torchs.append(child(threads, "torch", dtype))
    return np.min(ours, axis=0), np.min(torchs, axis=0)


def memory_ratio(dtype, threads, shapes):
    """Return the largest ratio of our memory to torch's."""
    return max(child(threads, "ours", dtype, shape) / child(threads, "torch", dtype, shape)
               for shape in shapes)


def header():
    """Return the processor, the versions, and what is set that changes the speed."""
    facts = {}
    for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines():
        name, _, value = line.partition(":")
        facts[name.strip()] = value.strip()
    settings = [name + "=" + value for name, value in sorted(os.environ.items())
                if name.startswith(("OPENBLAS_", "OMP_", "MKL_"))]
    return "%s (family %s, model %s), %d cores, NumPy %s, PyTorch %s, %s" % (
        facts.get("model name"), facts.get("cpu family"), facts.get("model"), os.cpu_count(),
        np.__version__, metadata.version("torch"),
        " ".join(settings) or "no OPENBLAS_*, OMP_* or MKL_* variables")


def row(name, cells):
    print("| " + " | ".join([str(name), *cells]) + " |", flush=True)


def table(title):
    """Print a table's head: a column for each setting."""
    print()
    row(title, ["%s, %d thread%s" % (dtype, n, "s" * (n > 1)) for dtype, n in SETTINGS])
    print("|---" * (1 + len(SETTINGS)) + "|")


def main():
    """Measure; print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    task = parser.parse_args().child
    if task:
        return print(json.dumps(answer(*task)))
    print(header(), flush=True)
    ours = []
    torchs = []
    for dtype, threads in SETTINGS:
        our_times, torch_times = least_times(dtype, threads)
        ours.append(our_times)
        torchs.append(torch_times)
    ratios = np.divide(torchs, ours)

    table("PyTorch's time / ours (our ms)")
    names = SHAPES + ["step, batch of %d" % batch for batch in BATCHES]
    for name, shape_ratios, our_times in zip(names, ratios.T, np.transpose(ours)):
        row(name, ["%.2f (%.3g)" % pair for pair in zip(shape_ratios, our_times)])

    conv = ratios[:, :len(SHAPES)]
    step = ratios[:, len(SHAPES):]
    table("")
    row("PyTorch's time / ours: %d shapes, mean" % len(SHAPES),
        ["%.2f" % geometric_mean(r) for r in conv])
    row("lowest and highest", ["%.2f, %.2f" % (min(r), max(r)) for r in conv])
    row("training step, lowest and highest", ["%.2f, %.2f" % (min(r), max(r)) for r in step])
    for name, shapes in ("kernel 5", KERNEL_5), ("kernel 20", KERNEL_20):
        row("our memory / PyTorch's, " + name,
            ["%.2f" % memory_ratio(dtype, threads, shapes) for dtype, threads in SETTINGS])


if __name__ == "__main__":
    main()

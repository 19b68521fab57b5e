"""Times our layers against torch's, and prints three tables.

Run it from anywhere: python3 autograder/benchmark.py --help

1. Conv1D forward plus backward (output, dx, dW, db) against torch.nn.Conv1d.
2. A training step of the handout's Figure 4: forward, backward, step.
3. How far a pass raises the process's peak memory, results included; "arrays" is what its
   arguments and results hold.

Times are milliseconds. Each side runs in processes of its own, which take turns for some rounds (in
one process, the idle threads of one library spin on the cores that the other needs); a time is the
least of all.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import geometric_mean

import numpy as np

HERE = Path(__file__).resolve()
TOP = HERE.parents[1]
sys.path[:0] = [str(TOP / "mytorch"), str(TOP / "hw2"), str(HERE.parent / "tests")]

CASES = [(1, 24, 128, 56, 5, 1), (32, 24, 128, 56, 5, 1), (32, 56, 124, 28, 6, 2),
         (32, 28, 60, 14, 2, 2), (1, 24, 128, 8, 8, 4), (64, 24, 128, 8, 8, 4),
         (3, 10, 200, 10, 5, 3), (16, 40, 1000, 192, 5, 1), (8, 256, 512, 256, 3, 1),
         (16, 128, 512, 256, 1, 1), (4, 1, 32000, 64, 80, 4), (2, 256, 4000, 256, 3, 2),
         (1, 16, 100000, 16, 9, 1)]  # batch, in, width, out, kernel, stride
BATCHES = [1, 8, 32, 128]
MEMORY = [(8, 32, 4000, 64, 5, 1), (8, 32, 16000, 64, 5, 1), (32, 32, 4000, 64, 5, 1),
          (8, 128, 4000, 256, 5, 1), (8, 32, 4000, 64, 20, 1)]
ROUNDS = 5
SECONDS = 0.15  # at least, for each time in a round

# glibc returns large pieces of freed memory to the system, and gets them again page by page, which
# can double a time on some machines. Neither side shall do so.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(2 ** 25), "MALLOC_TRIM_THRESHOLD_": str(2 ** 32)}


def arguments(case, dtype):
    """Return x, W, b and delta of a case, the same in every process."""
    batch, channel, width, out, kernel, stride = case
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape, dtype) for shape in (
        (batch, channel, width), (out, channel, kernel), (out,),
        (batch, out, (width - kernel) // stride + 1))]


def our_conv(case, dtype):
    """Return a function that runs our layer forward and backward."""
    from conv import Conv1D
    x, W, b, delta = arguments(case, dtype)
    layer = Conv1D(case[1], case[3], case[4], case[5], lambda *_: W, lambda _: b)
    return lambda: (layer(x), layer.backward(delta), layer.dW, layer.db)


def torch_conv(case, dtype):
    """Return a function that runs torch's layer forward and backward."""
    import torch
    from torch_twin import with_weights
    x, W, b, delta = arguments(case, dtype)
    layer = with_weights(torch.nn.Conv1d(case[1], case[3], case[4], case[5]), W, b)
    x, delta = torch.tensor(x, requires_grad=True), torch.tensor(delta)

    def run():
        x.grad = layer.weight.grad = layer.bias.grad = None
        y = layer(x)
        y.backward(delta)
        return [a.detach().numpy() for a in (y, x.grad, layer.weight.grad, layer.bias.grad)]
    return run


def figure_4(batch, dtype):
    """Return Figure 4's network, with inputs and one-hot labels."""
    from hw2 import figure_4_cnn

    def weights(*shape):
        return (0.1 * np.random.standard_normal(shape)).astype(dtype)

    return (figure_4_cnn(weights, weights, weights, lr=1e-6),
            np.random.standard_normal((batch, 24, 128)).astype(dtype),
            np.eye(10, dtype=dtype)[np.random.randint(10, size=batch)])


def our_step(batch, dtype):
    """Return a function that takes one training step of our Figure 4."""
    network, x, labels = figure_4(batch, dtype)
    return lambda: (network.zero_grads(), network(x), network.backward(labels), network.step())


def torch_step(batch, dtype):
    """Return a function that takes one training step of torch's Figure 4."""
    import torch
    from torch_twin import twin
    network, x, labels = figure_4(batch, dtype)
    model = twin(network).to(getattr(torch, dtype))
    optimizer, criterion = torch.optim.SGD(model.parameters(), lr=1e-6), torch.nn.CrossEntropyLoss()
    x, labels = torch.tensor(x, requires_grad=True), torch.tensor(labels)  # ours gives dx too

    def run():
        optimizer.zero_grad()
        x.grad = None
        criterion(model(x), labels).backward()
        optimizer.step()
    return run


SIDES = {"our conv": our_conv, "torch conv": torch_conv,
         "our step": our_step, "torch step": torch_step}


def time_of(run):
    """Return the least time of a run in ms, after two to warm up."""
    run(), run()
    times = []
    while len(times) < 3 or sum(times) < SECONDS:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def memory_of(side, case, dtype):
    """Return how many MiB a pass adds to the process's peak, after a small one."""
    SIDES[side]((1, 2, 16, 2, 3, 1), dtype)()
    run = SIDES[side](case, dtype)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def answer(measure, side, dtype, cases):
    """Do a child's work."""
    if measure == "memory":
        return [memory_of(side, case, dtype) for case in cases]
    return [time_of(SIDES[side](case, dtype)) for case in cases]


def child(threads, *work):
    """Run this file in a process of its own for a part of the work; return its answer."""
    env = dict(os.environ, **MALLOC)
    env.update({name + "_NUM_THREADS": str(threads) for name in ("OPENBLAS", "OMP", "MKL")})
    command = [sys.executable, str(HERE), "--child", json.dumps(work)]
    return json.loads(subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True).stdout)


def least_times(kind, dtype, threads, cases):
    """Return for each case our least time and torch's."""
    sides = ["our " + kind, "torch " + kind]
    rounds = [[child(threads, "time", side, dtype, cases) for side in sides]
              for _ in range(ROUNDS)]
    return list(zip(*([min(times) for times in zip(*side)] for side in zip(*rounds))))


def processor():
    """Return the processor's name, as Linux tells it."""
    lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    facts = dict((part.strip() for part in line.split(":", 1)) for line in lines)
    return "%s (family %s, model %s)" % tuple(
        facts.get(name, "?") for name in ("model name", "cpu family", "model"))


def main():
    """Read the command line; print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--float32", action="store_true", help="in float32 (default: float64)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), metavar="N",
                        help="threads of each side (default: one for each core)")
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return print(json.dumps(answer(*options.child)))
    dtype, threads = "float32" if options.float32 else "float64", options.threads
    print("%s, %s, %d threads, NumPy %s\n" % (processor(), dtype, threads, np.__version__))

    row("batch,in,width,out,kernel,stride", "ours", "torch", "torch/ours")
    times = least_times("conv", dtype, threads, CASES)
    for case, (ours, torchs) in zip(CASES, times):
        row(case, ours, torchs, torchs / ours)
    ratios = [torchs / ours for ours, torchs in times]
    print("torch/ours: geometric mean %.2f, from %.2f to %.2f" % (
        geometric_mean(ratios), min(ratios), max(ratios)))

    row("\ntraining step, batch of", "ours", "torch", "torch/ours")
    for batch, (ours, torchs) in zip(BATCHES, least_times("step", dtype, threads, BATCHES)):
        row(batch, ours, torchs, torchs / ours)

    row("\nmemory of a pass, MiB", "ours", "torch", "arrays")
    for case in MEMORY:
        ours, torchs = [child(threads, "memory", side, dtype, [case])[0]
                        for side in ("our conv", "torch conv")]
        row(case, ours, torchs, 2 * sum(a.nbytes for a in arguments(case, dtype)) / 2 ** 20)


def row(name, *cells):
    print("%-32s" % (name,) + "".join(
        " %13s" % (cell if isinstance(cell, str) else "%.3g" % cell) for cell in cells))


if __name__ == "__main__":
    main()

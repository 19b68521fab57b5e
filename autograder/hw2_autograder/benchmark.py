"""The benchmark: Conv1D against torch.nn.Conv1d, forward plus backward (output, dx, dW, db).

Run it from anywhere: python3 autograder/hw2_autograder/benchmark.py --help

Table 1: milliseconds a pass, each side in processes of its own, the processes in turn for several
rounds (in one process the idle threads of one library spin on the cores that the other needs);
the median over the rounds of each round's median. "products" is the time of W @ cols, d @ cols.T
and W.T @ d on contiguous matrices at hand: the hardware's limit for a convolution by products.
Table 2: time and peak memory as a size doubles. Memory is the growth of the process's resident
set (ru_maxrss) over a pass, in a fresh process with the arguments and a small warm-up pass done:
the same measure for both, which counts output and gradients too. "bound" is these plus the
larger of 64 MiB and input + output.
Table 3: milliseconds a training step of the handout's Figure 4 (forward, backward, descent), each
side as in table 1.
Table 4: the runner's wall time over that of `import torch`.
"""
import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve()
TOP = HERE.parents[2]
CASES = [(1, 24, 128, 56, 5, 1), (32, 24, 128, 56, 5, 1), (32, 56, 124, 28, 6, 2),
         (32, 28, 60, 14, 2, 2), (1, 24, 128, 8, 8, 4), (64, 24, 128, 8, 8, 4),
         (3, 10, 200, 10, 5, 3), (16, 40, 1000, 192, 5, 1), (8, 256, 512, 256, 3, 1),
         (16, 128, 512, 256, 1, 1), (4, 1, 32000, 64, 80, 4), (2, 256, 4000, 256, 3, 2),
         (1, 16, 100000, 16, 9, 1)]  # batch, in, width, out, kernel, stride
BASE = (8, 32, 4000, 64, 5, 1)
GROWTH = [BASE] + [tuple(n * factor if i in axes else n for i, n in enumerate(BASE))
                   for axes in ((2,), (0,), (1, 3)) for factor in (2, 4)]
ROUNDS = 5
SECONDS = 0.15  # at least, for a case in a round


def shapes(case):
    """Return the shapes of x, W, b and delta of a case."""
    batch, channel, width, out, kernel, stride = case
    return ((batch, channel, width), (out, channel, kernel), (out,),
            (batch, out, (width - kernel) // stride + 1))


def arguments(case, dtype):
    """Return x, W, b and delta of a case, the same in every process."""
    import numpy as np
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape, dtype) for shape in shapes(case)]


def ours(case, dtype):
    """Return a function that runs our layer forward and backward."""
    sys.path.insert(0, str(TOP / "mytorch"))
    from conv import Conv1D
    x, W, b, delta = arguments(case, dtype)
    layer = Conv1D(case[1], case[3], case[4], case[5])
    layer.W, layer.b = W, b

    def run():
        y = layer.forward(x)
        return y, layer.backward(delta), layer.dW, layer.db
    return run


def pytorch(case, dtype):
    """Return a function that runs torch's layer forward and backward."""
    import torch
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    x, W, b, delta = [torch.from_numpy(a) for a in arguments(case, dtype)]
    layer = torch.nn.Conv1d(case[1], case[3], case[4], case[5], dtype=x.dtype)
    layer.weight.data, layer.bias.data = W, b
    x.requires_grad_()

    def run():
        x.grad = layer.weight.grad = layer.bias.grad = None
        y = layer(x)
        y.backward(delta)
        return [a.detach().numpy() for a in (y, x.grad, layer.weight.grad, layer.bias.grad)]
    return run


def products(case, dtype):
    """Return a function that runs the three bare matrix products."""
    import numpy as np
    x, W, _, delta = arguments(case, dtype)
    W = W.reshape(len(W), -1)
    d = np.ascontiguousarray(delta.transpose(1, 0, 2)).reshape(len(W), -1)
    cols = np.random.standard_normal((W.shape[1], d.shape[1])).astype(dtype)
    return lambda: (W @ cols, d @ cols.T, W.T @ d)


def batch_of(size, dtype):
    """Return inputs and one-hot labels for Figure 4, the same in every process."""
    import numpy as np
    rng = np.random.default_rng(0)
    return (rng.standard_normal((size, 24, 128), dtype),
            np.eye(10, dtype=dtype)[rng.integers(10, size=size)])


def our_step(size, dtype):
    """Return a function that trains our Figure 4 on a batch of this size, one step."""
    sys.path.insert(0, str(TOP / "hw2"))
    import numpy as np
    from hw2 import figure_4_cnn

    def weights(*shape):
        return (0.1 * np.random.standard_normal(shape)).astype(dtype)

    model = figure_4_cnn(weights, weights, weights)
    x, labels = batch_of(size, dtype)

    def run():
        model.zero_grads()
        model.forward(x)
        model.backward(labels)
        model.step()
    return run


def torch_step(size, dtype):
    """Return a function that trains torch's Figure 4 on a batch of this size, one step."""
    import torch
    from torch import nn
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    model = nn.Sequential(nn.Conv1d(24, 56, 5), nn.Tanh(), nn.Conv1d(56, 28, 6, 2), nn.ReLU(),
                          nn.Conv1d(28, 14, 2, 2), nn.Sigmoid(), nn.Flatten(), nn.Linear(420, 10))
    model = model.to(getattr(torch, dtype))
    optimizer, criterion = torch.optim.SGD(model.parameters(), lr=0.01), nn.CrossEntropyLoss()
    x, labels = [torch.from_numpy(a) for a in batch_of(size, dtype)]
    x.requires_grad_()  # our step gives this gradient too

    def run():
        optimizer.zero_grad()
        x.grad = None
        criterion(model(x), labels).backward()
        optimizer.step()
    return run


SIDES = {"torch": pytorch, "ours": ours, "products": products}
STEPS = {"our step": our_step, "torch step": torch_step}
BATCHES = [1, 8, 32, 128]


def pass_time(run):
    """Return the median time of a pass in ms, after two to warm up."""
    run(), run()
    times = []
    while len(times) < 3 or sum(times) < SECONDS:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e3 * median(times)


def growth(side, case, dtype):
    """Return a pass's growth of the resident set in MiB, and its time in ms."""
    SIDES[side]((1, 2, 16, 2, 3, 1), dtype)()
    run = SIDES[side](case, dtype)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return peak / 1024, pass_time(run)


def check(case, dtype):
    """Exit unless our layer and torch's give the same numbers."""
    tolerance = 1e-4 if dtype == "float32" else 1e-11
    names = "output", "dx", "dW", "db"
    for name, a, b in zip(names, ours(case, dtype)(), pytorch(case, dtype)()):
        if a.shape != b.shape or a.dtype != b.dtype or abs(a - b).max() > tolerance * abs(b).max():
            sys.exit("%s: %s differs from torch" % (case, name))


def child(work, dtype, threads, *rest):
    """Run this file as a process for one side; return its answer."""
    note("%s %s" % (work, " ".join(rest)))
    env = dict(os.environ, **{library + "_NUM_THREADS": str(threads)
                              for library in ("OPENBLAS", "OMP", "MKL")})
    command = [sys.executable, str(HERE), "--child", work, dtype, *rest]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, universal_newlines=True)
    if done.returncode:
        sys.exit(done.returncode)
    return json.loads(done.stdout)


def answer(work, dtype, case=None):
    """Do a child's work; print the answer."""
    if work in STEPS:
        print(json.dumps([pass_time(STEPS[work](size, dtype)) for size in BATCHES]))
    elif work == "check":
        print(json.dumps([check(case, dtype) for case in CASES]))
    elif case:
        print(json.dumps(growth(work, json.loads(case), dtype)))
    else:
        print(json.dumps([pass_time(SIDES[work](case, dtype)) for case in CASES]))


def note(text):
    """Show what is being done, on a line of stderr that the next note replaces."""
    sys.stderr.write("\r%-70s\r" % text)
    sys.stderr.flush()


def table_cases(dtype, threads):
    """Print the table of the cases."""
    child("check", dtype, threads)
    times = {side: [] for side in SIDES}
    for _ in range(ROUNDS):
        for side in SIDES:
            times[side].append(child(side, dtype, threads))
    times = {side: [median(column) for column in zip(*times[side])] for side in SIDES}
    note("")
    print("%s, %d threads, median of %d rounds" % (dtype, threads, ROUNDS))
    row = "%-32s %9s %9s %9s %11s %13s"
    print(row % ("batch,in,width,out,kernel,stride", "ours ms", "torch ms", "products",
                 "torch/ours", "products/ours"))
    for case, a, b, c in zip(CASES, times["ours"], times["torch"], times["products"]):
        print("%-32s %9.3f %9.3f %9.3f %11.2f %13.2f" % (case, a, b, c, b / a, c / a))
    for side in ("torch", "products"):
        ratios = [b / a for a, b in zip(times["ours"], times[side])]
        print("%s/ours: geometric mean %.2f, worst %.2f" % (
            side, math.exp(sum(map(math.log, ratios)) / len(ratios)), min(ratios)))


def table_growth(dtype, threads):
    """Print how time and memory grow."""
    print("\n%-32s %9s %9s %9s %9s %9s" % ("a size doubles", "ours ms", "torch ms", "ours MiB",
                                           "torch MiB", "bound MiB"))
    for case in GROWTH:
        a, b = [child(side, dtype, threads, json.dumps(case)) for side in ("ours", "torch")]
        # By arithmetic: a process starts with the peak of the one that starts it.
        x, W, _, delta = [math.prod(shape) * int(dtype[-2:]) / 2 ** 23 for shape in shapes(case)]
        note("")
        print("%-32s %9.1f %9.1f %9.1f %9.1f %9.1f" % (
            case, a[1], b[1], a[0], b[0], x + delta + W + max(64, x + delta)))


def table_steps(dtype, threads):
    """Print the time of training steps."""
    rounds = [[child(step, dtype, threads) for step in STEPS] for _ in range(ROUNDS)]
    times = [[median(column) for column in zip(*side)] for side in zip(*rounds)]
    note("")
    print("\n%-32s %9s %9s %11s" % ("training step, batch of", "ours ms", "torch ms", "torch/ours"))
    for size, a, b in zip(BATCHES, *times):
        print("%-32d %9.3f %9.3f %11.2f" % (size, a, b, b / a))


def table_runner():
    """Print the runner's wall time over that of importing torch."""
    runner = str(HERE.parent / "runner.py")
    times = {}
    for _ in range(3):
        for command in ([runner], ["-c", "import torch"]):
            note(command[0])
            start = time.perf_counter()
            subprocess.run([sys.executable] + command, cwd=str(TOP), stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            times.setdefault(command[0], []).append(time.perf_counter() - start)
    a, b = median(times[runner]), median(times["-c"])
    note("")
    print("\nrunner %.2f s, import torch %.2f s, ratio %.2f" % (a, b, a / b))


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--float32", action="store_true", help="in float32 (default: float64)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), metavar="N",
                        help="threads of each side (default: one for each core)")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return answer(*options.child)
    dtype = "float32" if options.float32 else "float64"
    table_cases(dtype, options.threads)
    table_growth(dtype, options.threads)
    table_steps(dtype, options.threads)
    table_runner()


if __name__ == "__main__":
    main()

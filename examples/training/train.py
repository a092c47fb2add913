"""Logistic regression by mini-batch gradient descent, one worker of a TrainingJob.

Every worker makes the same data set from the seed and trains on its own shard of it, so the workers need neither a
shared disk nor each other. Prints the loss on held-out samples after each epoch; ends with 0 when the last one is under
the bound, 1 when it is not, 2 when its settings are wrong, 143 when it was told to stop (SIGTERM).

With --checkpoint DIR the state is kept there after each epoch, and a restarted worker goes on from it.
"""

import argparse
import json
import os
import signal
import sys
import time
import uuid


def stop(_signal, _frame):
    print("stopped by SIGTERM", file=sys.stderr)
    sys.exit(128 + signal.SIGTERM)


# As process 1 of a container this program ignores the signal until it has a handler, and NumPy takes a while to come.
signal.signal(signal.SIGTERM, stop)

import numpy as np  # noqa: E402


class BadSetting(Exception):
    """A setting from outside makes no sense; the message names it."""


def env_int(name, default):
    text = os.environ.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise BadSetting(f"{name} must be a whole number, not {text!r}")
    return int(text)


def make_data(seed, samples, features):
    """Samples whose label is the sign of a hidden linear rule, with noise near the border."""
    random = np.random.default_rng(seed)
    rule = random.normal(size=features)
    x = random.normal(size=(samples, features))
    margin = x @ rule / np.linalg.norm(rule)
    y = (margin + 0.1 * random.normal(size=samples) > 0).astype(np.float64)
    return x, y


def loss(weights, x, y):
    """Mean cross-entropy, in a form that cannot overflow."""
    logits = x @ weights
    return float(np.mean(np.logaddexp(0.0, logits) - y * logits))


def train_epoch(weights, x, y, order, batch, rate):
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        error = 1.0 / (1.0 + np.exp(-(x[rows] @ weights))) - y[rows]
        weights -= rate * (x[rows].T @ error) / len(rows)


def load(path, features):
    """The state of an earlier run; without one, the beginning."""
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            state = json.load(file)
        return state["epoch"], np.array(state["weights"])
    return 0, np.zeros(features)


def save(path, epoch, weights):
    """Write beside and rename: a worker that dies here leaves the old state whole.

    The name beside it is new each time: on a node that was cut off another worker of this index may write, too.
    """
    part = f"{path}.{uuid.uuid4().hex}.part"
    with open(part, "w", encoding="utf-8") as file:
        json.dump({"epoch": epoch, "weights": weights.tolist()}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--samples", type=int, default=60_000)
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bound", type=float, default=0.15, help="loss to get under")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds to wait after each epoch")
    parser.add_argument("--checkpoint", metavar="DIR", help="folder in which the state is kept")
    return parser.parse_args()


def main():
    options = arguments()
    index = env_int("PROFFER_WORKER_INDEX", 0)
    world = env_int("PROFFER_WORLD_SIZE", 1)
    if index >= world:
        raise BadSetting(f"PROFFER_WORKER_INDEX {index} must be below PROFFER_WORLD_SIZE {world}")
    x, y = make_data(options.seed, options.samples, options.features)
    held_out = options.samples // 10
    test_x, test_y = x[:held_out], y[:held_out]
    x, y = x[held_out:][index::world], y[held_out:][index::world]
    path = options.checkpoint and os.path.join(options.checkpoint, f"worker-{index}.json")
    first, weights = load(path, options.features)
    print(f"worker {index} of {world}: {len(y)} samples, {first} epochs done, loss {loss(weights, test_x, test_y):.4f}")
    for epoch in range(first, options.epochs):
        order = np.random.default_rng((options.seed, index, epoch)).permutation(len(y))
        train_epoch(weights, x, y, order, options.batch, options.rate)
        print(f"epoch {epoch + 1}/{options.epochs} loss {loss(weights, test_x, test_y):.4f}")
        if path:
            save(path, epoch + 1, weights)
        time.sleep(options.pause)
    reached = loss(weights, test_x, test_y)
    met = reached < options.bound
    print(f"worker {index} of {world}: loss {reached:.4f} is {'under' if met else 'NOT under'} {options.bound}")
    return 0 if met else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BadSetting as error:
        print(error, file=sys.stderr)
        sys.exit(2)

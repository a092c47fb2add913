"""A network learns the physics of a pendulum, by JAX with one process for each worker of a TrainingJob.

Each process swings pendulums of its own with a small-step integrator, and learns to say from angle and speed where they are a tenth
of a second later; the gradients of all processes are averaged at each step. Process 0 prints the loss. Ends with 0 when it is under
the bound, 1 when it is not, 75 when the other processes are lost.

It knows nothing of Proffer: JAX reads the address of process 0 out of a variable that `runtime: JAX` sets, and the program the
number of processes and its own.
"""

import argparse
import os
import signal
import sys

# As process 1 of a container Python ignores the signal until it has a handler.
signal.signal(signal.SIGTERM, lambda *_: os._exit(143))

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
from jax.experimental import multihost_utils  # noqa: E402


def lost(kind, value, _trace):
    """Python's own exit would wait for processes that are gone, until JAX gives them up."""
    print(f"{kind.__name__}: {value}", file=sys.stderr, flush=True)
    os._exit(75)


def swing(state):
    """Where pendulums are after a tenth of a second, in ten steps."""
    angle, speed = state[:, 0], state[:, 1]
    for _ in range(10):
        speed = speed - 0.01 * 9.81 * jnp.sin(angle)
        angle = angle + 0.01 * speed
    return jnp.stack([angle, speed], 1)


def predict(weights, state):
    (a, b), (c, d) = weights
    return state + jnp.tanh(state @ a + b) @ c + d


def loss(weights, state):
    return jnp.mean((predict(weights, state) - swing(state)) ** 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--bound", type=float, default=0.01)
    options = parser.parse_args()

    sys.excepthook = lost
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(
        num_processes=int(os.environ["JAX_NUM_PROCESSES"]),
        process_id=int(os.environ["JAX_PROCESS_ID"]),
        heartbeat_timeout_seconds=10,
    )
    rank, world = jax.process_index(), jax.process_count()
    print(f"process {rank} of {world} on {os.uname().nodename}, {jax.device_count()} devices")

    first, second = jax.random.split(jax.random.key(0))
    weights = (
        (jax.random.normal(first, (2, 64)) * 0.5, jnp.zeros(64)),
        (jax.random.normal(second, (64, 2)) * 0.05, jnp.zeros(2)),
    )
    step = jax.jit(jax.value_and_grad(loss))
    momentum = jax.tree.map(jnp.zeros_like, weights)
    value = jnp.inf
    for number in range(options.steps):
        draw = jax.random.key(1 + number * world + rank)
        state = jax.random.uniform(draw, (512, 2), minval=-2.0, maxval=2.0)
        told = multihost_utils.process_allgather(step(weights, state))
        value, gradient = jax.tree.map(lambda each: each.mean(0), told)
        momentum = jax.tree.map(lambda m, g: 0.9 * m + g, momentum, gradient)
        weights = jax.tree.map(lambda w, m: w - 0.05 * m, weights, momentum)
        if rank == 0 and (number + 1) % 50 == 0:
            print(f"step {number + 1}/{options.steps} loss {float(value):.5f}")
    print(f"process {rank}: {options.steps} steps, loss {float(value):.5f}, bound {options.bound}")
    jax.distributed.shutdown()
    return 0 if float(value) < options.bound else 1


if __name__ == "__main__":
    sys.exit(main())

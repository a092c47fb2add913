"""A small game agent learns to walk to a goal, by PyTorch's DistributedDataParallel: one rank of a TrainingJob.

The game is a 5 x 5 grid: the agent stands somewhere, the goal is somewhere else, and it may go up, down, left or right.
Every rank plays games of its own; the gradients of all ranks are averaged at each step (REINFORCE), so that all have the
same policy. Rank 0 prints the mean reward, which rises. Ends with 0 when the last steps reach the bound, 1 when they do not.

It knows nothing of Proffer: RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT come from `runtime: PyTorch`. With
--checkpoint DIR rank 0 keeps the state there after every tenth step, and a restarted gang goes on from it.
"""

import argparse
import datetime
import os
import signal
import sys
import time
import uuid

# As process 1 of a container Python ignores the signal until it has a handler.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402
from torch.nn.parallel import DistributedDataParallel  # noqa: E402

SIDE = 5
MOVES = torch.tensor([[-1, 0], [1, 0], [0, -1], [0, 1]])
TURNS = 10


def play(policy, games):
    """Plays so many games at once. Gives the log-probability of all moves and the reward of each game."""
    agent = torch.randint(SIDE, (games, 2))
    goal = torch.randint(SIDE, (games, 2))
    reward = torch.zeros(games)
    chosen = torch.zeros(games)
    for _ in range(TURNS):
        there = (agent == goal).all(1)
        reward += there.float() / TURNS
        moves = torch.distributions.Categorical(logits=policy((goal - agent).float()))
        move = moves.sample()
        chosen = chosen + moves.log_prob(move) * (~there)
        agent = torch.where(there[:, None], agent, (agent + MOVES[move]).clamp(0, SIDE - 1))
    return chosen, reward


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--games", type=int, default=256, help="of a rank in each step")
    parser.add_argument("--pause", type=float, default=0, help="seconds after each step")
    parser.add_argument("--bound", type=float, default=0.5, help="mean reward to reach")
    parser.add_argument(
        "--checkpoint",
        metavar="DIR",
        default=os.environ.get("PROFFER_CHECKPOINT_PATH"),
        help="folder in which rank 0 keeps the state; what spec.checkpoint says when left out",
    )
    options = parser.parse_args()

    # A rank that is lost must not leave the others waiting for half an hour, which is torch's own default.
    dist.init_process_group("gloo", timeout=datetime.timedelta(seconds=60))
    rank, world = dist.get_rank(), dist.get_world_size()
    print(f"rank {rank} of {world} on {os.uname().nodename}, local rank {os.environ.get('LOCAL_RANK')}")
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.Tanh(), torch.nn.Linear(32, 4))
    policy = DistributedDataParallel(network)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)

    path = options.checkpoint and os.path.join(options.checkpoint, "state.pt")
    state = [torch.load(path) if rank == 0 and path and os.path.exists(path) else None]
    dist.broadcast_object_list(state)
    first = 0
    if state[0]:
        first = state[0]["step"]
        policy.load_state_dict(state[0]["policy"])
        optimizer.load_state_dict(state[0]["optimizer"])
        print(f"rank {rank}: goes on after step {first}")

    last = []
    for step in range(first, options.steps):
        torch.manual_seed(1 + step * world + rank)
        chosen, reward = play(policy, options.games)
        loss = -(chosen * (reward - reward.mean())).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean = reward.mean()
        dist.all_reduce(mean)
        last = [*last[-9:], mean.item() / world]
        if rank == 0 and (step + 1) % 10 == 0:
            print(f"step {step + 1}/{options.steps} reward {last[-1]:.3f}")
            if path:
                whole = {"step": step + 1, "policy": policy.state_dict(), "optimizer": optimizer.state_dict()}
                # A name of its own: on a node that was cut off another rank 0 may write, too.
                part = f"{path}.{uuid.uuid4().hex}.part"
                torch.save(whole, part)
                os.replace(part, path)
        time.sleep(options.pause)
    reached = sum(last) / max(1, len(last))
    print(f"rank {rank}: {options.steps} steps, reward {reached:.3f}, bound {options.bound}")
    dist.destroy_process_group()
    return 0 if reached >= options.bound else 1


if __name__ == "__main__":
    sys.exit(main())

"""Two networks of another kind, in PyTorch, trained on the same windows: what ours is held against.

A convolutional network and an LSTM, both several times as large as the network of the report.
PyTorch is no requirement of this project: ``make peers`` installs it from
``workflow/requirements-bench.txt`` into an environment of its own. :mod:`benchmarks.peers.train`
says what is trained.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from benchmarks.peers.settings import Settings
from harlib import augment
from harlib.inputs import Inputs
from harlib.protocol import PUBLISHED

#: Switches of the settings that are those of a protocol: what a network is given.
INPUTS = (
    "frame", "samples_per_step", "rotation", "scaling", "jitter", "stretch", "filtering"
)  # fmt: skip
#: Longest gradient of a batch, as in the corrected protocol.
CLIP = 1.0


class Convolutional(nn.Module):
    """Three convolutions over time, the mean over time, one linear layer.

    Each convolution is followed by batch normalisation, ReLU, and the larger of two steps.
    """

    def __init__(self, channels: int, classes: int, settings: Settings) -> None:
        super().__init__()
        layers, width = [], channels
        for filters in (64, 64, 120):
            layers += [
                nn.Conv1d(width, filters, 7, padding=3), nn.BatchNorm1d(filters), nn.ReLU(),
                nn.MaxPool1d(2, ceil_mode=True),
            ]  # fmt: skip
            width = filters
        self.layers = nn.Sequential(*layers)
        self.dropout = nn.Dropout(settings.dropout)
        self.output = nn.Linear(width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Windows (B, T, K) to arguments of the softmax, (B, 1, C)."""
        features = self.layers(x.transpose(1, 2)).mean(dim=2)
        return self.output(self.dropout(features))[:, None]


class Lstm(nn.Module):
    """Two LSTM layers of 64 units, and one linear layer at every step."""

    def __init__(self, channels: int, classes: int, settings: Settings) -> None:
        super().__init__()
        self.layers = nn.LSTM(
            channels, 64, num_layers=2, batch_first=True, dropout=settings.dropout
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.output = nn.Linear(64, classes)
        self.scores_from = settings.scores_from

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Windows (B, T, K) to arguments of the softmax, (B, T, C).

        With ``scores_from`` "mean_logit" (B, 1, C), their mean over the steps: then the loss, too,
        is of that one output.
        """
        z = self.output(self.dropout(self.layers(x)[0]))
        return z.mean(dim=1, keepdim=True) if self.scores_from == "mean_logit" else z


NETWORKS = {"cnn": Convolutional, "lstm": Lstm}


def count_parameters(network: str, settings: Settings, channels: int, classes: int) -> int:
    """How many numbers are trained."""
    model = NETWORKS[network](channels, classes, settings)
    return sum(part.numel() for part in model.parameters() if part.requires_grad)


class Trained:
    """A trained network and the way from raw windows to its inputs."""

    def __init__(self, model: nn.Module, inputs: Inputs) -> None:
        self.model, self.inputs = model.eval(), inputs

    @torch.no_grad()
    def scores(self, x: np.ndarray, tile: int = 200) -> np.ndarray:
        """Class scores of raw windows ``x`` (T, n, K): softmax, mean over the steps; (n, C)."""
        tiles = _batch(self.inputs(x)).split(tile)
        return torch.cat([self.model(given).softmax(dim=2).mean(dim=1) for given in tiles]).numpy()


def train(
    network: str,
    settings: Settings,
    x: np.ndarray,
    label: np.ndarray,
    *,
    classes: int,
    seed: int,
    after_epoch: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Trained:
    """Train one of :data:`NETWORKS` on raw windows and nothing else; the last epoch comes back.

    ``x`` are windows in g, float32 (T, n, K), and ``label`` their classes, int64 (n,). From
    ``seed`` come initial values, order, augmentation and dropout. ``after_epoch`` is called with
    the number of the epoch and its mean training loss.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    switches = {name: getattr(settings, name) for name in INPUTS}
    protocol = replace(PUBLISHED, standardise=True, **switches)
    inputs = Inputs.fit(protocol, x)
    model = NETWORKS[network](x.shape[2], classes, settings)
    averaged = None
    if settings.weight_average:
        rule = get_ema_multi_avg_fn(settings.weight_average)
        averaged = AveragedModel(model, multi_avg_fn=rule, use_buffers=True)
    optimiser = torch.optim.AdamW(
        model.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
    )
    windows, batch = x.shape[1], settings.batch_size
    updates = settings.epochs * -(-windows // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(updates, 1))
    target = torch.from_numpy(label)
    for epoch in range(1, settings.epochs + 1):
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(windows)
        total = 0.0
        for start in range(0, windows, batch):
            chosen = order[start : start + batch]
            given = _batch(inputs(augment.augment(x[:, chosen], rng, protocol)))
            z = model(given)
            goal = target[chosen][:, None].expand(-1, z.shape[1])
            loss = nn.functional.cross_entropy(z.transpose(1, 2), goal)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimiser.step()
            schedule.step()
            if averaged:
                averaged.update_parameters(model)
            total += loss.item() * len(chosen)
        after_epoch(epoch, total / windows)
    return Trained(averaged or model, inputs)


def _batch(x: np.ndarray) -> torch.Tensor:
    """Time-major windows (T, B, K) as PyTorch takes them, (B, T, K)."""
    return torch.from_numpy(np.ascontiguousarray(x.transpose(1, 0, 2)))

"""How the networks that ours is held against are trained: the settings that are tried.

The list was written before anything was trained, but for two settings of the LSTM with a loss of
the mean, which took the place of others after the plain one had been validated, and for those with
the inputs of the corrected protocol, which were added when it got them;
:mod:`benchmarks.peers.train` chooses from it.
"""

from dataclasses import dataclass, replace

TITLES = {"cnn": "1-D CNN, three layers", "lstm": "LSTM, two layers"}


@dataclass(frozen=True)
class Settings:
    """One way to train a peer: Adam, gradients of length 1 at most, half a cosine to 0.

    The switches mean what they mean in :class:`harlib.protocol.Protocol`. ``dropout`` is the share
    of features set to 0 before the last layer (in the LSTM between its layers, too).
    """

    learning_rate: float = 0.003
    batch_size: int = 60
    epochs: int = 50
    frame: str = "sensor"
    samples_per_step: int = 1
    rotation: float = 0.0
    scaling: float = 0.0
    jitter: float = 0.0
    stretch: float = 0.0
    filtering: float = 0.0
    dropout: float = 0.0
    weight_decay: float = 0.0
    weight_average: float = 0.0
    scores_from: str = "mean"


_SENSOR = Settings(rotation=15.0, scaling=0.1, jitter=0.05, stretch=0.1)
_MORE = Settings(
    rotation=30.0, scaling=0.1, jitter=0.05, stretch=0.15, dropout=0.3, weight_decay=0.01
)
#: Inputs and augmentation as our own network has them.
_AS_OURS = replace(_SENSOR, frame="gravity", rotation=8.0, filtering=0.2)
#: What is tried for each network, in this order; the first of equals is taken.
TRIED: dict[str, tuple[Settings, ...]] = {
    "cnn": (
        Settings(),
        replace(_SENSOR, learning_rate=0.001),
        _SENSOR,
        replace(_SENSOR, dropout=0.3, weight_decay=0.01),
        _MORE,
        replace(_MORE, weight_average=0.99),
        replace(_AS_OURS, dropout=0.3, weight_decay=0.01),
        replace(_AS_OURS, dropout=0.3, weight_decay=0.01, weight_average=0.99),
    ),
    "lstm": (
        Settings(),
        _SENSOR,
        replace(_SENSOR, scores_from="mean_logit"),
        replace(_MORE, scores_from="mean_logit"),
        replace(_MORE, scores_from="mean_logit", weight_average=0.99),
        replace(_AS_OURS, scores_from="mean_logit"),
        replace(_AS_OURS, scores_from="mean_logit", samples_per_step=2),
    ),
}

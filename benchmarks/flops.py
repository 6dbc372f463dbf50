"""Operations that the products of a batch, of an evaluation and of the whole study need.

Biases and the tanh are not counted. Divided by a time, a count is the rate that the rate of large
products is the ceiling of.
"""

from harlib import protocol

#: (batch size, hidden units) of the eight runs.
SIZES = ((10, 50), (30, 50), (10, 100), (30, 100))
STEPS, CHANNELS, CLASSES = 150, 3, len(protocol.CLASSES)
#: Windows of the study: trained on, and evaluated after each epoch.
TRAINED, EVALUATED = 3000, 3600


def batch(windows: int, units: int) -> int:
    """Operations of one batch of training.

    Forward and in the weights' gradients N (N + K + C) multiplications and as many additions a
    window and step, backward N (N + C): the gradient of the inputs is not needed.
    """
    N, K, C = units, CHANNELS, CLASSES
    return 2 * STEPS * windows * (2 * N * (N + K + C) + N * (N + C))


def evaluation(windows: int, units: int) -> int:
    """Operations of an evaluation."""
    return 2 * STEPS * windows * units * (units + CHANNELS + CLASSES)


def study(epochs: int) -> int:
    """Operations of all runs and seeds: the trainings, with epochs + 1 evaluations each."""
    total = 0
    for run in protocol.RUNS.values():
        # All batches of an epoch together: operations are in proportion to windows.
        total += epochs * batch(TRAINED, run.hidden_units)
        total += (epochs + 1) * evaluation(EVALUATED, run.hidden_units)
    return len(protocol.SEEDS) * total

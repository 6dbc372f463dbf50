"""How parameters move along a gradient."""

from harlib.rnn import Parameters


def sgd(params: Parameters, gradient: Parameters, step: float) -> None:
    """Plain gradient descent, in place: ``W := W - step * dW``; report, equations (12), (13)."""
    for name, value in params.items():
        change = gradient[name]
        change *= step
        value -= change

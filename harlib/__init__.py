"""A small tanh RNN for human activity recognition, its training, metrics, tables and figures."""

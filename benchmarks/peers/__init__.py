"""A CNN and an LSTM of PyTorch on the same windows."""

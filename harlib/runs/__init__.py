"""From data to result files: splits, training, what a trained network is; imports data, storage, compiled and the network."""

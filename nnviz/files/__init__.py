"""Files: model files, weights, checkpoints, the one-line form of a network, and exported code."""

"""What one may want to see of a run: a frozen question of each kind, and the plain data that answer it."""

from nnviz.run.queries.checkpoint import Checkpoint, CheckpointTaken
from nnviz.run.queries.layer_weights import LayerWeights, WeightsSeen
from nnviz.run.queries.next_batch import BatchSeen, NextBatch
from nnviz.run.queries.output_histogram import Histogram, OutputHistogram
from nnviz.run.queries.predictions import GRID, LINE, Predicted, Predictions, extent_of, points_over
from nnviz.run.queries.query import Observation, Observed, Query, Refused
from nnviz.run.queries.samples import Samples, SamplesSeen

__all__ = [
    "GRID", "LINE", "BatchSeen", "Checkpoint", "CheckpointTaken", "Histogram", "LayerWeights", "NextBatch",
    "Observation", "Observed", "OutputHistogram", "Predicted", "Predictions", "Query", "Refused", "Samples",
    "SamplesSeen", "WeightsSeen", "extent_of", "points_over",
]  # fmt: skip

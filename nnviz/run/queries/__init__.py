"""The queries that a run answers, one frozen class a kind, and their answers as plain data."""

from nnviz.run.queries.all_gradients import AllGradients, GradientSeen, GradientsSeen
from nnviz.run.queries.class_history import ClassCurve, ClassHistory
from nnviz.run.queries.fitted import Fitted, FittedSeen
from nnviz.run.queries.judgements import Judged, Judgements, Listed, SamplesOf
from nnviz.run.queries.layer_statistics import LayerSeen, LayersSeen, LayerStatistics, layers_seen
from nnviz.run.queries.layer_weights import LayerWeights, WeightsSeen
from nnviz.run.queries.loss_curves import CurvesSeen, LossCurves, Measured, Mover
from nnviz.run.queries.loss_slice import Directions, LossSlice, SliceSeen, WeightPlace
from nnviz.run.queries.neurons import Neurons, NeuronsSeen
from nnviz.run.queries.next_batch import BatchSeen, NextBatch
from nnviz.run.queries.output_histogram import Histogram, OutputHistogram
from nnviz.run.queries.over_range import OverRange, RangeSeen
from nnviz.run.queries.parameter import LayerParameter, ParameterSeen
from nnviz.run.queries.predictions import GRID, LINE, Predicted, Predictions, extent_of, points_over
from nnviz.run.queries.query import Gradual, Observation, Observed, Query, Refined, Refused
from nnviz.run.queries.samples import Samples, SamplesSeen
from nnviz.run.queries.spread import BINS, Spread, spread_of
from nnviz.run.queries.take_checkpoint import CheckpointTaken, TakeCheckpoint

__all__ = [
    "BINS", "GRID", "LINE", "AllGradients", "BatchSeen", "CheckpointTaken", "ClassCurve", "ClassHistory",
    "CurvesSeen", "Directions", "Fitted", "FittedSeen", "GradientSeen", "GradientsSeen", "Gradual", "Histogram",
    "Judged", "Judgements", "LayerParameter", "LayerSeen", "LayerStatistics", "LayerWeights", "LayersSeen", "Listed",
    "LossCurves", "LossSlice", "Measured", "Mover", "Neurons", "NeuronsSeen", "NextBatch", "Observation", "Observed",
    "OutputHistogram", "OverRange", "ParameterSeen", "Predicted", "Predictions", "Query", "RangeSeen", "Refined",
    "Refused", "Samples", "SamplesOf", "SamplesSeen", "SliceSeen", "Spread", "TakeCheckpoint", "WeightPlace",
    "WeightsSeen", "extent_of", "layers_seen", "points_over", "spread_of",
]  # fmt: skip

"""The plan: a computation whose order is found once, whose memory is allocated once, and which is then replayed."""

from nnviz.plan.program import Program, Row
from nnviz.plan.step import CompiledForward, CompiledStep, compile_forward, compile_step

__all__ = ["CompiledForward", "CompiledStep", "Program", "Row", "compile_forward", "compile_step"]

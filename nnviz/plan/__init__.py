"""The static plan: the order of a computation found once, its memory given out once, and then replayed."""

from nnviz.plan.program import Program, Row
from nnviz.plan.step import CompiledForward, CompiledStep, compile_forward, compile_step

__all__ = ["CompiledForward", "CompiledStep", "Program", "Row", "compile_forward", "compile_step"]

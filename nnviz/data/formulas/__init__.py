"""Functions of one variable as text, `sin(x) + 0.3*x`: parsed, never executed; and the sums that fit them."""

from nnviz.data.formulas.formula import LONGEST, Formula, formula
from nnviz.data.formulas.fourier import MOST_TERMS, FourierSum, fourier_of_samples, fourier_sum
from nnviz.data.formulas.parse import FormulaError
from nnviz.data.formulas.taylor import MOST_DEGREE, TaylorPolynomial, taylor_polynomial

__all__ = [
    "LONGEST", "MOST_DEGREE", "MOST_TERMS", "Formula", "FormulaError", "FourierSum", "TaylorPolynomial", "formula",
    "fourier_of_samples", "fourier_sum", "taylor_polynomial",
]  # fmt: skip

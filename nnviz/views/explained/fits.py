"""The numbers of the page of fitting explained: the errors of the chosen fit."""

from __future__ import annotations

import numpy as np

from nnviz.data.functions import FUNCTION, range_of
from nnviz.lab import Lab
from nnviz.views.explained.explained import Explained, explained, written
from nnviz.views.fit_words import error_text
from nnviz.views.fits import LOOKS, Fit, FitView

MADE = {
    "fourier": "the sum of waves with the coefficients that give the least square error over the range",
    "taylor": "the polynomial whose derivatives are those of the target at one point",
    "network": "the outputs of the network as it is now",
}


def of_fits(lab: Lab, found: FitView) -> list[Explained]:
    """The errors of the chosen fit."""
    fit = next((one for one in found.fits if one.name == lab.fits.chosen), None)
    if fit is None or fit.values is None:
        return []
    name = f"{LOOKS[fit.name][0]}, {fit.label}".rstrip(", ")
    words = MADE[fit.name]
    if lab.network.settings.data.name != FUNCTION:
        where = f"over the samples; {words}"
        return [
            Explained(f"{name}: max error", error_text(fit.highest), "max |ŷ − y|", words=where, value=fit.highest),
            Explained(f"{name}: RMS", error_text(fit.rms), "√(Σ (ŷ − y)² / n)", words=where, value=fit.rms),
        ]
    return _of_formula(name, fit, found, range_of(lab.network.settings.data), words)


def _of_formula(name: str, fit: Fit, found: FitView, ends: tuple[float, float], words: str) -> list[Explained]:
    target = found.series[0]
    x, y, values = target.x, target.y, fit.values
    assert values is not None  # noqa: S101 (asked by the caller)
    inside = (x >= ends[0]) & (x <= ends[1])
    with np.errstate(all="ignore"):
        off = np.abs(values - y)
        known = []
        for title, shown, rows in (
            ("max error", fit.highest, inside & np.isfinite(off)),
            ("outside", fit.outside, ~inside & np.isfinite(off)),
        ):
            if not rows.any() or not np.isfinite(shown):
                continue
            at = int(np.flatnonzero(rows)[off[rows].argmax()])
            where = f"at x = {written(float(x[at]))}, the worst of {int(rows.sum()):,} points; {words}"
            both = {"p": float(values[at]), "y": float(y[at])}
            known.append(explained(f"{name}: {title}", error_text(shown), "|p − y|", both, where))
        if np.isfinite(fit.rms):
            count = int(inside.sum())
            said = f"S = Σ (p − y)² at {count:,} points of the range"
            mean = {"S": float(np.square(off[inside]).sum()), "n": count}
            known.insert(1, explained(f"{name}: RMS", error_text(fit.rms), "√(S / n)", mean, said))
    return known

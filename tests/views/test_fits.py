"""The page of fitting without a screen: its errors, words and bends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.data.formulas import formula, fourier_sum, taylor_polynomial
from nnviz.engine import Moment
from nnviz.files.opened import open_model
from nnviz.lab import Entry, Lab
from nnviz.lab.fit_place import REACHES, FitPlace
from nnviz.lab.fits import TARGETS
from nnviz.run import Observation, Refused, Run
from nnviz.run.pieces import Pieces
from nnviz.run.queries import RangeSeen
from nnviz.run.queries.over_range import points
from nnviz.views import fits
from nnviz.views.fit_words import bends_row, error_text, number_lines, written_pieces, written_polynomial, written_sum
from tests.lab.test_lab import moment

SINE = 'function 1-4-1 relu "of:sin(x) + 0.3*x" low:-6 high:6'


def lab_of(line: str, **place: object) -> Lab:
    return Lab(Entry(Run(open_model(line).network)), fits=replace(FitPlace(), **place))  # type: ignore[arg-type]


def told(lab: Lab, found: Observation) -> Moment:
    """A moment with this answer."""
    query = fits.query_of(lab)
    assert query is not None
    return replace(moment(0, 7, False), observations={query: found})


def bent(low: float, high: float, *kinks: float) -> Pieces:
    """Pieces with slopes 1, −1, 1, … that begin at 0."""
    starts = np.array([low, *kinks])
    slopes = np.array([(-1.0) ** k for k in range(len(starts))])
    intercepts = np.concatenate([[-low], -low + np.cumsum((slopes[:-1] - slopes[1:]) * starts[1:])])
    return Pieces(
        low, high, starts, slopes, intercepts, np.stack([np.full(len(starts), 1), np.arange(len(starts))], axis=1)
    )


def seen(lab: Lab, pieces: Pieces | None = None, low: float = -6.0, high: float = 6.0) -> RangeSeen:
    x = points(low, high, lab.fits.reach)
    return RangeSeen(
        7, low, high, x, np.zeros(len(x)) if pieces is None else pieces(x), pieces, "" if pieces else "it is smooth"
    )


def test_errors_are_measured_in_the_range_and_outside() -> None:
    lab = lab_of(SINE, terms=4, degree=3)
    found = fits.view(lab, told(lab, seen(lab)))
    x = np.linspace(-6, 6, 513)
    y = np.sin(x) + 0.3 * x
    beyond = np.concatenate([np.linspace(-12, -6, 257)[:-1], np.linspace(6, 12, 257)[1:]])
    target, wave = formula("sin(x) + 0.3*x"), fourier_sum(formula("sin(x) + 0.3*x"), -6, 6, 4)
    fourier, taylor, network = found.fits
    for fit, values in ((fourier, wave), (taylor, lambda x: 1.3 * x - x**3 / 6), (network, np.zeros_like)):
        assert fit.highest == pytest.approx(np.abs(values(x) - y).max(), rel=1e-12)
        assert fit.rms == pytest.approx(np.sqrt(((values(x) - y) ** 2).mean()), rel=1e-12)
        assert fit.outside == pytest.approx(np.abs(values(beyond) - target(beyond)).max(), rel=1e-12)
        assert fit.values is not None
    assert found.title == "sin(x) + 0.3*x"
    assert [one.name for one in found.series] == ["target", "Fourier", "Taylor", "network"]
    assert [mark.x for mark in found.frame.marks] == [-6, 6]
    assert found.frame.x_range == (-12, 12)
    # The same arrays while nothing changes, by which the plot knows that it need not draw.
    again = fits.view(lab, told(lab, seen(lab)))
    assert all(a.y is b.y for a, b in zip(found.series[:3], again.series[:3], strict=True))


def test_what_is_hidden_is_not_drawn_and_keeps_its_errors() -> None:
    lab = lab_of(SINE, hidden=frozenset({"taylor", "network"}))
    found = fits.view(lab, told(lab, seen(lab)))
    assert [one.name for one in found.series] == ["target", "Fourier"]
    lines = [found.table.line(at).cells for at in range(3)]
    assert [line[0] for line in lines] == ["✓ Fourier, 3 waves", "· Taylor, degree 5 at 0", "· network, 4 units"]
    assert all("—" not in cell for line in lines for cell in line)
    narrow = fits.view(lab, told(lab, seen(lab)), 38).table
    assert [narrow.line(at).cells[0] for at in range(3)] == ["✓ Fourier 3", "· Taylor 5 at 0", "· network 4"]


def test_where_the_target_is_no_number_nothing_is_wrong() -> None:
    lab = lab_of('function 1-4-1 relu "of:log(1 + x)" low:-0.9 high:3', moved=-20, degree=1)
    found = fits.view(lab, told(lab, seen(lab, None, -0.9, 3.0)))
    # Beyond −1 there is no target, and at −2.85 there is no Taylor polynomial.
    assert np.isfinite(found.fits[0].outside)
    assert found.fits[1].values is None
    assert found.fits[1].words == "no Taylor polynomial about x = -2.85: log(u) is not defined at u = -1.85"
    assert np.isnan(found.series[0].y[0])


def test_why_there_is_no_fit_is_said_where_it_is_chosen() -> None:
    lab = lab_of("function 1-4-1 relu of:abs(x)", row=1)
    found = fits.view(lab, None)
    assert found.words == "Taylor: no Taylor polynomial about x = 0: abs(u) has no derivative at u = 0"
    assert found.table.line(1).cells == ("  Taylor, degree 5 at 0", "  —", "  —", "  —")
    assert [one.name for one in found.series] == ["target", "Fourier"]
    moved = fits.view(replace(lab, fits=replace(lab.fits, moved=5)), None)
    assert moved.words == "y ≈ 0.5 + 1 (x − 0.5)"
    assert (0.5, "Taylor at 0.5") in [(mark.x, mark.words) for mark in moved.frame.marks]
    refused = replace(lab, fits=replace(lab.fits, row=2))
    assert fits.view(refused, None).words == "network: it is being computed"
    words = fits.view(refused, told(refused, Refused("it would take {9} s", "make it smaller"))).words
    assert words == "network: it would take {{9} s; make it smaller"
    broken = lab_of("function 1-4-1 relu of:abs(x)", row=2)
    broken = Lab(Entry(Run(broken.network.remove(0))), fits=broken.fits)
    assert fits.query_of(broken) is None
    assert fits.view(broken, None).words == "network: the stack cannot run, and page 1 says why"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("spiral 2-4-2 tanh", "spiral has 2 inputs and 2 classes"), ("plane 2-4-1", "plane has 2 inputs and 1 value"),
        ("digits 64-10", "digits has images and 10 classes"), ("lesson 10-8", "lesson has 10 inputs and 8 classes"),
    ],
)  # fmt: skip
def test_data_that_are_no_curve_are_told_so_with_the_keys_that_help(line: str, words: str) -> None:
    lab = lab_of(line)
    found = fits.view(lab, moment(0, 0, False))
    assert words in found.words
    assert "{fit_targets}" in found.words
    assert "{fit_target}" in found.words
    assert "{undo}" in found.words
    assert (found.fits, fits.queries(lab)) == ((), frozenset())


def test_samples_are_fitted_where_there_is_no_formula(tmp_path) -> None:  # type: ignore[no-untyped-def]
    x = np.linspace(0, 4, 41)
    rows = "\n".join(f"{a},{1 + np.sin(np.pi * a / 2)}" for a in x)
    (tmp_path / "wave.csv").write_text(f"time,level\n{rows}")
    lab = lab_of(f'"{tmp_path}/wave.csv" 1-4-1 relu', terms=1)
    query = fits.query_of(lab)
    assert query is not None
    assert (query.low, query.high) == (None, None)
    assert fits.view(lab, None).words == "No curve: it is being computed."
    y = 1 + np.sin(np.pi * x / 2)
    at = points(0.0, 4.0, 0.5)
    answer = RangeSeen(7, 0.0, 4.0, at, np.ones(len(at)), None, "it is smooth", x, y, np.ones(41))
    found = fits.view(lab, told(lab, answer))
    fourier, taylor, network = found.fits
    assert fourier.words == "y ≈ 1 + 1 sin 1.57x"
    assert fourier.highest < 1e-12
    assert network.highest == pytest.approx(1)
    assert network.rms == pytest.approx(np.sqrt((np.sin(np.pi * x / 2) ** 2).mean()))
    assert np.isnan(fourier.outside)
    assert "have no formula" in taylor.words
    assert (found.title, found.frame.x_label) == ("wave.csv, 41 samples", "time")
    assert found.series[0].style == "points"


def test_every_function_of_the_list_has_fits_or_says_why() -> None:
    for one in TARGETS:
        lab = lab_of(f'function 1-4-1 relu "of:{one.text}" low:{one.low} high:{one.high}', terms=8)
        for reach in REACHES:
            found = fits.view(replace(lab, fits=replace(lab.fits, reach=reach)), None)
            assert found.fits[0].rms < 0.6 * np.std(found.series[0].y[np.isfinite(found.series[0].y)])
            assert found.fits[1].values is not None or "no Taylor polynomial" in found.fits[1].words


def test_sums_and_polynomials_are_written_with_their_numbers() -> None:
    assert (
        written_sum(fourier_sum(formula("square(pi*x)"), -1, 1, 5))
        == "y ≈ 1.27 sin 3.14x + 0.424 sin 9.42x + 0.255 sin 15.7x"
    )
    assert written_sum(fourier_sum(formula("0"), -1, 1, 2)) == "y ≈ 0"
    assert written_sum(fourier_sum(formula("2 - cos(pi*x)"), -1, 1, 0)) == "y ≈ 2"
    assert written_polynomial(taylor_polynomial(formula("sin(x)"), 0, 5)) == "y ≈ 1 x − 0.167 x^3 + 0.00833 x^5"
    assert written_polynomial(taylor_polynomial(formula("1/x"), -2, 2)) == "y ≈ −0.5 − 0.25 (x + 2) − 0.125 (x + 2)^2"
    assert written_polynomial(taylor_polynomial(formula("exp(x)"), 0, 9)).endswith("0.00833 x^5 + … 4 more")
    assert written_polynomial(taylor_polynomial(formula("0*x"), 0, 3)) == "y ≈ 0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.nan, "—"),
        (np.inf, "∞"),
        (0.0, "0"),
        (0.0123456, "0.0123"),
        (12345.6, "12,346"),
        (3e9, "3.00e+09"),
        (0.28, "0.280"),
    ],
)
def test_errors_have_three_digits(value: float, text: str) -> None:
    assert error_text(value) == text


def test_pieces_are_counted_and_listed() -> None:
    pieces = bent(-2.0, 2.0, -1.5, 0.25, 0.5)
    assert (
        written_pieces(pieces, "", -1, 1)
        == "linear, bend, linear, bend, …: 3 straight pieces and 2 bends in the range; 1 bend outside"
    )
    assert (
        written_pieces(pieces, "", -2, 0)
        == "linear, bend, linear: 2 straight pieces and 1 bend in the range; 2 bends outside"
    )
    assert written_pieces(bent(-2.0, 2.0), "", -1, 1) == "one straight line in the range"
    assert written_pieces(None, "it is smooth", -1, 1) == "it is smooth"
    lines = number_lines(pieces)
    assert lines[0] == "4 straight pieces, from left to right:"
    assert lines[2].split() == [
        "x",
        "from",
        "−1.5",
        "to",
        "0.25:",
        "y",
        "=",
        "−1",
        "x",
        "−",
        "1",
        "unit",
        "1",
        "of",
        "layer",
        "2",
        "bends",
    ]
    assert len(lines) == 5


def test_the_numbers_of_a_sum_and_a_polynomial_are_listed_whole() -> None:
    wave = fourier_sum(formula("exp(x)"), -1, 1, 40)
    lines = number_lines(wave)
    assert "a₀ = 1.1752012" in lines[1]
    read = np.array([[float(cell.replace("−", "-")) for cell in line.split()] for line in lines[3:]])
    np.testing.assert_allclose(read[:, 1], wave.cosines, rtol=1e-7)
    np.testing.assert_allclose(read[:, 2], wave.sines, rtol=1e-7)
    np.testing.assert_allclose(read[:, 3], np.hypot(wave.cosines, wave.sines), rtol=1e-4)
    polynomial = taylor_polynomial(formula("exp(2*x)"), 0.0, 60)
    read = np.array([[float(cell.replace("−", "-")) for cell in line.split()] for line in number_lines(polynomial)[2:]])
    assert read[:, 0].tolist() == list(range(61))
    np.testing.assert_allclose(read[:, 1], polynomial.coefficients, rtol=1e-7)
    np.testing.assert_allclose(read[:, 2], 2.0 ** np.arange(61), rtol=1e-7)


@given(st.lists(st.integers(-3, 23), max_size=60))
def test_a_row_of_bends_read_back_has_each_of_them(columns: list[int]) -> None:
    row = bends_row(np.array(columns, np.int64), 20)
    assert len(row) == 20
    for column, character in enumerate(row):
        count = columns.count(column)
        assert character == ("#" if count > 9 else "─▲23456789"[count])

"""Numbers with units, as short as they can be read."""

from __future__ import annotations


def bytes_text(count: int) -> str:
    """A number of bytes with a unit: 816 B, 3.2 kB, 1.5 MB."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


def seconds_text(seconds: float) -> str:
    """A duration with a unit: 24 µs, 1.25 ms, 3.1 s."""
    for size, unit in ((1e-3, "µs"), (1.0, "ms")):
        if seconds < size:
            number = seconds * 1e3 / size
            return f"{number:.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"
    return f"{seconds:.1f} s"

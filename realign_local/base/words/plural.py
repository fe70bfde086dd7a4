"""Numbers as people write them: with their noun, in the form it needs, times and sizes."""

from __future__ import annotations


def counted(number: int, noun: str, *, plural: str = "") -> str:
    """`1 row`, `1,200 rows`; `plural` where an s at the end does not make it."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def duration(seconds: float) -> str:
    """Such as "2h05m", "1m40s" or "12s"."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    return f"{whole // 60}m{whole % 60:02d}s" if whole >= 60 else f"{whole}s"


def byte_size(number: float) -> str:
    """Of bytes, such as "1.2 GB", "35 MB" or "0.4 MB"."""
    if number >= 1e9:
        return f"{number / 1e9:,.1f} GB"
    return f"{number / 1e6:,.0f} MB" if number >= 1e7 else f"{max(number / 1e6, 0.1):.1f} MB"

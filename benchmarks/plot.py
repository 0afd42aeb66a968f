"""Requests a second by past goals, and by threads: a picture for whoever ran it."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from .figures import Results, middle
from .side_by_side import ROUTES

TITLES = {"past_goals": "past goals in the session", "threads": "threads"}


def plot(results: Results, path: Path) -> None:
    """Write a PNG or an SVG, as ``path`` says."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 4), sharey=True)
    joining = [
        one for one in results["side_by_side"] if one["case"]["what"] == "joining" and one["broker"] == "RabbitMQ"
    ]
    shown = {
        "past_goals": [one for one in joining if one["case"]["threads"] == 8],
        "threads": sorted(
            (one for one in joining if one["case"]["past_goals"] == 0), key=lambda one: one["case"]["threads"]
        ),
    }
    for axis, (name, cases) in zip(axes, shown.items(), strict=True):
        labels = [f"{one['case'][name]:,}" for one in cases]
        for route in ROUTES:
            axis.plot(labels, [middle(one["per_second"])[route] for one in cases], marker="o", label=route)
        axis.set_xlabel(TITLES[name])
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("joining, requests a second")
    axes[0].legend()
    figure.tight_layout()
    figure.savefig(path)

"""The same two answers through numpy and properscoring's numba kernel, for comparison with `npm run bench -- scoring`.

Optional, and no part of the project's set-up:
  python3 -m venv /tmp/peer && /tmp/peer/bin/pip install numpy numba properscoring
  /tmp/peer/bin/python tests/bench/peer/numba_scoring.py
"""

import json
import time

import numba
import numpy as np
from properscoring import crps_ensemble

RUNS, WARM_UP, ANSWERS, PATHS = 100, 30, 4, 1000
LOW = [("5min", 1), ("30min", 6), ("3hour", 36), ("24hour_abs", 288)]
HIGH = [("1min", 1), ("2min", 2), ("5min", 5), ("15min", 15), ("30min", 30), ("60min_abs", 60)]
HIGH += [(f"0_{5 * i}min_gaps", 5 * i) for i in range(1, 13)]


def changes(prices, name, steps):
    sampled = prices[:, ::steps]
    if name.endswith("_abs"):
        return sampled[:, 1:]
    if name.endswith("_gaps"):
        sampled = sampled[:, :2]
    return np.diff(sampled, axis=1) / sampled[:, :-1] * 10_000


def score(paths, real, intervals):
    total = 0.0
    for name, steps in intervals:
        if np.any(paths == 0):
            return -1.0
        simulated, seen = changes(paths, name, steps), changes(real[None, :], name, steps)[0]
        terms = np.array([crps_ensemble(seen[i], simulated[:, i]) for i in range(len(seen))])
        total += float((terms / real[-1] * 10_000 if name.endswith("_abs") else terms).sum())
    return total


def make_answer(points, sigma, seed):
    steps = np.random.default_rng(seed).standard_normal((PATHS + 1, points)) * sigma
    steps[:, 0] = 0
    prices = np.round(103_251.37 * np.cumprod(1 + steps, axis=1), 2)
    return np.ascontiguousarray(prices[:PATHS]), prices[PATHS].copy()


def median_ms(points, sigma, intervals):
    answers = [make_answer(points, sigma, seed) for seed in range(ANSWERS)]
    durations = []
    for i in range(WARM_UP + RUNS):
        started_at = time.perf_counter()
        score(*answers[i % ANSWERS], intervals)
        durations.append((time.perf_counter() - started_at) * 1000)
    return round(float(np.median(durations[WARM_UP:])), 3)


print(json.dumps({
    "low_ms": median_ms(289, 0.0015, LOW),
    "high_ms": median_ms(61, 0.0006, HIGH),
    "numpy": np.__version__,
    "numba": numba.__version__,
}))

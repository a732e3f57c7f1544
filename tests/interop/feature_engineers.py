"""The 24 features of the three engineers that Open Synth Miner has, by pandas, SciPy and PyWavelets.

Prints the JSON of tests/support/fixtures/features/engineers.json. The market is made by whole numbers alone, so that the
test of the features can make the same one: tests/support/features/made-candles.ts.
"""

import json
import sys

import numpy as np
import pandas as pd
import pywt
from scipy.stats import kurtosis, skew

MINUTES = 1_400
STEP = 5
ROWS = [64, 45]
ENDS_AT = pd.Timestamp("2026-09-23T12:00:00Z")


def candles():
    """A walk in cents; each minute's range and volume from the same generator."""
    state = 42

    def draw(below):
        nonlocal state
        state = state * 16_807 % 2_147_483_647
        return state % below

    close = 100_000
    rows = []
    for _ in range(MINUTES):
        opened = close + draw(21) - 10
        close = max(1, opened + draw(201) - 100)
        high = max(opened, close) + draw(60)
        low = max(1, min(opened, close) - draw(60))
        volume = draw(5_000)
        rows.append([opened / 100, high / 100, low / 100, close / 100, volume / 10])
    times = pd.date_range(end=ENDS_AT - pd.Timedelta(minutes=1), periods=MINUTES, freq="1min")
    return pd.DataFrame(rows, index=times, columns=["open", "high", "low", "close", "volume"])


def z_scores(log_closes):
    def z(length):
        window = log_closes.rolling(length)
        return (log_closes - window.mean()) / (window.std() + 1e-8)

    return {"return": log_closes.diff(), "z20": z(20), "z200": z(200)}


def wavelet(returns):
    coefficients = pywt.wavedec(returns, "db4", level=4, mode="periodization")
    limit = 5 * (np.std(returns) + 1e-12)
    bands = {"returns": returns}
    for index, name in enumerate(["approximation", "detail4", "detail3", "detail2"]):
        alone = [own if i == index else np.zeros_like(own) for i, own in enumerate(coefficients)]
        bands[name] = pywt.waverec(alone, "db4", mode="periodization")[: len(returns)]
    return {name: np.clip(values, -limit, limit) for name, values in bands.items()}


def bars(minutes):
    change = minutes["close"].diff()
    made = pd.DataFrame(
        {
            "move": np.log(minutes["close"]).diff(),
            "squared_range": np.log(minutes["high"] / minutes["low"]) ** 2,
            "price_volume": (minutes["high"] + minutes["low"] + minutes["close"]) / 3 * minutes["volume"],
            "path": change.abs(),
            "signedVolume": np.sign(change) * minutes["volume"],
        }
    )
    group = minutes.resample(f"{STEP}min")
    own = made.resample(f"{STEP}min")
    bar = pd.DataFrame(
        {
            "open": group["open"].first(),
            "high": group["high"].max(),
            "low": group["low"].min(),
            "close": group["close"].last(),
            "volume": group["volume"].sum(),
            "realizedVolatility": own["move"].std(),
            "skew": own["move"].apply(lambda moves: skew(moves, nan_policy="omit")),
            "kurtosis": own["move"].apply(lambda moves: kurtosis(moves, nan_policy="omit")),
            "parkinson": np.sqrt(own["squared_range"].mean() / (4 * np.log(2))),
            "signedVolume": own["signedVolume"].sum(),
        }
    )
    vwap = own["price_volume"].sum() / (bar["volume"] + 1e-8)
    span = bar["high"] - bar["low"] + 1e-8
    bar["efficiency"] = (bar["close"] - bar["open"]).abs() / (own["path"].sum() + 1e-8)
    bar["vwapDeviation"] = (bar["close"] - vwap) / (vwap + 1e-8)
    bar["upWick"] = (bar["high"] - bar[["open", "close"]].max(axis=1)) / span
    bar["downWick"] = (bar[["open", "close"]].min(axis=1) - bar["low"]) / span
    bar["body"] = (bar["close"] - bar["open"]).abs() / span
    bar["closeLocation"] = ((bar["close"] - bar["low"]) - (bar["high"] - bar["close"])) / span
    return bar


def listed(values, rows):
    return [float(f"{value:.12g}") for value in np.asarray(values)[-rows:]]


def main():
    minutes = candles()
    bar = bars(minutes)
    z = z_scores(np.log(bar["close"]))
    expected = []
    for rows in ROWS:
        expected.append(
            {
                "rows": rows,
                "zScore": {name: listed(values, rows) for name, values in z.items()},
                "wavelet": {
                    name: listed(values, rows) for name, values in wavelet(z["return"].to_numpy(copy=True)[-rows:]).items()
                },
                "bar": {name: listed(bar[name], rows) for name in bar.columns},
            }
        )
    json.dump({"minutes": MINUTES, "stepMinutes": STEP, "expected": expected}, sys.stdout)
    print()


main()

"""Trains a small model with PyTorch and writes it as a folder that the miner serves. See models/README.md.

    python3 models/examples/pytorch/export.py minutes.csv mine/pytorch-har
    miner models check mine

minutes.csv: a header with `ts` (Unix second of the candle's open) and `close`, one row per minute, oldest first. Its last
20 days are not trained on. Needs torch and numpy.
"""
import csv
import hashlib
import json
import math
import os
import sys

import numpy as np
import torch

STEP_MINUTES, STEPS = 5, 288
LOOKS_BACK = [30, 180, 1440]  # minutes
ROWS = 12
CLIP = 4  # deviations: beyond what it was trained on, a network invents
OPSET = 14


def read_minutes(path):
    """Closes of every minute between the first and the last, NaN where there is none."""
    with open(path) as file:
        rows = [(int(row["ts"]), float(row["close"])) for row in csv.DictReader(file)]
    first = rows[0][0]
    closes = np.full((rows[-1][0] - first) // 60 + 1, np.nan)
    for ts, close in rows:
        closes[(ts - first) // 60] = close
    return first, closes


def log_variances(closes):
    """For every minute and look back the feature logRealizedVariance; NaN where no return is known."""
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = np.concatenate([[np.nan], np.diff(np.log(closes)) ** 2])
        sums = np.concatenate([[0], np.cumsum(np.nan_to_num(squares))])
        counts = np.concatenate([[0], np.cumsum(~np.isnan(squares))])
        columns = []
        for minutes in LOOKS_BACK:
            mean = np.full(len(closes), np.nan)
            mean[minutes - 1 :] = (sums[minutes:] - sums[:-minutes]) / (counts[minutes:] - counts[:-minutes])
            columns.append(np.log(np.maximum(mean, 1e-11)))
    return np.stack(columns, axis=1)


def day_features(start, count):
    """daySin and dayCos in UTC at the middle of each step."""
    angle = 2 * math.pi * ((start + (np.arange(count) + 0.5) * STEP_MINUTES * 60) / 86400 % 1)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


class Model(torch.nn.Module):
    """The log-variance of each step: linear in the last row, a small network over all rows, and the time of day."""

    def __init__(self, features):
        super().__init__()
        self.last = torch.nn.Linear(features, STEPS)
        self.inner = torch.nn.Sequential(torch.nn.Linear(ROWS * features, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
        self.day = torch.nn.Linear(2, 1)

    def forward(self, past, ahead):
        return self.last(past[:, -1]) + 0.1 * self.inner(past.flatten(1)) + self.day(ahead).squeeze(2)


def windows(first, closes, features):
    """Every hour: the rows before it, the time after it, and what the price then did."""
    need = (ROWS - 1) * STEP_MINUTES + max(LOOKS_BACK)
    for end in range(need + 1, len(closes) - STEPS * STEP_MINUTES, 60):  # the first minute after the window
        past = features[end - 1 - (ROWS - 1) * STEP_MINUTES : end : STEP_MINUTES]
        moves = np.diff(np.log(closes[end - 1 : end + STEPS * STEP_MINUTES : STEP_MINUTES]))
        if not np.isnan(past).any() and not np.isnan(moves).all():
            yield end, past, day_features(first + end * 60, STEPS), moves


def main(source, folder):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    first, closes = read_minutes(source)
    made = list(windows(first, closes, log_variances(closes)))
    held_out = len(closes) - 20 * 1440 if len(closes) > 60 * 1440 else len(closes)
    train = [window for window in made if window[0] + STEPS * STEP_MINUTES <= held_out]
    mean, sd = np.stack([past for _, past, _, _ in train]).mean((0, 1)), np.stack([p for _, p, _, _ in train]).std((0, 1))
    tensor = lambda column: torch.tensor(np.stack(column), dtype=torch.float32)
    normal = lambda past: np.clip((past - mean) / sd, -CLIP, CLIP)
    past = tensor([normal(window[1]) for window in train])
    ahead, moves = tensor([window[2] for window in train]), tensor([window[3] for window in train])
    known = ~moves.isnan()
    squares = moves.nan_to_num() ** 2

    model = Model(len(LOOKS_BACK))
    torch.nn.init.constant_(model.last.bias, float(torch.log(squares[known].mean())))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(200):
        optimiser.zero_grad()
        log_variance = model(past, ahead)
        # Twice the negative log-likelihood of normal steps.
        loss = (log_variance + (squares + 1e-12) / log_variance.exp())[known].mean()
        loss.backward()
        optimiser.step()

    os.makedirs(folder, exist_ok=True)
    file = os.path.join(folder, "model.onnx")
    model.eval()
    torch.onnx.export(
        model,
        (past[:1], ahead[:1]),
        file,
        opset_version=OPSET,
        input_names=["past", "ahead"],
        output_names=["log_variance"],
        **({"dynamo": False} if torch.__version__ >= "2.5" else {}),
    )
    with open(file, "rb") as written:
        content = written.read()
    manifest = {
        "contract": 1,
        "name": os.path.basename(os.path.normpath(folder)),
        "description": "Trained with PyTorch on " + os.path.basename(source),
        "file": "model.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "format": {"ir": content[1], "opset": OPSET},  # an ONNX file begins with its IR version
        "serves": {"assets": ["BTC"], "horizons": ["low"]},
        "grid": {"stepSeconds": STEP_MINUTES * 60, "steps": STEPS},
        "inputs": [
            {
                "tensor": "past",
                "kind": "past",
                "stepSeconds": STEP_MINUTES * 60,
                "rows": ROWS,
                "features": [
                    {"kind": "logRealizedVariance", "minutes": minutes, "mean": float(m), "sd": float(s), "clip": CLIP}
                    for minutes, m, s in zip(LOOKS_BACK, mean, sd)
                ],
            },
            {
                "tensor": "ahead",
                "kind": "ahead",
                "features": [{"kind": "daySin", "clock": "utc"}, {"kind": "dayCos", "clock": "utc"}],
            },
        ],
        "outputs": {"stepVariance": {"tensor": "log_variance", "kind": "logVariance"}},
        "training": {"loss": loss.item(), "windows": len(train)},
    }
    # The last window, as this program computed it: the miner must find the same.
    end, own_past, own_ahead, _ = made[-1]
    need = (ROWS - 1) * STEP_MINUTES + max(LOOKS_BACK) + 1
    with torch.no_grad():
        answer = model(tensor([normal(own_past)]), tensor([own_ahead]))[0]
    ends_at_ms = (first + end * 60) * 1000
    golden = {
        "asset": "BTC",
        "startAtMs": ends_at_ms,
        "endsAtMs": ends_at_ms,
        "closes": [None if np.isnan(close) else float(close) for close in closes[end - need : end]],
        "outputs": {"log_variance": answer.tolist()},
    }
    for name, value in [("manifest.json", manifest), ("golden.json", golden)]:
        with open(os.path.join(folder, name), "w") as text:
            json.dump(value, text, indent=None if name == "golden.json" else 2)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The models of models/recipes/bench in PyTorch: one thread, clipping and AdamW, in single precision.

A number of steps on a line in; their times and the count of weights out, as JSON.
"""

import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

BATCH, ROWS, FEATURES, STEPS, WIDTH = 32, 64, 8, 288, 64
torch.set_num_threads(1)
torch.manual_seed(1)


class Attention(nn.Module):
    def __init__(self, width=WIDTH, heads=4):
        super().__init__()
        self.heads = heads
        self.norm, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        batch, rows, width = x.shape
        split = self.qkv(self.norm(x)).view(batch, rows, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = split[0], split[1], split[2]
        weights = torch.softmax(query @ key.transpose(-1, -2) / math.sqrt(width / self.heads), -1)
        x = x + self.out((weights @ value).transpose(1, 2).reshape(batch, rows, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Lstm(nn.Module):
    def __init__(self, width=WIDTH):
        super().__init__()
        self.lstm = nn.LSTM(width, width, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


class Tcn(nn.Module):
    def __init__(self, width=WIDTH, kernel=3, dilations=(1, 2, 4)):
        super().__init__()
        self.kernel, self.dilations = kernel, dilations
        layers = range(len(dilations))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in layers)
        self.before = nn.ModuleList(nn.Conv1d(width, width, kernel, dilation=d, groups=width) for d in dilations)
        self.after = nn.ModuleList(nn.Conv1d(width, width, kernel, dilation=d, groups=width) for d in dilations)
        self.mix = nn.ModuleList(nn.Linear(2 * width, width) for _ in layers)

    def forward(self, x):
        for i, dilation in enumerate(self.dilations):
            reach = dilation * (self.kernel - 1)
            turned = self.norms[i](x).transpose(1, 2)
            both = torch.cat([self.before[i](F.pad(turned, (reach, 0))), self.after[i](F.pad(turned, (0, reach)))], 1)
            x = x + self.mix[i](F.gelu(both).transpose(1, 2))
        return x


class DLinear(nn.Module):
    def __init__(self, length=ROWS, kernel=9):
        super().__init__()
        self.kernel = kernel
        self.rest, self.trend = nn.Linear(length, length), nn.Linear(length, length, bias=False)

    def forward(self, x):
        turned = x.transpose(1, 2)
        half = (self.kernel - 1) // 2
        trend = F.avg_pool1d(F.pad(turned, (half, half), mode="replicate"), self.kernel, stride=1)
        return (self.rest(turned - trend) + self.trend(trend)).transpose(1, 2)


class SimpleHorizon(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.steps = nn.Parameter(torch.randn(STEPS, hidden) * 0.5)
        self.window, self.variance = nn.Linear(WIDTH, hidden), nn.Linear(hidden, 1)

    def forward(self, pooled):
        return self.variance(F.silu(self.window(pooled)[:, None] + self.steps)).squeeze(-1), None


class Mixture(nn.Module):
    def __init__(self, parts=2):
        super().__init__()
        self.parts = parts
        self.variance, self.weights = nn.Linear(WIDTH, parts * STEPS), nn.Linear(WIDTH, parts)

    def forward(self, pooled):
        offsets = torch.arange(self.parts).view(-1, 1) - (self.parts - 1) / 2
        raw = self.variance(pooled).view(-1, self.parts, STEPS) + offsets
        return raw, torch.softmax(7 * torch.tanh(self.weights(pooled) / 7), 1)


class Model(nn.Module):
    def __init__(self, name):
        super().__init__()
        two = lambda: [Attention(), Attention()]
        blocks = {
            "attention": two,
            "mixture": two,
            "attention_lstm": lambda: [*two(), Lstm()],
            "tcn": lambda: [Tcn()],
            "dlinear": lambda: [DLinear()],
        }[name]()
        self.projection = nn.Linear(FEATURES, WIDTH)
        self.blocks = nn.Sequential(*blocks)
        self.head = Mixture() if name == "mixture" else SimpleHorizon()

    def forward(self, past):
        raw, weights = self.head(self.blocks(self.projection(past))[:, -1])
        return torch.exp(8 * torch.tanh(raw / 8) + 2 * math.log(0.006) + math.log(300 / 3600)) * 1e8, weights


def distance(value, variance):
    sd = variance.sqrt()
    z = value / sd
    return value * torch.erf(z * math.sqrt(0.5)) + sd * math.sqrt(2 / math.pi) * torch.exp(-0.5 * z * z)


def crps(value, variance, weights):
    if weights is None:
        return (distance(value, variance) - variance.sqrt() / math.sqrt(math.pi)).mean()
    near = (distance(value[:, None], variance) * weights[:, :, None]).sum(1)
    far = 0
    for a in range(variance.shape[1]):
        for b in range(a, variance.shape[1]):
            share = weights[:, a] * weights[:, b] * (0.5 if a == b else 1)
            far = far + share[:, None] * (variance[:, a] + variance[:, b]).sqrt() * math.sqrt(2 / math.pi)
    return (near - far).mean()


model = Model(sys.argv[1])
optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
past, real = torch.randn(BATCH, ROWS, FEATURES), torch.randn(BATCH, STEPS) * 10


def step():
    optimiser.zero_grad()
    crps(real, *model(past)).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()


for line in sys.stdin:
    durations = []
    for _ in range(int(line)):
        started = time.perf_counter()
        step()
        durations.append((time.perf_counter() - started) * 1e3)
    count = sum(parameter.numel() for parameter in model.parameters())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"durations": durations, "rssMb": memory, "parameters": count}), flush=True)

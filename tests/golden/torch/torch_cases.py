"""What PyTorch gives for the blocks, losses and optimiser of the toolkit: outputs, losses and gradients in float64.

Writes one JSON file per case into the folder of its argument. Each case names the parameters as the toolkit does, in its layout; what
is transposed or cut for PyTorch is written here. Inputs have few digits, so that both sides read the same numbers.
"""

import json
import math
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)


def drawn(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).mul(1e4).round().div(1e4)


def tensor(values):
    return {"shape": list(values.shape), "values": [float(f"{v:.12g}") for v in values.detach().flatten().tolist()]}


class Case:
    """Parameters by the toolkit's names, and what comes of them: outputs, a loss and its gradient."""

    def __init__(self, **facts):
        self.facts = facts
        self.inputs = {}
        self.parameters = {}

    def input(self, name, values):
        self.inputs[name] = values
        return values

    def parameter(self, name, *shape, scale=0.5):
        self.parameters[name] = drawn(*shape, scale=scale).requires_grad_()
        return self.parameters[name]

    def linear(self, name, x, width):
        dot = f"{name}." if name else ""
        weight = self.parameter(f"{dot}weight", x.shape[-1], width)
        return F.linear(x, weight.t(), self.parameter(f"{dot}bias", width))

    def norm(self, name, x):
        dot = f"{name}." if name else ""
        width = x.shape[-1]
        return F.layer_norm(x, (width,), self.parameter(f"{dot}scale", width), self.parameter(f"{dot}shift", width), 1e-5)

    def finish(self, loss, **outputs):
        loss.backward()
        return {
            **self.facts,
            "inputs": {name: tensor(value) for name, value in self.inputs.items()},
            "parameters": {
                name: {**tensor(value), "gradient": tensor(value.grad)["values"]} for name, value in self.parameters.items()
            },
            "outputs": {name: tensor(value) for name, value in outputs.items()},
            "loss": loss.item(),
        }


class BlockCase(Case):
    """A block on two windows `x`; the loss is the mean squared distance of its output `y` to a target."""

    def __init__(self, block, length, width, **settings):
        super().__init__(kind="block", use=block, settings=settings)
        self.x = self.parameter("x", 2, length, width, scale=1.0)

    def finish(self, y):
        return super().finish(F.mse_loss(y, self.input("target", drawn(*y.shape))), y=y)


class LossCase(Case):
    """A loss on a process with normal steps, in basis points. Some steps are unknown."""

    def __init__(self, loss, process, batch, steps, **settings):
        super().__init__(kind="loss", use=loss, process=process, settings=settings)
        self.returns = self.input("log_returns", drawn(batch, steps).mul(1e-3))
        self.known = self.input("known", (torch.rand(batch, steps) > 0.2).double())

    def mean(self, values):
        return (values * self.known).sum() / self.known.sum()


def linear():
    case = BlockCase("linear", 5, 4)
    return case.finish(case.linear("", case.x, 4))


def gelu():
    case = BlockCase("linear", 5, 4, activation="gelu")
    return case.finish(F.gelu(case.linear("", case.x, 4)))


def layer_norm():
    case = BlockCase("layernormblock", 5, 6)
    return case.finish(case.norm("", case.x))


def transformer_layer(case, x, heads, gated, prefix=""):
    """The attention is PyTorch's own module, with its own order of operations."""
    width = x.shape[-1]
    normal = case.norm(f"{prefix}attention.norm", x)
    names = ("query", "key", "value")
    weights = [case.parameter(f"{prefix}attention.{name}.weight", width, width) for name in names]
    biases = [case.parameter(f"{prefix}attention.{name}.bias", width) for name in names]
    out = case.parameter(f"{prefix}attention.out.weight", width, width)
    out_bias = case.parameter(f"{prefix}attention.out.bias", width)
    turned = normal.transpose(0, 1)
    attended, _ = F.multi_head_attention_forward(
        turned, turned, turned, width, heads, torch.cat([w.t() for w in weights]), torch.cat(biases),
        None, None, False, 0.0, out.t(), out_bias,
    )
    x = x + attended.transpose(0, 1)
    normal = case.norm(f"{prefix}mlp.norm", x)
    if gated:
        bent = F.silu(case.linear(f"{prefix}mlp.gate", normal, 2 * width)) * case.linear(f"{prefix}mlp.in", normal, 2 * width)
    else:
        bent = F.gelu(case.linear(f"{prefix}mlp.in", normal, 2 * width))
    return x + case.linear(f"{prefix}mlp.out", bent, width)


def attention(gated):
    case = BlockCase("transformerblock", 6, 8, heads=2, gated=gated)
    return case.finish(transformer_layer(case, case.x, 2, gated))


def encoder():
    case = BlockCase("transformerencoder", 6, 8, heads=2, layers=2)
    x = case.x + case.parameter("positions", 6, 8)
    for i in range(2):
        x = transformer_layer(case, x, 2, True, f"layers.{i}.")
    return case.finish(case.norm("norm", x))


def recurrent(kind, run, gates, **settings):
    """Two layers by PyTorch's own loops. They have two biases per gate; only the GRU needs both."""
    width, layers = 5, 2
    case = BlockCase(f"{kind}block", 7, width, layers=layers, **settings)
    weights = []
    for i in range(layers):
        given = case.parameter(f"layers.{i}.input.weight", width, gates * width)
        bias = case.parameter(f"layers.{i}.input.bias", gates * width)
        own = case.parameter(f"layers.{i}.recurrent", width, gates * width)
        second = case.parameter(f"layers.{i}.recurrent_bias", gates * width) if kind == "gru" else torch.zeros(gates * width)
        weights += [given.t().contiguous(), own.t().contiguous(), bias, second]
    zeros = torch.zeros(layers, case.x.shape[0], width)
    state = (zeros, zeros) if kind == "lstm" else zeros
    return case.finish(run(case.x, state, weights, True, layers, 0.0, True, False, True)[0])


def convolve(case, name, x, kernel, dilation, sees):
    """[batch, length, width]; both sides mix all features, one side weighs each by itself."""
    width = x.shape[-1]
    reach = dilation * (kernel - 1)
    if sees == "around":
        # PyTorch: [out, in, taps]; here the rows go by tap, then by feature.
        weight = case.parameter(f"{name}.weight", kernel * width, width).view(kernel, width, width).permute(2, 1, 0)
    else:
        weight = case.parameter(f"{name}.weight", width, 1, kernel)
    bias = case.parameter(f"{name}.bias", width)
    before = {"around": reach // 2, "before": reach, "after": 0}[sees]
    padded = F.pad(x.transpose(1, 2), (before, reach - before))
    return F.conv1d(padded, weight, bias, dilation=dilation, groups=1 if sees == "around" else width).transpose(1, 2)


def residual_convolution():
    case = BlockCase("resconvblock", 7, 4, dilation=2)
    first = F.gelu(convolve(case, "first", case.norm("norm", case.x), 3, 2, "around"))
    return case.finish(case.x + convolve(case, "second", first, 3, 2, "around"))


def dilated_convolutions():
    case = BlockCase("bitcnblock", 8, 4, dilations=[1, 3])
    x = case.x
    for i, dilation in enumerate([1, 3]):
        normal = case.norm(f"layers.{i}.norm", x)
        sides = [convolve(case, f"layers.{i}.{side}", normal, 3, dilation, side) for side in ("before", "after")]
        x = x + case.linear(f"layers.{i}.mix", F.gelu(torch.cat(sides, 2)), 4)
    return case.finish(x)


def d_linear():
    case = BlockCase("dlinearblock", 9, 3, kernel=5)
    turned = case.x.transpose(1, 2)
    trend = F.avg_pool1d(F.pad(turned, (2, 2), mode="replicate"), 5, 1)
    rest = F.linear(turned - trend, case.parameter("rest", 9, 9), case.parameter("bias", 9))
    return case.finish((rest + F.linear(trend, case.parameter("trend", 9, 9))).transpose(1, 2))


def softplus_process(case, width):
    """Means and standard deviations of the steps from pooled features, both by one layer."""
    x = case.parameter("x", case.returns.shape[0], width, scale=1.0)
    sd = F.softplus(case.linear("sd", x, case.returns.shape[1])) * 1e-3
    return case.linear("mean", x, case.returns.shape[1]) * 1e-3, sd


def gaussian_loss(case, mean, sd):
    normal = torch.distributions.Normal(0.0, 1.0)
    z = (case.returns - mean) / sd
    scores = sd * (z * (2 * normal.cdf(z) - 1) + 2 * normal.log_prob(z).exp() - 1 / math.sqrt(math.pi))
    return case.mean(1e4 * scores)


def gaussian_crps():
    case = LossCase("crps_gaussian", "softplus", 4, 6, of="steps")
    return case.finish(gaussian_loss(case, *softplus_process(case, 3)))


def path_crps(loss, weight_of_pairs, **settings):
    """All pairs of paths, without sorting."""
    batch, steps, paths = 2, 5, 8
    case = LossCase(loss, "free", batch, steps, paths=paths, of="steps", **settings)
    log_variance = case.parameter("variance", batch, steps)
    drift = case.parameter("drift", batch, steps)
    variance = (log_variance - 13).exp()
    draws = case.input("draws", drawn(batch, 1, paths, steps))
    members = draws[:, 0] * variance.sqrt()[:, None] + (drift * 1e-3 - variance / 2)[:, None]
    near = (members - case.returns[:, None]).abs().mean(1)
    pairs = (members[:, None] - members[:, :, None]).abs().sum((1, 2))
    return case.finish(case.mean(1e4 * (near - 0.5 * pairs * weight_of_pairs(paths))))


def almost_fair_weight(alpha):
    """Lang and others, 2024: between 1 / n^2 and the fair 1 / (n (n - 1))."""
    return lambda n: (n - 1 + alpha) / (n - 1) / (n * n)


def adam_w():
    """Three steps on one batch; weights decay, biases do not; the gradient is cut at a length that it exceeds."""
    case = LossCase("crps_gaussian", "softplus", 4, 6, of="steps")
    softplus_process(case, 3)
    x = case.parameters.pop("x").detach()
    case.input("x", x)
    weights = [value for name, value in case.parameters.items() if name.endswith("weight")]
    biases = [value for name, value in case.parameters.items() if name.endswith("bias")]
    start = {name: tensor(value) for name, value in case.parameters.items()}
    optimiser = torch.optim.AdamW([{"params": weights}, {"params": biases, "weight_decay": 0.0}], betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1)
    after = []
    for rate in (0.01, 0.03, 0.02):
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad()
        p = case.parameters
        sd = F.softplus(F.linear(x, p["sd.weight"].t(), p["sd.bias"])) * 1e-3
        loss = gaussian_loss(case, F.linear(x, p["mean.weight"].t(), p["mean.bias"]) * 1e-3, sd)
        loss.backward()
        length = nn.utils.clip_grad_norm_([*weights, *biases], 0.5)
        optimiser.step()
        values = {name: tensor(value)["values"] for name, value in p.items()}
        after.append({"rate": rate, "loss": loss.item(), "length": length.item(), "parameters": values})
    case.facts["kind"] = "training"
    return {
        **case.facts,
        "inputs": {name: tensor(value) for name, value in case.inputs.items()},
        "parameters": start,
        "settings": {"betas": [0.9, 0.99], "epsilon": 1e-8, "weightDecay": 0.1},
        "longest": 0.5,
        "steps": after,
    }


CASES = {
    "linear": linear,
    "gelu": gelu,
    "layer-norm": layer_norm,
    "attention": lambda: attention(False),
    "attention-gated": lambda: attention(True),
    "encoder": encoder,
    "lstm": lambda: recurrent("lstm", torch.lstm, 4),
    "gru": lambda: recurrent("gru", torch.gru, 3),
    "rnn": lambda: recurrent("rnn", torch.rnn_tanh, 1, activation="tanh"),
    "rnn-relu": lambda: recurrent("rnn", torch.rnn_relu, 1, activation="relu"),
    "residual-convolution": residual_convolution,
    "dilated-convolutions": dilated_convolutions,
    "d-linear": d_linear,
    "gaussian-crps": gaussian_crps,
    "sorted-crps": lambda: path_crps("crps_sorted", lambda n: 1 / n**2),
    "almost-fair-crps": lambda: path_crps("crps_almost_fair", almost_fair_weight(0.95), alpha=0.95),
    "adam-w": adam_w,
}

folder = sys.argv[1]
for number, (name, make) in enumerate(CASES.items()):
    torch.manual_seed(number)
    with open(os.path.join(folder, f"{name}.json"), "w") as file:
        json.dump(make(), file)
        file.write("\n")

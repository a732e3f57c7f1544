"""What PyTorch gives for the blocks, losses and optimiser of the toolkit: outputs, losses and gradients in float64.

Writes one JSON file per case into the folder of its argument. Each case names the parameters as the toolkit does, in its layout; what
is transposed or cut for PyTorch is written here. Inputs have few digits, so that both sides read the same numbers.
"""

import json
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
    """A block on one window: parameters, output, mean squared distance to a target, and the gradient of everything."""

    def __init__(self, block, length, width, batch=2, **settings):
        self.facts = {"block": block, "settings": settings}
        self.x = drawn(batch, length, width).requires_grad_()
        self.parameters = {}

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

    def finish(self, y):
        target = drawn(*y.shape)
        loss = F.mse_loss(y, target)
        loss.backward()
        return {
            **self.facts,
            "x": tensor(self.x),
            "target": tensor(target),
            "y": tensor(y),
            "loss": loss.item(),
            "xGradient": tensor(self.x.grad),
            "parameters": {name: {**tensor(value), "gradient": tensor(value.grad)["values"]} for name, value in self.parameters.items()},
        }


def linear():
    case = Case("linear", 5, 4)
    return case.finish(case.linear("", case.x, 4))


def gelu():
    case = Case("linear", 5, 4, activation="gelu")
    return case.finish(F.gelu(case.linear("", case.x, 4)))


def layer_norm():
    case = Case("layernormblock", 5, 6)
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
    case = Case("transformerblock", 6, 8, heads=2, gated=gated)
    return case.finish(transformer_layer(case, case.x, 2, gated))


def encoder():
    case = Case("transformerencoder", 6, 8, heads=2, layers=2)
    x = case.x + case.parameter("positions", 6, 8)
    for i in range(2):
        x = transformer_layer(case, x, 2, True, f"layers.{i}.")
    return case.finish(case.norm("norm", x))


def recurrent(kind, run, gates, **settings):
    """Two layers by PyTorch's own loops. They have two biases per gate; only the GRU needs both."""
    width, layers = 5, 2
    case = Case(f"{kind}block", 7, width, layers=layers, **settings)
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
    case = Case("resconvblock", 7, 4, dilation=2)
    first = F.gelu(convolve(case, "first", case.norm("norm", case.x), 3, 2, "around"))
    return case.finish(case.x + convolve(case, "second", first, 3, 2, "around"))


def dilated_convolutions():
    case = Case("bitcnblock", 8, 4, dilations=[1, 3])
    x = case.x
    for i, dilation in enumerate([1, 3]):
        normal = case.norm(f"layers.{i}.norm", x)
        sides = [convolve(case, f"layers.{i}.{side}", normal, 3, dilation, side) for side in ("before", "after")]
        x = x + case.linear(f"layers.{i}.mix", F.gelu(torch.cat(sides, 2)), 4)
    return case.finish(x)


def d_linear():
    case = Case("dlinearblock", 9, 3, kernel=5)
    turned = case.x.transpose(1, 2)
    trend = F.avg_pool1d(F.pad(turned, (2, 2), mode="replicate"), 5, 1)
    rest = F.linear(turned - trend, case.parameter("rest", 9, 9), case.parameter("bias", 9))
    return case.finish((rest + F.linear(trend, case.parameter("trend", 9, 9))).transpose(1, 2))


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
}

folder = sys.argv[1]
for number, (name, make) in enumerate(CASES.items()):
    torch.manual_seed(number)
    with open(os.path.join(folder, f"{name}.json"), "w") as file:
        json.dump(make(), file)
        file.write("\n")

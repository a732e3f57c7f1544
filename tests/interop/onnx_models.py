"""Makes small ONNX files with the onnx package, and says what they must give: features and network in plain numpy.

Reads a task from standard input:
  {"task": "make", "folder": DIR}                    writes the files of tests/support/fixtures/onnx
  {"task": "expect", "folder": DIR, "closes": [..], "ends_at_ms": N}   answers of har.onnx, computed without the file
"""

import hashlib
import json
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

STEPS = 288
ROWS = 12
STEP_MINUTES = 5
FEATURE_MINUTES = [30, 180, 1440]
MEAN, SD = -15.0, 2.0
LEAST_VARIANCE = 1e-11
HIDDEN = 6


def weights():
    """Log-variance of five minutes: a HAR whose weights move from the last half-hour to the day, and a small MLP."""
    rng = np.random.default_rng(7)
    # Arithmetic alone: logarithms and sines end in other digits on other machines, and the files are compared by hash.
    far = (np.arange(STEPS) + 0.5) / STEPS
    har = SD * np.stack([0.6 * (1 - far), 0.3 * np.ones(STEPS), 0.1 + 0.6 * far]).astype(np.float32)
    bias = (MEAN + 1.6 + 0.2 * far * (1 - far)).astype(np.float32)
    first = (0.6 * (rng.random((len(FEATURE_MINUTES), HIDDEN)) - 0.5)).astype(np.float32)
    second = (0.06 * (rng.random((HIDDEN, STEPS)) - 0.5)).astype(np.float32)
    return har, bias, first, second


def model(nodes, outputs, initializers, inputs=None, opset=17):
    inputs = inputs or [("past", ["batch", ROWS, len(FEATURE_MINUTES)])]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in outputs],
        [numpy_helper.from_array(value, name) for name, value in initializers.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def last_row():
    return helper.make_node("Gather", ["past", "last"], ["row"], axis=1)


LAST = {"last": np.array(ROWS - 1, dtype=np.int64)}


def har():
    w, bias, first, second = weights()
    nodes = [
        last_row(),
        helper.make_node("Gemm", ["row", "w", "bias"], ["linear"]),
        helper.make_node("MatMul", ["row", "first"], ["hidden"]),
        helper.make_node("Tanh", ["hidden"], ["active"]),
        helper.make_node("MatMul", ["active", "second"], ["nonlinear"]),
        helper.make_node("Add", ["linear", "nonlinear"], ["log_variance"]),
    ]
    values = {**LAST, "w": w, "bias": bias, "first": first, "second": second}
    return model(nodes, [("log_variance", ["batch", STEPS])], values)


def not_a_number():
    """The square root of a negative number."""
    nodes = [
        last_row(),
        helper.make_node("MatMul", ["row", "w"], ["spread"]),
        helper.make_node("Abs", ["spread"], ["positive"]),
        helper.make_node("Neg", ["positive"], ["negative"]),
        helper.make_node("Sqrt", ["negative"], ["log_variance"]),
    ]
    return model(nodes, [("log_variance", ["batch", STEPS])], {**LAST, "w": weights()[0]})


def other_shape():
    """Gives 287 steps, which nobody can know before it runs: the last step is cut off when no feature is enormous."""
    nodes = [
        last_row(),
        helper.make_node("MatMul", ["row", "w"], ["whole"]),
        helper.make_node("ReduceMax", ["row"], ["largest"], axes=[1], keepdims=0),
        helper.make_node("Greater", ["largest", "enormous"], ["is_enormous"]),
        helper.make_node("Cast", ["is_enormous"], ["more"], to=TensorProto.INT64),
        helper.make_node("Add", ["more", "fewer"], ["end"]),
        helper.make_node("Slice", ["whole", "start", "end", "axis"], ["log_variance"]),
    ]
    values = {
        **LAST,
        "w": weights()[0],
        "enormous": np.array(1e6, dtype=np.float32),
        "fewer": np.array([STEPS - 1], dtype=np.int64),
        "start": np.array([0], dtype=np.int64),
        "axis": np.array([1], dtype=np.int64),
    }
    return model(nodes, [("log_variance", ["batch", "steps"])], values)


def endless():
    """A loop of 2^60 rounds."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Sin", ["v"], ["v_next"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v_next", TensorProto.FLOAT, None),
        ],
    )
    nodes = [
        last_row(),
        helper.make_node("MatMul", ["row", "w"], ["start"]),
        helper.make_node("Loop", ["rounds", "true", "start"], ["log_variance"], body=body),
    ]
    values = {**LAST, "w": weights()[0], "rounds": np.array(2**60, dtype=np.int64), "true": np.array(True)}
    return model(nodes, [("log_variance", ["batch", STEPS])], values)


def greedy():
    """A tensor of 3.5 GB."""
    nodes = [
        last_row(),
        helper.make_node("MatMul", ["row", "w"], ["narrow"]),
        helper.make_node("Tile", ["narrow", "many"], ["wide"]),
        helper.make_node("ReduceMean", ["wide"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Add", ["narrow", "mean"], ["log_variance"]),
    ]
    values = {**LAST, "w": weights()[0], "many": np.array([3_000_000, 1], dtype=np.int64)}
    return model(nodes, [("log_variance", ["batch", STEPS])], values)


def student_mixture():
    """Three inputs; two parts, Student-t tails and factors as outputs, the deviations in basis points."""
    rng = np.random.default_rng(8)
    steps, parts = 60, 2
    nodes = [
        helper.make_node("ReduceMean", ["past"], ["pooled"], axes=[1], keepdims=0),
        helper.make_node("Concat", ["pooled", "asset"], ["all"], axis=1),
        helper.make_node("MatMul", ["all", "w"], ["level"]),
        helper.make_node("ReduceMean", ["ahead"], ["hours"], axes=[2], keepdims=0),
        helper.make_node("Add", ["level", "hours"], ["low"]),
        helper.make_node("Add", ["low", "gap"], ["high"]),
        helper.make_node("Unsqueeze", ["low", "axis"], ["low_part"]),
        helper.make_node("Unsqueeze", ["high", "axis"], ["high_part"]),
        helper.make_node("Concat", ["low_part", "high_part"], ["raw"], axis=1),
        helper.make_node("Softplus", ["raw"], ["sd_bps"]),
        helper.make_node("MatMul", ["all", "v"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["weights"], axis=1),
        helper.make_node("MatMul", ["all", "u"], ["shape_raw"]),
        helper.make_node("Softplus", ["shape_raw"], ["shape_positive"]),
        helper.make_node("Add", ["shape_positive", "shape_least"], ["shape"]),
    ]
    values = {
        "w": (0.6 * (rng.random((4, steps)) - 0.5)).astype(np.float32),
        "v": (0.6 * (rng.random((4, parts)) - 0.5)).astype(np.float32),
        "u": (0.6 * (rng.random((4, 2)) - 0.5)).astype(np.float32),
        "gap": np.array(2.0, dtype=np.float32),
        "axis": np.array([1], dtype=np.int64),
        "shape_least": np.array([[3.0, -0.5]], dtype=np.float32),
    }
    inputs = [("past", ["batch", 30, 2]), ("ahead", ["batch", steps, 2]), ("asset", ["batch", 2])]
    outputs = [
        ("sd_bps", ["batch", parts, steps]),
        ("weights", ["batch", parts]),
        ("shape", ["batch", 2]),
    ]
    return model(nodes, outputs, values, inputs)


MODELS = {
    "har": har,
    "not-a-number": not_a_number,
    "other-shape": other_shape,
    "endless": endless,
    "greedy": greedy,
    "student-mixture": student_mixture,
}


def features(closes, ends):
    """Log of the mean squared one-minute log-return over the last n minutes before each end, normalised."""
    squares = np.diff(np.log(closes)) ** 2
    rows = []
    for end in ends:
        variances = [squares[end - n : end].mean() for n in FEATURE_MINUTES]
        rows.append([(np.log(max(v, LEAST_VARIANCE)) - MEAN) / SD for v in variances])
    return np.array(rows)


def expect(folder, closes):
    closes = np.array(closes, dtype=np.float64)
    # Entry i of the squared returns is the move from close i to close i + 1.
    ends = [len(closes) - 1 - (ROWS - 1 - row) * STEP_MINUTES for row in range(ROWS)]
    past = features(closes, ends)
    w, bias, first, second = (value.astype(np.float64) for value in weights())
    log_variance = past[-1] @ w + bias + np.tanh(past[-1] @ first) @ second
    evaluator = ReferenceEvaluator(onnx.load(os.path.join(folder, "har.onnx")))
    (reference,) = evaluator.run(None, {"past": past[np.newaxis].astype(np.float32)})
    return {
        "past": past.ravel().tolist(),
        "log_variance": log_variance.tolist(),
        "reference": reference[0].astype(float).tolist(),
    }


def main():
    task = json.load(sys.stdin)
    if task["task"] == "make":
        made = {}
        for name, make in MODELS.items():
            path = os.path.join(task["folder"], f"{name}.onnx")
            onnx.save(make(), path)
            with open(path, "rb") as file:
                made[name] = hashlib.sha256(file.read()).hexdigest()
        print(json.dumps(made))
    else:
        print(json.dumps(expect(task["folder"], task["closes"])))


main()

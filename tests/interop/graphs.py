"""Checks ONNX files and runs them, by the onnx package's own evaluator and by onnxruntime where that is installed.

Reads {"graphs": {NAME: {"file": PATH, "inputs": {NAME: {"dims": [..], "values": [..]}}}}} from standard input, and prints
{"runtimes": [..], "outputs": {NAME: {RUNTIME: {OUTPUT: [..]}}}}.
"""

import json
import sys

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

try:
    import onnxruntime
except ImportError:
    onnxruntime = None


def evaluators(model, path):
    # The package's evaluator walks a Scan forwards only.
    if not any(node.op_type == "Scan" for node in model.graph.node):
        yield "reference", ReferenceEvaluator(model)
    if onnxruntime is not None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        yield "onnxruntime", onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run(graph):
    model = onnx.load(graph["file"])
    onnx.checker.check_model(model, full_check=True)
    feeds = {
        name: np.array(tensor["values"], dtype=np.float32).reshape(tensor["dims"])
        for name, tensor in graph["inputs"].items()
    }
    names = [output.name for output in model.graph.output]
    outputs = {}
    for runtime, evaluator in evaluators(model, graph["file"]):
        values = evaluator.run(None, feeds)
        outputs[runtime] = {name: np.asarray(value).ravel().tolist() for name, value in zip(names, values)}
    return outputs


def main():
    task = json.load(sys.stdin)
    outputs = {}
    for name, graph in task["graphs"].items():
        try:
            outputs[name] = run(graph)
        except Exception as error:
            raise RuntimeError(f"{name}: {error}") from error
    runtimes = ["reference"] + ([] if onnxruntime is None else ["onnxruntime"])
    print(json.dumps({"runtimes": runtimes, "outputs": outputs}))


main()

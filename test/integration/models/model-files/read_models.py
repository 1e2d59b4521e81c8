"""Reads model files with the libraries of the formats themselves: python read_models.py FILE... prints JSON by file.

`python read_models.py --block-sizes` prints the block sizes that the gguf package knows.
"""

import json
import sys
from collections import Counter

import gguf
import numpy as np
import onnx
from safetensors import safe_open


def read_safetensors(path):
    with safe_open(path, framework="numpy") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}
        dtypes = Counter(part.get_dtype() for part in slices.values())
        shapes = [part.get_shape() for part in slices.values()]
    return {
        "tensors": len(slices),
        "parameters": sum(int(np.prod(shape)) for shape in shapes),
        "dtypes": dict(dtypes),
    }


def read_gguf(path):
    reader = gguf.GGUFReader(path)
    fields = reader.fields
    return {
        "version": int(fields["GGUF.version"].parts[-1][0]),
        "entries": int(fields["GGUF.kv_count"].parts[-1][0]),
        "architecture": fields["general.architecture"].contents(),
        "tensors": len(reader.tensors),
        "parameters": sum(int(tensor.n_elements) for tensor in reader.tensors),
        "weightsBytes": sum(int(tensor.n_bytes) for tensor in reader.tensors),
        "types": dict(Counter(tensor.tensor_type.name for tensor in reader.tensors)),
    }


def read_onnx(path):
    model = onnx.load(path)
    filled = {tensor.name for tensor in model.graph.initializer}
    return {
        "irVersion": model.ir_version,
        "opsets": {opset.domain or "ai.onnx": opset.version for opset in model.opset_import},
        "inputs": [value.name for value in model.graph.input if value.name not in filled],
        "outputs": [value.name for value in model.graph.output],
        "weightsBytes": sum(onnx.numpy_helper.to_array(tensor).nbytes for tensor in model.graph.initializer),
    }


if sys.argv[1] == "--block-sizes":
    sizes = gguf.constants.GGML_QUANT_SIZES
    print(json.dumps({int(kind): [kind.name, *sizes[kind]] for kind in sizes}))
else:
    readers = {"safetensors": read_safetensors, "gguf": read_gguf, "onnx": read_onnx}
    print(json.dumps({path: readers[path.rsplit(".", 1)[1]](path) for path in sys.argv[1:]}))

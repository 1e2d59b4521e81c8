"""A softmax over a linear model, its weights in a safetensors file: a server that shares no line with Plimsoll's own."""

import json
import os
from pathlib import Path

import numpy
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class LinearModel(MLModel):
    async def load(self) -> bool:
        tensors = read_safetensors(Path(os.environ["PLIMSOLL_MODEL_DIR"]) / "linear.safetensors")
        self._weights, self._bias = tensors["weights"], tensors["bias"]
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        features = NumpyCodec.decode_input(payload.inputs[0])
        logits = features @ self._weights + self._bias
        powers = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = (powers / powers.sum(axis=1, keepdims=True)).astype(numpy.float32)
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output("probabilities", probabilities)]
        )


def read_safetensors(file: Path) -> dict:
    """https://github.com/huggingface/safetensors#format: length of the header, header as JSON, values."""
    data = file.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    return {
        name: numpy.frombuffer(data[start:][slice(*about["data_offsets"])], "<f4").reshape(about["shape"])
        for name, about in header.items()
    }

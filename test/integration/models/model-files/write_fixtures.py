"""Writes small real model files with the libraries of the formats themselves: python write_fixtures.py FOLDER

Packages: gguf, safetensors, onnx, numpy, ml_dtypes (versions: requirements.txt beside this file). The same calls give
the same bytes, so that a diff of the folder shows what a new version of a library writes differently.
"""

import json
import sys
from pathlib import Path

import gguf
import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def numbers(*shape, dtype=np.float32):
    return (np.arange(int(np.prod(shape))) % 7).reshape(shape).astype(dtype)


# safetensors: one file of many dtypes, and a sharded model in the layout of a model hub.
save_file(
    {
        "f32": numbers(3, 4),
        "f16": numbers(2, 2, dtype=np.float16),
        "bf16": numbers(4, dtype=ml_dtypes.bfloat16),
        "f8_e4m3": numbers(5, dtype=ml_dtypes.float8_e4m3fn),
        "f8_e5m2": numbers(6, dtype=ml_dtypes.float8_e5m2),
        "i64": numbers(2, dtype=np.int64),
        "bool": numbers(3, dtype=np.bool_),
        "scalar": np.array(1.5, dtype=np.float32),
        "empty": numbers(0, 4),
    },
    folder / "dtypes.safetensors",
    metadata={"format": "np", "written by": "plimsoll"},
)

hub = folder / "tiny-llama"
hub.mkdir(exist_ok=True)
config = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "num_hidden_layers": 2,
    "hidden_size": 16,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 4,
    "intermediate_size": 32,
    "max_position_embeddings": 128,
    "vocab_size": 32,
    "torch_dtype": "bfloat16",
}
text = json.dumps(config, indent=2).replace('[\n    "LlamaForCausalLM"\n  ]', '["LlamaForCausalLM"]')
(hub / "config.json").write_text(text + "\n")
layers = {}
for layer in range(2):
    prefix = f"model.layers.{layer}."
    layers[f"{prefix}self_attn.q_proj.weight"] = numbers(16, 16, dtype=ml_dtypes.bfloat16)
    layers[f"{prefix}self_attn.k_proj.weight"] = numbers(8, 16, dtype=ml_dtypes.bfloat16)
    layers[f"{prefix}self_attn.v_proj.weight"] = numbers(8, 16, dtype=ml_dtypes.bfloat16)
shards = [{"model.embed_tokens.weight": numbers(32, 16, dtype=ml_dtypes.bfloat16)}, layers]
weight_map, total = {}, 0
for index, tensors in enumerate(shards):
    name = f"model-{index + 1:05d}-of-{len(shards):05d}.safetensors"
    save_file(tensors, hub / name, metadata={"format": "pt"})
    for key, tensor in tensors.items():
        weight_map[key] = name
        total += tensor.nbytes
(hub / "model.safetensors.index.json").write_text(
    json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=2) + "\n"
)


def write_gguf(path, *, tensors, arch="llama", kv_heads=2, big=False, extra=None):
    order = gguf.GGUFEndian.BIG if big else gguf.GGUFEndian.LITTLE
    writer = gguf.GGUFWriter(path, arch, endianess=order)
    writer.add_name("tiny")
    writer.add_block_count(2)
    writer.add_context_length(128)
    writer.add_embedding_length(256)
    writer.add_head_count(4)
    writer.add_head_count_kv(kv_heads)
    writer.add_token_list([b"<s>", b"</s>"] + [f"token {index}".encode() for index in range(40)])
    writer.add_array("tokenizer.ggml.scores", [float(index) for index in range(42)])
    for key, value in (extra or {}).items():
        writer.add_uint32(key, value)
    for name, data, kind in tensors:
        if kind is None:
            writer.add_tensor(name, data)
        else:
            writer.add_tensor(name, gguf.quants.quantize(data, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


kinds = gguf.GGMLQuantizationType
write_gguf(
    folder / "quantised.gguf",
    tensors=[
        ("token_embd.weight", numbers(8, 256), kinds.Q8_0),
        ("blk.0.attn_q.weight", numbers(4, 256), kinds.Q4_0),
        ("blk.0.attn_k.weight", numbers(2, 256), kinds.Q5_1),
        ("blk.0.attn_v.weight", numbers(2, 256), kinds.BF16),
        ("blk.0.attn_norm.weight", numbers(256), None),
        ("blk.1.attn_q.weight", numbers(4, 256, dtype=np.float16), None),
    ],
)
write_gguf(folder / "per-layer-heads.gguf", tensors=[("a", numbers(2, 256), None)], kv_heads=[2, 0])
write_gguf(folder / "big-endian.gguf", tensors=[("a", numbers(2, 256), None)], big=True)
write_gguf(
    folder / "latent-attention.gguf",
    arch="deepseek2",
    tensors=[("a", numbers(2, 256), None)],
    extra={"deepseek2.attention.kv_lora_rank": 512},
)

# ONNX: weights in a file beside the model, and a decoder step that is handed its cache.
float16 = TensorProto.FLOAT16
weights = numpy_helper.from_array(numbers(64, 64), "W")
graph = helper.make_graph(
    [helper.make_node("MatMul", ["x", "W"], ["y"])],
    "external",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 64])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 64])],
    [weights],
)
opsets = [helper.make_opsetid("", 17)]
model = helper.make_model(graph, opset_imports=opsets, producer_name="plimsoll-fixture", ir_version=8)
outside = folder / "external"
outside.mkdir(exist_ok=True)
(outside / "weights.bin").unlink(missing_ok=True)
onnx.save_model(model, outside / "model.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)

past = [
    helper.make_tensor_value_info(f"past_key_values.{layer}.{kind}", float16, ["batch", 2, "past", 8])
    for layer in range(3)
    for kind in ("key", "value")
]
graph = helper.make_graph(
    [helper.make_node("Identity", ["input_ids"], ["logits"])],
    "decoder",
    [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"]), *past],
    [helper.make_tensor_value_info("logits", TensorProto.INT64, ["batch", "length"])],
)
model = helper.make_model(graph, opset_imports=opsets, producer_name="plimsoll-fixture", ir_version=8)
onnx.save_model(model, folder / "decoder.onnx")

/**
 * Bits of one element by dtype (`Dtype` of the safetensors crate, 0.8; 2026-11). Those of 4 and 6 bits are packed: a tensor
 * of them must end at a whole byte. https://github.com/huggingface/safetensors/blob/main/safetensors/src/tensor.rs
 */
const bitsByDtype: Readonly<Record<string, number>> = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
};

/** Null for a dtype that this table does not know: its bytes are then those that the offsets state. */
export function safetensorsBits(dtype: string): number | null {
  return Object.hasOwn(bitsByDtype, dtype) ? (bitsByDtype[dtype] ?? null) : null;
}

/** The same by the names that `config.json` uses: `bfloat16`, `torch.float16`. Null for one that is not known. */
export function torchBits(dtype: string): number | null {
  return torchNames[dtype.replace(/^torch\./, '')] ?? null;
}

const torchNames: Readonly<Partial<Record<string, number>>> = {
  float32: 32,
  float: 32,
  float16: 16,
  half: 16,
  bfloat16: 16,
};

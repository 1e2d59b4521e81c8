import type { ByteSource } from '../byte-source.ts';

/** What the first bytes of a serialized TensorRT engine ("plan") say by the one layout that is public. */
export interface TensorRtPlan {
  readonly fileBytes: number;
  /** Where the plan begins: exporters of the YOLO family put a length and JSON before it. */
  readonly planStart: number;
  /** The word after the tag; only 0 has a public layout. Null when the file ends before it. */
  readonly serialization: number | null;
  /** `10.3.0.26` as bytes 24 to 27 read; null where no public layout says so. Not confirmed on a real file. */
  readonly claimedVersion: string | null;
}

/**
 * `kPLAN_FILE_TAG` 0x74727466, little endian, and the version at bytes 24 to 27 when the word after the tag is 0: the layout of
 * `printPlanVersion` behind `trtexec --getPlanVersionOnly` (NVIDIA/TensorRT, samples/common/sampleEngines.cpp, 10.x; read 2026-11).
 * Nothing else of the format is public: the compute capability, the flags and the product are behind it, in a form that only
 * the library of the same version reads.
 */
const planTag = [0x66, 0x74, 0x72, 0x74];
const headBytes = 28;
const prefixBytesAtMost = 1 << 20;

/** Null when the bytes are not a plan. */
export async function parseTensorRtEngine(source: ByteSource): Promise<TensorRtPlan | null> {
  const head = await source.read(0, 8);
  const planStart = hasTag(head) ? 0 : await afterPrefix(source, head);
  if (planStart === null) return null;
  const plan = await source.read(planStart, headBytes);
  const view = new DataView(plan.buffer, plan.byteOffset, plan.byteLength);
  const serialization = plan.length < 8 ? null : view.getUint32(4, true);
  const claims = serialization === 0 && plan.length >= headBytes;
  return {
    fileBytes: source.bytes,
    planStart,
    serialization,
    claimedVersion: claims ? [24, 25, 26, 27].map((at) => plan[at] ?? 0).join('.') : null,
  };
}

const hasTag = (bytes: Uint8Array, at = 0): boolean => planTag.every((byte, index) => bytes[at + index] === byte);

/** `ultralytics` writes the length of a JSON text in four bytes, the text, then the plan (engine/exporter.py, 8.x). */
async function afterPrefix(source: ByteSource, head: Uint8Array): Promise<number | null> {
  if (head.length < 8 || head[4] !== 0x7b) return null;
  const jsonBytes = new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
  if (jsonBytes < 2 || jsonBytes > prefixBytesAtMost) return null;
  const tag = await source.read(4 + jsonBytes, 4);
  return tag.length === 4 && hasTag(tag) ? 4 + jsonBytes : null;
}

import { describe, expect, it } from 'vitest';
import { sourceOf } from '../byte-source.ts';
import { parseTensorRtEngine } from './parse-engine.ts';

/** The head that `printPlanVersion` of NVIDIA's samples expects; no real plan was at hand, and the facts say so. */
const plan = (serialization: number, version: readonly number[], length = 64): Uint8Array => {
  const bytes = new Uint8Array(64);
  bytes.set([0x66, 0x74, 0x72, 0x74]);
  new DataView(bytes.buffer).setUint32(4, serialization, true);
  bytes.set(version, 24);
  return bytes.subarray(0, length);
};
const parse = (bytes: Uint8Array) => parseTensorRtEngine(sourceOf(bytes));

describe('a TensorRT plan', () => {
  it('is told by its tag, and claims a version by the one public layout', async () => {
    expect(await parse(plan(0, [10, 3, 0, 26]))).toEqual({
      fileBytes: 64,
      planStart: 0,
      serialization: 0,
      claimedVersion: '10.3.0.26',
    });
  });

  it('of another serialization, or cut off, claims none', async () => {
    expect(await parse(plan(1, [10, 3, 0, 26]))).toMatchObject({ serialization: 1, claimedVersion: null });
    expect(await parse(plan(0, [10, 3, 0, 26], 27))).toMatchObject({ serialization: 0, claimedVersion: null });
    expect(await parse(plan(0, [], 5))).toMatchObject({ serialization: null, claimedVersion: null });
  });

  it('is found behind the JSON that YOLO exporters put before it', async () => {
    const json = new TextEncoder().encode('{"task": "detect"}');
    const prefixed = Buffer.concat([Uint8Array.from([json.length, 0, 0, 0]), json, plan(0, [8, 6, 1, 6])]);
    expect(await parse(prefixed)).toMatchObject({ planStart: 4 + json.length, claimedVersion: '8.6.1.6' });
    expect(await parse(Buffer.concat([Uint8Array.from([255, 255, 255, 255]), json]))).toBeNull();
  });

  it('is not seen in other files', async () => {
    for (const bytes of [new Uint8Array(), new Uint8Array(100), new TextEncoder().encode('GGUF')]) {
      expect(await parse(bytes)).toBeNull();
    }
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import {
  block,
  integer,
  joined,
  linearModel,
  rawTensor,
  valueInfo,
  varint,
  word,
} from '../../testing/builders/files/onnx-encoder.ts';
import { sourceOf, type ByteSource } from '../byte-source.ts';
import { onnxSignature, parseOnnx } from './parse-onnx.ts';

const parse = (bytes: Uint8Array) => parseOnnx(sourceOf(bytes));
const failure = async (bytes: Uint8Array): Promise<PlimsollError> => {
  const thrown: unknown = await parse(bytes).then(
    () => new Error('parsed'),
    (error: unknown) => error,
  );
  if (thrown instanceof PlimsollError) return thrown;
  throw thrown;
};

describe('a sound model', () => {
  it('is read as its encoder wrote it', async () => {
    expect(await parse(linearModel())).toEqual({
      irVersion: 8,
      opsets: { 'ai.onnx': 17 },
      producer: { name: 'encoder', version: '0.1' },
      inputs: [{ name: 'x', type: 'tensor(float)', datatype: 'FP32', shape: [-1, 4], dimensionNames: ['batch', null] }],
      outputs: [
        { name: 'y', type: 'tensor(float)', datatype: 'FP32', shape: [-1, 3], dimensionNames: ['batch', null] },
      ],
      nodes: 1,
      parameters: 12,
      weightsBytes: 48,
      precisions: ['fp32'],
      external: [],
    });
  });

  it('of the onnx package itself is read: subgraphs, constants, filled inputs, named dimensions', async () => {
    const model = await parse(readFileSync(path.join(import.meta.dirname, 'fixtures/branches.onnx')));
    expect(model).toMatchObject({
      irVersion: 8,
      opsets: { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
      producer: { name: 'plimsoll-fixture', version: '1' },
      nodes: 6,
      parameters: 12 + 3 + 3 + 3,
      weightsBytes: 4 * 21,
    });
    expect(onnxSignature(model)).toEqual({
      inputs: [
        { name: 'x', datatype: 'FP32', shape: [-1, 4] },
        { name: 'flag', datatype: 'BOOL', shape: [] },
        { name: 'ids', datatype: 'INT32', shape: [-1, -1, 2] },
      ],
      outputs: [
        { name: 'y', datatype: 'FP32', shape: [-1, 3] },
        { name: 'ids_out', datatype: 'INT64', shape: [-1, -1, 2] },
      ],
    });
    expect(model.inputs[2]?.dimensionNames).toEqual(['batch', 'length', null]);
  });

  it('keeps every shape that it states', async () => {
    const dimension = fc.oneof(fc.nat(1_000_000), fc.constantFrom('batch', 'n'), fc.constant(null), fc.constant(-1));
    await fc.assert(
      fc.asyncProperty(fc.array(dimension, { maxLength: 8 }), async (shape) => {
        const model = await parse(linearModel({ graph: [valueInfo(11, 'extra', 7, shape)] }));
        expect(model.inputs[1]).toMatchObject({
          datatype: 'INT64',
          shape: shape.map((size) => (typeof size === 'number' ? size : -1)),
          dimensionNames: shape.map((name) => (typeof name === 'string' ? name : null)),
        });
      }),
    );
  });

  it('has no signature when the protocol cannot state an output, and says why', async () => {
    const map = block(5, integer(1, 7), block(2, block(1, integer(1, 1), block(2))));
    const sequence = block(12, word(1, 'scores'), block(2, block(4, block(1, map))));
    expect(onnxSignature(await parse(linearModel({ graph: [sequence] })))).toEqual({
      reason: 'scores is sequence(map(int64,tensor(float))), which the Open Inference Protocol does not have',
    });
    const rankless = await parse(linearModel({ graph: [valueInfo(12, 'z', 1, null)] }));
    expect(onnxSignature(rankless)).toEqual({
      reason: 'z is tensor(float) of a rank that the file does not state',
    });
  });

  it('names the files that hold its weights, and how long they must be', async () => {
    const entry = (key: string, value: string) => block(13, word(1, key), word(2, value));
    const outside = (offset: string) =>
      block(
        5,
        integer(1, 8),
        integer(2, 1),
        word(8, `w${offset}`),
        entry('location', 'weights.bin'),
        entry('offset', offset),
        entry('length', '32'),
        integer(14, 1),
      );
    const model = await parse(linearModel({ graph: [outside('0'), outside('4096')] }));
    expect(model.external).toEqual([{ path: 'weights.bin', tensors: 2, bytesAtLeast: 4128 }]);
    expect(model.weightsBytes).toBe(48 + 64);
  });

  it('is read in whatever pieces its source gives, without its weights', async () => {
    const bytes = linearModel({ width: 2_000_000 });
    let readBytes = 0;
    const source: ByteSource = {
      bytes: bytes.length,
      read: (offset, length) => {
        const piece = bytes.slice(offset, offset + Math.min(length, 64));
        readBytes += piece.length;
        return Promise.resolve(piece);
      },
    };
    expect((await parseOnnx(source)).weightsBytes).toBe(24_000_000);
    expect(readBytes).toBeLessThan(2_000);
  });
});

describe('an unsound model', () => {
  it('that is cut off anywhere is an error that says so', async () => {
    const whole = linearModel();
    for (let length = 0; length < whole.length; length += 1) {
      const error = await failure(whole.slice(0, length));
      expect(['onnx-invalid', 'onnx-truncated']).toContain(error.code);
      expect(error.category).toBe('input');
    }
    expect((await failure(whole.slice(0, -1))).message).toBe(
      `the ONNX model is cut off: field 7 of ${whole.length - 25} bytes at byte 22 reaches beyond the end of the file (${whole.length - 1} bytes)`,
    );
  });

  it.each([
    ['no bytes', new Uint8Array()],
    ['text', new TextEncoder().encode('hello, I am not a model')],
    ['JSON', new TextEncoder().encode('{"a": 1}')],
    ['PNG', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])],
    ['zeros', new Uint8Array(1000)],
    ['a protobuf of something else', block(7, word(1, 'graph?'))],
  ])('that is %s is told to be no model', async (_what, bytes) => {
    const error = await failure(bytes);
    expect(error.code).toBe('onnx-invalid');
    expect(error.message).toMatch(/^this is not an ONNX model: /);
  });

  it.each([
    ['a number of more than ten bytes', joined(integer(1, 8), new Uint8Array(12).fill(0xff)), /more than ten bytes/],
    ['a length beyond the file', joined(integer(1, 8), varint(7 * 8 + 2), varint(2n ** 40n)), /reaches beyond the end/],
    ['a length beyond 2^63', joined(integer(1, 8), varint(7 * 8 + 2), varint(2n ** 64n - 1n)), /impossible length/],
    [
      'a length beyond what holds it',
      joined(integer(1, 8), block(7, varint(5 * 8 + 2), varint(50)), new Uint8Array(100).fill(8)),
      /longer than what holds it/,
    ],
    ['field number 0', joined(integer(1, 8), varint(0), varint(0)), /field number/],
    ['10,000 nested groups', joined(integer(1, 8), new Uint8Array(10_000).fill(0x3b)), /wire type 3/],
    ['a graph that is a number', joined(integer(1, 8), integer(7, 5)), /wire type 0 where 2 belongs/],
    ['an IR version of -1', joined(integer(1, -1)), /this is not an ONNX model/],
    [
      'a tensor larger than any memory',
      linearModel({ graph: [rawTensor(5, 'h', 1, [2 ** 40, 2 ** 40], 4)] }),
      /no memory/,
    ],
    ['a tensor of a negative size', linearModel({ graph: [rawTensor(5, 'h', 1, [-4], 4)] }), /no memory holds/],
    ['a tensor that lacks bytes', linearModel({ graph: [rawTensor(5, 'h', 1, [5], 4)] }), /holds 4 bytes .* takes 20/],
    [
      'a tensor without data',
      linearModel({ graph: [block(5, integer(1, 1_000_000), integer(2, 1), word(8, 'h'))] }),
      /states 1000000 elements and holds 0 bytes/,
    ],
    ['a name of 100 kB', linearModel({ graph: [valueInfo(11, 'n'.repeat(100_000), 1, [])] }), /65536 are the most/],
  ])('with %s is refused with the place', async (_what, bytes, message) => {
    const error = await failure(bytes);
    expect(error.message).toMatch(message);
    expect(error.details['offset']).toEqual(expect.any(Number));
  });

  it('with 3,000 graphs inside each other is refused', async () => {
    let graph: Uint8Array = new Uint8Array();
    // The lengths of the outer blocks grow with the depth, and so do their heads: built from the inside.
    for (let depth = 0; depth < 3_000; depth += 1) graph = block(6, block(1, block(5, graph)));
    expect((await failure(joined(integer(1, 8), block(7, block(1, block(5, graph)))))).message).toMatch(/nested/);
  });

  it('whatever its bytes are, ends in a parse or in one of our errors', async () => {
    const sound = linearModel();
    const mutated = fc
      .array(fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 6 })
      .map((changes) => {
        const bytes = sound.slice();
        for (const { at, byte } of changes) bytes[at] = byte;
        return bytes;
      });
    const prefixed = fc.uint8Array({ maxLength: 200 }).map((tail) => joined(integer(1, 8), tail));
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, prefixed, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const outcome: unknown = await parse(bytes).catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(PlimsollError);
          expect((outcome as PlimsollError).category).toBe('input');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

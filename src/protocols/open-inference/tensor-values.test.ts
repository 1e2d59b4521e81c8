import { expect, it } from 'vitest';
import { valuesOf } from './tensor-values.ts';

it.each([
  ['FP16', [0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc], [1, 2 ** -24, -Infinity]],
  ['INT8', [255], [-1]],
  ['UINT8', [255], [255]],
  ['BOOL', [1, 0], [1, 0]],
  ['INT64', [254, 255, 255, 255, 255, 255, 255, 255], [-2]],
])('elements of %s are read as numbers', (datatype, bytes, expected) => {
  expect([...valuesOf({ name: 'y', datatype, shape: [expected.length], bytes: Uint8Array.from(bytes) })]).toEqual(
    expected,
  );
});

it('elements of FP32 are read from wherever in a body they stand, and stay when the body is written over', () => {
  const body = Buffer.from([9, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0xff, 9]);
  const values = valuesOf({ name: 'y', datatype: 'FP32', shape: [2], bytes: body.subarray(1, 9) });
  body.fill(0);
  expect(values).toEqual(Float32Array.of(1, -Infinity));
});

it('elements of BYTES are read as texts, and bytes that are no UTF-8 as replacement characters', () => {
  const elements = [new TextEncoder().encode('ß'), new Uint8Array(), Uint8Array.of(0xff)];
  expect(valuesOf({ name: 'y', datatype: 'BYTES', shape: [3], elements })).toEqual(['ß', '', '\ufffd']);
});

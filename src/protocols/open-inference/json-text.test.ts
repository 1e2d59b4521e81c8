import { describe, expect, test } from 'vitest';
import { parseInferRequest } from './infer-request.ts';
import { jsonOf } from './json-text.ts';
import type { FixedTensor } from './tensor.ts';

const tensor = (datatype: string, elements: ArrayBufferView): FixedTensor => ({
  name: 't',
  datatype,
  shape: [elements.byteLength],
  bytes: new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength),
});

describe('jsonOf', () => {
  test.each([
    ['FP32', Float32Array.of(-0, 0, 1.5), '[-0,0,1.5]'],
    ['FP64', Float64Array.of(NaN, Infinity, -Infinity, -0), '["NaN","Infinity","-Infinity",-0]'],
    ['FP16', Uint16Array.of(0x8000, 0x2e66, 0x7e00), '[-0,0.0999755859375,"NaN"]'],
    ['INT64', BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n), '[-9223372036854775808,9007199254740993]'],
    ['UINT64', BigUint64Array.of(2n ** 64n - 1n), '[18446744073709551615]'],
    ['BOOL', Uint8Array.of(0, 1), '[false,true]'],
    ['INT8', Int8Array.of(-1), '[-1]'],
  ] as [string, ArrayBufferView, string][])('%s as %#', (datatype, elements, json) => {
    expect(jsonOf(tensor(datatype, elements))).toBe(json);
  });

  test('bytes that start anywhere, as slices of a batch and of a body do', () => {
    const body = new Uint8Array(9);
    new DataView(body.buffer).setFloat32(1, 2.5, true);
    expect(jsonOf({ name: 't', datatype: 'FP32', shape: [1], bytes: body.subarray(1, 5) })).toBe('[2.5]');
  });

  test('bytes that are no text are an error that names the binary form', () => {
    const elements = [Uint8Array.of(0xff)];
    expect(() => jsonOf({ name: 't', datatype: 'BYTES', shape: [1], elements })).toThrow(
      expect.objectContaining({
        code: 'output-not-utf8',
        next: expect.stringContaining('binary_data') as string,
      }) as Error,
    );
  });
});

test('a number rounds once to the datatype, and the first magnitude that would be infinite is refused', () => {
  const bytesOf = (datatype: string, data: string): Uint8Array | undefined => {
    const json = `{"inputs":[{"name":"x","shape":[1],"datatype":"${datatype}","data":[${data}]}],"padding":"${'x'.repeat(64)}"}`;
    const [input] = parseInferRequest(new TextEncoder().encode(json), null).inputs;
    return input !== undefined && 'bytes' in input ? input.bytes : undefined;
  };
  expect(bytesOf('FP16', '65519.99')).toEqual(new Uint8Array(Uint16Array.of(0x7bff).buffer));
  expect(() => bytesOf('FP16', '65520')).toThrow(/out of the range of FP16/);
  expect(bytesOf('FP32', '3.4028235677973362e38')).toEqual(
    new Uint8Array(Float32Array.of(3.4028234663852886e38).buffer),
  );
  expect(() => bytesOf('FP32', '3.4028235677973366e38')).toThrow(/out of the range of FP32/);
  expect(() => bytesOf('FP64', '1e400')).toThrow(/out of the range of FP64/);
  expect(bytesOf('FP32', '-0')).toEqual(new Uint8Array(Float32Array.of(-0).buffer));
});

import { expect, it } from 'vitest';
import { jsonOf } from './json-text.ts';

it('reads only the bytes of a tensor that lies in the middle of a shared buffer', () => {
  const body = Buffer.concat([Buffer.from([7]), Buffer.from(Float32Array.of(1.5, -2).buffer), Buffer.from([9])]);
  const bytes = body.subarray(1, 9);
  expect(jsonOf({ name: 'y', datatype: 'FP32', shape: [2], bytes })).toBe('[1.5,-2]');
});

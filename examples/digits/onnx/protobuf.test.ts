import { expect, test } from 'vitest';
import { encodeMessage, message } from './protobuf.ts';

test('the examples of the encoding guide', () => {
  expect(Buffer.from(encodeMessage(message([1, 150]))).toString('hex')).toBe('089601');
  expect(Buffer.from(encodeMessage(message([2, 'testing']))).toString('hex')).toBe('120774657374696e67');
  expect(Buffer.from(encodeMessage(message([3, message([1, 150])]))).toString('hex')).toBe('1a03089601');
});

test('sizes above 2^31 keep all their bits', () => {
  expect(Buffer.from(encodeMessage(message([1, 2 ** 40 + 5]))).toString('hex')).toBe('08858080808020');
});

test('what the format cannot carry is refused', () => {
  expect(() => encodeMessage(message([1, -1]))).toThrow(RangeError);
  expect(() => encodeMessage(message([1, 0.5]))).toThrow(RangeError);
});

import { expect, test } from 'vitest';
import { RequestIdentity } from './request-identity.ts';

let drawn = 0;
const identity = new RequestIdentity({
  next: () => 0.5,
  hex: (bytes) => Array.from({ length: bytes }, () => ((drawn += 37) % 256).toString(16).padStart(2, '0')).join(''),
});
const trace = '0af7651916cd43dd8448eb211c80319c';
const parent = 'b7ad6b7169203331';
const fresh = /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/;

test('ids are made where none fits, and differ', () => {
  expect(identity.requestId('order-17')).toBe('order-17');
  const made = [undefined, '', 'a b', 'x'.repeat(129), 'caf\u00e9'].map((offered) => identity.requestId(offered));
  expect(new Set(made).size).toBe(5);
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{32}$/);
});

test('a valid trace goes on under a new parent, and keeps only the sampled flag', () => {
  const next = identity.traceparent(`00-${trace}-${parent}-03`);
  expect(next).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  expect(next).not.toContain(parent);
  expect(identity.traceparent(`00-${trace}-${parent}-02`)).toMatch(/-00$/);
});

test('a version of the future is answered with version 00', () => {
  expect(identity.traceparent(`cc-${trace}-${parent}-01-what-will-be`)).toMatch(new RegExp(`^00-${trace}-.{16}-01$`));
});

test.each([
  undefined,
  'nonsense',
  `00-${'0'.repeat(32)}-${parent}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `ff-${trace}-${parent}-01`,
  `00-${trace.toUpperCase()}-${parent}-01`,
  `00-${trace}-${parent}-01-more`,
])('%s starts a new trace', (offered) => {
  expect(identity.traceparent(offered)).toMatch(fresh);
  expect(identity.traceparent(offered)).not.toContain(trace);
});

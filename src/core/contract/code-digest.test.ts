import { expect, it } from 'vitest';
import { digestOf } from '../units/digest.ts';
import type { CodeSection } from './contract.ts';
import { codeDigest, withPinnedImage } from './code-digest.ts';

const code: CodeSection = { args: [], files: [], env: {}, secrets: {}, protocol: 'open-inference-v2' };
const digest = digestOf('image');

it.each([
  ['host:5000/team/server:1.4', `host:5000/team/server:1.4@${digest}`],
  ['server', `server@${digest}`],
  [`server:1@${digestOf('other')}`, `server:1@${digest}`],
])('%s is started by the digest that it was pinned to', (image, pinned) => {
  expect(withPinnedImage({ ...code, image }, { facts: { digest } }).image).toBe(pinned);
});

it('code without an image, or never pinned, stays as it is', () => {
  expect(withPinnedImage(code, { facts: { digest } })).toBe(code);
  expect(withPinnedImage({ ...code, image: 'server:1' }, undefined).image).toBe('server:1');
});

it('another certificate is other code, and code without one has the digest of before', () => {
  const { args, files: _files, ...rest } = code;
  expect(codeDigest(code, {})).toBe(digestOf({ args, ...rest, files: {} }));
  expect(codeDigest({ ...code, tls: 'digits-tls' }, {})).not.toBe(codeDigest(code, {}));
});

import { expect, it } from 'vitest';
import { digestOf } from '../units/digest.ts';
import { digestsIn, readBundleNames } from './bundle-names.ts';
import { bundleBytes, type Bundle } from './bundle.ts';

const bundle: Bundle = {
  bundleVersion: 1,
  service: 'digits',
  environment: 'prod',
  files: [
    { path: 'plimsoll.lock', digest: digestOf('lock'), bytes: 1, role: 'lock' },
    { path: 'serve.py', digest: digestOf('code'), bytes: 1, role: 'code' },
  ],
  model: {
    name: 'digits',
    digest: digestOf('model'),
    files: [{ path: 'model.onnx', digest: digestOf('weights'), bytes: 1 }],
    place: null,
  },
};

it('names what is inside, the model, and the lock', () => {
  expect(readBundleNames(new TextDecoder().decode(bundleBytes(bundle)))).toEqual({
    files: [digestOf('lock'), digestOf('code')],
    inside: [digestOf('lock'), digestOf('code')],
    model: expect.arrayContaining([digestOf('model'), digestOf('weights')]),
    locks: [digestOf('lock')],
  });
});

it('reads the digests of a later version too, wherever they stand', () => {
  const later = { bundleVersion: 9, files: [{ kept: { as: digestOf('code') } }], signatures: { of: digestOf('more') } };
  expect(readBundleNames(JSON.stringify(later))).toEqual({
    files: [digestOf('code')],
    inside: [digestOf('code'), digestOf('more')],
    model: [],
    locks: [],
  });
});

it.each(['', '[]', 'null', '{}', '{"files":{}}', '{"files":[', '"sha256"'])(
  'is null for %j, which is no manifest',
  (text) => {
    expect(readBundleNames(text)).toBeNull();
  },
);

it('finds each digest of a text once, and takes nothing longer for one', () => {
  const digest = digestOf('one');
  expect(digestsIn(`a: ${digest}\nb: "${digest}", ${digest}0 sha256:12`)).toEqual([digest]);
});

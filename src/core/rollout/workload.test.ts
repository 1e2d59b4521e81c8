import { expect, it } from 'vitest';
import { digestOf } from '../units/digest.ts';
import type { ReleasedModel } from './release.ts';
import { makeWorkload } from './workload.ts';

const model: ReleasedModel = {
  ...{ name: 'digits', version: 1, digest: digestOf('model'), format: 'onnx' },
  ...{ files: [], signature: null },
};
const section = { args: [], files: [], env: {}, secrets: { A: 'secret/a#b' }, protocol: 'open-inference-v2' } as const;

it('the secret of `code.tls` is given beside the others, as three files', () => {
  const code = { digest: digestOf('code'), section: { ...section, tls: 'digits-tls' }, files: [] };
  expect(makeWorkload(code, model).secrets).toEqual({
    A: 'secret/a#b',
    PLIMSOLL_TLS_CERT_FILE: 'secret-file/digits-tls#tls.crt',
    PLIMSOLL_TLS_KEY_FILE: 'secret-file/digits-tls#tls.key',
    PLIMSOLL_TLS_CA_FILE: 'secret-file/digits-tls#ca.crt',
  });
});

it('without it there are the others alone', () => {
  expect(makeWorkload({ digest: digestOf('code'), section, files: [] }, model).secrets).toEqual({ A: 'secret/a#b' });
});

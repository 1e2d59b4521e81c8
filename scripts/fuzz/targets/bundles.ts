import type { openSigstoreRoots } from '../../../src/adapters/sigstore/sigstore-roots.ts';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FuzzTarget } from '../target.ts';

const fixtures = path.join(import.meta.dirname, '../../../test/fixtures/sigstore');
const fixture = (name: string): Uint8Array => Uint8Array.from(readFileSync(path.join(fixtures, name)));

export const bundleManifestTarget: FuzzTarget = {
  parser: 'bundle-manifest',
  bytesAtMost: 16 * 1024,
  dictionary: [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    'null',
    '"path":',
    '"digest":"sha256:',
    '"bytes":',
    '1e99',
    '-1',
    '../',
    '\\u0000',
    '"__proto__":',
  ],
  async seeds() {
    const { buildBundle } = await import('../../../src/testing/builders/files/bundle-files.ts');
    const { bundleBytes } = await import('../../../src/core/bundle/bundle.ts');
    const { bundle } = buildBundle({ code: { 'server.py': 'print()' } }, { place: 's3://models/digits' });
    return [Uint8Array.from(bundleBytes(bundle))];
  },
  async run(bytes) {
    const { readBundle } = await import('../../../src/schemas/bundle/bundle-manifest.ts');
    return readBundle(bytes);
  },
};

export const sigstoreTarget: FuzzTarget = {
  parser: 'sigstore',
  bytesAtMost: 24 * 1024,
  dictionary: [
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      'null',
      '{}',
      '[]',
      '""',
      '"AAAA"',
      '-1',
      '1e99',
      '"dsseEnvelope":',
      '"messageSignature":',
    ],
    ...[
      '"verificationMaterial":',
      '"x509CertificateChain":',
      '"publicKey":',
      '"tlogEntries":',
      '"inclusionProof":',
      '"checkpoint":',
    ],
  ],
  seeds: () =>
    Promise.resolve(
      ['attestation-v0.3', 'message-v0.2', 'provenance-v0.1', 'promise-v0.1', 'public-key-v0.1'].map((name) =>
        fixture(`${name}.sigstore.json`),
      ),
    ),
  /** Whatever is not one of the sound bundles is refused with a reason, and nothing else is thrown. */
  async run(bytes) {
    const { openSigstoreRoots } = await import('../../../src/adapters/sigstore/sigstore-roots.ts');
    const { digestOfBytes } = await import('../../../src/core/units/digest.ts');
    const root = path.join(fixtures, 'trusted_root.json');
    verify ??= openSigstoreRoots([root], { monotonicMs: () => 0 })(digestOfBytes(fixture('trusted_root.json')));
    if (typeof verify !== 'function') throw new Error(verify.problem);
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return null;
    }
    const content = verify(json, fixture('message-v0.2.txt'));
    if ('why' in content && content.why === '') throw new RangeError('a refusal has a reason');
    return content;
  },
};

let verify: ReturnType<ReturnType<typeof openSigstoreRoots>> | null = null;

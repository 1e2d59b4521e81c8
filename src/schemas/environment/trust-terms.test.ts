import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { digestOf } from '../../core/units/digest.ts';
import { environmentRecordSchema } from './environment-terms.ts';
import { readPolicyFile } from './environment-file.ts';

const pem = String(
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({ format: 'pem', type: 'spki' }),
);
const root = digestOf('root');
const text = `serial: 3
sigstoreRoot: ${root}
artifactKeys:
  - name: release
    key: |
${pem.trimEnd().replaceAll(/^/gm, '      ')}
artifactsFrom:
  image: { keys: [release] }
  model: { sigstore: [{ issuer: 'https://issuer.example', subject: ada@example.com }] }
evidenceFrom:
  any:
    jobs:
      - { issuer: 'https://ci.example', repository: acme/digits, ref: refs/tags/v* }
      - { issuer: 'https://ci.example', repository: acme/lab, unprotected: true }
  golden: { sigstore: [{ issuer: 'https://issuer.example', subject: ada@example.com }] }
`;
const identity = { issuer: 'https://issuer.example', subject: 'ada@example.com' };
const read = (policy: string) => readPolicyFile(new TextEncoder().encode(policy), 'policy.yaml');

it('reads jobs, identities and keys of artifacts, and answers with the same', () => {
  const policy = read(text);
  expect(policy).toEqual({
    serial: 3,
    sigstoreRoot: root,
    artifactKeys: [{ name: 'release', key: pem }],
    artifactsFrom: { image: { keys: ['release'] }, model: { sigstore: [identity] } },
    evidenceFrom: {
      any: {
        jobs: [
          { issuer: 'https://ci.example', repository: 'acme/digits', ref: 'refs/tags/v*' },
          { issuer: 'https://ci.example', repository: 'acme/lab', unprotected: true },
        ],
      },
      golden: { sigstore: [identity] },
    },
  });
  const record = { environment: 'prod', version: 1, by: 'root', atMs: 0, policy };
  expect(environmentRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
});

it.each([
  ['a private key', text.replaceAll('PUBLIC', 'PRIVATE'), 'policy.artifactKeys'],
  ['a key that is not there', text.replace('keys: [release]', 'keys: [other]'), 'names the artifact key other'],
  ['identities without a root', text.replace(/sigstoreRoot.*\n/, ''), 'has no `sigstoreRoot`'],
  ['a root by its name', text.replace(root, 'public'), 'sigstoreRoot'],
  ['anybody', text.replace('golden: { sigstore: [{ issuer: ', 'golden: { sigstore: [{ any: 1, issuer: '), 'sigstore'],
  ['a job without a repository', text.replace('repository: acme/lab, ', ''), 'repository'],
  ['an artifact that is not known', text.replace('  image:', '  chart:'), 'artifactsFrom'],
])('refuses %s', (_what, policy, problem) => {
  expect(() => read(policy)).toThrow(problem);
});

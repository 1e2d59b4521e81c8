import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ArtifactSignatures } from '../../ports/artifacts/artifact-signatures.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { goodNodes, gpuPool, verifyWorld } from '../../testing/rigs/verify-world.ts';

let folder: string;
const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-verify-trust-'));
  const pem = String(keys.publicKey.export({ format: 'pem', type: 'spki' }));
  const policy = { artifactKeys: [{ name: 'release', key: pem }], artifactsFrom: { image: { keys: ['release'] } } };
  await writeFile(path.join(folder, 'policy.yaml'), JSON.stringify(policy));
});
afterEach(() => rm(folder, { recursive: true }));

const verify = (ofImage: ArtifactSignatures['ofImage']) =>
  runCommandLine(['verify', '--trust', 'policy.yaml'], {
    ...verifyWorld(gpuPool(goodNodes)),
    cwd: folder,
    artifactSignatures: { ofImage, ofModel: () => Promise.reject(new Error('not asked')) },
  });

function signatureOf(digest: Digest) {
  const image = { 'docker-manifest-digest': digest };
  const payload = Buffer.from(JSON.stringify({ critical: { image, type: 'cosign container image signature' } }));
  return { form: 'simple', payload, signature: sign('sha256', payload, keys.privateKey).toString('base64') } as const;
}

it('goes on where a key of the policy signed the image', async () => {
  const answer = await verify(async (_reference, digest) => [{ digest, signatures: [signatureOf(digest)] }]);
  expect(answer).toMatchObject({ exit: 0, out: expect.stringContaining('pass: chat in prod') as string });
});

it('refuses an image that nobody signed', async () => {
  const answer = await verify(async (_reference, digest) => [{ digest, signatures: [] }]);
  expect(answer).toMatchObject({
    exit: 1,
    err: expect.stringContaining('a signature of the image by release') as string,
  });
});

it('is unable to tell where the registry is away', async () => {
  const away = new PlimsollError({ code: 'remote-unreachable', category: 'unavailable', message: 'it is away' });
  const answer = await verify(() => Promise.reject(away));
  expect(answer).toMatchObject({
    exit: 3,
    err: expect.stringContaining('nobody can tell who signed the image') as string,
  });
});

/** Images and models that a real cosign signed, in a real registry; and evidence that it signed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeArtifactRepository } from '../../../src/adapters/oci/artifact-repository.ts';
import { registryTimes } from '../../../src/adapters/oci/registry/registry-http.ts';
import { makeArtifactSignatures } from '../../../src/adapters/oci/signatures/artifact-signatures.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { artifactDigest } from '../../../src/core/registry/artifact.ts';
import { findArtifactRefusals } from '../../../src/core/trust/artifacts/judge-artifact.ts';
import type { TrustPolicy } from '../../../src/core/trust/trust-policy.ts';
import { digestOfBytes, type Digest } from '../../../src/core/units/digest.ts';
import { seeArtifacts } from '../../../src/prove/trust/see-artifacts.ts';
import { packModel } from '../../../src/schemas/artifact/model-pack.ts';
import { missingPrograms, RealRegistry } from '../../peers/oci-registry.ts';
import { findCosign } from '../../peers/registries/servers.ts';

const cosign = findCosign();
if (cosign.kind === 'missing') console.warn(`skipped: ${cosign.why}`);
if (missingPrograms.length > 0) console.warn(`skipped: ${missingPrograms.join(', ')} missing`);

const options = { clock: systemClock, env: {}, plainHttp: false, times: registryTimes };
const { signal } = new AbortController();
const timeoutMs = 120_000;

describe.skipIf(cosign.kind === 'missing' || missingPrograms.length > 0)('artifacts that cosign signed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-cosign-'));
  let server: RealRegistry;
  const weights = Buffer.from('weights');
  const files = [{ path: 'model.onnx', digest: digestOfBytes(weights), bytes: weights.length }];
  beforeAll(async () => {
    server = await RealRegistry.start(path.join(folder, 'registry'), { auth: false });
    for (const name of ['release', 'stranger'])
      run('generate-key-pair', '--output-key-prefix', path.join(folder, name));
  }, timeoutMs);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function run(...args: readonly string[]): void {
    const bin = cosign.kind === 'installed' ? path.join(cosign.bin, 'cosign') : '';
    const env = { ...process.env, COSIGN_PASSWORD: '', TUF_ROOT: path.join(folder, 'tuf'), DOCKER_CONFIG: folder };
    const done = spawnSync(bin, args, { encoding: 'utf8', env, timeout: timeoutMs });
    if (done.status !== 0) throw new Error(`cosign ${args.join(' ')}: ${done.stderr}`);
  }

  /** Pushes a model of its own repository. @returns its repository and the digest of its manifest. */
  async function push(name: string): Promise<{ readonly repository: string; readonly digest: Digest }> {
    const repository = `${server.host}/team/${name}`;
    const artifacts = makeArtifactRepository(repository, options);
    const pack = packModel({
      ...{ environment: 'default', name: 'digits', version: 1, format: 'onnx', files, digest: artifactDigest(files) },
      ...{ signature: null, facts: {}, lineage: {}, createdAtMs: 0, createdBy: 'tests' },
    });
    async function* read(_digest: Digest, from: number, length: number) {
      yield await Promise.resolve(weights.subarray(from, from + length));
    }
    await artifacts.push({ files, ...pack }, read, '1', signal);
    await artifacts.close();
    return { repository, digest: pack.manifest.descriptor.digest };
  }

  type Format = 'tag' | 'bundle';
  const formats: Readonly<Record<Format, readonly string[]>> = {
    tag: ['--new-bundle-format=false'],
    bundle: ['--new-bundle-format=true'],
  };
  const sign = (key: string, at: string, format: Format): void => {
    const how = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '--yes'];
    run('sign', '--key', path.join(folder, `${key}.key`), ...how, ...formats[format], at);
  };
  const policy = (): TrustPolicy => ({
    artifactKeys: [{ name: 'release', key: readFileSync(path.join(folder, 'release.pub'), 'utf8') }],
    artifactsFrom: { model: { keys: ['release'] }, image: { keys: ['release'] } },
  });
  const ports = { signatures: makeArtifactSignatures(options) };
  const refusals = async (place: string, image?: { readonly reference: string; readonly digest: Digest }) => {
    const facts = image === undefined ? undefined : ({ digest: image.digest } as never);
    const of = {
      contract: { code: image === undefined ? {} : { image: image.reference } } as never,
      code: facts === undefined ? {} : { facts },
      model: { name: 'digits', digest: artifactDigest(files), place },
    };
    return findArtifactRefusals(policy(), await seeArtifacts(policy(), of, ports)).map(({ code, message }) => [
      code,
      message,
    ]);
  };

  it.each<Format>(['tag', 'bundle'])(
    'count where a key of the policy signed them, kept as a %s',
    async (format) => {
      const { repository, digest } = await push(`signed-${format}`);
      expect(await refusals(`oci://${repository}:1`)).toEqual([
        ['artifact-not-signed', expect.stringContaining('no signature counts') as string],
      ]);
      sign('release', `${repository}@${digest}`, format);
      expect(await refusals(`oci://${repository}:1`)).toEqual([]);
      // The same artifact under the name of an image.
      const image = { reference: `${repository}:1`, digest };
      expect(await refusals(`oci://${repository}:1`, image)).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'do not count where another key signed them, nor where a signature was moved to another artifact',
    async () => {
      const { repository, digest } = await push('by-stranger');
      sign('stranger', `${repository}@${digest}`, 'tag');
      const [[, message] = []] = await refusals(`oci://${repository}:1`);
      expect(message).toContain('a signature is by no key of the policy');
    },
    timeoutMs,
  );

  it(
    'list no signature as a version of the model',
    async () => {
      const { repository, digest } = await push('listed');
      sign('release', `${repository}@${digest}`, 'tag');
      const artifacts = makeArtifactRepository(repository, options);
      expect((await artifacts.versions(repository, signal)).map(({ version }) => version)).toEqual(['1']);
      await artifacts.close();
    },
    timeoutMs,
  );

  it(
    'do not count by an attestation of the same key: it says something, and perhaps nothing good',
    async () => {
      const { repository, digest } = await push('attested');
      const predicate = path.join(folder, 'scan.json');
      writeFileSync(predicate, JSON.stringify({ findings: ['critical'] }));
      const how = ['--tlog-upload=false', '--allow-http-registry', '--yes', '--new-bundle-format=true'];
      run(
        'attest',
        '--key',
        path.join(folder, 'release.key'),
        '--predicate',
        predicate,
        ...how,
        `${repository}@${digest}`,
      );
      const [[code] = []] = await refusals(`oci://${repository}:1`);
      expect(code).toBe('artifact-not-signed');
    },
    timeoutMs,
  );

  it('are unknown where the registry is away', async () => {
    const short = { ...options, times: { ...registryTimes, attempts: 1, idleMs: 1_000 } };
    const of = {
      contract: { code: {} } as never,
      code: {},
      model: { name: 'digits', digest: artifactDigest(files), place: 'oci://127.0.0.1:9/a/b:1' },
    };
    const seen = await seeArtifacts(policy(), of, { signatures: makeArtifactSignatures(short) });
    expect(findArtifactRefusals(policy(), seen)).toMatchObject([{ code: 'artifact-unknown' }]);
  });
});

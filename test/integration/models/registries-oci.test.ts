import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeArtifactRepository } from '../../../src/adapters/oci/artifact-repository.ts';
import { registryTimes } from '../../../src/adapters/oci/registry/registry-http.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { artifactDigest } from '../../../src/core/registry/artifact.ts';
import { digestOfBytes, type Digest } from '../../../src/core/units/digest.ts';
import type { ArtifactRepository } from '../../../src/ports/artifacts/artifact-repository.ts';
import { packEvidence, packModel } from '../../../src/schemas/artifact/model-pack.ts';
import { modelRegistryContract } from '../../../src/testing/contracts/model-registry-contract.ts';
import { missingPrograms, RealRegistry } from '../../peers/oci-registry.ts';
import { findOras } from '../../peers/registries/servers.ts';

const oras = findOras();
if (missingPrograms.length > 0) console.warn(`skipped: ${missingPrograms.join(', ')} missing`);
if (oras.kind === 'missing') console.warn(`skipped: ${oras.why}`);

const { signal } = new AbortController();
const repositoryOf = (host: string): ArtifactRepository =>
  makeArtifactRepository(`${host}/team/digits`, {
    clock: systemClock,
    env: {},
    plainHttp: false,
    times: registryTimes,
  });

async function push(repository: ArtifactRepository, files: Readonly<Record<string, Uint8Array>>, tag: string) {
  const blobs = new Map(Object.values(files).map((bytes) => [digestOfBytes(bytes), bytes] as const));
  const listed = Object.entries(files).map(([name, bytes]) => ({
    path: name,
    digest: digestOfBytes(bytes),
    bytes: bytes.length,
  }));
  const pack = packModel({
    ...{ environment: 'default', name: 'digits', version: Number(tag), format: 'onnx', files: listed },
    ...{ digest: artifactDigest(listed), signature: null, facts: {}, lineage: {}, createdAtMs: 0, createdBy: 'tests' },
  });
  async function* read(digest: Digest, from: number, length: number) {
    yield await Promise.resolve(blobs.get(digest)!.subarray(from, from + length));
  }
  await repository.push({ files: listed, ...pack }, read, tag, signal);
  return pack;
}

describe.skipIf(missingPrograms.length > 0)('a real OCI registry', () => {
  modelRegistryContract('OCI, by docker-registry', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-oci-push-'));
    const server = await RealRegistry.start(folder, { auth: false });
    const registry = repositoryOf(server.host);
    let tags = 0;
    return {
      registry,
      name: `${server.host}/team/digits`,
      async seed(_name, files) {
        await push(registry, files, String((tags += 1)));
        return String(tags);
      },
      async close() {
        await registry.close();
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  });

  describe('artifacts as others see them', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-oci-seen-'));
    const weights = Buffer.alloc(150 * 1024 * 1024, 7);
    const files = { 'model.onnx': weights, 'conf/labels é.txt': Buffer.from('0\n1\n') };
    let server: RealRegistry;
    let repository: ArtifactRepository;
    let digest: Digest;
    let pack: ReturnType<typeof packModel>;
    beforeAll(async () => {
      server = await RealRegistry.start(folder, { auth: false });
      repository = repositoryOf(server.host);
      pack = await push(repository, files, '1');
      ({ digest } = pack.manifest.descriptor);
    }, 60_000);
    afterAll(async () => {
      await repository.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it('is read raw and copied by skopeo, with the digest that was stated and large blobs in pieces', () => {
      const run = (...args: readonly string[]) =>
        spawnSync('skopeo', ['--insecure-policy', ...args], { encoding: 'utf8' });
      const raw = run('inspect', '--tls-verify=false', '--raw', `docker://${server.host}/team/digits:1`);
      expect(raw.stderr).toBe('');
      expect(digestOfBytes(Buffer.from(raw.stdout))).toBe(digest);
      expect(JSON.parse(raw.stdout)).toMatchObject({ artifactType: 'application/vnd.cncf.model.manifest.v1+json' });
      const copied = run(
        'copy',
        '--src-tls-verify=false',
        `docker://${server.host}/team/digits:1`,
        `oci:${folder}/copy:1`,
      );
      expect([copied.status, copied.stderr]).toEqual([0, '']);
      expect(
        readFileSync(path.join(folder, 'copy/blobs/sha256', digestOfBytes(weights).slice(7))).equals(weights),
      ).toBe(true);
    });

    it.skipIf(oras.kind === 'missing')('is pulled by oras, file by file', () => {
      const out = path.join(folder, 'oras');
      const bin = oras.kind === 'installed' ? path.join(oras.bin, 'oras') : '';
      const run = spawnSync(bin, ['pull', '--plain-http', '-o', out, `${server.host}/team/digits:1`], {
        encoding: 'utf8',
      });
      expect([run.status, run.stderr]).toEqual([0, '']);
      for (const [name, bytes] of Object.entries(files))
        expect(readFileSync(path.join(out, name)).equals(bytes)).toBe(true);
    });

    it('holds evidence that is found again, twice the same once, and by oras', async () => {
      const first = { kind: 'golden', subjects: {}, measurements: { rows: 3 }, measuredAtMs: 1, by: 'ann' };
      const second = { ...first, kind: 'hardware' };
      for (const record of [first, second, first])
        await repository.attach(digest, packEvidence(pack.manifest.descriptor, record, record.kind), signal);
      expect(await repository.evidence(digest, signal)).toEqual([first, second]);
      expect((await repository.manifestOf('1', signal)).digest).toBe(digest);
      if (oras.kind === 'missing') return;
      const run = spawnSync(
        path.join(oras.bin, 'oras'),
        ['discover', '--plain-http', '--format', 'json', `${server.host}/team/digits:1`],
        { encoding: 'utf8' },
      );
      expect(run.stdout.match(/vnd\.plimsoll\.evidence\.v1\+json/g)?.length).toBe(2);
    });
  });

  it('says who is not let in', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-oci-auth-'));
    const server = await RealRegistry.start(folder, { auth: true });
    const repository = repositoryOf(server.host);
    await expect(push(repository, { 'model.onnx': Buffer.from('x') }, '1')).rejects.toMatchObject({
      code: 'remote-refused',
      category: 'unauthorized',
    });
    await repository.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});

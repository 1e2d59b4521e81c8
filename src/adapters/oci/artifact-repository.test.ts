import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArtifactRepository } from '../../ports/artifacts/artifact-repository.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import { packEvidence } from '../../schemas/artifact/model-pack.ts';
import { openRepository, patient, pushFiles } from '../../testing/fakes/servers/pushable-artifacts.ts';
import { PushableRegistry } from '../../testing/fakes/servers/pushable-registry.ts';

const { signal } = new AbortController();
let registry: PushableRegistry;
let repository: ArtifactRepository;
beforeEach(async () => {
  registry = await PushableRegistry.start();
  repository = openRepository(registry.host);
});
afterEach(async () => {
  await repository.close();
  await registry.stop();
});

const record = (kind: string, rows = 3) => ({ kind, subjects: {}, measurements: { rows }, measuredAtMs: 1, by: 'ann' });
const weights = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) % 251));
const push = () => pushFiles(repository, { 'model.onnx': weights, 'labels.txt': Buffer.from('0\n1\n') }, '1');
const attach = async (kinds: readonly string[]) => {
  const pack = await push();
  const { descriptor } = pack.manifest;
  for (const kind of kinds)
    await repository.attach(descriptor.digest, packEvidence(descriptor, record(kind), kind), signal);
  return descriptor.digest;
};
const readModel = async (from: ArtifactRepository) => {
  const place = await from.files(`${registry.host}/team/digits`, '1', signal);
  const file = place.files.find(({ path }) => path === 'model.onnx')!;
  const parts: Uint8Array[] = [];
  for await (const part of place.read(file, signal)) parts.push(part.slice());
  return Buffer.concat(parts);
};

describe('evidence beside an artifact', () => {
  it('is found by the referrers API, with no tag that stands for it', async () => {
    const digest = await attach(['golden', 'hardware', 'golden']);
    expect(await repository.evidence(digest, signal)).toEqual([record('golden'), record('hardware')]);
    expect(registry.requests).toContain(`GET /v2/team/digits/referrers/${digest}`);
    expect([...registry.manifests.keys()].filter((name) => name.startsWith('sha256-'))).toEqual([]);
  });

  it('is found by the tag where the registry has no such API', async () => {
    registry.referrersApi = false;
    const digest = await attach(['golden', 'hardware']);
    expect(await repository.evidence(digest, signal)).toEqual([record('golden'), record('hardware')]);
    expect(registry.manifests.has(digest.replace(':', '-'))).toBe(true);
    expect(await repository.versions(`${registry.host}/team/digits`, signal).catch(() => [])).toEqual([]);
  });

  it('is followed over the pages of a long list', async () => {
    registry.pageSize = 2;
    const kinds = ['golden', 'hardware', 'evaluation', 'cost', 'capacity'];
    expect(await repository.evidence(await attach(kinds), signal)).toEqual(kinds.map((kind) => record(kind)));
    expect(registry.requests.filter((line) => line.includes('/referrers/'))).toHaveLength(3);
  });

  it('is not looked for on another server, nor without an end', async () => {
    const digest = await attach(['golden']);
    const empty = '{"manifests":[]}';
    for (const link of ['<http://elsewhere.example/next>; rel="next"', `</v2/team/digits/referrers/x>; rel="next"`]) {
      registry.script = (request, response) => {
        if (request.url?.includes('/referrers/') !== true) return false;
        response.writeHead(200, { link }).end(empty);
        return true;
      };
      await expect(repository.evidence(digest, signal)).rejects.toMatchObject({ code: 'remote-answer' });
    }
  });

  it('of other kinds is left alone', async () => {
    const digest = await attach(['golden']);
    const signature = Buffer.from(
      JSON.stringify({ schemaVersion: 2, artifactType: 'application/vnd.cncf.notary.signature', subject: { digest } }),
    );
    registry.manifests.set(digestOfBytes(signature), { type: 'x', bytes: signature });
    expect(await repository.evidence(digest, signal)).toEqual([record('golden')]);
  });

  it.each([
    ['is no JSON', (body: string) => body.replace('{', '['), 'remote-answer'],
    ['ends too early', (body: string) => body.slice(0, -3), 'remote-unreachable'],
    ['is another', (body: string) => body.replace('ann', 'eve'), 'remote-answer'],
  ])('whose record %s is refused', async (_what, damage, code) => {
    const digest = await attach(['golden']);
    const [held, bytes] = [...registry.blobs].find(([, each]) => each.includes('ann'))!;
    registry.blobs.set(held, Buffer.from(damage(bytes.toString('utf8'))));
    await expect(repository.evidence(digest, signal)).rejects.toMatchObject({ code });
  });

  it('is attached by two at once without losing either, by the API', async () => {
    const pack = await push();
    const { descriptor } = pack.manifest;
    const other = openRepository(registry.host);
    await Promise.all([
      repository.attach(descriptor.digest, packEvidence(descriptor, record('golden'), 'golden'), signal),
      other.attach(descriptor.digest, packEvidence(descriptor, record('cost'), 'cost'), signal),
    ]);
    await other.close();
    expect(await repository.evidence(descriptor.digest, signal)).toHaveLength(2);
  });
});

it('says of a registry that nobody runs just that', async () => {
  const nobody = openRepository('127.0.0.1:1');
  await expect(nobody.files('127.0.0.1:1/team/digits', '1', signal)).rejects.toMatchObject({
    code: 'remote-unreachable',
    message: 'oci://127.0.0.1:1/team/digits is out of reach after 2 attempts: ECONNREFUSED',
  });
  await nobody.close();
});

describe('a download that goes wrong', () => {
  const ofModel = (url: string | undefined): boolean => url?.endsWith(`/blobs/${digestOfBytes(weights)}`) === true;

  it('goes on where the connection was cut', async () => {
    await push();
    let cuts = 0;
    registry.script = (request, response) => {
      if (!ofModel(request.url) || cuts > 0) return false;
      cuts += 1;
      response.writeHead(200, { 'content-length': weights.length });
      response.write(weights.subarray(0, 70_000), () => setImmediate(() => request.socket.destroy()));
      return true;
    };
    expect((await readModel(repository)).equals(weights)).toBe(true);
    expect(cuts).toBe(1);
  });

  it('is given up where the server is gone for good, and says so', async () => {
    await push();
    registry.script = (request, response) => {
      if (!ofModel(request.url)) return false;
      response.writeHead(200, { 'content-length': weights.length });
      response.write(weights.subarray(0, 70_000), () => setImmediate(() => void registry.stop()));
      return true;
    };
    await expect(readModel(repository)).rejects.toMatchObject({
      code: 'remote-unreachable',
      category: 'unavailable',
    });
    registry = await PushableRegistry.start();
  });

  it('that only drips is given up after a minute of it', async () => {
    await push();
    const clock = patient();
    let nowMs = 0;
    Object.assign(clock, { monotonicMs: () => (nowMs += 40_000) });
    const slow = openRepository(registry.host, clock);
    let asked = 0;
    registry.script = (request, response) => {
      if (!ofModel(request.url)) return false;
      asked += 1;
      const from = Number(/=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from === 0 ? 200 : 206, { 'content-range': `bytes ${from}-199999/200000` });
      const drip = setInterval(() => void response.write('x'), 5);
      response.on('close', () => clearInterval(drip));
      return true;
    };
    const failed: unknown = await readModel(slow).catch((thrown: unknown) => thrown);
    await slow.close();
    expect(failed).toMatchObject({
      code: 'remote-unreachable',
      message: expect.stringContaining('less than 65536 bytes a minute'),
    });
    expect(asked).toBe(2);
  });

  it('keeps to the version that its tag meant, though the tag moves meanwhile', async () => {
    await push();
    const place = await repository.files(`${registry.host}/team/digits`, '1', signal);
    const moved = await pushFiles(repository, { 'model.onnx': Buffer.from('another') }, '1');
    expect(place.manifest?.digest).not.toBe(moved.manifest.descriptor.digest);
    const parts: Uint8Array[] = [];
    for await (const part of place.read(
      place.files.find(({ path }) => path === 'model.onnx')!,
      signal,
    ))
      parts.push(part.slice());
    expect(Buffer.concat(parts).equals(weights)).toBe(true);
  });
});

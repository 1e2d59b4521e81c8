/** `plimsoll up --replica-user` as root: a service that runs as a user of its own, and a secret that changes under it. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { makeCertificate, missingOpenssl } from '../../../src/testing/rigs/certificates.ts';
import { UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code:
  command: [plimsoll, serve-model]
  secrets: { TOKEN: secret/hf#token, TOKEN_FILE: secret-file/hf#token }
  ${missingOpenssl === null ? 'tls: tiny-tls' : ''}
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
`;
const isRoot = process.getuid?.() === 0;
const user = 73_000;

describe.skipIf(!isRoot)('replicas as another user, from `up` to its end', { timeout: 600_000 }, () => {
  let project: UserProject;
  beforeAll(async () => {
    const files = {
      'plimsoll.yaml': contract,
      'model.onnx': tinyModel(1).bytes,
      'golden.jsonl': `${JSON.stringify({ x: rowOf(1) })}\n`,
      'first.txt': 'first-value',
      'second.txt': 'second-value',
    };
    const tls = missingOpenssl === null ? makeReplicaTls() : null;
    const env = { PLIMSOLL_REPLICA_USER: `${user}-${user + 9}`, ...tls?.env };
    project = new UserProject({ files: { ...files, ...tls?.files }, env });
    chmodSync(project.folder, 0o755);
    await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
    await project.passing('secret', 'set', 'hf', 'token', '--from-file', 'first.txt');
    await project.passing('secret', 'grant', 'hf');
    for (const key of Object.keys(tls?.files ?? {})) {
      await project.passing('secret', 'set', 'tiny-tls', key, '--from-file', key);
    }
    if (tls !== null) await project.passing('secret', 'grant', 'tiny-tls');
    await project.passing('pin');
    await project.passing('golden', 'record');
    await project.up();
    expect(await project.passing('release')).toContain('release 1 is live');
  });
  afterAll(async () => {
    expect(await project.stop()).toEqual({ status: 0, left: 0 });
    project.remove();
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  });
  let folder: string | null = null;
  /** Of every environment of the service: the golden set is recorded in one of its own. */
  const makeReplicaTls = () => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-replica-'));
    const authority = makeCertificate(folder, 'authority', { commonName: 'replicas' });
    const alternativeNames = 'DNS:tiny.plimsoll';
    const replica = makeCertificate(folder, 'replica', { commonName: 'tiny', alternativeNames, authority });
    const client = makeCertificate(folder, 'client', { commonName: 'gateways', authority });
    return {
      env: {
        PLIMSOLL_REPLICA_CA_FILE: authority.cert,
        PLIMSOLL_REPLICA_CERT_FILE: client.cert,
        PLIMSOLL_REPLICA_KEY_FILE: client.key,
      },
      files: {
        'tls.crt': readFileSync(replica.cert, 'utf8'),
        'tls.key': readFileSync(replica.key, 'utf8'),
        'ca.crt': readFileSync(authority.cert, 'utf8'),
      },
    };
  };

  const replica = async (): Promise<{ replicaId: string; pid: number }> => {
    const found = (await project.view()).replicas.find(({ state }) => state === 'ready');
    return { replicaId: found?.replicaId ?? '', pid: found?.pid ?? 0 };
  };
  const infer = async (): Promise<number> => {
    const answer = await fetch(`${project.gatewayUrl}/v2/models/tiny/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: inferBody(rowOf(1)),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const environmentOf = (pid: number): string => readFileSync(`/proc/${pid}/environ`, 'latin1');

  it('the replica of the built-in server runs as its user, without privileges, and answers', async () => {
    await until('the gateway answers', async () => (await infer()) === 200);
    const { pid } = await replica();
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    // The golden set was recorded under the name of the service alone, which took the first user.
    expect(Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])).toBe(user + 1);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(environmentOf(pid)).toContain('TOKEN=first-value');
    expect(environmentOf(pid)).not.toContain('PLIMSOLL_GIVEN');
    expect(statSync(project.stateFolder).mode & 0o777).toBe(0o711);
  });

  it.skipIf(missingOpenssl !== null)(
    'the replica answers with its certificate, and to nobody without one',
    async () => {
      const endpoint = (await project.view()).replicas.find(({ state }) => state === 'ready')?.endpoint ?? '';
      expect(endpoint).toMatch(/^https:/);
      const plain = await fetch(`${endpoint.replace('https:', 'http:')}/v2/health/ready`).catch(() => null);
      expect(plain).toBeNull();
    },
  );

  it('doctor says whose rights replicas have', async () => {
    const { stdout } = await project.plimsoll('doctor');
    expect(stdout).toContain(`Replicas run as users ${user} to ${user + 9}, one for each service.`);
  });

  it('another value of a secret replaces the replica under traffic, with an event and without a release', async () => {
    const before = await replica();
    const file = `${project.stateFolder}/run/replicas/${before.replicaId}/secrets/TOKEN_FILE`;
    expect(readFileSync(file, 'utf8')).toBe('first-value');
    const statuses = new Set<number>();
    await project.passing('secret', 'set', 'hf', 'token', '--from-file', 'second.txt');
    await until('another replica serves with the new value', async () => {
      statuses.add(await infer());
      const now = await replica();
      return now.pid > 0 && now.replicaId !== before.replicaId && environmentOf(now.pid).includes('TOKEN=second-value');
    });
    await until('the outdated one is gone', async () => {
      statuses.add(await infer());
      return (await project.view()).replicas.every(
        ({ replicaId, state }) => replicaId !== before.replicaId || state === 'stopped',
      );
    });
    expect([...statuses]).toEqual([200]);
    const events = JSON.stringify(await (await fetch(`${project.pageUrl}/v1/events`)).json());
    expect(events).toContain('TOKEN has another value since its start');
    expect(events).not.toMatch(/first-value|second-value/);
    expect(events.match(/"kind":"release\.created"/g)).toHaveLength(1);
  });
});

describe('what cannot work is refused before anything runs', { timeout: 120_000 }, () => {
  it.each<[string, string]>([
    ['0', isRoot ? 'user 0 is root' : 'only where root starts them'],
    ['no-such-user-here', isRoot ? 'has no user no-such-user-here' : 'only where root starts them'],
  ])('up --replica-user %s', async (replicaUser, says) => {
    const project = new UserProject({ files: { 'plimsoll.yaml': contract } });
    try {
      const ran = await project.plimsoll('up', '--gateway-listen', '127.0.0.1:0', '--replica-user', replicaUser);
      expect([ran.status, ran.stderr]).toEqual([2, expect.stringContaining(says)]);
      expect(ran.stderr).toContain('next:');
    } finally {
      project.remove();
    }
  });
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + 120_000;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > giveUpMs) throw new Error(`${what}: did not come about`);
    await delay(100);
  }
}

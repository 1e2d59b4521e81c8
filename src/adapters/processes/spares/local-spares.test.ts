import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSimulatedDevices } from '../../../core/pool/simulated-devices.ts';
import { makeWorkloadSpareKey, readSpareNeeds } from '../../../core/rollout/spare-needs.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { Workload } from '../../../ports/serving/platform.ts';
import type { ObservedSpare, SpareSpec } from '../../../ports/serving/spares.ts';
import { bundleProgram } from '../../../testing/rigs/bundled-program.ts';
import { openLocalFixture, type LocalFixture } from '../../../testing/rigs/local-platform-fixture.ts';
import type { LocalPlatform } from '../local-platform.ts';
import { makeProcessTable } from '../process-table/this-machine.ts';
import { replicaFolder, writeRecord, type ReplicaRecord } from '../replica/replica-record.ts';
import { writeDurably } from '../../files/write-durably.ts';
import { spareFolder, sparesFolder } from './spare-record.ts';

const program = bundleProgram(path.join(import.meta.dirname, '../../../testing/rigs/programs/spare-server.ts'));
const never = new AbortController().signal;
const patient = { timeout: 60_000, interval: 20 };
const environment = 'test';
const workload: Workload = {
  command: ['plimsoll', 'serve-model', '--threads', '2'],
  args: ['--port=${PLIMSOLL_PORT}'],
  env: { PLACE: 'here' },
  secrets: {},
  protocol: 'open-inference-v2',
  codeFiles: [],
  model: { name: 'digits', version: 3, digest: digestOf('model'), files: [] },
  devices: 0,
};
const spares = (count: number): readonly SpareSpec[] => [
  { environment, fits: makeWorkloadSpareKey(workload), needs: readSpareNeeds(workload), count },
];

describe('spares of the local platform', { timeout: 120_000 }, () => {
  let fixture: LocalFixture;
  let platform: LocalPlatform;
  beforeEach(async () => {
    fixture = await openLocalFixture({ ownCommand: [process.execPath, program] });
    ({ platform } = fixture);
  });
  afterEach(() => fixture.close());

  const run = (service: string, replicas = 1, of: Workload = workload): Promise<void> =>
    platform.apply(
      { service, environment },
      [
        {
          ...{ set: `${service}-test-aaaaaaaaaaaa`, pair: digestOf(service), release: 1, replicas, stopFirst: [] },
          ...{ workload: of, drainTimeoutMs: 5_000, startTimeoutMs: 60_000 },
        },
      ],
      never,
    );
  const seen = (service: string): Promise<readonly ObservedReplica[]> =>
    platform.observe({ service, environment }, never);
  const ready = async (service: string, count = 1): Promise<readonly ObservedReplica[]> => {
    const readyOf = async () => (await seen(service)).filter(({ state }) => state === 'ready');
    await expect.poll(async () => (await readyOf()).length, patient).toBe(count);
    return readyOf();
  };
  const standing = (): Promise<readonly ObservedSpare[]> => platform.spares.observe(never);
  /** Keeps asking, as a control plane does. */
  const free = async (count: number): Promise<readonly ObservedSpare[]> => {
    const freeOf = async () => (await standing()).filter(({ state }) => state === 'free');
    await expect
      .poll(async () => {
        await platform.spares.keep(spares(count), never);
        return (await freeOf()).length;
      }, patient)
      .toBe(count);
    return freeOf();
  };
  const given = async ({ endpoint }: ObservedReplica): Promise<Given> =>
    (await (await fetch(`${endpoint}/given`)).json()) as Given;
  const marked = (): readonly number[] =>
    makeProcessTable()
      .marked({ PLIMSOLL_HOME: fixture.stateFolder })
      .map(({ pid }) => pid);
  it('keeps the wanted number, and ends them when none is wanted', async () => {
    const before = await free(2);
    expect(new Set(before.map(({ pid }) => pid)).size).toBe(2);
    expect((await free(1)).length).toBe(1);
    await platform.spares.keep([], never);
    await expect.poll(() => marked(), patient).toEqual([]);
    await expect.poll(() => readdir(sparesFolder(fixture.stateFolder)), patient).toEqual([]);
  });

  it('makes a replica of a spare: the same process, with model, variables, words and folder of the replica', async () => {
    const [spare] = await free(1);
    await run('digits');
    const [replica] = await ready('digits');
    expect(replica).toMatchObject({ pid: spare?.pid, spare: spare?.spareId });
    const folder = replicaFolder(fixture.stateFolder, replica?.replicaId ?? '');
    expect(await given(replica as ObservedReplica)).toMatchObject({
      wasSpare: true,
      cwd: folder.work,
      args: ['--threads', '2', `--port=${new URL(replica?.endpoint ?? '').port}`],
      env: { PLACE: 'here', PLIMSOLL_REPLICA_ID: replica?.replicaId, PLIMSOLL_MODEL_VERSION: '3' },
    });
    // Its process started before anybody asked for it.
    expect(replica?.phases.flatMap(({ phases }) => phases)).not.toContain('process-start');
    expect(await standing()).toMatchObject([{ state: 'taken', takenBy: replica?.replicaId }]);
    expect((await platform.logs(replica?.replicaId ?? '', 5, never)).join()).toContain('"spare"');
  });

  it('gives the spares of an environment to whichever service starts, and starts others as ever', async () => {
    const pids = (await free(2)).map(({ pid }) => pid);
    await run('digits');
    await run('fraud', 2);
    const replicas = [...(await ready('digits')), ...(await ready('fraud', 2))];
    expect(replicas.filter(({ spare }) => spare !== undefined).map(({ pid }) => pid)).toEqual(
      expect.arrayContaining(pids),
    );
    expect(replicas.filter(({ spare }) => spare === undefined)).toHaveLength(1);
    expect((await free(2)).every(({ pid }) => !pids.includes(pid))).toBe(true);
  });

  it('keeps a spare for the service that left a replica to it', async () => {
    const [spare] = await free(1);
    const keptFor = (service: string) => spares(1).map((spec) => ({ ...spec, left: { [service]: 1 } }));
    await platform.spares.keep(keptFor('fraud'), never);
    await run('digits');
    expect((await ready('digits'))[0]?.spare).toBeUndefined();
    await run('fraud');
    expect((await ready('fraud'))[0]).toMatchObject({ spare: spare?.spareId });
  });

  it.each([
    ['another program', { command: [process.execPath, program, 'serve-model'] }],
    ['variables that a process reads when it starts', { env: { OMP_NUM_THREADS: '1' } }],
    ['other devices', { deviceMemoryBytes: 1 }],
  ])('is not taken by a workload with %s', async (_name, other) => {
    await free(1);
    await run('digits', 1, { ...workload, ...other });
    const [replica] = await ready('digits');
    expect(replica?.spare).toBeUndefined();
    expect((await standing()).map(({ state }) => state)).toEqual(['free']);
  });

  it('is not taken by a service of another environment', async () => {
    await free(1);
    const owner = { service: 'digits', environment: 'prod' };
    const set = { set: 'digits-prod-aaaaaaaaaaaa', pair: digestOf('p'), release: 1, replicas: 1, stopFirst: [] };
    await platform.apply(owner, [{ ...set, workload, drainTimeoutMs: 5_000, startTimeoutMs: 60_000 }], never);
    await expect
      .poll(async () => (await platform.observe(owner, never)).map(({ state }) => state), patient)
      .toEqual(['ready']);
    expect((await standing()).map(({ state }) => state)).toEqual(['free']);
  });

  it('is as it was when the replica could not be prepared', async () => {
    const [spare] = await free(1);
    await run('digits', 1, { ...workload, secrets: { TOKEN: 'secret/none#token' } });
    await expect.poll(async () => (await seen('digits'))[0]?.reason, patient).toContain('not started');
    expect(await free(1)).toMatchObject([{ spareId: spare?.spareId, pid: spare?.pid }]);
  });

  it('starts the replica as ever when its spare died, and replaces the spare', async () => {
    const [spare] = await free(1);
    // Nobody has seen yet that it is gone, or it is gone between its choice and its order.
    process.kill(spare?.pid ?? 0, 'SIGKILL');
    await run('digits');
    const [replica] = await ready('digits');
    expect(replica?.pid).not.toBe(spare?.pid);
    expect(replica?.spare).toBeUndefined();
    expect((await free(1))[0]?.pid).not.toBe(spare?.pid);
    expect(marked()).toHaveLength(2);
  });

  it('has an order that only its token opens', async () => {
    const [spare] = await free(1);
    const folder = spareFolder(fixture.stateFolder, spare?.spareId ?? '');
    expect((await stat(folder.token)).mode & 0o077).toBe(0);
    expect((await stat(folder.root)).mode & 0o077).toBe(0);
    // It is free before its record says so.
    const readPort = async (): Promise<number | null> =>
      (JSON.parse(await readFile(folder.record, 'utf8')) as { readonly port: number | null }).port;
    await expect.poll(readPort, patient).not.toBeNull();
    const port = await readPort();
    const answer = await fetch(`http://127.0.0.1:${port}/plimsoll/spare/order`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(401);
  });

  describe('for the next control plane', () => {
    it('are kept, and a replica that was one is adopted under its own name', async () => {
      await free(2);
      await run('digits');
      const [replica] = await ready('digits');
      const before = (await standing()).filter(({ state }) => state === 'free').map(({ pid }) => pid);
      platform = (await fixture.reopen()) as LocalPlatform;
      await run('digits');
      expect(await ready('digits')).toMatchObject([{ replicaId: replica?.replicaId, pid: replica?.pid }]);
      expect((await free(1)).map(({ pid }) => pid)).toEqual(before);
      expect(marked()).toHaveLength(2);
    });

    it('kill one that a replica named and that may have no order, and start the slot at once', async () => {
      const [spare] = await free(1);
      await platform.close();
      const { spareId, pid } = spare as ObservedSpare;
      const { identity } = JSON.parse(await readFile(spareFolder(fixture.stateFolder, spareId).record, 'utf8')) as {
        readonly identity: string;
      };
      await writeRecord(
        { stateFolder: fixture.stateFolder, writeDurably },
        {
          ...claimOf('digits'),
          ...{ pid, identity, spare: { id: spareId, orderedAtMs: null } },
        },
      );
      platform = fixture.beside();
      await run('digits');
      await platform.spares.keep(spares(0), never);
      const [replica] = await ready('digits');
      expect(replica?.pid).not.toBe(pid);
      expect(marked()).toEqual([replica?.pid]);
      expect((await seen('digits')).length).toBe(1);
    });

    it('kill what carries the mark of a spare that has no record, and one whose replica has ended', async () => {
      const [lost, orphan] = await free(2);
      await platform.close();
      await rm(spareFolder(fixture.stateFolder, lost?.spareId ?? '').root, { recursive: true });
      const ended = { ...claimOf('digits'), state: 'stopped', endedAtMs: 1, pid: orphan?.pid ?? null } as const;
      await writeRecord(
        { stateFolder: fixture.stateFolder, writeDurably },
        { ...ended, spare: { id: orphan?.spareId ?? '', orderedAtMs: 1 } },
      );
      platform = fixture.beside();
      await platform.spares.keep([], never);
      await expect.poll(() => marked(), patient).toEqual([]);
    });
  });

  it('leaves nothing of a replica that was one once it has stopped', async () => {
    await free(1);
    await run('digits');
    const [replica] = await ready('digits');
    await platform.spares.keep([], never);
    await run('digits', 0);
    await expect.poll(() => marked(), patient).toEqual([]);
    const { root } = spareFolder(fixture.stateFolder, replica?.spare ?? '');
    await expect.poll(() => existsSync(root), patient).toBe(false);
  });

  it('is drained with its replica while that is not ready yet', async () => {
    const hold = path.join(fixture.stateFolder, 'hold');
    await writeFile(hold, '');
    await free(1);
    await run('digits', 1, { ...workload, env: { HOLD: hold } });
    await expect.poll(async () => (await seen('digits')).map(({ state }) => state), patient).toEqual(['starting']);
    await platform.spares.keep([], never);
    await run('digits', 0);
    await expect.poll(() => marked(), patient).toEqual([]);
  });
});

describe('spares on a machine with one device in two MPS shares', { timeout: 120_000 }, () => {
  let fixture: LocalFixture;
  beforeEach(async () => {
    const devices = makeSimulatedDevices([
      { product: 'L4', count: 1, memoryBytes: 24 * 2 ** 30, sharing: 'mps', shares: 2 },
    ]);
    fixture = await openLocalFixture({
      devices: () => Promise.resolve(devices),
      ownCommand: [process.execPath, program],
    });
  });
  afterEach(() => fixture.close());

  it('hold a part of the device, which the replica that takes them has from then on', async () => {
    const { platform } = fixture;
    const half: Workload = { ...workload, devices: 1, sharing: ['mps'] };
    const spec = { environment, fits: makeWorkloadSpareKey(half), needs: readSpareNeeds(half) };
    const standing = async (state: ObservedSpare['state']) =>
      (await platform.spares.observe(never)).filter((each) => each.state === state);
    const partOf = ({ devices }: Pick<ObservedSpare, 'devices'>) =>
      devices?.devices?.map(({ uuid, share }) => `${uuid}::${share}`);
    const keep = (count: number) => platform.spares.keep([{ ...spec, count }], never);
    const untilFree = (count: number) =>
      expect.poll(async () => (await keep(count), (await standing('free')).length), patient).toBe(count);
    const run = (service: string, of: Workload) =>
      platform.apply(
        { service, environment },
        [
          {
            ...{ set: `${service}-test-aaaaaaaaaaaa`, pair: digestOf(service), release: 1, replicas: 1, stopFirst: [] },
            ...{ workload: of, drainTimeoutMs: 5_000, startTimeoutMs: 60_000 },
          },
        ],
        never,
      );
    const one = async (service: string) => (await platform.observe({ service, environment }, never))[0];

    await untilFree(1);
    const [spare] = await standing('free');
    await run('digits', half);
    await expect.poll(async () => (await one('digits'))?.state, patient).toBe('ready');
    const replica = await one('digits');
    expect(replica?.pid).toBe(spare?.pid);
    expect(partOf(replica ?? {})).toEqual(partOf(spare ?? {}));
    expect(partOf(replica ?? {})).toHaveLength(1);
    const { env } = (await (await fetch(`${replica?.endpoint}/given`)).json()) as Given;
    expect(Object.keys(env).filter((name) => name.startsWith('CUDA_'))).not.toEqual([]);

    // The next spare has the other part. What fits no spare waits for a device, and gets the part of a spare that ends.
    await untilFree(1);
    const parts = [...(await standing('free')), ...(await standing('taken'))].flatMap((each) => partOf(each) ?? []);
    expect(new Set(parts).size).toBe(2);
    await run('other', { ...half, env: { OMP_NUM_THREADS: '1' } });
    await expect.poll(async () => (await one('other'))?.reason, patient).toContain('waits for a device');
    await platform.spares.keep([], never);
    await expect.poll(async () => (await one('other'))?.state, patient).toBe('ready');
    expect(new Set([...(partOf((await one('other')) ?? {}) ?? []), ...(partOf(replica ?? {}) ?? [])]).size).toBe(2);
  });
});

interface Given {
  readonly pid: number;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly wasSpare: boolean;
}

/** The record of a replica whose spare was named and which nobody has told of since. */
const claimOf = (service: string): ReplicaRecord => ({
  recordVersion: 1,
  replicaId: `${service}-test-aaaaaaaaaaaa-0001`,
  service,
  environment,
  set: `${service}-test-aaaaaaaaaaaa`,
  pair: digestOf(service),
  release: 1,
  slot: 0,
  restarts: 0,
  failuresInRow: 0,
  protocol: 'open-inference-v2',
  model: 'digits',
  state: 'starting',
  reason: 'its process was a spare',
  endpoint: 'http://127.0.0.1:1',
  pid: null,
  identity: null,
  keeper: null,
  scheduledAtMs: 1,
  layOutMs: 1,
  spawnedAtMs: 1,
  readyAtMs: null,
  drainUntilMs: null,
  endedAtMs: null,
  nextStartAtMs: null,
  startTimeoutMs: 60_000,
  drainTimeoutMs: 5_000,
  phases: [],
});

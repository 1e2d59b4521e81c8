import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { digestOf, digestOfBytes, type Digest } from '../../core/units/digest.ts';
import type { ReplicaSetSpec, Workload } from '../../ports/serving/platform.ts';
import { openLocalFixture, scriptedWorkload, type LocalFixture } from '../../testing/rigs/local-platform-fixture.ts';
import { platformContract } from '../../testing/contracts/platform-contract.ts';
import { writeDurably } from '../files/write-durably.ts';
import { makeFileSecrets } from './file-secrets.ts';
import type { LocalPlatform } from './local-platform.ts';
import { replicaFolder, type ReplicaRecord } from './replica/replica-record.ts';
import { makeProcessTable } from './process-table/this-machine.ts';

platformContract('local', () => openLocalFixture());

const owner = { service: 'digits', environment: 'test' };
const never = new AbortController().signal;

describe('the local platform', { timeout: 120_000 }, () => {
  let fixture: LocalFixture;
  let platform: LocalPlatform;
  beforeEach(async () => {
    fixture = await openLocalFixture();
    ({ platform } = fixture);
  });
  afterEach(() => fixture.close());

  const spec = (workload: Workload, more: Partial<ReplicaSetSpec> = {}): ReplicaSetSpec => ({
    set: 'digits-test-aaaaaaaaaaaa',
    pair: digestOf('pair'),
    release: 1,
    replicas: 1,
    stopFirst: [],
    workload,
    drainTimeoutMs: 5_000,
    startTimeoutMs: 10_000,
    ...more,
  });
  const run = (workload: Workload, more: Partial<ReplicaSetSpec> = {}): Promise<void> =>
    platform.apply(owner, [spec(workload, more)], never);
  const one = async (what: string, holds: (replica: ObservedReplica) => boolean): Promise<ObservedReplica> => {
    let seen: readonly ObservedReplica[] = [];
    // Ends before the test's own timeout would, to say what it saw last.
    for (const endMs = performance.now() + 100_000; performance.now() < endMs;) {
      seen = await platform.observe(owner, never);
      const found = seen.find(holds);
      if (found !== undefined) return found;
      await delay(20);
    }
    throw new Error(`${what} did not come about; last seen: ${JSON.stringify(seen)}`);
  };
  const ready = (): Promise<ObservedReplica> => one('ready', (replica) => replica.state === 'ready');
  const failed = (): Promise<ObservedReplica> => one('failed', (replica) => replica.state === 'failed');
  const given = async (replica: ObservedReplica): Promise<Given> =>
    (await (await fetch(`${replica.endpoint ?? ''}/given`)).json()) as Given;
  const modelFile = async (bytes: Uint8Array): Promise<{ path: string; digest: Digest; bytes: number }> => {
    const { digest } = await fixture.blobs.put(bytes);
    return { path: 'model.bin', digest, bytes: bytes.length };
  };
  const replicas = (): string => path.join(fixture.stateFolder, 'run/replicas');
  const ended = (pid: number | null): Promise<void> =>
    expect.poll(() => makeProcessTable().identity(pid ?? 0), patient).toBeNull();
  /** Resolves once the process is gone. */
  const kill = async ({ pid }: ObservedReplica): Promise<void> => {
    process.kill(pid ?? 0, 'SIGKILL');
    await ended(pid);
  };
  const recordOf = async (replicaId: string): Promise<ReplicaRecord> =>
    JSON.parse(await readFile(replicaFolder(fixture.stateFolder, replicaId).record, 'utf8')) as ReplicaRecord;

  describe('what a replica is given', () => {
    it('has its model, its code, its variables and nothing of the shell that started it', async () => {
      const model = await modelFile(Buffer.from('weights'));
      const code = await fixture.blobs.put(Buffer.from('#!/bin/sh\n'));
      process.env['PLIMSOLL_TEST_LEAK'] = 'token';
      try {
        await run(
          scriptedWorkload(
            {},
            {
              args: ['--port=${PLIMSOLL_PORT}', '${HOME}'],
              env: { PLACE: 'model in ${PLIMSOLL_MODEL_DIR}' },
              codeFiles: [{ path: 'bin/run.sh', digest: code.digest, bytes: 10 }],
              model: { name: 'digits', version: 3, digest: digestOf('m'), files: [model] },
            },
          ),
        );
        const replica = await ready();
        const seen = await given(replica);
        const folder = replicaFolder(fixture.stateFolder, replica.replicaId);
        expect(seen.model).toBe('weights');
        expect(seen.cwd).toBe(folder.work);
        expect(seen.args).toEqual([`--port=${new URL(replica.endpoint ?? '').port}`, '${HOME}']);
        expect(seen.env).toMatchObject({
          PLACE: `model in ${folder.model}`,
          PLIMSOLL_REPLICA_ID: replica.replicaId,
          PLIMSOLL_HOME: fixture.stateFolder,
          PLIMSOLL_MODEL_NAME: 'digits',
          PLIMSOLL_MODEL_VERSION: '3',
          PLIMSOLL_MODEL_FILES: JSON.stringify({ 'model.bin': model.digest }),
        });
        expect(seen.env).not.toHaveProperty('PLIMSOLL_TEST_LEAK');
        expect(seen.env).not.toHaveProperty('VITEST');
        expect((await stat(path.join(folder.work, 'bin/run.sh'))).mode & 0o111).not.toBe(0);
        expect((await stat(path.join(folder.model, 'model.bin'))).mode & 0o222).toBe(0);
      } finally {
        delete process.env['PLIMSOLL_TEST_LEAK'];
      }
    });

    it('has secrets by reference, which appear in no record', async () => {
      const secrets = makeFileSecrets(fixture.stateFolder, writeDurably);
      await secrets.set('hf', 'token', 'hush-hush\n');
      await secrets.grant('hf', { service: owner.service, environment: owner.environment });
      await run(
        scriptedWorkload(
          { stderr: 'cannot log in with hush-hush', exit: { afterMs: 20, status: 1 } },
          { secrets: { HF_TOKEN: 'secret/hf#token' } },
        ),
      );
      const replica = await failed();
      expect(replica.reason).toContain('cannot log in with ***');
      expect(JSON.stringify(await recordOf(replica.replicaId))).not.toContain('hush-hush');
    });

    it('says which secret is not granted and how to grant it', async () => {
      await makeFileSecrets(fixture.stateFolder, writeDurably).set('hf', 'token', 'hush-hush');
      await run(scriptedWorkload({}, { secrets: { HF_TOKEN: 'secret/hf#token' } }));
      const { service, environment } = owner;
      expect((await failed()).reason).toContain(
        `not started: the secret hf is not granted to ${service} in ${environment}; next: plimsoll secret grant hf --service ${service} --environment ${environment}`,
      );
    });

    it('says which secret is missing and where it belongs', async () => {
      await makeFileSecrets(fixture.stateFolder, writeDurably).grant('hf', {
        service: owner.service,
        environment: null,
      });
      await run(scriptedWorkload({}, { secrets: { HF_TOKEN: 'secret/hf#token' } }));
      expect((await failed()).reason).toMatch(/secret\/hf#token is in neither .*secrets\/hf\/token nor/);
    });
  });

  describe('what is never started', () => {
    it('does not start from a corrupt blob, and names both digests', async () => {
      const model = await modelFile(Buffer.from('weights'));
      const hex = model.digest.slice('sha256:'.length);
      const blob = path.join(fixture.stateFolder, 'blobs/sha256', hex.slice(0, 2), hex.slice(2));
      await rm(blob);
      await writeFile(blob, 'weightz');
      await run(scriptedWorkload({}, { model: { name: 'digits', version: 1, digest: digestOf('m'), files: [model] } }));
      const replica = await failed();
      expect(replica.reason).toContain(model.digest);
      expect(replica.reason).toContain(digestOfBytes(Buffer.from('weightz')));
      expect(replica.pid).toBeNull();
      expect(await recordOf(replica.replicaId)).toMatchObject({ pid: null, spawnedAtMs: null });
    });

    it('says that a program is missing', async () => {
      await run(scriptedWorkload({}, { command: ['no-such-program'] }));
      expect((await failed()).reason).toMatch(/no program `no-such-program` in PATH/);
    });

    it('says that an image alone cannot run here', async () => {
      await run(scriptedWorkload({}, { command: [], image: 'registry.example/digits:1' }));
      expect((await failed()).reason).toMatch(/runs `code.command`.*registry.example\/digits:1/);
    });

    it('refuses a file that would leave the folder', async () => {
      const model = { ...(await modelFile(Buffer.from('x'))), path: '../../../escape' };
      await run(scriptedWorkload({}, { model: { name: 'digits', version: 1, digest: digestOf('m'), files: [model] } }));
      expect((await failed()).reason).toMatch(/leaves its folder/);
    });
  });

  describe('starts and ends', () => {
    it('shows the phases that the server reported, and the start of its process before them', async () => {
      await run(
        scriptedWorkload({
          phases: [
            { phases: ['weights-load', 'engine-init'], startMs: 40, durationMs: 30 },
            { phases: ['warm-up'], startMs: 70, durationMs: 5 },
          ],
        }),
      );
      const { phases } = await ready();
      expect(phases.map((phase) => phase.phases)).toEqual([
        ['weights-fetch'],
        ['process-start'],
        ['weights-load', 'engine-init'],
        ['warm-up'],
      ]);
      expect(phases[1]?.durationMs).toBeCloseTo(40, 3);
    });

    it('merges what cannot be told apart', async () => {
      await run(scriptedWorkload({ readyAfterMs: 20 }));
      const { phases } = await ready();
      expect(phases.at(-1)?.phases).toEqual(['process-start', 'weights-load', 'engine-init', 'warm-up']);
      expect(phases.at(-1)?.durationMs).toBeGreaterThan(20);
    });

    it('waits longer after each failure, and quotes the last words', async () => {
      await run(scriptedWorkload({ stderr: 'CUDA out of memory', exit: { afterMs: 0, status: 3 } }));
      await one('a fourth start', (r) => r.restarts === 3);
      // From the records: each failure stands for a tenth of a second or two, and a busy machine misses it.
      const written = (await readdir(replicas())).filter((id) =>
        existsSync(replicaFolder(fixture.stateFolder, id).record),
      );
      const records = await Promise.all(written.map(recordOf));
      const reasons = records.sort((a, b) => a.restarts - b.restarts).map(({ reason }) => reason);
      expect(reasons[0]).toMatch(/^exit status 3 after [\d.]+ s: "CUDA out of memory"; next start in 0.1 s$/);
      expect(reasons[1]).toMatch(/next start in 0.2 s$/);
      expect(reasons[2]).toMatch(/next start in 0.4 s$/);
    });

    it('names the signal that ended a replica, and is back at once when it had been well', async () => {
      await fixture.close();
      fixture = await openLocalFixture({ restart: { firstDelayMs: 60_000, maxDelayMs: 60_000, resetAfterReadyMs: 0 } });
      ({ platform } = fixture);
      await run(scriptedWorkload({}));
      const replica = await ready();
      process.kill(replica.pid ?? 0, 'SIGKILL');
      await one('another', (r) => r.replicaId !== replica.replicaId && r.state === 'ready');
      expect((await recordOf(replica.replicaId)).reason).toMatch(/^signal SIGKILL after [\d.]+ s; next start at once$/);
    });

    it('takes a replica out when it is ready no longer, and back when it is again', async () => {
      const flag = path.join(fixture.stateFolder, 'unready');
      await run(scriptedWorkload({ unreadyWhile: flag }));
      const replica = await ready();
      await writeFile(flag, '');
      const unready = await one('unready', (r) => r.state === 'starting');
      expect(unready.reason).toMatch(/ready no longer: GET \/v2\/health\/ready answered 503/);
      await rm(flag);
      expect((await ready()).pid).toBe(replica.pid);
    });

    it('holds no start timeout for a replica that was ready, also in the next control plane, and ends one that is stuck', async () => {
      const flag = path.join(fixture.stateFolder, 'asleep');
      const workload = scriptedWorkload({ unreadyWhile: flag });
      const startTimeoutMs = 300;
      await run(workload);
      const { replicaId, pid } = await ready();
      await run(workload, { startTimeoutMs, asleep: [replicaId] });
      await writeFile(flag, '');
      await one('unready', (r) => r.state === 'starting');
      await platform.close();
      const asleep = { ...(await recordOf(replicaId)), startTimeoutMs };
      expect(asleep.asleep).toBe(true);
      await writeFile(replicaFolder(fixture.stateFolder, replicaId).record, JSON.stringify(asleep));
      platform = fixture.beside();
      await run(workload, { startTimeoutMs, asleep: [replicaId] });
      await delay(2 * startTimeoutMs);
      expect(await platform.observe(owner, never)).toMatchObject([{ replicaId, pid, state: 'starting' }]);
      await run(workload, { startTimeoutMs });
      await delay(2 * startTimeoutMs);
      expect(await platform.observe(owner, never)).toMatchObject([{ replicaId, pid, state: 'starting' }]);
      process.kill(pid ?? 0, 'SIGSTOP');
      await run(workload, { startTimeoutMs, stuck: [replicaId] });
      await ended(pid);
      await one('another', (r) => r.replicaId !== replicaId);
    });

    it('keeps a replica ready that is silent, and says so', async () => {
      await run(scriptedWorkload({}));
      const { replicaId, pid } = await ready();
      process.kill(pid ?? 0, 'SIGSTOP');
      await one('silent', (r) => r.silent !== undefined);
      expect(await platform.observe(owner, never)).toMatchObject([{ replicaId, pid, state: 'ready' }]);
      process.kill(pid ?? 0, 'SIGCONT');
      await one('answers again', (r) => r.silent === undefined && r.state === 'ready');
    });

    it('ends the children of a replica with it', async () => {
      await run(scriptedWorkload({ withChild: true }));
      const replica = await ready();
      const marks = { PLIMSOLL_HOME: fixture.stateFolder, PLIMSOLL_REPLICA_ID: replica.replicaId };
      expect(makeProcessTable().marked(marks)).toHaveLength(2);
      process.kill(replica.pid ?? 0, 'SIGKILL');
      await one('another', (r) => r.replicaId !== replica.replicaId && r.state === 'ready');
      expect(makeProcessTable().marked(marks)).toHaveLength(0);
    });

    it('asks an openai server by its own paths', async () => {
      await run(scriptedWorkload({}, { protocol: 'openai' }));
      await ready();
    });

    it('keeps the output of replicas that ended, and gives its last lines', async () => {
      await run(scriptedWorkload({ stdout: 'hello', stderr: 'goodbye', exit: { afterMs: 0, status: 1 } }));
      const replica = await failed();
      const lines = await platform.logs(replica.replicaId, 10, never);
      expect(lines[0]).toBe('hello');
      expect(lines.at(-1)).toBe('goodbye');
    });

    it('keeps a bounded number of ended replicas on disk, and none of their files', async () => {
      await fixture.close();
      fixture = await openLocalFixture({ restart: { firstDelayMs: 1, maxDelayMs: 1, resetAfterReadyMs: 1_000 } });
      ({ platform } = fixture);
      await run(scriptedWorkload({}, { command: ['no-such-program'] }));
      await one('many failures', (r) => r.restarts > 32);
      await delay(100);
      const folders = await readdir(replicas());
      expect(folders.length).toBeGreaterThan(10);
      expect(folders.length).toBeLessThan(30);
    });
  });

  describe('a control plane that was killed', () => {
    /** Puts the record back to what it was before the process was started. */
    const forgetStart = async (replicaId: string, more: Partial<ReplicaRecord> = {}): Promise<void> => {
      const record = await recordOf(replicaId);
      const times = { layOutMs: null, spawnedAtMs: null, readyAtMs: null };
      const intent = { ...record, ...times, state: 'pending', pid: null, identity: null, endpoint: null, ...more };
      await writeFile(replicaFolder(fixture.stateFolder, replicaId).record, JSON.stringify(intent));
    };

    it('finds a replica that was started but whose start was not recorded, and where it listens', async () => {
      await run(scriptedWorkload({}));
      const replica = await ready();
      await platform.close();
      await forgetStart(replica.replicaId);
      platform = fixture.beside();
      await run(scriptedWorkload({}));
      const { replicaId, pid, endpoint } = replica;
      expect(await ready()).toMatchObject({ replicaId, pid, endpoint });
      // It is seen ready before that is on disk.
      await expect.poll(() => recordOf(replicaId), patient).toMatchObject({ state: 'ready', pid, endpoint });
    });

    it('starts a replica anew of which nothing tells where it listens', async () => {
      await run(scriptedWorkload({}));
      const { replicaId, pid } = await ready();
      await platform.close();
      const { identity } = await recordOf(replicaId);
      await forgetStart(replicaId, { pid, identity, startTimeoutMs: 100 });
      platform = fixture.beside();
      await run(scriptedWorkload({}));
      const next = await one('another', (replica) => replica.state === 'ready' && replica.replicaId !== replicaId);
      expect(next).toMatchObject({ restarts: 1 });
      expect((await recordOf(replicaId)).reason).toContain('where it listens is not known');
    });

    it('starts a replica again whose process ended in the meantime, and says that it does not know how', async () => {
      await run(scriptedWorkload({}));
      const replica = await ready();
      await platform.close();
      await kill(replica);
      platform = fixture.beside();
      expect(await platform.observe(owner, never)).toMatchObject([{ replicaId: replica.replicaId, state: 'failed' }]);
      await run(scriptedWorkload({}));
      const next = await ready();
      expect(next.replicaId).not.toBe(replica.replicaId);
      expect(next.restarts).toBe(1);
      expect((await recordOf(replica.replicaId)).reason).toMatch(/exit status unknown/);
    });

    it('sees an adopted replica end', async () => {
      await run(scriptedWorkload({}));
      const replica = await ready();
      platform = (await fixture.reopen()) as LocalPlatform;
      await run(scriptedWorkload({}));
      process.kill(replica.pid ?? 0, 'SIGKILL');
      await one('another', (r) => r.replicaId !== replica.replicaId && r.state === 'ready');
      expect((await recordOf(replica.replicaId)).reason).toMatch(/exit status unknown \(it was adopted\)/);
    });

    it.each([
      ['pid that another process has', { identity: 'SAME:1' }],
      ['earlier boot', { identity: 'BOOT' }],
    ])('never takes a process for a replica by its number alone: %s', async (_name, change) => {
      await run(scriptedWorkload({}));
      const replica = await ready();
      await platform.close();
      const record = await recordOf(replica.replicaId);
      const [host, boot, , start] = (record.identity ?? '').split(':');
      // This test's own process stands for one that was given the number of a replica that is long gone.
      const identity =
        change.identity === 'BOOT'
          ? `${host}:00000000-0000-0000-0000-000000000000:${process.pid}:${start}`
          : `${host}:${boot}:${process.pid}:1`;
      await kill(replica);
      const stale = { ...record, pid: process.pid, identity };
      await writeFile(replicaFolder(fixture.stateFolder, replica.replicaId).record, JSON.stringify(stale));
      platform = fixture.beside();
      await platform.apply(owner, [], never);
      await delay(100);
      expect(await platform.observe(owner, never)).toEqual([]);
    });

    it('goes on draining what was draining', async () => {
      const flag = path.join(fixture.stateFolder, 'draining');
      await writeFile(flag, '');
      await run(scriptedWorkload({ drainWhile: flag }), { drainTimeoutMs: 60_000 });
      const replica = await ready();
      await platform.apply(owner, [], never);
      await one('draining', (r) => r.state === 'draining');
      await platform.close();
      platform = fixture.beside();
      await run(scriptedWorkload({}));
      expect((await platform.observe(owner, never)).find((r) => r.replicaId === replica.replicaId)?.state).toBe(
        'draining',
      );
      const next = await ready();
      expect(next.replicaId).not.toBe(replica.replicaId);
      await rm(flag);
      await ended(replica.pid);
    });

    it('ends a replica whose folder was removed under it', async () => {
      await run(scriptedWorkload({}));
      const replica = await ready();
      await platform.close();
      await rm(replicaFolder(fixture.stateFolder, replica.replicaId).root, { recursive: true });
      platform = fixture.beside();
      await platform.apply(owner, [], never);
      await ended(replica.pid);
    });
  });

  it('knows whether the process that keeps its replicas is alive', async () => {
    await run(scriptedWorkload({}));
    const replica = await ready();
    await platform.close();
    const record = await recordOf(replica.replicaId);
    const [host, boot] = (record.keeper ?? '').split(':');
    const orphaned = { ...record, keeper: `${host}:${boot}:${process.pid}:1` };
    await writeFile(replicaFolder(fixture.stateFolder, replica.replicaId).record, JSON.stringify(orphaned));
    platform = fixture.beside();
    expect(await platform.owners()).toEqual([{ owner, kept: false }]);
    await run(scriptedWorkload({}));
    // The record is written by whoever adopted it, in its own time.
    const reader = fixture.beside();
    await expect.poll(() => reader.owners(), patient).toEqual([{ owner, kept: true }]);
  });

  it('looks without touching when it was never asked to apply', async () => {
    await run(scriptedWorkload({}));
    const replica = await ready();
    const second = fixture.beside();
    // It asks replicas for their health by itself, and so a moment later.
    const seen = () => second.observe(owner, never);
    await expect.poll(seen, patient).toMatchObject([{ replicaId: replica.replicaId, state: 'ready' }]);
    process.kill(replica.pid ?? 0, 'SIGKILL');
    const next = await one('another', (r) => r.replicaId !== replica.replicaId && r.state === 'ready');
    await expect.poll(seen, patient).toMatchObject([{ replicaId: next.replicaId, state: 'ready' }]);
    expect(await second.owners()).toEqual([{ owner, kept: true }]);
  });
});

const patient = { timeout: 60_000, interval: 20 };

interface Given {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly model: string | null;
}

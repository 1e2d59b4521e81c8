import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../core/units/digest.ts';
import type { ReplicaOwner, Workload } from '../../../ports/serving/platform.ts';
import { openLocalFixture, scriptedWorkload, type LocalFixture } from '../../../testing/rigs/local-platform-fixture.ts';
import { systemRandom } from '../../system/random.ts';
import { writeDurably } from '../../files/write-durably.ts';
import { makeFileSecrets } from '../file-secrets.ts';
import { makeProcessTable } from '../process-table/this-machine.ts';
import { readRecords, replicaFolder, type ReplicaFolder, type ReplicaRecord } from '../replica/replica-record.ts';
import { checkReach } from './check-reach.ts';
import { Confinement } from './confinement.ts';
import { closeStateFolder } from './hand-over.ts';

const never = new AbortController().signal;
const isRoot = process.getuid?.() === 0;
const first = 71_000;
const patient = { timeout: 60_000, interval: 50 };

/** Real users of this machine: they need root, as CI has it. */
describe.skipIf(!isRoot)('replicas as other users', () => {
  let fixture: LocalFixture;
  let confinement: Confinement;

  beforeEach(async () => {
    fixture = await openLocalFixture();
    const { stateFolder } = fixture;
    confinement = new Confinement({ replicaUser: `${first}-${first + 9}`, stateFolder, random: systemRandom });
    fixture = { ...fixture, platform: fixture.beside({ confinement }) };
  });
  afterEach(() => fixture.close());

  const start = async (owner: ReplicaOwner, workload: Partial<Workload>): Promise<ReplicaRecord> => {
    const spec = {
      ...{ set: `${owner.service}-${owner.environment}-aaaaaaaaaaaa`, pair: digestOf('pair'), release: 1 },
      ...{ replicas: 1, stopFirst: [], drainTimeoutMs: 1_000, startTimeoutMs: 120_000 },
      workload: scriptedWorkload({}, workload),
    };
    await fixture.platform.apply(owner, [spec], never);
    await expect.poll(async () => (await recordOf(owner))?.pid ?? null, patient).not.toBeNull();
    const record = await recordOf(owner);
    if (record === null) throw new Error('no record');
    return record;
  };
  const recordOf = async ({ service }: ReplicaOwner): Promise<ReplicaRecord | null> =>
    (await readRecords(fixture.stateFolder)).findLast((record) => record.service === service) ?? null;
  const folderOf = ({ replicaId }: ReplicaRecord): ReplicaFolder => replicaFolder(fixture.stateFolder, replicaId);
  const outputOf = async (record: ReplicaRecord): Promise<string> => {
    const read = (): string => readFileSync(folderOf(record).stdout, 'utf8');
    await expect.poll(read, patient).toContain('DONE');
    return read();
  };
  const shell = (script: string): Partial<Workload> => ({
    command: ['/bin/sh', '-c', `${script}; echo DONE; exec sleep 600`],
  });
  const digits = { service: 'digits', environment: 'prod' };
  const audio = { service: 'audio', environment: 'prod' };

  it('each service has a user of its own, kept over restarts, and its own files to itself', async () => {
    const weights = await fixture.blobs.put(Buffer.from('weights'));
    const code = await fixture.blobs.put(Buffer.from('#!/bin/sh\necho code ran\n'));
    const files = {
      codeFiles: [{ path: 'bin/run.sh', digest: code.digest, bytes: code.bytes }],
      model: {
        ...{ name: 'digits', version: 1, digest: digestOf('model') },
        files: [{ path: 'deep/model.bin', digest: weights.digest, bytes: weights.bytes }],
      },
    };
    const script = [
      'id -u; id -G; ./bin/run.sh; cat "$PLIMSOLL_MODEL_DIR/deep/model.bin"; echo',
      'touch own && echo wrote; touch "$TMPDIR/own" && echo wrote',
      'touch "$PLIMSOLL_MODEL_DIR/own" || echo no-model-write',
      'echo "home $HOME"',
    ].join('; ');
    const record = await start(digits, { ...shell(script), ...files });
    const lines = (await outputOf(record)).split('\n');
    expect(lines).toEqual([
      ...[String(first), String(first), 'code ran', 'weights', 'wrote', 'wrote', 'no-model-write'],
      ...[`home ${folderOf(record).work}`, 'DONE', ''],
    ]);
    const other = await start(audio, shell('id -u'));
    expect(await outputOf(other)).toContain(String(first + 1));
    expect((await confinement.userOf(digits)).uid).toBe(first);
    expect((await confinement.userOf({ service: 'digits', environment: 'staging' })).uid).toBe(first + 2);
  });

  it('reads neither the store, nor a secret or the environment of another, nor its files, and sees no lists of them', async () => {
    const { stateFolder } = fixture;
    const secrets = makeFileSecrets(stateFolder, writeDurably);
    await secrets.set('hf', 'token', 'hush-hush');
    await secrets.grant('hf', { service: 'digits', environment: null });
    writeFileSync(path.join(stateFolder, 'store.sqlite'), 'records', { mode: 0o644 });
    mkdirSync(path.join(stateFolder, 'logs'), { mode: 0o755 });
    const weights = await fixture.blobs.put(Buffer.from('weights'));
    const files = [{ path: 'model.bin', digest: weights.digest, bytes: weights.bytes }];
    const victim = await start(digits, {
      ...shell('echo "$TOKEN $(cat "$FROM_FILE")"'),
      secrets: { TOKEN: 'secret/hf#token', FROM_FILE: 'secret-file/hf#token' },
      model: { name: 'digits', version: 1, digest: digestOf('model'), files },
    });
    expect(await outputOf(victim)).toContain('hush-hush hush-hush');
    const folder = folderOf(victim);
    const places = [
      ...[`/proc/${victim.pid}/environ`, `/proc/${victim.pid}/mem`, `/proc/${victim.pid}/cwd/.`],
      ...['store.sqlite', 'secrets/hf/token', 'run', 'run/replicas', '.', 'logs', 'blobs'].map((each) =>
        path.join(stateFolder, each),
      ),
      ...[folder.record, folder.ordersToken, folder.stdout, folder.work, path.join(folder.model, 'model.bin')],
      ...[path.join(folder.secrets, 'FROM_FILE'), folder.fingerprints, folder.temporary],
      ...[path.join(stateFolder, 'run', 'replica-users')],
    ];
    const attack = places.map(
      (place, at) =>
        `if [ -d "${place}" ]; then ls "${place}"; else cat "${place}"; fi >/dev/null 2>&1 && echo "got ${at}"`,
    );
    const attacker = await start(audio, shell(`${attack.join('; ')}; ps -ef 2>/dev/null | grep -c hush-hush`));
    const output = await outputOf(attacker);
    expect(output.match(/got \d+/g)?.map((each) => places[Number(each.slice(4))])).toBeUndefined();
    // The same attempts by root all succeed: the places are there.
    for (const place of places) expect(() => statSync(place), place).not.toThrow();
  });

  it('a program with the set-user-id bit gives it nothing', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-setuid-'));
    try {
      chmodSync(folder, 0o755);
      const program = path.join(folder, 'id');
      copyFileSync('/usr/bin/id', program);
      chmodSync(program, 0o4755);
      const outside = execFileSync('/usr/bin/setpriv', [
        '--reuid=72000',
        '--regid=72000',
        '--clear-groups',
        program,
        '-u',
      ]);
      const record = await start(digits, shell(`${program} -u`));
      expect((await outputOf(record)).split('\n')[0]).toBe(String(first));
      // Else this file system ignores the bit, and the test shows less than it says.
      expect(['0', '72000']).toContain(outside.toString().trim());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('its children end with it, whatever they made of their variables and sessions', async (context) => {
    if ((await confinement.groups()) === null) context.skip('this machine lets nobody make control groups');
    const record = await start(digits, shell('env -i setsid sleep 4321 & echo "child $!"'));
    const child = Number(/child (\d+)/.exec(await outputOf(record))?.[1]);
    expect(makeProcessTable().identity(child)).not.toBeNull();
    await fixture.platform.apply(digits, [], never);
    await expect.poll(() => makeProcessTable().identity(child), patient).toBeNull();
  });

  it('what it left in its folder goes, and a link that it put there leads nowhere', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-victim-'));
    try {
      writeFileSync(path.join(folder, 'keep'), 'keep');
      const record = await start(digits, shell(`ln -s ${folder} link; mkdir deep; touch deep/file`));
      await outputOf(record);
      await fixture.platform.apply(digits, [], never);
      await expect.poll(() => statSync(folderOf(record).work, { throwIfNoEntry: false }), patient).toBeUndefined();
      expect(readFileSync(path.join(folder, 'keep'), 'utf8')).toBe('keep');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('what was opened again is closed at the next start', async () => {
    await closeStateFolder(fixture.stateFolder);
    const late = path.join(fixture.stateFolder, 'late');
    mkdirSync(late, { mode: 0o755 });
    writeFileSync(path.join(fixture.stateFolder, 'late.json'), '{}', { mode: 0o644 });
    await outputOf(await start(digits, shell('true')));
    expect(statSync(late).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(fixture.stateFolder, 'late.json')).mode & 0o777).toBe(0o600);
    expect(statSync(fixture.stateFolder).mode & 0o777).toBe(0o711);
  });

  it('says before anything starts that its user cannot get to a place', async () => {
    // Not the Node of this run: the checkout may lie where only its owner gets to.
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-reach-'));
    try {
      const program = path.join(folder, 'program');
      writeFileSync(program, '', { mode: 0o755 });
      chmodSync(folder, 0o755);
      await expect(checkReach(confinement, fixture.stateFolder, [program])).resolves.toBeUndefined();
      chmodSync(folder, 0o700);
      const refused = { code: 'replica-user-blocked', message: expect.stringContaining(program) as string };
      await expect(checkReach(confinement, fixture.stateFolder, [program])).rejects.toMatchObject(refused);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe.skipIf(!isRoot)('limits of replicas', () => {
  it('a fork bomb ends at the number of tasks of the user', async () => {
    const fixture = await openLocalFixture();
    const { stateFolder } = fixture;
    const limits = { tasks: 10_000, tasksOfUser: 40 };
    const confinement = new Confinement({ replicaUser: '71900', stateFolder, random: systemRandom, limits });
    const platform = fixture.beside({ confinement });
    try {
      const owner = { service: 'bomb', environment: 'prod' };
      // The shell itself ends at the first fork that fails, so a child counts what it starts.
      const bomb = 'i=0; while [ $i -lt 200 ]; do sleep 600 & i=$((i + 1)); echo $i; done';
      const workload = scriptedWorkload({}, { command: ['/bin/sh', '-c', `(${bomb}); echo DONE; exec sleep 600`] });
      const spec = {
        ...{ set: 'bomb-prod-aaaaaaaaaaaa', pair: digestOf('pair'), release: 1, replicas: 1, stopFirst: [], workload },
        ...{ drainTimeoutMs: 1_000, startTimeoutMs: 120_000 },
      };
      await platform.apply(owner, [spec], never);
      const read = async (): Promise<string> => {
        const [record] = await readRecords(stateFolder);
        const folder = record === undefined ? null : replicaFolder(stateFolder, record.replicaId);
        return folder === null ? '' : readFileSync(folder.stdout, 'utf8');
      };
      await expect.poll(() => read().catch(() => ''), patient).toContain('DONE');
      const started = (await read()).split('\n').filter((line) => /^\d+$/.test(line)).length;
      expect(started).toBeGreaterThan(10);
      expect(started).toBeLessThan(40);
      await platform.apply(owner, [], never);
      await delay(10);
    } finally {
      await fixture.close();
    }
  });
});

it.skipIf(isRoot)('without root it is refused, with what to do', () => {
  const make = (): Confinement =>
    new Confinement({ replicaUser: '71000', stateFolder: tmpdir(), random: systemRandom });
  expect(make).toThrow(expect.objectContaining({ code: 'replica-user-needs-root' }));
});

it.skipIf(!isRoot).each(['root', '0', 'no-such-user', '71000-70000'])(
  '`%s` names no user of replicas',
  (replicaUser) => {
    expect(() => new Confinement({ replicaUser, stateFolder: tmpdir(), random: systemRandom })).toThrow(
      expect.objectContaining({ code: 'replica-user-invalid' }),
    );
  },
);

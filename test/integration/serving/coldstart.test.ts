import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColdStartReport } from '../../../src/cli/coldstart/coldstart-report.ts';
import { perceptronModel } from '../../../src/testing/builders/files/onnx-models.ts';
import { PushableRegistry } from '../../../src/testing/fakes/servers/pushable-registry.ts';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model] }
model: { name: digits, version: candidate }
coldStart: { p90: 20s, phases: { weights-load: { p90: 10s }, engine-init: { p90: 5s } } }
`;

function hasFincore(): boolean {
  try {
    execFileSync('fincore', ['--version']);
    return true;
  } catch {
    return false;
  }
}

interface HistoryEvent {
  readonly kind: string;
  readonly summary: string;
}

describe('plimsoll coldstart, with real replicas', () => {
  const project = new UserProject({
    files: { 'plimsoll.yaml': contract, 'model.onnx': perceptronModel({ layers: [784, 256, 10] }) },
  });
  beforeAll(async () => {
    await project.passing('model', 'add', 'model.onnx', '--name', 'digits', '--alias', 'candidate');
    await project.passing('pin');
  });
  afterAll(async () => {
    expect(await project.stop()).toMatchObject({ left: 0 });
    project.remove();
  });

  it.skipIf(!hasFincore())(
    'measures 29 starts from the disk, each with its phases, and proves the budget',
    async () => {
      const report = JSON.parse(await project.passing('coldstart', '--json')) as ColdStartReport;
      expect(report).toMatchObject({ verdict: 'pass', recorded: true, platform: 'local', quantile: 'p90' });
      const [tier] = report.tiers;
      expect([tier?.tier, tier?.starts.length]).toEqual(['node-disk', 29]);
      expect(tier?.prepared).toContain('dropped from the page cache');
      for (const { outcome, totalMs, phases } of tier?.starts ?? []) {
        expect(outcome).toBe('ready');
        const named = phases.map((phase) => phase.phases.join(' + '));
        for (const phase of ['process-start', 'weights-fetch', 'weights-load + engine-init'])
          expect(named).toContain(phase);
        const sumMs = phases.reduce((sum, { durationMs }) => sum + durationMs, 0);
        expect(sumMs).toBeGreaterThan(0.3 * totalMs);
        expect(sumMs).toBeLessThan(totalMs + 50);
      }
      expect(new Set(tier?.starts.map(({ totalMs }) => totalMs)).size).toBeGreaterThan(5);
      const check = await project.plimsoll('check');
      expect(check.stdout).toMatch(/cold-start +fresh +pass .*p90 at most/);
      const lock = project.read('plimsoll.lock');
      expect(lock.match(/"ready \d+: .*weights-load \+ engine-init/g)).toHaveLength(29);
    },
  );

  it('refuses a lock that was edited to pass', async () => {
    const whole = project.read('plimsoll.lock');
    project.write('plimsoll.lock', whole.replace(/"ready \d+: /, '"ready 1: '));
    const { status, stdout } = await project.plimsoll('check');
    project.write('plimsoll.lock', whole);
    expect([status, stdout]).toEqual([3, expect.stringMatching(/cold-start +fresh +unknown .*does not say what was/)]);
  });

  it('counts a start that never ends at its timeout, and says so where it is the first', async () => {
    const endless = new UserProject({
      files: {
        'plimsoll.yaml': contract.replace('[plimsoll, serve-model]', '[sleep, "600"]'),
        'model.onnx': perceptronModel({ layers: [784, 16, 10] }),
      },
    });
    try {
      await endless.passing('model', 'add', 'model.onnx', '--name', 'digits', '--alias', 'candidate');
      await endless.passing('pin');
      const { status, stderr } = await endless.plimsoll('coldstart', '--tier', 'memory', '--timeout', '2s');
      expect([status, stderr]).toEqual([
        3,
        expect.stringContaining('the first start was not ready after 2s and was ended; nothing was measured'),
      ]);
      expect(endless.read('plimsoll.lock')).not.toContain('cold-start');
      expect(await endless.stop()).toMatchObject({ left: 0 });
    } finally {
      endless.remove();
    }
  });
});

describe('starts from a fresh node', () => {
  const files = { 'plimsoll.yaml': contract, 'model.onnx': perceptronModel({ layers: [784, 256, 10] }) };
  const here = new UserProject({ files });
  const elsewhere = new UserProject({ files });
  let registry: PushableRegistry;
  beforeAll(async () => {
    registry = await PushableRegistry.start();
  });
  afterAll(async () => {
    await registry.stop();
    for (const project of [here, elsewhere]) {
      expect(await project.stop()).toMatchObject({ left: 0 });
      project.remove();
    }
  });

  it('fetch the model from its registry before each of them, and leave nothing behind', async () => {
    const place = `oci://${registry.host}/team/digits:1`;
    await elsewhere.passing('model', 'add', 'model.onnx', '--name', 'digits');
    await elsewhere.passing('model', 'push', 'digits:1', place);
    await here.passing('model', 'add', place, '--name', 'digits', '--alias', 'candidate');
    await here.passing('pin');
    const blobs = (): number => registry.requests.filter((each) => /^GET .*\/blobs\//.test(each)).length;
    const before = blobs();
    const { status, stdout } = await here.plimsoll('coldstart', '--tier', 'fresh-node', '--starts', '2', '--json');
    const { tiers, recorded } = JSON.parse(stdout) as ColdStartReport;
    expect([status, recorded, tiers[0]?.starts.map(({ outcome }) => outcome)]).toEqual([3, false, ['ready', 'ready']]);
    expect(tiers[0]?.prepared).toMatch(/^model fetched from oci:.*@sha256:/);
    // One that is not counted, and two that are.
    expect(blobs() - before).toBeGreaterThanOrEqual(3);
    expect(readdirSync(path.join(here.stateFolder, 'fresh'))).toEqual([]);
  });
});

describe('a live start that is slower than the measured ones', () => {
  const script = [
    '#!/bin/sh',
    '[ -e "$PLIMSOLL_HOME/slow" ] && sleep 60',
    `exec '${process.execPath}' --disable-warning=ExperimentalWarning '${ownProgram}' serve-model`,
    '',
  ].join('\n');
  const project = new UserProject({
    files: {
      'plimsoll.yaml': contract
        .replace('command: [plimsoll, serve-model]', 'command: [sh, start.sh], files: [start.sh]')
        .replace(/coldStart: .*/, 'coldStart: { p50: 20s, from: memory }\nmonitoring: { golden: rows }'),
      'rows.jsonl': `${JSON.stringify({ image: Array.from({ length: 784 }, () => 0) })}\n`,
      'start.sh': script,
      'model.onnx': perceptronModel({ layers: [784, 16, 10] }),
    },
  });
  afterAll(async () => {
    expect(await project.stop()).toMatchObject({ left: 0 });
    project.remove();
  });

  it.skipIf(!hasFincore())('is an event that names how long it took and what starts take', async () => {
    await project.passing('model', 'add', 'model.onnx', '--name', 'digits', '--alias', 'candidate');
    await project.passing('data', 'add', 'rows.jsonl', '--name', 'rows');
    await project.passing('pin');
    await project.passing('golden', 'record');
    await project.passing('coldstart', '--starts', '12');
    await project.up();
    await project.passing('release');
    project.write('.plimsoll/slow', '');
    const [first] = (await project.view()).replicas;
    process.kill(first?.pid ?? 0, 'SIGKILL');
    const outliers = async (): Promise<number> => (await project.events('start')).length;
    await expect.poll(outliers, { timeout: 60_000, interval: 200 }).toBeGreaterThan(0);
    const told = JSON.parse(await project.passing('history', '--kind', 'start', '--json')) as {
      readonly events: readonly HistoryEvent[];
    };
    expect(told.events[0]).toMatchObject({
      kind: 'start.outlier',
      summary: expect.stringMatching(/leaves what was measured: .*12 measured starts say at most/),
    });
  });
});

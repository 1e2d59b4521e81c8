import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WhatIfReport } from '../../prove/simulate/what-if.ts';
import { readPriceBook } from '../../schemas/prices/read-price-book.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { measuredProject } from '../../testing/builders/measured-project.ts';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';

let [world, folder]: [StoreOperations | null, string] = [null, ''];
beforeEach(async () => {
  world = await openStoreOperations();
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-what-if-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const store = (): StoreOperations => {
  if (world === null) throw new Error('beforeEach opens it');
  return world;
};
const contract = (scaling = '{ replicas: { min: 1, max: 6 } }', latency = '{ p99: 50ms }') =>
  `${minimalContract}objective: { latency: ${latency} }\ncoldStart: { p90: 45s }\nscaling: ${scaling}\n`;

/** Runs it beside a control plane that has this history. */
async function ask(argv: readonly string[], text = contract(), more: Partial<CommandLineWorld> = {}) {
  const operations = store().operationsFor('ada');
  return runCommandLine(['cost', ...argv], {
    ...{ project: await measuredProject(text), operations, controlPlane: 'http://127.0.0.1:7070', cwd: folder },
    nowMs: store().clock.nowMs(),
    ...more,
  });
}

/** Twelve minutes up to now: 5 requests a second in the first and the seventh, and none between. */
async function recordQuietTraffic(): Promise<void> {
  const nowMs = Math.floor(store().clock.nowMs() / 60_000) * 60_000;
  await store().write(async (tx) => {
    for (let at = 0; at < 12; at += 1) {
      const fromMs = nowMs - (12 - at) * 60_000;
      const span = { fromMs, toMs: fromMs + 60_000, requests: at % 6 === 0 ? 300 : 0, failed: 0, latency: {} };
      await tx.addHistory('digits', 'default', 'minute', {
        ...span,
        queueDepth: null,
        inFlight: null,
        batchFillShare: null,
      });
    }
  });
}
const priced = async (): Promise<void> => {
  const prices = readPriceBook('currency: EUR\naccelerators: { default: 36/h }\n', 'prices.yaml');
  await store().operationsFor('ada').setEnvironmentRecord({ environment: 'default', terms: { prices } });
};

describe('plimsoll cost --what-if', () => {
  it('replays what was recorded with a changed contract, priced, beside the present one', async () => {
    await recordQuietTraffic();
    await priced();
    const { exit, out, err } = await ask(['--what-if', 'scaling.min=0']);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toContain('change       scaling.replicas.min 1 -> 0\nalso needed  scaling.toZero: when-proven\n');
    expect(out).toMatch(/^arrivals +600 requests in 12m 0s, recorded by the control plane$/m);
    expect(out).toMatch(/^replayed +10m 48s after the first tenth, 3 draws of starts$/m);
    // A tenth less than 12 minutes of one replica: 648 s at EUR 0.01.
    expect(out).toMatch(/^replica-seconds +648 +\d+ +-5\d\d +-5\d\d\.\.-5\d\d$/m);
    expect(out).toMatch(/^EUR +6\.48 +\d\.\d\d +-5\.\d\d /m);
    expect(out).toMatch(/^late requests +0 +\d+ +\+\d+ /m);
    expect(out).toMatch(/^objective +held \(99% within 50ms\) +missed \(99% within 50ms\)$/m);
    expect(out).toContain('limits: over the draws of starts alone');
  });

  it('finds no difference in what is the same, and gives JSON', async () => {
    await recordQuietTraffic();
    const { out } = await ask(['--what-if', 'scaling.min=1', '--what-if', 'scaling.max=6', '--json']);
    const report = JSON.parse(out) as WhatIfReport;
    expect(report.difference).toMatchObject({ deviceSeconds: { mean: 0, low: 0, high: 0 }, late: { mean: 0 } });
    expect(report).toMatchObject({
      service: 'digits',
      environment: 'default',
      currency: null,
      money: null,
      unit: 'replica',
    });
    expect(report).toMatchObject({ blocks: 1, seeds: 3, scoredMs: 648_000, keptWarm: null });
  });

  it('takes arrivals of a file in place of recorded ones', async () => {
    await writeFile(path.join(folder, 'requests.csv'), Array.from({ length: 400 }, (_, at) => at).join('\n'));
    const { exit, out } = await ask(['--what-if', 'warmPool=1', '--trace', 'requests.csv', '--seeds', '1']);
    expect(exit).toBe(0);
    expect(out).toMatch(/^arrivals +400 requests in 6m 39s, .*requests\.csv$/m);
    expect(out).toMatch(/^replica-seconds +359 +\d+ +\+3\d\d +unknown, of one run$/m);
  });

  it('prices a window of rollbacks by the takeovers that are recorded, without a replay', async () => {
    await recordQuietTraffic();
    const atMs = store().clock.nowMs() - 3_600_000;
    await store().write(async (tx) => {
      await tx.appendEvent({
        ...{ service: 'digits', environment: 'default', kind: 'release.live', summary: 'x', by: 'tests', atMs },
        data: { release: 2, left: 1, previous: { release: 1, untilMs: atMs + 3_600_000 }, reason: 'x' },
      });
    });
    const { out } = await ask(['--what-if', 'rollout.keepPrevious=20m', '--since', '2h']);
    expect(out).toContain(
      'now:     rollout.keepPrevious: 1h kept 1 previous releases warm for 1h 0m in the last 2h 0m: 3,600 replica-seconds',
    );
    expect(out).toContain(
      'changed: rollout.keepPrevious: 20m kept 1 previous releases warm for 20m 0s in the last 2h 0m: 1,200 replica-seconds',
    );
    expect(out).not.toContain('late requests');
  });

  it('says what records arrivals where there are none', async () => {
    const { exit, err } = await ask(['--what-if', 'min=0']);
    expect(exit).toBe(2);
    expect(err).toMatch(/0 requests in 0ms are recorded[^]*next: plimsoll up/);
  });

  it('says what measures capacity where it is not fresh', async () => {
    await recordQuietTraffic();
    const project = await measuredProject(contract());
    project.edit({ contract: contract().replace('serve-model', 'serve-model, --slow') });
    const { exit, err } = await ask(['--what-if', 'min=0', '--start', '1s'], contract(), { project });
    expect([exit, err]).toEqual([2, expect.stringMatching(/capacity evidence is stale[^]*plimsoll capacity/)]);
  });

  it.each([
    [['--what-if', 'scaling.mni=0'], 'did you mean scaling.min?'],
    [['--what-if', 'min=0', '--marginal'], 'are two questions'],
    [['--what-if', 'min=0', '--by', 'team'], '--by is of the account'],
    [['--marginal', '--csv'], '--csv is of the account'],
    [['--trace', 'x.csv'], '--trace is for --what-if and --marginal'],
    [['--what-if', 'min=0', '--since', '30d'], 'arrivals are kept for 8 days'],
    [['--what-if', 'min=0', '--seeds', '0'], '--seeds takes a whole number'],
    [['--what-if', 'min=0', '--curve', 'slots:4'], '--curve `slots:4`'],
  ])('refuses %j', async (argv, said) => {
    const { exit, err } = await ask(argv);
    expect([exit, err]).toEqual([2, expect.stringContaining(said)]);
    expect(err).toContain('next: ');
  });
});

describe('plimsoll cost --marginal', () => {
  it('prices each term by itself, and says that the prices do not add up', async () => {
    await recordQuietTraffic();
    await priced();
    const { exit, out, err } = await ask(['--marginal', '--seeds', '2']);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^term +against +replica-seconds +95% limits +EUR +late requests$/m);
    expect(out).toMatch(
      /^scaling\.replicas\.min: 1 +scaling\.replicas\.min: 0 +\+5\d\d +\+[\d,.+]+ +\+5\.\d\d +-\d+$/m,
    );
    // A second replica while there is demand, and the only one else.
    expect(out).toMatch(/^scaling\.warmPool: 1 +scaling\.warmPool: 0 +\+\d+ /m);
    expect(out).toMatch(/^objective p99\.9 +objective p99 .* \*$/m);
    expect(out).toContain('rollout.keepPrevious: 1h kept 0 previous releases warm for 0ms in the last 1d 0h');
    expect(out).toContain('* at least: capacity evidence shows no rate inside the other objective');
    expect(out).toContain('The prices do not add up.');
  });
});

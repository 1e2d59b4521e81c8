import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coldStartRecord } from '../../../core/evidence/kinds/cold-start/start-measurements.ts';
import { scalingRecord, type ScalingMeasurements } from '../../../core/evidence/kinds/scaling/scaling-measurements.ts';
import type { LockedEnvironment } from '../../../core/evidence/lock/lock.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Operations } from '../../../ports/records/operations.ts';
import { checkoutSubjects } from '../../../prove/judge/judge-checkout.ts';
import { measuredCapacity } from '../../../testing/builders/capacity-builders.ts';
import { buildEvidence, digest } from '../../../testing/builders/evidence-builders.ts';
import { runCommandLine, type CommandLineWorld } from '../../../testing/rigs/command-line.ts';
import { badNode, chatContract, goodNodes, gpuPool, verifyWorld } from '../../../testing/rigs/verify-world.ts';
import type { PlanReport } from '../../../core/packing/plan-ahead/plan-report.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-plan-'));
  write(
    'nodes.csv',
    'name,cpu_milli,memory_mib,gpu,model',
    ...['a1', 'a2', 'a3'].map((name) => `${name},16000,65536,2,A100`),
  );
  write('replicas.csv', 'name,cpu_milli,memory_mib,num_gpu,per_replica,rate,peak,max', 'chat,1000,1024,1,10,10,2,4');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, ...lines: readonly string[]): void =>
  writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`);
const nowMs = Date.parse('2026-11-30T09:00:00Z');
const plan = (argv: readonly string[], world: CommandLineWorld = {}) =>
  runCommandLine(['capacity', 'plan', ...argv], { cwd: folder, nowMs, controlPlane: null, ...world });
const lists = ['--pool', 'nodes.csv', '--replicas', 'replicas.csv'];
const reportOf = async (...more: readonly string[]): Promise<PlanReport> =>
  JSON.parse((await plan([...lists, ...more, '--json'])).out) as PlanReport;

describe('plimsoll capacity plan with lists', { timeout: 120_000 }, () => {
  it('says when the pool is full, what binds and what helps', async () => {
    const { exit, out, err } = await plan([...lists, '--growth', '10%/week', '--until', '2027-01-24']);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toContain(
      'chat on nodes.csv: 2026-11-30 to 2027-01-24\n6 devices on 3 nodes; all replicas have to fit with any one node lost, of up to 2 devices',
    );
    expect(out).toMatch(/^2026-11-30 +3 +3 +yes +0%$/m);
    // Four replicas carry 10 * 1.1^(d / 7) requests/s at a peak of 2 up to day 50.
    expect(out).toContain('full: 2027-01-20 by the estimate; no plan places all replicas then (proven)');
    expect(out).toContain('binds: the loss of a1, one of 3 that are alike (proven)');
    expect(out).toContain('chat needs more than scaling.replicas.max (4) from 2027-01-20 on');
    expect(out).toContain('one more node like a1: not full by 2027-01-24');
    expect(out).toContain('10 requests/s now (replicas.csv, stated), 10% a week more');
    expect(out).toContain('no money: no prices are named');
  });

  it('has money by a price book, and all of it as JSON and as a page', async () => {
    write(
      'prices.yaml',
      'currency: EUR',
      'source: a list',
      'devices:',
      '  - { class: A100, price: 2.50/h, from: 2026-01-01 }',
    );
    const report = await reportOf('--growth', '5%..15%/week', '--prices', 'prices.yaml', '--html', 'plan.html');
    expect(report.currency).toBe('EUR');
    expect(report.weeks).toHaveLength(52);
    // The first week: one replica at 2.50 an hour for 168 hours, and a little growth.
    expect(report.weeks[0]?.micros?.estimate).toBeGreaterThan(420_000_000);
    expect(report.weeks[0]?.micros?.estimate).toBeLessThan(460_000_000);
    expect(report.full.early! < report.full.notFound!).toBe(true);
    expect(report.full.late! > report.full.notFound!).toBe(true);
    const page = readFileSync(path.join(folder, 'plan.html'), 'utf8');
    expect(page).toContain('<title>Capacity plan of nodes.csv</title>');
    expect(page).toContain(`full ${report.full.notFound}`);
    expect(page.match(/<svg class="plot"/g)).toHaveLength(3);
    expect(page).not.toContain('<script');
  });

  it('follows a forecast with quantiles, and ends where it ends', async () => {
    write('rates.csv', 'date,rate,p05,p95', '2026-11-30,10,8,12', '2026-12-14,15,10,25', '2026-12-28,30,15,60');
    const report = await reportOf('--forecast', 'rates.csv');
    expect([report.from, report.until]).toEqual(['2026-11-30', '2027-01-10']);
    expect(report.weeks.map(({ replicas }) => replicas[0]?.estimate)).toEqual([2, 2, 3, 3, 6, 6]);
    expect(report.full).toMatchObject({ notFound: '2026-12-28', proven: '2026-12-28' });
    expect(report.full.early! <= '2026-12-14').toBe(true);
    const late = await plan([...lists, '--forecast', 'rates.csv', '--until', '2027-06-30']);
    expect([late.exit, late.err]).toEqual([2, expect.stringContaining('the forecast ends on 2027-01-10')]);
  });

  it('takes rate, noise and weekdays from recorded days', async () => {
    const factors = [1.1, 1.1, 1.1, 1.1, 1.6, 0.5, 0.5];
    const days = Array.from({ length: 56 }, (_, at) => {
      const week = Math.floor(at / 7);
      const rate = 5 * 1.04 ** week * (factors[at % 7] ?? 1) * (1 + 0.02 * Math.sin(3 * week));
      return `${new Date(Date.parse('2026-10-05') + at * 86_400_000).toISOString().slice(0, 10)},${rate.toFixed(4)}`;
    });
    write('history.csv', 'date,rate', ...days);
    const { out } = await plan([...lists, '--growth', 'recorded', '--history', 'history.csv', '--until', '60d']);
    expect(out).toMatch(/requests\/s now \(mean of the last week of 56 recorded days\), [34]\.?\d*% a week more \(/);
    expect(out).toMatch(/chat: Friday has 1\.6 times the mean; weekdays make the error on later days \d+% smaller/);
    expect(out).not.toContain('no days are recorded');
  });

  it('states numbers by option, for one service or for all', async () => {
    write(
      'replicas.csv',
      'name,cpu_milli,memory_mib,num_gpu,per_replica,rate',
      'chat,1000,1024,1,10,10',
      'embed,1000,1024,1,10,',
    );
    const stated = [
      '--growth',
      '5%/week',
      '--growth',
      'embed=1%/week',
      '--rate',
      'embed=5/s',
      '--peak',
      '2..3',
      '--per-replica',
      'chat=20',
    ];
    const report = await reportOf(...stated);
    expect(report.services.map(({ from }) => from[0])).toEqual([
      '10 requests/s now (replicas.csv, stated), 5% a week more',
      '5 requests/s now (stated), 1% a week more',
    ]);
    // 10 * 2.45 / 20 = 1.2, and 5 * 2.45 / 10 = 1.2.
    expect(report.weeks[0]?.replicas.map(({ estimate }) => estimate)).toEqual([2, 2]);
  });

  it.each([
    [['--growth', '5%/week'], 'no pool is named', 'plimsoll capacity plan --pool NAME --growth 5%/week'],
    [lists, 'nothing says how demand grows', '--growth 5%/week, or --forecast FILE'],
    [[...lists, '--growth', '5%'], '--growth: "5%" cannot be read', '--growth 5%/week'],
    [[...lists, '--growth', 'chatt=5%/week'], 'no planned service is named chatt; is it chat?', 'chat'],
    [[...lists, '--growth', 'recorded'], 'recorded days do not tell the growth of chat', '--history FILE'],
    [[...lists, '--growth', '5%/week', '--until', '2020-01-01'], 'is no day of the next five years', '--until 180d'],
    [[...lists, '--growth', '5%/week', '--nodes-down', '9'], 'no number up to 3', '--nodes-down 1'],
    [[...lists, '--growth', '5%/week', '--peak', '0.5'], '--peak: "0.5" cannot be read', '--peak 2.5'],
    [['--pool', 'nodes.csv', '--growth', '5%/week'], 'no list of replicas is named', '--replicas replicas.csv'],
  ])('%j is refused with the next thing to do', async (argv, message, next) => {
    const { exit, err } = await plan(argv);
    expect([2, 3]).toContain(exit);
    expect(err).toContain(message);
    expect(err).toContain(next);
  });

  it('refuses a service that takes nothing, and more losses than can be tried', async () => {
    write('replicas.csv', 'name,cpu_milli,memory_mib,num_gpu,per_replica,rate,peak', 'chat,0,0,0,10,10,2');
    const nothing = await plan([...lists, '--growth', '5%/week']);
    expect([nothing.exit, nothing.err]).toEqual([
      2,
      expect.stringContaining('replicas.csv:2: chat takes no CPU, no memory and no device'),
    ]);
    const kinds = Array.from({ length: 40 }, (_, at) => `k${at},16000,65536,2,M${at}`);
    write('nodes.csv', 'name,cpu_milli,memory_mib,gpu,model', ...kinds);
    write('replicas.csv', 'name,cpu_milli,memory_mib,num_gpu,per_replica,rate,peak', 'chat,1000,0,1,10,10,2');
    const many = await plan([...lists, '--growth', '5%/week', '--nodes-down', '3']);
    expect([many.exit, many.err]).toEqual([2, expect.stringContaining('next: --nodes-down 2')]);
  });

  it('names the line of a list that is wrong', async () => {
    write('rates.csv', 'date,rate', '2026-11-30,10', '2026-11-30,11');
    expect((await plan([...lists, '--forecast', 'rates.csv'])).err).toContain(
      'rates.csv:3: chat has two rows of one day',
    );
    write('history.csv', 'date,rate', '2026-11-01,10', '2026-11-03,11');
    const { err } = await plan([...lists, '--growth', '5%/week', '--history', 'history.csv']);
    expect(err).toContain('history.csv:3: the day after 2026-11-01 is missing for chat');
    write('replicas.csv', 'name,cpu_milli,memory_mib,num_gpu,per_replica', 'chat,1000,1024,1,fast');
    expect((await plan([...lists, '--growth', '5%/week'])).err).toContain('replicas.csv:2: per_replica is to be');
  });
});

describe('plimsoll capacity plan with a contract', { timeout: 120_000 }, () => {
  const text = chatContract.replace(
    'environments:',
    'objective: { latency: { p99: 50ms } }\ncoldStart: { p90: 45s }\nscaling: { replicas: { min: 1, max: 8 } }\nenvironments:',
  );
  const pool = gpuPool([...goodNodes, ...goodNodes.map((node) => ({ ...node, name: `${node.name}-2` }))]);
  const shown: ScalingMeasurements = {
    scalingVersion: 1,
    policy: 'plimsoll',
    arrivals: { kind: 'trace', name: 'requests.csv', digest: digest('trace'), requests: 360_000, spanMs: 3_600_000 },
    scoreFromMs: 0,
    endMs: 3_600_000,
    latencyMs: 50,
    replicas: { min: 1, max: 8 },
    warmPool: 0,
    starts: 30,
    ratePerSecond: 262,
    peakReplicas: 3,
    runs: [{ seed: 1, requests: 360_000, inTime: 360_000, acceleratorSeconds: 3_600 }],
    withoutZero: null,
    keepAlive: null,
  };

  async function measured(
    scaling: ScalingMeasurements = shown,
    kinds: readonly string[] = ['cold-start', 'capacity', 'scaling'],
  ) {
    const world = verifyWorld(pool, text.replace('protocol: openai', 'protocol: open-inference-v2'));
    const present = { ...(await checkoutSubjects(world.project, 'prod')), arrivals: digest('trace') };
    const starts = Array.from({ length: 30 }, (_, at) => ({
      totalMs: 900 + at,
      outcome: 'ready' as const,
      phases: [],
    }));
    const tiers = { 'node-disk': { prepared: 'page cache dropped', starts } };
    const coldStart = coldStartRecord({ coldStartVersion: 1, platform: 'local', timeoutMs: 60_000, tiers });
    const record = async (evidence: LockedEnvironment['evidence']): Promise<void> =>
      world.project.changeLock((lock) => {
        const environment = lock?.environments['prod'];
        if (lock === null || environment === undefined) throw new Error('the lock pins prod');
        const kept = Object.fromEntries(Object.entries(evidence).filter(([kind]) => kinds.includes(kind)));
        const all = { ...environment.evidence, ...kept };
        return { ...lock, environments: { prod: { ...environment, evidence: all } } };
      });
    await record({
      'cold-start': buildEvidence('cold-start', present, { measurements: coldStart }),
      capacity: buildEvidence('capacity', present, { measurements: { ...measuredCapacity } }),
    });
    const built = { ...(await checkoutSubjects(world.project, 'prod')), arrivals: digest('trace') };
    const measurements = scalingRecord(scaling);
    await record({ scaling: buildEvidence('scaling', built, { measurements }) });
    return world;
  }
  const growth = ['--pool', 'gpu-eu', '--growth', '10%/week', '--until', '364d'];

  it('plans by its capacity and scaling evidence on the nodes that verify admits', async () => {
    const { exit, out, err } = await plan(growth, await measured());
    expect([exit, err]).toEqual([0, '']);
    expect(out).toContain('chat/prod on gpu-eu:');
    expect(out).toContain('100 requests/s now (scaling evidence, requests.csv), 10% a week more');
    expect(out).toContain('262 (262 to 300) requests/s of one replica (capacity evidence)');
    // 100 / 262 = 0.382 replicas of mean; the peak of 3 is 2.5 / 0.382 = 6.55 times that.
    expect(out).toContain(
      'at the peak 6.55 (5.24 to 7.86) times the replicas of the mean, on average 2.62 times (scaling evidence, requests.csv)',
    );
    // Eight devices, two lost: the seventh replica is needed once 2.5 * 1.1^(d / 7) > 6, 65 days after 1970-01-02.
    expect(out).toContain('full: 1970-03-08 by the estimate');
    expect(out).toContain('chat/prod needs more than scaling.replicas.max (8) from');
  });

  it('takes rate, growth and noise from what the control plane recorded, where none is stated', async () => {
    // 5 requests/s that grow by 4% a week, seven whole weeks.
    const days = Array.from({ length: 49 }, (_, day) => ({
      day,
      ratePerSecond: 5 * 1.04 ** Math.floor(day / 7) * (1 + 0.02 * Math.sin(3 * Math.floor(day / 7))),
    }));
    const asked: unknown[] = [];
    const operations = {
      arrivals: async (scope: unknown) => {
        asked.push(scope);
        return { days };
      },
      environmentRecords: async () => [],
    } as unknown as Operations;
    const world = { ...(await measured()), controlPlane: 'http://127.0.0.1:7080', operations };
    const { exit, out, err } = await plan(['--pool', 'gpu-eu', '--until', '60d'], world);
    expect([exit, err]).toEqual([0, '']);
    expect(asked).toEqual([{ service: 'chat', environment: 'prod' }]);
    expect(out).toMatch(/requests\/s now \(mean of the last week of 49 recorded days\), [34]\.?\d*% a week more \(/);
    expect(out).not.toContain('no days are recorded');
    // What is stated, or of a file, comes first.
    const stated = await plan(['--pool', 'gpu-eu', '--until', '60d', '--growth', '1%/week', '--rate', '9/s'], world);
    expect(stated.out).toContain('9 requests/s now (stated), 1% a week more');
  });

  it('goes on by evidence where the control plane does not hold the service, or recorded less than a week', async () => {
    const without = async (arrivals: () => Promise<unknown>) => {
      const operations = { arrivals, environmentRecords: async () => [] } as unknown as Operations;
      return plan(growth, { ...(await measured()), controlPlane: 'http://127.0.0.1:7080', operations });
    };
    const unknown = new PlimsollError({ code: 'unknown-service', category: 'not-found', message: 'chat is not here' });
    const known = { days: [{ day: 1, ratePerSecond: 50 }] };
    for (const { exit, out } of [await without(() => Promise.reject(unknown)), await without(async () => known)]) {
      expect(exit).toBe(0);
      expect(out).toContain('100 requests/s now (scaling evidence, requests.csv), 10% a week more');
    }
  });

  it('says that no node admits a service', async () => {
    const world = await measured();
    const refusing = gpuPool([badNode]);
    const pools = { ...world.pools, read: async () => refusing };
    const { out } = await plan(growth, { ...world, pools });
    expect(out).toContain(
      'no node of the pool admits chat/prod, so that it is full from the first day on: plimsoll verify',
    );
    expect(out).toContain('full: 1970-01-02 by the estimate');
  });

  it('says what is missing, and the command that tells it', async () => {
    const without = await plan(growth, await measured(shown, ['scaling']));
    expect(without.exit).toBe(3);
    expect(without.err).toContain('nothing says what one replica of chat/prod sustains: capacity evidence is');
    expect(without.err).toContain('next: plimsoll capacity, or state it: --per-replica chat/prod=14/s');
    const old = await measured();
    const { peakReplicas: _, ...unpeaked } = shown;
    const earlier = await plan(growth, await measured(unpeaked));
    expect(earlier.err).toContain('the scaling evidence is of a version that did not record it');
    expect(earlier.err).toContain('plimsoll scale simulate --record --trace FILE, or state it: --peak chat/prod=2.5');
    expect((await plan([...growth, '--peak', 'chat=2'], old)).exit).toBe(0);
    expect((await plan(['--pool', 'gpu-us', '--growth', '5%/week'], old)).err).toContain('there is no pool gpu-us');
  });
});

import { judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import type { ScalingReport } from '../../core/scaling/simulation/score/scaling-report.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { measuredProject } from '../../testing/builders/measured-project.ts';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildLock, digest } from '../../testing/builders/evidence-builders.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';
import { pricesDigest } from '../../core/cost/prices/price-texts.ts';
import { readPriceBook } from '../../schemas/prices/read-price-book.ts';
import { makeMemoryProject, type MemoryProject } from '../../testing/fakes/memory/memory-project.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-simulate-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Nothing but numbers: no contract is found. */
const alone: MemoryProject = {
  ...makeMemoryProject({ contract: '' }),
  contract: () =>
    Promise.reject(new PlimsollError({ code: 'contract-missing', category: 'input', message: 'no contract' })),
};
const run = (argv: readonly string[], world: CommandLineWorld = {}) =>
  runCommandLine(['scale', 'simulate', ...argv], { project: alone, cwd: folder, controlPlane: null, ...world });

const arrivals = ['--generate', 'poisson:rate=10/s,for=3m'];
const stated = ['--curve', 'slots:4,200ms', '--start', '10s,fail=1%', '--latency', '2s@p99', '--max', '6'];
const few = ['--seeds', '3', '--policies', 'plimsoll,static', '--sweep', 'none'];

describe('plimsoll scale simulate', () => {
  it('tells what policies did and what is possible, by numbers that are stated', async () => {
    const { exit, out, err } = await run([...arrivals, ...stated, ...few]);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^arrivals +poisson:rate=10\/s,for=3m: 1,\d\d\d requests in 3m 0s, [\d.]+\/s$/m);
    expect(out).toMatch(/^start +half within 7.5s, .*1% fail \(stated, not measured\)$/m);
    expect(out).toMatch(
      /^capacity +14 requests\/s of one replica \(stated, not measured: 70% of the most it can do\)$/m,
    );
    expect(out).toMatch(/^scored +from 18s on, 3 seeds$/m);
    expect(out).toMatch(/^plimsoll +100\.00% held +100\.00%\.\.100\.00% /m);
    expect(out).toMatch(/^static 1 +100\.00% held /m);
    expect(out).toMatch(/^bound +\d+ accelerator-s: no policy that attains costs less/m);
    expect(out).toMatch(/^pass: 100\.00% in time/m);
  });

  it('tells the policies a schedule, and is ready for a rush that it states', async () => {
    const rush = ['--generate', 'flash:rate=2/s,factor=10,at=20m,lasting=5m,for=30m'];
    const slow = [
      ...stated,
      '--start',
      'fixed:120s',
      '--max',
      '12',
      '--seeds',
      '1',
      '--policies',
      'plimsoll',
      '--sweep',
      'none',
    ];
    const lateOf = async (...argv: readonly string[]): Promise<number> => {
      const { out, err } = await run([...rush, ...slow, ...argv, '--json']);
      expect(err).toBe('');
      return 1 - ((JSON.parse(out) as ScalingReport).policies[0]?.attainment.mean ?? 0);
    };
    const schedule = ['--begins', '2026-11-02T08:40', '--schedule', 'Mon 09:00-09:05=20/s'];
    const [without, scheduled] = [await lateOf(), await lateOf(...schedule)];
    expect(without).toBeGreaterThan(0.02);
    expect(scheduled).toBeLessThan(0.01);
    const { out } = await run([...rush, ...slow, ...schedule]);
    expect(out).toContain('scheduled: Mon 09:00-09:05 (UTC): 20/s');
    expect((await run([...arrivals, ...stated, '--seasons'])).err).toContain('--begins 2026-11-02T00:00');
  });

  it('gives the same as JSON, and the same again', async () => {
    const argv = [...arrivals, ...stated, ...few, '--json'];
    const first = await run(argv);
    expect(await run(argv)).toEqual(first);
    const report = JSON.parse(first.out) as ScalingReport;
    expect(report).toMatchObject({ service: null, verdict: 'pass', seeds: 3, withoutZero: null, pareto: null });
    const [own] = report.policies;
    expect(own?.label).toBe('plimsoll');
    expect(own).not.toHaveProperty('timeline');
    const { serving = 0, idle = 0, loading = 0, draining = 0 } = own?.byState ?? {};
    expect(serving + idle + loading + draining).toBeCloseTo(own?.acceleratorSeconds.mean ?? 0, 3);
    const { boundSeconds, planSeconds } = report.clairvoyant;
    expect(boundSeconds).toBeLessThanOrEqual(planSeconds ?? 0);
    expect(own?.regret.overPlanShare).toBeCloseTo((own?.acceleratorSeconds.mean ?? 0) / (planSeconds ?? 1) - 1, 9);
  });

  it('exits with 1 when the own policy misses the objective, and 3 when it is not among them', async () => {
    const busy = ['--generate', 'poisson:rate=100/s,for=2m', ...stated, '--max', '2'];
    const missed = await run([...busy, ...few]);
    expect(missed.exit).toBe(1);
    expect(missed.out).toMatch(/^plimsoll +[\d.]+% MISSED/m);
    expect(missed.out).toContain('not even 2 replicas all the time attain');
    expect(missed.out).toMatch(/^plan +none found that attains/m);
    expect((await run([...arrivals, ...stated, '--seeds', '3', '--policies', 'static-2'])).exit).toBe(3);
  });

  it('tells whether sleep would pay', async () => {
    const page = path.join(folder, 'page.html');
    const quiet = [
      ...['--sweep', 'none'],
      '--generate',
      'silence:rate=50/s,on=2m,off=4m,for=30m',
      ...stated,
      '--seeds',
      '3',
      '--policies',
      'plimsoll',
    ];
    const { out, err } = await run([...quiet, '--sleep', '4,wake=1s,price=5%', '--score-from', '50%', '--html', page]);
    expect(err).toBe('');
    expect(await readFile(page, 'utf8')).toContain('</span>asleep</li>');
    expect(out).toMatch(/^sleep +up to 4 asleep, awake after 1s, 5% of an accelerator-second each$/m);
    expect(out).toMatch(/^plimsoll without sleep +[\d.]+% /m);
    expect(out).toMatch(/ draining +asleep +wakes +starts /);
    expect(out).toMatch(/^plimsoll +[^\n]* - +-$/m);
    const [, slept = '', awake = ''] =
      /sleep: ([\d,]+) accelerator-seconds with it .*, ([\d,]+) without .* less$/m.exec(out) ?? [];
    const [least, most] = [slept, awake].map((count) => Number(count.replaceAll(',', '')));
    expect(least).toBeLessThan(0.9 * (most ?? 0));
    const recorded = await run([...arrivals, ...few, '--sleep', '4,wake=1s,price=5%', '--record']);
    expect([recorded.exit, recorded.err]).toEqual([2, expect.stringContaining('--sleep states something else')]);
  });

  it('tells what wrong evidence does: a sweep in each report, or a told curve and start', async () => {
    const page = path.join(folder, 'page.html');
    const busy = [
      '--generate',
      'poisson:rate=40/s,for=3m',
      ...stated,
      '--seeds',
      '2',
      '--policies',
      'plimsoll,keda,static',
    ];
    const { out, err } = await run([...busy, '--sweep', '0.25,4', '--html', page]);
    expect(err).toBe('');
    expect(out).toMatch(/^told \/ real +0\.25 +1 +4$/m);
    expect(out).toMatch(/^plimsoll, capacity +100\.00% [+-]\d+\.\d% +100\.00% +\d+\.\d\d% [+-]\d+\.\d%$/m);
    expect(out).toMatch(/^keda, capacity +(\d+\.\d\d%) \+0\.0% +\1 +\1 \+0\.0%$/m);
    expect(out).toMatch(/^plimsoll, start /m);
    expect(out).not.toMatch(/^static 4, capacity/m);
    expect(await readFile(page, 'utf8')).toContain('<h2>With wrong evidence</h2>');
    const told = await run([...busy, '--sweep', 'none', '--told-curve', '4x', '--told-start', 'fixed:1s', '--json']);
    const report = JSON.parse(told.out) as ScalingReport;
    expect(report.sweep).toEqual([]);
    expect(report.ground.told).toMatchObject({ capacity: { ratePerSecond: 56 }, starts: { timesMs: [1_000] } });
    expect(report.ground.capacity.ratePerSecond).toBe(14);
    expect(report.verdict).not.toBe('pass');
  });

  it('shows choices of knobs, and writes a page', async () => {
    const page = path.join(folder, 'page.html');
    const { out } = await run([
      ...arrivals,
      ...stated,
      '--seeds',
      '2',
      '--policies',
      'plimsoll,kpa,static',
      '--pareto',
      '--html',
      page,
    ]);
    expect(out).toMatch(/^kpa +[\d.]+% +[\d,]+ +(yes)? +\{"/m);
    const text = await readFile(page, 'utf8');
    expect(text).toContain('<svg class="plot"');
    expect(text).toContain('static 1');
    expect(text).not.toContain('</span>asleep</li>');
    const nowhere = await run([...arrivals, ...stated, ...few, '--html', path.join(folder, 'no', 'page.html')]);
    expect([nowhere.exit, nowhere.err]).toEqual([2, expect.stringContaining('--html')]);
  });

  it('says how far it is', async () => {
    const notes: string[] = [];
    let nowMs = 0;
    const clock = { nowMs: () => 0, monotonicMs: () => (nowMs += 400) } as unknown as NonNullable<
      CommandLineWorld['clock']
    >;
    await run([...arrivals, ...stated, ...few], { notes, clock });
    expect(notes[0]).toMatch(/^simulating: \d+ of \d+, about .* left$/);
  });
});

describe('a trace', () => {
  const simulate = async (text: string, more: readonly string[] = []) => {
    await writeFile(path.join(folder, 'requests.csv'), text);
    return run(['--trace', 'requests.csv', ...stated, ...few, ...more]);
  };
  const rows = (count: number) => Array.from({ length: count }, (_, at) => `${at / 5}`).join('\n');

  it('is simulated, a gap in it noted', async () => {
    const { exit, out } = await simulate(
      `${rows(300)}\n${rows(300)
        .split('\n')
        .map((row) => 200 + Number(row))
        .join('\n')}\n`,
    );
    expect(exit).toBe(0);
    expect(out).toMatch(/^arrivals +requests\.csv: 600 requests in 4m 19s/m);
    expect(out).toMatch(/nothing arrives for 2m 20s from 59.8s on.*are rows missing/);
    expect(out).toMatch(/^idle gaps +1, the longest 2m 20s; the last replica is kept cheapest/m);
  });

  it.each([
    ['5\n1\n', 'requests.csv: line 2, column 1: the time 1 is more than 1s before 5 of a line above'],
    ['1\n-2\n', 'requests.csv: line 2, column 1: '],
    ['', 'requests.csv is empty'],
    ['time\n', 'the trace has no row'],
    ['1\n1\n1\n', 'has one moment only'],
    ['TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.97,4808,10\n', 'give --tokens FIXED'],
  ])('%j is refused, with file and line', async (text, said) => {
    const { exit, err } = await simulate(text);
    expect([exit, err]).toEqual([2, expect.stringContaining(said)]);
    expect(err).not.toContain('add the file again');
  });

  it('that is not there is told by its name', async () => {
    await simulate('1\n2\n');
    const { exit, err } = await run(['--trace', 'request.csv', ...stated]);
    expect([exit, err]).toEqual([2, expect.stringContaining('did you mean requests.csv?')]);
  });

  it('of tokens takes what they take', async () => {
    const text = `TIMESTAMP,ContextTokens,GeneratedTokens\n${Array.from({ length: 50 }, (_, at) => `2023-11-16 18:17:${String(at).padStart(2, '0')}.5,100,10`).join('\n')}\n`;
    const { out } = await simulate(text, ['--tokens', '100ms,0.5ms,20ms']);
    expect(out).toContain('a request takes 350ms on average, and the policies are told 200ms of the curve');
  });
});

describe('what is wrong with the command line', () => {
  it.each([
    [[], '--generate poisson:rate=20/s,for=1h'],
    [[...arrivals, '--trace', 'x'], 'are both given'],
    [[...arrivals], 'give --latency'],
    [[...arrivals, '--latency', '5s@p99'], 'give --start'],
    [[...arrivals, '--latency', '5s@p99', '--start', '40s'], 'give --curve'],
    [[...arrivals, ...stated, '--told-curve', '0x'], '--told-curve takes factors from 0.01 to 100'],
    [[...arrivals, ...stated, '--told-curve', 'batch:5ms'], 'a curve of slots, or a factor as 2x'],
    [[...arrivals, ...stated, '--told-start', 'soon'], '--told-start takes a start such as'],
    [[...arrivals, ...stated, '--sweep', '0.5,x'], '--sweep takes factors from 0.01 to 100'],
    [[...arrivals, ...stated, '--seeds', '0'], '--seeds takes a whole number from 1 to 1000'],
    [[...arrivals, ...stated, '--min', '7', '--max', '3'], '--min 7 is above --max 3'],
    [[...arrivals, ...stated, '--min', '1', '--to-zero'], 'leave out one of the two'],
    [[...arrivals, ...stated, '--policies', 'plimsol'], 'did you mean `plimsoll`?'],
    [[...arrivals, ...stated, '--policies', 'keda,kap'], 'no policy is named `kap`; did you mean `kpa`?'],
    [[...arrivals, ...stated, '--latency', '5s'], '`5s@p99`'],
    [[...arrivals, ...stated, '--latency', '5@p99'], 'a unit is missing'],
    [[...arrivals, ...stated, '--start', '40'], '--start `40`: a unit is missing'],
    [[...arrivals, ...stated, '--curve', 'slots:4'], '--curve `slots:4`'],
    [[...arrivals, ...stated, '--tokens', '1ms,2ms'], '`50ms,0.1ms,20ms`'],
    [[...arrivals, ...stated, '--score-from', '4m'], 'beyond the last arrival, at 3m 0s'],
    [[...arrivals, ...stated, '--record'], 'leave out one of the two'],
    [[...arrivals, ...stated, '--sleep', '2,wake=3s'], 'behind `price=`'],
    [[...arrivals, ...stated, '--sleep', '2,wake=8s,price=5%'], 'half of the starts are done in 7.5s'],
    [['--generate', 'poison:rate=1/s,for=1m', ...stated], 'did you mean `poisson`?'],
    [['--generate', 'poisson:rate=1/h,for=1s', ...stated], 'no request comes'],
  ])('%j', async (argv, said) => {
    const { exit, err } = await run(argv);
    expect([exit, err]).toEqual([2, expect.stringContaining(said)]);
    expect(err).toContain('next: ');
  });
});

const contract = (scaling: string, more = ''): string =>
  `${minimalContract}objective: { latency: { p99: 50ms } }\ncoldStart: { p90: 45s }\nscaling: ${scaling}\n${more}`;
const scaled = '{ replicas: { min: 1, max: 6 } }';
const scalingState = async (project: MemoryProject): Promise<EvidenceState | undefined> =>
  (await judgeCheckout(project, 'default', 2_000_000)).find(({ kind }) => kind === 'scaling');
const steady = ['--generate', 'poisson:rate=20/s,for=1m'];

describe('with a contract', () => {
  it('takes starts and capacity from evidence, and what options override as stated', async () => {
    const project = await measuredProject(contract(scaled));
    const { out } = await run([...steady, ...few, '--start', 'fixed:2s', '--max', '8'], { project });
    expect(out).toMatch(/^objective +99% within 50ms \(the contract\)$/m);
    expect(out).toMatch(/^replicas +1 to 8 \(stated\)$/m);
    expect(out).toMatch(/^start +half within 2s, 95% within 2s \(stated, not measured\)$/m);
    expect(out).toMatch(/^capacity +262 requests\/s of one replica \(capacity evidence\)$/m);
    expect(out).toContain('every start takes the same time');
  });

  it('says what is not fresh, and which option states it', async () => {
    const project = makeMemoryProject({ contract: contract(scaled) });
    const { exit, err } = await run([...steady, ...few], { project });
    expect([exit, err]).toEqual([2, expect.stringMatching(/cold-start evidence is missing[^]*give --start/)]);
  });

  it('records evidence that is fresh, and goes stale with what it rests on', async () => {
    const project = await measuredProject(contract(scaled));
    const { exit, out } = await run([...steady, ...few, '--record'], { project });
    const state = await scalingState(project);
    expect(state?.freshness).toBe('fresh');
    expect(exit).toBe({ pass: 0, fail: 1, inconclusive: 3, unknown: 3 }[state?.verdict ?? 'unknown']);
    expect(out).toContain('recorded as scaling evidence in plimsoll.lock');
    expect(out).toContain(state?.reasons[0]);
    const locked = (await project.lock())?.environments['default'];
    expect(locked?.evidence.scaling?.measurements).toMatchObject({
      arrivals: { kind: 'generated', name: 'poisson:rate=20/s,for=1m' },
      starts: 30,
      peakReplicas: 1,
      runs: [expect.stringMatching(/^seed 1: \d+ of \d+ in time/), expect.any(String), expect.any(String)],
    });
    project.edit({ contract: contract(scaled).replace('p99: 50ms', 'p99: 60ms') });
    expect(await scalingState(project)).toMatchObject({ freshness: 'stale' });
    project.edit({ contract: contract('{ replicas: { min: 1, max: 5 } }') });
    expect(await scalingState(project)).toMatchObject({ freshness: 'fresh', verdict: 'unknown' });
  });

  it('names the price list of the environment where the contract names none', async () => {
    const project = await measuredProject(contract(scaled));
    const { operationsFor } = await openStoreOperations();
    const operations = operationsFor('ada');
    const prices = readPriceBook('currency: EUR\naccelerators: { default: 2.50/h }\n', 'prices.yaml');
    await operations.setEnvironmentRecord({ environment: 'default', terms: { prices } });
    const asked = { project, operations, controlPlane: 'http://127.0.0.1:7070' };
    const { out } = await run([...steady, ...few, '--record'], asked);
    expect(out).toMatch(/^prices +the record of default: EUR 2\.50\/h \(\w+\)$/m);
    const scaling = (await project.lock())?.environments['default']?.evidence.scaling;
    expect(scaling?.subjects['prices']).toBe(pricesDigest(prices));
    expect(scaling?.measurements['prices']).toEqual({
      ...{ digest: pricesDigest(prices), currency: 'EUR', accelerator: '2.50/h' },
    });
    const state = await scalingState(project);
    expect(state).toMatchObject({ freshness: 'fresh', judgedOnRelease: ['prices'] });
    expect(state?.reasons.at(-1)).toMatch(/^priced at EUR 2\.50\/h \(price list \w+\)$/);
    // Without them it is measured of no prices, and not of those of the last time.
    await run([...steady, ...few, '--record'], { project });
    expect((await project.lock())?.environments['default']?.evidence.scaling?.subjects).not.toHaveProperty('prices');
  });

  it('goes stale when the generated arrivals in the lock are edited', async () => {
    const project = await measuredProject(contract(scaled));
    await run([...steady, ...few, '--record'], { project });
    const lock = await project.lock();
    if (lock === null) throw new Error('no lock');
    const text = JSON.stringify(lock).replaceAll('rate=20/s', 'rate=900/s');
    await project.changeLock(() => JSON.parse(text) as typeof lock);
    expect(await scalingState(project)).toMatchObject({
      freshness: 'stale',
      reasons: [expect.stringContaining('arrivals moved')],
    });
  });

  it('proves scaling to zero, or says with two numbers why not', async () => {
    const text = contract('{ replicas: { min: 0, max: 6 }, toZero: when-proven }');
    const rare = [
      '--generate',
      'poisson:rate=0.04/s,for=20m',
      '--sweep',
      'none',
      '--record',
      '--seeds',
      '3',
      '--policies',
      'plimsoll',
    ];
    const strict = await measuredProject(text);
    const failed = await run(rare, { project: strict });
    expect([failed.exit, failed.err]).toEqual([1, '']);
    expect(failed.out).toMatch(/^plimsoll without zero /m);
    expect(failed.out).toMatch(/scaling to zero: .*: [\d,]+ accelerator-seconds with zero, [\d,]+ without; /);
    expect(await scalingState(strict)).toMatchObject({ freshness: 'fresh', verdict: 'fail' });
    // A p50 leaves room for the first request after each gap.
    const lenient = await measuredProject(text.replace('p99: 50ms', 'p50: 10s'));
    const passed = await run(rare, { project: lenient });
    expect([passed.exit, passed.out]).toEqual([0, expect.stringContaining('scaling to zero: it costs less')]);
    expect(await scalingState(lenient)).toMatchObject({ freshness: 'fresh', verdict: 'pass' });
  });

  it('does not record over a stale measurement', async () => {
    const project = await measuredProject(contract(scaled));
    const lock = await project.lock();
    const locked = lock?.environments['default'];
    if (lock === null || locked === undefined) throw new Error('no lock');
    await project.changeLock(() => buildLock({ default: { ...locked, deviceClasses: [digest('another cpu')] } }));
    const { exit, err } = await run([...steady, ...few, '--record'], { project });
    expect([exit, err]).toEqual([2, expect.stringMatching(/cold-start evidence is stale[^]*next: plimsoll coldstart/)]);
  });
});

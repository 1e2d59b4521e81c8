import { artifactDigest } from '../../core/registry/artifact.ts';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FreshNode } from '../../ports/nodes/fresh-node.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import type { CacheOutcome, PageCache } from '../../ports/nodes/page-cache.ts';
import { runCommandLine, type CommandLineWorld } from '../../testing/rigs/command-line.ts';
import { FakeMachine } from '../../testing/fakes/fake-platform.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import type { ReplicaBehaviour } from '../../testing/contracts/platform-contract.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';
import { SelfMovingClock } from '../../testing/fakes/self-moving-clock.ts';
import type { ColdStartReport } from './coldstart-report.ts';

class FakePageCache implements PageCache {
  readonly asked: string[] = [];
  outcome: CacheOutcome = { how: 'where the test wants it' };

  async drop(files: readonly string[]): Promise<CacheOutcome> {
    this.asked.push(`drop ${files.length}`);
    return this.outcome;
  }
  async fill(files: readonly string[]): Promise<CacheOutcome> {
    this.asked.push(`fill ${files.length}`);
    return this.outcome;
  }
}

let world: ReleaseWorld;
let clock: SelfMovingClock;
let machine: FakeMachine;
let cache: FakePageCache;
/** What the n-th start does, the first (that is not counted) being 0. */
let nth: (at: number) => ReplicaBehaviour;
let started: number;

beforeEach(async () => {
  world = await ReleaseWorld.open();
  clock = new SelfMovingClock();
  machine = new FakeMachine(clock);
  cache = new FakePageCache();
  started = 0;
  nth = (at) => ({ kind: 'ready', afterMs: 300 + at });
  machine.behaviour = () => nth(started++);
});
afterEach(() => world.close());

async function pinned(section: string): Promise<void> {
  const file = path.join(world.folder, 'plimsoll.yaml');
  await writeFile(file, `${await readFile(file, 'utf8')}${section}\n`);
  await world.run('pin');
}

function run(words: readonly string[] = [], over: Partial<CommandLineWorld> = {}) {
  return runCommandLine(['coldstart', ...words], {
    project: world.project,
    store: world.store,
    blobs: world.blobs,
    operations: world.operations(),
    platform: machine.platform(),
    pageCache: cache,
    clock,
    cwd: world.folder,
    ...over,
  });
}

const evidence = async () => (await world.project.lock())?.environments['default']?.evidence['cold-start'];
const reportOf = (out: string) => JSON.parse(out) as ColdStartReport;

describe('plimsoll coldstart', () => {
  it('measures as many starts as the quantile takes from the tier of the contract, and records them', async () => {
    await pinned('coldStart: { p90: 1s }');
    const { exit, out } = await run();
    expect([exit, out]).toEqual([
      0,
      expect.stringContaining('29 starts from node-disk (files of model and code where'),
    ]);
    expect(out).toMatch(/pass: p90 at most \d+ms, within the budget 1s \(29 starts from node-disk\)/);
    expect(out).toMatch(
      /slowest: process-start, 1?\d\d% of the start; what would shorten it:\n +- start fewer programs/,
    );
    expect(cache.asked).toEqual(Array.from({ length: 30 }, () => 'drop 2'));
    const tiers = (await evidence())?.measurements['tiers'] as Record<string, { starts: string[] }>;
    expect(tiers['node-disk']?.starts).toHaveLength(29);
    expect(machine.replicas()).toEqual([]);
    await world.run('golden', 'record');
    const check = await world.run('check');
    expect([check.exit, check.out]).toEqual([0, expect.stringMatching(/cold-start +fresh +pass .*p90 at most/)]);
  });

  it('has its verdict from the contract, whose budget may move, and from no other tier', async () => {
    await pinned('coldStart: { p90: 1s }');
    await run();
    await world.run('golden', 'record');
    const file = path.join(world.folder, 'plimsoll.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('p90: 1s', 'p90: 100ms'));
    expect((await world.run('check')).out).toMatch(/cold-start +fresh +fail .*beyond the budget 100ms/);
    await writeFile(file, text.replace('p90: 1s', 'p90: 1s, from: memory'));
    expect((await world.run('check')).out).toMatch(/cold-start +stale .*tier moved/);
  });

  it('says how many starts are missing for the quantile, and is inconclusive', async () => {
    await pinned('coldStart: { p95: 1s }');
    const { exit, out } = await run(['--starts', '10']);
    expect([exit, out]).toEqual([3, expect.stringContaining('49 starts are missing: bounding p95 at 95% takes 59')]);
  });

  it('measures another tier without recording it, and all of them with what each was brought there by', async () => {
    await pinned('coldStart: { p90: 1s }');
    const memory = await run(['--tier', 'memory', '--starts', '3']);
    expect([memory.exit, memory.out]).toEqual([
      3,
      expect.stringContaining('not recorded: the budget speaks of starts from node-disk'),
    ]);
    expect(cache.asked).toEqual(Array.from({ length: 4 }, () => 'fill 2'));
    expect(await evidence()).toBeUndefined();
    const all = reportOf((await run(['--all-tiers', '--starts', '2', '--json'])).out);
    expect(all.tiers.map(({ tier, starts }) => [tier, starts.length])).toEqual([
      ['memory', 2],
      ['node-disk', 2],
    ]);
    expect(all.unmeasurable).toEqual([{ tier: 'fresh-node', why: expect.stringContaining('in no registry') }]);
    expect(Object.keys((await evidence())?.measurements['tiers'] as object)).toEqual(['memory', 'node-disk']);
  });

  it('measures without a budget too, and says that nothing was judged', async () => {
    await world.run('pin');
    const { exit, out } = await run(['--starts', '3']);
    expect([exit, out]).toEqual([3, expect.stringContaining('the contract does not write `coldStart`')]);
    expect(await evidence()).toBeUndefined();
  });

  it('refuses a tier that the machine cannot be brought to, instead of measuring another one', async () => {
    await pinned('coldStart: { p90: 1s }');
    cache.outcome = { refused: '3 MiB of 3 MiB stay in the page cache' };
    const { exit, err } = await run();
    expect([exit, err]).toEqual([
      3,
      expect.stringContaining('starts from node-disk cannot be measured here: 3 MiB of 3 MiB stay in the page cache'),
    ]);
    expect(started).toBe(0);
  });

  it('tells how far it is and how long it takes', async () => {
    await pinned('coldStart: { p90: 20s }');
    nth = () => ({ kind: 'ready', afterMs: 6_000 });
    const notes: string[] = [];
    await run(['--starts', '3'], { notes });
    expect(notes.join('\n')).toMatch(/start 2 of 3: ready after 6s, of which process-start 6s; about \d+(\.\d)?s left/);
    expect(notes.join('\n')).toMatch(/start 3 of 3: starting: the fake replica is starting; waited \ds, at most/);
  });
});

describe('starts that do not become ready', () => {
  it('are counted as never ready where they fail, and the rest goes on', async () => {
    await pinned('coldStart: { p90: 1s }');
    nth = (at) => (at === 3 ? { kind: 'exits', status: 1 } : { kind: 'ready', afterMs: 300 });
    const { exit, out } = await run();
    expect(exit).toBe(3);
    expect(out).toContain('29 starts (1 failed) from node-disk');
    expect(out).toContain('29 starts, 1 of them failed from node-disk');
  });

  it('are ended at the timeout and censored, and a run that cannot pass any more ends early', async () => {
    await pinned('coldStart: { p90: 1s }');
    nth = (at) => (at % 2 === 1 ? { kind: 'never-ready' } : { kind: 'ready', afterMs: 300 });
    const { exit, out } = await run(['--timeout', '20s', '--json']);
    const { verdict, tiers } = reportOf(out);
    expect([exit, verdict]).toEqual([1, 'fail']);
    expect(tiers[0]?.endedEarly).toBe('no further start could keep the budget after 13 of 29');
    expect(tiers[0]?.summary).toMatchObject({ starts: 13, running: 7 });
    expect(
      tiers[0]?.starts.filter(({ outcome }) => outcome === 'running').every(({ totalMs }) => totalMs >= 20_000),
    ).toBe(true);
    expect(machine.replicas()).toEqual([]);
  });

  it('end the command when it is the first, with what it said and nothing recorded', async () => {
    await pinned('coldStart: { p90: 1s }');
    nth = () => ({ kind: 'never-ready' });
    const endless = await run(['--timeout', '5s']);
    expect([endless.exit, endless.err]).toEqual([
      3,
      expect.stringContaining('the first start was not ready after 5s and was ended; nothing was measured'),
    ]);
    nth = () => ({ kind: 'exits', status: 3 });
    const failing = await run();
    expect([failing.exit, failing.err]).toEqual([
      1,
      expect.stringContaining('the replica did not start: exit status 3'),
    ]);
    expect(await evidence()).toBeUndefined();
    expect(machine.replicas()).toEqual([]);
  });

  it('an interrupt says what was measured, records nothing and leaves no replica', async () => {
    await pinned('coldStart: { p90: 1s }');
    const interrupt = new AbortController();
    nth = (at) => {
      if (at === 5) interrupt.abort(new Error('interrupted'));
      return { kind: 'ready', afterMs: 300 };
    };
    const { exit, err } = await run([], { signal: interrupt.signal });
    expect([exit, err]).toEqual([
      3,
      expect.stringMatching(/interrupted after 4 of 29 starts from node-disk \(median \d+ms, slowest \d+ms\)/),
    ]);
    expect(await evidence()).toBeUndefined();
    expect(machine.replicas()).toEqual([]);
  });
});

describe('starts from a fresh node', () => {
  const source = 's3://models/digits';
  const weights = new TextEncoder().encode('weights from elsewhere');

  async function fetchedModel(): Promise<void> {
    const { digest, bytes } = await world.blobs.put(weights);
    const files = [{ path: 'model.onnx', digest, bytes }];
    const { version } = await world.operations().addModelVersion({
      environment: 'default',
      name: 'digits',
      digest: artifactDigest(files),
      format: 'onnx',
      files,
      signature: (await world.store.modelVersion('default', 'digits', 1))?.signature ?? null,
      facts: {},
      lineage: { source },
    });
    const move = { name: 'digits', alias: 'candidate', from: 1, to: version.version, reason: 'fetched' };
    await world.operations().moveAlias({ environment: 'default', ...move });
    await pinned('coldStart: { p90: 5s, from: fresh-node }');
  }

  /** A place whose answer takes a while. */
  const placed = (bytes: Uint8Array, tookMs = 700): NonNullable<CommandLineWorld['remotePlace']> => {
    return async () => ({
      files: [{ path: 'model.onnx', bytes: bytes.length, digest: null }],
      async *read() {
        await clock.sleep(tookMs);
        yield bytes;
      },
    });
  };

  function nodes(): { open: () => Promise<FreshNode>; readonly removed: () => number; readonly held: () => boolean[] } {
    let removed = 0;
    const held: boolean[] = [];
    return {
      removed: () => removed,
      held: () => held,
      open: async () => {
        const blobs = memoryBlobs();
        return {
          platform: machine.platform(),
          blobs,
          remove: async () => {
            held.push(await blobs.has((await world.blobs.put(weights)).digest));
            removed += 1;
          },
        };
      },
    };
  }

  it('fetch the model each time, as a phase of the start', async () => {
    await fetchedModel();
    const fresh = nodes();
    const { exit, out } = await run(['--json'], { freshNode: fresh.open, remotePlace: placed(weights) });
    const [tier] = reportOf(out).tiers;
    expect([exit, tier?.tier, tier?.starts.length]).toEqual([0, 'fresh-node', 29]);
    expect(tier?.starts[0]?.phases).toContainEqual({ phases: ['weights-fetch'], durationMs: 700 });
    expect(tier?.starts[0]?.totalMs).toBeGreaterThanOrEqual(1_000);
    expect(tier?.summary.slowest?.phases).toEqual(['weights-fetch']);
    expect([fresh.removed(), fresh.held().every(Boolean)]).toEqual([30, true]);
    expect(cache.asked).toEqual([]);
  });

  it('are refused where the registry holds another file now', async () => {
    await fetchedModel();
    const fresh = nodes();
    const other = placed(new TextEncoder().encode('other weights'));
    const { exit, err } = await run([], { freshNode: fresh.open, remotePlace: other });
    expect([exit, err]).toEqual([1, expect.stringContaining('model.onnx is another file now in s3://models/digits')]);
    expect([fresh.removed(), started]).toEqual([1, 0]);
  });
});

describe('bad input of a start measurement', () => {
  it.each([
    [['--starts', '0'], '--starts must be a whole number from 1'],
    [['--starts', '1e9'], '--starts must be a whole number from 1'],
    [['--timeout', '90'], '--timeout must be a duration'],
    [['--tier', 'attic'], 'Allowed choices are memory, node-disk, fresh-node'],
    [['--tier', 'memory', '--all-tiers'], 'cannot be used with option'],
  ])('%j is refused', async (words, message) => {
    await pinned('coldStart: { p90: 1s }');
    const { exit, err } = await run(words);
    expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('of another platform is not measured here', async () => {
    await pinned('coldStart: { p90: 1s }');
    const { exit, err } = await run([], { platform: { name: 'kubernetes' } as Platform });
    expect([exit, err]).toEqual([
      3,
      expect.stringMatching(
        /default runs on the platform local, and .* on the platform kubernetes here.*waive cold-start/s,
      ),
    ]);
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fitCostSurface } from '../../core/capacity/mix/cost-surface.ts';
import { readCapacityMeasurements } from '../../core/evidence/kinds/capacity/capacity-measurements.ts';
import type { StreamedAnswer } from '../../core/capacity/streams/streamed-answer.ts';
import type { DriftSample } from '../../core/monitoring/samples/drift-sample.ts';
import type { RequestSizes } from '../../core/evidence/kinds/capacity/request-mix.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { EngineTensor } from '../../ports/serving/inference-engine.ts';
import type { ChatRequest } from '../../ports/serving/replica-client.ts';
import { FakeReplicaClient } from '../../testing/fakes/fake-replica-client.ts';
import { selfAdvancingClock } from '../../testing/fakes/self-advancing-clock.ts';
import { pacedService, type PacedService } from '../../testing/rigs/programs/paced-service.ts';
import { TokenEngine } from '../../testing/rigs/programs/token-engine.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';

/** One request at a time: 5 ms, and 2 ms for each of its rows. */
class RowsClient extends FakeReplicaClient {
  readonly #service: PacedService;
  readonly rows: number[] = [];

  constructor(clock: Clock) {
    super();
    this.#service = pacedService({ kind: 'slots', slots: 1, speeds: [1], meanWorkMs: 7 }, clock);
  }

  override async inferTensors(
    endpoint: string,
    model: string,
    request: { readonly inputs: readonly EngineTensor[] },
    signal: AbortSignal,
  ): Promise<readonly EngineTensor[]> {
    const rows = request.inputs[0]?.shape[0] ?? 1;
    this.rows.push(rows);
    const answer = await super.inferTensors(endpoint, model, request, signal);
    await this.#service.serve(5 + 2 * rows);
    return answer;
  }
}

/** Streams tokens at stated times; a word is 1.5 tokens, and the template adds 10. */
class TokensClient extends FakeReplicaClient {
  readonly #engine: TokenEngine;
  readonly #clock: Clock;
  knowsExact = true;
  readonly tokensIn: number[] = [];
  readonly prompts = new Set<string>();

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
    const times = { firstMs: 40, perInputMs: 0.1, betweenMs: 10, slots: 4, blockTokens: 16 };
    this.#engine = new TokenEngine(times, clock);
  }

  override async streamChat(
    _endpoint: string,
    { messages, tokensAtMost, isExact }: ChatRequest,
  ): Promise<StreamedAnswer> {
    if (isExact === true && !this.knowsExact)
      throw new PlimsollError({ code: 'replica-refused', category: 'refused', message: 'ignore_eos is not known' });
    const prompt = messages.map(({ content }) => content).join(' ');
    const words = prompt.split(' ');
    this.prompts.add(words.slice(0, 8).join(' '));
    const tokensIn = 10 + Math.round(1.5 * words.length);
    this.tokensIn.push(tokensIn);
    const sentMs = this.#clock.monotonicMs();
    const atMs: number[] = [];
    const request = { tokensIn, tokensOut: tokensAtMost, words };
    const cachedTokens = await this.#engine.serve(request, () => atMs.push(this.#clock.monotonicMs() - sentMs));
    const times = { ttftMs: atMs[0] ?? 0, lastTokenMs: atMs.at(-1) ?? 0, longestGapMs: 10 };
    return { ...times, tokensIn, tokensOut: tokensAtMost, cachedTokens };
  }
}

let world: ReleaseWorld;
beforeEach(async () => {
  world = await ReleaseWorld.open();
});
afterEach(() => world.close());

const file = () => path.join(world.folder, 'plimsoll.yaml');
async function pinned(lines: string) {
  await writeFile(file(), `${await readFile(file(), 'utf8')}${lines}\nscaling: { replicas: { min: 1, max: 4 } }\n`);
  await world.run('pin');
}
const evidence = async () => (await world.project.lock())?.environments['default']?.evidence.capacity;
const measurements = async () => readCapacityMeasurements((await evidence())?.measurements ?? {});

function rowsReplica(): RowsClient {
  const clock = selfAdvancingClock(world.nowMs);
  world.clock = clock;
  const client = new RowsClient(clock);
  world.client = client;
  return client;
}

async function tokensReplica(): Promise<TokensClient> {
  const clock = selfAdvancingClock(world.nowMs);
  world.clock = clock;
  const client = new TokensClient(clock);
  world.client = client;
  const text = await readFile(file(), 'utf8');
  const openai = text.replace('files: [server.yaml] }', 'files: [server.yaml], protocol: openai }');
  await writeFile(file(), openai.replace(/^monitoring.*\n/m, ''));
  return client;
}

const short = ['--seconds', '0.5', '--concurrency', '1,2'];
/** What a mix costs comes from closed loops: horizons are short, and longer only where a test wants a pass. */
const rowsObjective = (horizon = '1s'): string => `objective: { latency: { p90: 200ms }, horizon: ${horizon} }`;

describe('plimsoll capacity for a mix', { timeout: 240_000 }, () => {
  it('sends requests of so many rows, and tells what a request and a row cost', async () => {
    const client = rowsReplica();
    await pinned(rowsObjective('5s'));
    const { exit, out } = await world.run('capacity', ...short, '--mix', 'rows=choice(1:0.75,9:0.25)');
    expect([exit, out]).toEqual([0, expect.stringContaining('requests of a mix: rows=choice(1:0.75,9:0.25)')]);
    expect(new Set(client.rows)).toEqual(new Set([1, 3, 9]));
    const mix = (await measurements())?.mix;
    expect(mix?.summary.rows).toEqual({
      mean: 3,
      points: [
        { value: 1, atMostShare: 0.75 },
        { value: 9, atMostShare: 1 },
      ],
    });
    const surface = fitCostSurface(mix?.surface ?? []);
    // One at a time, whatever is under way: 5 ms and 2 ms a row.
    expect(surface?.request.eachMs).toBeCloseTo(5, 0);
    expect(surface?.units.rows?.eachMs).toBeCloseTo(2, 0);
    expect(surface?.errorShare).toBeLessThan(0.05);
    expect(out).toMatch(/^cost of a request with 1 under way: \S+ms \+ \S+ms for each of rows$/m);
  });

  it('foretells the rate of another mix, and starts no replica', async () => {
    const client = rowsReplica();
    await pinned(rowsObjective());
    await world.run('capacity', ...short, '--mix', 'rows=choice(1:0.75,9:0.25)');
    const sent = client.rows.length;
    const { exit, out } = await world.run('capacity', '--foretell', '--mix', 'rows=8', '--json');
    // 5 + 2 * 8 over 5 + 2 * 3.
    expect([exit, Number((JSON.parse(out) as { costRatio: number }).costRatio.toFixed(1))]).toEqual([0, 1.9]);
    expect(client.rows).toHaveLength(sent);
    const bytes = await world.run('capacity', '--foretell', '--mix', 'rows=8,bytes=50');
    expect([bytes.exit, bytes.err]).toEqual([2, expect.stringContaining('says nothing of other bytes')]);
    const none = await world.run('capacity', '--foretell');
    expect([none.exit, none.err]).toEqual([2, expect.stringContaining('--mix names none')]);
  });

  it('says why it foretells nothing', async () => {
    rowsReplica();
    await pinned(rowsObjective());
    const before = await world.run('capacity', '--foretell', '--mix', 'rows=8');
    expect([before.exit, before.err]).toEqual([2, expect.stringContaining('no capacity evidence of a mix')]);
    await world.run('capacity', ...short, '--mix', 'rows=choice(1:0.75,9:0.25)');
    const contractFile = path.join(world.folder, 'plimsoll.yaml');
    await writeFile(contractFile, (await readFile(contractFile, 'utf8')).replace('p90: 200ms', 'p90: 1ms'));
    const none = await world.run('capacity', '--foretell', '--mix', 'rows=8');
    expect([none.exit, none.err]).toEqual([2, expect.stringMatching(/shows no rate that .*: even one request/)]);
  });

  it('binds the evidence to the mix, so that an edited mix is stale', async () => {
    rowsReplica();
    await pinned(rowsObjective('5s'));
    await world.run('capacity', ...short, '--mix', 'rows=2');
    expect((await evidence())?.subjects).toHaveProperty('request-mix');
    expect((await world.run('check')).out).toMatch(/capacity +fresh +pass/);
    const lockFile = path.join(world.folder, 'plimsoll.lock');
    const lock = await readFile(lockFile, 'utf8');
    await writeFile(lockFile, lock.replace('"mean": 2', '"mean": 3'));
    expect((await world.run('check')).out).toMatch(/capacity +stale .*request-mix moved/);
  });

  it('reads the sizes of a trace', async () => {
    const client = rowsReplica();
    await pinned(rowsObjective());
    await writeFile(path.join(world.folder, 'sizes.csv'), 'rows\n2\n4\n2\n4\n');
    const { out } = await world.run('capacity', ...short, '--mix', path.join(world.folder, 'sizes.csv'));
    expect(out).toContain('requests of a mix: sizes.csv, of digits-golden version 1');
    expect(new Set(client.rows)).toEqual(new Set([2, 3, 4]));
  });

  it('takes the captured requests of the live service', async () => {
    const client = rowsReplica();
    await pinned(rowsObjective());
    const sample = (sizes: RequestSizes): DriftSample => ({
      ...{ requestId: 'r', atMs: 0, release: 1, replicaId: null, drawn: null, values: {} },
      sizes,
    });
    const captured = Array.from({ length: 120 }, () => sample({ rows: 6, bytes: 99 }));
    Object.assign(world.store, { driftSamples: async () => captured });
    const { out } = await world.run('capacity', ...short, '--mix', 'captures');
    expect(out).toContain('requests of a mix: 120 captured requests');
    expect(new Set(client.rows)).toEqual(new Set([6]));
    Object.assign(world.store, { driftSamples: async () => captured.slice(0, 50) });
    const few = await world.run('capacity', '--mix', 'captures');
    expect([few.exit, few.err]).toEqual([2, expect.stringContaining('50 of 50 captured requests tell their sizes')]);
  });

  it.each([
    ['tokens-in=512', 'requests of the Open Inference Protocol are made by rows and bytes'],
    ['rows=3,bytes=10', 'the model has no input of texts'],
    ['row=3', 'did you mean `rows`?'],
    ['nowhere.csv', 'nowhere.csv'],
  ])('refuses the mix %s', async (mix, why) => {
    rowsReplica();
    await pinned('');
    const { exit, err } = await world.run('capacity', '--mix', mix);
    expect([exit, err]).toEqual([2, expect.stringContaining(why)]);
    expect(await evidence()).toBeUndefined();
  });
});

const tokensObjective = (horizon = '1s'): string =>
  `objective: { latency: { p90: 2s }, ttft: { p90: 200ms }, interToken: { p90: 12ms }, goodput: 80%, horizon: ${horizon} }`;

describe('plimsoll capacity of token streams', { timeout: 240_000 }, () => {
  it('measures each part of the objective, for tokens as the server counts them', async () => {
    const client = await tokensReplica();
    await pinned(tokensObjective('10s'));
    const { exit, out } = await world.run('capacity', ...short, '--mix', 'tokens-in=400,tokens-out=11');
    expect([exit, out]).toEqual([
      0,
      expect.stringMatching(/^pass: at least .* inside .*p90 of the first token of 200ms/m),
    ]);
    // 40 ms, and 0.1 ms for each of 400 tokens; then ten times 10 ms.
    const alone = (await measurements())?.closed[0]?.quantiles;
    expect(alone?.['ttft.p90']?.valueMs).toBeCloseTo(80, 0);
    expect(alone?.['interToken.p90']?.valueMs).toBeCloseTo(10, 3);
    expect(client.tokensIn.filter((tokens) => Math.abs(tokens - 400) > 1).length).toBeLessThan(60);
    // No two prompts begin alike, so that the prefix cache has nothing.
    expect(out).toMatch(/^tokens: [\d,]+ tokens in, [\d,]+ out; 0% of the input tokens from the prefix cache$/m);
  });

  it('finds the cost of input and output tokens', async () => {
    await tokensReplica();
    await pinned(tokensObjective());
    const mix = 'tokens-in=uniform(100,900),tokens-out=uniform(4,20)';
    await world.run('capacity', '--seconds', '3', '--concurrency', '1,2,4', '--mix', mix);
    const surface = fitCostSurface((await measurements())?.mix?.surface ?? []);
    // Alone: 30 ms, 0.1 ms an input token and 10 ms an output token; four at once cost a quarter of that each.
    const alone = (cost: { readonly eachMs: number; readonly sharedMs: number } | undefined) =>
      (cost?.eachMs ?? NaN) + (cost?.sharedMs ?? NaN);
    expect(alone(surface?.units['tokens-out'])).toBeCloseTo(10, 0);
    expect(alone(surface?.units['tokens-in'])).toBeCloseTo(0.1, 1);
    expect(surface?.errorShare).toBeLessThan(0.05);
  });

  it('says where a server may answer in fewer tokens', async () => {
    const client = await tokensReplica();
    client.knowsExact = false;
    await pinned(tokensObjective());
    const { out } = await world.run('capacity', ...short, '--mix', 'tokens-in=100,tokens-out=5');
    expect(out).toContain('where the server may answer in fewer tokens than are asked for');
  });

  it('streams without a mix where the objective is of tokens', async () => {
    await tokensReplica();
    await pinned('objective: { ttft: { p90: 200ms }, horizon: 1s }');
    const { out } = await world.run('capacity', ...short);
    expect(out).toContain('made up from a list of words');
    expect((await measurements())?.closed[0]?.tokens?.out).toBeGreaterThan(0);
  });
});

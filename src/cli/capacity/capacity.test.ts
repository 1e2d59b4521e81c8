import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCapacity } from '../../core/capacity/read-capacity.ts';
import type { ServiceCurve } from '../../core/capacity/service-curve.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { EngineTensor } from '../../ports/serving/inference-engine.ts';
import type { BatchCounters } from '../../schemas/replica/replica-metrics.ts';
import { FakeReplicaClient } from '../../testing/fakes/fake-replica-client.ts';
import { pacedService, type PacedService } from '../../testing/rigs/programs/paced-service.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';
import { selfAdvancingClock } from '../../testing/fakes/self-advancing-clock.ts';

const batches: ServiceCurve = {
  kind: 'batch',
  batchMs: Array.from({ length: 16 }, (_, at) => 9 + (at + 1)),
  maxDelayMs: 0,
};

/** Waits out a service curve in the time of the test. */
class PacedReplicaClient extends FakeReplicaClient {
  readonly #service: PacedService;
  readonly #limitRows: number | null;
  /** Elements of the first input of each request. */
  readonly sizes: number[] = [];
  /** Requests under way from which on one fails. */
  failsFrom = Infinity;
  #underWay = 0;

  constructor(curve: ServiceCurve, clock: Clock, countsBatches: boolean) {
    super();
    this.#service = pacedService(curve, clock);
    this.#limitRows = countsBatches && curve.kind === 'batch' ? curve.batchMs.length : null;
  }

  override async inferTensors(
    endpoint: string,
    model: string,
    request: { readonly inputs: readonly EngineTensor[] },
    signal: AbortSignal,
  ): Promise<readonly EngineTensor[]> {
    this.sizes.push((request.inputs[0]?.shape ?? []).reduce((product, size) => product * size, 1));
    const answer = await super.inferTensors(endpoint, model, request, signal);
    await this.#paced();
    return answer;
  }

  override chat(): Promise<void> {
    return this.#paced();
  }

  override batchCounters(): Promise<BatchCounters | null> {
    const { rows, batches: count } = this.#service.served;
    return Promise.resolve(this.#limitRows === null ? null : { rows, batches: count, limitRows: this.#limitRows });
  }

  async #paced(): Promise<void> {
    this.#underWay += 1;
    try {
      if (this.#underWay >= this.failsFrom) {
        throw new PlimsollError({ code: 'replica-unreachable', category: 'unavailable', message: 'queue full' });
      }
      await this.#service.serve();
    } finally {
      this.#underWay -= 1;
    }
  }
}

let world: ReleaseWorld;
let client: PacedReplicaClient;
beforeEach(async () => {
  world = await ReleaseWorld.open();
  replicaOf(batches);
});
afterEach(() => world.close());

function replicaOf(curve: ServiceCurve, countsBatches = true): void {
  world.clock = selfAdvancingClock(world.nowMs);
  client = new PacedReplicaClient(curve, world.clock, countsBatches);
  world.client = client;
}

const file = () => path.join(world.folder, 'plimsoll.yaml');
async function pinned(
  lines = 'objective: { latency: { p95: 40ms }, horizon: 1s }\nscaling: { replicas: { min: 1, max: 4 } }\n',
) {
  await writeFile(file(), `${await readFile(file(), 'utf8')}${lines}`);
  await world.run('pin');
}
const evidence = async () => (await world.project.lock())?.environments['default']?.evidence.capacity;
const capacity = async () => readCapacity((await evidence())?.measurements ?? {});

// A measurement is some thousand requests in the time of the test.
describe('plimsoll capacity', { timeout: 180_000 }, () => {
  it('measures a replica, records evidence that check judges, and leaves no replica', async () => {
    await pinned();
    const { exit, out } = await world.run('capacity', '--seconds', '1');
    expect([exit, out]).toEqual([
      0,
      expect.stringMatching(/^pass: at least .* \((14|27|31) horizons, 95% sure\), inside p95 of 40ms/m),
    ]);
    expect(out).toContain('requests of one row: digits-golden version 1');
    expect(out).toMatch(/ +16 +\S+ +█{10} /);
    expect(out).toMatch(/^curve: batches of up to 16, 10ms for one and 25ms for 16/m);
    expect(world.machine.replicas()).toEqual([]);
    expect(out).toMatch(/^ +\S+ +lower limit +14 +14 +14 +4.4%$|^ +\S+ +lower limit +(27|31) /m);
    expect((await world.run('check')).out).toMatch(/capacity +fresh +pass .* requests\/s by one replica/);
    expect((await evidence())?.subjects).toHaveProperty('device-classes');
  });

  it('prints the measured points, the curve and the rate as JSON', async () => {
    await pinned();
    const { exit, out } = await world.run('capacity', '--seconds', '0.5', '--concurrency', '2,4', '--json');
    expect([exit, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({
        verdict: 'pass',
        model: { name: 'digits', version: 1 },
        measurements: expect.objectContaining({
          closed: [1, 2, 4].map((concurrency) => expect.objectContaining({ concurrency })),
        }),
        fitted: expect.objectContaining({ curve: expect.objectContaining({ kind: 'batch' }) }),
        capacity: JSON.parse(JSON.stringify(await capacity())),
      }),
    ]);
  });

  it('finds the curve that the replica has', async () => {
    await pinned();
    await world.run('capacity', '--seconds', '1');
    const found = (await capacity())?.curve;
    if (found?.kind !== 'batch' || batches.kind !== 'batch') throw new Error('it is a batch curve');
    expect(found.batchMs).toHaveLength(16);
    found.batchMs.forEach((ms, at) => expect(Math.abs(ms / (batches.batchMs[at] ?? NaN) - 1)).toBeLessThan(0.05));
  });

  it('takes back the rate that closed loops promise until it holds as requests come', async () => {
    // One request of 10 ms at a time: closed loops promise 100 a second.
    replicaOf({ kind: 'slots', slots: 1, speeds: [1], meanWorkMs: 10 });
    await pinned('objective: { latency: { p95: 40ms }, horizon: 10s }\n');
    const { out } = await world.run('capacity', '--seconds', '2', '--concurrency', '1,2');
    expect(out).toMatch(/^ +\S+ .* misses$/m);
    const rate = (await capacity())?.ratePerSecond ?? NaN;
    // Crommelin's M/D/1: 95% of the requests are answered within 40 ms up to 61.7 a second (Lindley's recursion, 4e5 steps).
    // A horizon of 10 s has 450 requests that count: 80% of horizons are inside at about 56 a second.
    expect(rate).toBeLessThanOrEqual(61.7);
    expect(rate).toBeGreaterThan(0.6 * 61.7);
  });

  it('fails when even one request at a time misses the objective, says so, and tries neither more of them nor a rate', async () => {
    await pinned('objective: { latency: { p95: 5ms } }\n');
    const { exit, out } = await world.run('capacity', '--seconds', '1');
    expect([exit, out]).toEqual([1, expect.stringContaining('even one request at a time has a p95 of at least 10ms')]);
    expect(world.notes.at(-1)).toMatch(
      /^ {2}one request at a time does not hold: p95 is at least 10ms, and 5ms is promised; .*: ended early$/,
    );
    expect((await evidence())?.measurements).toMatchObject({ closed: [{ concurrency: 1 }], open: [] });
    expect(out).not.toContain('curve:');
    expect(await capacity()).toBeNull();
  });

  it('is inconclusive with too few requests for the quantile', async () => {
    await pinned('objective: { latency: { p99.9: 40ms }, horizon: 200ms }\n');
    const { exit, out } = await world.run('capacity', '--seconds', '0.1', '--concurrency', '1');
    expect([exit, out]).toEqual([3, expect.stringMatching(/shown to be sustained .* s more: plimsoll capacity/)]);
  });

  it('without an objective speaks of the knee, and says so', async () => {
    // A horizon of a second has about 35 batches, which are too few to show that the replica keeps its speed within it.
    await pinned('objective: { horizon: 4s }\n');
    const { exit, out } = await world.run('capacity', '--seconds', '1');
    expect([exit, out]).toEqual([0, expect.stringContaining('no objective.latency is written')]);
    expect(out).toContain('which the contract does not ask for');
  });

  it('says before it begins how long it takes, and with --quick records what passes nothing', async () => {
    await pinned('objective: { latency: { p95: 40ms }, horizon: 20s }\n');
    const { exit, out } = await world.run('capacity', '--quick', '--concurrency', '1,16', '--seconds', '0.5');
    const said = world.notes.join('\n');
    expect(said).toMatch(/^takes about .* \(14 horizons of 1s for the lower limit\)$/m);
    expect(said).toMatch(/horizon 1 of 14, lower limit, .* requests\/s: inside; about .* left/);
    expect([exit, out]).toEqual([
      3,
      expect.stringMatching(/^inconclusive: .* horizons of 1s, .* is 20s; about 320 s more/m),
    ]);
    expect((await capacity())?.interval?.horizons).toBeGreaterThanOrEqual(14);
  });

  it('goes no further up once requests fail', async () => {
    await pinned();
    client.failsFrom = 5;
    const { out } = await world.run('capacity', '--seconds', '1');
    const measured = (await evidence())?.measurements['closed'] as readonly { readonly concurrency: number }[];
    expect(measured.map(({ concurrency }) => concurrency)).toEqual([1, 2, 4, 8]);
    expect(out).toMatch(/^ +8 .* failed/m);
  });

  it('sends rows of the data that it is told, several in a request where the signature allows', async () => {
    await pinned();
    await world.run('capacity', '--seconds', '0.5', '--concurrency', '1', '--data', 'digits-golden');
    expect([...new Set(client.sizes)]).toEqual([4, 32, 256]);
    expect((await evidence())?.measurements['rowsAtOnce']).toHaveLength(3);
    const unknown = await world.run('capacity', '--data', 'digits-golde');
    expect([unknown.exit, unknown.err]).toEqual([2, expect.stringContaining('did you mean `digits-golden`?')]);
  });

  it('makes requests up from the signature where the contract names no data, and says so', async () => {
    await writeFile(file(), (await readFile(file(), 'utf8')).replace(/^monitoring.*\n/m, ''));
    await pinned();
    const { out } = await world.run('capacity', '--seconds', '0.5');
    expect(out).toContain('made up from the signature of the model (seed 1)');
    expect(client.sizes[0]).toBe(4);
  });

  it('measures a service of the OpenAI protocol by chats, as slots', async () => {
    replicaOf({ kind: 'slots', slots: 4, speeds: [1, 1, 1, 1], meanWorkMs: 200 });
    const text = await readFile(file(), 'utf8');
    await writeFile(
      file(),
      text
        .replace('files: [server.yaml] }', 'files: [server.yaml], protocol: openai }')
        .replace(/^monitoring.*\n/m, ''),
    );
    await pinned('objective: { latency: { p90: 1s }, horizon: 5s }\n');
    const { out } = await world.run('capacity', '--seconds', '2', '--concurrency', '1,2,4,8');
    expect(out).toMatch(/^curve: 4 slots of 200ms a request, at 100% of the speed/m);
    // Four slots of 200 ms answer 20 a second.
    expect((await capacity())?.ratePerSecond).toBeLessThan(20);
    expect(out).toContain('made up from a list of words');
    expect(await capacity()).toMatchObject({ curve: { kind: 'slots', slots: 4 } });
  });

  it('records nothing when the replica refuses the requests', async () => {
    await pinned();
    client.answer = () => new PlimsollError({ code: 'replica-refused', category: 'refused', message: 'no such input' });
    const { exit, err } = await world.run('capacity');
    expect([exit, err]).toEqual([1, expect.stringContaining('no such input')]);
    expect(await evidence()).toBeUndefined();
    expect(world.machine.replicas()).toEqual([]);
  });

  it('records nothing when the lock was pinned anew meanwhile', async () => {
    await pinned();
    let isMoved = false;
    client.answer = (_endpoint, _model, inputs) => {
      if (!isMoved) {
        isMoved = true;
        void world.addModel().then(() => world.run('pin'));
      }
      return inputs;
    };
    const { exit, err } = await world.run('capacity', '--seconds', '1');
    expect([exit, err]).toEqual([1, expect.stringContaining('model moved in plimsoll.lock')]);
    expect(await evidence()).toBeUndefined();
  });

  it.each([
    ['--concurrency', '0'],
    ['--concurrency', '1,,2'],
    ['--concurrency', '512'],
    ['--horizons', '13'],
    ['--seconds', '-1'],
    ['--seconds', 'soon'],
  ])('refuses %s %s', async (option, value) => {
    const { exit, err } = await world.run('capacity', `${option}=${value}`);
    expect([exit, err]).toEqual([2, expect.stringContaining(`not \`${value}\``)]);
  });
});

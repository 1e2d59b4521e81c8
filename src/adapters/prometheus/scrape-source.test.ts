import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineSignals } from '../../core/scaling/engine-metrics/engine-signals.ts';
import { FakeInferenceEngine, fakeModelBytes } from '../../testing/fakes/fake-inference-engine.ts';
import { memoryModels, startModelServer } from '../../testing/rigs/model-server-rig.ts';
import { engineExposition } from '../../testing/builders/files/engine-expositions.ts';
import { metricsSourceContract } from '../../testing/contracts/metrics-source-contract.ts';
import { MetricsServer } from '../../testing/fakes/servers/metrics-server.ts';
import type { MetricsSource } from '../../ports/serving/metrics-source.ts';
import { makeScrapeSource } from './scrape-source.ts';

const clock = { nowMs: () => 1_760_000_000_000, monotonicMs: () => 0 };
/** Long enough for a server in this process on a busy machine. */
const bounds = { timeoutMs: 2_000, bytesAtMost: 100_000 };
const { signal } = new AbortController();

const faults = ['unreachable', 'hung', 'too-large', 'garbage', 'refused'] as const;

metricsSourceContract('scraping replicas', faults, async () => {
  const servers = new Map<string, MetricsServer>();
  for (const replica of ['a', 'b', 'c']) servers.set(replica, await new MetricsServer().listen());
  const source = makeScrapeSource({ clock, bounds });
  const of = (replica: string) => servers.get(replica) as MetricsServer;
  return {
    source,
    nowMs: clock.nowMs,
    target: (replicaId) => ({ replicaId, endpoint: `http://${of(replicaId).address}` }),
    show: (replica, what) => Promise.resolve(void (of(replica).exported = what)),
    close: async () => {
      await source.close();
      await Promise.all([...servers.values()].map((server) => server.close()));
    },
  };
});

describe('scraping a replica', () => {
  let server: MetricsServer;
  let source: MetricsSource;
  beforeEach(async () => {
    server = await new MetricsServer().listen();
    source = makeScrapeSource({ clock, bounds });
  });
  afterEach(async () => {
    await source.close();
    await server.close();
  });
  const read = async (endpoint: string) => (await source.read([{ replicaId: 'r', endpoint }], signal))[0];

  it.each([
    ['drips', 'hung'],
    ['cut', 'unreachable'],
    ['redirect', 'unreachable'],
  ] as const)('that %s is %s', async (fault, told) => {
    server.exported = { fault };
    const hasty = makeScrapeSource({ clock, bounds: { ...bounds, timeoutMs: fault === 'drips' ? 300 : 2_000 } });
    const answers = await hasty.read([{ replicaId: 'r', endpoint: `http://${server.address}` }], signal);
    await hasty.close();
    expect(answers).toMatchObject([{ kind: 'failed', fault: told }]);
  });

  it('says where in the text it is no metrics', async () => {
    server.exported = { exposition: 'tgi_queue_size 3\ntgi_queue_size{a="b} 3\n' };
    const answer = await read(`http://${server.address}`);
    expect(answer).toMatchObject({ fault: 'garbage', message: expect.stringContaining('line 2, column 23') });
  });

  it('takes an answer without its last line feed for garbage', async () => {
    server.exported = { exposition: 'tgi_queue_size 3' };
    expect(await read(`http://${server.address}`)).toMatchObject({ fault: 'garbage' });
  });

  it('reads OpenMetrics where the server says that it is', async () => {
    const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
    server.exported = { exposition: 'tgi_queue_size 3 1760000000.5\n# EOF\n', contentType };
    const answer = await read(`http://${server.address}/elsewhere/metrics`);
    expect(answer).toMatchObject({ reading: { samples: [{ name: 'tgi_queue_size', atMs: 1_760_000_000_500 }] } });
  });

  it('of a port that nobody listens on is unreachable, and so is what is no address', async () => {
    const gone = await new MetricsServer().listen();
    const { address } = gone;
    await gone.close();
    expect(await read(`http://${address}`)).toMatchObject({ fault: 'unreachable' });
    expect(await read('file:///etc/passwd')).toMatchObject({ fault: 'unreachable' });
  });

  it('goes on with the others while one hangs, and takes no longer than its bound', async () => {
    const fine = await new MetricsServer().listen();
    fine.exported = { exposition: engineExposition('tgi') };
    server.exported = { fault: 'hung' };
    const targets = Array.from({ length: 20 }, (_each, index) => ({
      replicaId: String(index),
      endpoint: `http://${index === 3 ? server.address : fine.address}`,
    }));
    const answers = await source.read(targets, signal);
    expect(answers.map(({ kind }, index) => (kind === 'failed' ? index : -1)).filter((index) => index >= 0)).toEqual([
      3,
    ]);
    await fine.close();
  });

  it('asks a replica that tells more than its share again later, and what it told stands until then', async () => {
    let passedMs = 0;
    const moving = { nowMs: () => clock.nowMs() + passedMs, monotonicMs: () => passedMs };
    const patient = makeScrapeSource({ clock: moving });
    const target = { replicaId: 'r', endpoint: `http://${server.address}` };
    const tell = (value: number): void => {
      const lines = Array.from({ length: 40_000 }, (_, line) => `of_the_service{number="${line}"} 1`);
      const exposition = `vllm:num_requests_waiting{model_name="m"} ${value}\n${lines.join('\n')}\n`;
      server.exported = { exposition };
    };
    const told = async (): Promise<unknown> => {
      const [answer] = await patient.read([target], signal);
      return answer?.kind === 'read'
        ? [answer.reading.readAtMs - clock.nowMs(), ...answer.reading.samples.map(({ value }) => value)]
        : answer;
    };
    tell(1);
    const first = await told();
    tell(2);
    passedMs = 300;
    const second = await told();
    passedMs = 2_000;
    const third = await told();
    await patient.close();
    expect([first, second, third]).toEqual([
      [0, 1],
      [0, 1],
      [2_000, 2],
    ]);
  });

  it('takes no more series of engines than it can look through', async () => {
    const lines = Array.from({ length: 20_001 }, (_, line) => `vllm:num_requests_waiting{model_name="${line}"} 1`);
    server.exported = { exposition: `${lines.join('\n')}\n` };
    const patient = makeScrapeSource({ clock });
    const answers = await patient.read([{ replicaId: 'r', endpoint: `http://${server.address}` }], signal);
    await patient.close();
    expect(answers).toMatchObject([{ kind: 'failed', fault: 'too-large' }]);
  });

  it('ends midway when its signal does', async () => {
    server.exported = { fault: 'hung' };
    const abort = new AbortController();
    const reading = source.read([{ replicaId: 'r', endpoint: `http://${server.address}` }], abort.signal);
    abort.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});

it('reads what the model server really exports', async () => {
  const engine = new FakeInferenceEngine();
  const rig = await startModelServer(engine, memoryModels('m', new Map([[1, () => fakeModelBytes()]])));
  const source = makeScrapeSource({ clock });
  const target = { replicaId: 'r', endpoint: rig.url };
  const infer = () =>
    rig.post('/v2/models/m/infer', { inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 0] }] });
  await infer();
  const [first] = await source.read([target], signal);
  await infer();
  const [second] = await source.read([target], signal);
  await source.close();
  await rig.stop();
  if (first?.kind !== 'read' || second?.kind !== 'read') throw new Error(JSON.stringify([first, second]));
  // The clock of the test stands.
  const now = { ...second.reading, readAtMs: second.reading.readAtMs + 1_000 };
  const signals = engineSignals(first.reading, now, { nowMs: now.readAtMs });
  expect(signals).toMatchObject({
    engine: 'plimsoll',
    queueDepth: 0,
    inFlight: 0,
    batchRows: 1,
    batchFillShare: 1 / 8,
  });
  // What the engine says that it took, and one request in the second that passed.
  expect(signals.serviceMs).toBeCloseTo(0.25, 6);
  expect(signals.completionsPerSecond).toBeCloseTo(1, 6);
});

import { describe, expect, it } from 'vitest';
import type { ScalingSignals } from '../../core/scaling/signals.ts';
import type { MetricsSource, MetricsTarget } from '../../ports/serving/metrics-source.ts';
import { FakeClock, settled } from '../../testing/fakes/fake-clock.ts';
import { FakeMetricsSource } from '../../testing/fakes/fake-metrics-source.ts';
import { EngineWatch } from './engine-watch.ts';

const everyMs = 2_000;
const { signal } = new AbortController();

/** Three requests wait in vLLM, five run. */
const vllm = (over: { readonly waiting?: number; readonly done?: number; readonly atMs?: number } = {}) => {
  const { waiting = 3, done = 100, atMs } = over;
  const at = atMs === undefined ? '' : ` ${atMs}`;
  return {
    exposition: [
      `vllm:num_requests_waiting ${waiting}${at}`,
      `vllm:num_requests_running 5${at}`,
      `vllm:kv_cache_usage_perc 0.5${at}`,
      `vllm:request_success_total ${done}${at}`,
      '',
    ].join('\n'),
  };
};

const batches = (rows: number, count: number) => ({
  exposition: `plimsoll_batch_rows_total ${rows}\nplimsoll_batches_total ${count}\nplimsoll_batch_limit_rows 32\n`,
});

/** Ready for as long as a test asks, a minute where it does not. */
function replica(clock: FakeClock, replicaId: string, readyForMs = 60_000) {
  return { replicaId, endpoint: `http://${replicaId}`, readyAtMs: clock.nowMs() - readyForMs };
}

function gateways(over: Partial<ScalingSignals> = {}): ScalingSignals {
  return {
    atMs: 1,
    queueDepth: 0,
    oldestWaitMs: 0,
    inFlight: 8,
    arrivalsPerSecond: 4,
    completionsPerSecond: 4,
    serviceMs: 200,
    batchFillShare: null,
    acceleratorMemoryShare: null,
    replicas: [{ replicaId: 'a', queueDepth: null, inFlight: 8, acceleratorMemoryShare: null }],
    ...over,
  };
}
const silent = gateways({
  queueDepth: null,
  oldestWaitMs: null,
  inFlight: null,
  arrivalsPerSecond: null,
  completionsPerSecond: null,
  serviceMs: null,
  replicas: [],
});

function watched() {
  const clock = new FakeClock();
  const source = new FakeMetricsSource(clock);
  const watch = new EngineWatch(source, clock);
  const look = async (...replicas: ReturnType<typeof replica>[]): Promise<void> => {
    await watch.look(replicas, everyMs, signal);
    await clock.advance(everyMs);
  };
  return { clock, source, watch, look };
}

/** Answers as the source behind it, and asks it only when a test lets it. */
class HeldSource implements MetricsSource {
  readonly asked: (readonly MetricsTarget[])[] = [];
  readonly #behind: MetricsSource;
  #release: () => void = () => undefined;

  constructor(behind: MetricsSource) {
    this.#behind = behind;
  }

  release(): void {
    this.#release();
  }

  async read(...[targets, ending]: Parameters<MetricsSource['read']>): ReturnType<MetricsSource['read']> {
    this.asked.push(targets);
    await new Promise<void>((resolve) => (this.#release = resolve));
    return this.#behind.read(targets, ending);
  }

  close(): Promise<void> {
    return this.#behind.close();
  }
}

describe('EngineWatch', () => {
  it('counts a request that waits in an engine once: as waiting, and no longer as in flight', async () => {
    const { clock, source, watch, look } = watched();
    source.show('http://a', vllm());
    await look(replica(clock, 'a'));
    expect(watch.withGateways(gateways())).toMatchObject({
      queueDepth: 3,
      inFlight: 5,
      // Nobody tells how long those in the engine have waited.
      oldestWaitMs: null,
      arrivalsPerSecond: 4,
      serviceMs: 200,
      acceleratorMemoryShare: 0.5,
      replicas: [{ replicaId: 'a', queueDepth: 3, inFlight: 5, acceleratorMemoryShare: 0.5 }],
    });
  });

  it('goes on with the others when a replica hangs, answers garbage or has no address', async () => {
    const { clock, source, watch, look } = watched();
    source.show('http://a', vllm({ waiting: 2 }));
    source.show('http://b', vllm({ waiting: 4 }));
    source.show('http://c', { fault: 'hung' });
    source.show('http://d', { fault: 'garbage' });
    await look(...['a', 'b', 'c', 'd'].map((id) => replica(clock, id)));
    // The silent ones are like the mean of the others.
    const both = watch.withGateways(gateways({ inFlight: 40 }));
    expect(both).toMatchObject({ queueDepth: 12, inFlight: 28 });
    expect(both.replicas.map(({ replicaId }) => replicaId)).toEqual(['a', 'b']);
    source.show('http://b', { fault: 'unreachable' });
    await look(...['a', 'b', 'c', 'd'].map((id) => replica(clock, id)));
    expect(watch.withGateways(gateways())).toMatchObject({ queueDepth: 0, inFlight: 8, acceleratorMemoryShare: null });
  });

  it('knows no rate over a restart of an engine, and knows its queue', async () => {
    const { clock, source, watch, look } = watched();
    const only = replica(clock, 'a');
    source.show('http://a', batches(64, 4));
    await look(only);
    expect(watch.batchFillShare()).toBeNull();
    source.show('http://a', batches(128, 8));
    await look(only);
    expect(watch.batchFillShare()).toBe(0.5);
    source.show('http://a', batches(32, 1));
    await look(only);
    expect(watch.batchFillShare()).toBeNull();
    source.show('http://a', batches(64, 2));
    await look(only);
    expect(watch.batchFillShare()).toBe(1);
  });

  it('weighs the fill of batches by how many each replica made', async () => {
    const { clock, source, watch, look } = watched();
    const replicas = [replica(clock, 'a'), replica(clock, 'b'), replica(clock, 'c')];
    for (const { endpoint } of replicas) source.show(endpoint, batches(0, 0));
    await look(...replicas);
    source.show('http://a', batches(9 * 32, 9));
    source.show('http://b', batches(0.5 * 32, 1));
    await look(...replicas);
    expect(watch.batchFillShare()).toBe(0.95);
    expect(watch.withGateways(gateways()).batchFillShare).toBe(0.95);
  });

  it('does not ask a replica within its warm-up, nor count it as silent', async () => {
    const { clock, source, watch } = watched();
    const held = new HeldSource(source);
    const asking = new EngineWatch(held, clock);
    const started = { ...replica(clock, 'c'), readyAtMs: null };
    const looking = asking.look([replica(clock, 'a'), replica(clock, 'b', 9_999), started], everyMs, signal);
    source.show('http://a', vllm());
    held.release();
    await looking;
    expect(held.asked.map((targets) => targets.map(({ replicaId }) => replicaId))).toEqual([['a']]);
    expect(asking.withGateways(gateways())).toMatchObject({ queueDepth: 3 });
    source.show('http://b', vllm());
    await watch.look([replica(clock, 'b', 10_000)], everyMs, signal);
    expect(watch.withGateways(gateways())).toMatchObject({ queueDepth: 3 });
  });

  it('leaves what gateways tell when the whole source is away, and forgets what it knew', async () => {
    const { clock, source, watch, look } = watched();
    const only = replica(clock, 'a');
    source.show('http://a', vllm());
    await look(only);
    source.read = () => Promise.reject(new Error('away'));
    await look(only);
    expect(watch.withGateways(gateways())).toEqual(gateways());
    expect(watch.withGateways(silent)).toEqual(silent);
  });

  it('forgets what it knew when it could not look for a while', async () => {
    const { clock, source, watch, look } = watched();
    source.show('http://a', vllm());
    await look(replica(clock, 'a'));
    await clock.advance(8_000);
    expect(watch.withGateways(gateways()).queueDepth).toBe(3);
    await clock.advance(1);
    expect(watch.withGateways(gateways())).toEqual(gateways());
  });

  it('never has two looks under way, and gives up a source that does not end', async () => {
    const { clock, source } = watched();
    source.show('http://a', vllm());
    const held = new HeldSource(source);
    const watch = new EngineWatch(held, clock);
    const only = replica(clock, 'a');
    const first = watch.look([only], everyMs, signal);
    await clock.advance(7_999);
    await watch.look([only], everyMs, signal);
    expect(held.asked).toHaveLength(1);
    await clock.advance(1);
    await first;
    expect(watch.withGateways(gateways())).toEqual(gateways());
    const second = watch.look([only], everyMs, signal);
    held.release();
    await second;
    expect(watch.withGateways(gateways()).queueDepth).toBe(3);
    expect(clock.sleeping).toBe(0);
  });

  it('ends at once when it is told to', async () => {
    const { clock, source } = watched();
    const stop = new AbortController();
    const looking = new EngineWatch(new HeldSource(source), clock).look([replica(clock, 'a')], everyMs, stop.signal);
    await settled();
    stop.abort();
    await looking;
    expect(clock.sleeping).toBe(0);
  });

  it('looks once in a period, and at 64 replicas at once', async () => {
    const { clock, source } = watched();
    const asked: number[] = [];
    const counting: MetricsSource = {
      read: (targets, ending) => {
        asked.push(targets.length);
        return source.read(targets, ending);
      },
      close: () => source.close(),
    };
    const watch = new EngineWatch(counting, clock);
    const replicas = Array.from({ length: 150 }, (_, index) => replica(clock, `r${index}`));
    for (const { endpoint } of replicas) source.show(endpoint, vllm({ waiting: 1 }));
    await watch.look(replicas, everyMs, signal);
    expect(asked).toEqual([64, 64, 22]);
    expect(watch.withGateways(gateways({ inFlight: 1_000 }))).toMatchObject({ queueDepth: 150, inFlight: 850 });
    await clock.advance(everyMs - 1);
    await watch.look(replicas, everyMs, signal);
    expect(asked).toHaveLength(3);
    await clock.advance(1);
    await watch.look(replicas, everyMs, signal);
    expect(asked).toHaveLength(6);
  });

  it('keeps a rate while a server that scrapes more rarely gives the same samples again', async () => {
    const { clock, source, watch, look } = watched();
    const only = replica(clock, 'a');
    const scrapedMs = clock.nowMs();
    const rate = () => watch.withGateways(silent).completionsPerSecond;
    source.show('http://a', vllm({ done: 100, atMs: scrapedMs }));
    await look(only);
    expect(rate()).toBeNull();
    source.show('http://a', vllm({ done: 250, atMs: scrapedMs + 15_000 }));
    await look(only);
    await look(only);
    expect(rate()).toBe(10);
  });

  it('tells of work where gateways are silent, and gives no rate of arrivals in their place', async () => {
    const { clock, source, watch, look } = watched();
    const only = replica(clock, 'a');
    source.show('http://a', vllm());
    await look(only);
    source.show('http://a', vllm({ done: 120 }));
    await look(only);
    expect(watch.withGateways(silent)).toMatchObject({
      queueDepth: 3,
      inFlight: 5,
      completionsPerSecond: 10,
      arrivalsPerSecond: null,
    });
  });
});

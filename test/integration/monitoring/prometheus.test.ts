import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeQuerySource } from '../../../src/adapters/prometheus/query-source.ts';
import { makeScrapeSource } from '../../../src/adapters/prometheus/scrape-source.ts';
import { engineSignals, type EngineSignals } from '../../../src/core/scaling/engine-metrics/engine-signals.ts';
import { foldReplicas } from '../../../src/core/scaling/engine-metrics/fold-replicas.ts';
import { splitReading, type MetricsReading } from '../../../src/core/scaling/engine-metrics/reading.ts';
import type { MetricsSource } from '../../../src/ports/serving/metrics-source.ts';
import { engineExposition, withValues } from '../../../src/testing/builders/files/engine-expositions.ts';
import { metricsSourceContract } from '../../../src/testing/contracts/metrics-source-contract.ts';
import { MetricsServer } from '../../../src/testing/fakes/servers/metrics-server.ts';
import { hasPrometheus, PrometheusServer, scrapeEveryMs } from '../../peers/prometheus-server.ts';

const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
const { signal } = new AbortController();
const names = ['vllm', 'triton', 'tgi', 'sglang'] as const;
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 4 * scrapeEveryMs));

if (!hasPrometheus) {
  console.warn('prometheus.test.ts is skipped: without prometheus; next: apt-get install -y prometheus');
} else {
  metricsSourceContract('a real Prometheus', [], async () => {
    const replicas = new Map<string, MetricsServer>();
    for (const replica of ['a', 'b', 'c']) replicas.set(replica, await new MetricsServer().listen());
    const of = (replica: string) => replicas.get(replica) as MetricsServer;
    const server = new PrometheusServer();
    await server.start([...replicas.values()].map(({ address }) => address));
    const source = makeQuerySource({ base: server.url, clock, env: {} });
    return {
      source,
      nowMs: clock.nowMs,
      target: (replicaId) => ({ replicaId, endpoint: `http://${of(replicaId).address}` }),
      show: async (replica, what) => {
        of(replica).exported = what;
        await server.until(`up{instance="${of(replica).address}"}`, ([up]) => up === ('fault' in what ? '0' : '1'));
        await aWhile();
      },
      close: async () => {
        await source.close();
        await server.stop();
        await Promise.all([...replicas.values()].map((each) => each.close()));
      },
    };
  });
}

describe.skipIf(!hasPrometheus)('engines behind a real Prometheus (apt-get install prometheus)', () => {
  const server = new PrometheusServer();
  const replicas: Record<string, MetricsServer> = {};
  let source: MetricsSource;
  let scraping: MetricsSource;
  const at = (name: string): MetricsServer => replicas[name] as MetricsServer;
  const targetsOf = (of: readonly string[]) =>
    of.map((name) => ({ replicaId: name, endpoint: `http://${at(name).address}` }));
  const read = async (from: MetricsSource, name: string): Promise<MetricsReading> => {
    const [answer] = await from.read(targetsOf([name]), signal);
    if (answer?.kind !== 'read') throw new Error(JSON.stringify(answer));
    return answer.reading;
  };
  const now = (reading: MetricsReading, before: MetricsReading | null = null): EngineSignals =>
    engineSignals(before, reading, { nowMs: Date.now() });

  beforeAll(async () => {
    for (const name of names) {
      replicas[name] = await new MetricsServer().listen();
      at(name).exported = { exposition: engineExposition(name) };
    }
    replicas['late'] = await new MetricsServer().listen();
    await server.start(Object.values(replicas).map(({ address }) => address));
    source = makeQuerySource({ base: server.url, clock, env: {} });
    scraping = makeScrapeSource({ clock, bounds: { timeoutMs: 500, bytesAtMost: 1_000_000 } });
    await server.until('sum(up)', ([up]) => up === String(names.length + 1));
    await aWhile();
  }, 60_000);
  afterAll(async () => {
    await Promise.all([source.close(), scraping.close()]);
    await server.stop();
    await Promise.all(Object.values(replicas).map((each) => each.close()));
  });

  it.each(names)('gives the same signals of %s as its own endpoint', async (name) => {
    const [asked, scraped] = [now(await read(source, name)), now(await read(scraping, name))];
    expect({ ...asked, atMs: 0 }).toEqual({ ...scraped, atMs: 0 });
    expect(asked.queueDepth).toBeGreaterThan(0);
  });

  it('gives increases over the time between the scrapes', async () => {
    const before = await read(source, 'tgi');
    const grown = { tgi_request_count: 170, tgi_request_success: 150 };
    at('tgi').exported = { exposition: withValues(engineExposition('tgi'), grown) };
    await server.until('tgi_request_count', ([count]) => count === '170');
    const reading = await read(source, 'tgi');
    const signals = now(reading, before);
    const times = [before, reading].map(
      ({ samples }) => samples.find(({ name }) => name === 'tgi_request_count')?.atMs ?? 0,
    );
    expect(signals.arrivalsPerSecond).toBeCloseTo(20_000 / ((times[1] ?? 0) - (times[0] ?? 0)), 6);
    expect(now(reading, reading).unknown.arrivalsPerSecond).toBe('first-reading');
    // Asked again before the next scrape: nothing new is not nothing.
    const again = now({ ...reading, readAtMs: reading.readAtMs + 10 }, reading);
    expect(again.unknown.arrivalsPerSecond).toBe('no-new-sample');
  });

  it('shows a reset as unknown, and the gauges on', async () => {
    const before = await read(source, 'triton');
    const restarted = withValues(engineExposition('triton'), { 'nv_inference_request_success{model="densenet"': 3 });
    at('triton').exported = { exposition: restarted };
    await server.until('nv_inference_request_success{model="densenet"}', ([count]) => count === '3');
    const signals = now(await read(source, 'triton'), before);
    expect(signals).toMatchObject({
      queueDepth: 8,
      completionsPerSecond: null,
      unknown: { completionsPerSecond: 'reset' },
    });
  });

  it('passes a NaN on, which is unknown', async () => {
    at('sglang').exported = {
      exposition: withValues(engineExposition('sglang'), {
        'sglang:token_usage{engine_type="unified",model_name="llama",pp_rank="0",tp_rank="0"': 'NaN',
      }),
    };
    await server.until('sglang:token_usage{tp_rank="0"}', ([usage]) => usage === 'NaN');
    const signals = now(await read(source, 'sglang'));
    expect(signals).toMatchObject({ queueDepth: 4, acceleratorMemoryShare: null });
    expect(signals.unknown.acceleratorMemoryShare).toBe('not-a-number');
  });

  it('a replica that hangs is hung when it is asked itself, gone when a server is asked, and blinds none of the others', async () => {
    at('vllm').exported = { fault: 'hung' };
    await server.until(`up{instance="${at('vllm').address}"}`, ([up]) => up === '0');
    const [asked, scraped] = await Promise.all([source, scraping].map((each) => each.read(targetsOf(names), signal)));
    expect(scraped?.map(({ kind }) => kind)).toEqual(['failed', 'read', 'read', 'read']);
    expect(scraped?.[0]).toMatchObject({ fault: 'hung' });
    // Its last samples are seconds old, and a range shows them: the server knows that it is gone.
    const [gone] = asked ?? [];
    expect(gone).toMatchObject({ kind: 'read', reading: { samples: [] } });
    const told = (asked ?? []).map((answer, index) => ({
      replicaId: names[index] ?? '',
      signals: answer.kind === 'read' ? now(answer.reading) : null,
    }));
    expect(told[0]?.signals).toMatchObject({ queueDepth: null, unknown: { queueDepth: 'missing' } });
    // 8 + 3 + 4 of the three, and as much for the fourth as they have on the mean.
    expect(foldReplicas(told)).toMatchObject({ queueDepth: 20, replicasWarm: 4, replicasTold: 3 });
  });

  it('calls samples stale that are older than the bound, though the server still shows them', async () => {
    const late = Date.now() - 90_000;
    at('late').exported = { exposition: `tgi_queue_size 3 ${late}\ntgi_batch_current_size 5\n` };
    await server.until('tgi_queue_size{}', (values) => values.length === 2);
    const signals = now(await read(source, 'late'));
    expect(signals).toMatchObject({ engine: 'tgi', queueDepth: null, inFlight: 5, unknown: { queueDepth: 'stale' } });
    at('late').exported = { exposition: '' };
    await server.until('tgi_batch_current_size', (values) => values.length === 1);
  });

  it('gives all that a selector chooses, to be split by instance', async () => {
    const all = makeQuerySource({
      base: server.url,
      clock,
      env: {},
      matchers: [{ label: 'job', operator: '=', value: 'replicas' }],
      replicaLabel: null,
    });
    const [answer] = await all.read([{ replicaId: 'all', endpoint: null }], signal);
    await all.close();
    if (answer?.kind !== 'read') throw new Error(JSON.stringify(answer));
    const parts = splitReading(answer.reading, 'instance');
    expect([...parts.keys()]).toEqual(
      expect.arrayContaining(['tgi', 'triton', 'sglang'].map((name) => at(name).address)),
    );
    expect(parts.has(at('vllm').address)).toBe(false);
    expect(now(parts.get(at('tgi').address) as MetricsReading).engine).toBe('tgi');
  });

  it('passes on what the server finds wrong with a question', async () => {
    const wrong = makeQuerySource({
      base: server.url,
      clock,
      env: {},
      matchers: [{ label: 'job', operator: '=~', value: '(' }],
    });
    const [answer] = await wrong.read(targetsOf(['tgi']), signal);
    await wrong.close();
    expect(answer).toMatchObject({ kind: 'failed', fault: 'refused', message: expect.stringContaining('bad_data') });
  });
});

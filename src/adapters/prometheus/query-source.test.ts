import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineSignals } from '../../core/scaling/engine-metrics/engine-signals.ts';
import { engineExposition } from '../../testing/builders/files/engine-expositions.ts';
import { FakePrometheus } from '../../testing/fakes/servers/fake-prometheus.ts';
import { metricsSourceContract } from '../../testing/contracts/metrics-source-contract.ts';
import { makeQuerySource, type QueryOptions } from './query-source.ts';

const atMs = 1_760_000_000_000;
const clock = { nowMs: () => atMs };
const bounds = { timeoutMs: 10_000, bytesAtMost: 200_000 };
const { signal } = new AbortController();

metricsSourceContract('asking a server in the form of Prometheus', [], async () => {
  const server = await new FakePrometheus().listen();
  const source = makeQuerySource({ base: server.url, clock, env: {}, bounds });
  const ports: Readonly<Record<string, number>> = { a: 1, b: 2, c: 3 };
  return {
    source,
    nowMs: clock.nowMs,
    target: (replicaId) => ({ replicaId, endpoint: `http://10.0.0.1:${ports[replicaId]}` }),
    show: (replica, what) =>
      Promise.resolve(
        'exposition' in what && server.scraped(`10.0.0.1:${ports[replica]}`, what.exposition, atMs),
      ).then(),
    close: async () => {
      await source.close();
      await server.close();
    },
  };
});

describe('asking a Prometheus server', () => {
  let server: FakePrometheus;
  const sources: { close(): Promise<void> }[] = [];
  beforeEach(async () => {
    server = await new FakePrometheus().listen();
    server.scraped('10.0.0.1:8000', engineExposition('tgi'), atMs - 5_000);
  });
  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.close()));
    await server.close();
  });
  const read = async (options: Partial<QueryOptions> = {}) => {
    const source = makeQuerySource({ base: server.url, clock, env: {}, bounds, ...options });
    sources.push(source);
    const [answer] = await source.read([{ replicaId: 'r', endpoint: 'http://10.0.0.1:8000' }], signal);
    return answer;
  };

  it('asks for the metrics of the engine, at one time, of the replica and what was chosen', async () => {
    await read({ engine: 'tgi', matchers: [{ label: 'job', operator: '=~', value: 'r.*' }] });
    const [range, vector] = server.asked.map(({ query }) => query).sort((one, other) => other.length - one.length);
    expect(vector).toMatch(/^\{__name__=~"[a-z_|]*tgi_queue_size[a-z_|]*",job=~"r\.\*",instance="10\.0\.0\.1:8000"\}$/);
    expect(vector).not.toContain('vllm');
    expect(range).toBe(`${vector}[120000ms]`);
    expect(new Set(server.asked.map(({ time }) => time))).toEqual(new Set(['1760000000.000']));
  });

  it('asks for devices without what chooses replicas', async () => {
    const name = 'DCGM_FI_PROF_GR_ENGINE_ACTIVE';
    const text = `# TYPE ${name} gauge\n${name}{UUID="GPU-a",pod="p"} 0.5\n`;
    server.scraped('10.0.0.9:9400', text, atMs - 5_000);
    const source = makeQuerySource({
      ...{ base: server.url, clock, env: {}, bounds },
      matchers: [{ label: 'job', operator: '=', value: 'engines' }],
    });
    sources.push(source);
    const answer = await source.readDevices?.([name], signal);
    expect(server.asked.map(({ query }) => query)).toEqual([`{__name__=~"${name}"}`]);
    expect(answer).toMatchObject({ kind: 'read', reading: { samples: [{ name, value: 0.5 }] } });
  });

  it('knows when each sample was scraped, so that an old one is stale', async () => {
    server.scraped('10.0.0.1:8000', engineExposition('tgi'), atMs - 90_000);
    const answer = await read();
    if (answer?.kind !== 'read') throw new Error(JSON.stringify(answer));
    expect(engineSignals(null, answer.reading, { nowMs: atMs })).toMatchObject({
      queueDepth: null,
      unknown: { queueDepth: 'stale' },
    });
  });

  it('leaves out series whose target is gone, which a range still shows', async () => {
    server.scraped('10.0.0.1:8000', engineExposition('tgi'), atMs - 5_000, false);
    expect(await read()).toMatchObject({ kind: 'read', reading: { samples: [] } });
  });

  it('passes on what the server warns of', async () => {
    server.warnings = ['PromQL info: metric might not be a counter'];
    expect(await read()).toMatchObject({ warnings: ['PromQL info: metric might not be a counter'] });
  });

  it.each([
    [400, '{"status":"error","errorType":"bad_data","error":"parse error"}', 'refused', 'bad_data: parse error'],
    [503, '{"status":"error","errorType":"timeout","error":"query timed out"}', 'hung', 'query timed out'],
    [502, '<html>bad gateway</html>', 'unreachable', '502'],
    [401, '', 'refused', '401'],
    [200, '<html>grafana</html>', 'garbage', 'no query'],
    [200, '{"status":"success","data":{"resultType":"scalar","result":[0,"1"]}}', 'garbage', 'no query'],
    [
      200,
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"x"]}]}}',
      'garbage',
      'value',
    ],
  ])('that answers %i %s is %s', async (status, body, fault, words) => {
    server.answer = { status, body };
    expect(await read()).toMatchObject({ kind: 'failed', fault, message: expect.stringContaining(words) });
  });

  it('is bounded in time and bytes', async () => {
    server.answer = 'hung';
    expect(await read({ bounds: { ...bounds, timeoutMs: 300 } })).toMatchObject({ fault: 'hung' });
    server.answer = { status: 200, body: ' '.repeat(300_000) };
    expect(await read()).toMatchObject({ fault: 'too-large' });
  });

  it('shows credentials of the environment, the token before the password, and never across a network in the clear', async () => {
    await read({ env: { PLIMSOLL_PROMETHEUS_USER: 'ann', PLIMSOLL_PROMETHEUS_PASSWORD: 'secret' } });
    await read({ env: { PLIMSOLL_PROMETHEUS_TOKEN: 't0ken', PLIMSOLL_PROMETHEUS_USER: 'ann' } });
    await read();
    expect(new Set(server.asked.map(({ authorization }) => authorization))).toEqual(
      new Set([`Basic ${Buffer.from('ann:secret').toString('base64')}`, 'Bearer t0ken', undefined]),
    );
    const env = { PLIMSOLL_PROMETHEUS_TOKEN: 't0ken' };
    const base = new URL('http://prometheus.example');
    expect(() => makeQuerySource({ base, clock, env })).toThrow(
      expect.objectContaining({ code: 'prometheus-insecure' }),
    );
    sources.push(makeQuerySource({ base, clock, env: { ...env, PLIMSOLL_PLAIN_HTTP: '1' } }));
    sources.push(makeQuerySource({ base: new URL('https://prometheus.example'), clock, env }));
  });
});

import { expect, test } from 'vitest';
import { valueOrNull } from '../../core/diagnosis/readings/reading.ts';
import { readGatewayCounters } from '../../core/diagnosis/waterfall/phase-metrics.ts';
import { latencyBinOf } from '../../core/rollout/judge/latency-bins.ts';
import { parseExposition } from '../../protocols/prometheus-text/parse-exposition.ts';
import { ask, makeTable, startGateway, startUpstream } from '../../testing/rigs/gateway-rig.ts';

test('metrics count what happened, by reason and by release', async () => {
  const upstream = await startUpstream((req, res) => {
    res.statusCode = req.url === '/v2/broken' ? 500 : 200;
    res.end('ok');
  });
  const rig = await startGateway(makeTable([{ release: 3, modelVersion: 2, endpoints: [upstream.endpoint] }]));
  for (const path of ['/v2/a', '/v2/b', '/v2/broken', '/elsewhere']) await ask(rig.url, { path, body: 'x' });
  const text = await (await fetch(`${rig.url}/plimsoll/metrics`)).text();
  const value = (sample: string): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${sample} `))
        ?.split(' ')
        .at(-1),
    );
  expect(value('plimsoll_gateway_arrivals_total')).toBe(4);
  expect(value('plimsoll_gateway_answered_total')).toBe(3);
  expect(value('plimsoll_gateway_failed_total')).toBe(1);
  expect(value('plimsoll_gateway_refused_total{reason="not-in-protocol"}')).toBe(1);
  expect(value('plimsoll_gateway_refused_total{reason="queue-full"}')).toBe(0);
  expect(value('plimsoll_gateway_release_requests_total{release="3",model_version="2"}')).toBe(3);
  expect(value('plimsoll_gateway_release_errors_total{release="3",model_version="2"}')).toBe(1);
  expect(value('plimsoll_gateway_request_duration_seconds_count{release="3",model_version="2"}')).toBe(3);
  expect(value('plimsoll_gateway_request_duration_seconds_bucket{release="3",model_version="2",le="+Inf"}')).toBe(3);
  expect(value('plimsoll_gateway_routing_generation')).toBe(1);
  expect(value('plimsoll_gateway_resident_memory_bytes')).toBeGreaterThan(1e7);
  for (const line of text.trim().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [0-9.e+-]+)$/);
  }
  await Promise.all([rig.stop(), upstream.stop()]);
});

test('metrics tell where the time of answered requests went, and the phases add up to it', async () => {
  const upstream = await startUpstream((_req, res) => void setTimeout(() => res.end('ok'), 30));
  const rig = await startGateway(makeTable([{ release: 3, modelVersion: 2, endpoints: [upstream.endpoint] }]));
  for (const path of ['/v2/a', '/v2/b']) await ask(rig.url, { path, body: 'x' });
  const { samples } = parseExposition(await (await fetch(`${rig.url}/plimsoll/metrics`)).text());
  const { requests, totalMs, replicaMs, phasesMs } = readGatewayCounters('g', samples, {
    service: 'digits',
    environment: 'default',
  });
  expect(requests).toEqual({ value: 2 });
  expect(valueOrNull(replicaMs)).toBeGreaterThanOrEqual(58);
  const parts = [replicaMs, ...Object.values(phasesMs)].map((part) => valueOrNull(part) ?? NaN);
  const sum = parts.reduce((a, b) => a + b, 0);
  expect(sum).toBeCloseTo(valueOrNull(totalMs) ?? NaN, 1);
  await Promise.all([rig.stop(), upstream.stop()]);
});

test('outcomes tell when streamed answers began, apart from when they ended; of other answers and refusals nothing', async () => {
  const upstream = await startUpstream((req, res) => {
    const isStream = req.url !== '/v2/whole';
    res.writeHead(req.url === '/v2/refused' ? 400 : 200, {
      'content-type': isStream ? 'text/event-stream; charset=utf-8' : 'application/json',
    });
    res.write('data: 1\n\n');
    if (req.url === '/v2/stream') setTimeout(() => res.end('data: 2\n\n'), 300);
    else res.end();
  });
  const rig = await startGateway(makeTable([{ release: 3, modelVersion: 2, endpoints: [upstream.endpoint] }]));
  const { signals } = rig.gateway.path;
  for (const path of ['/v2/whole', '/v2/refused']) await ask(rig.url, { path, body: 'x' });
  expect(signals.outcomes).not.toHaveProperty('ttft');
  await ask(rig.url, { path: '/v2/stream', body: 'x' });
  const { ttft = {}, latency } = signals.outcomes;
  expect(Object.values(ttft)).toEqual([1]);
  // Both are of the same answer: it began long before it ended.
  expect(Number(Object.keys(ttft)[0])).toBeLessThan(latencyBinOf(300));
  expect(Math.max(...Object.keys(latency).map(Number))).toBeGreaterThanOrEqual(latencyBinOf(290));
  await Promise.all([rig.stop(), upstream.stop()]);
});

test('a gateway remembers only so many releases', async () => {
  const rig = await startGateway(null);
  for (let release = 1; release <= 100; release += 1) {
    rig.gateway.offer(makeTable([{ release, endpoints: ['http://127.0.0.1:9'] }], { generation: release }));
  }
  const releases = rig.gateway.path.signals.releases.map((signals) => signals.release);
  expect(releases).toHaveLength(32);
  expect(releases.at(-1)).toBe(100);
  await rig.stop();
});

test('the report tells answers inside the objective, tokens, and the work of all answers, replica by replica', async () => {
  const upstream = await startUpstream((req, res) => {
    const body = JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 5 } });
    const late = req.headers['x-late'] !== undefined;
    setTimeout(() => res.writeHead(req.headers['x-wrong'] === undefined ? 200 : 400).end(body), late ? 400 : 0);
  });
  const objective = { latencyMs: 300 };
  const table = makeTable([{ endpoints: [upstream.endpoint] }], { protocol: 'openai', objective });
  const rig = await startGateway(table);
  const path = '/v1/completions';
  await ask(rig.url, { path, body: '{}' });
  await ask(rig.url, { path, body: '{}', headers: { 'x-late': '1' } });
  await ask(rig.url, { path, body: '{}', headers: { 'x-wrong': '1' } });
  const [replica] = rig.gateway.report().replicas;
  // All three are work of the replica; one is late, and one is an error of the client.
  expect(replica?.work).toMatchObject({ answers: 3, inside: 1, tokens: 10, shadowMs: 0, goldenMs: 0 });
  expect(replica?.work?.busyMs).toBeGreaterThanOrEqual(390);
  await Promise.all([rig.stop(), upstream.stop()]);
});

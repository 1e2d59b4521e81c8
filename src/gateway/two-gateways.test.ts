import { afterEach, expect, test } from 'vitest';
import type { CanaryRecord } from '../core/rollout/judge/canary.ts';
import { beginStep } from '../core/rollout/judge/canary-step.ts';
import { lookAtStep, type GatewayCounts } from '../core/rollout/judge/fold-counts.ts';
import { ask, makeTable, startGateway, startUpstream, type GatewayRig } from '../testing/rigs/gateway-rig.ts';
import { aRelease } from '../testing/builders/rollout-builders.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

/** What a report of a gateway becomes for the judge. */
function countsOf({ gateway }: GatewayRig): readonly GatewayCounts[] {
  const { gatewayId, startedAtMs, counts = [] } = gateway.report();
  return counts.map(({ sequence, step, releases, agreement }) => {
    const source = `${gatewayId}@${startedAtMs}`;
    return { source, sequence, step, releases, ...(agreement === undefined ? {} : { agreement }) };
  });
}

test('counts of two gateways add up to the requests that their clients sent, split by split', async () => {
  const [good, bad] = await Promise.all([
    startUpstream((_req, res) => res.end('ok')),
    startUpstream((_req, res) => res.writeHead(500).end()),
  ]);
  running.push(good.stop, bad.stop);
  const record: CanaryRecord = { ...beginStep(aRelease(2, { steps: [0.25, 1] }), 1, 0, 0), revision: 1 };
  const { release, against, step, startedAtMs } = record;
  const splits = [
    { release: 1, share: 0.75, endpoints: [good.endpoint] },
    { release: 2, share: 0.25, endpoints: [bad.endpoint] },
  ];
  const table = makeTable(splits, { canary: { release, against, step, startedAtMs } });
  const warm = { unitBounds: { coldRequests: 0, coldMs: 0 } };
  const rigs = [
    await startGateway(table, { gatewayId: 'gateway-1' }, warm),
    await startGateway(table, { gatewayId: 'gateway-2' }, warm),
  ];
  running.push(...rigs.map((rig) => () => rig.stop()));
  const [one, two] = rigs as [GatewayRig, GatewayRig];
  const send = async (rig: GatewayRig, times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) await ask(rig.url, { body: 'x' });
  };
  await send(one, 40);
  await send(two, 80);
  // The first report of one gateway is told twice, and the second gateway counts on meanwhile.
  const first = [...countsOf(one), ...countsOf(two)];
  one.gateway.path.outbox.acknowledge(1);
  await send(one, 20);
  const looked = lookAtStep(record, [...first, ...countsOf(one), ...first], null, 1_000);
  const later = lookAtStep({ ...looked, revision: 2 }, [...first, ...countsOf(one), ...countsOf(two)], null, 2_000);
  const errors = later.judgement?.metrics.find(({ metric }) => metric === 'errors');
  expect(errors).toMatchObject({ units: { live: 105, canary: 35 }, live: 0, canary: 1 });
  expect(Object.values(later.taken)).toEqual([2, 1]);
});

import { afterEach, expect, test } from 'vitest';
import { latencyBinOf } from '../core/rollout/judge/latency-bins.ts';
import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import { stickyPlace, stickySalt } from '../core/rollout/routing/sticky-choice.ts';
import { ask, makeTable, startGateway, startUpstream, until, type GatewayRig } from '../testing/rigs/gateway-rig.ts';

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

async function upstream(answer: Parameters<typeof startUpstream>[0]): ReturnType<typeof startUpstream> {
  const made = await startUpstream(answer);
  running.push(() => made.stop());
  return made;
}

async function gateway(table: RoutingTable, settings: Parameters<typeof startGateway>[1] = {}): Promise<GatewayRig> {
  const rig = await startGateway(table, settings);
  running.push(() => rig.stop());
  return rig;
}

const sticky = (share: number, live: readonly string[], canary: readonly string[], generation = 1): RoutingTable =>
  makeTable(
    [
      { release: 1, share: 1 - share, endpoints: live },
      { release: 2, share, endpoints: canary },
    ],
    {
      generation,
      stickyBy: { header: 'x-user' },
      canary: { release: 2, against: 1, step: generation, startedAtMs: 1 },
    },
  );

/** Users whose key lies on the canary at this share, and others. */
function users(table: RoutingTable, share: number): { canary: string; live: string } {
  const salt = stickySalt(table);
  const names = Array.from({ length: 1000 }, (_, n) => `user-${n}`);
  const find = (on: boolean): string => names.find((name) => stickyPlace(name, salt) < share === on) ?? '';
  return { canary: find(true), live: find(false) };
}

const releaseFor = async (rig: GatewayRig, user?: string): Promise<string | undefined> => {
  const answer = await ask(rig.url, { body: 'x', headers: user === undefined ? {} : { 'x-user': user } });
  return answer.headers['plimsoll-release'] as string | undefined;
};

test('a key stays on its release, on every gateway and over the steps; requests without one go by weight', async () => {
  const end = await upstream((_req, res) => res.end('ok'));
  const table = sticky(0.2, [end.endpoint], [end.endpoint]);
  const rigs = [await gateway(table), await gateway(table)];
  const { canary, live } = users(table, 0.2);
  for (const rig of rigs) {
    for (let n = 0; n < 5; n += 1) {
      expect([await releaseFor(rig, canary), await releaseFor(rig, live)]).toEqual(['2', '1']);
    }
  }
  const [rig] = rigs as [GatewayRig];
  const byWeight = [];
  for (let n = 0; n < 20; n += 1) byWeight.push(await releaseFor(rig));
  expect(byWeight.filter((release) => release === '2')).toHaveLength(4);
  rig.gateway.offer(sticky(0.5, [end.endpoint], [end.endpoint], 2));
  expect(await releaseFor(rig, canary)).toBe('2');
});

test('a sticky request waits for its own split, then another one answers it, and that is counted in no unit', async () => {
  const slow = await upstream(() => undefined);
  const good = await upstream((_req, res) => res.end('ok'));
  const table = sticky(0.5, [good.endpoint], [slow.endpoint]);
  const rig = await gateway(table, { replicaConcurrency: 1, deadlineMs: 60_000 });
  const { canary, live } = users(table, 0.5);
  const stuck = releaseFor(rig, canary).catch(() => undefined);
  await until(() => slow.seen.length === 1);
  const waits = releaseFor(rig, canary);
  await until(() => rig.gateway.path.queueDepth === 1);
  // Those of the other split do not stand behind it.
  expect(await releaseFor(rig, live)).toBe('1');
  expect(rig.gateway.path.queueDepth).toBe(1);
  rig.clock.skip(600);
  expect(await waits).toBe('1');
  expect(rig.gateway.path.signals.stickyFallbacks).toBe(1);
  rig.gateway.path.sweep(rig.gateway.path.nowMs());
  rig.clock.skip(60_000);
  expect(await stuck).toBeUndefined();
  // The client may see the end before it is counted.
  await until(() => rig.gateway.path.inFlight === 0);
  rig.clock.skip(20_000);
  rig.gateway.path.sweep(rig.gateway.path.nowMs());
  const [counts] = rig.gateway.report().counts ?? [];
  expect(counts?.stickyFallbacks).toBe(1);
  const seen = counts?.releases.map(({ release, units }) => [release, units.cold.units, units.cold.errors]);
  expect(seen).toEqual([
    [2, 1, 1],
    [1, 1, 0],
  ]);
});

test('a split without a replica is not waited for; one whose only replica breaks is left at once', async () => {
  const good = await upstream((_req, res) => res.end('ok'));
  const breaks = await upstream((req) => req.socket.destroy());
  const none = sticky(0.5, [good.endpoint], []);
  const rig = await gateway(none);
  const { canary } = users(none, 0.5);
  expect(await releaseFor(rig, canary)).toBe('1');
  rig.gateway.offer(sticky(0.5, [good.endpoint], [breaks.endpoint], 2));
  expect(await releaseFor(rig, canary)).toBe('1');
  expect(breaks.seen).toHaveLength(1);
  expect(rig.gateway.path.signals.stickyFallbacks).toBe(2);
  // The connection that broke is an error of the canary, although its client never saw it.
  rig.clock.skip(20_000);
  rig.gateway.path.sweep(rig.gateway.path.nowMs());
  const canaryCounts = rig.gateway.report().counts?.flatMap((counts) => counts.releases) ?? [];
  expect(canaryCounts.find(({ release }) => release === 2)?.units.cold).toMatchObject({ units: 1, errors: 1 });
});

test('without keys, two splits by weight answer all, also when the replicas of one vanish', async () => {
  const [live, canary] = [await upstream((_req, res) => res.end('l')), await upstream((_req, res) => res.end('c'))];
  const splits = (endpoints: readonly string[]) => [
    { release: 1, share: 0.75, endpoints: [live.endpoint] },
    { release: 2, share: 0.25, endpoints },
  ];
  const rig = await gateway(makeTable(splits([canary.endpoint])));
  const seen: (string | undefined)[] = [];
  for (let n = 0; n < 200; n += 1) seen.push(await releaseFor(rig));
  expect(seen.filter((release) => release === '2')).toHaveLength(50);
  await canary.stop();
  const after = await Promise.all(Array.from({ length: 100 }, () => releaseFor(rig)));
  expect(after).toEqual(Array(100).fill('1'));
  rig.gateway.offer(makeTable(splits([]), { generation: 2 }));
  expect(await releaseFor(rig)).toBe('1');
});

/** Both releases have one place, which a first request holds; then one waits at each for 5 s, and all are answered. */
async function queued(stickyBy: boolean): Promise<Map<number, readonly number[]>> {
  const held: (() => void)[] = [];
  let holding = true;
  const end = await upstream((_req, res) => void (holding ? held.push(() => res.end('ok')) : res.end('ok')));
  const other = await upstream((_req, res) => void (holding ? held.push(() => res.end('ok')) : res.end('ok')));
  const { stickyBy: header, ...byWeight } = sticky(0.5, [end.endpoint], [other.endpoint]);
  const table = stickyBy && header !== undefined ? { ...byWeight, stickyBy: header } : byWeight;
  const rig = await gateway(table, { replicaConcurrency: 1, stickyWaitMs: 10_000, deadlineMs: 60_000 });
  const { canary, live } = users(table, 0.5);
  // A key is one unit in a window: those who come second have the same place under another key.
  const second = (user: string, on: boolean): string =>
    Array.from({ length: 100 }, (_, n) => `${user}-${n}`).find(
      (name) => stickyPlace(name, stickySalt(table)) < 0.5 === on,
    ) ?? '';
  const first = [releaseFor(rig, canary), releaseFor(rig, live)];
  await until(() => held.length === 2);
  const later = [releaseFor(rig, second(canary, true)), releaseFor(rig, second(live, false))];
  await until(() => rig.gateway.path.queueDepth === 2);
  rig.clock.skip(5_000);
  holding = false;
  for (const answer of held) answer();
  await Promise.all([...first, ...later]);
  rig.clock.skip(20_000);
  rig.gateway.path.sweep(rig.gateway.path.nowMs());
  const releases = rig.gateway.report().counts?.flatMap((counts) => counts.releases) ?? [];
  const slow = latencyBinOf(5_000);
  return new Map(
    releases.map(({ release, units: { cold } }) => {
      const bins = Object.entries(cold.latency);
      const sum = (on: boolean): number =>
        bins.filter(([bin]) => Number(bin) >= slow === on).reduce((total, [, units]) => total + units, 0);
      return [release, [sum(false), sum(true)]];
    }),
  );
}

test("the wait for the release that a key decided is its latency; a wait for whichever comes first is nobody's", async () => {
  // By weight: of each release one request took 5 s, and the one that had waited for it was quick.
  expect(Object.fromEntries(await queued(false))).toEqual({ 1: [1, 1], 2: [1, 1] });
  expect(Object.fromEntries(await queued(true))).toEqual({ 1: [0, 2], 2: [0, 2] });
});

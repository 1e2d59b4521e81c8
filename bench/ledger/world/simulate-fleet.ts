import type { LedgerFact } from '../../../src/core/cost/ledger/fact.ts';
import { hours, makeDraw, minutes, seconds } from './draw.ts';
import { placeReplicas, type World } from './place-replicas.ts';
import { Recorder } from './recorder.ts';
import { drawResets, drawSchedule, whenUp, type NodeReset, type Outage, type Schedule } from './schedule.ts';
import { Truth } from './truth.ts';
import { coreNode, migNode, sharedNode, wholeNode, type NodeSpec } from './units.ts';

export interface SimulatedFleet {
  readonly facts: readonly LedgerFact[];
  readonly truth: Truth;
  readonly claims: number;
  readonly crashes: number;
  readonly resets: number;
  readonly steps: number;
  readonly relayouts: number;
}

/** A small fleet for so many hours: 6 whole boards, 2 boards with MIG, 2 that are shared, 16 cores. */
export function simulateFleet(seed: number, hoursLong: number): SimulatedFleet {
  const draw = makeDraw(seed);
  const schedule = drawSchedule(draw, hoursLong * hours);
  const truth = new Truth();
  const recorder = new Recorder(schedule, draw);
  const world: World = { draw, schedule, recorder, truth, claims: [] };
  recordDowns(world);
  let [resets, relayouts] = [0, 0];
  const nodes = [
    wholeNode('node-a', false),
    wholeNode('node-b', false),
    wholeNode('node-c', true),
    sharedNode('node-f', 'time-slicing', 4),
    sharedNode('node-g', 'mps', 3),
    coreNode('node-h'),
  ];
  for (const node of nodes) {
    const own = drawResets(draw, schedule, node.pool !== 'cores');
    resets += own.length;
    runNode(world, node, own);
  }
  for (const name of ['node-d', 'node-e']) {
    const own = drawResets(draw, schedule, false);
    resets += own.length;
    relayouts += runMigNode(world, name, own);
  }
  const { length: crashes } = schedule.downs;
  return {
    facts: recorder.facts,
    truth,
    claims: world.claims.length,
    crashes,
    resets,
    steps: schedule.steps.length,
    relayouts,
  };
}

/** The gap begins at the last heartbeat of the control plane that died, by its clock. */
function recordDowns({ schedule, recorder, draw }: World): void {
  schedule.downs.forEach(({ fromMs, toMs }, index) => {
    const gap = `down-${index}`;
    const before = schedule.epochs[index];
    const lastMs = fromMs - draw.between(0, 5 * seconds);
    recorder.record(lastMs, { kind: 'gap-began', gap, cause: 'control-plane-down', scope: { of: 'all' } }, before);
    recorder.record(toMs, { kind: 'gap-ended', gap });
  });
}

function runNode(world: World, node: NodeSpec, resets: readonly NodeReset[]): void {
  const { schedule, truth } = world;
  const nameOf = namesOf(resets);
  let there = appear(world, node, nameOf, 0);
  for (const reset of resets) {
    recordReset(world, node, reset);
    if (reset.devices === 'stay') continue;
    node.boards.forEach(({ device, counts }, index) => {
      const gone = nameOf(device, reset.fromMs);
      const fact = { kind: 'device-gone', device: gone, pool: node.pool } as const;
      const [appeared, left] = [there[index], world.recorder.record(reset.detectedMs, fact)];
      if (appeared !== undefined) truth.exist(node.pool, counts, appeared, left);
    });
    there = appear(world, node, nameOf, reset.toMs);
  }
  stay(world, node, there);
  for (const unit of node.units) {
    const kept = node.pool === 'whole' ? keepSometimes(world, unit.name, unit.takes, resets, nameOf) : [];
    placeReplicas(world, { fromMs: 0, toMs: schedule.untilMs, unit, node, nameOf, resets, kept });
  }
  for (const { device, part, state } of node.left) {
    leave(world, device, part, state, { fromMs: 0, toMs: schedule.untilMs }, resets);
  }
}

/** Layouts one after another; the last replica of each is drained before the next begins. */
function runMigNode(world: World, name: string, resets: readonly NodeReset[]): number {
  const { draw, schedule } = world;
  let [fromMs, which, relayouts] = [0, draw.between(0, 5), 0];
  const nameOf = (device: string): string => device;
  const there = appear(world, migNode(name, which), nameOf, 0);
  for (const reset of resets) recordReset(world, migNode(name, which), reset);
  while (fromMs < schedule.untilMs) {
    const node = migNode(name, which);
    const wantedMs = whenUp(schedule, fromMs + 4 * hours + draw.about(60 * hours));
    const away = resets.find((reset) => reset.fromMs - 15 * minutes < wantedMs && wantedMs < reset.toMs);
    const toMs = Math.min(schedule.untilMs, away === undefined ? wantedMs : whenUp(schedule, away.toMs + 5 * minutes));
    for (const unit of node.units) placeReplicas(world, { fromMs, toMs, unit, node, nameOf, resets, kept: [] });
    for (const { device, part, state } of node.left) leave(world, device, part, state, { fromMs, toMs }, resets);
    which = draw.between(0, 5);
    if (toMs < schedule.untilMs) {
      const [board] = migNode(name, which).boards;
      if (board !== undefined) {
        world.recorder.record(toMs, { kind: 'layout-changed', device: board.device, layout: board.layout });
        relayouts += 1;
      }
    }
    fromMs = toMs;
  }
  stay(world, migNode(name, which), there);
  return relayouts;
}

type NameOf = (device: string, atMs: number) => string;

/** A board that was changed has another UUID from then on. */
function namesOf(resets: readonly NodeReset[]): NameOf {
  return (device, atMs) => {
    const renamed = resets.filter((reset) => reset.devices === 'come-back-renamed' && reset.toMs <= atMs).length;
    return renamed === 0 ? device : `${device}-new${renamed}`;
  };
}

function appear(world: World, node: NodeSpec, nameOf: NameOf, atMs: number): readonly LedgerFact[] {
  return node.boards.map(({ device, place, deviceClass, pciDeviceId, layout }) =>
    world.recorder.record(atMs, {
      kind: 'device-appeared',
      device: nameOf(device, atMs),
      pool: node.pool,
      node: node.node,
      place,
      deviceClass,
      pciDeviceId,
      layout,
    }),
  );
}

function stay({ truth }: World, { boards, pool }: NodeSpec, there: readonly LedgerFact[]): void {
  boards.forEach(({ counts }, index) => {
    const appeared = there[index];
    if (appeared !== undefined) truth.exist(pool, counts, appeared, null);
  });
}

function recordReset({ recorder, schedule }: World, { node }: NodeSpec, reset: NodeReset): void {
  const gap = `${node}-${reset.fromMs}`;
  const scope = { of: 'node', node } as const;
  recorder.record(whenBefore(schedule, reset.lastHeartbeatMs), { kind: 'gap-began', gap, cause: 'node-gone', scope });
  recorder.record(reset.toMs, { kind: 'gap-ended', gap });
}

/** The last moment at which the control plane was up. */
function whenBefore({ downs }: Schedule, atMs: number): number {
  const down = downs.find(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
  return down === undefined ? atMs : down.fromMs - 1;
}

/** What nothing is ever placed on: nobody can tell while the node is away. */
function leave(
  { truth, schedule }: World,
  device: string,
  part: { readonly compute: number; readonly memory: number },
  state: string,
  life: Outage,
  resets: readonly NodeReset[],
): void {
  let at = life.fromMs;
  const nobody = { service: '', claim: '' };
  for (const { fromMs, toMs } of resets) {
    if (toMs <= at || fromMs >= life.toMs) continue;
    truth.add(device, part, { state, ...nobody }, at, fromMs);
    truth.add(
      device,
      part,
      { state: 'unattributable', ...nobody },
      Math.max(at, fromMs),
      Math.min(life.toMs, schedule.untilMs, toMs),
    );
    at = toMs;
  }
  if (at < life.toMs) truth.add(device, part, { state, ...nobody }, at, Math.min(life.toMs, schedule.untilMs));
}

/** Shares that are kept for a service for some hours. */
function keepSometimes(
  { draw, schedule, recorder }: World,
  name: string,
  takes: NodeSpec['units'][number]['takes'],
  resets: readonly NodeReset[],
  nameOf: NameOf,
): readonly (Outage & { readonly service: string })[] {
  const kept: (Outage & { readonly service: string })[] = [];
  for (let at = draw.about(30 * hours); at < schedule.untilMs; at += draw.about(30 * hours)) {
    const fromMs = whenUp(schedule, at);
    const toMs = whenUp(schedule, fromMs + draw.between(1 * hours, 5 * hours));
    at = toMs;
    if (resets.some((reset) => reset.fromMs < toMs && fromMs < reset.toMs)) continue;
    const reservation = `${name}-${fromMs}`;
    const owner = { service: 'vision', environment: 'prod', release: null, team: null, model: null };
    const holds = takes.map(({ device, hold }) => hold(nameOf(device, fromMs)));
    recorder.record(fromMs, { kind: 'reservation-began', reservation, holds, owner });
    recorder.record(toMs, { kind: 'reservation-ended', reservation });
    kept.push({ fromMs, toMs, service: 'vision' });
  }
  return kept;
}

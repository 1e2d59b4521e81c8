import type { Owner, Purpose } from '../../../src/core/cost/ledger/state.ts';
import { hours, minutes, seconds, type Draw } from './draw.ts';
import type { Recorder } from './recorder.ts';
import { wallOffset, whenUp, type NodeReset, type Outage, type Schedule } from './schedule.ts';
import type { Truth } from './truth.ts';
import type { NodeSpec, Unit } from './units.ts';

/** The simulated fleet while it is made. */
export interface World {
  readonly draw: Draw;
  readonly schedule: Schedule;
  readonly recorder: Recorder;
  readonly truth: Truth;
  /** Claims that were made. */
  readonly claims: string[];
}

/** A unit from one time to another, with the present names of its devices. */
export interface UnitLife extends Outage {
  readonly unit: Unit;
  readonly node: NodeSpec;
  readonly nameOf: (device: string, atMs: number) => string;
  readonly resets: readonly NodeReset[];
  readonly kept: readonly (Outage & { readonly service: string })[];
}

/** Reports close at full multiples of this by the wall clock. */
const reportMs = 10 * minutes;
const services = ['ranker', 'search', 'speech', 'vision', 'digits'] as const;
const purposeOf: readonly [Purpose, ...Purpose[]] = ['answers', 'answers', 'answers', 'shadow', 'proof'];

/** Places replicas on a unit one after another for all of its life: records what is seen, and tells the truth what is. */
export function placeReplicas(world: World, life: UnitLife): void {
  const { draw, schedule } = world;
  let atMs = life.fromMs;
  while (atMs < life.toMs) {
    const reset = life.resets.find(({ toMs }) => toMs > atMs);
    const endMs = Math.min(life.toMs, reset?.fromMs ?? Infinity);
    const beginMs = whenUp(schedule, atMs + draw.about(2 * hours));
    if (atMs < endMs && beginMs < endMs - 2 * minutes) {
      empty(world, life, atMs, beginMs);
      atMs = runReplica(world, life, beginMs, endMs, reset ?? null);
    } else {
      empty(world, life, atMs, Math.max(atMs, endMs));
      atMs = endMs;
      if (reset !== undefined && atMs === reset.fromMs) {
        outage(world, life, reset, reset.fromMs, reset.toMs, null);
        atMs = reset.toMs;
      }
    }
    if (reset !== undefined && atMs > reset.fromMs && atMs < reset.toMs) atMs = reset.toMs;
  }
}

/** Nothing is placed: it is kept for somebody, or for nobody. */
function empty(world: World, life: UnitLife, fromMs: number, toMs: number): void {
  let at = fromMs;
  while (at < toMs) {
    const kept = life.kept.find((each) => each.toMs > at && each.fromMs < toMs);
    if (kept !== undefined && kept.fromMs <= at) {
      const end = Math.min(toMs, kept.toMs);
      tell(world, life, { state: 'reserved', service: kept.service, claim: '' }, at, end);
      at = end;
    } else {
      const end = Math.min(toMs, kept?.fromMs ?? toMs);
      tell(world, life, { state: 'unallocated', service: '', claim: '' }, at, end);
      at = end;
    }
  }
}

/** The node is away: nobody can tell what its devices do, until they are gone from the inventory. */
function outage(
  world: World,
  life: UnitLife,
  reset: NodeReset,
  fromMs: number,
  toMs: number,
  replica: { readonly service: string; readonly claim: string } | null,
): void {
  const lostMs = Math.min(toMs, reset.detectedMs);
  const doing = { state: 'unattributable', service: replica?.service ?? '', claim: replica?.claim ?? '' };
  tell(world, life, doing, fromMs, lostMs);
  if (reset.devices === 'stay') tell(world, life, { ...doing, service: '', claim: '' }, lostMs, toMs);
}

function tell(
  { truth, schedule }: World,
  { unit, nameOf }: UnitLife,
  doing: { readonly state: string; readonly service: string; readonly claim: string },
  fromMs: number,
  toMs: number,
): void {
  const end = Math.min(toMs, schedule.untilMs);
  for (const { device, part } of unit.takes) truth.add(nameOf(device, fromMs), part, doing, fromMs, end);
}

/** One replica from its claim to its end. Returns when it was over. */
function runReplica(world: World, life: UnitLife, beginMs: number, mostMs: number, reset: NodeReset | null): number {
  const { draw, schedule, recorder } = world;
  const service = draw.oneOf(services);
  const claim = `replica-${String(world.claims.length).padStart(6, '0')}`;
  world.claims.push(claim);
  const owner: Owner = { service, environment: 'prod', release: '3', team: 'platform', model: `${service}-1` };
  const who = { service, claim };
  const holds = life.unit.takes.map(({ device, hold }) => hold(life.nameOf(device, beginMs)));
  recorder.record(beginMs, { kind: 'claim-began', claim, holds, owner, purpose: draw.oneOf(purposeOf) });
  const dies = reset !== null && mostMs === reset.fromMs;
  const loadedMs = whenUp(schedule, beginMs + draw.between(20 * seconds, 200 * seconds));
  if (draw.chance(0.04) || loadedMs >= mostMs) {
    const failedMs = Math.min(mostMs, loadedMs);
    tell(world, life, { state: 'loading', ...who }, beginMs, failedMs);
    return end(world, life, who, failedMs, dies && failedMs === mostMs ? reset : null);
  }
  tell(world, life, { state: 'loading', ...who }, beginMs, loadedMs);
  recorder.record(loadedMs, { kind: 'claim-changed', claim, state: 'ready' });
  const wantedMs = loadedMs + draw.about(12 * hours);
  const isCrash = draw.chance(0.25);
  const drainMs = draw.between(3 * seconds, 50 * seconds);
  const stopMs = isCrash ? wantedMs : whenUp(schedule, wantedMs);
  if (stopMs + 2 * minutes >= mostMs) {
    // What ends the unit ends the replica: its node dies, or its layout is changed.
    if (dies) {
      serve(world, life, who, loadedMs, mostMs);
      return end(world, life, who, mostMs, reset);
    }
    const lastMs = whenUp(schedule, Math.max(loadedMs, mostMs - 10 * minutes));
    if (lastMs >= mostMs) {
      serve(world, life, who, loadedMs, mostMs);
      return end(world, life, who, mostMs, null);
    }
    serve(world, life, who, loadedMs, lastMs);
    return drain(world, life, who, lastMs, Math.min(mostMs, lastMs + drainMs));
  }
  serve(world, life, who, loadedMs, stopMs);
  return isCrash ? end(world, life, who, stopMs, null) : drain(world, life, who, stopMs, stopMs + drainMs);
}

type Who = { readonly service: string; readonly claim: string };

function drain(world: World, life: UnitLife, who: Who, fromMs: number, toMs: number): number {
  world.recorder.record(fromMs, { kind: 'claim-changed', claim: who.claim, state: 'draining' });
  tell(world, life, { state: 'draining', ...who }, fromMs, toMs);
  return end(world, life, who, toMs, null);
}

/** The end is recorded when the control plane sees it. Until then the share is taken by nobody in truth. */
function end(world: World, life: UnitLife, who: Who, atMs: number, reset: NodeReset | null): number {
  const seenMs = reset === null ? whenUp(world.schedule, atMs) : reset.detectedMs;
  world.recorder.record(seenMs, { kind: 'claim-changed', claim: who.claim, state: 'ended' });
  if (reset !== null) {
    outage(world, life, reset, atMs, reset.toMs, who);
    return reset.toMs;
  }
  return atMs;
}

/** Busy and idle by turns; counters are reported by the wall clock, some reports get lost, and the next one covers both. */
function serve(world: World, life: UnitLife, who: Who, fromMs: number, toMs: number): void {
  const { draw, schedule, recorder } = world;
  let [at, reportedMs, busyMs, answers] = [fromMs, fromMs, 0, 0];
  let isBusy = draw.chance(0.4);
  let turnMs = at + draw.about(60 * seconds);
  while (at < toMs) {
    const offsetMs = wallOffset(schedule, at);
    const closeMs = (Math.floor((at + offsetMs) / reportMs) + 1) * reportMs - offsetMs;
    const next = Math.min(toMs, turnMs, closeMs);
    tell(world, life, { state: isBusy ? 'serving' : 'idle', ...who }, at, next);
    if (isBusy) busyMs += next - at;
    at = next;
    if (at === turnMs) {
      if (isBusy) answers += 1;
      isBusy = !isBusy;
      turnMs = at + draw.about(isBusy ? 60 * seconds : 90 * seconds);
    }
    if (at !== closeMs && at !== toMs) continue;
    if (whenUp(schedule, at) !== at && at !== toMs) continue;
    if (draw.chance(0.02)) continue;
    const heardMs = whenUp(schedule, at);
    recorder.record(heardMs, {
      kind: 'work-account',
      claim: who.claim,
      fromMonotonicMs: recorder.monotonic(reportedMs, heardMs),
      busyMs: { answers: busyMs },
      filledMs: Math.floor(busyMs / 2),
      answers,
      tokens: 0,
      source: 'engine',
    });
    [reportedMs, busyMs, answers] = [at, 0, 0];
  }
}

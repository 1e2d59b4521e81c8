import { hours, minutes, seconds, type Draw } from './draw.ts';

export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A run of the control plane, with a monotonic clock of its own. */
export interface Epoch extends Outage {
  readonly recorder: string;
  readonly bootMs: number;
}

/** The wall clock of the control plane is off by `offsetMs`. */
export interface WallStep extends Outage {
  readonly offsetMs: number;
}

export interface NodeReset extends Outage {
  /** When the control plane noticed. */
  readonly detectedMs: number;
  readonly lastHeartbeatMs: number;
  /** What the inventory says of the devices meanwhile. */
  readonly devices: 'stay' | 'go' | 'come-back-renamed';
}

export interface Schedule {
  readonly untilMs: number;
  readonly epochs: readonly Epoch[];
  readonly downs: readonly Outage[];
  readonly steps: readonly WallStep[];
}

/** Crashes of the control plane and steps of its wall clock, over all of a run. */
export function drawSchedule(draw: Draw, untilMs: number): Schedule {
  const epochs: Epoch[] = [];
  const downs: Outage[] = [];
  for (let fromMs = 0; fromMs < untilMs;) {
    const toMs = fromMs + 2 * hours + draw.about(120 * hours);
    epochs.push({ recorder: `control-plane-${epochs.length}`, fromMs, toMs, bootMs: draw.between(0, 90 * hours) });
    const upMs = toMs + draw.between(20 * seconds, 4 * minutes);
    if (toMs < untilMs) downs.push({ fromMs: toMs, toMs: upMs });
    fromMs = upMs;
  }
  const steps: WallStep[] = [];
  for (let fromMs = draw.about(60 * hours); fromMs < untilMs; fromMs += draw.about(60 * hours)) {
    const toMs = fromMs + draw.between(1 * minutes, 60 * minutes);
    const size = draw.oneOf([2 * seconds, 37 * seconds, 11 * minutes, 3 * hours]);
    steps.push({ fromMs, toMs, offsetMs: draw.chance(0.5) ? size : -size });
    fromMs = toMs;
  }
  return { untilMs, epochs, downs, steps };
}

/** The same time, or where the control plane is down the moment after it is up again. */
export function whenUp({ downs }: Schedule, atMs: number): number {
  const down = downs.find(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
  return down === undefined ? atMs : down.toMs + 1 * seconds;
}

export function drawResets(draw: Draw, schedule: Schedule, mayChangeDevices: boolean): readonly NodeReset[] {
  const resets: NodeReset[] = [];
  for (let fromMs = draw.about(400 * hours); fromMs < schedule.untilMs; fromMs += 1 * hours + draw.about(400 * hours)) {
    const detectedMs = whenUp(schedule, fromMs + draw.between(20 * seconds, 60 * seconds));
    const toMs = whenUp(schedule, detectedMs + draw.between(2 * minutes, 12 * minutes));
    const kind = draw.random.nextShare();
    const devices = !mayChangeDevices || kind < 0.6 ? 'stay' : kind < 0.85 ? 'go' : 'come-back-renamed';
    resets.push({ fromMs, detectedMs, toMs, lastHeartbeatMs: fromMs - draw.between(0, 10 * seconds), devices });
    fromMs = toMs;
  }
  return resets;
}

export const wallOffset = ({ steps }: Schedule, atMs: number): number =>
  steps.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.offsetMs ?? 0;

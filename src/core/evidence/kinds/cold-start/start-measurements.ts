import type { Phase, StartTier } from '../../../contract/contract.ts';

/** One measured start, as `ObservedStart` of core/coldstart says it. */
export interface MeasuredStart {
  readonly totalMs: number;
  readonly outcome: 'ready' | 'failed' | 'running';
  readonly phases: readonly MeasuredStartPhase[];
}

export interface MeasuredStartPhase {
  /** Several where they could not be told apart; each set of them stands once. */
  readonly phases: readonly Phase[];
  readonly durationMs: number;
}

export interface MeasuredTier {
  /** How the node was brought to this tier before each start, for people. */
  readonly prepared: string;
  /** In the order in which they were measured. */
  readonly starts: readonly MeasuredStart[];
}

/** What `plimsoll coldstart` measured. In the lock a start is one line of text: `startLine`. */
export interface ColdStartMeasurements {
  readonly coldStartVersion: 1;
  readonly platform: 'local' | 'kubernetes';
  /** A start that had lasted so long was ended, and is censored. */
  readonly timeoutMs: number;
  readonly tiers: Readonly<Partial<Record<StartTier, MeasuredTier>>>;
}

export const startTiers: readonly StartTier[] = ['memory', 'node-disk', 'fresh-node'];

/** In the order in which a start goes through them. */
export const phaseOrder: readonly Phase[] = [
  'schedule',
  'image-pull',
  'process-start',
  'weights-fetch',
  'weights-load',
  'engine-init',
  'warm-up',
];

/** As they stand in the lock: one fact a line. */
export function coldStartRecord(measured: ColdStartMeasurements): Readonly<Record<string, unknown>> {
  const tiers = Object.entries(measured.tiers).map(([tier, { prepared, starts }]) => [
    tier,
    { prepared, starts: starts.map(startLine) },
  ]);
  return { ...measured, tiers: Object.fromEntries(tiers) };
}

/** `ready 312.4: process-start 95.1, weights-load + engine-init 150.2`; milliseconds. */
export function startLine({ outcome, totalMs, phases }: MeasuredStart): string {
  const told = phases.map((each) => `${each.phases.join(' + ')} ${tenths(each.durationMs)}`);
  return `${outcome} ${tenths(totalMs)}${told.length === 0 ? '' : `: ${told.join(', ')}`}`;
}

const tenths = (ms: number): number => Number(ms.toFixed(1));

/** A lock may have been edited: whatever is not whole, or adds up to more than it took, proves nothing. */
export function readColdStart(value: Readonly<Record<string, unknown>>): ColdStartMeasurements | null {
  const { coldStartVersion, platform, timeoutMs, tiers } = value;
  if (coldStartVersion !== 1 || (platform !== 'local' && platform !== 'kubernetes')) return null;
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0) || typeof tiers !== 'object' || tiers === null) return null;
  const read: Partial<Record<StartTier, MeasuredTier>> = {};
  for (const [name, given] of Object.entries(tiers)) {
    const tier = startTiers.find((each) => each === name);
    const measured = tier === undefined ? null : readTier(given);
    if (tier === undefined || measured === null) return null;
    read[tier] = measured;
  }
  return { coldStartVersion, platform, timeoutMs, tiers: read };
}

function readTier(value: unknown): MeasuredTier | null {
  if (typeof value !== 'object' || value === null) return null;
  const { prepared, starts } = value as { readonly prepared?: unknown; readonly starts?: unknown };
  if (typeof prepared !== 'string' || !Array.isArray(starts)) return null;
  const read = starts.map(readStart);
  return read.every((start) => start !== null) ? { prepared, starts: read } : null;
}

const number = String.raw`(\d{1,12}(?:\.\d+)?)`;
const lineForm = new RegExp(`^(ready|failed|running) ${number}(?:: (.+))?$`);
const phaseForm = new RegExp(`^([a-z +-]+) ${number}$`);

function readStart(line: unknown): MeasuredStart | null {
  const [, outcome, total, told] = typeof line === 'string' ? (lineForm.exec(line) ?? []) : [];
  if (outcome === undefined) return null;
  const phases = (told ?? '').split(', ').filter(Boolean).map(readPhase);
  if (!phases.every((phase) => phase !== null)) return null;
  const named = phases.map(({ phases: names }) => names.join());
  if (new Set(named).size < named.length) return null;
  const start = { outcome: outcome as MeasuredStart['outcome'], totalMs: Number(total), phases };
  return isWithin(start) ? start : null;
}

function readPhase(text: string): MeasuredStartPhase | null {
  const [, label, duration] = phaseForm.exec(text) ?? [];
  const names = (label ?? '').split(' + ').map((name) => phaseOrder.find((phase) => phase === name));
  if (new Set(names).size < names.length || !names.every((name) => name !== undefined)) return null;
  return { phases: names, durationMs: Number(duration) };
}

/** Two clocks are in a start (the platform's and the server's), so that its parts may exceed it by a little. */
const slackMs = 50;
const slackShare = 0.05;

function isWithin({ totalMs, phases }: MeasuredStart): boolean {
  const sumMs = phases.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return sumMs <= totalMs + Math.max(slackMs, slackShare * totalMs);
}

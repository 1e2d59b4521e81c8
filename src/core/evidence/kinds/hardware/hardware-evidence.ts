import type { Compatibility, Contract } from '../../../contract/contract.ts';
import { combineVerdicts, type Judgement, type Verdict } from '../../../units/verdict.ts';

/** What `plimsoll verify` stores as `measurements` of hardware evidence. */
export interface HardwareMeasurements {
  readonly pool: string;
  /** When the facts of the pool were taken. */
  readonly takenAtMs: number;
  /** It rests on declared classes alone, or in part. */
  readonly restsOnDeclared: boolean;
  /** By digest of the device class. */
  readonly classes: Readonly<Record<string, MeasuredClass>>;
  /** Nodes that hold the same devices, once; nodes on which nothing can be placed are left out. */
  readonly nodes: readonly MeasuredNodes[];
  /** What stands against the pool beyond its devices, one sentence each. */
  readonly objections: readonly { readonly verdict: Verdict; readonly reason: string }[];
}

export interface MeasuredClass {
  readonly description: string;
  /** The device class itself, so that the watch can tell what changed. JSON-safe; its shape is core/hardware's. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly compatibility: Compatibility;
  /** Nodes that hold such a device; 0 for one that was only declared. */
  readonly nodes: number;
  /** The sentence that decided. */
  readonly because: string;
}

export interface MeasuredNodes {
  /** 0 for a node that a declared class stands for. */
  readonly count: number;
  /** What one node hands out, by kind (a whole `device`, or MIG instances of one profile), then by compatibility. */
  readonly units: Readonly<Record<string, Readonly<Partial<Record<Compatibility, number>>>>>;
  /** A replica gets whichever unit of a kind is free, so that every one of that kind must do. */
  readonly anyDevice: boolean;
}

/** Judged by the present contract: a compatibility that its `hardware.allow` does not name fails. */
export function judgeHardware(measurements: Readonly<Record<string, unknown>>, { hardware }: Contract): Judgement {
  const measured = readHardware(measurements);
  if (hardware === undefined) return unknown('the contract does not write `hardware`');
  if (measured === null) return unknown('it does not say what was verified');
  const { classes, nodes, objections } = measured;
  const ofClass = (digest: string): Verdict => verdictOf(classes[digest]?.compatibility, hardware.allow);
  const verdict = combineVerdicts([
    ...nodes.map((group) => judgeNodes(group, hardware.devices, hardware.allow)),
    ...objections.map((objection) => objection.verdict),
  ]);
  if (verdict === 'pass') return { verdict, reasons: [passReason(measured)] };
  const against = [
    ...objections.map(({ reason }) => reason),
    ...Object.entries(classes)
      .filter(([digest]) => ofClass(digest) !== 'pass')
      .map(([, { description, compatibility, because }]) => `${description}: ${compatibility}: ${because}`),
  ];
  return { verdict, reasons: against.length === 0 ? ['no node has enough devices'] : against.slice(0, mostReasons) };
}

const mostReasons = 5;

function verdictOf(compatibility: Compatibility | undefined, allow: readonly Compatibility[]): Verdict {
  if (compatibility === undefined || compatibility === 'unknown') return 'unknown';
  return compatibility !== 'incompatible' && allow.includes(compatibility) ? 'pass' : 'fail';
}

/**
 * | a replica gets | pass | unknown | fail |
 * |---|---|---|---|
 * | units that are chosen for it | enough pass | enough may | else |
 * | whichever of a kind are free | all of one kind pass, and are enough | none of one kind fails, and they are enough | else |
 */
export function judgeNodes(
  { units, anyDevice }: MeasuredNodes,
  asked: number,
  allow: readonly Compatibility[],
): Verdict {
  const kinds = Object.values(units).map((counts) => countVerdicts(counts, allow));
  const sum = (of: (kind: KindCount) => number): number => kinds.reduce((total, kind) => total + of(kind), 0);
  const pass = sum((kind) => kind.pass);
  const all = sum((kind) => kind.all);
  if (!anyDevice || pass === all) {
    if (pass >= asked) return 'pass';
    return pass + sum((kind) => kind.unknown) >= asked ? 'unknown' : 'fail';
  }
  const large = kinds.filter((kind) => kind.all >= asked);
  if (large.some((kind) => kind.pass === kind.all)) return 'pass';
  return large.some((kind) => kind.pass + kind.unknown === kind.all) ? 'unknown' : 'fail';
}

interface KindCount {
  readonly all: number;
  readonly pass: number;
  readonly unknown: number;
}

function countVerdicts(
  counts: Readonly<Partial<Record<Compatibility, number>>>,
  allow: readonly Compatibility[],
): KindCount {
  const entries = Object.entries(counts) as [Compatibility, number][];
  const sum = (wanted: Verdict | null): number =>
    entries.reduce(
      (total, [one, count]) => (wanted === null || verdictOf(one, allow) === wanted ? total + count : total),
      0,
    );
  return { all: sum(null), pass: sum('pass'), unknown: sum('unknown') };
}

function passReason({ pool, nodes, classes, restsOnDeclared }: HardwareMeasurements): string {
  const total = nodes.reduce((sum, { count }) => sum + count, 0);
  const kinds = Object.keys(classes).length;
  const of = `${kinds} device class${kinds === 1 ? '' : 'es'}`;
  const declared = restsOnDeclared ? ', resting on declared classes' : '';
  return total === 0
    ? `${of} declared for pool ${pool}`
    : `${total} of ${total} nodes of pool ${pool}, ${of}${declared}`;
}

const unknown = (reason: string): Judgement => ({ verdict: 'unknown', reasons: [reason] });

const compatibilities: ReadonlySet<unknown> = new Set<Compatibility>([
  'native',
  'minor-version',
  'forward',
  'incompatible',
  'unknown',
]);
const verdicts: ReadonlySet<unknown> = new Set<Verdict>(['pass', 'fail', 'inconclusive', 'unknown']);

/** A lock may have been edited: whatever is not whole proves nothing. */
export function readHardware(value: Readonly<Record<string, unknown>>): HardwareMeasurements | null {
  const { pool, takenAtMs, restsOnDeclared, classes, nodes, objections } = value;
  const whole =
    typeof pool === 'string' &&
    typeof takenAtMs === 'number' &&
    typeof restsOnDeclared === 'boolean' &&
    isRecord(classes) &&
    Object.values(classes).every(isMeasuredClass) &&
    Array.isArray(nodes) &&
    nodes.every(isMeasuredNodes) &&
    Array.isArray(objections) &&
    objections.every((one) => isRecord(one) && verdicts.has(one['verdict']) && typeof one['reason'] === 'string');
  return whole && nodes.length + objections.length > 0 ? (value as unknown as HardwareMeasurements) : null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isMeasuredClass(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { description, facts, compatibility, nodes, because } = value;
  const words = typeof description === 'string' && typeof because === 'string';
  return words && isRecord(facts) && compatibilities.has(compatibility) && isCount(nodes);
}

function isMeasuredNodes(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value['units'])) return false;
  const { count, units, anyDevice } = value;
  const counts = Object.values(units as object);
  const counted = counts.every(
    (kind) =>
      isRecord(kind) && Object.entries(kind).every(([one, number]) => compatibilities.has(one) && isCount(number)),
  );
  return isCount(count) && typeof anyDevice === 'boolean' && counted;
}

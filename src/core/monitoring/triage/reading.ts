import type { Sign } from './answer.ts';
import { classifyNodeEvent } from './node-events.ts';
import type { Change, ControlFinding, NodeEvent, Observations, ReplicaGolden } from './observations.ts';

/** A failure counts once it was repeated: a single one may be a replay that broke. */
export const confirmingReplays = 2;
/** A change explains what began up to this time after it. */
export const settleMs = 120_000;

/** The observations, sorted, with what each of them is worth. */
export interface Reading {
  readonly observed: Observations;
  readonly failing: readonly ReplicaGolden[];
  readonly passing: readonly ReplicaGolden[];
  /** Neither: not replayed, contradictory, or failed once. */
  readonly undecided: readonly ReplicaGolden[];
  /** `unknown` also where too few rows were compared. */
  readonly replicas: ControlFinding;
  /** Replicas whose files are not the pinned ones. */
  readonly corrupt: readonly string[];
  /** Hard errors and outliers after which the node was not replayed and found good. */
  readonly errors: readonly NodeEvent[];
  /** Accelerators that are below their peers, also where golden replays pass on their node. */
  readonly outliers: readonly NodeEvent[];
  /** Changes near the onset, the earliest first. */
  readonly near: readonly Change[];
  readonly signs: readonly Sign[];
}

export function readObservations(observed: Observations): Reading {
  const golden = joinReplicas(observed.golden);
  const failing = golden.filter(({ verdict, replays }) => verdict === 'fail' && replays >= confirmingReplays);
  const passing = golden.filter(({ verdict, replays }) => verdict === 'pass' && replays >= 1);
  const undecided = golden.filter((replica) => !failing.includes(replica) && !passing.includes(replica));
  const corrupt = sortTexts(
    observed.files.flatMap(({ replicaId, verdict }) => (verdict === 'differs' ? [replicaId] : [])),
  );
  const reading = {
    observed,
    failing,
    passing,
    undecided,
    replicas: readControl(observed.replicas),
    corrupt,
    errors: observed.nodeEvents.filter((event) => !isAnswered(event, golden)).sort(byNodeThenTime),
    outliers: observed.nodeEvents.filter((event) => classifyNodeEvent(event) === 'outlier').sort(byNodeThenTime),
    near: observed.changes.filter((change) => isNear(change, observed.onset)).sort(byTimeThenWords),
  };
  return { ...reading, signs: listSigns(reading) };
}

/** One of each replica; one that is told of twice with two verdicts is unknown. */
function joinReplicas(golden: readonly ReplicaGolden[]): readonly ReplicaGolden[] {
  const joined = new Map<string, ReplicaGolden>();
  for (const replica of golden) {
    const before = joined.get(replica.replicaId);
    joined.set(replica.replicaId, before === undefined ? replica : joinTwo(before, replica));
  }
  return [...joined.values()].sort((a, b) => compareTexts(a.replicaId, b.replicaId));
}

/** What both say, with the fewer replays and the earlier time. */
function joinTwo(a: ReplicaGolden, b: ReplicaGolden): ReplicaGolden {
  const isSame =
    a.verdict === b.verdict &&
    a.release === b.release &&
    a.node === b.node &&
    a.deviceClass === b.deviceClass &&
    a.fingerprint === b.fingerprint;
  const least = { replays: Math.min(a.replays, b.replays), atMs: Math.min(a.atMs, b.atMs) };
  if (isSame) return { ...a, ...least };
  return { ...a, release: NaN, node: null, deviceClass: null, fingerprint: null, verdict: 'unknown', ...least };
}

function readControl(finding: ControlFinding): ControlFinding {
  if (finding.verdict !== 'none') return finding;
  return finding.rows >= finding.neededRows ? finding : { verdict: 'unknown' };
}

/** An event that says nothing of values, or whose node passed everywhere since. */
function isAnswered(event: NodeEvent, golden: readonly ReplicaGolden[]): boolean {
  if (!['hard', 'outlier'].includes(classifyNodeEvent(event))) return true;
  const there = golden.filter(({ node }) => node === event.node || node === null);
  return there.length > 0 && there.every(({ verdict, atMs }) => verdict === 'pass' && atMs > event.atMs);
}

/** A time that is no number is near: what is not known to be far is not far. */
function isNear({ atMs }: Change, { fromMs, toMs }: Observations['onset']): boolean {
  return !(atMs < fromMs - settleMs || atMs > toMs);
}

function listSigns(reading: Omit<Reading, 'signs'>): readonly Sign[] {
  const { observed } = reading;
  const rows: readonly (readonly [Sign, boolean])[] = [
    ['files-differ', reading.corrupt.length > 0],
    ['golden-fails', reading.failing.length > 0],
    ['golden-failed-once', reading.undecided.some(({ verdict }) => verdict === 'fail')],
    ['replicas-differ', reading.replicas.verdict === 'named'],
    ['releases-differ', observed.releases.verdict === 'named'],
    ['inputs-moved', observed.inputs.verdict === 'moved'],
    ['outputs-moved', observed.outputs.verdict === 'moved'],
    ['quality-fell', observed.quality.verdict === 'fell'],
    ['traffic-differs', observed.traffic.verdict === 'differs'],
    ['hardware-error', reading.errors.length > 0],
  ];
  return rows.flatMap(([sign, isSeen]) => (isSeen ? [sign] : []));
}

/** Whether all that is asked of golden replays is known and good. */
export function isGoldenGood({ failing, passing, undecided }: Reading): boolean {
  return passing.length > 0 && failing.length === 0 && undecided.length === 0;
}

/** Every finding of the replica's files says so; none is not known. */
export function hasPinnedFiles(files: Observations['files'], replicaId: string): boolean {
  const own = files.filter((file) => file.replicaId === replicaId);
  return own.length > 0 && own.every(({ verdict }) => verdict === 'matches');
}

/** Whether two replicas run the same thing: what one of them does alone is not the release's or the runtime's doing. */
export function isPeer(a: ReplicaGolden, b: ReplicaGolden): boolean {
  return (
    a.release === b.release && isSameText(a.fingerprint, b.fingerprint) && isSameText(a.deviceClass, b.deviceClass)
  );
}

/** What is not known is the same as nothing. */
export function isSameText(a: string | null, b: string | null): boolean {
  return a !== null && a === b;
}

export function sortTexts(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort(compareTexts);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function byNodeThenTime(a: NodeEvent, b: NodeEvent): number {
  return compareTexts(a.node, b.node) || a.atMs - b.atMs || compareTexts(nameEvent(a), nameEvent(b));
}

function byTimeThenWords(a: Change, b: Change): number {
  return a.atMs - b.atMs || compareTexts(a.kind, b.kind) || compareTexts(a.what, b.what);
}

/** `xid 79 on node gpu-3`; `left-peers on node gpu-3 (GPU-1: link-width 8, median of its peers 16)`. */
export function nameEvent({ kind, code, node, detail }: NodeEvent): string {
  return `${kind}${code === null ? '' : ` ${code}`} on node ${node}${detail === undefined ? '' : ` (${detail})`}`;
}

import { digestOf } from '../../units/digest.ts';
import { kindsOf, kindTable, type EvidenceKind, type KindTable } from '../kinds/table.ts';
import type { Lock, LockedEnvironment } from './lock.ts';
import { pinDifferences } from './pin-differences.ts';

/** Which half of what runs a change belongs to; data, hardware and runtime are what both are proven on. */
export type MovedAxis = 'code' | 'model' | 'data' | 'features' | 'hardware' | 'runtime';

export interface LockMove {
  readonly environment: string;
  readonly axis: MovedAxis;
  /** As `PinDifference.subject`. */
  readonly subject: string;
  readonly from: string;
  readonly to: string;
}

export interface EvidenceMove {
  readonly environment: string;
  readonly kind: EvidenceKind;
  readonly change: 'measured' | 'measured again' | 'gone';
}

export interface LockMoves {
  readonly subjects: readonly LockMove[];
  readonly evidence: readonly EvidenceMove[];
}

/** What merging `after` in the place of `before` would change; null where there is no lock. */
export function lockMoves(before: Lock | null, after: Lock | null, table: KindTable = kindTable): LockMoves {
  const names = [...new Set([...Object.keys(before?.environments ?? {}), ...Object.keys(after?.environments ?? {})])];
  const each = names.sort().map((environment) => {
    const from = before?.environments[environment];
    const to = after?.environments[environment];
    return { subjects: subjectMoves(environment, from, to), evidence: evidenceMoves(environment, from, to, table) };
  });
  return { subjects: each.flatMap((one) => one.subjects), evidence: each.flatMap((one) => one.evidence) };
}

const nothing: LockedEnvironment = { data: {}, deviceClasses: [], runtime: {}, evidence: {} };

function subjectMoves(
  environment: string,
  from: LockedEnvironment | undefined,
  to: LockedEnvironment | undefined,
): readonly LockMove[] {
  return pinDifferences(from, to ?? nothing).map(({ subject, ...rest }) => ({
    environment,
    axis: axisOf(subject),
    subject,
    ...rest,
  }));
}

/** By the first words of `PinDifference.subject`. */
function axisOf(subject: string): MovedAxis {
  if (subject === 'facts of the image' || subject === 'code' || subject.startsWith('code ')) return 'code';
  if (subject === 'facts of the model' || subject === 'model') return 'model';
  if (subject.startsWith('data ')) return 'data';
  if (/^features? /.test(subject)) return 'features';
  return subject.startsWith('device class ') ? 'hardware' : 'runtime';
}

function evidenceMoves(
  environment: string,
  from: LockedEnvironment | undefined,
  to: LockedEnvironment | undefined,
  table: KindTable,
): readonly EvidenceMove[] {
  return kindsOf(table).flatMap((kind): readonly EvidenceMove[] => {
    const [old, now] = [from?.evidence[kind], to?.evidence[kind]];
    if (old === undefined && now === undefined) return [];
    if (now === undefined) return [{ environment, kind, change: 'gone' }];
    if (old === undefined) return [{ environment, kind, change: 'measured' }];
    return digestOf(old) === digestOf(now) ? [] : [{ environment, kind, change: 'measured again' }];
  });
}

/** `the model moves, the code stays`: the sentence that a reviewer looks for first. */
export function movesSentence({ subjects }: LockMoves): string {
  const axes = new Set(subjects.map(({ axis }) => axis));
  if (axes.size === 0) return 'nothing that is pinned moves';
  const moves = (['model', 'code'] as const).filter((axis) => axes.has(axis));
  const stays = (['model', 'code'] as const).filter((axis) => !axes.has(axis));
  const others = (['data', 'features', 'hardware', 'runtime'] as const).filter((axis) => axes.has(axis));
  const moving = [...moves, ...others];
  const verb = moving.length === 1 ? 'moves' : 'move';
  const staying = stays.length === 0 ? '' : `, the ${stays.join(' and the ')} stay${stays.length === 1 ? 's' : ''}`;
  return `the ${listed(moving)} ${verb}${staying}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', the ')} and the ${words.at(-1)}`;
}

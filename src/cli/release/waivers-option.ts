import type { EvidenceState, Waiver } from '../../core/evidence/lock/lock.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { evidenceKindOf, parseUntil } from '../option-values.ts';

/** One `--waive` or `--waive-failing`, and its place among both: reasons and dates are given in the same order. */
export interface WaiverOption {
  readonly kind: string;
  readonly failing: boolean;
  readonly place: number;
}

export interface WaiverOptions {
  readonly asked: readonly WaiverOption[];
  readonly reason: readonly string[];
  readonly until: readonly string[];
}

type Collector = (value: string, before: readonly WaiverOption[] | undefined) => readonly WaiverOption[];

/** Collects the kinds of both options, which share one order. */
export function waiversInOrder(): (failing: boolean) => Collector {
  let place = 0;
  return (failing) => (kind, before) => [...(before ?? []), { kind, failing, place: place++ }];
}

export const optionOf = ({ failing }: { readonly failing?: boolean }): string =>
  failing === true ? '--waive-failing' : '--waive';

/**
 * `--waive KIND --reason TEXT --until DATE`, each as often as there are kinds to waive, or one reason and one date for
 * all of them; the same with `--waive-failing`.
 */
export function waiversOf(
  { asked: unordered, reason, until }: WaiverOptions,
  by: string,
  nowMs: number,
): readonly Waiver[] {
  const asked = unordered.toSorted((a, b) => a.place - b.place);
  const of = (values: readonly string[], index: number, one: WaiverOption, option: string): string => {
    const value = values.length === 1 ? values[0] : values[index];
    if (value !== undefined && value.trim() !== '' && (values.length === 1 || values.length === asked.length))
      return value;
    const given = `${optionOf(one)} ${one.kind}`;
    throw invalid(`${given} needs ${option}`, `plimsoll release ${given} --reason TEXT --until 7d`);
  };
  if (asked.length === 0 && (until.length > 0 || reason.length > 0)) {
    throw invalid('--reason and --until belong to --waive', 'plimsoll release --waive KIND --reason TEXT --until 7d');
  }
  return asked.map((one, index) => ({
    kind: evidenceKindOf(one.kind, optionOf(one)),
    ...(one.failing ? { failing: true } : {}),
    reason: of(reason, index, one, '--reason TEXT'),
    untilMs: untilMsOf(of(until, index, one, '--until DATE'), nowMs),
    by,
    atMs: nowMs,
  }));
}

/**
 * A waiver of what nobody asks for would lie there until the contract asks, and then let it through unseen.
 * @param evidence as the checkout tells it
 * @param hasGolden whether the contract names golden inputs: without golden outputs a release needs a waiver anyway
 */
export function refuseIdleWaivers(
  waivers: readonly Waiver[],
  evidence: readonly EvidenceState[],
  hasGolden: boolean,
): void {
  const idle = waivers.find(({ kind }) => {
    const state = evidence.find((candidate) => candidate.kind === kind);
    return (state === undefined || state.freshness === 'not-asked') && !(kind === 'golden' && !hasGolden);
  });
  if (idle === undefined) return;
  const asked = evidence.filter(({ freshness }) => freshness !== 'not-asked').map(({ kind }) => kind);
  throw invalid(
    `${optionOf(idle)} ${idle.kind}: the contract does not ask for ${idle.kind} evidence, so that there is nothing to waive`,
    asked.length === 0 ? 'plimsoll release' : `it asks for ${asked.join(', ')}; plimsoll check shows them`,
  );
}

/** `2026-12-31` (to the end of that day, UTC), `2026-12-31T12:00:00Z`, or from now on: `7d`. */
export function untilMsOf(text: string, nowMs: number): number {
  const untilMs = parseUntil(text, nowMs);
  if (untilMs === null) throw invalid(`--until ${text} is no date`, 'write it as 2026-12-31, or as 7d from now on');
  if (untilMs <= nowMs) throw invalid(`--until ${text} is over already`, 'give a date that is still to come');
  return untilMs;
}

function invalid(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'waiver-invalid', category: 'input', message, next });
}

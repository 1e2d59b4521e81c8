import { scaledDown, spreadPart } from '../../apportion.ts';
import type { WorkAccount } from '../fact.ts';
import { makeError } from '../record/make-error.ts';
import type { PlacedFact } from '../record/place-facts.ts';
import type { LedgerError } from '../row.ts';
import { cutSpan, lengthOf, spansWithout, type Span } from '../span.ts';
import { purposes, type Purpose } from '../state.ts';
import type { Claim } from './read-claims.ts';

export type PlacedAccount = Extract<PlacedFact, { readonly kind: 'work-account' }>;

/** The work of one account, spread evenly over the time in which its claim could work. */
export interface Work {
  readonly source: WorkAccount['source'];
  /** The busy time was joined from several counts, and is known by its bounds alone. */
  readonly isEstimated: boolean;
  /** Ready and draining time that the account covers. */
  readonly activeMs: number;
  /** At most `activeMs`. */
  readonly busyMs: number;
  /** Without purposes of no time. */
  readonly busyByPurpose: readonly { readonly key: Purpose; readonly weight: number }[];
  /** At most `busyMs`; null where no capacity is measured. */
  readonly filledMs: number | null;
  readonly answers: number;
  readonly tokens: number;
}

/** A part of a claim's ready or draining time with the account that covers it. */
export interface WorkSpan extends Span {
  readonly work: Work;
  /** Active milliseconds of the account before `fromMs`. */
  readonly offsetMs: number;
}

/** Which account is believed where several cover one time. */
const believed: readonly WorkAccount['source'][] = ['device', 'engine', 'gateway'];

/** Two recorders that follow each other may disagree about the time by this much. */
const clocksAgreeMs = 1_000;

/**
 * Returns the parts of a claim that an account covers, in order and without overlap. Where accounts of several sources cover one
 * time the best source counts (device, engine, gateway), and the others count outside of it by their length.
 *
 * | wrong | counts as |
 * |---|---|
 * | two accounts of one source overlap, by more than 1 s | an error; the earlier one stands |
 * | more busy time than the claim was ready or draining | an error with the surplus; all of the time is busy |
 * | more work than the capacity of the busy time | an error with the surplus; all of the busy time is filled |
 */
export function readWork(
  claim: Claim,
  accounts: readonly PlacedAccount[],
): { readonly spans: readonly WorkSpan[]; readonly errors: readonly LedgerError[] } {
  const errors: LedgerError[] = [];
  const active = claim.phases.filter(({ activity }) => activity !== 'loading');
  const spans: WorkSpan[] = [];
  let coveredByBetter: readonly Span[] = [];
  for (const source of believed) {
    let coveredUntilMs = -Infinity;
    const own: Span[] = [];
    for (const account of accounts.filter((each) => each.source === source)) {
      const [fromMs, toMs] = [Math.max(account.fromMs, coveredUntilMs), account.atMs];
      if (fromMs - account.fromMs > clocksAgreeMs) errors.push(overlap(claim.claim, account, Math.min(fromMs, toMs)));
      coveredUntilMs = Math.max(coveredUntilMs, toMs);
      if (fromMs >= toMs) continue;
      own.push({ fromMs, toMs });
      spans.push(...spansOf(claim, account, active, spansWithout({ fromMs, toMs }, coveredByBetter), errors));
    }
    coveredByBetter = [...coveredByBetter, ...own];
  }
  return { spans: spans.sort((a, b) => a.fromMs - b.fromMs), errors };
}

function spansOf(
  { claim }: Claim,
  account: PlacedAccount,
  active: readonly Span[],
  counted: readonly Span[],
  errors: LedgerError[],
): readonly WorkSpan[] {
  const worked = active.flatMap((phase) => cutSpan(phase, { fromMs: account.fromMs, toMs: account.atMs }) ?? []);
  const work = workOf(claim, account, lengthOf(worked), errors);
  let offsetMs = 0;
  return worked.flatMap((span) => {
    const before = offsetMs;
    offsetMs += span.toMs - span.fromMs;
    return counted.flatMap((part): readonly WorkSpan[] => {
      const cut = cutSpan(span, part);
      return cut === null ? [] : [{ ...cut, work, offsetMs: before + cut.fromMs - span.fromMs }];
    });
  });
}

function workOf(claim: string, account: PlacedAccount, activeMs: number, errors: LedgerError[]): Work {
  const busyByPurpose = purposes.flatMap((key) => {
    const weight = account.busyMs[key] ?? 0;
    return weight === 0 ? [] : [{ key, weight }];
  });
  const told = busyByPurpose.reduce((sum, { weight }) => sum + weight, 0);
  const busyMs = Math.min(told, activeMs);
  const { fromMs, atMs: toMs, source, answers, tokens } = account;
  const about = { fromMs, toMs, claims: [claim] };
  if (told > activeMs) {
    const message = `${claim}: ${told} ms busy in ${activeMs} ms of ready time`;
    errors.push(makeError('busy-over-time', { ...about, shareMs: told - activeMs, message }));
  }
  if (account.filledMs !== null && account.filledMs > busyMs) {
    const message = `${claim}: work for ${account.filledMs} ms at the sustained capacity in ${busyMs} busy ms; next: plimsoll capacity`;
    errors.push(makeError('work-over-capacity', { ...about, shareMs: account.filledMs - busyMs, message }));
  }
  const filledMs = account.filledMs === null ? null : Math.min(account.filledMs, busyMs);
  return {
    source,
    isEstimated: account.joined !== undefined,
    activeMs,
    busyMs,
    busyByPurpose,
    filledMs,
    answers,
    tokens,
  };
}

/** What of an account falls on a part of its span. */
export interface WorkPart {
  readonly busyMs: number;
  readonly filledMs: number | null;
  readonly answers: number;
  readonly tokens: number;
}

/** Returns the work of a part of a span; the parts of any cut add up to the account. */
export function workPart({ work, offsetMs, fromMs }: WorkSpan, part: Span): WorkPart {
  const [from, to] = [offsetMs + part.fromMs - fromMs, offsetMs + part.toMs - fromMs];
  const spread = (amount: number): number => spreadPart(amount, work.activeMs, from, to);
  const busyMs = spread(work.busyMs);
  const filledMs = work.filledMs === null ? null : scaledDown(busyMs, work.filledMs, work.busyMs);
  return { busyMs, filledMs, answers: spread(work.answers), tokens: spread(work.tokens) };
}

function overlap(claim: string, account: PlacedAccount, untilMs: number): LedgerError {
  const message = `${claim}: two accounts of its ${account.source} cover the same time; the earlier one counts`;
  const shareMs = untilMs - account.fromMs;
  return makeError('account-overlaps', { fromMs: account.fromMs, toMs: untilMs, claims: [claim], shareMs, message });
}

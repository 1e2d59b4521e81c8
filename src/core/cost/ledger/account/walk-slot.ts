import { apportion } from '../../apportion.ts';
import type { DeviceSlot, SlottedDevice } from '../devices/device-slots.ts';
import { coresSlot } from '../devices/device-slots.ts';
import type { DeviceSpan } from '../devices/read-inventory.ts';
import { hourMs } from '../row.ts';
import type { Span } from '../span.ts';
import { decideShareState, type Grade, type SeenShare } from '../state.ts';
import type { ActivitySpan } from './activities.ts';
import type { ErrorBook } from './error-book.ts';
import type { HourBook, PostingLabel } from './hour-book.ts';
import type { Claim } from './read-claims.ts';
import type { Gap, Reservation, Sighting } from './read-overlays.ts';
import { workPart } from './read-work.ts';

/** A claim on one slot. */
export interface Holder {
  readonly claim: Claim;
  readonly activities: readonly ActivitySpan[];
  /** Of cores: thousandths; null for the whole slot. */
  readonly parts: number | null;
  /** Whether answers and tokens of the claim are counted here: on the first of its holds only. */
  readonly isFirstHold: boolean;
}

/** One slot while its layout stands, with all that lies on it. */
export interface SlotWalk extends Span {
  readonly span: DeviceSpan;
  readonly slotted: SlottedDevice;
  readonly slot: DeviceSlot;
  /** In order of their beginning. */
  readonly holders: readonly Holder[];
  readonly gaps: readonly Gap[];
  readonly reservations: readonly Reservation[];
  readonly sightings: readonly Sighting[];
}

export interface Books {
  readonly hours: HourBook;
  readonly errors: ErrorBook;
  /** Milliseconds times parts of compute that were booked for a claim, errors included. */
  readonly claimed: Map<string, number>;
}

/** The slot between two cuts: nothing changes in it. */
interface Moment extends Span {
  readonly holders: readonly Holder[];
  readonly seen: Pick<SeenShare, 'inTwoPools' | 'isSighted' | 'gap' | 'isReserved' | 'isStranded' | 'isLayoutUnknown'>;
  readonly reservation: Reservation | null;
}

/** Books all of the time of one slot: cuts it wherever something changes, and decides each part by `decideShareState`. */
export function walkSlot(walk: SlotWalk, books: Books): void {
  const cuts = cutsOf(walk);
  const pointers = walk.holders.map(() => 0);
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const [fromMs = 0, toMs = 0] = [cuts[index], cuts[index + 1]];
    const at = (each: Span): boolean => each.fromMs <= fromMs && fromMs < each.toMs;
    const holders = walk.holders.filter(({ claim }) => at(claim));
    const sighted = walk.sightings.filter(
      (sighting) => at(sighting) && !holders.some(({ claim }) => claim.claim === sighting.holder),
    );
    for (const { holder } of sighted) books.errors.addLost(walk, { fromMs, toMs }, holder);
    const reservation = walk.reservations.find(at) ?? null;
    const moment: Moment = {
      fromMs,
      toMs,
      holders,
      reservation,
      seen: {
        inTwoPools: walk.span.alsoElsewhere.some(at),
        isSighted: sighted.length > 0,
        gap: walk.gaps.find(at)?.cause ?? null,
        isReserved: reservation !== null,
        isStranded: walk.slot.use === 'stranded',
        isLayoutUnknown: walk.slot.use === 'unknown',
      },
    };
    const activityOf = (holder: Holder): ActivitySpan | null => {
      const which = walk.holders.indexOf(holder);
      let pointer = pointers[which] ?? 0;
      while ((holder.activities[pointer]?.toMs ?? Infinity) <= fromMs) pointer += 1;
      pointers[which] = pointer;
      return holder.activities[pointer] ?? null;
    };
    if (walk.slot.slot === coresSlot) bookCores(walk, moment, activityOf, books);
    else bookWhole(walk, moment, activityOf, books);
  }
}

/** All times at which something about the slot may change, in order, each once. */
function cutsOf(walk: SlotWalk): readonly number[] {
  const cuts = new Set<number>([walk.fromMs, walk.toMs]);
  const add = ({ fromMs, toMs }: Span): void => {
    if (fromMs > walk.fromMs && fromMs < walk.toMs) cuts.add(fromMs);
    if (toMs > walk.fromMs && toMs < walk.toMs) cuts.add(toMs);
  };
  for (let hour = Math.ceil(walk.fromMs / hourMs) * hourMs; hour < walk.toMs; hour += hourMs) cuts.add(hour);
  for (const { claim, activities } of walk.holders) {
    add(claim);
    activities.forEach(add);
  }
  walk.gaps.forEach(add);
  walk.reservations.forEach(add);
  walk.sightings.forEach(add);
  walk.span.alsoElsewhere.forEach(add);
  return [...cuts].sort((a, b) => a - b);
}

type ActivityOf = (holder: Holder) => ActivitySpan | null;

interface Parts {
  readonly compute: number;
  readonly memory: number;
}

function bookWhole(walk: SlotWalk, moment: Moment, activityOf: ActivityOf, books: Books): void {
  const { compute, memory } = walk.slot;
  const [holder] = moment.holders;
  if (moment.holders.length < 2) return bookShare(walk, moment, { compute, memory }, holder ?? null, activityOf, books);
  const label = unclaimed('unattributable', 'claimed-twice', gradeOf(walk));
  bookLabel(
    walk,
    moment,
    { compute, memory },
    moment.seen.inTwoPools ? { ...label, reason: 'device-in-two-pools' } : label,
    books,
  );
  books.errors.addTwice(
    walk,
    moment,
    moment.holders.map(({ claim }) => claim.claim),
    moment.toMs - moment.fromMs,
  );
  for (const { claim } of moment.holders) countClaimed(books, claim.claim, (moment.toMs - moment.fromMs) * compute);
}

/** Claims get their cores in the order in which they began. Who comes when none is left gets none, and an error says so. */
function bookCores(walk: SlotWalk, moment: Moment, activityOf: ActivityOf, books: Books): void {
  let left = walk.slot.compute;
  const lastedMs = moment.toMs - moment.fromMs;
  for (const holder of moment.holders) {
    const wanted = holder.parts ?? walk.slot.compute;
    const got = Math.min(wanted, left);
    left -= got;
    if (got > 0) bookShare(walk, moment, { compute: got, memory: got }, holder, activityOf, books);
    if (got === wanted) continue;
    const claims = moment.holders.map(({ claim }) => claim.claim);
    books.errors.addTwice(walk, moment, claims, Math.round((lastedMs * (wanted - got)) / 1_000));
    countClaimed(books, holder.claim.claim, lastedMs * (wanted - got));
  }
  if (left > 0) bookShare(walk, moment, { compute: left, memory: left }, null, activityOf, books);
}

function bookShare(
  walk: SlotWalk,
  moment: Moment,
  parts: Parts,
  holder: Holder | null,
  activityOf: ActivityOf,
  books: Books,
): void {
  const activity = holder === null ? null : activityOf(holder);
  const { state, reason } = decideShareState({
    ...moment.seen,
    claims: holder === null ? 0 : 1,
    hasOwner: holder !== null && holder.claim.owner !== null,
    activity: activity?.activity ?? null,
    hasAccount: activity !== null && activity.work !== null,
  });
  const grade = gradeOf(walk);
  if (holder === null || activity === null) {
    const owner = state === 'reserved' ? (moment.reservation?.owner ?? null) : null;
    return bookLabel(
      walk,
      moment,
      parts,
      { ...unclaimed(state === 'worked' ? 'unallocated' : state, reason, grade), owner },
      books,
    );
  }
  countClaimed(books, holder.claim.claim, (moment.toMs - moment.fromMs) * parts.compute);
  const { claim, owner, purpose } = holder.claim;
  const label = { owner, claim, purpose, cause: null, grade };
  if (state === 'worked') return bookWorked(walk, moment, parts, { holder, activity, label }, books);
  if (reason === 'no-owner') books.errors.addOwnerless(walk, moment, claim);
  const counted = state === 'draining' && holder.isFirstHold ? activity.work && workPart(activity.work, moment) : null;
  bookLabel(walk, moment, parts, { ...label, state, reason }, books, counted ?? undefined);
}

/** Splits covered ready time into serving, by purpose, and idle. */
function bookWorked(
  walk: SlotWalk,
  moment: Moment,
  parts: Parts,
  {
    holder,
    activity,
    label,
  }: {
    readonly holder: Holder;
    readonly activity: ActivitySpan;
    readonly label: Omit<PostingLabel, 'state' | 'reason'>;
  },
  books: Books,
): void {
  if (activity.work === null) return;
  const { busyMs, filledMs, answers, tokens } = workPart(activity.work, moment);
  const { source, busyByPurpose } = activity.work.work;
  const measured = source === 'device' ? 'measured-device' : 'measured-engine';
  const grade: Grade = walk.slotted.isIsolated ? measured : 'time-shared';
  const split = apportion(busyMs, busyByPurpose);
  const filled = apportion(
    filledMs ?? 0,
    busyByPurpose.map(({ key }, index) => ({ key, weight: split[index] ?? 0 })),
  );
  let counted = holder.isFirstHold ? { answers, tokens } : { answers: 0, tokens: 0 };
  busyByPurpose.forEach(({ key: purpose }, index) => {
    const servedMs = split[index] ?? 0;
    if (servedMs === 0) return;
    const rated =
      filledMs === null ? { filledMs: 0, unratedMs: servedMs } : { filledMs: filled[index] ?? 0, unratedMs: 0 };
    const served = { ...label, state: 'serving', reason: null, purpose, grade } as const;
    bookLabel(walk, moment, parts, served, books, { lastedMs: servedMs, ...rated, ...counted });
    counted = { answers: 0, tokens: 0 };
  });
  const idleMs = moment.toMs - moment.fromMs - busyMs;
  if (idleMs === 0 && counted.answers === 0 && counted.tokens === 0) return;
  const idle = { ...label, state: 'idle', reason: null, cause: activity.cause, grade } as const;
  bookLabel(walk, moment, parts, idle, books, { lastedMs: idleMs, ...counted });
}

function bookLabel(
  { slotted }: SlotWalk,
  { fromMs, toMs }: Span,
  { compute, memory }: Parts,
  label: PostingLabel,
  { hours }: Books,
  amounts: {
    readonly lastedMs?: number;
    readonly filledMs?: number | null;
    readonly unratedMs?: number;
    readonly answers?: number;
    readonly tokens?: number;
  } = {},
): void {
  const { lastedMs = toMs - fromMs, filledMs, unratedMs = 0, answers = 0, tokens = 0 } = amounts;
  const isServing = label.state === 'serving';
  hours.post(fromMs, keyOf(label), slotted, {
    label,
    compute,
    memory,
    lastedMs,
    filledMs: isServing ? (filledMs ?? 0) : 0,
    unratedMs: isServing ? unratedMs : 0,
    answers,
    tokens,
  });
}

const keyOf = ({ state, owner, claim, purpose, cause, reason, grade }: PostingLabel): string =>
  `${state} ${purpose} ${cause} ${reason} ${grade} ${claim} ${owner === null ? '' : JSON.stringify([owner.service, owner.environment, owner.release, owner.team, owner.model])}`;

function unclaimed(state: PostingLabel['state'], reason: PostingLabel['reason'], grade: Grade): PostingLabel {
  const cause = state === 'stranded' ? 'fragmentation' : state === 'unallocated' ? 'no-demand' : null;
  return { state, owner: null, claim: null, purpose: null, cause, reason, grade };
}

const gradeOf = ({ slotted }: SlotWalk): Grade => (slotted.isIsolated ? 'reserved' : 'time-shared');

function countClaimed({ claimed }: Books, claim: string, amount: number): void {
  claimed.set(claim, (claimed.get(claim) ?? 0) + amount);
}

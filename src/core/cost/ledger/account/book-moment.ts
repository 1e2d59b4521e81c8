import { apportion } from '../../apportion.ts';
import { wholeSlot } from '../devices/device-slots.ts';
import type { Span } from '../span.ts';
import { decideShareState, type Grade } from '../state.ts';
import type { ActivitySpan } from './activities.ts';
import type { PostingLabel } from './hour-book.ts';
import type { Reservation } from './read-overlays.ts';
import { workPart, type Work } from './read-work.ts';
import { shareParts } from './share-parts.ts';
import type { Books, Held, Moment, SlotWalk } from './slot-walk.ts';

/** Thousandths of a device or a core. */
const milli = 1_000;

/**
 * Books a moment of a slot.
 *
 * | slot | held by several |
 * |---|---|
 * | cores, a whole device | each has a part |
 * | any, and of one of them nobody tells which slot it is on | each has a part |
 * | any other | it is handed out once: `claimed-twice` |
 */
export function bookMoment(walk: SlotWalk, moment: Moment, books: Books): void {
  if (walk.slotted.unit === 'core') bookCores(walk, moment, books);
  else bookWhole(walk, moment, books);
}

interface Parts {
  readonly compute: number;
  readonly memory: number;
}

function bookWhole(walk: SlotWalk, moment: Moment, books: Books): void {
  const lastedMs = moment.toMs - moment.fromMs;
  for (const { claim } of moment.holders) countClaimed(books, claim.claim, lastedMs * walk.slot.compute);
  bookSlot(inThousandths(walk), moment, books);
}

/** All slots of a device are booked in the same parts, so that they add up to it however each of them is divided. */
function inThousandths(walk: SlotWalk): SlotWalk {
  const { slot, slotted } = walk;
  return {
    ...walk,
    slot: { ...slot, compute: slot.compute * milli, memory: slot.memory * milli },
    slotted: { ...slotted, computeParts: slotted.computeParts * milli, memoryParts: slotted.memoryParts * milli },
  };
}

function bookSlot(walk: SlotWalk, moment: Moment, books: Books): void {
  const { compute, memory, slot } = walk.slot;
  const [holder] = moment.holders;
  const lastedMs = moment.toMs - moment.fromMs;
  const isGuessed = moment.holders.some(({ parts }) => parts !== null);
  if (moment.holders.length < 2 && !isGuessed)
    return bookShare(walk, moment, { compute, memory }, holder ?? null, books);
  if (slot === wholeSlot || isGuessed)
    return bookDivided(isGuessed ? { ...walk, sharedBy: 'time-shared' } : walk, moment, books);
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
    lastedMs,
  );
}

/** Each claim has a part in thousandths of the slot; what none has is as if nothing held it. */
function bookDivided(walk: SlotWalk, moment: Moment, books: Books): void {
  const left = milli - bookParts(walk, moment, milli, books);
  if (left > 0) bookShare(walk, moment, partOfSlot(walk, left), null, books);
}

const partOfSlot = ({ slot }: SlotWalk, thousandths: number): Parts => ({
  compute: (slot.compute / milli) * thousandths,
  memory: (slot.memory / milli) * thousandths,
});

/** Claims have their cores while there are enough; else by measured use, and each has a row. */
function bookCores(walk: SlotWalk, moment: Moment, books: Books): void {
  const capacity = walk.slot.compute;
  const lastedMs = moment.toMs - moment.fromMs;
  for (const { claim, parts } of moment.holders) countClaimed(books, claim.claim, lastedMs * (parts ?? capacity));
  bookKeptCores(walk, moment, capacity - bookParts(walk, moment, capacity, books), books);
}

/** Books what each claim has of something that several may hold, and names that they ask for more. @returns the parts booked */
function bookParts(walk: SlotWalk, moment: Moment, capacity: number, books: Books): number {
  const askers = moment.holders.map(({ claim, parts, isDefault, usedMilli }) => ({
    ...{ key: claim.claim, asked: parts ?? capacity, isDefault, used: usedMilli },
  }));
  const { parts, isOver } = shareParts(capacity, askers);
  const isMeasured = moment.holders.every(({ usedMilli }) => usedMilli !== null);
  const shared: SlotWalk = isOver ? { ...walk, sharedBy: isMeasured ? 'measured-use' : 'time-shared' } : walk;
  moment.holders.forEach((holder, index) => {
    const part = parts[index] ?? 0;
    const own = walk.slotted.unit === 'core' ? { compute: part, memory: part } : partOfSlot(walk, part);
    bookShare(shared, moment, own, holder, books);
  });
  if (isOver) {
    const asked = askers.reduce((sum, each) => sum + each.asked, 0);
    const of = walk.slotted.unit === 'core' ? 'core' : 'device';
    const text = `${askers.length} replicas hold ${asked / milli} ${of}s of ${capacity / milli}: each is charged what it was measured to use, and the rest by what it holds`;
    const shareMs = Math.round(((moment.toMs - moment.fromMs) * (asked - capacity)) / milli);
    const claims = askers.map(({ key }) => key);
    books.errors.addOvercommitted(walk, moment, claims, shareMs, text);
  }
  return parts.reduce((sum, part) => sum + part, 0);
}

/** Books the cores that no claim has: reservations get theirs in their order, as far as there are any, and the rest is free. */
function bookKeptCores(walk: SlotWalk, moment: Moment, cores: number, books: Books): void {
  let left = cores;
  for (const reservation of moment.reservations) {
    const kept = Math.min(left, sumKept(reservation, walk) ?? left);
    left -= kept;
    if (kept > 0)
      bookShare(walk, { ...moment, reservations: [reservation] }, { compute: kept, memory: kept }, null, books);
  }
  const seen = { ...moment.seen, isReserved: false };
  if (left > 0) bookShare(walk, { ...moment, reservations: [], seen }, { compute: left, memory: left }, null, books);
}

/** Thousandths of the cores of the walk's node; null for all of them. */
function sumKept({ holds }: Reservation, { span }: SlotWalk): number | null {
  const own = holds.filter(({ device }) => device === span.device);
  return own.reduce<number | null>(
    (sum, hold) => (sum === null || !('milliCores' in hold) ? null : sum + hold.milliCores),
    0,
  );
}

function bookShare(walk: SlotWalk, moment: Moment, parts: Parts, holder: Held | null, books: Books): void {
  const activity = holder?.activity ?? null;
  const { state, reason } = decideShareState({
    ...moment.seen,
    claims: holder === null ? 0 : 1,
    hasOwner: holder !== null && holder.claim.owner !== null,
    activity: activity?.activity ?? null,
    hasAccount: activity !== null && activity.work !== null,
  });
  const grade = gradeOf(walk);
  if (holder === null || activity === null) {
    const owner = state === 'reserved' ? (moment.reservations[0]?.owner ?? null) : null;
    return bookLabel(
      walk,
      moment,
      parts,
      { ...unclaimed(state === 'worked' ? 'unallocated' : state, reason, grade), owner },
      books,
    );
  }
  const { claim, owner, purpose } = holder.claim;
  const label = { owner, claim, purpose, cause: state === 'idle' ? ('asleep' as const) : null, grade };
  if (state === 'worked') return bookWorked(walk, moment, parts, { holder, activity, label }, books);
  if (reason === 'no-owner') books.errors.addOwnerless(walk, moment, claim);
  const worked = state === 'draining' || state === 'idle';
  const counted = worked && holder.isFirstHold ? activity.work && workPart(activity.work, moment) : null;
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
    readonly holder: Held;
    readonly activity: ActivitySpan;
    readonly label: Omit<PostingLabel, 'state' | 'reason'>;
  },
  books: Books,
): void {
  if (activity.work === null) return;
  const { busyMs, filledMs, answers, tokens } = workPart(activity.work, moment);
  const { busyByPurpose } = activity.work.work;
  const grade: Grade = walk.sharedBy ?? (walk.slotted.isIsolated ? gradeOfWork(activity.work.work) : 'time-shared');
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

function gradeOfWork({ source, isEstimated }: Work): Grade {
  if (isEstimated) return 'estimated';
  return source === 'device' ? 'measured-device' : 'measured-engine';
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

const gradeOf = ({ slotted, sharedBy }: SlotWalk): Grade =>
  sharedBy ?? (slotted.isIsolated ? 'reserved' : 'time-shared');

function countClaimed({ claimed }: Books, claim: string, amount: number): void {
  claimed.set(claim, (claimed.get(claim) ?? 0) + amount);
}

import type { CiIdentity } from '../access/identity.ts';
import type { Grant } from '../access/requester.ts';
import type { EvidenceKind } from '../evidence/kinds/table.ts';
import type { NewEvent } from '../records/event.ts';
import type { ArtifactFile } from '../registry/model-version.ts';
import { shortDigest, type Digest } from '../units/digest.ts';

/**
 * | state | meaning |
 * |---|---|
 * | requested | recorded; nobody has looked at it yet |
 * | fetching | the model's files are being fetched from their place |
 * | released | it became the release `release`, or renewed its evidence |
 * | refused | it was judged, and `reason` says why it became no release |
 * | cancelled | somebody took it back, or a later ask took its place |
 */
export type AskState = 'requested' | 'fetching' | 'released' | 'refused' | 'cancelled';

/** The states of an ask that is not decided yet. */
export const openAskStates = ['requested', 'fetching'] as const satisfies readonly AskState[];

export const isOpenAsk = ({ state }: Pick<ReleaseAsk, 'state'>): boolean =>
  (openAskStates as readonly AskState[]).includes(state);

/** A release that somebody asked for, by its bundle. */
export interface ReleaseAsk {
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  readonly bundle: Digest;
  readonly waivers: readonly AskedWaiver[];
  /** A release of its own is wanted, also where the live one is made of the same. */
  readonly again: boolean;
  readonly by: string;
  /** What whoever asked may do; of the records, and not told to clients. Absent where an earlier version recorded it. */
  readonly grants?: readonly Grant[];
  /** Of a CI job, what its identity provider says of it; of the records, and not told to clients. */
  readonly job?: CiIdentity;
  readonly atMs: number;
  readonly state: AskState;
  /** Why it is in this state, for people. */
  readonly reason: string;
  /** The command that comes next, of one that was refused. */
  readonly next?: string;
  /** Number of the release that it became; null before, and where it became none. */
  readonly release: number | null;
  readonly changedAtMs: number;
  /** Null where nothing is fetched. */
  readonly progress: FetchProgress | null;
}

/** How much of a model was fetched. */
export interface FetchProgress {
  readonly doneBytes: number;
  /** Null where the place does not tell. */
  readonly totalBytes: number | null;
  /** When more of it was there than ever before; of the records, and not told to clients. */
  readonly grewAtMs?: number;
  /** Files that are stored, for whoever goes on after a restart; of the records, and not told to clients. */
  readonly files?: readonly ArtifactFile[];
}

export interface AskedWaiver {
  readonly kind: EvidenceKind;
  readonly reason: string;
  readonly untilMs: number;
  /** It also covers evidence that was measured and fails. */
  readonly failing?: true;
}

/** What a view says of an ask. */
export type ShownAsk = Pick<
  ReleaseAsk,
  'id' | 'state' | 'reason' | 'next' | 'by' | 'atMs' | 'changedAtMs' | 'bundle' | 'progress'
>;

/** How an ask stands, as the beginning of a sentence; its reason is the rest. */
export const askWords: Readonly<Record<AskState, string>> = {
  requested: 'A release is requested',
  fetching: 'The requested model is being fetched',
  released: 'The last request needed no new release',
  refused: 'The last request was refused',
  cancelled: 'The last request was cancelled',
};

/**
 * The asks that a view shows, newest first: every open one, and the newest decided one where it is newer than the newest
 * release.
 * @param asks oldest first.
 */
export function chooseShownAsks(asks: readonly ReleaseAsk[], releasedAtMs: number | null): readonly ShownAsk[] {
  const decided = asks
    .filter((ask) => !isOpenAsk(ask))
    .toSorted((a, b) => a.changedAtMs - b.changedAtMs)
    .at(-1);
  const shown = asks.filter((ask) => isOpenAsk(ask) || (ask === decided && ask.changedAtMs > (releasedAtMs ?? 0)));
  return shown.toReversed().map(showAsk);
}

/** What people are told of first: every ask that is open; where none is, the one that was decided last. */
export function chooseCurrentAsks(shown: readonly ShownAsk[] = []): readonly ShownAsk[] {
  const open = shown.filter(isOpenAsk);
  return open.length > 0 ? open : shown.slice(0, 1);
}

function showAsk({ id, state, reason, next, by, atMs, changedAtMs, bundle, progress }: ReleaseAsk): ShownAsk {
  // A model may have thousands of files, and what is shown is sent whenever it moves.
  const bytes = progress === null ? null : { doneBytes: progress.doneBytes, totalBytes: progress.totalBytes };
  const shown = { id, state, reason, by, atMs, changedAtMs, bundle, progress: bytes };
  return next === undefined ? shown : { ...shown, next };
}

/** Decided asks of one service and environment that a reader gets; open ones come on top. */
export const releaseAsksAtMost = 200;

/** The event of an ask that was recorded. */
export function makeRequestedEvent(ask: ReleaseAsk): NewEvent {
  const { id, bundle, again, waivers } = ask;
  return {
    ...headOf(ask, ask.by),
    kind: 'release.requested',
    summary: `A release of bundle ${shortDigest(bundle)} was requested.`,
    data: { ask: id, bundle, again, waivers },
  };
}

/** The event of an ask whose model is being fetched. @param by who fetches it. */
export function makeFetchingEvent(ask: ReleaseAsk, place: string, by: string): NewEvent {
  const { id, bundle, progress } = ask;
  return {
    ...headOf(ask, by),
    kind: 'release.fetching',
    summary: `The model of bundle ${shortDigest(bundle)} is being fetched from ${place}.`,
    data: { ask: id, bundle, place, totalBytes: progress?.totalBytes ?? null },
  };
}

/** The event of an ask that was cancelled; `ask.reason` says why. @param by who cancelled it. */
export function makeCancelledEvent(ask: ReleaseAsk, by: string): NewEvent {
  const { id, bundle, reason } = ask;
  return {
    ...headOf(ask, by),
    kind: 'release.cancelled',
    summary: `The request to release bundle ${shortDigest(bundle)} was cancelled: ${reason}`,
    data: { ask: id, bundle, reason },
  };
}

/** The event of an ask that differs from the release `release` only in evidence: no new release. */
export function makeRenewedEvent(ask: ReleaseAsk, release: number): NewEvent {
  const { id, bundle } = ask;
  return {
    ...headOf(ask, ask.by),
    kind: 'evidence.renewed',
    summary: `The evidence of release ${release} was renewed from bundle ${shortDigest(bundle)}.`,
    data: { ask: id, bundle, release },
  };
}

function headOf({ service, environment, changedAtMs }: ReleaseAsk, by: string) {
  return { service, environment, by, atMs: changedAtMs };
}

import type { BundledModel } from '../../core/bundle/bundle.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import type { FetchProgress, ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { RemoteFiles } from '../../ports/artifacts/model-registry.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { storeFiles } from '../../prove/artifacts/remote-model.ts';
import { allowedRegistries } from '../judging/environment-terms.ts';
import { findModel } from '../judging/find-model.ts';
import { recordRefusal } from '../operations/release/ask-records.ts';
import type { OperationsSource } from '../operations/operations-source.ts';
import { registerStoredModel } from '../bundles/register-model.ts';
import { anotherModel, expectFiles, requireDigest } from './fetched-files.ts';
import { maxModelBytes, modelTooLarge } from '../bundles/receive-bundle.ts';

export interface ModelFetcherParts {
  readonly service: string;
  readonly environment: string;
  readonly store: StoreReader;
  readonly clock: Clock;
  sourceFor(ask: Pick<ReleaseAsk, 'by' | 'grants'>): OperationsSource;
  /** Told of each try that failed. */
  problem(ask: ReleaseAsk, error: PlimsollError): void;
  /** Of all files of a model together. */
  readonly maxBytes?: number;
}

const recordEveryMs = 1_000;
/** A try in which no byte comes for so long is ended, and the next one begins. */
const stalledAfterMs = 5 * 60_000;
/** An ask of whose model no more came for so long is refused. */
const givenUpAfterMs = 24 * 60 * 60_000;
const firstPauseMs = 5_000;
const longestPauseMs = 5 * 60_000;

/** One try. */
interface Fetch {
  readonly ask: ReleaseAsk;
  readonly abort: AbortController;
  readonly stored: Map<string, ArtifactFile>;
  storedBytes: number;
  place: string;
  totalBytes: number | null;
  /** Of the file that is being read. */
  partBytes: number;
  /** The most that ever was there, in this try and before. */
  mostBytes: number;
  grewAtMs: number;
  /** Bytes are waited for, and not the disk. */
  isWaiting: boolean;
  movedMs: number;
  recordedMs: number;
  recordedBytes: number;
  isFollowed: boolean;
  /** Somebody decided the ask meanwhile. */
  isOver: boolean;
}

/** Between two tries of one ask. */
interface Pause {
  readonly ask: string;
  readonly failures: number;
  readonly untilMs: number;
  /** What is not recorded where the store was away. */
  readonly stored: readonly ArtifactFile[];
}

/**
 * Fetches the models of asks that are `fetching`, one after another, file by file. What is stored is recorded in the ask
 * about once a second, so that a successor goes on from there. The ask itself is decided by whoever decides asks.
 */
export class ModelFetcher {
  readonly #parts: ModelFetcherParts;
  #fetch: Fetch | null = null;
  #pause: Pause | null = null;

  constructor(parts: ModelFetcherParts) {
    this.#parts = parts;
  }

  /** Whether an ask is being fetched, or waits for the next try: it need not be looked at. */
  isBusyWith(id: string): boolean {
    if (this.#fetch !== null) return this.#fetch.ask.id === id;
    return this.#pause?.ask === id && this.#parts.clock.monotonicMs() < this.#pause.untilMs;
  }

  /** Called in each turn: begins a fetch, and resolves when it ended; follows the one that is under way. Never rejects. */
  async look(signal: AbortSignal): Promise<void> {
    if (this.#fetch !== null) return this.#follow(this.#fetch);
    const ask = await this.#nextAsk();
    if (ask === null || this.#fetch !== null || signal.aborted) return;
    const fetch = this.#begin(ask);
    this.#fetch = fetch;
    try {
      await this.#run(fetch, AbortSignal.any([signal, fetch.abort.signal]));
      this.#pause = null;
    } catch (thrown) {
      if (!signal.aborted && !fetch.isOver) await this.#fail(fetch, thrown);
    } finally {
      this.#fetch = null;
    }
  }

  async #nextAsk(): Promise<ReleaseAsk | null> {
    const { store, service, environment } = this.#parts;
    const asks = await store.openReleaseAsks().catch(() => []);
    const isOurs = (ask: ReleaseAsk): boolean => ask.service === service && ask.environment === environment;
    return asks.find((ask) => isOurs(ask) && ask.state === 'fetching' && !this.isBusyWith(ask.id)) ?? null;
  }

  #begin(ask: ReleaseAsk): Fetch {
    const { clock } = this.#parts;
    const { doneBytes = 0, totalBytes = null, grewAtMs = ask.changedAtMs } = ask.progress ?? {};
    return {
      ask,
      abort: new AbortController(),
      stored: new Map(),
      storedBytes: 0,
      place: 'its place',
      totalBytes,
      partBytes: 0,
      mostBytes: doneBytes,
      grewAtMs,
      isWaiting: true,
      movedMs: clock.monotonicMs(),
      recordedMs: clock.monotonicMs(),
      recordedBytes: doneBytes,
      isFollowed: false,
      isOver: false,
    };
  }

  async #run(fetch: Fetch, signal: AbortSignal): Promise<void> {
    const { ask } = fetch;
    const source = this.#parts.sourceFor(ask);
    const { store, blobs, judging } = source;
    const { model } = (await judging.shelf.open(ask.bundle)).bundle;
    const found = await findModel(store, blobs, ask.environment, model);
    // Anything else is decided with the ask.
    const allowed = await allowedRegistries(store, ask.environment);
    if (found.kind !== 'elsewhere' || judging.fetching?.refusal(ask.environment, found.place, allowed) !== null) return;
    fetch.place = found.place;
    const place = await judging.fetching.open(ask.environment, found.place, signal, allowed);
    let files: readonly ArtifactFile[];
    try {
      files = await this.#store(fetch, model, place, signal);
    } finally {
      await place.close();
    }
    requireDigest(files, model, found.place);
    // It was fetched for this service from where its environment may fetch: the bytes are not those of others.
    const holder = { service: source.service, environment: ask.environment };
    for (const { digest } of files) source.proofs?.add(holder, digest);
    await registerStoredModel(source, ask.environment, model, files);
  }

  async #store(
    fetch: Fetch,
    model: BundledModel,
    place: RemoteFiles,
    signal: AbortSignal,
  ): Promise<readonly ArtifactFile[]> {
    const { sourceFor, maxBytes = maxModelBytes } = this.#parts;
    const { blobs } = sourceFor(fetch.ask);
    const { ask, place: shown } = fetch;
    const expected = await expectFiles(place, { model, shown, fetched: this.#fetchedBefore(ask), maxBytes }, blobs);
    const sizes = expected.files.map(({ bytes }) => bytes);
    fetch.totalBytes = sizes.includes(null) ? null : sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
    fetch.isWaiting = false;
    try {
      return await storeFiles(blobs, expected, {
        signal,
        count: (_file, pieces) => this.#count(fetch, model.name, maxBytes, pieces),
        stored: (file) => {
          fetch.stored.set(file.path, file);
          fetch.storedBytes += file.bytes;
          fetch.partBytes = 0;
          this.#noteGrowth(fetch);
        },
      });
    } catch (thrown) {
      throw asPlimsollError(thrown).code === 'blob-mismatch'
        ? anotherModel(shown, model, 'a file of it has other bytes')
        : thrown;
    }
  }

  /** Recorded or not; of a path that stands there twice the last one counts. */
  #fetchedBefore({ id, progress }: ReleaseAsk): readonly ArtifactFile[] {
    const { ask, stored } = this.#pause ?? {};
    return [
      ...new Map(
        [...(progress?.files ?? []), ...(ask === id ? (stored ?? []) : [])].map((file) => [file.path, file]),
      ).values(),
    ];
  }

  async *#count(
    fetch: Fetch,
    name: string,
    maxBytes: number,
    pieces: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    const { clock } = this.#parts;
    fetch.isWaiting = true;
    fetch.movedMs = clock.monotonicMs();
    for await (const piece of pieces) {
      fetch.partBytes += piece.length;
      if (doneBytesOf(fetch) > maxBytes) throw modelTooLarge(name, doneBytesOf(fetch), maxBytes);
      fetch.movedMs = clock.monotonicMs();
      this.#noteGrowth(fetch);
      yield piece;
    }
    fetch.isWaiting = false;
  }

  #noteGrowth(fetch: Fetch): void {
    const doneBytes = doneBytesOf(fetch);
    if (doneBytes <= fetch.mostBytes) return;
    fetch.mostBytes = doneBytes;
    fetch.grewAtMs = this.#parts.clock.nowMs();
  }

  /** Records how far a fetch is, and ends it where it hangs or where its ask was decided. */
  async #follow(fetch: Fetch): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (fetch.isWaiting && nowMs - fetch.movedMs > stalledAfterMs) fetch.abort.abort(stalled(fetch.place));
    if (fetch.isFollowed || nowMs - fetch.recordedMs < recordEveryMs) return;
    fetch.isFollowed = true;
    fetch.recordedMs = nowMs;
    try {
      if (await this.#record(fetch, null)) return;
      fetch.isOver = true;
      fetch.abort.abort();
    } catch {
      // The store is away. What comes meanwhile is stored all the same, and recorded later.
    } finally {
      fetch.isFollowed = false;
    }
  }

  /** False where the ask is not fetched any more. @param reason null to leave it. */
  async #record(fetch: Fetch, reason: string | null): Promise<boolean> {
    const { store, sourceFor, clock } = this.#parts;
    const { id, environment } = fetch.ask;
    const doneBytes = doneBytesOf(fetch);
    if (reason === null && doneBytes === fetch.recordedBytes) {
      return (await store.releaseAsk(id))?.state === 'fetching';
    }
    const { stored, totalBytes, grewAtMs } = fetch;
    const source = sourceFor(fetch.ask);
    const isOpen = await source.withFence(environment, (fence) =>
      source.store.transaction(fence, async (tx) => {
        const ask = await tx.releaseAsk(id);
        if (ask?.state !== 'fetching') return false;
        const before = (ask.progress?.files ?? []).filter(({ path }) => !stored.has(path));
        const progress: FetchProgress = { doneBytes, totalBytes, grewAtMs, files: [...before, ...stored.values()] };
        const why = reason === null ? {} : { reason, changedAtMs: clock.nowMs() };
        await tx.setReleaseAsk({ ...ask, ...why, progress });
        return true;
      }),
    );
    fetch.recordedBytes = doneBytes;
    return isOpen;
  }

  async #fail(fetch: Fetch, thrown: unknown): Promise<void> {
    const { clock, sourceFor, problem } = this.#parts;
    const { ask, abort, place } = fetch;
    const error = asPlimsollError(abort.signal.aborted ? abort.signal.reason : thrown);
    problem(ask, error);
    const hasGrown = fetch.mostBytes > (ask.progress?.doneBytes ?? 0);
    const failures = hasGrown || this.#pause?.ask !== ask.id ? 1 : this.#pause.failures + 1;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
    const stored = [...this.#fetchedBefore(ask), ...fetch.stored.values()];
    this.#pause = { ask: ask.id, failures, untilMs: clock.monotonicMs() + pauseMs, stored };
    try {
      if (!mayPass(error)) await recordRefusal(sourceFor(ask), ask, error);
      else if (clock.nowMs() - fetch.grewAtMs > givenUpAfterMs) {
        await recordRefusal(sourceFor(ask), ask, givenUp(place, error));
      } else {
        const next = `the next try begins in ${pauseMs / 1_000} s`;
        await this.#record(fetch, `its model is fetched from ${place}; the last try failed: ${error.message}; ${next}`);
      }
    } catch {
      // The store is away: the next try says it.
    }
  }
}

const doneBytesOf = ({ storedBytes, partBytes }: Fetch): number => storedBytes + partBytes;

/** What may be otherwise at the next try; any other failure stands. A collection may have taken a blob meanwhile. */
const mayPass = ({ category, code }: PlimsollError): boolean =>
  ['unavailable', 'overloaded', 'conflict', 'bug'].includes(category) || code === 'blob-missing';

function stalled(place: string): PlimsollError {
  return new PlimsollError({
    code: 'fetch-stalled',
    category: 'unavailable',
    message: `${place} sent nothing for ${stalledAfterMs / 60_000} minutes`,
  });
}

function givenUp(place: string, last: PlimsollError): PlimsollError {
  return new PlimsollError({
    code: 'fetch-given-up',
    category: 'unavailable',
    message: `no more of the model came from ${place} for ${givenUpAfterMs / 3_600_000} hours: ${last.message}`,
    next: 'see that the place answers, and release again: what was stored is used again',
  });
}

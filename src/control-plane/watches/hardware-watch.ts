import { invalidationBy } from '../../core/evidence/invalidation.ts';
import type { Invalidation } from '../../core/evidence/lock/lock.ts';
import { departures, type ClassDeparture } from '../../core/pool/classes/class-departure.ts';
import type { DeviceClass } from '../../core/pool/classes/device-class.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { isToldOf, type Watch, type WatchedEvidence, type WatchedWorld, type WatchNews } from './watch.ts';

/** The machine that replicas land on, against the classes that the hardware evidence was measured for. */
export interface HardwareSource {
  /** Null while there is no hardware evidence: then there is nothing that could cease to hold. */
  verified(): Promise<VerifiedHardware | null>;
  /** Classes of the accelerator that the contract asks for; null with a reason when they cannot be read now. */
  present(signal: AbortSignal): Promise<readonly DeviceClass[] | { readonly unreadable: string }>;
}

export interface VerifiedHardware extends WatchedEvidence {
  readonly classes: readonly DeviceClass[];
}

export interface HardwareWatchParts {
  readonly source: HardwareSource;
  readonly service: string;
  readonly environment: string;
  readonly store: Pick<StoreReader, 'invalidations'>;
  readonly clock: Clock;
}

/** A driver upgrade or a change of MIG layout shows within a minute; a look may start `nvidia-smi`. */
const everyMs = 60_000;

/**
 * Looks at the hardware that replicas run on, at the start and periodically. Each change is told once, also over a
 * restart of the control plane, because what was recorded is asked of the store and not remembered here.
 */
export class HardwareWatch implements Watch {
  readonly subject = 'hardware';
  readonly #parts: HardwareWatchParts;
  #lookedMs = -Infinity;
  /** Why the hardware cannot be read: as the last look found it, and as it was last recorded. */
  #unreadable: string | null = null;
  #unreadableRecorded: string | null = null;

  constructor(parts: HardwareWatchParts) {
    this.#parts = parts;
  }

  /** Looks once a minute. */
  async look(_seen: WatchedWorld, signal: AbortSignal): Promise<readonly WatchNews[]> {
    const { clock } = this.#parts;
    if (clock.monotonicMs() - this.#lookedMs < everyMs) return [];
    this.#lookedMs = clock.monotonicMs();
    return this.#news(signal);
  }

  recorded(): void {
    this.#unreadableRecorded = this.#unreadable;
  }

  async #news(signal: AbortSignal): Promise<readonly WatchNews[]> {
    const { source, service, environment, clock, store } = this.#parts;
    const verified = await source.verified();
    if (verified === null) return [];
    const present = await source.present(signal);
    if ('unreadable' in present) return this.#tellUnreadable(present.unreadable);
    this.#unreadable = null;
    const left = departures(verified.classes, present);
    if (left.length === 0) return [];
    const known = await store.invalidations(service, environment);
    const nowMs = clock.nowMs();
    const told = known.filter((one) => isToldOf(one, verified, nowMs));
    return left
      .map((departure) => newsOf(departure, verified, environment, nowMs))
      .filter(({ invalidation }) => !told.some((one) => isSame(one, invalidation)));
  }

  /** A probe that fails says nothing about the hardware: the evidence stands, and people are told once. */
  #tellUnreadable(reason: string): readonly WatchNews[] {
    this.#unreadable = reason;
    if (this.#unreadableRecorded === reason) return [];
    const summary = `The hardware that replicas run on cannot be read: ${reason}`;
    return [{ invalidation: null, event: { kind: 'hardware.unreadable', summary, data: { reason } } }];
  }
}

function newsOf(
  { change, found, before }: ClassDeparture,
  { evidence, remedy }: VerifiedHardware,
  environment: string,
  atMs: number,
): WatchNews & { readonly invalidation: Invalidation } {
  return {
    invalidation: invalidationBy('hardware.changed', { environment, reason: change, remedy, atMs, evidence }),
    event: {
      kind: 'hardware.changed',
      summary: `The hardware is no longer what was verified: ${change}; next: ${remedy}`,
      data: { change, found, before },
    },
  };
}

const isSame = (recorded: Invalidation, news: Invalidation): boolean =>
  recorded.kind === news.kind && recorded.reason === news.reason;

import type { LedgerFact } from '../../../src/core/cost/ledger/fact.ts';
import { hours } from './draw.ts';

/** What really happened to one part of a device in one hour. */
export interface TrueTime {
  /** Device-milliseconds; parts of a slice are fractions. */
  compute: number;
  memory: number;
}

/** Fractions of a device. */
export interface Part {
  readonly compute: number;
  readonly memory: number;
}

export interface Doing {
  readonly state: string;
  /** Empty where nobody owns it. */
  readonly service: string;
  readonly claim: string;
}

/**
 * What the simulated fleet really did. It shares no code with the ledger: it adds up fractions in floating point, straight from
 * the simulated events, in true time.
 */
export class Truth {
  readonly times = new Map<string, TrueTime>();
  /** Devices that existed, with the facts that tell when; no end: until the end of the run. */
  readonly existed: {
    readonly pool: string;
    readonly devices: number;
    readonly appeared: string;
    readonly gone: string | null;
  }[] = [];

  add(device: string, part: Part, doing: Doing, fromMs: number, toMs: number): void {
    for (let at = fromMs; at < toMs;) {
      const hour = Math.floor(at / hours);
      const end = Math.min(toMs, (hour + 1) * hours);
      const key = `${hour}|${device}|${doing.state}|${doing.service}|${doing.claim}`;
      let time = this.times.get(key);
      if (time === undefined) this.times.set(key, (time = { compute: 0, memory: 0 }));
      time.compute += (end - at) * part.compute;
      time.memory += (end - at) * part.memory;
      at = end;
    }
  }

  exist(pool: string, devices: number, appeared: LedgerFact, gone: LedgerFact | null): void {
    this.existed.push({ pool, devices, appeared: appeared.id, gone: gone?.id ?? null });
  }
}

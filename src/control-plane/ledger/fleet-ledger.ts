import { digestOf, shortDigest } from '../../core/units/digest.ts';
import type { LedgerWriter, LedgerReader } from '../../ports/records/ledger-records.ts';
import type { Fence } from '../../ports/records/store.ts';
import { Beside } from '../beside.ts';
import type { SharedParts } from '../service/service-parts.ts';
import { LedgerKeeper } from './ledger-keeper.ts';
import { LedgerRecorder } from './record/ledger-recorder.ts';
import type { ServiceLedger } from './record/service-ledger.ts';

interface FleetLedgerParts extends Pick<
  SharedParts,
  'store' | 'clock' | 'log' | 'bundles' | 'metricsSource' | 'processorTimes'
> {
  /** Of the process. */
  readonly identity: string;
  fence(): Fence;
  services(): readonly ServiceLedger[];
}

/** The ledger of a control plane while it holds the lease: one recorder for all services, and what is done each minute. */
export class FleetLedger {
  readonly recorder: LedgerRecorder;
  readonly #keeper: LedgerKeeper;
  readonly #beside = new Beside();

  constructor({ identity, bundles, ...parts }: FleetLedgerParts) {
    // The same process may take the lease twice.
    const run = [identity, parts.fence().token, parts.clock.monotonicMs()];
    this.recorder = new LedgerRecorder({ ...parts, identity: shortDigest(digestOf(run)) });
    this.#keeper = new LedgerKeeper({ ...parts, recorder: this.recorder, nodes: bundles.nodes });
  }

  /** As `LedgerRecorder.begin`. */
  begin(tx: LedgerReader & LedgerWriter): Promise<void> {
    return this.recorder.begin(tx);
  }

  /** Called each second; does its work beside the caller's. */
  look(): void {
    this.#beside.run(this.#keeper.look());
  }

  /** Waits for what runs. @param isHeld whether the lease is still held: then what replicas did up to now is recorded. */
  async close(isHeld: () => boolean): Promise<void> {
    await this.#beside.settle();
    if (isHeld()) await this.#keeper.close();
  }
}

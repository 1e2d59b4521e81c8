import type { FastifyBaseLogger } from 'fastify';
import type { PriceBook } from '../../core/cost/prices/price-book.ts';
import type { PairWorkload } from '../../core/rollout/workload.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import type { ObservedSpare } from '../../ports/serving/spares.ts';
import type { FleetSpares } from '../../schemas/view/fleet-view.ts';
import type { LedgerRecorder } from '../ledger/record/ledger-recorder.ts';
import { planSpares, type PlannedSpares } from './plan-spares.ts';
import { SpareBoard } from './spare-board.ts';
import { priceSpares } from './price-spares.ts';
import { makeSpareFacts } from './spare-facts.ts';
import { TakenSpares } from './taken-spares.ts';

export interface SpareWatchParts {
  readonly store: Pick<Store, 'environmentRecords' | 'events' | 'transaction'>;
  readonly platform: Pick<Platform, 'spares'>;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly recorder: LedgerRecorder;
  services(): readonly LiveService[];
  fence(): Fence;
}

/** A service as far as spares are concerned. */
export interface LiveService {
  readonly service: string;
  readonly environment: string;
  /** False until its first turn: what it runs is not known. */
  readonly isKnown: boolean;
  /** Of the live release; null while none is. */
  readonly workload: PairWorkload | null;
}

const timeoutMs = 30_000;
/** How long services that had no turn yet are waited for, from the first look on. */
const waitAtMostMs = 60_000;

/**
 * Keeps the spares that environment records ask for, and records what they hold. Called each second; one look at a time. In the first
 * minute it waits until every service has had a turn: the platform would end spares of services that are only not known yet.
 */
export class SpareWatch {
  /** Promises to services what it saw. */
  readonly board: SpareBoard;
  readonly #parts: SpareWatchParts;
  readonly #takenLately: TakenSpares;
  /** By environment: what spares cost is told by its record. */
  #books: ReadonlyMap<string, PriceBook> = new Map();
  #isBusy = false;
  #planned: readonly PlannedSpares[] = [];
  #seen: readonly ObservedSpare[] = [];
  #problem: string | null = null;
  #waitsSinceMs: number | null = null;

  constructor(parts: SpareWatchParts) {
    this.#parts = parts;
    this.board = new SpareBoard(parts.clock);
    this.#takenLately = new TakenSpares(parts.store, parts.clock);
  }

  /** Never rejects. */
  async look(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      this.#tell(await this.#look(AbortSignal.timeout(timeoutMs)));
    } catch (thrown) {
      this.#parts.recorder.outdate();
      this.#tell(asPlimsollError(thrown).message);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Spares by group, as they were last seen. */
  view(): readonly FleetSpares[] {
    return this.#planned.map(({ environment, fits, count, services }) => {
      const own = this.#seen.filter((each) => each.environment === environment && each.fits === fits);
      const inState = (state: ObservedSpare['state']): number => own.filter((each) => each.state === state).length;
      const takenLastDay = this.#takenLately.countOf(environment, services);
      const { recorder, clock } = this.#parts;
      return {
        ...{ environment, fits, services, wanted: count },
        ...{ free: inState('free'), starting: inState('starting'), taken: inState('taken') },
        ...(takenLastDay === undefined ? {} : { takenLastDay }),
        pricePerHour: priceSpares(recorder.standing, own, this.#books.get(environment), clock.nowMs()),
      };
    });
  }

  /** @returns what keeps it from keeping spares; null for nothing. */
  async #look(signal: AbortSignal): Promise<string | null> {
    const { store, platform, services } = this.#parts;
    const records = await store.environmentRecords();
    const { spares } = platform;
    if (spares === undefined) {
      const asked = records.filter(({ warmPool = 0 }) => warmPool > 0).map(({ environment }) => environment);
      return asked.length === 0
        ? null
        : `${asked.join(', ')}: this platform keeps no warm pool; \`warmPool\` has no effect`;
    }
    const known = services();
    if (known.some(({ isKnown }) => !isKnown) && this.#mayWait()) return null;

    const live = known.flatMap(({ workload, ...scope }) => (workload === null ? [] : [{ ...scope, workload }]));
    this.#planned = planSpares(records, live);
    await spares.keep(
      this.#planned.map((group) => ({ ...group, left: this.board.leftIn(group) })),
      signal,
    );
    this.#seen = await spares.observe(signal);
    this.board.observed(this.#planned, this.#seen);
    this.#books = new Map(
      records.flatMap(({ environment, prices }) => (prices === undefined ? [] : [[environment, prices] as const])),
    );
    await this.#takenLately.read(
      this.#planned.flatMap((group) => group.services.map((service) => ({ service, environment: group.environment }))),
    );
    await this.#record();
    this.board.show(this.view());
    return null;
  }

  /** One service whose turns fail holds up no other for longer than this. */
  #mayWait(): boolean {
    const nowMs = this.#parts.clock.monotonicMs();
    this.#waitsSinceMs ??= nowMs;
    return nowMs - this.#waitsSinceMs < waitAtMostMs;
  }

  async #record(): Promise<void> {
    const { recorder, store, fence } = this.#parts;
    await recorder.ready();
    const hostOf = (spare: ObservedSpare) =>
      this.#planned.find(({ environment, fits }) => environment === spare.environment && fits === spare.fits)?.host ??
      {};
    const facts = makeSpareFacts(recorder.standing, this.#seen, hostOf, recorder.now());
    if (facts.length > 0) await store.transaction(fence(), (tx) => recorder.append(tx, facts));
  }

  /** Each problem once, until it is over. */
  #tell(problem: string | null): void {
    if (problem !== null && problem !== this.#problem)
      this.#parts.log.warn({ problem }, 'the warm pool could not be kept');
    this.#problem = problem;
  }
}

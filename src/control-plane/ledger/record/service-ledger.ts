import type { FactClock } from '../../../core/cost/ledger/fact.ts';
import type { Accelerator } from '../../../core/contract/contract.ts';
import type { ScalingRecord } from '../../../core/scaling/acting/scaling-record.ts';
import type { LedgerWriter } from '../../../ports/records/ledger-records.ts';
import type { GatewayReport } from '../../../schemas/gateway/gateway-report.ts';
import type { ServiceScope } from '../../service/service-scope.ts';
import type { LedgerRecorder } from './ledger-recorder.ts';
import type { NewFact } from './new-fact.ts';
import { makeDecisionFacts, makeReplicaFacts, type SeenTurn } from './replica-facts.ts';
import type { StandingClaim } from './standing-facts.ts';
import { WorkBook, type Worker } from './work-book.ts';

/** What a service asks of nodes, so that these are accounted. */
export interface AskedDevices {
  readonly environment: string;
  readonly accelerator: Accelerator;
  readonly selector: Readonly<Record<string, string>>;
}

/** A replica whose processor time can be read. */
export interface MeasuredClaim {
  readonly claim: string;
  readonly pid: number;
  readonly device: string;
  /** It drains: this may be its last reading. */
  readonly isEnding: boolean;
}

/** What one service in one environment records in the ledger. */
export class ServiceLedger {
  readonly #recorder: LedgerRecorder;
  readonly #scope: ServiceScope;
  /** What one replica sustains; null where it is not measured. */
  readonly #ratePerSecond: () => number | null;
  readonly #work: WorkBook;
  #asked: readonly AskedDevices[] = [];
  /** First processes of replicas, as the last turn saw them. */
  #pids: ReadonlyMap<string, number> = new Map();
  /** Facts of this turn were appended in a transaction that may still fail. */
  #hasAppended = false;

  constructor(recorder: LedgerRecorder, scope: ServiceScope, ratePerSecond: () => number | null) {
    this.#recorder = recorder;
    this.#work = new WorkBook((claim) => recorder.resumedWork(claim));
    this.#scope = scope;
    this.#ratePerSecond = ratePerSecond;
  }

  report(report: GatewayReport): void {
    this.#work.report(report, this.#recorder.now().monotonicMs);
  }

  /** Resolves when what stands is known. */
  ready(): Promise<void> {
    return this.#recorder.ready();
  }

  /** Returns what a turn saw that is not recorded yet. */
  makeFacts(turn: SeenTurn, record: ScalingRecord | null): readonly NewFact[] {
    const { standing } = this.#recorder;
    const at = this.#recorder.now();
    this.#hasAppended = false;
    this.#asked = askedBy(turn);
    this.#pids = new Map(
      turn.replicas.flatMap(({ replicaId, pid }) => (pid === null ? [] : [[replicaId, pid] as const])),
    );
    for (const { replicaId, state } of turn.replicas) {
      if (state !== 'stopped' && state !== 'failed') this.#recorder.see(replicaId);
    }
    const facts = makeReplicaFacts(standing, turn, at, (claim) => this.#recorder.endOf(claim));
    const begun = new Set(facts.map((fact) => (fact.kind === 'claim-began' ? fact.claim : null)));
    const isWaiting = ({ replicaId, state }: SeenTurn['replicas'][number]): boolean =>
      state !== 'stopped' && state !== 'failed' && !begun.has(replicaId) && !standing.claims.has(replicaId);
    if (turn.replicas.some(isWaiting)) this.#recorder.missesDevices = true;
    return [...facts, ...makeDecisionFacts(standing, turn, record, at)];
  }

  /** Records the facts of a turn; a replica that ended has its last account first. */
  async record(tx: LedgerWriter, facts: readonly NewFact[]): Promise<void> {
    const ended = facts.flatMap((fact) =>
      fact.kind === 'claim-changed' && fact.state === 'ended' ? [{ claim: fact.claim, at: fact.at }] : [],
    );
    const { claims } = this.#recorder.standing;
    const last = ended.flatMap(({ claim, at }) => {
      const standing = claims.get(claim);
      return standing === undefined || this.#recorder.isEarlier(at) ? [] : this.#take([standing], at);
    });
    const uses = this.#recorder.uses.end(ended.map(({ claim }) => claim));
    this.#hasAppended = last.length + uses.length + facts.length > 0;
    await this.#recorder.append(tx, [...last, ...uses, ...facts]);
    for (const { claim } of ended) this.#work.forget(claim);
  }

  /** The transaction of this turn failed. Where it failed before facts were appended, what stands is still known. */
  outdate(): void {
    if (this.#hasAppended) this.#recorder.outdate();
  }

  /** Returns accounts of all replicas up to now. */
  takeWork(at: FactClock): readonly NewFact[] {
    return this.#take(this.#recorder.standing.claimsOf(this.#scope), at);
  }

  /** Returns what all replicas used up to their last reading. */
  takeUses(): readonly NewFact[] {
    const { standing, uses } = this.#recorder;
    return uses.take(standing.claimsOf(this.#scope).map(({ began: { claim } }) => claim));
  }

  /** Replicas that hold cores of this machine, each with its first process. */
  get measured(): readonly MeasuredClaim[] {
    return this.#recorder.standing.claimsOf(this.#scope).flatMap(({ began: { claim, holds }, last }) => {
      const pid = this.#pids.get(claim);
      const cores = holds.find((hold) => 'milliCores' in hold);
      return pid === undefined || cores === undefined
        ? []
        : [{ claim, pid, device: cores.device, isEnding: last?.state === 'draining' }];
    });
  }

  /** What the releases that are wanted ask of nodes, as the last turn saw them. */
  get asked(): readonly AskedDevices[] {
    return this.#asked;
  }

  #take(claims: readonly StandingClaim[], at: FactClock): readonly NewFact[] {
    const workers = claims.flatMap(({ began, ready }): readonly Worker[] => {
      if (ready === null) return [];
      const isOwn = ready.at.recorder === this.#recorder.recorder;
      return [{ claim: began.claim, readySinceMs: isOwn ? ready.at.monotonicMs : -Infinity }];
    });
    return this.#work.take(workers, at, this.#ratePerSecond());
  }
}

function askedBy({ environment, deployment, releases }: SeenTurn): readonly AskedDevices[] {
  const wanted = [deployment?.live, deployment?.incoming, deployment?.previous?.release];
  return releases
    .filter(({ number }) => wanted.includes(number))
    .map(({ code }) => ({
      environment,
      accelerator: (code.devices ?? 0) > 0 ? 'nvidia' : 'cpu',
      selector: code.selector ?? {},
    }));
}

import { carryUnwanted } from '../../core/rollout/deployment/carry-unwanted.ts';
import type { CanaryRecord } from '../../core/rollout/judge/canary.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { GoldenRejection, GatewayState, RolloutState } from '../../core/rollout/deployment/rollout-state.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { ScaleOrder } from '../../core/scaling/acting/scale-order.ts';
import type { KnownSleep } from '../../core/rollout/sleep/sleep-stage.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { StoreReader } from '../../ports/records/store.ts';

/** Reads what is recorded; releases are immutable, so that they are read again only when the deployment moved. */
export class RecordReader {
  readonly #store: StoreReader;
  readonly #service: string;
  readonly #environment: string;
  #releases: readonly Release[] = [];
  #revision: number | null | undefined = undefined;

  constructor(store: StoreReader, service: string, environment: string) {
    this.#store = store;
    this.#service = service;
    this.#environment = environment;
  }

  async read() {
    const [service, environment] = [this.#service, this.#environment];
    const deployment = await this.#store.deployment(service, environment);
    const revision = deployment?.revision ?? null;
    if (revision !== this.#revision) {
      this.#releases = await this.#store.releases(service, environment);
      this.#revision = revision;
    }
    const routing = await this.#store.routing(service, environment);
    const admissions = await this.#store.admissions(service, environment);
    const canary = await this.#store.canary(service, environment);
    const isolations = await this.#store.isolations(service, environment);
    return { deployment, releases: this.#releases, routing, admissions, canary, isolations };
  }
}

export interface Watched {
  /** The recorded step, with what was counted since. */
  readonly canary: CanaryRecord | null;
  readonly replicas: readonly ObservedReplica[];
  readonly sleep: ReadonlyMap<string, KnownSleep>;
  readonly scale: ScaleOrder | null;
  readonly gateways: readonly GatewayState[];
  readonly rejections: readonly GoldenRejection[];
  readonly identities: ReadonlyMap<string, string | null>;
  readonly justAdmitted: readonly { readonly replicaId: string; readonly golden: Digest | null }[];
  readonly observingSinceMs: number;
  readonly unwantedSinceMs: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

export type Recorded = Awaited<ReturnType<RecordReader['read']>>;

export function makeRolloutState(
  scope: { readonly service: string; readonly environment: string },
  recorded: Recorded,
  watched: Watched,
): RolloutState {
  const admissions = new Map(recorded.admissions.map((admission) => [admission.replicaId, admission.golden]));
  for (const admitted of watched.justAdmitted) admissions.set(admitted.replicaId, admitted.golden);
  const state: RolloutState = {
    ...scope,
    releases: recorded.releases,
    deployment: recorded.deployment,
    canary: watched.canary,
    routing: recorded.routing,
    replicas: watched.replicas,
    sleep: watched.sleep,
    scale: watched.scale,
    admissions,
    rejections: watched.rejections,
    identities: watched.identities,
    isolations: recorded.isolations,
    gateways: watched.gateways,
    observingSinceMs: watched.observingSinceMs,
    unwantedSinceMs: watched.unwantedSinceMs,
    nowMs: watched.nowMs,
  };
  return { ...state, unwantedSinceMs: carryUnwanted(watched.unwantedSinceMs, state) };
}

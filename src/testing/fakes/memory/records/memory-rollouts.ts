import { canaryMoved, deploymentMoved, generationNotNewer } from '../../../../core/records/conflicts.ts';
import { canarySamplesAtMost, type CanaryRecord, type CanarySample } from '../../../../core/rollout/judge/canary.ts';
import type { DecidedOutcome } from '../../../../core/rollout/outcome.ts';
import type { Bar, Deployment, Release } from '../../../../core/rollout/release.ts';
import type { RoutingTable } from '../../../../core/rollout/routing/routing.ts';
import type { Admission, StoreReader, StoreWriter } from '../../../../ports/records/store.ts';
import { copied, inScope, type Scope } from './copied.ts';

/** Releases with what became of them, what is deployed of them and where requests go. */
export interface RolloutStates {
  readonly releases: readonly Release[];
  readonly outcomes: readonly (Scope & DecidedOutcome)[];
  readonly deployments: readonly Deployment[];
  readonly bars: readonly Bar[];
  readonly routing: readonly RoutingTable[];
  readonly admissions: readonly Admission[];
  readonly canaries: readonly CanaryRecord[];
  readonly canarySamples: readonly CanarySample[];
  readonly journaled: readonly string[];
}

export function memoryRolloutReader(
  state: () => RolloutStates,
): Pick<
  StoreReader,
  | 'released'
  | 'releases'
  | 'release'
  | 'releaseOutcomes'
  | 'deployment'
  | 'bars'
  | 'routing'
  | 'admissions'
  | 'canary'
  | 'canarySamples'
  | 'journaled'
> {
  return {
    released: async () => {
      const scopes = state().releases.map(({ service, environment }) => JSON.stringify({ service, environment }));
      return [...new Set(scopes)].sort().map((scope) => JSON.parse(scope) as Record<'service' | 'environment', string>);
    },
    releases: async (service, environment) => copied(state().releases.filter(inScope({ service, environment }))),
    release: async (service, environment, number) =>
      copied(
        state()
          .releases.filter(inScope({ service, environment }))
          .find((one) => one.number === number) ?? null,
      ),
    releaseOutcomes: async (service, environment) =>
      new Map(
        state()
          .outcomes.filter(inScope({ service, environment }))
          .map(({ release, outcome }) => [release, outcome]),
      ),
    deployment: async (service, environment) =>
      copied(state().deployments.find(inScope({ service, environment })) ?? null),
    bars: async (service, environment) => copied(state().bars.filter(inScope({ service, environment }))),
    routing: async (service, environment) => copied(state().routing.find(inScope({ service, environment })) ?? null),
    admissions: async (service, environment) =>
      copied(
        state()
          .admissions.filter(inScope({ service, environment }))
          .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1)),
      ),
    canary: async (service, environment) => copied(state().canaries.find(inScope({ service, environment })) ?? null),
    canarySamples: async (service, environment, release) =>
      copied(
        state()
          .canarySamples.filter(inScope({ service, environment }))
          .filter((sample) => sample.release === release)
          .slice(-canarySamplesAtMost),
      ),
    journaled: async (id) => state().journaled.includes(id),
  };
}

/** The outcomes with one more, in the place of an earlier one of the same release. */
export function withOutcome({ outcomes }: RolloutStates, decided: Scope & DecidedOutcome): RolloutStates['outcomes'] {
  const others = outcomes.filter((each) => !(inScope(decided)(each) && each.release === decided.release));
  return [...others, decided];
}

/**
 * @param change copies what it is given.
 * @param set takes what is a copy already.
 */
export function memoryRolloutWriter(
  state: () => RolloutStates,
  change: (part: Partial<RolloutStates>) => void,
  set: (part: Partial<RolloutStates>) => void,
): Pick<
  StoreWriter,
  | 'addRelease'
  | 'setDeployment'
  | 'setCanary'
  | 'endCanary'
  | 'addCanarySample'
  | 'addJournaled'
  | 'addBar'
  | 'liftBar'
  | 'setRouting'
  | 'admit'
  | 'forgetAdmission'
> {
  return {
    async addRelease(release) {
      const number = state().releases.filter(inScope(release)).length + 1;
      const numbered = copied({ ...release, number });
      set({ releases: [...state().releases, numbered] });
      return numbered;
    },
    async setDeployment(deployment, expected) {
      const present = state().deployments.find(inScope(deployment)) ?? null;
      if ((present?.revision ?? null) !== expected) {
        throw deploymentMoved(deployment.service, deployment.environment, expected, present?.revision ?? null);
      }
      const moved = copied({ ...deployment, revision: (expected ?? 0) + 1 });
      change({ deployments: [...state().deployments.filter((other) => other !== present), moved] });
      return moved;
    },
    async setCanary(record, expected) {
      const present = state().canaries.find(inScope(record)) ?? null;
      if ((present?.revision ?? null) !== expected) {
        throw canaryMoved(record.service, record.environment, expected, present?.revision ?? null);
      }
      const moved = copied({ ...record, revision: (expected ?? 0) + 1 });
      change({ canaries: [...state().canaries.filter((other) => other !== present), moved] });
      return moved;
    },
    async endCanary(service, environment) {
      const kept = state().canaries.filter((record) => !inScope({ service, environment })(record));
      const ended = kept.length < state().canaries.length;
      change({ canaries: kept });
      return ended;
    },
    async addCanarySample(sample) {
      set({ canarySamples: [...state().canarySamples, copied(sample)] });
    },
    async addJournaled(id) {
      if (state().journaled.includes(id)) return false;
      change({ journaled: [...state().journaled, id] });
      return true;
    },
    async addBar(bar) {
      const standing = state()
        .bars.filter(inScope(bar))
        .some((other) => other.axis === bar.axis && other.digest === bar.digest);
      if (!standing) change({ bars: [...state().bars, bar] });
    },
    async liftBar(service, environment, axis, digest) {
      const kept = state().bars.filter(
        (bar) => !(inScope({ service, environment })(bar) && bar.axis === axis && bar.digest === digest),
      );
      const lifted = kept.length < state().bars.length;
      change({ bars: kept });
      return lifted;
    },
    async setRouting(table) {
      const present = state().routing.find(inScope(table));
      if (present !== undefined && present.generation >= table.generation) {
        throw generationNotNewer(table.service, table.environment, table.generation, present.generation);
      }
      change({ routing: [...state().routing.filter((other) => other !== present), table] });
    },
    async admit(admission) {
      const others = state().admissions.filter(({ replicaId }) => replicaId !== admission.replicaId);
      change({ admissions: [...others, admission] });
    },
    async forgetAdmission(replicaId) {
      change({ admissions: state().admissions.filter((admission) => admission.replicaId !== replicaId) });
    },
  };
}

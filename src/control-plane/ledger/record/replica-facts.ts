import type { ClaimChanged, FactClock, IdleTerms } from '../../../core/cost/ledger/fact.ts';
import { readIdleTerms } from '../../../core/cost/ledger/causes/read-idle-terms.ts';
import type { Owner, Purpose } from '../../../core/cost/ledger/state.ts';
import type { RolloutState } from '../../../core/rollout/deployment/rollout-state.ts';
import type { Release } from '../../../core/rollout/release.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { servedRelease } from '../../../core/rollout/routing/routable.ts';
import type { ScalingRecord } from '../../../core/scaling/acting/scaling-record.ts';
import { findHolds } from '../inventory/find-holds.ts';
import type { NewFact } from './new-fact.ts';
import { scopeKey, type StandingClaim, type StandingFacts } from './standing-facts.ts';

/** What of a turn the ledger goes by. */
export type SeenTurn = Pick<
  RolloutState,
  'service' | 'environment' | 'releases' | 'deployment' | 'replicas' | 'admissions'
>;

const gapOfReplica = (replicaId: string): string => `devices-unknown/${replicaId}`;

/**
 * Returns what changed about the replicas of one service since what stands.
 *
 * | seen | recorded |
 * |---|---|
 * | a replica that runs, whose devices are known | its claim begins |
 * | one whose devices nobody tells, while it starts | a gap of its node: they may be told until it is ready |
 * | the same once it is ready | its claim begins, on a part of each slot that it may have |
 * | one whose node is not in the inventory yet | nothing; the claim begins once it is |
 * | pending or starting, or ready and not admitted | loading |
 * | ready and admitted | ready |
 * | asleep | asleep |
 * | draining | draining |
 * | stopped, failed, or not seen any more | the claim ended, at `endOf` |
 * | its release is the one that is kept for a rollback | its role is `previous` |
 */
export function makeReplicaFacts(
  standing: Pick<StandingFacts, 'devices' | 'claims' | 'gaps' | 'claimsOf'>,
  turn: SeenTurn,
  at: FactClock,
  endOf: (claim: string) => FactClock = () => at,
): readonly NewFact[] {
  const present = new Map(turn.replicas.filter(isRunning).map((replica) => [replica.replicaId, replica]));
  const facts = [...present.values()].flatMap((replica) => factsOfReplica(standing, turn, replica, at));
  for (const { began } of standing.claimsOf(turn)) {
    const { claim } = began;
    if (!present.has(claim)) facts.push({ kind: 'claim-changed', claim, state: 'ended', at: endOf(claim) });
  }
  const ended = turn.replicas.filter(
    (replica) => !isRunning(replica) && standing.gaps.has(gapOfReplica(replica.replicaId)),
  );
  return [
    ...facts,
    ...ended.map(({ replicaId }): NewFact => ({ kind: 'gap-ended', gap: gapOfReplica(replicaId), at })),
  ];
}

const isRunning = ({ state }: ObservedReplica): boolean => state !== 'stopped' && state !== 'failed';

function factsOfReplica(
  standing: Pick<StandingFacts, 'devices' | 'claims' | 'gaps'>,
  turn: SeenTurn,
  replica: ObservedReplica,
  at: FactClock,
): readonly NewFact[] {
  const { replicaId: claim, node } = replica;
  const served = servedRelease(turn.deployment, turn.releases, replica.pair);
  const release = served ?? turn.releases.find(({ pair }) => pair === replica.pair);
  if (release === undefined) return [];
  const known = standing.claims.get(claim);
  const began: NewFact[] = [];
  if (known === undefined) {
    const found = findHolds(standing, replica, release.code);
    const gap = gapOfReplica(claim);
    if ('missing' in found) return [];
    if (found.isGuess === true && stateOf(turn, replica) === 'loading') {
      if (standing.gaps.has(gap)) return [];
      return [{ kind: 'gap-began', gap, cause: 'reports-missing', scope: { of: 'node', node }, at }];
    }
    if (standing.gaps.has(gap)) began.push({ kind: 'gap-ended', gap, at });
    const owner = ownerOf(turn, release);
    began.push({ kind: 'claim-began', claim, holds: found.holds, owner, purpose: purposeOf(release), at });
  }
  return [...began, ...changesOf(known, claim, stateOf(turn, replica), roleOf(turn, release), at)];
}

function changesOf(
  known: StandingClaim | undefined,
  claim: string,
  state: ClaimChanged['state'],
  role: 'live' | 'previous',
  at: FactClock,
): readonly NewFact[] {
  const facts: NewFact[] = [];
  if ((known?.last?.state ?? 'loading') !== state) facts.push({ kind: 'claim-changed', claim, state, at });
  if ((known?.role?.role ?? 'live') !== role) facts.push({ kind: 'claim-role', claim, role, at });
  return facts;
}

function stateOf({ admissions }: SeenTurn, { state, replicaId }: ObservedReplica): ClaimChanged['state'] {
  if (state === 'draining' || state === 'asleep') return state;
  return state === 'ready' && admissions.has(replicaId) ? 'ready' : 'loading';
}

/** What a drill starts proves a rollback. */
const purposeOf = ({ cause }: Release): Purpose =>
  cause.kind === 'rollback' && cause.drill === true ? 'proof' : 'answers';

const roleOf = ({ deployment }: SeenTurn, { number }: Release): 'live' | 'previous' =>
  deployment?.previous?.release === number ? 'previous' : 'live';

const ownerOf = ({ service, environment }: SeenTurn, { number, model, owner }: Release): Owner => ({
  ...{ service, environment, release: String(number), team: owner ?? null },
  model: `${model.name}:${model.version}`,
});

/**
 * Returns the terms by which replicas of a service exist, where they are others than those that stand. A release that
 * nothing scales has its minimum.
 */
export function makeDecisionFacts(
  { decisions }: Pick<StandingFacts, 'decisions'>,
  turn: SeenTurn,
  record: ScalingRecord | null,
  at: FactClock,
): readonly NewFact[] {
  const { service, environment, deployment, releases } = turn;
  const live = releases.find(({ number }) => number === deployment?.live);
  if (live === undefined) return [];
  const { min, max } = live.replicas;
  const fixed: IdleTerms = { demand: 0, minReplicas: min, ahead: min, warmPool: 0 };
  const terms = record === null ? (min < max ? null : fixed) : readIdleTerms(record);
  const known = decisions.get(scopeKey(turn))?.terms;
  if (terms === null || JSON.stringify(terms) === JSON.stringify(known)) return [];
  return [{ kind: 'scaling-decided', service, environment, terms, at }];
}

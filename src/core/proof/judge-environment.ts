import type { LoadedContract } from '../contract/contract.ts';
import { evidenceTable } from '../evidence/evidence-table.ts';
import { comparedWithAnother } from '../evidence/kinds/evaluation/evaluation-evidence.ts';
import { kindTable, type KindTable } from '../evidence/kinds/table.ts';
import type { EvidenceKind, EvidenceState, Invalidation, LockedEnvironment, Waiver } from '../evidence/lock/lock.ts';
import { presentFeatures, readPresent, type PresentFacts } from '../evidence/present-subjects.ts';
import { renewCommand } from '../evidence/renewal.ts';
import type { onPresentPool } from '../hardware/present-pool.ts';
import type { PoolSnapshot } from '../pool/snapshot/pool-snapshot.ts';
import { goldenFile } from '../rollout/names.ts';
import { withTrust, type TrustFacts } from '../trust/judge-trust.ts';
import { digestOfMeasured } from '../evidence/sighting.ts';
import type { Digest } from '../units/digest.ts';
import type { Judgement } from '../units/verdict.ts';

/** What was recorded about the evidence of one environment outside the contract and the lock. */
export interface EvidenceRecords {
  readonly waivers: readonly Waiver[];
  readonly invalidations: readonly Invalidation[];
}

/** What the watch of a live release says, with the command that tells more. */
export interface LiveJudgement extends Judgement {
  readonly next: string;
  /** Of the newest answer that was looked at; left out before the first. */
  readonly measuredAtMs?: number;
}

/** All that a judge of one environment goes by. Facts and measurements: no judgement of anybody else. */
export interface EnvironmentFacts extends PresentFacts, EvidenceRecords {
  readonly environment: string;
  readonly nowMs: number;
  /** The golden outputs that `goldenOutputs` names, as they are now; null where they are not there. */
  readonly goldenFile: Digest | null;
  /** When the store first saw evidence, by `digestOfMeasured`; undefined for a judge without a store. */
  readonly firstSeenAtMs?: ReadonlyMap<Digest, number>;
  /** What a gate's `noWorseThan` stands for now, by its name; undefined for a judge without a store. */
  readonly baselines?: Readonly<Record<string, Digest | null>>;
  /** What the watch says of kinds that are judged while a release is live; undefined for a judge that sees nothing live. */
  readonly live?: Readonly<Partial<Record<EvidenceKind, LiveJudgement>>>;
  /**
   * The nodes of now, for hardware evidence, with the rules that judge them: they take a while to load, and only contracts
   * that speak of hardware need them.
   */
  readonly hardware?: { readonly snapshot: PoolSnapshot; readonly judge: typeof onPresentPool } | undefined;
  /** Who sent each kind first, for people; left out for a judge without a store. */
  readonly senders?: Readonly<Partial<Record<EvidenceKind, string>>>;
  /** Whose evidence counts; left out where no policy is known. */
  readonly trust?: TrustFacts | undefined;
}

/**
 * The evidence of one environment, judged. The one place where that is decided: `check`, `doctor` and `pin` ask it with
 * what a checkout knows, the control plane with what a bundle, its store and its nodes say.
 */
export function judgeEnvironment(facts: EnvironmentFacts, table: KindTable = kindTable): readonly EvidenceState[] {
  const { loaded, environment, locked, nowMs, waivers, hardware } = facts;
  const { contract } = loaded;
  const present = readPresent(facts, table);
  const states = evidenceTable(
    {
      contract,
      environment,
      evidence: locked?.evidence ?? {},
      present: withJudgedTables(present.digests, facts),
      unknown: present.unknown,
      later: present.later,
      features: presentFeatures(facts),
      firstSeenAtMs: facts.firstSeenAtMs,
      nowMs,
      waivers,
      invalidations: [...facts.invalidations, ...damagedGolden(facts)],
    },
    table,
  );
  const compared = withSenders(againstBaselines(withLive(states, facts.live ?? {}), facts), facts.senders ?? {});
  if (hardware === undefined) return withTrust(compared, facts.trust);
  const { judge, snapshot } = hardware;
  const onNodes = judge(compared, { contract, environment, locked: locked ?? undefined, snapshot });
  return withTrust(onNodes, facts.trust);
}

function withSenders(
  states: readonly EvidenceState[],
  senders: NonNullable<EnvironmentFacts['senders']>,
): readonly EvidenceState[] {
  return states.map((state) => {
    const sentBy = senders[state.kind];
    return sentBy === undefined ? state : { ...state, sentBy };
  });
}

function withLive(
  states: readonly EvidenceState[],
  live: NonNullable<EnvironmentFacts['live']>,
): readonly EvidenceState[] {
  return states.map((state) => {
    const judged = live[state.kind];
    if (judged === undefined || state.judgedLive !== true) return state;
    const { next, ...judgement } = judged;
    const { renew: _, ...rest } = state;
    return { ...rest, ...judgement, freshness: 'fresh', ...(judged.verdict === 'pass' ? {} : { renew: next }) };
  });
}

/**
 * Newer rule tables are no reason to measure again where the nodes of now can be judged by them: that is what is done
 * with evidence that is fresh.
 */
function withJudgedTables(
  digests: Readonly<Record<string, Digest>>,
  { hardware, locked }: EnvironmentFacts,
): Readonly<Record<string, Digest>> {
  const measured = locked?.evidence.hardware?.subjects['rule-tables'];
  return hardware === undefined || measured === undefined ? digests : { ...digests, 'rule-tables': measured };
}

/** Which golden outputs the evidence is of: their path beside the contract, and their digest. */
export function goldenOutputs(
  { contract }: LoadedContract,
  locked: LockedEnvironment | null,
): { readonly path: string; readonly recorded: Digest } | null {
  const golden = locked?.evidence.golden;
  const dataName = contract.monitoring?.golden;
  const recorded = golden?.measurements['goldenBlob'];
  // The file of the model that was measured: another model that is pinned by now has its own, and is another reason.
  const model = golden?.subjects['model'];
  if (model === undefined || dataName === undefined || typeof recorded !== 'string') return null;
  return { path: goldenFile(dataName, model), recorded: recorded as Digest };
}

/**
 * The lock names the golden outputs by digest; the file beside it is what people review. A file that is gone or edited
 * means that what was reviewed is not what was recorded, so the evidence does not hold.
 */
function damagedGolden(facts: EnvironmentFacts): readonly Invalidation[] {
  const { loaded, locked, environment, nowMs, goldenFile: found } = facts;
  const outputs = goldenOutputs(loaded, locked);
  if (outputs === null || outputs.recorded === found) return [];
  const what = found === null ? 'is missing' : `is ${found}, recorded was ${outputs.recorded}`;
  const remedy = `bring ${outputs.path} back from git, or plimsoll golden record`;
  const golden = locked?.evidence.golden;
  const named = golden === undefined ? {} : { evidence: digestOfMeasured(golden) };
  const reason = `${outputs.path} ${what}`;
  return [{ kind: 'golden', environment, reason, remedy, atMs: nowMs, ...named, inFiles: true }];
}

/** Evidence is unknown where what it was compared with is not live any more, or not what the alias stands for. */
function againstBaselines(
  states: readonly EvidenceState[],
  { loaded, environment, locked, baselines, store }: EnvironmentFacts,
): readonly EvidenceState[] {
  const measurements = locked?.evidence.evaluation?.measurements;
  const model = store?.model ?? locked?.model?.digest;
  if (measurements === undefined || model === undefined || baselines === undefined) return states;
  const because = comparedWithAnother(measurements, loaded.contract, model, baselines);
  if (because === null) return states;
  const several = Object.keys(loaded.contract.environments).length > 1;
  const renew = renewCommand('evaluation', several ? environment : undefined);
  return states.map((state) =>
    state.kind === 'evaluation' && state.freshness === 'fresh' && state.verdict === 'pass'
      ? { ...state, verdict: 'unknown', reasons: [because], renew }
      : state,
  );
}

import type { CalendarTerms } from '../../seasons/learnt-calendar.ts';
import type { ReplicaCapacity } from '../../../capacity/service-curve.ts';
import type { StartDistribution } from '../../../coldstart/start-distribution.ts';
import type { SimulatedArrivals, SimulatedPrices } from '../../../evidence/kinds/scaling/scaling-measurements.ts';
import type { Verdict } from '../../../units/verdict.ts';
import type { KeepAlive } from '../../idle-gaps.ts';
import type { ScalingTerms } from '../../policy.ts';
import type { ToldEvidence } from '../world.ts';
import type { SweptPolicy } from './error-sweep.ts';
import type { PolicyScore } from './score.ts';
import type { Timeline } from './timeline.ts';

/** How far a policy is from what is possible, by the means over the seeds; docs/scaling-bounds.md. */
export interface PolicyRegret {
  /** 0.2: a fifth more accelerator-seconds than no policy can go below. Null where that is 0, or no policy attains. */
  readonly overBoundShare: number | null;
  /** The same over the plan that knows the arrivals; null where no plan was found that attains. */
  readonly overPlanShare: number | null;
}

export interface SimulatedPolicy extends PolicyScore {
  /** As the table names it: `keda`, `static 4`. */
  readonly label: string;
  /** Whether the objective is held, by the limits of its attainment: pass, fail, inconclusive. */
  readonly verdict: Verdict;
  readonly regret: PolicyRegret;
  /** Of the first seed. */
  readonly timeline: Timeline;
}

/** What nobody can know before: the least that is possible, and what was found by trial. Accelerator-seconds. */
export interface Clairvoyant {
  /** No policy costs less, in any run. Null: no policy attains. */
  readonly boundLeastSeconds: number | null;
  /** No policy costs less on average that does not know how long a start will take. */
  readonly boundSeconds: number | null;
  /** Null where no schedule was found that attains. */
  readonly planSeconds: number | null;
  readonly planAttainmentShare: number;
  /** Plan over bound. */
  readonly gapShare: number | null;
  readonly simulations: number;
}

export interface ParetoPoint {
  readonly policy: string;
  /** Options that differ from the policy's defaults, as JSON; empty for the defaults. */
  readonly label: string;
  readonly attainmentShare: number;
  readonly acceleratorSeconds: number;
  /** Whether none of the other points is better in one and no worse in the other. */
  readonly onFront: boolean;
}

export interface SimulatedGround {
  readonly terms: ScalingTerms;
  readonly starts: StartDistribution;
  readonly capacity: ReplicaCapacity;
  /** What policies were told in place of `starts` and `capacity`. Absent: the truth. */
  readonly told?: ToldEvidence;
  /** What policies were told of the calendar. Absent: nothing. */
  readonly calendar?: CalendarTerms;
  readonly scoreFromMs: number;
  readonly endMs: number;
  readonly initialReplicas: number;
  readonly currency: string | null;
  /** Null without a price list. */
  readonly prices: SimulatedPrices | null;
  /** Where each came from, for people: `cold-start evidence, 30 starts from node-disk`, `stated, not measured`. */
  readonly from: {
    readonly starts: string;
    readonly capacity: string;
    readonly objective: string;
    readonly replicas: string;
    readonly prices: string;
  };
}

/** What `plimsoll scale simulate` found; `--json` prints it without the timelines. */
export interface ScalingReport {
  /** Null without a contract. */
  readonly service: string | null;
  readonly environment: string | null;
  /** Of Plimsoll's own policy. */
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly arrivals: SimulatedArrivals;
  readonly ground: SimulatedGround;
  readonly seeds: number;
  /** In the order in which they were asked for. */
  readonly policies: readonly SimulatedPolicy[];
  /** Plimsoll's own with the last replica kept, where it may stop. */
  readonly withoutZero: SimulatedPolicy | null;
  /** The own policy with nothing asleep, where replicas may sleep. */
  readonly withoutSleep: SimulatedPolicy | null;
  readonly clairvoyant: Clairvoyant;
  /** What wrong evidence would do to each policy that rests on it; empty where it was not asked for. */
  readonly sweep: readonly SweptPolicy[];
  readonly idle: {
    readonly gaps: number;
    readonly longestGapMs: number;
    readonly curve: readonly KeepAlive[];
    readonly cheapest: KeepAlive | null;
  };
  /** Null unless asked for. */
  readonly pareto: readonly ParetoPoint[] | null;
  readonly notes: readonly string[];
  readonly next: string;
}

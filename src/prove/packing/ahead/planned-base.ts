import type { PlanPrices, PricedNode } from '../../../core/packing/plan-ahead/ahead-money.ts';
import type { HeldFactors, Limits, PlannedService } from '../../../core/packing/plan-ahead/service-need.ts';
import type { NamedReplicas } from '../../../core/packing/named/named-task.ts';

/** A service before its demand is known, and what it rests on. */
export interface PlannedBase extends Pick<PlannedService, 'row' | 'floor' | 'atMost'> {
  readonly perReplica: Sourced<Limits> | Missing;
  readonly held: Sourced<HeldFactors> | Missing;
  /** Whether that peak is of a week or more, so that it holds the busiest weekday. */
  readonly peakCoversWeek: boolean;
  /** Mean rate now, requests a second. */
  readonly rate: Sourced<number> | Missing;
}

/** A value and where it is from, for people: `capacity evidence`. */
export interface Sourced<Value> {
  readonly value: Value;
  readonly from: string;
}

/** Why a value is not known, and what tells it. */
export interface Missing {
  readonly missing: string;
  readonly next: string;
}

/** The pool of a plan and the services on it. */
export interface PlannedGround {
  /** As it was named. */
  readonly pool: string;
  readonly nodes: readonly PricedNode[];
  readonly services: readonly PlannedBase[];
  readonly fixed: readonly NamedReplicas[];
  readonly prices: PlanPrices | null;
  readonly notes: readonly string[];
}

import type {
  ClaimBegan,
  ClaimChanged,
  ClaimRole,
  DeviceAppeared,
  GapBegan,
  LayoutChanged,
  LedgerFact,
  ReservationBegan,
  ScalingDecided,
} from '../../../core/cost/ledger/fact.ts';
import type { ServiceScope } from '../../service/service-scope.ts';

/** Kinds of facts that change what stands. What a replica did and who was sighted do not. */
export const standingKinds = [
  'device-appeared',
  'layout-changed',
  'device-gone',
  'claim-began',
  'claim-changed',
  'claim-role',
  'gap-began',
  'gap-ended',
  'reservation-began',
  'reservation-ended',
  'scaling-decided',
] as const satisfies readonly LedgerFact['kind'][];

/** A claim that has not ended. */
export interface StandingClaim {
  readonly began: ClaimBegan;
  /** The first time that it was ready, and its last change; null where there is none. */
  readonly ready: ClaimChanged | null;
  readonly last: ClaimChanged | null;
  readonly role: ClaimRole | null;
}

interface StandingDevice {
  readonly appeared: DeviceAppeared;
  readonly layout: LayoutChanged | null;
}

/**
 * What stands by the facts so far: devices that are there, claims that have not ended, open gaps and reservations, the last
 * decision of each service. Whoever knows these facts can derive all hours after them.
 */
export class StandingFacts {
  readonly devices = new Map<string, StandingDevice>();
  readonly claims = new Map<string, StandingClaim>();
  /** Names of claims by service and environment of their owner. */
  readonly #claimsOf = new Map<string, Set<string>>();
  readonly gaps = new Map<string, GapBegan>();
  readonly reservations = new Map<string, ReservationBegan>();
  /** By service and environment. */
  readonly decisions = new Map<string, ScalingDecided>();

  /** Takes a fact in. A fact that came before changes nothing. */
  apply(fact: LedgerFact): void {
    switch (fact.kind) {
      case 'device-appeared':
        this.devices.set(fact.device, { appeared: fact, layout: null });
        return;
      case 'layout-changed': {
        const device = this.devices.get(fact.device);
        if (device !== undefined) this.devices.set(fact.device, { ...device, layout: fact });
        return;
      }
      case 'device-gone':
        if (this.devices.get(fact.device)?.appeared.pool === fact.pool) this.devices.delete(fact.device);
        return;
      case 'claim-began':
        this.#begin(fact);
        return;
      case 'claim-changed':
        this.#change(fact);
        return;
      case 'claim-role': {
        const claim = this.claims.get(fact.claim);
        if (claim !== undefined) this.claims.set(fact.claim, { ...claim, role: fact });
        return;
      }
      case 'gap-began':
        this.gaps.set(fact.gap, fact);
        return;
      case 'gap-ended':
        this.gaps.delete(fact.gap);
        return;
      case 'reservation-began':
        this.reservations.set(fact.reservation, fact);
        return;
      case 'reservation-ended':
        this.reservations.delete(fact.reservation);
        return;
      case 'scaling-decided':
        this.decisions.set(scopeKey(fact), fact);
        return;
      case 'work-account':
      case 'holder-sighted':
      case 'use-measured':
        return;
    }
  }

  /** Claims of a service in an environment that have not ended. */
  claimsOf(scope: ServiceScope): readonly StandingClaim[] {
    const names = this.#claimsOf.get(scopeKey(scope)) ?? [];
    return [...names].flatMap((name) => this.claims.get(name) ?? []);
  }

  #begin(fact: ClaimBegan): void {
    if (this.claims.get(fact.claim)?.began.id === fact.id) return;
    this.claims.set(fact.claim, { began: fact, ready: null, last: null, role: null });
    if (fact.owner === null) return;
    const key = scopeKey(fact.owner);
    const own = this.#claimsOf.get(key) ?? new Set<string>();
    own.add(fact.claim);
    this.#claimsOf.set(key, own);
  }

  #change(fact: ClaimChanged): void {
    const claim = this.claims.get(fact.claim);
    if (claim === undefined) return;
    if (fact.state === 'ended') {
      this.claims.delete(fact.claim);
      if (claim.began.owner !== null) this.#claimsOf.get(scopeKey(claim.began.owner))?.delete(fact.claim);
    } else
      this.claims.set(fact.claim, {
        ...claim,
        ready: claim.ready ?? (fact.state === 'ready' ? fact : null),
        last: fact,
      });
  }

  /** Returns the facts that stand, as they were recorded: a checkpoint says them again. */
  list(): readonly LedgerFact[] {
    const facts: (LedgerFact | null)[] = [];
    for (const { appeared, layout } of this.devices.values()) facts.push(appeared, layout);
    for (const { began, ready, last, role } of this.claims.values())
      facts.push(began, ready, ready?.id === last?.id ? null : last, role);
    facts.push(...this.gaps.values(), ...this.reservations.values(), ...this.decisions.values());
    return facts.filter((fact) => fact !== null);
  }
}

/** Key of a service in an environment. */
export const scopeKey = ({ service, environment }: ServiceScope): string => JSON.stringify([service, environment]);

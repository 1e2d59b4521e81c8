import type { LedgerWindow } from '../row.ts';
import type { PlacedFact } from './place-facts.ts';

/**
 * Returns the facts that the rows of a window rest on, in order: what a store has to read for it. The rows from these are those
 * from all facts.
 *
 * | fact | kept |
 * |---|---|
 * | of a claim | all of a claim that a fact at or after the window's beginning is of, or that has no end |
 * | account, measurement, sighting | those that end after the beginning |
 * | gap, reservation | those without an end before the beginning |
 * | of a device | all of a device that is there at the beginning, and all later ones |
 * | scaling decision | the last one before the beginning, and all later ones |
 */
export function selectFacts(placed: readonly PlacedFact[], { fromMs }: LedgerWindow): readonly PlacedFact[] {
  const standing = readStanding(placed, fromMs);
  return placed.filter((fact) => {
    if (fact.atMs > fromMs) return true;
    switch (fact.kind) {
      case 'claim-began':
      case 'claim-changed':
      case 'claim-role':
        return standing.claims.has(fact.claim);
      case 'work-account':
      case 'holder-sighted':
      case 'use-measured':
        return false;
      case 'gap-began':
        return standing.gaps.has(fact.gap);
      case 'reservation-began':
        return standing.reservations.has(fact.reservation);
      case 'gap-ended':
      case 'reservation-ended':
        return false;
      case 'device-appeared':
      case 'layout-changed':
      case 'device-gone':
        return standing.devices.has(fact.device);
      case 'scaling-decided':
        return standing.decisions.get(JSON.stringify([fact.service, fact.environment])) === fact.id;
    }
  });
}

interface Standing {
  readonly claims: Set<string>;
  readonly gaps: Set<string>;
  readonly reservations: Set<string>;
  readonly devices: Set<string>;
  readonly decisions: Map<string, string>;
}

/** What stands at a time, or is told of later. */
function readStanding(placed: readonly PlacedFact[], fromMs: number): Standing {
  const claims = new Set<string>();
  const gaps = new Set<string>();
  const reservations = new Set<string>();
  const decisions = new Map<string, string>();
  const places = new Map<string, string>();
  const pools = new Map<string, Set<string>>();
  for (const fact of placed) {
    const isLater = fact.atMs > fromMs;
    if (fact.kind === 'claim-began') claims.add(fact.claim);
    else if (fact.kind === 'claim-changed' || fact.kind === 'claim-role' || fact.kind === 'work-account') {
      if (isLater) claims.add(fact.claim);
      else if (fact.kind === 'claim-changed' && fact.state === 'ended') claims.delete(fact.claim);
    } else if (isLater) continue;
    else if (fact.kind === 'gap-began') gaps.add(fact.gap);
    else if (fact.kind === 'gap-ended') gaps.delete(fact.gap);
    else if (fact.kind === 'reservation-began') reservations.add(fact.reservation);
    else if (fact.kind === 'reservation-ended') reservations.delete(fact.reservation);
    else if (fact.kind === 'scaling-decided') {
      decisions.set(JSON.stringify([fact.service, fact.environment]), fact.id);
    } else if (fact.kind === 'device-appeared') {
      const there = pools.get(fact.device) ?? new Set<string>();
      pools.set(fact.device, there.add(fact.pool));
      const place = JSON.stringify([fact.node, fact.place]);
      const before = fact.place === null ? undefined : places.get(place);
      if (before !== undefined && before !== fact.device) pools.delete(before);
      if (fact.place !== null) places.set(place, fact.device);
    } else if (fact.kind === 'device-gone') {
      pools.get(fact.device)?.delete(fact.pool);
    }
  }
  const devices = new Set([...pools].filter(([, there]) => there.size > 0).map(([device]) => device));
  return { claims, gaps, reservations, devices, decisions };
}

import { findPreflightObjection } from '../../pool/preflight/preflight-objection.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import type { ServiceDemands } from '../compatibility.ts';
import { platformObjection } from './node-platform.ts';

export interface NodeObjection {
  readonly verdict: 'fail' | 'unknown';
  readonly reason: string;
}

/** What labels and preflight of a node say against a service, whatever its CPU can do; the worse of both, null where neither has any. */
export function nodeObjection(node: NodeFacts, demands: ServiceDemands, takenAtMs: number): NodeObjection | null {
  const platform = platformObjection(node, demands.image);
  const preflight = preflightObjection(node, demands, takenAtMs);
  return preflight !== null && platform?.verdict !== 'fail' && (platform === null || preflight.verdict === 'fail')
    ? preflight
    : platform;
}

/** What `hardware.preflight` has against a node; `facts` is null for the node that a declared class stands for. */
export function preflightObjection(
  facts: NodeFacts | null,
  { hardware }: ServiceDemands,
  takenAtMs: number,
): NodeObjection | null {
  const maxAgeMs = hardware.preflightMaxAgeMs;
  if (maxAgeMs === undefined) return null;
  if (facts === null) return { verdict: 'unknown', reason: 'a declared class has no preflight' };
  return findPreflightObjection(facts, maxAgeMs, takenAtMs);
}

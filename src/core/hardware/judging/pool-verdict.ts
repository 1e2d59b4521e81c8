import { combineVerdicts, type Verdict } from '../../units/verdict.ts';
import type { NodeVerdict, ServiceDemands } from '../compatibility.ts';
import type { PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';

/** Most nodes that a reason names one by one. */
const mostNamed = 10;

/**
 * The pool by its nodes. A node on which nothing is placed does not decide; when that is all of them, the pool fails.
 * A pool without nodes and without declared classes, or with none that the selector admits, is unknown.
 */
export function poolVerdict(
  nodes: readonly NodeVerdict[],
  { nodes: all, declared, pool }: PoolSnapshot,
  { selector, hardware }: ServiceDemands,
): { readonly verdict: Verdict; readonly reasons: readonly string[] } {
  if (nodes.length === 0)
    return { verdict: 'unknown', reasons: [nobody(all.length + declared.length, pool, selector)] };
  const landing = nodes.filter(({ cannotLand }) => cannotLand !== true);
  const idle = nodes.length - landing.length;
  const without = `${idle} of ${nodes.length} nodes hand out fewer than ${hardware.devices} devices: nothing is placed there`;
  if (landing.length === 0) {
    const each = nodes.slice(0, mostNamed).map(({ node, reason }) => `${node}: ${reason}`);
    return { verdict: 'fail', reasons: nodes.length === 1 ? each : [without, ...each] };
  }
  const verdict = combineVerdicts(landing.map((node) => node.verdict));
  const doubtful = landing
    .filter((node) => node.verdict !== 'pass')
    .sort((a, b) => Number(b.verdict === 'fail') - Number(a.verdict === 'fail'));
  const named = doubtful.slice(0, mostNamed).map((node) => `${node.node}: ${node.verdict}: ${node.reason}`);
  const more = doubtful.length > mostNamed ? [`${doubtful.length - mostNamed} more nodes do not pass`] : [];
  const passing =
    doubtful.length === 0
      ? [`${landing.length === 1 ? 'the one node passes' : `all ${landing.length} nodes pass`}`]
      : [];
  return { verdict, reasons: [...passing, ...named, ...more, ...(idle > 0 ? [without] : [])] };
}

function nobody(count: number, pool: string, selector: Readonly<Record<string, string>>): string {
  if (count === 0) {
    return `pool ${pool} has neither facts of nodes nor declared classes: plimsoll pool snapshot ${pool} SOURCE..., or plimsoll pool declare ${pool} --help`;
  }
  const asked = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  return `the selector (${asked}) admits none of the ${count} nodes of pool ${pool}`;
}

import type { Verdict } from '../../units/verdict.ts';
import type { NodeVerdict, PoolVerdict } from '../compatibility.ts';
import { decidingFinding } from '../verdict-words.ts';

/** What a change of facts does to each node of a pool. */
export interface VerdictDiff {
  /** Pass before, fail after. */
  readonly breaks: readonly NodeChange[];
  /** Pass before, not known after. */
  readonly lost: readonly NodeChange[];
  /** Anything else before, pass after. */
  readonly freed: readonly NodeChange[];
  readonly same: number;
}

export interface NodeChange {
  readonly node: string;
  readonly from: Verdict;
  readonly to: Verdict;
  /** What decides afterwards. */
  readonly because: string;
}

/** `cannotLand` counts as fail: nothing can be placed there. */
export function diffVerdicts(before: PoolVerdict, after: PoolVerdict): VerdictDiff {
  const old = new Map(verdictUnits(before).map((node) => [node.node, node]));
  const breaks: NodeChange[] = [];
  const lost: NodeChange[] = [];
  const freed: NodeChange[] = [];
  let same = 0;
  for (const node of verdictUnits(after)) {
    const from = old.get(node.node)?.verdict ?? 'unknown';
    const change = { node: node.node, from, to: node.verdict, because: becauseOf(node, after) };
    if (from === 'pass' && node.verdict === 'fail') breaks.push(change);
    else if (from === 'pass' && node.verdict !== 'pass') lost.push(change);
    else if (from !== 'pass' && node.verdict === 'pass') freed.push(change);
    else same += 1;
  }
  return { breaks, lost, freed, same };
}

type Unit = Pick<NodeVerdict, 'node' | 'verdict' | 'reason' | 'devices'>;

/** Nodes; for a pool that only declares classes the pool itself. */
function verdictUnits(verdict: PoolVerdict): readonly Unit[] {
  if (verdict.nodes.length === 0) {
    return [{ node: `pool ${verdict.pool}`, verdict: verdict.verdict, reason: verdict.reasons[0] ?? '', devices: [] }];
  }
  return verdict.nodes.map((node) => (node.cannotLand === true ? { ...node, verdict: 'fail' as const } : node));
}

function becauseOf({ verdict, reason, devices }: Unit, { classes }: PoolVerdict): string {
  if (verdict === 'pass') return reason;
  const device = devices.find((one) => one.verdict === verdict) ?? devices.find((one) => one.verdict !== 'pass');
  const ofClass = device === undefined ? undefined : classes[device.deviceClass];
  return (ofClass === undefined ? null : decidingFinding(ofClass))?.message ?? reason;
}

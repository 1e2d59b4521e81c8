import { combineVerdicts, type Verdict } from '../../units/verdict.ts';
import type { ServiceDemands } from '../compatibility.ts';
import { CpuVerdicts } from './judge-cpu-pool.ts';
import { askNodes, countNode, isIdle, isSelected, type NodeCount } from './judge-node.ts';
import { nodeObjection, type NodeObjection } from './node-objection.ts';
import type { PoolOptions } from './judge-pool.ts';
import { judgeUnits } from './judge-units.ts';
import type { PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';
import { PoolUnits } from './pool-units.ts';
import { prepareService, type PreparedService } from './prepare-service.ts';

/** `verify --every`: one cell of services x pools, small enough for thousands of them. */
export interface EveryCell {
  readonly service: string;
  readonly environment: string;
  readonly pool: string;
  readonly verdict: Verdict;
  /** One sentence: how many nodes do, and which does not. */
  readonly reason: string;
  readonly restsOnDeclared: boolean;
  readonly nodes: { readonly [kind in Verdict | 'leftOut' | 'cannotLand']: number };
  /** Names of failing nodes and unknown ones, failing ones first; at most ten. */
  readonly worstNodes: readonly string[];
}

const mostNamed = 10;

/** All services against all pools, in the order of services, then pools. `verifyPool` explains one cell. */
export function judgeEvery(
  demands: readonly ServiceDemands[],
  snapshots: readonly PoolSnapshot[],
  options: PoolOptions = {},
): readonly EveryCell[] {
  const pools = snapshots.map((snapshot) => ({ snapshot, units: new PoolUnits(snapshot.nodes, snapshot.declared) }));
  return demands.flatMap((one) => {
    if (one.hardware.accelerator === 'cpu') return pools.map(({ snapshot }) => cpuCell(one, snapshot));
    const service = prepareService(one);
    return pools.map(({ snapshot, units }) => cell(service, snapshot, units, options));
  });
}

/** What the nodes of a pool add up to, one at a time. */
class Tally {
  readonly counts = { pass: 0, fail: 0, inconclusive: 0, unknown: 0, leftOut: 0, cannotLand: 0 };
  restsOnDeclared = false;
  readonly #failing: string[] = [];
  readonly #unknown: string[] = [];

  add(name: string, verdict: Verdict, cannotLand: boolean): void {
    if (cannotLand) {
      this.counts.cannotLand += 1;
      return;
    }
    this.counts[verdict] += 1;
    const names = verdict === 'fail' ? this.#failing : verdict === 'unknown' ? this.#unknown : null;
    if (names !== null && names.length < mostNamed) names.push(name);
  }

  cell({ service, environment }: ServiceDemands, pool: string): EveryCell {
    const { pass, fail, inconclusive, unknown, cannotLand, leftOut } = this.counts;
    const landing = pass + fail + inconclusive + unknown;
    const verdict = landing > 0 ? combineVerdicts(this.#verdicts()) : cannotLand > 0 ? 'fail' : 'unknown';
    const worstNodes = [...this.#failing, ...this.#unknown].slice(0, mostNamed);
    const left = leftOut > 0 ? `, ${leftOut} left out` : '';
    const reason =
      landing > 0
        ? `${pass} of ${landing} nodes pass, ${fail} fail, ${unknown} not known${left}`
        : cannotLand > 0
          ? `none of ${cannotLand} nodes has enough devices${left}`
          : leftOut > 0
            ? `the selector admits none of ${leftOut} nodes`
            : 'the pool has neither facts of nodes nor declared classes';
    return {
      service,
      environment,
      pool,
      verdict,
      reason,
      restsOnDeclared: this.restsOnDeclared,
      nodes: this.counts,
      worstNodes,
    };
  }

  #verdicts(): readonly Verdict[] {
    return (['pass', 'fail', 'inconclusive', 'unknown'] as const).filter((verdict) => this.counts[verdict] > 0);
  }
}

function cell(service: PreparedService, snapshot: PoolSnapshot, pool: PoolUnits, options: PoolOptions): EveryCell {
  const { demands } = service;
  const question = askNodes(demands, pool, judgeUnits(service, pool), snapshot.takenAtMs, options);
  const tally = new Tally();
  for (const node of pool.nodes) {
    if (!isSelected(node.labels, demands.selector)) {
      tally.counts.leftOut += 1;
      continue;
    }
    const count: NodeCount = countNode(question, node);
    tally.add(node.name, count.verdict, isIdle(count));
    tally.restsOnDeclared ||= node.declared;
  }
  return tally.cell(demands, snapshot.pool);
}

const cpuVerdict = (judged: Verdict | undefined, objection: NodeObjection | null): Verdict =>
  judged === 'fail' ? judged : (objection?.verdict ?? judged ?? 'unknown');

function cpuCell(demands: ServiceDemands, snapshot: PoolSnapshot): EveryCell {
  const judged = new CpuVerdicts(demands);
  const tally = new Tally();
  for (const node of snapshot.nodes) {
    if (!isSelected(node.labels, demands.selector)) tally.counts.leftOut += 1;
    else
      tally.add(
        node.name,
        cpuVerdict(judged.of(node)?.verdict, nodeObjection(node, demands, snapshot.takenAtMs)),
        false,
      );
  }
  for (const { deviceClass, labels } of snapshot.declared) {
    if (deviceClass.accelerator !== 'cpu') continue;
    if (!isSelected(labels, demands.selector)) {
      tally.counts.leftOut += 1;
      continue;
    }
    const { arch, model } = deviceClass;
    const cpu = { architecture: arch, model, cores: null, features: null };
    tally.add(`declared ${model}`, judged.of({ cpu })?.verdict ?? 'unknown', false);
    tally.restsOnDeclared = true;
  }
  return tally.cell(demands, snapshot.pool);
}

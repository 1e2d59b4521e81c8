import type { Compatibility } from '../contract/contract.ts';
import type { Verdict } from '../units/verdict.ts';
import type { PoolNode, PoolUnits } from './pool-units.ts';
import type { ServiceDemands } from './compatibility.ts';
import { architectureOf } from './rules/cpu-rules.ts';
import { bySeverity } from './rules/outcome.ts';
import type { UnitFacts } from './rules/unit-facts.ts';
import { gpuOf } from './tables/gpus.ts';

/**
 * A node by its units.
 *
 * | units | choice | verdict |
 * |---|---|---|
 * | fewer than are asked for | | fail, and nothing lands there: it does not decide the pool |
 * | enough that pass | each | pass |
 * | enough that pass or are not known | each | unknown |
 * | all of one kind pass, and are enough | any | pass: whichever is free does |
 * | none of one kind fails, and they are enough | any | unknown |
 * | anything else | | fail |
 *
 * A kind is what a pod can ask for by name: boards, or MIG instances of one profile.
 */
export interface NodeCount {
  readonly verdict: Verdict;
  readonly because:
    'units' | 'too-few' | 'devices-unknown' | 'devices-incomplete' | 'architecture' | 'architecture-unknown';
  readonly units: number;
  readonly pass: number;
  readonly unknown: number;
  readonly choice: 'each' | 'any';
}

/** The verdict of each severity under the contract's `allow`; worked out once for a service. */
export type VerdictBySeverity = readonly Verdict[];

export function choiceOf(node: PoolNode, asked: 'each' | 'any' | undefined): 'each' | 'any' {
  if (asked !== undefined) return asked;
  const { facts } = node;
  if (facts === null || facts.source === 'resource-slice') return 'each';
  return (facts.allocatable['nvidia.com/gpu'] ?? 0) + (facts.allocatable['nvidia.com/gpu.shared'] ?? 0) > 0
    ? 'any'
    : 'each';
}

/** How a node's CPU is told: by its facts, by the label that every kubelet sets, by a board that is soldered to one. */
export function nodeArchitecture({ facts, labels }: PoolNode): string | null {
  const told = facts?.cpu?.architecture ?? labels['kubernetes.io/arch'] ?? null;
  if (told !== null) return architectureOf(told);
  const soldered = facts?.devices?.map(({ product }) => gpuOf(product)?.hostArchitecture).find((each) => each != null);
  return soldered ?? null;
}

export interface NodeQuestion {
  readonly demands: ServiceDemands;
  readonly pool: PoolUnits;
  /** By `judgeUnits`. */
  readonly severities: Uint8Array;
  readonly verdicts: VerdictBySeverity;
  readonly deviceChoice: 'each' | 'any' | undefined;
  /** What to take for nodes whose source does not tell. */
  readonly architecture: string | undefined;
}

export function countNode(question: NodeQuestion, node: PoolNode): NodeCount {
  const count = countUnits(question, node);
  return count.verdict === 'fail' || node.classes === null ? count : withArchitecture(question, node, count);
}

/** An image for another architecture does not start on the node, whatever its devices are. A declared class has no CPU. */
function withArchitecture({ demands, architecture }: NodeQuestion, node: PoolNode, count: NodeCount): NodeCount {
  if (demands.image === null) return count;
  const told = nodeArchitecture(node) ?? architecture ?? null;
  if (told === null) return node.declared ? count : { ...count, verdict: 'unknown', because: 'architecture-unknown' };
  const fits = architectureOf(told) === architectureOf(demands.image.platform.architecture);
  return fits ? count : { ...count, verdict: 'fail', because: 'architecture' };
}

function countUnits({ demands, pool, severities, verdicts, deviceChoice }: NodeQuestion, node: PoolNode): NodeCount {
  const choice = choiceOf(node, deviceChoice);
  const { classes } = node;
  if (classes === null)
    return { verdict: 'unknown', because: 'devices-unknown', units: 0, pass: 0, unknown: 0, choice };
  const need = demands.hardware.devices;
  let units = 0;
  let pass = 0;
  let unknown = 0;
  for (const classId of classes) {
    const one = pool.classes[classId];
    if (one === undefined) continue;
    for (let unit = one.firstUnit; unit < one.firstUnit + one.unitCount; unit += 1) {
      if (pool.units[unit]?.kind === 'empty') continue;
      const verdict = verdicts[severities[unit] as number];
      units += 1;
      if (verdict === 'pass') pass += 1;
      else if (verdict === 'unknown') unknown += 1;
    }
  }
  const incomplete = node.facts?.unknown['devices'] !== undefined;
  const counted = { units, pass, unknown, choice };
  if (units < need) {
    return incomplete
      ? { ...counted, verdict: 'unknown', because: 'devices-incomplete' }
      : { ...counted, verdict: 'fail', because: 'too-few' };
  }
  const verdict =
    choice === 'each' || pass === units
      ? enough(pass, unknown, need)
      : ofKinds(kindsOf(classes, pool, severities, verdicts), need);
  return verdict === 'pass' && incomplete && choice === 'any'
    ? { ...counted, verdict: 'unknown', because: 'devices-incomplete' }
    : { ...counted, verdict, because: 'units' };
}

const enough = (pass: number, unknown: number, need: number): Verdict =>
  pass >= need ? 'pass' : pass + unknown >= need ? 'unknown' : 'fail';

interface KindCount {
  units: number;
  pass: number;
  unknown: number;
}

function kindsOf(
  classes: Int32Array,
  pool: PoolUnits,
  severities: Uint8Array,
  verdicts: VerdictBySeverity,
): readonly KindCount[] {
  const kinds = new Map<string, KindCount>();
  for (const classId of classes) {
    const one = pool.classes[classId];
    if (one === undefined) continue;
    for (let unit = one.firstUnit; unit < one.firstUnit + one.unitCount; unit += 1) {
      const facts = pool.units[unit];
      if (facts === undefined || facts.kind === 'empty') continue;
      const key = facts.kind === 'instance' ? `mig ${facts.profile}` : 'board';
      const kind = kinds.get(key) ?? { units: 0, pass: 0, unknown: 0 };
      kinds.set(key, kind);
      const verdict = verdicts[severities[unit] as number];
      kind.units += 1;
      if (verdict === 'pass') kind.pass += 1;
      else if (verdict === 'unknown') kind.unknown += 1;
    }
  }
  return [...kinds.values()];
}

function ofKinds(kinds: readonly KindCount[], need: number): Verdict {
  const large = kinds.filter(({ units }) => units >= need);
  if (large.some(({ units, pass }) => pass === units)) return 'pass';
  return large.some(({ units, pass, unknown }) => pass + unknown === units) ? 'unknown' : 'fail';
}

/** One sentence on a node. `compatibilities` are those of its units, in order. */
export function nodeReason(count: NodeCount, node: PoolNode, demands: ServiceDemands, problem: string | null): string {
  const need = demands.hardware.devices;
  const why = problem === null ? '' : `: ${problem}`;
  switch (count.because) {
    case 'devices-unknown':
      return `its devices are not known: ${node.facts?.unknown['devices'] ?? 'the source does not tell'}`;
    case 'devices-incomplete':
      return `not every device is known: ${node.facts?.unknown['devices'] ?? 'the source does not tell'}`;
    case 'too-few':
      return `${devices(count.units)}, and ${need} asked for: nothing is placed here`;
    case 'architecture':
      return `the image is for ${demands.image?.platform.architecture}, the node is ${nodeArchitecture(node) ?? 'another'}`;
    case 'architecture-unknown':
      return `the architecture of its CPU is not known, and the image is for ${demands.image?.platform.architecture} (uname -m, or plimsoll probe on the node)`;
    case 'units':
      return `${unitsSentence(count, need)}${why}`;
  }
}

function unitsSentence({ units, pass, unknown, choice, verdict }: NodeCount, need: number): string {
  const asked = `${need} asked for`;
  if (choice === 'any' && verdict !== 'pass' && pass + unknown >= need) {
    const bad = units - pass;
    return `${pass} of ${units} devices do, and the device plugin hands out any of them: ${bad} ${verdict === 'fail' ? 'do not' : 'may not'}`;
  }
  if (verdict === 'unknown') return `${pass} of ${units} devices do, ${unknown} are not known, ${asked}`;
  return `${pass} of ${units} devices do, ${asked}`;
}

const devices = (count: number): string =>
  count === 0 ? 'no accelerator' : count === 1 ? '1 device' : `${count} devices`;

/** `GPU 0`, `GPU 0 / 1g.10gb #2`: instances are numbered within their profile. */
export function unitNames(index: number, units: readonly UnitFacts[]): readonly string[] {
  const seen = new Map<string, number>();
  return units.map(({ kind, profile }) => {
    if (kind !== 'instance') return `GPU ${index}`;
    const name = profile ?? 'MIG instance';
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    return `GPU ${index} / ${name} #${number}`;
  });
}

export const compatibilityAt = (severities: Uint8Array, unit: number): Compatibility =>
  bySeverity[severities[unit] ?? 3] ?? 'unknown';

/** Labels that the selector names, with the values that it names. */
export function isSelected(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>>,
): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}

import type { Compatibility } from '../../contract/contract.ts';
import type { Verdict } from '../../units/verdict.ts';
import { mostOfAnyKind, mostOfKind, type HandedOut } from '../../pool/handed-out.ts';
import type { PoolNode, PoolUnits } from './pool-units.ts';
import type { ServiceDemands } from '../compatibility.ts';
import { preflightObjection } from './node-objection.ts';
import { verdictOf } from './judge-device.ts';
import { architectureOf, lackingOnNode, neededFlags } from '../rules/cpu-rules.ts';
import { instructionNeedsOf, lackedNeed, type InstructionNeed, type LackedNeed } from '../rules/instruction-needs.ts';
import { bySeverity } from '../rules/outcome.ts';
import type { UnitFacts } from '../rules/unit-facts.ts';
import { factCommands } from '../tables/fact-commands.ts';

/**
 * A node by its units.
 *
 * | units | choice | verdict |
 * |---|---|---|
 * | fewer than are asked for | | fail, and nothing lands there: it does not decide the pool |
 * | enough, and fewer are allocatable | | fail, and nothing lands there either |
 * | enough that pass | each | pass |
 * | enough that pass or are not known | each | unknown |
 * | all of one kind pass, and are enough | any | pass: whichever is free does |
 * | none of one kind fails, and they are enough | any | unknown |
 * | anything else | | fail |
 *
 * A kind is what a pod can ask for by name: boards, or MIG instances of one profile. A kind of which fewer are allocatable
 * than are asked for is none.
 */
export interface NodeCount {
  readonly verdict: Verdict;
  readonly because:
    | 'units'
    | 'too-few'
    | 'not-handed-out'
    | 'os'
    | 'devices-unknown'
    | 'devices-incomplete'
    | 'architecture'
    | 'instructions'
    | 'instructions-unknown'
    | 'instructions-used'
    | 'fabric-unknown'
    | 'architecture-unknown'
    | 'preflight';
  readonly units: number;
  readonly pass: number;
  readonly unknown: number;
  readonly choice: 'each' | 'any';
}

/** The verdict of each severity under the contract's `allow`; worked out once for a service. */
export type VerdictBySeverity = readonly Verdict[];

export interface NodeQuestion {
  readonly demands: ServiceDemands;
  readonly pool: PoolUnits;
  /** By `judgeUnits`. */
  readonly severities: Uint8Array;
  readonly verdicts: VerdictBySeverity;
  readonly deviceChoice: 'each' | 'any' | undefined;
  /** Flags of the CPU that the service needs (see `neededFlags`). */
  readonly flags: readonly string[];
  /** What the image uses beside them. */
  readonly needs: readonly InstructionNeed[];
  /** Architecture of the image; null where the code is a command. */
  readonly needed: string | null;
  /** What to take for nodes whose source does not tell. */
  readonly architecture: string | undefined;
  /** When the facts of the pool were taken. */
  readonly takenAtMs: number;
}

export function askNodes(
  demands: ServiceDemands,
  pool: PoolUnits,
  severities: Uint8Array,
  takenAtMs: number,
  { deviceChoice, architecture }: { readonly deviceChoice?: 'each' | 'any'; readonly architecture?: string },
): NodeQuestion {
  const { image, hardware } = demands;
  return {
    demands,
    pool,
    severities,
    verdicts: bySeverity.map((compatibility) => verdictOf(compatibility, hardware.allow)),
    deviceChoice,
    flags: neededFlags(demands),
    needs: instructionNeedsOf(demands),
    needed: image === null ? null : architectureOf(image.platform.architecture),
    architecture: architecture === undefined ? undefined : architectureOf(architecture),
    takenAtMs,
  };
}

/** Called a million times for a fleet: no intermediate objects. */
export function countNode(question: NodeQuestion, node: PoolNode): NodeCount {
  const { demands, severities, verdicts, deviceChoice } = question;
  const choice = deviceChoice ?? (node.handedOut === null ? 'each' : 'any');
  const { units } = node;
  if (units === null) return { verdict: 'unknown', because: 'devices-unknown', units: 0, pass: 0, unknown: 0, choice };
  const need = demands.hardware.devices;
  let pass = 0;
  let unknown = 0;
  for (const unit of units) {
    const verdict = verdicts[severities[unit] as number];
    if (verdict === 'pass') pass += 1;
    else if (verdict === 'unknown') unknown += 1;
  }
  let verdict = 'fail' as Verdict;
  let because: NodeCount['because'] = 'units';
  if (node.handedOut !== null && mostHandedOut(node.handedOut, node) < need) because = 'not-handed-out';
  else if (units.length < need) {
    because = node.devicesUnread === null ? 'too-few' : 'devices-incomplete';
    if (because === 'devices-incomplete') verdict = 'unknown';
  } else if (choice === 'each') verdict = enough(pass, unknown, need);
  else verdict = node.boardsOnly ? allOf(units.length, pass, unknown) : ofKinds(kindsOf(question, node, units), need);
  if (verdict === 'pass' && choice === 'any' && node.devicesUnread !== null) {
    verdict = 'unknown';
    because = 'devices-incomplete';
  }
  if (verdict !== 'fail' && !osFits(question, node)) {
    verdict = 'fail';
    because = 'os';
  }
  if (verdict !== 'fail') {
    const fits = architectureFits(question, node);
    if (fits === false) {
      verdict = 'fail';
      because = 'architecture';
    } else if (fits === null && verdict === 'pass') {
      verdict = 'unknown';
      because = 'architecture-unknown';
    }
  }
  if (verdict !== 'fail' && question.flags.length > 0 && !node.declared) {
    const lacking = lackingOnNode(question.flags, node.facts?.cpu?.features ?? null);
    if (lacking === null) {
      if (verdict === 'pass') because = 'instructions-unknown';
      verdict = 'unknown';
    } else if (lacking.length > 0) {
      verdict = 'fail';
      because = 'instructions';
    }
  }
  if (verdict !== 'fail' && question.needs.length > 0 && !node.declared) {
    const lacked = lackedNeed(question.needs, node.facts?.cpu?.features ?? null);
    if (lacked !== null && (verdict === 'pass' || lacked.need.without === 'incompatible')) {
      verdict = lacked.need.without === 'incompatible' ? 'fail' : 'unknown';
      because = 'instructions-used';
    }
  }
  if (verdict === 'pass' && node.fabricUnread) {
    verdict = 'unknown';
    because = 'fabric-unknown';
  }
  if (demands.hardware.preflightMaxAgeMs !== undefined && verdict !== 'fail') {
    const objection = preflightObjection(node.facts, demands, question.takenAtMs);
    if (objection !== null && (objection.verdict === 'fail' || verdict === 'pass')) {
      verdict = objection.verdict;
      because = 'preflight';
    }
  }
  return { verdict, because, units: units.length, pass, unknown, choice };
}

/** What is counted as nothing that can be placed, so that it does not decide the pool. */
export const isIdle = ({ because }: NodeCount): boolean => because === 'too-few' || because === 'not-handed-out';

const mostHandedOut = (handedOut: HandedOut, { boardsOnly }: PoolNode): number =>
  boardsOnly ? handedOut.boards : mostOfAnyKind(handedOut);

/** A node that says of itself that it runs Windows starts no Linux image. */
const osFits = ({ demands }: NodeQuestion, { os }: PoolNode): boolean =>
  os === null || demands.image === null || os === demands.image.platform.os;

/** An image for another architecture does not start on the node, whatever its devices are. A declared class has no CPU. */
function architectureFits({ needed, architecture }: NodeQuestion, node: PoolNode): boolean | null {
  if (needed === null) return true;
  const told = node.architecture ?? architecture ?? null;
  if (told === null) return node.declared ? true : null;
  return told === needed;
}

const enough = (pass: number, unknown: number, need: number): Verdict =>
  pass >= need ? 'pass' : pass + unknown >= need ? 'unknown' : 'fail';

const allOf = (units: number, pass: number, unknown: number): Verdict =>
  pass === units ? 'pass' : pass + unknown === units ? 'unknown' : 'fail';

interface KindCount {
  /** Not counting those that are kept back. */
  readonly most: number;
  units: number;
  pass: number;
  unknown: number;
}

function kindsOf(
  { pool, severities, verdicts }: NodeQuestion,
  { handedOut }: PoolNode,
  units: Int32Array,
): readonly KindCount[] {
  const kinds = new Map<string, KindCount>();
  for (const unit of units) {
    const facts = pool.units[unit];
    const profile = facts?.kind === 'instance' ? facts.profile : null;
    const key = facts?.kind === 'instance' ? `mig ${profile}` : 'board';
    const most = handedOut === null ? Infinity : mostOfKind(handedOut, profile);
    const kind = kinds.get(key) ?? { most, units: 0, pass: 0, unknown: 0 };
    kinds.set(key, kind);
    const verdict = verdicts[severities[unit] as number];
    kind.units += 1;
    if (verdict === 'pass') kind.pass += 1;
    else if (verdict === 'unknown') kind.unknown += 1;
  }
  return [...kinds.values()];
}

/** One kind that does is enough: a pod asks for it by name. */
function ofKinds(kinds: readonly KindCount[], need: number): Verdict {
  const verdicts = kinds
    .filter(({ units, most }) => Math.min(units, most) >= need)
    .map(({ units, pass, unknown }) => allOf(units, pass, unknown));
  return verdicts.includes('pass') ? 'pass' : verdicts.includes('unknown') ? 'unknown' : 'fail';
}

/** One sentence on a node; `problem` is what the first of its devices that does not pass lacks. */
export function nodeReason(
  count: NodeCount,
  node: PoolNode,
  { demands, takenAtMs, needs }: NodeQuestion,
  problem: string | null,
): string {
  const need = demands.hardware.devices;
  const why = problem === null ? '' : `: ${problem}`;
  switch (count.because) {
    case 'devices-unknown':
      return `its devices are not known: ${node.devicesUnread ?? 'the source does not tell'}`;
    case 'devices-incomplete':
      return `not every device is known: ${node.devicesUnread ?? 'the source does not tell'}`;
    case 'too-few':
      return `${devices(count.units)}, and ${need} asked for: nothing is placed here${unlistedText(node)}`;
    case 'not-handed-out':
      return `${mostHandedOut(node.handedOut ?? nothing, node)} of its ${devices(count.units)} are allocatable, and ${need} asked for: nothing is placed here`;
    case 'os':
      return `the image is for ${demands.image?.platform.os}, the node runs ${node.os}`;
    case 'architecture':
      return `the image is for ${demands.image?.platform.architecture}, the node is ${node.architecture ?? 'another'}`;
    case 'architecture-unknown':
      return `the architecture of its CPU is not known${(node.facts?.cpu ?? null) === null ? '' : ', or told in two ways'}, and the image is for ${demands.image?.platform.architecture} (uname -m, or plimsoll probe on the node)`;
    case 'preflight':
      return preflightObjection(node.facts, demands, takenAtMs)?.reason ?? 'its preflight';
    case 'instructions': {
      const lacking = lackingOnNode(neededFlags(demands), node.facts?.cpu?.features ?? null) ?? [];
      return `a library of the service uses ${lacking.join(' ')}, which the CPU of the node lacks`;
    }
    case 'instructions-unknown':
      return `the flags of its CPU were not read, and a library of the service uses ${neededFlags(demands).join(' ')} (grep -m1 flags /proc/cpuinfo on the node)`;
    case 'instructions-used':
      return usedReason(lackedNeed(needs, node.facts?.cpu?.features ?? null));
    case 'fabric-unknown':
      return `it holds a whole baseboard behind NVSwitches, and the state of the fabric was not read: ${factCommands.fabric.command}`;
    case 'units':
      return `${unitsSentence(count, need)}${why}`;
  }
}

/** What the PCI bus shows besides. */
function unlistedText({ facts }: PoolNode): string {
  const boards = facts?.unlisted ?? [];
  return boards.length === 0 ? '' : `; the driver does not list what the PCI bus shows: ${boards.join(', ')}`;
}

const usedReason = (lacked: LackedNeed | null): string => {
  if (lacked === null) return 'the CPU of the node';
  const { need, lacking } = lacked;
  return need.without === 'incompatible'
    ? `${need.of} uses ${lacking.join(' ')}, which the CPU of the node lacks`
    : `${need.of} may use ${lacking.join(' ')}, which the CPU of the node lacks: ${factCommands['image.instructions'].command}`;
};

function unitsSentence({ units, pass, unknown, choice, verdict }: NodeCount, need: number): string {
  const asked = `${need} asked for`;
  if (choice === 'any' && verdict !== 'pass' && pass + unknown >= need) {
    const bad = units - pass;
    return `${pass} of ${units} devices do, and the device plugin hands out any of them: ${bad} ${verdict === 'fail' ? 'do not' : 'may not'}`;
  }
  if (verdict === 'unknown') return `${pass} of ${units} devices do, ${unknown} are not known, ${asked}`;
  return `${pass} of ${units} devices do, ${asked}`;
}

const nothing: HandedOut = { boards: 0, profiles: null };

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

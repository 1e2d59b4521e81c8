import type { Verdict } from '../units/verdict.ts';
import type { DeviceVerdict, Finding, NodeVerdict, PoolVerdict } from './compatibility.ts';

/** How many devices and nodes of a pool are of one class. */
export interface ClassCount {
  readonly verdict: DeviceVerdict;
  readonly nodes: number;
  readonly devices: number;
}

const worstFirst: Readonly<Record<Verdict, number>> = { fail: 0, unknown: 1, inconclusive: 2, pass: 3 };

/**
 * Every class of the verdict with its counts: failing ones first, then those of most devices.
 * @param isThere false for a node that only stands for a declared class.
 */
export function countClasses(
  { classes, nodes }: PoolVerdict,
  isThere: (node: string) => boolean = () => true,
): readonly ClassCount[] {
  const counts = new Map(Object.keys(classes).map((digest) => [digest, { nodes: 0, devices: 0 }]));
  for (const node of nodes.filter((one) => isThere(one.node))) {
    const seen = new Set<string>();
    for (const { deviceClass } of node.devices) {
      const count = counts.get(deviceClass);
      if (count === undefined) continue;
      count.devices += 1;
      if (!seen.has(deviceClass)) count.nodes += 1;
      seen.add(deviceClass);
    }
  }
  return Object.entries(classes)
    .map(([digest, verdict]) => ({ verdict, ...(counts.get(digest) ?? { nodes: 0, devices: 0 }) }))
    .sort(
      (a, b) =>
        worstFirst[a.verdict.verdict] - worstFirst[b.verdict.verdict] ||
        b.devices - a.devices ||
        (a.verdict.description < b.verdict.description ? -1 : 1),
    );
}

/** Nodes that are placed on and do not pass, failing ones first. */
export function nodesInDoubt({ nodes }: PoolVerdict): readonly NodeVerdict[] {
  return nodes
    .filter(({ verdict, cannotLand }) => cannotLand !== true && verdict !== 'pass')
    .sort((a, b) => worstFirst[a.verdict] - worstFirst[b.verdict]);
}

/** The finding that decides; a class that has no objection is decided by what it was found to be. */
export function decidingFinding({ findings, compatibility }: DeviceVerdict): Finding | null {
  const deciding = findings.filter(({ weight }) => weight === 'deciding');
  return deciding.find((one) => one.compatibility === compatibility) ?? deciding[0] ?? null;
}

/** A snapshot of the machine that a command runs on carries this name, and is spoken of in the singular. */
export const machinePool = 'this machine';

/** The verdict as one sentence, which says how much of the pool it speaks of. */
export function verdictSentence(verdict: PoolVerdict): string {
  const what = `${verdict.service} in ${verdict.environment}`;
  const declared = verdict.restsOnDeclared ? ', resting on declared classes' : '';
  const reason = verdict.reasons[0] ?? '';
  const doubtful = nodesInDoubt(verdict);
  const failing = doubtful.filter((node) => node.verdict === 'fail').length;
  switch (verdict.verdict) {
    case 'pass':
      return `pass: ${what} runs on ${allOf(verdict)}${declared}`;
    case 'fail':
      return failing === 0
        ? `fail: ${what} does not run on ${placeOf(verdict)}: ${reason}${declared}`
        : `fail: ${what} does not run on ${partOf(failing, verdict)}${declared}`;
    case 'inconclusive':
    case 'unknown':
      return doubtful.length === 0
        ? `${verdict.verdict}: whether ${what} runs on ${placeOf(verdict)} is not known: ${reason}`
        : `${verdict.verdict}: whether ${what} runs on ${partOf(doubtful.length, verdict)} is not known${declared}`;
  }
}

const placeOf = ({ pool }: PoolVerdict): string => (pool === machinePool ? machinePool : `pool ${pool}`);
const landingNodes = ({ nodes }: PoolVerdict): number => nodes.filter(({ cannotLand }) => cannotLand !== true).length;

function allOf(verdict: PoolVerdict): string {
  const nodes = landingNodes(verdict);
  if (verdict.pool === machinePool || nodes === 0) return placeOf(verdict);
  return nodes === 1 ? `the one node of ${placeOf(verdict)}` : `all ${grouped(nodes)} nodes of ${placeOf(verdict)}`;
}

function partOf(count: number, verdict: PoolVerdict): string {
  const nodes = landingNodes(verdict);
  if (verdict.pool === machinePool) return machinePool;
  if (nodes === 1) return `the one node of ${placeOf(verdict)}`;
  return `${count === nodes ? 'any' : grouped(count)} of ${grouped(nodes)} nodes of ${placeOf(verdict)}`;
}

/** What reading the warnings of all classes comes to: each message once, with the classes that it speaks of. */
export function warningsOf({
  classes,
}: PoolVerdict): readonly { readonly finding: Finding; readonly of: readonly string[] }[] {
  const found = new Map<string, { finding: Finding; of: string[] }>();
  for (const { description, findings } of Object.values(classes)) {
    for (const finding of findings.filter(({ weight }) => weight === 'warning')) {
      const key = `${finding.rule} ${finding.message}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { finding, of: [description] });
      else known.of.push(description);
    }
  }
  return [...found.values()];
}

/** `12,500`: a pool of ten thousand nodes is read by people. */
export const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
export const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

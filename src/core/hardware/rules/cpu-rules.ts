import type { ImageFacts } from '../../image/image-facts.ts';
import type { CpuFacts } from '../../pool/node-facts.ts';
import { architectureNames, cpuLevels, runtimePlatforms } from '../tables/cpu-levels.ts';
import { contractSource, found, notKnown, type Found } from './finding.ts';
import { unreadReason, type Demands } from './service-facts.ts';

/** `x64`, `x86_64` and `amd64` are one; what no table names stands for itself. */
export const architectureOf = (name: string): string => architectureNames[name] ?? name;

const ociPlatform = {
  title: 'OCI image specification, platform of a manifest',
  url: 'https://github.com/opencontainers/image-spec/blob/main/image-index.md',
  date: '2026-11',
};

/** An image of another architecture does not start. Null where the code is a command: see `commandArchitecture`. */
export function imageArchitecture(image: ImageFacts, architecture: string | null): Found {
  const rule = 'cpu-architecture';
  if (architecture === null)
    return notKnown(rule, 'cpu.architecture', `the image is for ${image.platform.architecture}`);
  const own = architectureOf(architecture);
  const needed = architectureOf(image.platform.architecture);
  const fits = own === needed;
  return found({
    rule,
    compatibility: fits ? 'native' : 'incompatible',
    message: `the image is for ${needed}, the node is ${own}`,
    facts: { image: needed, node: own },
    source: ociPlatform,
    fix: fits ? undefined : `pin the image for linux/${own}, or leave nodes that are ${own} out by the selector`,
  });
}

/** A command brings no image: it runs where its pinned runtime is shipped for. */
function commandArchitecture({ runtime }: Demands, architecture: string | null): Found {
  const rule = 'cpu-architecture';
  const shipped = runtimePlatforms.find((platform) => runtime[platform.runtime] !== undefined);
  if (shipped === undefined) {
    return notKnown(rule, 'image', 'the code is a command, and the lock pins no runtime that the tables know');
  }
  if (architecture === null) return notKnown(rule, 'cpu.architecture');
  const own = architectureOf(architecture);
  const fits = shipped.architectures.includes(own);
  return found({
    rule,
    compatibility: fits ? 'native' : 'incompatible',
    message: `${shipped.runtime} ${runtime[shipped.runtime]} is shipped for ${shipped.architectures.join(' and ')}, the node is ${own}`,
    facts: { runtime: shipped.runtime, node: own },
    source: shipped.source,
    fix: fits ? undefined : `nodes that are ${shipped.architectures.join(' or ')}`,
  });
}

/** The highest level of x86-64 whose flags, and those of every level below, are there; null below the first. */
export function levelOf(features: readonly string[]): number {
  const have = new Set(features);
  const short = cpuLevels.findIndex(({ flags }) => flags.some((flag) => !have.has(flag)));
  return (short === -1 ? cpuLevels.length : short) - 1;
}

/** A library that was built for a level stops with an illegal instruction below it. */
export function imageCpuLevel(image: ImageFacts, features: readonly string[] | null): Found {
  const rule = 'cpu-features';
  const unread = unreadReason(image, 'cpuLevel');
  if (unread !== null) return notKnown(rule, 'image.cpuLevel', unread);
  const index = cpuLevels.findIndex(({ level }) => level === image.cpuLevel?.level);
  const source = cpuLevels[0]?.source ?? '';
  if (image.cpuLevel === null || index === 0 || architectureOf(image.platform.architecture) !== 'amd64') {
    return found({
      rule,
      compatibility: 'native',
      message: 'no library of the image says that it needs more than the base of its architecture',
      facts: { needed: image.cpuLevel?.level ?? 'none stated' },
      source,
    });
  }
  const { level, path } = image.cpuLevel;
  if (index === -1) return notKnown(rule, 'image.cpuLevel', `${path} names ${level}, which no table knows`);
  if (features === null) return notKnown(rule, 'cpu.features', `${path} needs ${level}`);
  const fits = levelOf(features) >= index;
  const lacking = cpuLevels
    .slice(0, index + 1)
    .flatMap(({ flags }) => flags.filter((flag) => !features.includes(flag)));
  return found({
    rule,
    compatibility: fits ? 'native' : 'incompatible',
    message: fits
      ? `${path} needs ${level}, and the CPU has it`
      : `${path} needs ${level}, and the CPU lacks ${lacking.join(' ')}`,
    facts: { needed: level, lacking: lacking.join(' ') },
    source,
    fix: fits
      ? undefined
      : `nodes with ${level}, or an image built for ${cpuLevels[levelOf(features)]?.level ?? 'an older level'}`,
  });
}

/**
 * Flags of /proc/cpuinfo that the service needs of its node: those of the level that a library of the image says it needs, and
 * those that the contract names. Empty where neither says anything.
 */
export function neededFlags({ image, hardware }: Pick<Demands, 'image' | 'hardware'>): readonly string[] {
  const level = image?.cpuLevel?.level;
  const isX86 = image !== null && architectureOf(image.platform.architecture) === 'amd64';
  const index = cpuLevels.findIndex((one) => one.level === level);
  const flags = isX86 ? cpuLevels.slice(0, index + 1).flatMap((one) => one.flags) : [];
  return [...new Set([...flags, ...(hardware.instructions ?? [])])];
}

/** Flags that the CPU lacks; null where its flags were not read. */
const lackingFlags = (needed: readonly string[], features: readonly string[] | null): readonly string[] | null =>
  features === null ? null : needed.filter((flag) => !features.includes(flag));

const secondLevel = new Set(cpuLevels.slice(0, 2).flatMap(({ flags }) => flags));

/** As `lackingFlags`, of a node with accelerators: its CPU is younger than 2009, and has x86-64-v2 also where nobody read it. */
export const lackingOnNode = (
  needed: readonly string[],
  features: readonly string[] | null,
): readonly string[] | null =>
  features === null && needed.every((flag) => secondLevel.has(flag)) ? [] : lackingFlags(needed, features);

/** What the contract says that libraries use. Null where it says nothing. */
function statedInstructions({ hardware }: Demands, features: readonly string[] | null): Found | null {
  const rule = 'cpu-instructions';
  const needed = hardware.instructions ?? [];
  if (needed.length === 0) return null;
  const lacking = lackingFlags(needed, features);
  if (lacking === null) return notKnown(rule, 'cpu.features', `hardware.instructions asks for ${needed.join(' ')}`);
  const fits = lacking.length === 0;
  return found({
    rule,
    compatibility: fits ? 'native' : 'incompatible',
    message: fits
      ? `hardware.instructions asks for ${needed.join(' ')}, and the CPU has it`
      : `hardware.instructions asks for ${needed.join(' ')}, and the CPU lacks ${lacking.join(' ')}`,
    facts: { needed: needed.join(' '), lacking: lacking.join(' ') },
    source: contractSource,
    fix: fits ? undefined : `nodes with ${lacking.join(' ')}, or a build without them`,
  });
}

/** Everything that a node's CPU decides for a CPU service. */
export function cpuFindings(demands: Demands, cpu: Pick<CpuFacts, 'architecture' | 'features'>): readonly Found[] {
  const { image } = demands;
  const stated = statedInstructions(demands, cpu.features);
  const own =
    image === null
      ? [commandArchitecture(demands, cpu.architecture)]
      : [imageArchitecture(image, cpu.architecture), imageCpuLevel(image, cpu.features)];
  return stated === null ? own : [...own, stated];
}

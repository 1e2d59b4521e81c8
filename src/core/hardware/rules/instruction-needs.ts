import type { ImageFacts } from '../../image/image-facts.ts';
import {
  builderFlags,
  builtForOneCpuSource,
  isBuiltForOneCpu,
  ollamaRunner,
  ollamaRunnerSource,
  ollamaServer,
  ollamaServerFlags,
  ollamaServerSource,
  wheelInstructions,
} from '../tables/engines/wheel-instructions.ts';
import { citation } from '../tables/source.ts';
import { rowOf } from './engines/published-runtimes.ts';
import { versionOf } from './numbers.ts';
import { architectureOf } from './cpu-rules.ts';
import { found, notKnown, type Found } from './finding.ts';
import { distribution, type Demands } from './service-facts.ts';

/** What some part of a service uses of the CPU, beside what it states. */
export interface InstructionNeed {
  /** Flags of /proc/cpuinfo. */
  readonly flags: readonly string[];
  /** A distribution with its version, or the path of a library. */
  readonly of: string;
  readonly source: string;
  /** What a CPU without the flags is: `incompatible`, or `unknown` where the flags may be no demand. */
  readonly without: 'incompatible' | 'unknown';
}

const codeRead = 'machine code of the library';

/**
 * What the image uses of an x86-64 CPU and does not say in an ELF note.
 *
 * | part of the image | a CPU without the flags |
 * |---|---|
 * | a published wheel of the table | incompatible |
 * | programs of Ollama for a device, all in folders that name a flag | incompatible |
 * | the library of an older Ollama for a device, whose code was read to use a flag, or was not read | incompatible |
 * | a library that asks the CPU, or whose functions the loader chooses | anything goes: it is left out |
 * | a library that is built for one CPU (GGML), whose code was read | incompatible |
 * | such a library, whose code nobody read | unknown, for every flag that such a build may use |
 * | another library | anything goes: whoever opens it may ask the CPU (decision 135) |
 *
 * `hardware.instructions` goes before what was read of code, because whoever writes it knows. Needs that refuse stand first.
 */
export function instructionNeedsOf({
  image,
  hardware,
}: Pick<Demands, 'image' | 'hardware'>): readonly InstructionNeed[] {
  if (image === null || architectureOf(image.platform.architecture) !== 'amd64') return [];
  const own =
    hardware.instructions === undefined ? [...runnerNeeds(image), ...serverNeeds(image), ...codeNeeds(image)] : [];
  return [...publishedNeeds(image), ...own];
}

function publishedNeeds(image: ImageFacts): readonly InstructionNeed[] {
  return [...new Set(wheelInstructions.map((row) => row.distribution))].flatMap((name): readonly InstructionNeed[] => {
    const text = distribution(image, [name]);
    const version = versionOf(text);
    const rows = wheelInstructions.filter((one) => one.distribution === name);
    const row = version === null ? null : rowOf(rows, version);
    return row === null
      ? []
      : [{ flags: row.flags, of: `${name} ${text}`, source: citation(row.source), without: 'incompatible' }];
  });
}

const runner = new RegExp(ollamaRunner);

/** What the least demanding of several programs of Ollama for a device asks for; nothing where the folder of one asks for nothing. */
function runnerNeeds(image: ImageFacts): readonly InstructionNeed[] {
  const runners = image.libraries.flatMap(({ path }) => {
    const match = runner.exec(`/${path}`);
    return match === null ? [] : [{ path, flag: match.groups?.['flag'] ?? '' }];
  });
  const [least] = runners.toSorted((a, b) => a.flag.length - b.flag.length);
  if (least === undefined || least.flag === '') return [];
  const source = citation(ollamaRunnerSource);
  return [{ flags: [least.flag], of: least.path, source, without: 'incompatible' }];
}

const server = new RegExp(ollamaServer);

/** What the library of an older Ollama uses: its code where that was read, else that of its published build. */
function serverNeeds({ libraries, instructions }: ImageFacts): readonly InstructionNeed[] {
  const path = libraries.map((one) => one.path).find((one) => server.test(`/${one}`));
  if (path === undefined) return [];
  const read = instructions?.find((one) => one.path === path);
  const flags = instructions === undefined ? ollamaServerFlags : (read?.flags ?? []);
  return flags.length === 0 ? [] : [{ flags, of: path, source: citation(ollamaServerSource), without: 'incompatible' }];
}

function codeNeeds(image: ImageFacts): readonly InstructionNeed[] {
  if (image.instructions === undefined) {
    const fixed = image.libraries.find(({ path }) => isBuiltForOneCpu(path));
    const source = citation(builtForOneCpuSource);
    return fixed === undefined ? [] : [{ flags: builderFlags, of: fixed.path, source, without: 'unknown' }];
  }
  return image.instructions
    .filter(({ path, dispatches }) => !dispatches && isBuiltForOneCpu(path))
    .map(({ path, flags }) => ({ flags, of: path, source: codeRead, without: 'incompatible' }));
}

export interface LackedNeed {
  readonly need: InstructionNeed;
  readonly lacking: readonly string[];
}

/** The first need that a CPU with these flags does not meet; null where it meets all. Flags that nobody read, beside accelerators, meet all. */
export function lackedNeed(needs: readonly InstructionNeed[], features: readonly string[] | null): LackedNeed | null {
  if (features === null) return null;
  for (const need of needs) {
    const lacking = need.flags.filter((flag) => !features.includes(flag));
    if (lacking.length > 0) return { need, lacking };
  }
  return null;
}

/**
 * The same as a finding on a CPU service; null where the CPU meets all needs. Flags that nobody read are unknown here: a node without
 * accelerators may be older than AVX.
 */
export function instructionFinding(demands: Demands, features: readonly string[] | null): Found | null {
  const rule = 'cpu-used-instructions';
  const needs = instructionNeedsOf(demands);
  const [first] = needs;
  if (features === null) {
    return first === undefined ? null : notKnown(rule, 'cpu.features', `${first.of} uses ${first.flags.join(' ')}`);
  }
  const lacked = lackedNeed(needs, features);
  if (lacked === null) return null;
  const { need, lacking } = lacked;
  if (need.without === 'unknown') {
    return notKnown(rule, 'image.instructions', `${need.of} may use ${lacking.join(' ')}, which the CPU lacks`);
  }
  return found({
    rule,
    compatibility: 'incompatible',
    message: `${need.of} uses ${lacking.join(' ')}, which the CPU lacks`,
    facts: { needed: need.flags.join(' '), lacking: lacking.join(' ') },
    source: need.source,
    fix: `nodes with ${lacking.join(' ')}, or a build without them`,
  });
}

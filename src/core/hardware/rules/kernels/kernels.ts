import type { DeviceLibrary } from '../../../image/image-facts.ts';
import type { FactName } from '../../tables/fact-commands.ts';
import { cubinRuns, ptxCompiles } from './kernel-runs.ts';
import { isRequired, type LibraryGroup } from './library-groups.ts';
import { cudaNumber } from '../numbers.ts';
import { compilerKnows, type CodeOrigin } from './without-code.ts';

/**
 * What the libraries of an image hold for one compute capability.
 *
 * | answer | meaning |
 * |---|---|
 * | `there` | every group that is required has machine code, or PTX that can be compiled; what is loaded beside them counts |
 * | `missing` | a group that is required has neither: "no kernel image is available" |
 * | `unknown` | nothing is missing, and something could not be read |
 *
 * `jitCuda`: PTX up to this CUDA version must be compiled when it is loaded; 0 where machine code is there for all, null
 * where the version that wrote the PTX is not known. The path then says whether its compiler takes it (see `CudaPath`).
 */
export interface KernelAnswer {
  readonly answer: 'there' | 'missing' | 'unknown';
  readonly jitCuda: number | null;
  /** Groups that decide the answer; of `there` those that are compiled when they are loaded. */
  readonly limiting: readonly LibraryGroup[];
  /** Optional libraries without a kernel. */
  readonly without: readonly LibraryGroup[];
  readonly missing: FactName | null;
  /** No library is required: where the code comes from instead. What is compiled while a program runs may be PTX (see `jitCuda`), and may not. */
  readonly origin?: Exclude<CodeOrigin, 'hidden'>;
}

/** What stands in for device code where no library is required. */
export interface WithoutCode {
  readonly origin: CodeOrigin;
  /** See `cudaNumber`. */
  readonly toolkitCuda: number;
}

interface GroupAnswer {
  readonly group: LibraryGroup;
  readonly answer: KernelAnswer['answer'];
  readonly jitCuda: number | null;
}

export function decideKernels(
  groups: readonly LibraryGroup[],
  librariesKnown: boolean,
  capability: number | null,
  instead: WithoutCode,
): KernelAnswer {
  const isEmpty = !groups.some(isRequired);
  if (isEmpty && (instead.origin === 'hidden' || !librariesKnown)) return unknownKernels('image.libraries');
  if (capability === null) return unknownKernels('computeCapability');
  const answers = groups.map((group) => answerOf(group, capability));
  const required = answers.filter(({ group }) => isRequired(group));
  const without = answers
    .filter(({ group, answer }) => group.role?.role === 'optional' && answer === 'missing')
    .map(({ group }) => group);
  const of = (answer: KernelAnswer['answer']): readonly LibraryGroup[] =>
    required.filter((each) => each.answer === answer).map(({ group }) => group);
  if (isEmpty) return answerInstead(instead, capability, without);
  const lacking = of('missing');
  if (lacking.length > 0) return { answer: 'missing', jitCuda: 0, limiting: lacking, without, missing: null };
  const loaded = answers.filter(({ group }) => group.role?.loaded === true);
  const unread = [...of('unknown'), ...loaded.filter(({ answer }) => answer === 'unknown').map(({ group }) => group)];
  if (unread.length > 0 || !librariesKnown) {
    return { answer: 'unknown', jitCuda: 0, limiting: unread, without, missing: 'image.libraries' };
  }
  const compiled = [...required, ...loaded].filter(({ jitCuda }) => jitCuda !== 0);
  return {
    answer: 'there',
    jitCuda: newestOf(compiled),
    limiting: compiled.map(({ group }) => group),
    without,
    missing: null,
  };
}

/**
 * | code | the compiler knows the device | answer |
 * |---|---|---|
 * | comes from nowhere | | there: the driver decides alone |
 * | is compiled | yes | there, where the driver takes PTX of the toolkit |
 * | is compiled | no, or of no table | unknown: nobody tells what a program compiles |
 */
function answerInstead(
  { origin, toolkitCuda }: WithoutCode,
  capability: number,
  without: readonly LibraryGroup[],
): KernelAnswer {
  if (origin === 'nowhere') return { answer: 'there', jitCuda: 0, limiting: [], without, missing: null, origin };
  if (origin === 'hidden' || compilerKnows(toolkitCuda, capability) !== true) return unknownKernels('image.libraries');
  return { answer: 'there', jitCuda: toolkitCuda, limiting: [], without, missing: null, origin };
}

/** The newest PTX that must be compiled; null as soon as one is of a version that is not known. */
function newestOf(compiled: readonly GroupAnswer[]): number | null {
  return compiled.reduce<number | null>(
    (newest, { jitCuda }) => (newest === null || jitCuda === null ? null : Math.max(newest, jitCuda)),
    0,
  );
}

const unknownKernels = (missing: FactName): KernelAnswer => ({
  answer: 'unknown',
  jitCuda: 0,
  limiting: [],
  without: [],
  missing,
});

/** The best of the group's libraries: machine code, then the oldest PTX, then PTX of an unknown version. */
function answerOf(group: LibraryGroup, capability: number): GroupAnswer {
  const { libraries } = group;
  if (libraries.some(({ cubins }) => cubins.some((target) => cubinRuns(target, capability)))) {
    return { group, answer: 'there', jitCuda: 0 };
  }
  const compiled = libraries.filter(({ ptx }) => ptx.some((target) => ptxCompiles(target, capability)));
  if (compiled.length > 0) return { group, answer: 'there', jitCuda: oldestPtx(compiled) };
  const incomplete = libraries.some(({ unknown }) => unknown !== undefined);
  return { group, answer: incomplete ? 'unknown' : 'missing', jitCuda: 0 };
}

function oldestPtx(libraries: readonly DeviceLibrary[]): number | null {
  const written = libraries.flatMap(({ ptxCuda }) => cudaNumber(ptxCuda) ?? []);
  return written.length === 0 ? null : Math.min(...written);
}

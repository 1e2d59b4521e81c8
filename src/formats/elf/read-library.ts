import type { CompatNote, DeviceLibrary, LibraryFolders, LibraryInstructions } from '../../core/image/image-facts.ts';
import { isBuiltForOneCpu } from '../../core/hardware/tables/engines/wheel-instructions.ts';
import { isInjectedLibrary } from '../../core/hardware/tables/host/injected-libraries.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import type { DecompressZstd } from '../fatbin/image-payload.ts';
import { readCompatNote } from './compat-note.ts';
import { readCpuLevel } from './cpu-level.ts';
import { readDeviceCode } from './device-code.ts';
import { readElf, sectionBytes, sectionTypes, type ElfFile } from './elf-file.ts';
import { readDynamicNames } from './elf-dynamic.ts';
import { readNotes, type ElfNote } from './elf-notes.ts';
import { readVersionDefined, readVersionNeeded } from './glibc-version.ts';
import { readLoadAlignment } from './load-alignment.ts';
import { readInstructions } from './instruction-use.ts';
import { asksExecutableStack } from './stack-flag.ts';
import { readTorchAbi } from './torch-abi.ts';
import { readExportedVersions } from './exported-version.ts';

/** What one shared library (or program, or cubin) tells of itself. JSON-safe. */
export interface LibraryFound {
  /** Null when there is no device code inside, and every place where it could be was read. */
  readonly device: DeviceLibrary | null;
  readonly soname: string | null;
  /** SONAMEs of the libraries that it asks for, in file order. */
  readonly needed: readonly string[];
  /** Versions by component (`nccl`, `cufft`) where the library's own bytes tell them; file names are the caller's to read. */
  readonly versions: Readonly<Record<string, string>>;
  /** `.note.cuda.fwd_compatibility`; null when the section is not there or not readable (then `unknown` says why). */
  readonly compatNote: CompatNote | null;
  /** `x86-64-v3`, from `.note.gnu.property`; null when the library does not say. */
  readonly cpuLevel: string | null;
  /** Instruction sets that the code of a library for one CPU uses; null where none is above the base, or that cannot be told. */
  readonly instructions: LibraryInstructions | null;
  /** Largest page that a kernel for Arm can map it with, in bytes; null where every page will do. */
  readonly pageSize: number | null;
  /** Whether it asks for an executable stack. */
  readonly execStack: boolean;
  /** Name of a field of this object to the reason why it could not be read whole. */
  readonly unknown: Readonly<Record<string, string>>;
}

export interface LibraryOptions {
  /**
   * What a Zstandard frame holds, at most `maxBytes` of it; of a frame that is cut off its beginning. @throws when the bytes
   * are no such frame. It may also throw when they hold more: nothing here asks for less than it expects.
   */
  readonly decompressZstd: DecompressZstd;
  readonly signal?: { readonly aborted: boolean };
}

/**
 * Reads the ELF64 file at `path` of an image, in windows: memory stays at some MiB whatever the size, and of one image in the rarest case. Null for what is
 * no ELF64 file of little-endian order. Damage is never thrown: it is in `unknown`, with its reason.
 * @throws PlimsollError `reading-cancelled` (unavailable) when the signal was aborted; whatever `source.read` throws.
 */
export async function readLibrary(
  source: ByteSource,
  path: string,
  options: LibraryOptions,
): Promise<LibraryFound | null> {
  const elf = await readElf(source);
  if ('notOurs' in elf) return null;
  const device = await readDeviceCode(source, elf, path, options);
  if (options.signal?.aborted === true) throw cancelled(path);
  const { soname, needed, looksIn, damage } = await readDynamicNames(source, elf.sections);
  const compat = await readCompat(source, elf);
  return {
    device: device === null ? null : { ...withNeeds(device, needed, looksIn), ...(await neededVersions(source, elf)) },
    ...{ soname, needed },
    versions: {
      ...(await readExportedVersions(source, elf, soname)),
      ...(await ownVersions(source, elf, soname)),
    },
    compatNote: typeof compat === 'string' ? null : compat,
    cpuLevel: readCpuLevel(await notesOf(source, elf, '.note.gnu.property')),
    instructions: isBuiltForOneCpu(path) ? await readInstructions(source, elf, path) : null,
    pageSize: await readLoadAlignment(source),
    execStack: await asksExecutableStack(source),
    unknown: {
      ...(damage === undefined ? {} : { needed: damage }),
      ...(typeof compat === 'string' ? { compatNote: compat } : {}),
      ...(elf.damage === undefined ? {} : { sections: elf.damage }),
    },
  };
}

/** Versions of the C and of the C++ library, where the file is one of them. */
async function ownVersions(
  source: ByteSource,
  elf: ElfFile,
  soname: string | null,
): Promise<Readonly<Record<string, string>>> {
  if (soname === 'libc.so.6') return named('glibc', await readVersionDefined(source, elf, 'GLIBC'));
  if (soname === 'libstdc++.so.6') return named('glibcxx', await readVersionDefined(source, elf, 'GLIBCXX'));
  return {};
}

/** What the library is linked to, as its symbols tell it. */
async function neededVersions(
  source: ByteSource,
  elf: ElfFile,
): Promise<Pick<DeviceLibrary, 'glibc' | 'glibcxx' | 'torchAbi'>> {
  const torchAbi = await readTorchAbi(source, elf);
  return {
    ...named('glibc', await readVersionNeeded(source, elf, 'GLIBC')),
    ...named('glibcxx', await readVersionNeeded(source, elf, 'GLIBCXX')),
    ...(torchAbi === null ? {} : { torchAbi }),
  };
}

const named = (name: string, version: string | null): Readonly<Record<string, string>> =>
  version === null ? {} : { [name]: version };

/** Libraries of CUDA whose major version is part of their SONAME, and which do not stand in for one another. */
const cudaLibrary =
  /^lib(?:cudart|cublas|cublasLt|cudnn|cufft|curand|cusparse|cusolver|nvinfer|nccl|nvrtc|nvJitLink)\.so\.\d+$/;

function withNeeds(device: DeviceLibrary, needed: readonly string[], looksIn: LibraryFolders): DeviceLibrary {
  const needs = needed.filter((soname) => cudaLibrary.test(soname) || isInjectedLibrary(soname)).sort();
  return needs.length === 0 ? device : { ...device, needs, looksIn };
}

async function readCompat(source: ByteSource, elf: ElfFile): Promise<CompatNote | string | null> {
  const section = elf.sections.find(({ name }) => name === '.note.cuda.fwd_compatibility');
  return section === undefined ? null : readCompatNote(await sectionBytes(source, section, notesBytesAtMost));
}

const notesBytesAtMost = 64 * 1024;

async function notesOf(source: ByteSource, elf: ElfFile, name: string): Promise<readonly ElfNote[]> {
  const section = elf.sections.find((each) => each.name === name && each.type === sectionTypes.note);
  if (section === undefined) return [];
  return readNotes(await sectionBytes(source, section, notesBytesAtMost), section.alignBytes);
}

function cancelled(path: string): PlimsollError {
  return new PlimsollError({
    code: 'reading-cancelled',
    category: 'unavailable',
    message: `reading ${path} was cancelled`,
    next: 'run the command again',
  });
}

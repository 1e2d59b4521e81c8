import type { DeviceLibrary } from '../../core/image/image-facts.ts';
import { partOf, type ByteSource } from '../byte-source.ts';
import { ImageReader, type DecompressZstd } from '../fatbin/image-payload.ts';
import { ImageTally, type DeviceImages } from '../fatbin/image-tally.ts';
import { cudaOfPtx } from '../fatbin/ptx-isa.ts';
import { walkFatbins } from '../fatbin/walk-fatbins.ts';
import { deviceRanges } from './device-ranges.ts';
import { machines, type ElfFile } from './elf-file.ts';

export interface DeviceCodeOptions {
  readonly decompressZstd: DecompressZstd;
  readonly signal?: { readonly aborted: boolean } | undefined;
}

/** Cubins outside of fat binaries that are looked at. */
const bareCubinsAtMost = 4096;

/** Null where there is none. */
export async function readDeviceCode(
  source: ByteSource,
  elf: ElfFile,
  path: string,
  options: DeviceCodeOptions,
): Promise<DeviceLibrary | null> {
  return deviceLibraryOf(await readImages(source, elf, options), path, source.bytes, elf.damage);
}

/** Null where nothing was found; `damage` is what else may hide some. */
export function deviceLibraryOf(
  images: DeviceImages,
  path: string,
  bytes: number,
  damage?: string,
): DeviceLibrary | null {
  const { count, linkTimeCode, problems, cubins, ptx, ptxIsa } = images;
  if (count === 0 && linkTimeCode === 0 && problems.length === 0) return null;
  const ptxCuda = ptxIsa === null ? null : cudaOfPtx(ptxIsa);
  const reasons = reasonsOf(images, damage, ptxIsa !== null && ptxCuda === null ? ptxIsa : null);
  return {
    ...{ path, bytes, cubins, ptx },
    ...(ptxCuda === null ? {} : { ptxCuda }),
    ...(count === 0 ? {} : { compression: images.compression }),
    ...(reasons.length === 0 ? {} : { unknown: reasons.join('; ') }),
  };
}

function reasonsOf(
  { count, linkTimeCode, problems }: DeviceImages,
  damage: string | undefined,
  unknownIsa: string | null,
): readonly string[] {
  return [
    ...problems,
    ...(damage === undefined ? [] : [damage]),
    ...(count === 0 && linkTimeCode > 0 ? ['it holds only code for the linker at run time (LTO IR)'] : []),
    ...(unknownIsa === null ? [] : [`the CUDA version of PTX ISA ${unknownIsa} is not known`]),
  ];
}

async function readImages(source: ByteSource, elf: ElfFile, options: DeviceCodeOptions): Promise<DeviceImages> {
  const tally = new ImageTally(new ImageReader(source, options.decompressZstd));
  if (elf.machine === machines.cuda) {
    await tally.addCubin(source);
    return tally.finish();
  }
  const bareCubins: number[] = [];
  const cubinAt = (at: number): void => {
    if (bareCubins.length < bareCubinsAtMost) bareCubins.push(at);
  };
  for (const range of deviceRanges(elf, source.bytes)) await walkFatbins(source, range, tally, { ...options, cubinAt });
  // Beside fat binaries they are single kernels that a library loads for itself (attention in ONNX Runtime, for sm_70 too),
  // and promise nothing for the rest of it, nor beside a fat binary that could not be read.
  if (tally.isEmpty) for (const at of bareCubins) await tally.addCubin(partOf(source, at, source.bytes));
  return tally.finish();
}

import type { DeviceLibrary } from '../../core/image/image-facts.ts';
import { u32 } from '../byte-order.ts';
import type { ByteSource } from '../byte-source.ts';
import { deviceLibraryOf, type DeviceCodeOptions } from '../elf/device-code.ts';
import { fatbinMagic } from './fatbin-headers.ts';
import { ImageReader } from './image-payload.ts';
import { ImageTally } from './image-tally.ts';
import { ptxHeadBytes } from './ptx-text.ts';
import { walkFatbins } from './walk-fatbins.ts';

/**
 * Device code in a file of its own that is no ELF file: a fat binary, by its first bytes, or PTX, by the name. What is named
 * as device code and is neither is listed with that reason. Null for all else.
 */
export async function readLooseCode(
  source: ByteSource,
  path: string,
  options: DeviceCodeOptions,
): Promise<DeviceLibrary | null> {
  const tally = new ImageTally(new ImageReader(source, options.decompressZstd));
  const head = await source.read(0, ptxHeadBytes);
  if (head.length >= 4 && u32(head, 0) === fatbinMagic) {
    const whole = { start: 0, end: source.bytes, isDeclared: true };
    await walkFatbins(source, whole, tally, { ...options, cubinAt: () => undefined });
  } else if (path.endsWith('.ptx')) tally.addPtxText(head);
  else if (/\.(?:cubin|fatbin)$/.test(path)) tally.problem('it begins as no device code that is known');
  return deviceLibraryOf(await tally.finish(), path, source.bytes);
}

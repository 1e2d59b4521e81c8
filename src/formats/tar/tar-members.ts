import type { ByteSource } from '../byte-source.ts';
import { blockBytes, tarLimits, type TarEntry, type TarLimits } from './tar-entry.ts';
import { tarDamaged } from './tar-errors.ts';
import { paddedBytes, TarHeaders, type TarStep } from './tar-headers.ts';

export interface TarMember extends TarEntry {
  /** Where its content begins in the archive. */
  readonly offset: number;
}

/** Lists an archive by jumping from header to header: content is never read. @throws as TarReader. */
export async function* tarMembers(source: ByteSource, limits: TarLimits = tarLimits): AsyncGenerator<TarMember> {
  const headers = new TarHeaders(limits);
  let at = 0;
  let step: TarStep = { kind: 'block' };
  while (step.kind !== 'end') {
    if (step.kind === 'entry') {
      yield { ...step.entry, offset: at };
      at += paddedBytes(step.entry.bytes);
      if (at > source.bytes) throw tarDamaged(`${JSON.stringify(step.entry.path)} ends after the archive does`);
      step = { kind: 'block' };
    } else if (step.kind === 'meta') {
      const bytes = await exactly(source, at, step.bytes);
      at += paddedBytes(step.bytes);
      step = headers.meta(bytes);
    } else {
      if (at >= source.bytes && headers.mayEnd) return;
      step = headers.block(await exactly(source, at, blockBytes));
      at += blockBytes;
    }
  }
}

async function exactly(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes.length < length) throw tarDamaged('it ends in the middle of an entry');
  return bytes;
}

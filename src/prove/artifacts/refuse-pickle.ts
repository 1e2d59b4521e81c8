import { createGunzip, createInflate } from 'node:zlib';
import { PlimsollError } from '../../core/units/errors.ts';
import { detectPickle, detectPickleHead, hasPickleName } from '../../formats/pickle/detect-pickle.ts';
import type { FolderFile } from '../files/folder-files.ts';
import { withSourceFile, type SourceFile } from '../files/source-file.ts';

export interface PickledFile {
  readonly path: string;
  readonly why: string;
}

/** Every file that is a pickle by its name or by its bytes. */
export async function findPickles(files: readonly FolderFile[], signal: AbortSignal): Promise<readonly PickledFile[]> {
  const found: PickledFile[] = [];
  for (const file of files) {
    const seen = await withSourceFile(file, signal, (source) => pickleIn(source));
    const why = seen ?? pickleByName(file.path);
    if (why !== undefined) found.push({ path: file.path, why });
  }
  return found;
}

/** Why a name alone tells a pickle; undefined for one that does not. */
export const pickleByName = (name: string): string | undefined =>
  hasPickleName(name) ? 'its name is that of a pickle' : undefined;

/** @throws PlimsollError `model-pickled` (refused). */
export function refusePickles(pickles: readonly PickledFile[], given: string, next: string): void {
  const [first] = pickles;
  if (first === undefined) return;
  const others = pickles.length === 1 ? '' : ` (and ${pickles.length - 1} more)`;
  throw new PlimsollError({
    code: 'model-pickled',
    category: 'refused',
    message: `${given} is refused: ${first.path}${others} is pickled (${first.why}), and a pickle runs whatever program it holds on the machine that loads it`,
    next,
    details: { files: pickles.map(({ path }) => path) },
  });
}

async function pickleIn({ source }: SourceFile): Promise<string | null> {
  const seen = await detectPickle(source);
  if (seen !== null) return seen;
  const head = await source.read(0, 64 * 1024);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const isZlib = head[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(head[1] ?? 0);
  if (!isGzip && !isZlib) return null;
  const inside = detectPickleHead(await firstBytes(isGzip, head));
  return inside === null ? null : `${inside}, compressed`;
}

/** What can be unpacked of a beginning; none of what is no such stream. */
function firstBytes(isGzip: boolean, head: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const stream = isGzip ? createGunzip({ chunkSize: 4_096 }) : createInflate({ chunkSize: 4_096 });
    stream.once('data', (piece: Buffer) => {
      resolve(piece);
      stream.destroy();
    });
    stream.once('error', () => resolve(new Uint8Array()));
    stream.once('end', () => resolve(new Uint8Array()));
    stream.end(head);
  });
}

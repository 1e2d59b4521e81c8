import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** /proc/cpuinfo of 512 processors is 0.8 MB. */
const mostBytes = 4 * 1024 * 1024;
/** Most are shorter; each following part is twice as long. */
const firstBytes = 4 * 1024;

/** `isAbsent`, where it is true: no such file is there; a file that cannot be read may be. */
export type KernelText = { readonly text: string } | { readonly reason: string; readonly isAbsent?: true };

/** A file of /proc or /sys, whose size the kernel does not tell beforehand. */
export async function readKernelFile(file: string): Promise<KernelText> {
  try {
    const handle = await open(file, 'r');
    try {
      const chunks: Uint8Array[] = [];
      for (let [bytes, part] = [0, firstBytes]; bytes < mostBytes; part = Math.min(2 * part, 64 * 1024)) {
        const buffer = Buffer.allocUnsafe(part);
        const { bytesRead } = await handle.read(buffer, 0, part, null);
        if (bytesRead === 0) break;
        bytes += bytesRead;
        chunks.push(buffer.subarray(0, bytesRead));
      }
      return { text: Buffer.concat(chunks).toString('utf8') };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    return unread(file, thrown);
  }
}

/**
 * A file of a process or a thread that the kernel writes at once, from memory, waiting for nobody: `stat` and `schedstat`. It is read
 * without the pool of threads, which takes twenty times the processor time: of a busy machine that is hundreds of files a look.
 */
export function readProcessFile(file: string): KernelText {
  try {
    return { text: readFileSync(file, 'utf8') };
  } catch (thrown) {
    return unread(file, thrown);
  }
}

function unread(file: string, thrown: unknown): KernelText {
  const code = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
  if (code === 'ENOENT') return { reason: `${file} is not there`, isAbsent: true };
  return { reason: `${file} cannot be read (${code})` };
}

export const textOf = (read: KernelText): string | null => ('text' in read ? read.text.trim() : null);

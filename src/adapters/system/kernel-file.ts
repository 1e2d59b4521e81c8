import { open } from 'node:fs/promises';

/** /proc/cpuinfo of 512 processors is 0.8 MB. */
const mostBytes = 4 * 1024 * 1024;

export type KernelText = { readonly text: string } | { readonly reason: string };

/** A file of /proc or /sys, whose size the kernel does not tell beforehand. */
export async function readKernelFile(file: string): Promise<KernelText> {
  try {
    const handle = await open(file, 'r');
    try {
      const chunks: Uint8Array[] = [];
      for (let bytes = 0; bytes < mostBytes;) {
        const buffer = new Uint8Array(64 * 1024);
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) break;
        bytes += bytesRead;
        chunks.push(buffer.subarray(0, bytesRead));
      }
      return { text: Buffer.concat(chunks).toString('utf8') };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    return { reason: code === 'ENOENT' ? `${file} is not there` : `${file} cannot be read (${code})` };
  }
}

export const textOf = (read: KernelText): string | null => ('text' in read ? read.text.trim() : null);

import { existsSync, statSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ByteSource } from '../../formats/byte-source.ts';
import type { SiblingFile } from '../../formats/model-file/model-hardware-facts.ts';
import { fileProblem } from '../../prove/files/source-file.ts';

const depthAtMost = 3;
const filesAtMost = 5_000;

/**
 * The files beside a model and in the folders below, by name; each is opened when it is read, so that a large folder costs
 * no more than its listing. Links are followed, because caches of model hubs are made of them; one that leads nowhere is missing.
 */
export async function siblingsIn(folder: string, except: string, signal: AbortSignal): Promise<readonly SiblingFile[]> {
  const siblings: SiblingFile[] = [];
  const visit = async (location: string, prefix: string, depth: number): Promise<void> => {
    const entries = await readdir(location, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      if (siblings.length >= filesAtMost) return;
      const [file, name] = [path.join(location, entry.name), `${prefix}${entry.name}`];
      if (entry.name.startsWith('.') || file === except) continue;
      if (entry.isDirectory()) {
        if (depth < depthAtMost) await visit(file, `${name}/`, depth + 1);
      } else if (entry.isFile() || (entry.isSymbolicLink() && existsSync(file) && statSync(file).isFile())) {
        siblings.push({ path: name, source: fileSource(file, name, signal) });
      }
    }
  };
  await visit(folder, '', 1);
  return siblings;
}

function fileSource(location: string, shown: string, signal: AbortSignal): ByteSource {
  let bytes: number | null = null;
  return {
    get bytes() {
      return (bytes ??= statSync(location).size);
    },
    async read(offset, length) {
      signal.throwIfAborted();
      const handle = await open(location, 'r').catch((thrown: unknown) => fileProblem({ location, shown }, thrown));
      try {
        const buffer = new Uint8Array(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return buffer.subarray(0, filled);
      } finally {
        await handle.close();
      }
    },
  };
}

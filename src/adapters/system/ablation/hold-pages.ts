import { open } from 'node:fs/promises';

const [readable, shared, populated] = [0x1, 0x01, 0x8000];
/** So long that few calls are needed, and so short that it can be stopped between two. A multiple of every page size. */
const partBytes = 64 * 1024 * 1024;

/** Pages of files that stay in the page cache. */
export interface HeldPages {
  /** Reads and holds a file from its beginning. Returns whether all of it is held; false once `until` is aborted. */
  hold(file: string, until: AbortSignal): Promise<boolean>;
  /** Lets all go. What is no longer held stays in the cache until something drops it. */
  release(): void;
}

/**
 * Opens what keeps files in the page cache by mapping them: the kernel does not drop pages that a process has mapped when it is
 * advised to (`posix_fadvise`, `drop_caches`). They are not locked: where memory is short the kernel takes them as before, so that
 * no control group dies of it. The end of this process lets them go too. mmap(2), MAP_POPULATE. Null without such calls.
 */
export async function openHeldPages(): Promise<HeldPages | null> {
  const calls = await loadCalls();
  if (calls === null) return null;
  const held: { readonly address: number; readonly bytes: number }[] = [];
  return {
    async hold(file, until) {
      const handle = await open(file, 'r');
      try {
        const { size } = await handle.stat();
        for (let offset = 0; offset < size; offset += partBytes) {
          if (until.aborted) return false;
          const bytes = Math.min(partBytes, size - offset);
          const address = await calls.map(handle.fd, offset, bytes);
          if (address === null) return false;
          held.push({ address, bytes });
        }
        return true;
      } finally {
        await handle.close();
      }
    },
    release() {
      for (const { address, bytes } of held.splice(0)) calls.unmap(address, bytes);
    },
  };
}

interface MappingCalls {
  /** Null where the file system or the memory does not allow it. Reads the file meanwhile, on another thread. */
  map(fd: number, offset: number, bytes: number): Promise<number | null>;
  unmap(address: number, bytes: number): void;
}

async function loadCalls(): Promise<MappingCalls | null> {
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    const map = libc.func('mmap', 'int64', ['int64', 'size_t', 'int', 'int', 'int', 'int64']);
    const unmap = libc.func('munmap', 'int', ['int64', 'size_t']);
    return {
      map: (fd, offset, bytes) =>
        new Promise((resolve, reject) => {
          map.async(0, bytes, readable, shared | populated, fd, offset, (error: unknown, address: number | bigint) => {
            if (error !== null && error !== undefined) reject(error as Error);
            else resolve(Number(address) === -1 ? null : Number(address));
          });
        }),
      unmap: (address, bytes) => void unmap(address, bytes),
    };
  } catch {
    return null;
  }
}

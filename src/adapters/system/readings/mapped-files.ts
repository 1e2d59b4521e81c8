import { readKernelFile } from '../kernel-file.ts';

const filesAtMost = 50;
/** Programs and libraries are small, and the system needs them anyway: weights are what a start reads. */
const bytesAtLeast = 1024 * 1024;

/** Files that a process has mapped for reading, largest part first; programs and libraries left out. proc_pid_maps(5). */
export async function filesOfProcess(procFolder: string, pid: number): Promise<readonly string[]> {
  const read = await readKernelFile(`${procFolder}/${pid}/maps`);
  if ('reason' in read) return [];
  const bytesOf = new Map<string, number>();
  for (const line of read.text.split('\n')) {
    const found = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+\s+(\/.*)$/.exec(line);
    if (found === null) continue;
    const [, from = '', to = '', rights = '', file = ''] = found;
    if (rights.includes('x') || file.endsWith(' (deleted)') || /\.so(\.\d+)*$/.test(file)) continue;
    bytesOf.set(file, (bytesOf.get(file) ?? 0) + (parseInt(to, 16) - parseInt(from, 16)));
  }
  return [...bytesOf]
    .filter(([, bytes]) => bytes >= bytesAtLeast)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, filesAtMost)
    .map(([file]) => file);
}

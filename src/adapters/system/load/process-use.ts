import type { PhaseUse } from '../../../core/coldstart/phase-use.ts';
import { valueOrNull } from '../../../core/diagnosis/readings/reading.ts';
import { readKernelFile } from '../kernel-file.ts';
import { readFields } from '../readings/kernel-number.ts';

/**
 * Returns what this process has used since it began: bytes that a disk gave it (proc_pid_io(5), `read_bytes`), and processor time of the
 * calling thread. A number that this machine does not tell is left out. Never rejects.
 */
export async function readProcessUse(procFolder: string): Promise<Pick<PhaseUse, 'diskBytes' | 'threadMs'>> {
  const { user, system } = process.threadCpuUsage();
  const diskBytes = valueOrNull(readFields(await readKernelFile(`${procFolder}/self/io`))('read_bytes'));
  return { threadMs: (user + system) / 1_000, ...(diskBytes === null ? {} : { diskBytes }) };
}

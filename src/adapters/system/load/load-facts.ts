import type { LoadFacts } from '../../../ports/nodes/load-facts.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';
import { readProcessorTime } from './processor-time.ts';

/** https://docs.kernel.org/accounting/psi.html, https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export function makeLoadFacts(procFolder = '/proc', ownPid = process.pid): LoadFacts {
  const read = async (file: string): Promise<string> => textOf(await readKernelFile(`${procFolder}/${file}`)) ?? '';
  return {
    async read(pid) {
      const [status, cpus, cpu, memory, io] = await Promise.all([
        pid === null ? '' : read(`${pid}/status`),
        ...['cpuinfo', 'pressure/cpu', 'pressure/memory', 'pressure/io'].map(read),
      ]);
      const processor = pid === null ? null : await readProcessorTime(procFolder, [ownPid, pid]);
      const { user, system } = process.cpuUsage();
      const residentKib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
      return {
        ownProcessorMs: (user + system) / 1_000,
        residentBytes: residentKib === undefined ? null : Number(residentKib) * 1_024,
        clockMhz: meanOf([...(cpus ?? '').matchAll(/^cpu MHz\s*:\s*([\d.]+)$/gm)].map((match) => Number(match[1]))),
        processor,
        waitedMs: { cpu: waitedMs(cpu), memory: waitedMs(memory), io: waitedMs(io) },
      };
    },
  };
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=1234`, in microseconds. */
function waitedMs(text: string | undefined): number | null {
  const total = /^some .*total=(\d+)$/m.exec(text ?? '')?.[1];
  return total === undefined ? null : Number(total) / 1_000;
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { median } from '../median.ts';

export interface MemorySample {
  readonly requests: number;
  readonly residentBytes: number;
}

export interface MemoryResult {
  readonly name: string;
  readonly series: readonly MemorySample[];
  readonly limitBytes: number;
}

export interface MemoryJudgement {
  readonly name: string;
  readonly requests: number;
  readonly lastBytes: number;
  readonly largestBytes: number;
  readonly limitBytes: number;
  /** Median of the last quarter of the requests over that of the one before, less 1: 0.02 is 2% more. */
  readonly growthShare: number;
  readonly underLimit: boolean;
  readonly flat: boolean;
}

const flatShare = 0.05;

export function judge({ name, series, limitBytes }: MemoryResult): MemoryJudgement {
  const requests = series.at(-1)?.requests ?? 0;
  const between = (from: number, to: number): number => {
    const looks = series.filter(({ requests: sent }) => sent >= from * requests && sent <= to * requests);
    if (looks.length === 0)
      throw new Error(`${name}: too few looks at ${requests} requests to call it flat; send more`);
    return median(looks.map((sample) => sample.residentBytes));
  };
  const largestBytes = Math.max(...series.map((sample) => sample.residentBytes));
  const growthShare = between(0.75, 1) / between(0.5, 0.75) - 1;
  return {
    name,
    requests,
    lastBytes: series.at(-1)?.residentBytes ?? 0,
    largestBytes,
    limitBytes,
    growthShare,
    underLimit: largestBytes < limitBytes,
    flat: growthShare <= flatShare,
  };
}

/** Resident memory of a process, from the kernel. */
export function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout) * 1024;
  }
}

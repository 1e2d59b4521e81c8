import { hourMs } from '../ledger/row.ts';
import type { ChargedLedger } from '../prices/charge-rows.ts';

/** One allocation as OpenCost's `/allocation` gives it; money in the ledger's currency. */
export interface OpenCostAllocation {
  readonly name: string;
  readonly properties: {
    readonly cluster?: string;
    readonly namespace?: string;
    readonly controller?: string;
    readonly controllerKind?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly window: { readonly start: string; readonly end: string };
  readonly start: string;
  readonly end: string;
  readonly minutes: number;
  readonly cpuCores: number;
  readonly cpuCoreHours: number;
  readonly cpuCost: number;
  readonly gpuCount: number;
  readonly gpuHours: number;
  readonly gpuCost: number;
  readonly ramBytes: number;
  readonly ramByteHours: number;
  readonly ramCost: number;
  readonly networkCost: number;
  readonly pvCost: number;
  readonly sharedCost: number;
  readonly externalCost: number;
  readonly totalCost: number;
  /** Filled share of the time; 0 where nothing is filled, as OpenCost writes it. */
  readonly totalEfficiency: number;
}

export interface OpenCostAnswer {
  readonly code: 200;
  readonly data: readonly [Readonly<Record<string, OpenCostAllocation>>];
}

/** OpenCost's names for capacity that nobody uses, and for costs that nobody owns. */
const idleName = '__idle__';
const unallocatedName = '__unallocated__';

/**
 * Returns a ledger as an answer of OpenCost's `/allocation`, one allocation for each service and environment.
 *
 * | time | allocation |
 * |---|---|
 * | with an owner | `SERVICE/ENVIRONMENT`, in all of its states |
 * | unallocated, stranded, unused commitments | `__idle__` |
 * | other time without an owner | `__unallocated__` |
 *
 * OpenCost has whole nodes; here idle time of a replica stays its service's. Numbers are doubles, as the format has it: the exact
 * amounts are in the ledger.
 */
export function makeOpenCostAnswer(
  ledger: ChargedLedger,
  window: { readonly fromMs: number; readonly toMs: number },
  cluster: string,
): OpenCostAnswer {
  const sums = new Map<string, Sum>();
  const sumOf = (name: string, owner: Sum['owner']): Sum => {
    const known = sums.get(name);
    if (known !== undefined) return known;
    const sum = { owner, gpuMs: 0, coreMs: 0, filledMs: 0, gpuMicros: 0, coreMicros: 0 };
    sums.set(name, sum);
    return sum;
  };
  for (const { row, effectiveMicros } of ledger.charges) {
    const { owner, state, unit, computeMs } = row;
    const free = state === 'unallocated' || state === 'stranded' ? idleName : unallocatedName;
    const sum = sumOf(owner === null ? free : `${owner.service}/${owner.environment}`, owner);
    sum.filledMs += row.filledMs;
    if (unit === 'core') {
      sum.coreMs += computeMs;
      sum.coreMicros += effectiveMicros ?? 0;
    } else {
      sum.gpuMs += computeMs;
      sum.gpuMicros += effectiveMicros ?? 0;
    }
  }
  for (const { micros, unusedMs } of ledger.unused) {
    const sum = sumOf(idleName, null);
    sum.gpuMs += unusedMs;
    sum.gpuMicros += micros;
  }
  const names = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    code: 200,
    data: [Object.fromEntries(names.map(([name, sum]) => [name, makeAllocation(name, sum, window, cluster)]))],
  };
}

interface Sum {
  readonly owner: { readonly service: string; readonly environment: string; readonly team: string | null } | null;
  gpuMs: number;
  coreMs: number;
  filledMs: number;
  gpuMicros: number;
  coreMicros: number;
}

function makeAllocation(
  name: string,
  { owner, gpuMs, coreMs, filledMs, gpuMicros, coreMicros }: Sum,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  cluster: string,
): OpenCostAllocation {
  const [start, end] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const heldMs = gpuMs + coreMs;
  const labels = owner === null || owner.team === null ? {} : { labels: { team: owner.team } };
  return {
    name,
    properties:
      owner === null
        ? { cluster }
        : { cluster, namespace: owner.environment, controller: owner.service, controllerKind: 'service', ...labels },
    window: { start, end },
    start,
    end,
    minutes: (toMs - fromMs) / 60_000,
    cpuCores: coreMs / (toMs - fromMs),
    cpuCoreHours: coreMs / hourMs,
    cpuCost: coreMicros / 1_000_000,
    gpuCount: gpuMs / (toMs - fromMs),
    gpuHours: gpuMs / hourMs,
    gpuCost: gpuMicros / 1_000_000,
    ramBytes: 0,
    ramByteHours: 0,
    ramCost: 0,
    networkCost: 0,
    pvCost: 0,
    sharedCost: 0,
    externalCost: 0,
    totalCost: (gpuMicros + coreMicros) / 1_000_000,
    totalEfficiency: heldMs === 0 ? 0 : filledMs / heldMs,
  };
}

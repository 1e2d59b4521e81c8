import { fileURLToPath } from 'node:url';
import type { PreflightCheck } from '../../core/pool/preflight/preflight.ts';
import type { NodeTrials } from '../../ports/nodes/node-trials.ts';
import type { PageCache } from '../../ports/nodes/page-cache.ts';
import { tryDevices } from './device-trials.ts';
import { readNumaNodes } from './numa-nodes.ts';
import { runTrial } from './run-trial.ts';
import { tryStorage } from './storage-trial.ts';

export interface NodeTrialParts {
  /** `libcuda.so.1`, or a file. */
  readonly cudaLibrary: string;
  /** `/sys`. */
  readonly sys: string;
  readonly pageCache: Pick<PageCache, 'drop'>;
}

/** As the driver's package names it, on the search path of the dynamic linker. */
export const cudaLibraryName = 'libcuda.so.1';

const memoryWorker = fileURLToPath(new URL('./memory-worker.ts', import.meta.url));

/** Trials of this machine. Nothing of them stays: no file is written, and the memory that they take is that of processes that end. */
export function makeNodeTrials({ cudaLibrary, sys, pageCache }: NodeTrialParts): NodeTrials {
  return {
    async tryMemory(bounds) {
      const nodes = await readNumaNodes(sys);
      const { checks, failure } = await runTrial(memoryWorker, [JSON.stringify(nodes)], bounds);
      // Memory that is copied slowly is no fault: a check that did not end says nothing.
      const told = checks.map((check): PreflightCheck =>
        check.verdict === 'fail' ? { ...check, verdict: 'unknown' } : check,
      );
      if (told.length > 0 || failure === null) return told;
      return [{ kind: 'memory', of: nodes[0]?.name ?? '', verdict: 'unknown', reason: failure }];
    },
    tryStorage: (files, bounds) => tryStorage(files, pageCache, bounds),
    async tryDevices(devices, onBusy, bounds) {
      if (devices.length === 0) return [];
      return tryDevices(cudaLibrary, devices, await readNumaNodes(sys), onBusy, bounds);
    },
  };
}

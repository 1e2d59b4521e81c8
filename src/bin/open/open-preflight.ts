import { homedir } from 'node:os';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { nodeRoots } from '../../adapters/system/node/node-roots.ts';
import { makePageCache } from '../../adapters/system/page-cache.ts';
import { findPreflightFile, makePreflightRecord } from '../../adapters/system/preflight-record.ts';
import { cudaLibraryName, makeNodeTrials } from '../../adapters/trials/node-trials.ts';
import type { NodeTrials } from '../../ports/nodes/node-trials.ts';
import type { PreflightRecord } from '../../ports/nodes/preflight-record.ts';

export function openNodeTrials(): NodeTrials {
  return makeNodeTrials({ cudaLibrary: cudaLibraryName, sys: nodeRoots.sys, pageCache: makePageCache() });
}

export function openPreflightRecord(): PreflightRecord {
  const file = findPreflightFile(process.env, process.getuid?.() === 0, homedir());
  return makePreflightRecord({ file, proc: nodeRoots.proc, writeDurably });
}

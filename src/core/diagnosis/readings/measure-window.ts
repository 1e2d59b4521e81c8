import type { ServiceWindow, Waterfall } from '../waterfall/waterfall.ts';
import { hasRole, addCores, findBusiestThread, findLongestWait, measureThreads } from './read-threads.ts';
import { measureDevices } from './read-devices.ts';
import { measureNode } from './read-node.ts';
import { measureRequests, noGenerator, type GeneratorReadings } from './read-requests.ts';
import { listOrNone, type NodeSnapshot } from './node-snapshot.ts';
import { isRead, makeShare, makeUnknown, mapReading, type Reading } from './reading.ts';
import type { WindowReadings } from './window-readings.ts';

/** What was looked at beside the node. */
export interface WindowParts {
  readonly service: ServiceWindow | null;
  readonly waterfall: Waterfall | null;
  readonly generator: GeneratorReadings | null;
}

/**
 * All readings of the window between two looks at one node. A reading that a source does not tell is unknown with its reason.
 * The processor is the engine where the node has no accelerator; where its accelerators are unknown, it is taken to have one.
 */
export function measureWindow(before: NodeSnapshot, after: NodeSnapshot, parts: WindowParts): WindowReadings {
  const isOfCpu = 'list' in after.devices && listOrNone(after.devices).length === 0;
  const threads = measureThreads(before, after);
  const node = measureNode(before, after);
  const devices = measureDevices(before, after);
  const busiest = findBusiestThread(threads, isOfCpu);
  const requests = measureRequests(parts.service, parts.waterfall, parts.generator);
  return {
    windowMs: after.atMs - before.atMs,
    engine: isOfCpu ? 'cpu' : 'accelerator',
    ceilingsAtMs: after.measured.takenAtMs,
    measured: after.measured,
    words: {
      busiestThread: busiest.name,
      throttleReasons: devices.throttleReasons,
      busiestDisk: node.busiestDisk,
    },
    values: {
      ...node.values,
      ...devices.values,
      ...requests,
      busiestThreadShare: busiest.share,
      preprocessOfThreadShare: preprocessOfThread(parts.service, requests.preprocessTimeShare, busiest.share),
      threadWaitShare: findLongestWait(threads, 'replica'),
      generatorWaitShare: parts.generator === null ? noGenerator : findLongestWait(threads, 'generator'),
      quotaUseShare: quotaUse(after, addCores(threads, ['replica'])),
      coreUseShare: makeShare(addCores(threads, rolesOf(after)), after.cores, 'the node tells no cores'),
    },
  };
}

/** Of one replica: its preprocessing is taken to run on one thread. @param ofRequest unknown where the server contradicts the gateway. */
function preprocessOfThread(service: ServiceWindow | null, ofRequest: Reading, busiest: Reading): Reading {
  if (service === null) return makeUnknown('no service is looked at');
  const { server, windowMs, servers } = service;
  if (!isRead(ofRequest)) return ofRequest;
  const cores = mapReading(server.phasesMs.preprocess, (ms) => ms / (windowMs * Math.max(1, servers)));
  return makeShare(cores, busiest, 'the busiest thread does nothing');
}

function quotaUse({ quota }: NodeSnapshot, usedCores: Reading): Reading {
  if (quota.quotaCores === null) return makeUnknown('the replica has no quota');
  return makeShare(usedCores, quota.quotaCores, 'the quota is told as 0');
}

const rolesOf = (snapshot: NodeSnapshot): readonly ('replica' | 'gateway' | 'generator')[] =>
  (['replica', 'gateway', 'generator'] as const).filter((role) => hasRole(snapshot, role));

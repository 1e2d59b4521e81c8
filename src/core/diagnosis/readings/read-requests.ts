import { timeOfPhase, type ServiceWindow, type Waterfall } from '../waterfall/waterfall.ts';
import type { RequestPhase } from '../waterfall/request-phase.ts';
import { addReadings, combineReadings, isRead, makeShare, makeUnknown, mapReading, type Reading } from './reading.ts';
import type { Readings } from './window-readings.ts';

/** How the load generator kept its schedule. */
export interface GeneratorReadings {
  readonly delayMs: Reading;
  readonly achievedShare: Reading;
}

type RequestReadings = Pick<
  Readings,
  | 'generatorDelayMs'
  | 'generatorDelayShare'
  | 'generatorAchievedShare'
  | 'engineRunShare'
  | 'concurrentRequests'
  | 'waitingRequests'
  | 'requestsPerSecond'
  | 'transferTimeShare'
  | 'transferMs'
  | 'preprocessTimeShare'
  | 'preprocessMs'
  | 'batchWaitTimeShare'
  | 'waitingBatches'
  | 'batchFillShare'
  | 'queueTimeShare'
  | 'upstreamTimeShare'
>;

/** Of each reading of a load generator where there is none. */
export const noGenerator = makeUnknown('clients make the load, and their schedule is not known');

/** Timers of Node resolve a millisecond. */
const timerMs = 1;

/**
 * What gateway and server count of requests. Requests under way and waiting are means over the window by Little's law:
 * the sum of their times over the length of the window.
 */
export function measureRequests(
  service: ServiceWindow | null,
  waterfall: Waterfall | null,
  generator: GeneratorReadings | null,
): RequestReadings {
  const delayMs = generator?.delayMs ?? noGenerator;
  const generated = {
    generatorDelayMs: delayMs,
    generatorDelayShare: makeShare(
      mapReading(delayMs, (ms) => Math.max(0, ms - timerMs)),
      waterfall?.totalMs ?? makeUnknown('no service is looked at'),
      'requests take no time',
    ),
    generatorAchievedShare: generator?.achievedShare ?? noGenerator,
  };
  if (service === null || waterfall === null) return { ...generated, ...fillUnknown('no service is looked at') };
  const { gateway, server, windowMs, servers } = service;
  const shareOf = (phase: RequestPhase): Reading =>
    capPart(
      makeShare(timeOfPhase(waterfall, phase), waterfall.totalMs, 'requests take no time'),
      `${phase} is told as longer than the whole request: its server tells another unit, or other requests`,
    );
  const overWindow = (sum: Reading): Reading => mapReading(sum, (ms) => ms / windowMs);
  const batchWait = server.phasesMs['batch-wait'];
  const waiting = overWindow(service.isDirect ? batchWait : addReadings([gateway.phasesMs.queue, batchWait], ''));
  const eachServer = servers === 0 ? server.rowsAtMost : mapReading(server.rowsAtMost, (rows) => rows / servers);
  const underWay = combineReadings(waterfall.requests, waterfall.totalMs, (count, ms) => count * ms);
  return {
    ...generated,
    engineRunShare: mapReading(engineTime(service), (ms) => Math.min(1, ms / (windowMs * Math.max(1, servers)))),
    concurrentRequests: overWindow(underWay),
    waitingRequests: waiting,
    requestsPerSecond: mapReading(waterfall.requests, (count) => (count * 1_000) / windowMs),
    transferTimeShare: shareOf('transfer'),
    transferMs: timeOfPhase(waterfall, 'transfer'),
    preprocessTimeShare: shareOf('preprocess'),
    preprocessMs: timeOfPhase(waterfall, 'preprocess'),
    batchWaitTimeShare: shareOf('batch-wait'),
    waitingBatches: makeShare(waiting, makeShare(server.rows, server.batches, 'no batch ran'), 'no row ran'),
    batchFillShare: makeShare(
      server.rows,
      combineReadings(server.batches, eachServer, (batches, rows) => batches * rows),
      'no batch ran',
    ),
    queueTimeShare: shareOf('queue'),
    upstreamTimeShare: shareOf('upstream'),
  };
}

/** Requests at the edges of the window make a part somewhat longer than the whole; another unit makes it a thousand times as long. */
const otherUnitFrom = 2;

function capPart(share: Reading, lie: string): Reading {
  if (isRead(share) && share.value > otherUnitFrom) return makeUnknown(lie);
  return mapReading(share, (value) => Math.min(1, value));
}

/** A batch runs once, and each of its requests counts all of that run: an engine computes no longer than its requests run. */
function engineTime({ server }: ServiceWindow): Reading {
  const { engineMs, phasesMs } = server;
  const ofRun = combineReadings(engineMs, phasesMs.run, (engine, run) => (run > 0 ? engine / run : 0));
  if (!isRead(ofRun) || ofRun.value <= otherUnitFrom) return engineMs;
  return makeUnknown('the engine is told to compute for longer than its requests run: it is told in another unit');
}

function fillUnknown(reason: string): Omit<RequestReadings, `generator${string}`> {
  const unknown = makeUnknown(reason);
  return {
    engineRunShare: unknown,
    concurrentRequests: unknown,
    waitingRequests: unknown,
    requestsPerSecond: unknown,
    transferTimeShare: unknown,
    transferMs: unknown,
    preprocessTimeShare: unknown,
    preprocessMs: unknown,
    batchWaitTimeShare: unknown,
    waitingBatches: unknown,
    batchFillShare: unknown,
    queueTimeShare: unknown,
    upstreamTimeShare: unknown,
  };
}

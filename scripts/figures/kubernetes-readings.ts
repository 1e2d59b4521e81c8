import * as z from 'zod';
import { measured, reading } from './reading.ts';

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

const reportOf = <T extends z.ZodRawShape>(parts: T) =>
  z.object({ missed: z.array(z.string()), parts: z.object(parts) });
/** Whether none of the aims is missed that begin with these words. */
const holds = (missed: readonly string[], words: string): boolean => !missed.some((aim) => aim.startsWith(words));

const start = z.object({
  wholeMs: z.number(),
  apartShare: z.number(),
  phases: z.array(z.object({ phases: z.array(z.string()), durationMs: z.number() })),
});
export const readKubernetesStart = reading(reportOf({ start }), ({ missed, parts: { start: of } }) => {
  const pull = of.phases.find(({ phases }) => phases.includes('image-pull'));
  const apart = `${(of.apartShare * 100).toFixed(1)}%`;
  return measured(
    `${seconds(of.wholeMs)}, ${seconds(pull?.durationMs ?? 0)} of it the pull; phases ${apart} apart from the pod's start`,
    { wholeMs: of.wholeMs, apartShare: of.apartShare },
    { it: holds(missed, 'start:') },
  );
});

const rollback = z.object({
  rollbacks: z.number(),
  requests: z.number(),
  failures: z.array(z.unknown()),
  firstAnswerMs: z.object({ median: z.number(), most: z.number() }),
});
export const readKubernetesRollback = reading(reportOf({ rollback }), ({ missed, parts: { rollback: of } }) =>
  measured(
    `${of.rollbacks} times: first answer after ${seconds(of.firstAnswerMs.median)}, at most ${seconds(of.firstAnswerMs.most)}; ${of.failures.length} of ${count(of.requests)} failed`,
    { firstAnswerMedianMs: of.firstAnswerMs.median, firstAnswerMostMs: of.firstAnswerMs.most, requests: of.requests },
    { time: holds(missed, 'rollback: first'), 'failed requests': holds(missed, 'rollback: no failed') },
  ),
);

const kills = z.object({
  kills: z.number(),
  requests: z.number(),
  inFlight: z.number(),
  failures: z.array(z.unknown()),
  failedLater: z.number(),
});
export const readControlPlaneKills = reading(reportOf({ 'control-plane-kills': kills }), ({ missed, parts }) => {
  const of = parts['control-plane-kills'];
  return measured(
    `${of.kills} times: ${of.failures.length} of ${count(of.requests)} failed`,
    { kills: of.kills, requests: of.requests, failures: of.failures.length },
    { it: holds(missed, 'control-plane-kills:') },
  );
});
export const readGatewayKills = reading(reportOf({ 'gateway-kills': kills }), ({ missed, parts }) => {
  const of = parts['gateway-kills'];
  return measured(
    `${of.kills} times: ${of.failures.length} of ${count(of.requests)} failed, ${of.failedLater} of them sent after the kill`,
    { kills: of.kills, requests: of.requests, failures: of.failures.length, failedLater: of.failedLater },
    { it: holds(missed, 'gateway-kills:') },
  );
});

const gateway = z.object({ pairs: z.number(), speedRatio: z.number(), processorRatio: z.number() });
export const readGatewayInPod = reading(reportOf({ gateway }), ({ missed, parts: { gateway: of } }) =>
  measured(
    `${of.speedRatio.toFixed(2)} and ${of.processorRatio.toFixed(2)}, median of ${of.pairs} pairs`,
    { speedRatio: of.speedRatio, processorRatio: of.processorRatio },
    { 'requests/s': holds(missed, 'gateway: requests'), 'processor time': holds(missed, 'gateway: processor') },
  ),
);

const fleet = z.object({
  requestsPerSecond: z.number(),
  residentBytes: z.number(),
  decisionMs: z.object({ count: z.number(), p99: z.number() }),
});
export const readKubernetesFleet = reading(reportOf({ fleet }), ({ missed, parts: { fleet: of } }) =>
  measured(
    `decisions at the API server within ${seconds(of.decisionMs.p99)} (p99 of ${of.decisionMs.count}), ${of.requestsPerSecond.toFixed(2)} requests/s to it, ${(of.residentBytes / 1e6).toFixed(0)} MB`,
    { decisionP99Ms: of.decisionMs.p99, requestsPerSecond: of.requestsPerSecond, residentBytes: of.residentBytes },
    {
      decisions: holds(missed, 'fleet: decisions'),
      'requests/s': holds(missed, 'fleet: requests'),
      memory: holds(missed, 'fleet: memory'),
    },
  ),
);

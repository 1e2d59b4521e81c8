import { describeEnd } from '../../../../core/rollout/deployment/restart.ts';
import { readGoDuration, type PodEvent } from '../../../../protocols/kubernetes-objects/pods/pod-events.ts';
import type { ContainerEnd, PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { annotationOf } from '../../manifests/labels.ts';
import { seconds } from './describe-start.ts';

const imageReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);
const containerReasons = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
]);

/**
 * Why a replica failed, with what follows; null while it has not failed.
 *
 * | the container | reason |
 * |---|---|
 * | ended, waits for its next start | how it ended, then `next start in 10 s` |
 * | its image cannot be pulled | what the registry said |
 * | cannot be made (a Secret that is not there) | what the kubelet said |
 * | has files that cannot be fetched | the last that was said of it |
 */
export function describeTrouble(
  pod: PodObject,
  events: readonly PodEvent[],
): { state: 'failed'; reason: string } | null {
  const { container } = pod;
  const unfetched = filesTrouble(pod, events);
  if (unfetched !== null) return { state: 'failed', reason: unfetched };
  if (container === null || container.runningSinceMs !== null) return null;
  const waiting = container.waiting;
  if (waiting !== null && imageReasons.has(waiting.reason)) {
    return {
      state: 'failed',
      reason: `its image cannot be pulled: ${imageMessage(waiting.message, events)}; the node tries again by itself`,
    };
  }
  if (waiting !== null && containerReasons.has(waiting.reason)) {
    return {
      state: 'failed',
      reason: `its container cannot be made (${waiting.reason}): ${waiting.message}; the node tries again by itself`,
    };
  }
  if (container.ended === null) return null;
  return { state: 'failed', reason: `${endWords(pod, container.ended, events)}; ${nextStart(waiting?.message ?? '')}` };
}

/** How a container ended by itself, with the last lines that it wrote. */
export function describeExit(ended: ContainerEnd): string {
  const ranMs = Math.max(0, (ended.endedAtMs ?? 0) - (ended.startedAtMs ?? 0));
  return describeEnd({ end: { kind: 'exit', status: ended.exitStatus }, ranMs, lastLine: lastLinesOf(ended) });
}

/** An error often says what in one line, and why or where in those before it. */
const linesTold = 4;

const linesOf = ({ message }: ContainerEnd): readonly string[] =>
  message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const lastLinesOf = (ended: ContainerEnd): string | null => linesOf(ended).slice(-linesTold).join('\n') || null;

function filesTrouble({ files }: PodObject, events: readonly PodEvent[]): string | null {
  if (files === null || files.runningSinceMs !== null) return null;
  const { waiting, ended } = files;
  if (waiting !== null && imageReasons.has(waiting.reason)) {
    return `the image that fetches its files cannot be pulled: ${imageMessage(waiting.message, events)}; the node tries again by itself`;
  }
  if (ended === null || ended.exitStatus === 0) return null;
  const why = linesOf(ended).at(-1) ?? null;
  return `its files could not be fetched: ${why === null ? `exit status ${ended.exitStatus}` : why}; ${nextStart(waiting?.message ?? '')}`;
}

/** While the kubelet waits before it tries again, its message says no more than that: the event says why. */
function imageMessage(message: string, events: readonly PodEvent[]): string {
  const failed = events.filter(
    ({ reason, message: said }) =>
      reason === 'Failed' && /pull/i.test(said) && said !== 'Error: ImagePullBackOff' && said !== 'Error: ErrImagePull',
  );
  return /^Back-off/.test(message) ? (failed.at(-1)?.message ?? message) : message;
}

function endWords(pod: PodObject, ended: ContainerEnd, events: readonly PodEvent[]): string {
  const ranMs = Math.max(0, (ended.endedAtMs ?? 0) - (ended.startedAtMs ?? 0));
  const timeoutMs = Number(pod.annotations[annotationOf.startTimeoutMs] ?? NaN);
  const waitingFor = startupFailure(ended, events);
  if (waitingFor !== null) {
    return describeEnd({
      end: { kind: 'start-timeout', timeoutMs: Number.isNaN(timeoutMs) ? ranMs : timeoutMs, waitingFor },
      ranMs,
      lastLine: lastLinesOf(ended),
    });
  }
  const words = describeExit(ended);
  return ended.reason === 'OOMKilled' ? `${words}: over its memory limit (OOMKilled)` : words;
}

/** Times of events and containers are of whole seconds. */
const slackMs = 1_500;

/** What the startup probe last said, when it was the kubelet that ended the container for it; else null. */
function startupFailure(ended: ContainerEnd, events: readonly PodEvent[]): string | null {
  const during = events.filter(
    ({ lastAtMs }) =>
      lastAtMs >= (ended.startedAtMs ?? 0) - slackMs && lastAtMs <= (ended.endedAtMs ?? Infinity) + slackMs,
  );
  if (!during.some(({ reason, message }) => reason === 'Killing' && message.includes('failed startup probe')))
    return null;
  const probe = during
    .filter(({ reason, message }) => reason === 'Unhealthy' && message.startsWith('Startup probe'))
    .at(-1);
  return probe?.message.trim() ?? 'its startup probe failed';
}

function nextStart(message: string): string {
  const waitMs = readGoDuration(/back-off (\S+) restarting/.exec(message)?.[1] ?? '');
  return waitMs === null ? 'next start at once' : `next start in ${seconds(waitMs)}`;
}

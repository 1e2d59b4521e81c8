import { objectAt, textOf, type JsonObject } from '../json-object.ts';
import { timeOf } from './pod-object.ts';

/** A v1 Event about a pod. */
export interface PodEvent {
  readonly podUid: string;
  /** `spec.containers{replica}`; empty where it is about the pod. */
  readonly part: string;
  readonly reason: string;
  readonly message: string;
  readonly lastAtMs: number;
}

export function readPodEvent(object: JsonObject): PodEvent {
  const about = objectAt(object, 'involvedObject');
  const series = timeOf(objectAt(object, 'series')['lastObservedTime']);
  return {
    podUid: textOf(about['uid']) ?? '',
    part: textOf(about['fieldPath']) ?? '',
    reason: textOf(object['reason']) ?? '',
    message: textOf(object['message']) ?? '',
    lastAtMs:
      series ?? timeOf(object['lastTimestamp']) ?? timeOf(object['eventTime']) ?? timeOf(object['firstTimestamp']) ?? 0,
  };
}

/** One pull of an image, as the kubelet tells of it. */
export interface ImagePull {
  readonly image: string;
  readonly pullMs: number;
  /** With the time that the pull waited for others. */
  readonly withWaitingMs: number;
  /** Of the image as it lies in the registry, whether or not layers of it were there already. */
  readonly bytes: number | null;
}

const pulled =
  /^Successfully pulled image "([^"]+)" in (\S+) \((\S+) including waiting\)(?:\. Image size: (\d+) bytes)?/;

/** Null for a message of another kind, as the one that says that the image was there already. */
export function readImagePull(message: string): ImagePull | null {
  const [, image, pull = '', withWaiting = '', bytes] = pulled.exec(message) ?? [];
  const [pullMs, withWaitingMs] = [readGoDuration(pull), readGoDuration(withWaiting)];
  if (image === undefined || pullMs === null || withWaitingMs === null) return null;
  return { image, pullMs, withWaitingMs, bytes: bytes === undefined ? null : Number(bytes) };
}

const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** `1m2.5s` in milliseconds, as Go writes durations; null for anything else. */
export function readGoDuration(text: string): number | null {
  if (!/^(?:[\d.]+(?:h|ms|m|us|µs|ns|s))+$/.test(text)) return null;
  let totalMs = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/([\d.]+)(h|ms|m|us|µs|ns|s)/g))
    totalMs += Number(number) * (unitMs[unit] ?? NaN);
  return Number.isFinite(totalMs) ? totalMs : null;
}

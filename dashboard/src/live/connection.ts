/**
 * | state | meaning |
 * |---|---|
 * | connecting | nothing has arrived yet, and it is early |
 * | live | the stream is open and spoke within the last seconds |
 * | reconnecting | the stream is silent or closed, briefly |
 * | gone | silent for longer: what is shown is old, and says so |
 */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'gone';

/** The stream speaks once a second (`signals`); an open stream that is silent for longer is as good as closed. */
export const silentMs = 4_500;
export const goneMs = 12_000;

export interface Heard {
  readonly startedAtMs: number;
  /** Null until the first answer. */
  readonly lastHeardAtMs: number | null;
  readonly streamOpen: boolean;
}

export function connectionState(heard: Heard, nowMs: number): ConnectionState {
  if (heard.lastHeardAtMs === null) return nowMs - heard.startedAtMs < silentMs ? 'connecting' : 'gone';
  const ageMs = nowMs - heard.lastHeardAtMs;
  if (heard.streamOpen && ageMs < silentMs) return 'live';
  return ageMs < goneMs ? 'reconnecting' : 'gone';
}

/** Doubling from half a second to five seconds: the page comes back soon after the control plane does. */
export function reconnectDelayMs(failures: number): number {
  return Math.min(5_000, 500 * 2 ** Math.min(failures, 10));
}

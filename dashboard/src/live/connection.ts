/**
 * | state | meaning |
 * |---|---|
 * | connecting | nothing has arrived yet, and it is early |
 * | live | the control plane spoke within the last seconds, and the stream did not break |
 * | reconnecting | the stream is silent or closed, briefly |
 * | gone | silent for longer: what is shown is old, and says so |
 */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'gone';

/** A service's stream speaks once a second (`signals`); an open stream that is silent for longer is as good as closed. */
export const silentMs = 4_500;
/** The fleet's stream speaks when something changes, and at least every 10 s. */
export const fleetSilentMs = 15_000;
/** For so long a page that hears nothing tries to come back before it calls the control plane gone. */
const patienceMs = 7_500;
export const goneMs = silentMs + patienceMs;

export interface Heard {
  readonly startedAtMs: number;
  /** Null until the first answer. */
  readonly lastHeardAtMs: number | null;
  readonly streamOpen: boolean;
  /** Why it is not open, in words; null before it first broke. */
  readonly trouble: string | null;
  /** How long an open stream may say nothing. */
  readonly silentMs: number;
}

export function connectionState(heard: Heard, nowMs: number): ConnectionState {
  if (heard.lastHeardAtMs === null) return nowMs - heard.startedAtMs < silentMs ? 'connecting' : 'gone';
  const ageMs = nowMs - heard.lastHeardAtMs;
  // The first answers come before the stream: until something breaks, that is no coming back.
  if ((heard.streamOpen || heard.trouble === null) && ageMs < heard.silentMs) return 'live';
  return ageMs < heard.silentMs + patienceMs ? 'reconnecting' : 'gone';
}

/** Doubling from half a second to five seconds: the page comes back soon after the control plane does. */
export function reconnectDelayMs(failures: number): number {
  return Math.min(5_000, 500 * 2 ** Math.min(failures, 10));
}

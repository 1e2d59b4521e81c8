import { plimsollVersion } from '../version.ts';
import { makeControlRequest } from '../../adapters/http-control/control-request.ts';
import { readToken } from '../../adapters/http-control/run-files.ts';
import { isSettled, viewLines } from '../../cli/follow/view-lines.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { waitProgress } from '../../prove/progress.ts';
import { serviceViewSchema } from '../../schemas/http/http-view.ts';
import type { ServiceView } from '../../schemas/view/view.ts';

const settlingPollMs = 250;
const settledPollMs = 1_000;
const answerTimeoutMs = 5_000;
/** One that is started again by its supervisor is back by then. */
const quietMs = 10_000;

/** Prints what happens to replicas and releases, as the control plane tells it, until the signal. */
export async function followView(
  controlPlaneUrl: string,
  scope: { readonly service: string; readonly environment: string },
  tokenFile: string,
  clock: Clock,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let before: ServiceView | null = null;
  let heardMs = clock.monotonicMs();
  const beginSilence = () => waitProgress({ terminal: { note: say } }, 'the control plane', null, quietMs);
  let tell = beginSilence();
  while (!signal.aborted) {
    const view = await fetchView(controlPlaneUrl, scope, tokenFile, signal);
    if (view === null) tell('does not answer', clock.monotonicMs() - heardMs);
    else {
      [heardMs, tell] = [clock.monotonicMs(), beginSilence()];
      for (const line of viewLines(before, view)) say(line);
      before = view;
    }
    const pauseMs = before !== null && isSettled(before) ? settledPollMs : settlingPollMs;
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}

/** Null while the control plane cannot answer: it is started again, with another token, and is asked again. */
async function fetchView(
  url: string,
  scope: { readonly service: string; readonly environment: string },
  tokenFile: string,
  signal: AbortSignal,
): Promise<ServiceView | null> {
  const token = await readToken(tokenFile);
  const ask = makeControlRequest({ url, token, signal, timeoutMs: answerTimeoutMs, version: plimsollVersion });
  return ask('GET', `/v1/view?${new URLSearchParams(scope).toString()}`, serviceViewSchema).catch(() => null);
}

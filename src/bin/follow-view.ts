import { readFile } from 'node:fs/promises';
import { isSettled, viewLines } from '../cli/up-lines.ts';
import type { Clock } from '../ports/clock.ts';
import type { ServiceView } from '../schemas/view.ts';

const settlingPollMs = 250;
const settledPollMs = 1_000;
const answerTimeoutMs = 5_000;

/** Prints what happens to replicas and releases, as the control plane tells it, until the signal. */
export async function followView(
  pageUrl: string,
  tokenFile: string | undefined,
  clock: Clock,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let before: ServiceView | null = null;
  while (!signal.aborted) {
    const view = await fetchView(pageUrl, tokenFile);
    if (view !== null) {
      for (const line of viewLines(before, view)) say(line);
      before = view;
    }
    const pauseMs = before !== null && isSettled(before) ? settledPollMs : settlingPollMs;
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}

/** Null while the control plane cannot answer: it is started again, and is asked again. */
async function fetchView(pageUrl: string, tokenFile: string | undefined): Promise<ServiceView | null> {
  try {
    const token = tokenFile === undefined ? null : (await readFile(tokenFile, 'utf8')).trim();
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`${pageUrl}/v1/view`, { headers, signal: AbortSignal.timeout(answerTimeoutMs) });
    return answer.ok ? ((await answer.json()) as ServiceView) : null;
  } catch {
    return null;
  }
}

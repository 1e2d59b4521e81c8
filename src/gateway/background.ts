import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import type { Clock } from '../ports/process/clock.ts';
import type { WriteDurably } from '../ports/process/write-durably.ts';
import type { ClientKeys } from './admission/client-keys.ts';
import { ControlPlaneLink, type LinkOptions } from './following/control-plane-link.ts';
import type { RoutingFileKeeper } from './following/routing-file.ts';
import type { GatewayLog } from './log.ts';

/** What a gateway process needs beside its port, whether it serves one service or many. */
export interface GatewaySurroundings {
  readonly controlPlaneUrl: string;
  /** Read anew each time: a control plane that starts again makes another one. */
  readonly token: () => Promise<string | null>;
  /** Opens connections over which the token may be sent. */
  readonly connect: LinkOptions['connect'];
  readonly stateFolder: string;
  readonly writeDurably: WriteDurably;
  /** Called once the client port is open. */
  readonly listening: (address: string) => Promise<void>;
}

/** At the end, while a control plane takes them: it records what it is told within a second or two. */
const lastReports = 10;
const lastReportsMs = 400;

export function openLink(
  program: GatewaySurroundings & { readonly log: GatewayLog; readonly random: { next(): number } },
  gatewayId: string,
): ControlPlaneLink {
  const { controlPlaneUrl: url, token, connect, random, log } = program;
  return new ControlPlaneLink({ url, gatewayId, token, connect, random: () => random.next(), log });
}

/** Serving goes on where the disk does not take a table; only a restart without the control plane would miss it. */
export function keepTable(keeper: RoutingFileKeeper, table: RoutingTable, log: GatewayLog): void {
  keeper.write(table).catch((thrown: unknown) => log('routing.not-kept', { reason: textOf(thrown) }));
}

/** Reads the file of keys again whenever it changes, until aborted. */
export async function watchKeys(
  keys: ClientKeys | null,
  { log, clock }: { readonly log: GatewayLog; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  if (keys === null) return;
  const look = async (): Promise<void> => {
    try {
      if (await keys.reload()) log('client-keys.reloaded', {});
    } catch (thrown) {
      log('client-keys.unreadable', { reason: textOf(thrown) });
    }
  };
  await repeat(1000, look, signal, clock);
}

/** Reports until all that was counted is recorded: the first report may carry an interval that was closed before. */
export async function reportToTheEnd(
  report: () => Promise<boolean>,
  allRecorded: () => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let sent = 1; (await report()) && !allRecorded() && sent < lastReports; sent += 1) {
    await clock.sleep(lastReportsMs, signal);
  }
}

/** One after the other, `intervalMs` apart; never rejects. */
export async function repeat(
  intervalMs: number,
  action: () => Promise<unknown>,
  signal: AbortSignal,
  clock: Clock,
): Promise<void> {
  while (!signal.aborted) {
    await action();
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

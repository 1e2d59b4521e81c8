import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import type { ClientKeys } from './admission/client-keys.ts';
import { ControlPlaneLink, type LinkOptions } from './following/control-plane-link.ts';
import { Gateway, type GatewayParts } from './gateway.ts';
import type { WriteDurably } from '../ports/process/write-durably.ts';
import { RoutingFileKeeper } from './following/routing-file.ts';

export interface GatewayProgram extends GatewayParts {
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

/** Runs a gateway until the signal: serves the last known table, follows newer ones, reports, and drains at the end. */
export async function runGateway(program: GatewayProgram, signal: AbortSignal): Promise<void> {
  const { settings, log, clock, random } = program;
  const gateway = new Gateway(program);
  const keeper = new RoutingFileKeeper(program.stateFolder, settings.gatewayId, program.writeDurably);
  const link = new ControlPlaneLink({
    url: program.controlPlaneUrl,
    gatewayId: settings.gatewayId,
    token: program.token,
    connect: program.connect,
    random: () => random.next(),
    log,
  });
  gateway.controlPlaneConnected = () => link.connected;
  const kept = await keeper.read();
  if (kept !== null) gateway.offer(kept);
  await program.listening(await gateway.listen());

  // Reports go on during the drain, so that the control plane sees it end.
  const ended = new AbortController();
  const report = async (): Promise<boolean> => {
    const recorded = await link.report(gateway.report(), ended.signal);
    if (recorded !== null) gateway.path.outbox.acknowledge(recorded);
    return recorded !== null;
  };
  gateway.path.starving = () => void report();
  const take = (table: RoutingTable): void => {
    const { verdict } = gateway.offer(table);
    if (verdict === 'refuse') return;
    void report();
    if (verdict === 'apply') keep(keeper, table, program);
  };
  const background = [link.follow(take, signal), repeat(settings.reportIntervalMs, report, ended.signal, clock.sleep)];
  if (program.clientKeys !== null) background.push(watchKeys(program.clientKeys, program, ended.signal));
  await aborted(signal);
  log('drain.started', { open: gateway.path.openCount });
  await gateway.drain();
  gateway.path.closeUnits();
  // Until all that was counted is recorded: the first one may carry an interval that was closed before.
  for (let sent = 1; (await report()) && !gateway.path.outbox.empty && sent < lastReports; sent += 1) {
    await clock.sleep(lastReportsMs, ended.signal);
  }
  ended.abort();
  await Promise.all(background);
  await keeper.settled();
  await link.close();
  log('drain.ended', {});
}

function keep(keeper: RoutingFileKeeper, table: RoutingTable, program: GatewayProgram): void {
  keeper.write(table).catch((thrown: unknown) => {
    // Serving goes on; only a restart without the control plane would miss this generation.
    program.log('routing.not-kept', { reason: thrown instanceof Error ? thrown.message : String(thrown) });
  });
}

async function watchKeys(keys: ClientKeys, program: GatewayProgram, signal: AbortSignal): Promise<void> {
  const look = async (): Promise<void> => {
    try {
      if (await keys.reload()) program.log('client-keys.reloaded', {});
    } catch (thrown) {
      program.log('client-keys.unreadable', { reason: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  };
  await repeat(1000, look, signal, program.clock.sleep);
}

/** One after the other, `intervalMs` apart; never rejects. */
async function repeat(
  intervalMs: number,
  action: () => Promise<unknown>,
  signal: AbortSignal,
  sleep: (durationMs: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await action();
    await sleep(intervalMs, signal).catch(() => undefined);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

import type { RoutingTable } from '../core/rollout/routing/routing.ts';
import {
  keepTable,
  openLink,
  repeat,
  reportToTheEnd,
  untilAborted,
  watchKeys,
  type GatewaySurroundings,
} from './background.ts';
import type { Spools } from './capture/spools.ts';
import { RoutingFileKeeper, routingFileOf } from './following/routing-file.ts';
import { followRouting, sendReport } from './following/routing-link.ts';
import { Gateway, type GatewayParts } from './gateway.ts';

export interface GatewayProgram extends GatewayParts, GatewaySurroundings {
  readonly capture: Spools | null;
}

/** Runs a gateway until the signal: serves the last known table, follows newer ones, reports, and drains at the end. */
export async function runGateway(program: GatewayProgram, signal: AbortSignal): Promise<void> {
  const { settings, log, clock } = program;
  const gateway = new Gateway(program);
  const keeper = new RoutingFileKeeper(routingFileOf(program.stateFolder, settings.gatewayId), program.writeDurably);
  const link = openLink(program, settings.gatewayId);
  gateway.controlPlaneConnected = () => link.connected;
  program.capture?.sendTo(link);
  const kept = await keeper.read();
  if (kept !== null) gateway.offer(kept);
  await program.listening(await gateway.listen());

  // Reports go on during the drain, so that the control plane sees it end.
  const ended = new AbortController();
  const report = async (): Promise<boolean> => {
    const { pinned } = gateway.path;
    const recorded = await sendReport(link, settings, gateway.report(), ended.signal, (key) => pinned.setKey(key));
    if (recorded !== null) gateway.path.outbox.acknowledge(recorded);
    return recorded !== null;
  };
  gateway.path.starving = () => void report();
  const take = (table: RoutingTable): void => {
    const { verdict } = gateway.offer(table);
    if (verdict === 'refuse') return;
    void report();
    if (verdict === 'apply') keepTable(keeper, table, log);
  };
  const background = [
    followRouting(link, settings, log, take, signal),
    repeat(settings.reportIntervalMs, report, ended.signal, clock),
    watchKeys(program.clientKeys, program, ended.signal),
  ];
  await untilAborted(signal);
  log('drain.started', { open: gateway.path.openCount });
  await gateway.drain();
  await program.capture?.close();
  gateway.path.closeUnits();
  await reportToTheEnd(report, () => gateway.path.outbox.empty, clock, ended.signal);
  ended.abort();
  await Promise.all(background);
  await keeper.settled();
  await link.close();
  log('drain.ended', {});
}

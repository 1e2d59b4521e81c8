import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { GatewayServices } from '../../schemas/gateway/gateway-fleet.ts';
import {
  keepTable,
  openLink,
  repeat,
  reportToTheEnd,
  textOf,
  untilAborted,
  watchKeys,
  type GatewaySurroundings,
} from '../background.ts';
import type { Spools } from '../capture/spools.ts';
import { FleetGateway, type FleetGatewayParts } from './fleet-gateway.ts';
import { followFleet, type FleetFollower } from './fleet-link.ts';
import { RoutingFileKeeper, routingFileOf } from '../following/routing-file.ts';
import { KeptServices } from './kept-services.ts';
import { ReportSender } from './report-sender.ts';

export interface FleetGatewayProgram extends FleetGatewayParts, GatewaySurroundings {
  readonly capture: Spools | null;
}

/** Runs a gateway of many services until the signal: as `runGateway`, with the list of services that it follows. */
export async function runFleetGateway(program: FleetGatewayProgram, signal: AbortSignal): Promise<void> {
  const { settings, log, clock } = program;
  const gateway = new FleetGateway(program);
  const kept = new KeptServices(program.stateFolder, settings.gatewayId, program.writeDurably);
  const link = openLink(program, settings.gatewayId);
  gateway.controlPlaneConnected = () => link.connected;
  program.capture?.sendTo(link);
  await serveKept(gateway, kept, program);
  await program.listening(await gateway.listen());

  // Reports go on during the drain, so that the control plane sees it end.
  const ended = new AbortController();
  const sender = new ReportSender(gateway, link, ended.signal);
  gateway.starving = (service) => sender.soon(service);
  gateway.left = (service) => {
    void kept
      .removeTable(service, () => gateway.services.find(service) !== null)
      .catch((thrown: unknown) => {
        log('routing.not-removed', { service: service.service, reason: textOf(thrown) });
      });
  };
  const background = [
    followFleet(link, log, makeFollower(gateway, kept, sender, program), signal),
    repeat(settings.reportIntervalMs, () => sender.sendAll(), ended.signal, clock),
    watchKeys(program.clientKeys, program, ended.signal),
  ];
  await untilAborted(signal);
  log('drain.started', { open: gateway.openCount });
  await gateway.drain();
  await program.capture?.close();
  for (const path of gateway.paths) path.closeUnits();
  const allRecorded = (): boolean => [...gateway.paths].every((path) => path.outbox.empty);
  await reportToTheEnd(() => sender.sendAll(), allRecorded, clock, ended.signal);
  ended.abort();
  await Promise.all(background);
  await kept.settled();
  await link.close();
  log('drain.ended', {});
}

/** The services and tables of the process before this one. */
async function serveKept(gateway: FleetGateway, kept: KeptServices, program: FleetGatewayProgram): Promise<void> {
  const { log } = program;
  const list = await kept.read();
  if (list === null) {
    await serveKeptAlone(gateway, program);
    return;
  }
  if ('reason' in list) {
    log('services.unreadable', { reason: list.reason, next: 'the control plane sends the list again' });
    return;
  }
  gateway.follow(list, false, list.gone);
  await kept.removeOthers(list).catch((thrown: unknown) => log('routing.not-removed', { reason: textOf(thrown) }));
  for (const owner of list.services) {
    const table = await kept.readTable(owner);
    if (table !== null) gateway.offer(table);
  }
}

/** What a gateway of the home alone kept. */
async function serveKeptAlone(
  gateway: FleetGateway,
  { home = null, stateFolder, settings, writeDurably }: FleetGatewayProgram,
): Promise<void> {
  const file = routingFileOf(stateFolder, settings.gatewayId);
  const table = home === null ? null : await new RoutingFileKeeper(file, writeDurably).read();
  if (home === null || table === null) return;
  gateway.follow({ services: [{ ...home, names: [] }] }, false);
  gateway.offer(table);
}

function makeFollower(
  gateway: FleetGateway,
  kept: KeptServices,
  sender: ReportSender,
  { log }: FleetGatewayProgram,
): FleetFollower {
  return {
    services(list: GatewayServices, firstOfStream: boolean): void {
      if (gateway.follow(list, firstOfStream).verdict === 'refuse') return;
      kept.writeList(list, gateway.services.gone).catch((thrown: unknown) => {
        log('services.not-kept', { reason: textOf(thrown) });
      });
    },
    routing(table: RoutingTable): void {
      const { verdict } = gateway.offer(table);
      const service = gateway.services.find(table);
      if (verdict === 'refuse' || service === null) return;
      sender.soon(service);
      if (verdict === 'apply') keepTable(kept.tableOf(table), table, log);
    },
  };
}

import path from 'node:path';
import { makeControlRequest } from '../../../adapters/http-control/control-request.ts';
import { makeHttpOperations } from '../../../adapters/http-control/http-operations.ts';
import { discoverControlPlane } from '../../../adapters/http-control/discover.ts';
import type { CliContext } from '../../../cli/context.ts';
import { fleetViewSchema } from '../../../schemas/http/fleet/http-fleet.ts';
import type { Operations } from '../../../ports/records/operations.ts';
import type { FleetView } from '../../../schemas/view/fleet-view.ts';
import { givenToken, runningControlPlane } from '../open-operations.ts';

/**
 * All services of the control plane that PLIMSOLL_SERVER names, of the contract's state folder, of the one that is named, or
 * of `.plimsoll` in the present folder; null where none answers.
 */
export async function readFleet(context: CliContext, state: string | undefined): Promise<FleetView | null> {
  const address = await findControlPlane(context, state);
  if (address === null) return null;
  const ask = makeControlRequest({ ...address, version: context.version, signal: context.signal, timeoutMs: 10_000 });
  return ask('GET', '/v1/fleet', fleetViewSchema);
}

/** What may be asked of that control plane; null where none answers. */
export async function openFleetOperations(context: CliContext, state: string | undefined): Promise<Operations | null> {
  const address = await findControlPlane(context, state);
  return address === null ? null : makeHttpOperations({ ...address, version: context.version, signal: context.signal });
}

async function findControlPlane(context: CliContext, state: string | undefined) {
  const { env, signal, version } = context;
  const isNamed = (env['PLIMSOLL_SERVER'] ?? '') !== '';
  if (isNamed || (await context.hasContract())) return runningControlPlane(context);
  const folder = path.resolve(context.cwd, state ?? '.plimsoll');
  const found = await discoverControlPlane(folder, await givenToken(env), signal, version);
  return found === null ? null : { url: found.identity.address, token: found.token };
}

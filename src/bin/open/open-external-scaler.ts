import type { ExternalScalerServer } from '../../adapters/keda/external-scaler-server.ts';
import type { ControlPlaneParts } from '../../control-plane/control-plane.ts';
import type { Services } from '../../control-plane/fleet/services.ts';

/** Loaded only where it is asked for: gRPC takes a while to load. */
export async function openExternalScaler(
  services: Services,
  address: string | null,
  log: ControlPlaneParts['log'],
): Promise<ExternalScalerServer | null> {
  if (address === null) return null;
  const { startExternalScaler } = await import('../../adapters/keda/external-scaler-server.ts');
  const scaler = await startExternalScaler(address, {
    scale: ({ scalerMetadata: { service, environment } }) =>
      services.find({ service, environment }).publishedScale({
        ...(service === undefined ? {} : { service }),
        ...(environment === undefined ? {} : { environment }),
      }),
  });
  log.info({ address: scaler.address }, 'the external scaler of KEDA is listening');
  return scaler;
}

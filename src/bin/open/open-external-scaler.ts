import type { ExternalScalerServer } from '../../adapters/keda/external-scaler-server.ts';
import type { ScaledObjectRef } from '../../adapters/keda/scaled-object-ref.ts';
import type { ControlPlaneParts } from '../../control-plane/control-plane.ts';
import type { Services } from '../../control-plane/fleet/services.ts';
import type { ScalerSettings } from '../control-plane-settings.ts';
import { isLoopback, listenText } from '../listen-address.ts';
import { makeScalerEntry } from './tls/scaler-entry.ts';

/** Loaded only where it is asked for: gRPC takes a while to load. */
export async function openExternalScaler(
  services: Services,
  settings: ScalerSettings | null,
  log: ControlPlaneParts['log'],
): Promise<ExternalScalerServer | null> {
  if (settings === null) return null;
  const { listen, tls } = settings;
  const { startExternalScaler } = await import('../../adapters/keda/external-scaler-server.ts');
  const parts = {
    scale: ({ scalerMetadata: { service, environment } }: ScaledObjectRef) =>
      services.find({ service, environment }).publishedScale({
        ...(service === undefined ? {} : { service }),
        ...(environment === undefined ? {} : { environment }),
      }),
  };
  const entry = tls === null ? null : makeScalerEntry(tls, log);
  const scaler = await startExternalScaler(listenText(listen), parts, { entry });
  log.info({ address: scaler.address }, 'the external scaler of KEDA is listening');
  if (!isLoopback(listen.host)) warnOfAnybody(log, settings);
  return scaler;
}

function warnOfAnybody(log: ControlPlaneParts['log'], { listen, tls }: ScalerSettings): void {
  if (tls?.clientCa !== undefined) return;
  const text =
    tls === null
      ? "whoever reaches KEDA's port reads the number of replicas, in plain text; --tls-cert, --tls-key and --scaler-client-ca end that"
      : "whoever reaches KEDA's port reads the number of replicas; --scaler-client-ca ends that";
  log.warn({ listen: listenText(listen) }, text);
}

import * as z from 'zod';
import { gatewayReportSchema } from './gateway-report.ts';

const name = z.string().min(1).max(200);

/**
 * The server-sent event `services` of `GET /v1/gateways/ID/fleet`: every service that the gateway serves, sent first and
 * again when one is added or goes. The event `routing` of the same stream carries the newest table of one of them.
 */
export const gatewayServicesSchema = z.object({
  services: z
    .array(
      z.object({
        service: name,
        environment: name,
        /**
         * What clients call it by: the first label of a host name, or NAME in `/services/NAME/...`. Lower case, no two
         * services share one.
         */
        names: z.array(z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)).max(4),
      }),
    )
    .max(2_000),
  /** Services that somebody removed: the list may be empty for that reason. Absent for none. */
  removed: z.number().int().positive().exactOptional(),
});
export type GatewayServices = z.infer<typeof gatewayServicesSchema>;

/** Body of `POST /v1/gateways/ID/reports`: what the gateway says of each service, once a second. */
export const gatewayReportsSchema = z.object({
  reports: z.array(z.object({ service: name, environment: name, report: gatewayReportSchema })).max(2_000),
});
export type GatewayReports = z.infer<typeof gatewayReportsSchema>;

/** Answer: up to which sequence the counts of each service are recorded. One that is not held here is left out. */
export const gatewayReportsAnswerSchema = z.object({
  recorded: z.array(
    z.object({
      ...{ service: name, environment: name, sequence: z.number().int().nonnegative() },
      /** What golden replays of the service are signed with; an older control plane says none. */
      replayKey: z.string().min(16).max(200).exactOptional(),
    }),
  ),
});
export type GatewayReportsAnswer = z.infer<typeof gatewayReportsAnswerSchema>;

/** `<state>/run/fleet-<gateway>/services.json`: the list that a gateway restarted without its control plane serves on with. */
export const servicesFileSchema = z.object({
  format: z.literal(1),
  services: gatewayServicesSchema.shape.services,
  /** Names of services that are gone: a host that begins with one of them is nobody's. */
  gone: z.array(z.string()).max(2_000),
});
export type ServicesFile = z.infer<typeof servicesFileSchema>;

import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { externalMetricTotal } from '../../core/scaling/hpa-metric.ts';
import { publishedMetric, publishedTarget, type PublishedScale } from '../../core/scaling/published-scale.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { ActivityStreams, type ActivityStream } from './activity-streams.ts';
import { listenBounded, type ScalerEntry } from './bounded-listener.ts';
import { makeCallDeadline } from './call-deadline.ts';
import { externalScalerDescriptor } from './external-scaler-descriptor.ts';
import { grpcError } from './grpc-error.ts';
import type { ScaledObjectRef } from './scaled-object-ref.ts';

export interface ExternalScalerParts {
  /**
   * The scale of the service that a trigger means (`service`, `environment`).
   * @throws PlimsollError: `not-found` for another service; `unavailable` while nothing was decided, which makes KEDA use its fallback.
   */
  scale(ref: ScaledObjectRef): PublishedScale;
}

export interface ExternalScalerServer {
  /** `127.0.0.1:6000`, with the port that was taken. */
  readonly address: string;
  close(): Promise<void>;
}

/** How the port is opened. */
export interface ExternalScalerDoor {
  /** TLS, and whose certificates count; null for plain text and anybody. */
  readonly entry: ScalerEntry | null;
  /** How long a client may take to send the request of a call; 10 s unless given. */
  readonly requestWithinMs?: number;
}

const closeWithinMs = 2_000;
const requestWithinMs = 10_000;

/**
 * What a client may take. KEDA asks with some hundred bytes, on one connection, a few calls at once.
 *
 * | what | at most | and then |
 * |---|---|---|
 * | a message | 64 KiB | the call is refused |
 * | calls at once on a connection | 100 | the connection is told to wait |
 * | memory of a connection | 1 MB | the call is refused |
 * | a call without its request | 10 s | the call is ended |
 * | a handshake of TLS | 10 s | the connection is closed |
 * | a connection without a call | 5 min | it is closed |
 * | a client that does not answer a ping | 20 s | its connection is closed |
 */
const bounds = {
  'grpc.max_receive_message_length': 64 * 1024,
  'grpc.max_concurrent_streams': 100,
  'grpc-node.max_session_memory': 1,
  'grpc.max_connection_idle_ms': 300_000,
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
};

/** Starts KEDA's external scaler over gRPC, with all of its calls. @throws PlimsollError `address-taken` (unavailable). */
export async function startExternalScaler(
  listen: string,
  parts: ExternalScalerParts,
  door: ExternalScalerDoor = { entry: null },
): Promise<ExternalScalerServer> {
  const server = new Server({ ...bounds, interceptors: [makeCallDeadline(door.requestWithinMs ?? requestWithinMs)] });
  // Its types know messages and services, and no plain namespace around them.
  const described = externalScalerDescriptor as unknown as Parameters<typeof fromJSON>[0];
  const loaded = loadPackageDefinition(fromJSON(described, { longs: Number, defaults: true }));
  const { ExternalScaler } = loaded['externalscaler'] as unknown as { ExternalScaler: ServiceClientConstructor };
  const streams = new ActivityStreams((ref) => void parts.scale(ref));
  server.addService(ExternalScaler.service, {
    IsActive: answering((ref: ScaledObjectRef) => ({ result: isActive(parts.scale(ref)) })),
    GetMetricSpec: answering((ref: ScaledObjectRef) => specOf(parts.scale(ref))),
    GetMetrics: answering(({ scaledObjectRef, metricName }: MetricsRequest) =>
      metricsOf(parts.scale(scaledObjectRef ?? noRef), metricName),
    ),
    StreamIsActive: (call: ActivityStream) => {
      streams.add(call, (ref) => ({ result: isActive(parts.scale(ref)) }));
    },
    StreamMetricSpec: (call: ActivityStream) => {
      streams.add(call, (ref) => specOf(parts.scale(ref)));
    },
  });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  // TLS ends before gRPC: then one place says who may come in, and has the deadline of a handshake.
  const listener = await listenBounded(listen, door.entry, (stream) => injector.injectConnection(stream));
  return {
    address: listen.replace(/:\d+$/, `:${listener.port}`),
    async close() {
      streams.close();
      await shutDown(server);
      await listener.close();
    },
  };
}

interface MetricsRequest {
  readonly scaledObjectRef: ScaledObjectRef | null;
  readonly metricName: string;
}
const noRef: ScaledObjectRef = { name: '', namespace: '', scalerMetadata: {} };

const isActive = ({ desired }: PublishedScale): boolean => desired > 0;

/** Both fields of the target: KEDA takes the float where it is above zero, older ones know only the other. */
const specOf = (_scale: PublishedScale) => ({
  metricSpecs: [{ metricName: publishedMetric, targetSize: publishedTarget, targetSizeFloat: publishedTarget }],
});

function metricsOf({ desired, current }: PublishedScale, metricName: string) {
  if (metricName !== '' && metricName !== publishedMetric) {
    throw new PlimsollError({
      code: 'metric-unknown',
      category: 'not-found',
      message: `there is no metric ${JSON.stringify(metricName.slice(0, 100))}; the only one is ${publishedMetric}`,
      next: 'ask GetMetricSpec which metrics there are',
    });
  }
  const total = externalMetricTotal(desired, current);
  return { metricValues: [{ metricName: publishedMetric, metricValue: total, metricValueFloat: total }] };
}

function answering<Request, Answer>(answer: (request: Request) => Answer) {
  return (call: ServerUnaryCall<Request, Answer>, reply: sendUnaryData<Answer>): void => {
    try {
      reply(null, answer(call.request));
    } catch (thrown) {
      reply(grpcError(thrown));
    }
  };
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, closeWithinMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}

import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { externalMetricTotal } from '../../core/scaling/hpa-metric.ts';
import { publishedMetric, publishedTarget, type PublishedScale } from '../../core/scaling/published-scale.ts';
import { asPlimsollError, PlimsollError, type ErrorCategory } from '../../core/units/errors.ts';
import { externalScalerDescriptor } from './external-scaler-descriptor.ts';

/** Of a ScaledObject: who asks, and the metadata of its trigger. */
export interface ScaledObjectRef {
  readonly name: string;
  readonly namespace: string;
  readonly scalerMetadata: Readonly<Record<string, string>>;
}

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

const streamsAtMost = 100;
const lookEveryMs = 1_000;
const closeWithinMs = 2_000;

const codes: Readonly<Record<ErrorCategory, status>> = {
  input: status.INVALID_ARGUMENT,
  'not-found': status.NOT_FOUND,
  conflict: status.ABORTED,
  refused: status.FAILED_PRECONDITION,
  corrupt: status.DATA_LOSS,
  unauthorized: status.PERMISSION_DENIED,
  overloaded: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  bug: status.INTERNAL,
};

/** KEDA's external scaler over gRPC, all of its calls; plain text, for inside a cluster or the loopback address. */
export async function startExternalScaler(listen: string, parts: ExternalScalerParts): Promise<ExternalScalerServer> {
  const server = new Server();
  // Its types know messages and services, and no plain namespace around them.
  const described = externalScalerDescriptor as unknown as Parameters<typeof fromJSON>[0];
  const loaded = loadPackageDefinition(fromJSON(described, { longs: Number, defaults: true }));
  const { ExternalScaler } = loaded['externalscaler'] as unknown as { ExternalScaler: ServiceClientConstructor };
  const streams = new StreamsOfActivity(parts);
  server.addService(ExternalScaler.service, {
    IsActive: answering((ref: ScaledObjectRef) => ({ result: isActive(parts.scale(ref)) })),
    GetMetricSpec: answering((ref: ScaledObjectRef) => specOf(parts.scale(ref))),
    GetMetrics: answering(({ scaledObjectRef, metricName }: MetricsRequest) =>
      metricsOf(parts.scale(scaledObjectRef ?? noRef), metricName),
    ),
    StreamIsActive: (call: Stream) => {
      streams.add(call, (ref) => ({ result: isActive(parts.scale(ref)) }));
    },
    StreamMetricSpec: (call: Stream) => {
      streams.add(call, (ref) => specOf(parts.scale(ref)));
    },
  });
  const port = await bound(server, listen);
  return {
    address: listen.replace(/:\d+$/, `:${port}`),
    async close() {
      streams.close();
      await shutDown(server);
    },
  };
}

interface MetricsRequest {
  readonly scaledObjectRef: ScaledObjectRef | null;
  readonly metricName: string;
}
type Stream = ServerWritableStream<ScaledObjectRef, object>;
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

function grpcError(thrown: unknown): { code: status; details: string } {
  const { category, message, next } = asPlimsollError(thrown);
  return { code: codes[category], details: next === undefined ? message : `${message} (next: ${next})` };
}

/** Streams that are told when their answer changes. */
class StreamsOfActivity {
  readonly #open = new Map<Stream, { readonly answer: (ref: ScaledObjectRef) => object; told: string }>();
  #looking: ReturnType<typeof setInterval> | null = null;
  readonly #parts: ExternalScalerParts;

  constructor(parts: ExternalScalerParts) {
    this.#parts = parts;
  }

  add(call: Stream, answer: (ref: ScaledObjectRef) => object): void {
    if (this.#open.size >= streamsAtMost) {
      call.emit('error', streamError(status.RESOURCE_EXHAUSTED, `${streamsAtMost} streams are open already`));
      return;
    }
    try {
      this.#parts.scale(call.request);
    } catch (thrown) {
      const { code, details } = grpcError(thrown);
      // While nothing was decided there is nothing to tell yet; any other error ends the stream.
      if (code !== status.UNAVAILABLE) {
        call.emit('error', streamError(code, details));
        return;
      }
    }
    this.#open.set(call, { answer, told: '' });
    const gone = (): void => {
      this.#open.delete(call);
      if (this.#open.size > 0 || this.#looking === null) return;
      clearInterval(this.#looking);
      this.#looking = null;
    };
    call.once('cancelled', gone);
    call.once('close', gone);
    this.#tell(call);
    this.#looking ??= setInterval(() => {
      for (const each of this.#open.keys()) this.#tell(each);
    }, lookEveryMs);
  }

  close(): void {
    if (this.#looking !== null) clearInterval(this.#looking);
    this.#looking = null;
    for (const call of this.#open.keys()) call.end();
    this.#open.clear();
  }

  #tell(call: Stream): void {
    const open = this.#open.get(call);
    if (open === undefined) return;
    try {
      const answer = open.answer(call.request);
      const text = JSON.stringify(answer);
      if (text === open.told) return;
      open.told = text;
      call.write(answer);
    } catch {
      // Unknown for now: what was said last stands.
    }
  }
}

const streamError = (code: status, details: string): Error => Object.assign(new Error(details), { code, details });

function bound(server: Server, listen: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(listen, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) {
        resolve(port);
        return;
      }
      reject(
        new PlimsollError({
          code: 'address-taken',
          category: 'unavailable',
          message: `the external scaler cannot listen on ${listen}: ${error.message}`,
          next: 'choose another address with --scaler-listen HOST:PORT',
          cause: error,
        }),
      );
    });
  });
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

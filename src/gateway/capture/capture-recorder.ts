import { CapturedBody, type Capture } from './capture.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { CaptureHook, CaptureInProgress } from '../exchange/exchange-host.ts';
import type { GatewaySignals } from '../signals/gateway-signals.ts';
import type { Seat } from '../routes/replica.ts';

/** Connects a capture with the exchanges that it wants; offers each when its answer is over and the loop has turned. */
export function captureHook(capture: Capture, signals: GatewaySignals, nowMs: () => number): CaptureHook<Exchange> {
  return {
    begin(exchange, seat) {
      const candidate = {
        requestId: exchange.requestId,
        release: seat.release,
        method: exchange.method,
        path: exchange.path,
      };
      return capture.wants(candidate) ? recordExchange(capture, exchange, seat, signals, nowMs) : null;
    },
  };
}

function recordExchange(
  capture: Capture,
  exchange: Exchange,
  seat: Seat,
  signals: GatewaySignals,
  nowMs: () => number,
): CaptureInProgress {
  const request = new CapturedBody(capture.maxBodyBytes);
  const response = new CapturedBody(capture.maxBodyBytes);
  let status = 0;
  let responseHeaders: readonly string[] = [];
  return {
    request,
    response,
    answered(answerStatus, headers) {
      status = answerStatus;
      responseHeaders = headers;
    },
    finish(complete) {
      if (status === 0) return;
      signals.captured += 1;
      const latencyMs = nowMs() - exchange.arrivedMs;
      setImmediate(() =>
        capture.offer({
          requestId: exchange.requestId,
          release: seat.release,
          replicaId: seat.replica.replicaId,
          traceparent: exchange.traceparent,
          method: exchange.method,
          path: exchange.path,
          latencyMs,
          status,
          requestHeaders: exchange.req.rawHeaders,
          responseHeaders,
          requestBody: request.chunks,
          responseBody: response.chunks,
          cut: request.cut || response.cut,
          complete,
        }),
      );
    },
  };
}

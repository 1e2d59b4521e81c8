import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';

/** Returns an interceptor that ends a call whose request is not there after `withinMs`; the answer itself takes no time. */
export function makeCallDeadline(withinMs: number): ServerInterceptor {
  return (_method, call) => {
    const timer = setTimeout(() => {
      intercepted.sendStatus({
        code: status.DEADLINE_EXCEEDED,
        details: `the request was not there within ${withinMs} ms`,
      });
    }, withinMs);
    timer.unref();
    const intercepted = new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata: (metadata, forward) => forward(metadata),
          onReceiveMessage: (message, forward) => {
            clearTimeout(timer);
            forward(message);
          },
          onReceiveHalfClose: (forward) => {
            clearTimeout(timer);
            forward();
          },
          onCancel: () => clearTimeout(timer),
        });
      },
    });
    return intercepted;
  };
}

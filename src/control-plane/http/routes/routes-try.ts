import { tryAnswerSchema, trySignatureSchema } from '../../../schemas/http/http-control-plane.ts';
import { askedBy } from '../asked.ts';
import type { HttpParts, Server } from '../http-parts.ts';

const bodyBytesAtMost = 2 * 1024 * 1024;
const askMs = 10_000;

/** Takes the body as bytes: it is the service's own request, not ours to read or to write anew. */
export function tryRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/try',
    {
      config: { access: 'view' },
      schema: {
        tags: ['view'],
        summary: 'The tensors that the server which answers says it takes, for a model whose file does not tell',
        response: { 200: trySignatureSchema },
      },
    },
    async (request) => ({ signature: await parts.find(askedBy(request)).toldSignature(AbortSignal.timeout(askMs)) }),
  );
  void server.register((scope: Server, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.post(
      '/v1/try',
      {
        config: { access: 'measure' },
        bodyLimit: bodyBytesAtMost,
        schema: {
          tags: ['view'],
          summary: "Send the service one request through the gateway: the body is the service's own infer request",
          response: { 200: tryAnswerSchema },
        },
      },
      async (request) => {
        const closed = new AbortController();
        request.raw.on('close', () => {
          if (!request.raw.complete) closed.abort();
        });
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        return parts.find(askedBy(request)).tryIt(body, closed.signal);
      },
    );
    done();
  });
}

import { httpErrorSchema } from '../../../../schemas/http/http-control-plane.ts';
import { testedTargetsSchema, testNotifyRequestSchema } from '../../../../schemas/http/monitoring/http-notify.ts';
import { askedBy, operationsOf, scopeOf } from '../../asked.ts';
import type { HttpParts, Server } from '../../http-parts.ts';

/** Who is told of alerts. */
export function notifyRoutes(server: Server, parts: HttpParts): void {
  server.post(
    '/v1/notify/test',
    {
      config: { access: 'operate', scope: 'request' },
      schema: {
        tags: ['monitoring'],
        summary: 'Send a marked test message to each target of alerts, and say what became of it',
        body: testNotifyRequestSchema,
        response: { 200: testedTargetsSchema, '4xx': httpErrorSchema, '5xx': httpErrorSchema },
      },
    },
    async (request) => {
      const scope = scopeOf(parts, { ...askedBy(request), ...request.body });
      return { targets: [...(await operationsOf(parts, request).testNotify(scope))] };
    },
  );
}

import * as z from 'zod';
import { diagnosisAnswerSchema, recordDiagnosisSchema } from '../../schemas/diagnosis/http-diagnosis.ts';
import { httpErrorSchema } from '../../schemas/http/http-control-plane.ts';
import { operationsOf, scopeOf } from '../http/asked.ts';
import type { HttpParts, Server } from '../http/http-parts.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const scopeSchema = z.object({ service: z.string().exactOptional(), environment: z.string().exactOptional() });

export function diagnosisRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/diagnosis',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['diagnosis'],
        summary:
          'Where requests wait, the use of each ceiling, and what starves the accelerator: as it was watched last, and as somebody diagnosed it last',
        querystring: scopeSchema,
        response: { 200: diagnosisAnswerSchema, ...errors },
      },
    },
    async (request) => operationsOf(parts, request).diagnosis(scopeOf(parts, request.query)),
  );
  server.post(
    '/v1/diagnosis',
    {
      config: { access: 'measure', scope: 'request' },
      schema: {
        tags: ['diagnosis'],
        summary: 'Records what a diagnosis read and measured; the finding is decided here',
        body: recordDiagnosisSchema,
        response: { 200: diagnosisAnswerSchema, ...errors },
      },
    },
    async (request) => operationsOf(parts, request).recordDiagnosis(request.body),
  );
}

import { steerActions, type SteerAction } from '../../../core/rollout/deployment/steer.ts';
import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import {
  rolloutAnswerSchema,
  rolloutQuerySchema,
  steerAnswerSchema,
  steerRequestSchema,
} from '../../../schemas/http/release/http-rollout.ts';
import type { HttpParts, Server } from '../http-parts.ts';
import { askedBy, operationsOf, scopeOf } from '../asked.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };

const summaries: Readonly<Record<SteerAction, string>> = {
  pause: 'Stop the clock of the step: nothing is promoted, a proven regression still goes back',
  resume: 'Let a paused step go on',
  promote: 'Go on to the next step without a proof, by hand',
  abort: 'Take the release that comes in back, by hand',
};

/** What a release does on its way from the first share of the traffic to all of it. */
export function stepRoutes(server: Server, parts: HttpParts): void {
  server.get(
    '/v1/rollout',
    {
      config: { access: 'view', scope: 'request' },
      schema: {
        tags: ['rollout'],
        summary: "The step that is under way, and the judge's evidence over time of the newest or a named release",
        querystring: rolloutQuerySchema,
        response: { 200: rolloutAnswerSchema, ...errors },
      },
    },
    async (request) => {
      const answer = await operationsOf(parts, request).rollout({ ...request.query, ...scopeOf(parts, request.query) });
      return { ...answer, samples: [...answer.samples] };
    },
  );
  for (const action of steerActions) {
    server.post(
      `/v1/rollout/${action}`,
      {
        config: { access: 'operate', scope: 'request' },
        schema: {
          tags: ['rollout'],
          summary: summaries[action],
          body: steerRequestSchema,
          response: { 200: steerAnswerSchema, ...errors },
        },
      },
      async (request) => {
        const reason = request.body.reason ?? 'no reason was given';
        return operationsOf(parts, request).steerRollout({
          ...request.body,
          ...scopeOf(parts, { ...askedBy(request), ...request.body }),
          reason,
          action,
        });
      },
    );
  }
}

import * as z from 'zod';

export const storedEventSchema = z.object({
  seq: z.number().int(),
  service: z.string(),
  environment: z.string(),
  kind: z.string(),
  summary: z.string(),
  by: z.string(),
  atMs: z.number(),
  data: z.record(z.string(), z.unknown()),
});

/** Query of `GET /v1/events`; numbers come as text. */
/** An answer holds no more than this many events; where it would, it has the header. */
export const eventsInAnswer = 1_000;
export const moreEventsHeader = 'plimsoll-more';

export const eventQuerySchema = z.object({
  service: z.string().exactOptional(),
  environment: z.string().exactOptional(),
  afterSeq: z.coerce.number().int().nonnegative().exactOptional(),
  beforeSeq: z.coerce.number().int().positive().exactOptional(),
  last: z.coerce.number().int().positive().max(10_000).exactOptional(),
  limit: z.coerce.number().int().positive().max(10_000).exactOptional(),
  kindPrefix: z.string().max(100).exactOptional(),
});

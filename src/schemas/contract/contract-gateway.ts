import * as z from 'zod';
import type { ClientRules, NamedClient } from '../../core/access/shares/client-limits.ts';
import { readByteRate } from '../../core/units/quantity/quantity-byte-rate.ts';
import { readFrequency } from '../../core/units/quantity/quantity-frequency.ts';
import { addIssue, defined, quantity, text } from './contract-forms.ts';

const namedAtMost = 100;
const openAtMost = 100_000;

const limitKeys = () => ({
  requests: quantity(readFrequency, '^\\d+(\\.\\d+)? ?/ ?[smhd]$', (rate) =>
    rate > 0 ? null : 'a rate above zero',
  ).optional(),
  concurrent: z.int().min(1).max(openAtMost).optional(),
  bytes: quantity(readByteRate, '^\\d+(\\.\\d+)? ?([kMGT]B|[KMGT]iB|B) ?/ ?s$', (rate) =>
    rate > 0 ? null : 'a rate above zero',
  ).optional(),
});

type WrittenLimits = { [K in keyof ReturnType<typeof limitKeys>]?: number | undefined };

const readLimits = ({ requests, concurrent, bytes }: WrittenLimits, weight?: number): NamedClient =>
  defined({ weight, requestsPerSecond: requests, concurrent, bytesPerSecond: bytes });

/** A name of a client key, or what a header may hold: printable, and short. */
const clientName = text(/^[\x21-\x7e]{1,100}$/);

const clientsSection = () =>
  z
    .strictObject({
      by: text(/^header:[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/).optional(),
      each: z.strictObject(limitKeys()).optional(),
      named: z
        .record(clientName, z.strictObject({ weight: z.int().min(1).max(1000).optional(), ...limitKeys() }))
        .optional(),
    })
    .check((context) => {
      const count = Object.keys(context.value.named ?? {}).length;
      if (count <= namedAtMost) return;
      addIssue(context.issues, count, `${count} clients are named`, { expected: `at most ${namedAtMost}` }, ['named']);
    })
    .transform(({ by, each, named }): ClientRules => {
      const rules = Object.entries(named ?? {}).map(([name, { weight, ...limits }]) => [
        name,
        readLimits(limits, weight),
      ]);
      return defined({
        header: by?.replace(/^header:/, '').toLowerCase(),
        each: each === undefined ? undefined : readLimits(each),
        named: named === undefined ? undefined : (Object.fromEntries(rules) as Record<string, NamedClient>),
      });
    });

export const gatewaySection = () => z.strictObject({ clients: clientsSection().optional() }).transform(defined);

import type { FastifyBaseLogger } from 'fastify';
import type { ReleaseAsk } from '../../core/rollout/release-ask.ts';
import type { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { OperationsSource } from '../operations/operations-source.ts';
import { ModelFetcher } from './fetch-model.ts';
import { AskTaker } from './take-asks.ts';

export interface OpenAsksParts {
  readonly service: string;
  readonly environment: string;
  readonly store: StoreReader;
  readonly clock: Clock;
  sourceFor(ask: Pick<ReleaseAsk, 'by' | 'grants'>): OperationsSource;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
}

/** The asks that are not decided yet. */
export interface OpenAsks {
  /** Called in each turn: decides what can be decided, and fetches models. Resolves when both are over. Never rejects. */
  look(signal: AbortSignal): Promise<void>;
}

export function makeOpenAsks({ log, ...parts }: OpenAsksParts): OpenAsks {
  const problem =
    (what: string) =>
    (ask: ReleaseAsk, error: PlimsollError): void =>
      log.warn({ err: error, ask: ask.id }, what);
  const fetcher = new ModelFetcher({
    ...parts,
    problem: problem('the model of a requested release could not be fetched'),
  });
  const taker = new AskTaker({
    ...parts,
    isFetching: (id) => fetcher.isBusyWith(id),
    problem: problem('a requested release could not be decided; it is looked at again'),
  });
  return {
    look: async (signal) => {
      await Promise.all([taker.take(), fetcher.look(signal)]);
    },
  };
}

import { isOpenAsk, type ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';

/** Requests of a service that are open are among its newest. */
const lookedAt = 20;

/** Takes back the request for a release that is not decided yet. */
export async function cancelRelease(context: CliContext, given: string | undefined): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const { service } = contract;
  const environment = await context.environment();
  const operations = await context.operations();
  const ask = await findOpenAsk(operations, service, environment);
  if (ask === null) {
    throw new PlimsollError({
      code: 'no-open-request',
      category: 'not-found',
      message: `no request to release ${service} in ${environment} is open`,
      next: 'plimsoll status; release --abort takes a release back that comes in',
    });
  }
  const reason = given?.trim() || `cancelled by ${context.user}`;
  const cancelled = await operations.cancelAsk({ service, environment, id: ask.id, reason });
  const wasFetching = ask.state === 'fetching' ? '; its model is not fetched any more' : '';
  return {
    exit: 0,
    json: { ask: cancelled },
    text: `the request to release bundle ${shortDigest(ask.bundle)}, of ${ask.by}, is cancelled${wasFetching}\nnext: plimsoll status`,
  };
}

/** Each request that is left open has an event that says so. */
async function findOpenAsk(operations: Operations, service: string, environment: string): Promise<ReleaseAsk | null> {
  const told = await Promise.all(
    ['release.requested', 'release.fetching'].map((kindPrefix) =>
      operations.events({ service, environment, kindPrefix, last: lookedAt }),
    ),
  );
  const ids = told
    .flat()
    .sort((a, b) => b.seq - a.seq)
    .map((event) =>
      event.kind === 'release.requested' || event.kind === 'release.fetching' ? event.data.ask : undefined,
    );
  for (const id of new Set(ids)) {
    if (id === undefined) continue;
    const ask = await operations.releaseAsk({ service, environment, id });
    if (isOpenAsk(ask)) return ask;
  }
  return null;
}

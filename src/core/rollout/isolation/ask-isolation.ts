import type { EventNews } from '../../records/event.ts';
import type { RolloutState } from '../deployment/rollout-state.ts';
import { isOver } from '../routing/routable.ts';
import { isolatedForMs, isolationOf, type Isolation } from './isolation.ts';
import { isLastServing, makeEndedEvent, type ServingState } from './move-isolations.ts';

/** What is asked of one replica: keep it from traffic, give it back, or stop it. */
export type IsolationAction = 'isolate' | 'return' | 'stop';

export interface IsolationAsk {
  readonly action: IsolationAction;
  readonly replicaId: string;
  readonly reason: string;
  readonly by: string;
  /** For how long it is kept. */
  readonly forMs?: number | undefined;
}

export interface IsolationRefusal {
  readonly code: 'unknown-replica' | 'replica-ended' | 'not-isolated';
  readonly message: string;
}

export type IsolationOutcome =
  | { readonly refusal: IsolationRefusal }
  | {
      /** Null where none is left of it. */
      readonly isolation: Isolation | null;
      /** Null where it stood like this already. */
      readonly event: EventNews | null;
      /** It has to reproduce its golden set again before it gets traffic. */
      readonly forgetsAdmission: boolean;
      /** What became of it, for whoever asked. */
      readonly summary: string;
    };

type Seen = ServingState & Pick<RolloutState, 'nowMs'>;

/**
 * What an ask about the isolation of a replica changes. Asked again, it changes nothing.
 *
 * | ask | stands | becomes |
 * |---|---|---|
 * | isolate | nothing | waiting; the next turn takes it out of traffic unless it is the last that serves |
 * | isolate | waiting, isolated | the same |
 * | isolate | returning, leaving | isolated |
 * | return | waiting | nothing |
 * | return | isolated, leaving | returning: it replays its golden set |
 * | stop | any | leaving, where it is out of traffic; else refused |
 */
export function askIsolation(seen: Seen, ask: IsolationAsk): IsolationOutcome {
  const replica = seen.replicas.find(({ replicaId }) => replicaId === ask.replicaId);
  if (replica === undefined) {
    const known = seen.replicas.filter((each) => !isOver(each)).map(({ replicaId }) => replicaId);
    const list = known.length === 0 ? 'none runs' : `there are ${known.sort().join(', ')}`;
    return refuse('unknown-replica', `there is no replica \`${ask.replicaId.slice(0, 100)}\`; ${list}`);
  }
  if (isOver(replica) || replica.state === 'draining') {
    return refuse('replica-ended', `replica ${ask.replicaId} is ${replica.state}: ${replica.reason}`);
  }
  const standing = isolationOf(seen, ask.replicaId);
  if (ask.action === 'isolate') return standing === null ? begin(seen, ask) : keep(seen, ask, standing);
  if (standing === null) return refuse('not-isolated', `replica ${ask.replicaId} is not isolated`);
  return ask.action === 'return' ? giveBack(ask, standing) : stop(ask, standing);
}

const refuse = (code: IsolationRefusal['code'], message: string): IsolationOutcome => ({ refusal: { code, message } });

function begin(seen: Seen, { replicaId, reason, by, forMs = isolatedForMs }: IsolationAsk): IsolationOutcome {
  const replica = seen.replicas.find((each) => each.replicaId === replicaId);
  const waits = replica !== undefined && isLastServing(seen, replica);
  const untilMs = seen.nowMs + forMs;
  const isolation: Isolation = {
    ...{ replicaId, stage: 'waiting', reason, by, askedAtMs: seen.nowMs, sinceMs: null, untilMs },
  };
  const how = waits
    ? 'it is the last one that serves: a spare is started first, and it leaves traffic once that serves'
    : 'it leaves traffic at once, and a spare is started in its place';
  return {
    isolation,
    event: {
      kind: 'replica.isolation-asked',
      summary: `Replica ${replicaId} is to be isolated: ${reason}; ${how}`,
      data: { replicaId, reason, untilMs, waits },
    },
    forgetsAdmission: false,
    summary: how,
  };
}

function keep(seen: Seen, ask: IsolationAsk, standing: Isolation): IsolationOutcome {
  if (standing.stage === 'waiting' || standing.stage === 'isolated') {
    const where = standing.stage === 'isolated' ? 'it is isolated already' : 'it waits for another one that serves';
    return { isolation: standing, event: null, forgetsAdmission: false, summary: where };
  }
  const untilMs = Math.max(standing.untilMs, seen.nowMs + (ask.forMs ?? isolatedForMs));
  const { replicaId } = standing;
  return {
    isolation: { ...standing, stage: 'isolated', reason: ask.reason, by: ask.by, untilMs },
    event: {
      kind: 'replica.isolated',
      summary: `Replica ${replicaId} stays isolated: ${ask.reason}`,
      data: { replicaId, reason: ask.reason, untilMs },
    },
    forgetsAdmission: false,
    summary: 'it stays isolated',
  };
}

function giveBack({ replicaId, reason }: IsolationAsk, standing: Isolation): IsolationOutcome {
  if (standing.stage === 'waiting') {
    const event = makeEndedEvent(replicaId, `${reason}; it never left traffic`);
    return { isolation: null, event, forgetsAdmission: false, summary: 'it never left traffic' };
  }
  const summary = 'it gets traffic again once it reproduces its golden set';
  if (standing.stage === 'returning') return { isolation: standing, event: null, forgetsAdmission: false, summary };
  return {
    isolation: { ...standing, stage: 'returning' },
    event: {
      kind: 'replica.returning',
      summary: `Replica ${replicaId} is to get traffic again: ${reason}; ${summary}`,
      data: { replicaId, reason },
    },
    forgetsAdmission: true,
    summary,
  };
}

function stop({ replicaId, reason }: IsolationAsk, standing: Isolation): IsolationOutcome {
  if (standing.stage === 'waiting') return refuse('not-isolated', `replica ${replicaId} still gets traffic`);
  const summary = 'it is drained and stopped';
  if (standing.stage === 'leaving') return { isolation: standing, event: null, forgetsAdmission: false, summary };
  const event = makeEndedEvent(replicaId, `${reason}; it is stopped`);
  return { isolation: { ...standing, stage: 'leaving' }, event, forgetsAdmission: false, summary };
}

import type { Agent } from 'undici';
import type { SleepTarget } from '../../core/rollout/sleep/sleep-stage.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaSleeper } from '../../ports/serving/replica-sleeper.ts';
import { askReplica, replicaAgent, type ReplicaAnswer } from './bounded-request.ts';

const askTimeoutMs = 2_000;
const sleepTimeoutMs = 60_000;
const wakeTimeoutMs = 600_000;

type Ask = (
  target: SleepTarget,
  path: string,
  request: { readonly method: 'GET' | 'POST'; readonly timeoutMs: number; readonly signal: AbortSignal },
) => Promise<ReplicaAnswer>;

export interface SleeperParts {
  readonly agent?: Agent;
  /** What a replica knows orders by; null for one that takes them from anybody. Left out where all do. */
  readonly tokenOf?: (replicaId: string) => Promise<string | null>;
}

/**
 * Returns what puts replicas to sleep by the endpoints of their servers. The protocol of the service says which:
 *
 * | protocol | sleep | wake | asleep where |
 * |---|---|---|---|
 * | open-inference-v2 | `POST /v2/repository/models/NAME/unload` | `.../load` | the index says that each version was unloaded |
 * | openai | `POST /sleep?level=1` | `POST /wake_up` | `GET /is_sleeping` says so |
 *
 * Sources: the model repository extension of the Open Inference Protocol; vLLM's sleep mode, whose server needs
 * `--enable-sleep-mode` and `VLLM_SERVER_DEV_MODE=1`.
 */
export function openReplicaSleeper({ agent = replicaAgent(), tokenOf }: SleeperParts = {}): ReplicaSleeper {
  const ask: Ask = async (target, path, request) => {
    const token = (await tokenOf?.(target.replicaId)) ?? null;
    return askReplica(agent, new URL(path, target.endpoint), {
      ...request,
      headers: {
        ...(request.method === 'POST' ? { 'content-type': 'application/json' } : {}),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
    });
  };
  const order = async (target: SleepTarget, sleep: boolean, timeoutMs: number, signal: AbortSignal): Promise<void> => {
    const path = orderPath(target, sleep);
    requireOk(await ask(target, path, { method: 'POST', timeoutMs, signal }), target, `POST ${path}`);
    // Older vLLM servers answer before the order is carried out.
    if ((await isAsleep(ask, target, signal)) === sleep) return;
    throw refused(target, `POST ${path} was answered, and the replica ${sleep ? 'does not sleep' : 'still sleeps'}`);
  };
  return {
    isAsleep: (target, signal) => isAsleep(ask, target, signal),
    sleep: (target, signal) => order(target, true, sleepTimeoutMs, signal),
    wake: (target, signal) => order(target, false, wakeTimeoutMs, signal),
  };
}

function orderPath({ protocol, model }: SleepTarget, sleep: boolean): string {
  if (protocol === 'openai') return sleep ? '/sleep?level=1' : '/wake_up';
  return `/v2/repository/models/${encodeURIComponent(model)}/${sleep ? 'unload' : 'load'}`;
}

async function isAsleep(ask: Ask, target: SleepTarget, signal: AbortSignal): Promise<boolean> {
  const isVllm = target.protocol === 'openai';
  const [method, path] = isVllm ? (['GET', '/is_sleeping'] as const) : (['POST', '/v2/repository/index'] as const);
  const answer = await ask(target, path, { method, timeoutMs: askTimeoutMs, signal });
  // A server that has no such path cannot sleep.
  if (answer.status === 404) return false;
  requireOk(answer, target, `${method} ${path}`);
  const told: unknown = parse(answer, target, `${method} ${path}`);
  if (isVllm) return isRecord(told) && told['is_sleeping'] === true;
  const own = Array.isArray(told) ? told.filter(isRecord).filter(({ name }) => name === target.model) : [];
  const isServed = own.some(({ state }) => state !== 'UNAVAILABLE');
  return !isServed && own.some(({ reason }) => reason === 'unloaded');
}

function parse({ body }: ReplicaAnswer, target: SleepTarget, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw refused(target, `${what} did not answer with JSON`);
  }
}

function requireOk({ status, body }: ReplicaAnswer, target: SleepTarget, what: string): void {
  if (status >= 200 && status < 300) return;
  throw refused(target, `${what} answered ${status}: ${new TextDecoder().decode(body).slice(0, 200)}`);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = ({ replicaId, protocol }: SleepTarget, why: string): PlimsollError =>
  new PlimsollError({
    code: 'sleep-refused',
    category: 'refused',
    message: `replica ${replicaId}: ${why}`,
    next:
      protocol === 'openai'
        ? 'start vLLM with `--enable-sleep-mode` and `VLLM_SERVER_DEV_MODE=1`, or remove `scaling.sleep`'
        : 'use a server with the model repository extension, or remove `scaling.sleep`',
  });

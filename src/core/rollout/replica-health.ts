import type { Protocol } from '../contract/contract.ts';

export interface Health {
  readonly ready: boolean;
  /** What was asked and what came back: `GET /v2/health/ready answered 503`. */
  readonly reason: string;
  /** True when nothing came back in time: a busy server looks like this too, so once is not enough to judge by. */
  readonly timedOut: boolean;
  /** True when this process or this machine could not ask, for want of file handles, ports, memory or readable files: it says nothing of the server. */
  readonly couldNotAsk: boolean;
  /** What answers is another kind of server, or one without this model: waiting helps only where it still boots. Left out where nothing says so. */
  readonly isForeign?: true;
}

/** What became of one GET. */
export interface HealthAnswer {
  readonly path: string;
  /** Null where no answer came. */
  readonly status: number | null;
  /** Why no answer came: `noAnswer`, the code of an error, or words. */
  readonly trouble: string;
  /** The trouble is our own. Left out where its code tells. */
  readonly isOwn?: boolean;
  /** The answer is a page for people, as a website gives to whatever is asked. Left out where it is none. */
  readonly isPage?: true;
  /** The server answered the beginning of TLS. Left out where it did not, or was not asked. */
  readonly speaksTls?: true;
}

/** Returns whether an answer is a page for people, by its type and its first bytes: the type alone says little. */
export const looksLikePage = (contentType: string | undefined, start: string): boolean =>
  contentType !== undefined && /^text\/html\b/i.test(contentType) && /^\s*<(?:!doctype|html|head|body)\b/i.test(start);

/** Returns whether an answer over plain HTTP leaves open that the server speaks TLS: it closed, sent something else, or refuses. */
export const mayBeTls = ({ status, trouble }: Pick<HealthAnswer, 'status' | 'trouble'>): boolean =>
  status === 400 || trouble === 'ECONNRESET' || trouble.startsWith('HPE_');

/** Trouble of a server that was silent for too long. */
export const noAnswer = 'no answer in time';

/**
 * Statuses of a server that knows no such path, asks for a credential, sends elsewhere or cannot do it. None of a server that
 * is not ready yet: Triton answers 400 until it is, others 408, 425, 429 or 503.
 */
const isForeignStatus = (status: number): boolean =>
  (status >= 300 && status < 400) || [402, 404, 405, 406, 410, 421, 426, 501, 505].includes(status);

const asksForCredential = (status: number): boolean => status === 401 || status === 403 || status === 407;

/** Errors of who asks, by connect(2) and socket(2). */
const ownTroubles: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'EADDRNOTAVAIL']);

/** Returns whether the code of an error is trouble of this machine, and not of the server that was asked. */
export const isOwnTroubleCode = (code: string): boolean => ownTroubles.has(code);

/**
 * Returns whether a server is ready, by the service's own protocol.
 *
 * | protocol | ready when |
 * |---|---|
 * | open-inference-v2 | `/v2/health/ready` and `/v2/models/MODEL/ready` answer 200 |
 * | openai | `/health` answers 200, or has no such path (404, or a page for people) and `/v1/models` answers 200 |
 *
 * A page for people is no answer of either.
 *
 * @param ask sends one GET; it never rejects.
 */
export async function askHealth(
  protocol: Protocol,
  model: string,
  ask: (path: string) => Promise<HealthAnswer>,
): Promise<Health> {
  const speaks = `this server does not speak ${protocol}`;
  if (protocol === 'openai') {
    const health = await ask('/health');
    return judge(health.status === 404 || health.isPage ? await ask('/v1/models') : health, speaks);
  }
  const server = judge(await ask('/v2/health/ready'), speaks);
  if (!server.ready) return server;
  const ofModel = await ask(`/v2/models/${encodeURIComponent(model)}/ready`);
  return judge(ofModel, ofModel.status === 404 ? `this server has no model named ${model}` : speaks);
}

/** @param foreign what an answer says that only another kind of server gives. */
function judge(answer: HealthAnswer, foreign: string): Health {
  const { path, status, trouble, isOwn, isPage } = answer;
  const why = whyForeign(answer, foreign);
  if (why !== null) return { ready: false, reason: why, timedOut: false, couldNotAsk: false, isForeign: true };
  if (status === null) {
    const reason = `GET ${path}: ${trouble}`;
    return { ready: false, reason, timedOut: trouble === noAnswer, couldNotAsk: isOwn ?? ownTroubles.has(trouble) };
  }
  const ready = status === 200 && isPage !== true;
  return { ready, reason: `GET ${path} answered ${status}`, timedOut: false, couldNotAsk: false };
}

function whyForeign({ path, status, trouble, isPage, speaksTls }: HealthAnswer, foreign: string): string | null {
  const answered = `GET ${path}: ${status ?? trouble}`;
  if (speaksTls) return `this server speaks TLS, and is asked over plain HTTP (${answered})`;
  // The parser of HTTP met something else, such as a TLS alert.
  if (trouble.startsWith('HPE_')) return `this server does not speak HTTP (${answered}); it may speak TLS`;
  if (status === null) return null;
  if (isPage) return `${foreign} (${answered} with a page in HTML)`;
  if (asksForCredential(status)) return `this server asks for a credential (${answered})`;
  return isForeignStatus(status) ? `${foreign} (${answered})` : null;
}

/** What `POST /v1/try` answers: the gateway's own answer with who gave it. */
export interface TryAnswer {
  /** HTTP status of the gateway. */
  readonly status: number;
  readonly release: number | null;
  readonly replica: string | null;
  readonly modelVersion: number | null;
  readonly latencyMs: number | null;
  readonly body: unknown;
}

export type TryOutcome =
  | { readonly kind: 'answer'; readonly answer: TryAnswer; readonly scores: Scores | null }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly answer: TryAnswer | null };

/** A failure in words: what is wrong, and what to do next. */
export interface Failure {
  readonly title: string;
  readonly detail: string;
  readonly next: string | null;
}

export interface Scores {
  readonly output: string;
  readonly values: readonly number[];
  readonly best: number;
  /** True when they are a distribution: none negative, summing to 1. Otherwise they are shown as plain scores. */
  readonly probabilities: boolean;
}

/** `httpStatus` and `payload` are what the control plane said; inside a good one is what the gateway said. */
export function outcomeOf(httpStatus: number, payload: unknown): TryOutcome {
  if (httpStatus >= 400) return { kind: 'failure', failure: failureOf(httpStatus, payload, null), answer: null };
  const answer = parseAnswer(payload);
  if (answer === null) {
    const detail = 'The control plane answered with something that is not an answer to a try.';
    return { kind: 'failure', failure: { title: 'Not understood', detail, next: null }, answer: null };
  }
  if (answer.status >= 400) {
    return { kind: 'failure', failure: failureOf(answer.status, answer.body, answer), answer };
  }
  return { kind: 'answer', answer, scores: scoresOf(answer.body) };
}

function parseAnswer(payload: unknown): TryAnswer | null {
  if (!isRecord(payload) || typeof payload['status'] !== 'number') return null;
  return {
    status: payload['status'],
    release: numberOrNull(payload['release']),
    replica: typeof payload['replica'] === 'string' ? payload['replica'] : null,
    modelVersion: numberOrNull(payload['modelVersion']),
    latencyMs: numberOrNull(payload['latencyMs']),
    body: parsedBody(payload['body']),
  };
}

/** The body may come as the text that the gateway sent. */
function parsedBody(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

function numberOrNull(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

const titles: Readonly<Record<number, string>> = {
  400: 'The request was not accepted',
  401: 'This page may only read',
  403: 'Not allowed',
  404: 'Not found',
  408: 'Took too long',
  413: 'The request is too large',
  422: 'Refused',
  429: 'Too many requests',
  502: 'The replica did not answer',
  503: 'Nothing can answer now',
  504: 'Took too long',
};

function failureOf(status: number, body: unknown, answer: TryAnswer | null): Failure {
  const said = wordsIn(body);
  const speaker = answer === null ? 'control plane' : 'gateway';
  return {
    title: titles[status] ?? (status >= 500 ? 'Something failed' : 'The request was not accepted'),
    detail: said.message ?? `The ${speaker} answered with status ${status} and no explanation.`,
    next: said.next ?? (status === 429 ? 'Wait a second, then send again.' : null),
  };
}

/** Plimsoll says `{code, message, next}`, also under `error`; the open inference protocol says `{error: "..."}`. */
function wordsIn(body: unknown): { message: string | null; next: string | null } {
  if (typeof body === 'string' && body !== '') return { message: body.slice(0, 500), next: null };
  if (!isRecord(body)) return { message: null, next: null };
  const inner = isRecord(body['error']) ? body['error'] : body;
  const message = [inner['message'], body['error']].find((text) => typeof text === 'string');
  return {
    message: typeof message === 'string' ? message : null,
    next: typeof inner['next'] === 'string' ? inner['next'] : typeof body['next'] === 'string' ? body['next'] : null,
  };
}

/** More bars than this are not readable as bars. */
const maxScores = 24;

/** The first output that is one row of a few numbers; one named for probabilities first. */
export function scoresOf(body: unknown): Scores | null {
  if (!isRecord(body) || !Array.isArray(body['outputs'])) return null;
  const candidates = body['outputs'].flatMap((output: unknown) => scoresOfOutput(output));
  return candidates.find((scores) => /prob/i.test(scores.output)) ?? candidates[0] ?? null;
}

function scoresOfOutput(output: unknown): Scores[] {
  if (!isRecord(output) || typeof output['name'] !== 'string' || !Array.isArray(output['data'])) return [];
  const values: unknown[] = output['data'].flat(4);
  if (values.length < 2 || values.length > maxScores || !values.every((value) => typeof value === 'number')) return [];
  const numbers = values as number[];
  const sum = numbers.reduce((total, value) => total + value, 0);
  return [
    {
      output: output['name'],
      values: numbers,
      best: numbers.indexOf(Math.max(...numbers)),
      probabilities: Math.abs(sum - 1) < 0.01 && numbers.every((value) => value >= 0),
    },
  ];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { createLocalJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { PlimsollError } from '../../../core/units/errors.ts';
import { filesAudience } from '../../../schemas/replica/replica-files.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import { isObject, objectAt, textOf, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { ApiClient } from '../api/api-client.ts';

const keysPath = '/openid/v1/jwks';
/** A key that is not known may be new. Whoever invents tokens makes no more calls than this. */
const lookAgainMs = 10_000;
/** A key that was taken back is not believed for longer. */
const oldMs = 600_000;
const toleranceSeconds = 60;

/** The pod that a token is bound to. */
export interface ProvenPod {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
}

/**
 * Verifies service account tokens that are bound to a pod, with the public keys of the API server. Every service account
 * may read those keys, so that no ClusterRole is needed (a TokenReview needs one). A token stays valid for up to its
 * lifetime after its pod is gone: whoever asks has to hold the uid against the pods that are there.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 */
export class PodTokens {
  readonly #client: ApiClient;
  readonly #clock: Clock;
  #keys: ReturnType<typeof createLocalJWKSet> | null = null;
  #readAtMs = -Infinity;

  constructor(client: ApiClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws PlimsollError `replica-token` (unauthorized), `token-keys` (unavailable). */
  async verify(token: string, signal: AbortSignal): Promise<ProvenPod> {
    if (this.#keys === null || this.#ageMs() > oldMs) await this.#readKeys(signal);
    try {
      return podOf(await this.#claimsOf(token));
    } catch (thrown) {
      if (!isKeyUnknown(thrown) || this.#ageMs() < lookAgainMs) throw refusal(thrown);
    }
    await this.#readKeys(signal);
    return podOf(
      await this.#claimsOf(token).catch((thrown: unknown) => {
        throw refusal(thrown);
      }),
    );
  }

  #ageMs(): number {
    return this.#clock.monotonicMs() - this.#readAtMs;
  }

  async #claimsOf(token: string): Promise<JWTPayload> {
    if (this.#keys === null) throw new Error('there are no keys');
    const { payload } = await jwtVerify(token, this.#keys, {
      audience: filesAudience,
      clockTolerance: toleranceSeconds,
      currentDate: new Date(this.#clock.nowMs()),
      requiredClaims: ['exp'],
    });
    return payload;
  }

  async #readKeys(signal: AbortSignal): Promise<void> {
    const { status, body } = await this.#client.call({ method: 'GET', path: keysPath, signal });
    const keys = body['keys'];
    if (status !== 200 || !Array.isArray(keys)) throw keysMissing(status);
    this.#readAtMs = this.#clock.monotonicMs();
    this.#keys = createLocalJWKSet({ keys: keys.filter(isObject) as never });
  }
}

const isKeyUnknown = (thrown: unknown): boolean => thrown instanceof errors.JWKSNoMatchingKey;

function podOf(payload: JWTPayload): ProvenPod {
  const bound = objectAt(payload as JsonObject, 'kubernetes.io');
  const pod = objectAt(bound, 'pod');
  const [name, uid, namespace] = [textOf(pod['name']), textOf(pod['uid']), textOf(bound['namespace'])];
  if (name !== null && uid !== null && namespace !== null) return { name, uid, namespace };
  throw refusal(new Error('it is bound to no pod'));
}

function refusal(thrown: unknown): PlimsollError {
  if (thrown instanceof PlimsollError) return thrown;
  return new PlimsollError({
    code: 'replica-token',
    category: 'unauthorized',
    message: `the token proves no pod: ${thrown instanceof Error ? thrown.message : 'it cannot be read'}`,
    next: `ask with the projected token of audience ${filesAudience} that the pod was given`,
  });
}

function keysMissing(status: number): PlimsollError {
  return new PlimsollError({
    code: 'token-keys',
    category: 'unavailable',
    message: `the API server gives no keys for tokens at ${keysPath} (${status})`,
    next: 'bind the ClusterRole system:service-account-issuer-discovery to the service account of the control plane',
  });
}

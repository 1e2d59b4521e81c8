import { isAccountSubject } from '../../../core/access/access-token.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReviewToken } from '../../../ports/access/token-review.ts';
import { objectAt, textOf } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { ApiClient } from '../api/api-client.ts';

const path = '/apis/authentication.k8s.io/v1/tokenreviews';

/**
 * By TokenReview, which also knows that an account or its pod was removed. It needs a ClusterRole with `create` on
 * `tokenreviews`. An authenticator that knows no audiences leaves them out of its answer: such an answer is none.
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
 */
export function makeReviewToken(client: ApiClient, audience: string): ReviewToken {
  return async (token, signal) => {
    const spec = { token, audiences: [audience] };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
    const reply = await client.call({ method: 'POST', path, body, signal });
    if (reply.status !== 201) throw notReviewed(reply.status, textOf(reply.body['message']));
    const status = objectAt(reply.body, 'status');
    const { authenticated, audiences } = status;
    const subject = textOf(objectAt(status, 'user')['username']);
    if (authenticated !== true || !Array.isArray(audiences) || !audiences.includes(audience)) return null;
    return subject !== null && isAccountSubject(subject) ? subject : null;
  };
}

function notReviewed(status: number, said: string | null): PlimsollError {
  return new PlimsollError({
    code: 'cluster-answer-invalid',
    category: 'unavailable',
    message: `the API server made no TokenReview (${status})${said === null ? '' : `: ${said}`}`,
    next: 'kubectl auth can-i create tokenreviews',
  });
}

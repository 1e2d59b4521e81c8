import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import {
  judgeGatewayCertificate,
  type CertificateJudgement,
  type ShownCertificate,
} from '../../../core/access/gateway-certificate.ts';
import { PlimsollError } from '../../../core/units/errors.ts';

/** Asks gateways that come in from other machines for a certificate of their own. */
export interface GatewayCertificates {
  /** The certificate of the connection that a request came by; null for none. */
  shownBy(request: IncomingMessage): ShownCertificate | null;
  nowMs(): number;
}

interface CertificateParts {
  readonly gatewayCertificates?: GatewayCertificates;
  isLocal(request: IncomingMessage): boolean;
}

/**
 * A gateway's token says that it is a gateway, and its certificate which one. The connection of one that is refused is closed, so that
 * the next one shows what it has by then.
 * @throws PlimsollError with a code of `CertificateProblem` (unauthorized).
 */
export function requireGatewayCertificate(request: FastifyRequest, reply: FastifyReply, parts: CertificateParts): void {
  const judgement = judge(request, parts);
  if (judgement.accepted) return;
  void reply.header('connection', 'close');
  throw new PlimsollError({
    code: judgement.code,
    category: 'unauthorized',
    message: `gateway ${gatewayOf(request)}: ${judgement.reason}`,
    next: 'give the gateway a certificate of the authority in --tls-client-ca that names its id: --tls-cert FILE --tls-key FILE',
  });
}

/** Whether a stream may go on that was opened with a certificate. */
export function holdsCertificate(request: FastifyRequest, parts: CertificateParts): boolean {
  return judge(request, parts).accepted;
}

function judge(request: FastifyRequest, { gatewayCertificates, isLocal }: CertificateParts): CertificateJudgement {
  const isOfGateway = request.routeOptions.config.access === 'gateway';
  if (gatewayCertificates === undefined || !isOfGateway || isLocal(request.raw)) return { accepted: true };
  return judgeGatewayCertificate(
    gatewayCertificates.shownBy(request.raw),
    gatewayOf(request),
    gatewayCertificates.nowMs(),
  );
}

function gatewayOf({ params }: FastifyRequest): string {
  const { id } = (params ?? {}) as { readonly id?: unknown };
  return typeof id === 'string' ? id : '';
}

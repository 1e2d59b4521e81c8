import { formatScope } from '../../core/access/scope-words.ts';
import type { ArtifactClaim } from '../../core/fleet/artifact-claim.ts';
import type { ServiceClaim } from '../../core/fleet/service-claim.ts';
import type { EventNews } from '../../core/records/event.ts';

export function makeArtifactClaimedEvent({ kind, name, service }: ArtifactClaim): EventNews {
  return {
    kind: 'artifact.claimed',
    summary: `${service} owns ${kind} ${name} from now on`,
    data: { artifact: kind, name },
  };
}

/** @param standing what the other service may do from now on; null for nothing. */
export function makeArtifactSharedEvent(
  { kind, name, service }: Pick<ArtifactClaim, 'kind' | 'name' | 'service'>,
  standing: ArtifactClaim['standing'] | null,
): EventNews {
  return {
    kind: 'artifact.shared',
    summary:
      standing === null
        ? `${kind} ${name} is not shared with ${service} any more`
        : `${kind} ${name} is shared with ${service}`,
    data: { artifact: kind, name, with: service, standing },
  };
}

export function makeServiceClaimedEvent({ service, scope }: ServiceClaim): EventNews {
  return {
    kind: 'service.claimed',
    summary: `${service} belongs to tokens of ${formatScope(scope)} from now on`,
    data: { scope: formatScope(scope) },
  };
}

export function makeServiceTransferredEvent({ service, scope }: ServiceClaim, from: ServiceClaim | null): EventNews {
  const before = from === null ? null : formatScope(from.scope);
  return {
    kind: 'service.transferred',
    summary: `${service} belongs to tokens of ${formatScope(scope)} from now on${before === null ? '' : `, and no more to those of ${before}`}`,
    data: { scope: formatScope(scope), from: before },
  };
}

import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import { PlimsollError } from '../units/errors.ts';
import { compareVersions } from '../units/quantity/quantity-version-range.ts';
import { readVersion } from '../units/version.ts';

/** In which a client says its version. */
export const versionHeader = 'plimsoll-version';

/**
 * How the version of a client stands to that of a control plane.
 *
 * | gap | when |
 * |---|---|
 * | near | the same major version, and minor versions at most one apart |
 * | older, newer | the client is further away than that |
 * | unknown | one of the two is no version |
 */
export type VersionGap = 'near' | 'older' | 'newer' | 'unknown';

export function versionGap(client: string, server: string): VersionGap {
  const [own, other] = [readVersion(client), readVersion(server)];
  if (own === null || other === null) return 'unknown';
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [own, other];
  if (major === otherMajor && Math.abs(minor - otherMinor) <= 1) return 'near';
  return compareVersions(own, other) < 0 ? 'older' : 'newer';
}

/** @throws PlimsollError `version-too-far` (conflict), with both versions, unless they are near. */
export function requireNearVersion(client: string, server: string): void {
  const gap = versionGap(client, server);
  if (gap === 'near') return;
  throw new PlimsollError({
    code: 'version-too-far',
    category: 'conflict',
    message: `this command line is of version ${client.slice(0, 50)}, and the control plane of ${server.slice(0, 50)}: they may differ by one minor version`,
    next:
      gap === 'unknown'
        ? nextStep(coreSteps, 'version-too-far/unreleased')
        : gap === 'older'
          ? nextStep(coreSteps, 'version-too-far/command-line', { version: server })
          : nextStep(coreSteps, 'version-too-far/control-plane', { version: client }),
    details: { client: client.slice(0, 50), server: server.slice(0, 50) },
  });
}

/** What a control plane says that has no routes for bundles. */
export function bundlesUnknown(client: string, server: string | null): PlimsollError {
  return new PlimsollError({
    code: 'bundles-unknown',
    category: 'conflict',
    message: `the control plane, of version ${server ?? 'that it does not say'}, takes no bundles, which this command line, of version ${client}, releases by`,
    next: nextStep(coreSteps, 'bundles-unknown'),
    details: { client, server },
  });
}

import { cliSteps } from '../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../core/units/errors.ts';

/** Where a control plane is in a cluster; null for what the kubeconfig says. */
export interface ClusterAddress {
  readonly context: string | null;
  readonly namespace: string | null;
}

const scheme = 'kubernetes:';
/** RFC 1123 label. */
const namespacePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The address of a control plane, as `--server` takes it: `kubernetes:?context=dev&namespace=ml`.
 * @throws PlimsollError `option-invalid` (input).
 */
export function formatClusterAddress({ context, namespace }: ClusterAddress): string {
  if (namespace !== null && !namespacePattern.test(namespace)) {
    throw invalid(
      `--namespace must be of 1 to 63 lower-case letters, digits and hyphens, not \`${namespace.slice(0, 200)}\``,
    );
  }
  if (context === '') throw invalid('--context is empty');
  const query = new URLSearchParams();
  if (context !== null) query.set('context', context);
  if (namespace !== null) query.set('namespace', namespace);
  return `${scheme}?${query.toString()}`;
}

/** Null for another address. @throws PlimsollError `option-invalid` (input). */
export function parseClusterAddress(text: string): ClusterAddress | null {
  if (!text.startsWith(scheme)) return null;
  const { searchParams, pathname, host } = new URL(text);
  const address = { context: searchParams.get('context'), namespace: searchParams.get('namespace') };
  if (pathname !== '' || host !== '' || text.replace(`${scheme}?`, '') === text) {
    throw invalid(`an address in a cluster is ${scheme}?context=NAME&namespace=NAME, not \`${text.slice(0, 200)}\``);
  }
  formatClusterAddress(address);
  return address;
}

export const isClusterAddress = (text: string | undefined): boolean => text?.startsWith(scheme) === true;

function invalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'option-invalid/status-context'),
  });
}

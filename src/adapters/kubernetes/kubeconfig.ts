import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';

export interface KubeconfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly context?: string | undefined;
}

/**
 * The kubeconfig that kubectl would take: the files of KUBECONFIG, `~/.kube/config`, or the service account of the pod.
 * @throws PlimsollError `kubeconfig-missing`, `kubeconfig-invalid`, `cluster-context-unknown` (input).
 */
export function loadKubeconfig({ env, context }: KubeconfigOptions): KubeConfig {
  const config = new KubeConfig();
  const files = kubeconfigFiles(env);
  if (files.length === 0) {
    if (!existsSync(serviceAccountToken)) throw missing(env);
    config.loadFromCluster();
  }
  files.forEach((file, at) => {
    try {
      if (at === 0) config.loadFromFile(file);
      else {
        const further = new KubeConfig();
        further.loadFromFile(file);
        config.mergeConfig(further);
      }
    } catch (cause) {
      throw invalid(`${file} is no kubeconfig: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    }
  });
  chooseContext(config, context);
  return config;
}

/** The namespace of the current context; in a pod that of its service account. */
export function namespaceOf(config: KubeConfig): string {
  return config.getContextObject(config.getCurrentContext())?.namespace || 'default';
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** As kubectl does, files of KUBECONFIG that are not there are passed over. */
function kubeconfigFiles(env: KubeconfigOptions['env']): readonly string[] {
  const named = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter((file) => file !== '');
  const candidates = named.length > 0 ? named : [path.join(env['HOME'] ?? homedir(), '.kube', 'config')];
  return candidates.filter((file) => existsSync(file));
}

function chooseContext(config: KubeConfig, wanted: string | undefined): void {
  const names = config.getContexts().map(({ name }) => name);
  const chosen = wanted ?? config.getCurrentContext();
  if (!names.includes(chosen)) throw unknownContext(chosen, names);
  config.setCurrentContext(chosen);
  if (config.getCurrentCluster() === null) throw invalid(`the context ${chosen} of the kubeconfig names no cluster`);
  if (config.getCurrentUser() === null) throw invalid(`the context ${chosen} of the kubeconfig names no user`);
}

function unknownContext(chosen: string, names: readonly string[]): PlimsollError {
  const meant = nearest(chosen, names);
  const suggestion = meant === null ? '' : `; did you mean ${meant}?`;
  return new PlimsollError({
    code: 'cluster-context-unknown',
    category: 'input',
    message: chosen ? `the kubeconfig has no context ${chosen}${suggestion}` : 'the kubeconfig has no current context',
    next: names.length === 0 ? 'kubectl config get-contexts' : `name one of them: cluster:${meant ?? names[0] ?? ''}`,
    details: { contexts: names.slice(0, 50) },
  });
}

function missing(env: KubeconfigOptions['env']): PlimsollError {
  const named = env['KUBECONFIG'] ?? '';
  return new PlimsollError({
    code: 'kubeconfig-missing',
    category: 'input',
    message:
      named === '' ? 'there is no kubeconfig at ~/.kube/config' : `none of the files of KUBECONFIG is there: ${named}`,
    next: 'set KUBECONFIG; or save what is needed where kubectl works: kubectl get nodes,resourceslices -o json > nodes.json',
  });
}

function invalid(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'kubeconfig-invalid',
    category: 'input',
    message,
    next: 'kubectl config view',
    cause,
  });
}

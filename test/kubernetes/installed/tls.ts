import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Agent, fetch as fetchBy } from 'undici';
import { demandApi } from '../cluster/api.ts';
import { putSecret, type InstalledPlace } from './world.ts';

/** Https of a control plane, for whoever trusts its authority. */
export interface Tls {
  /** Of the certificate that clients trust. */
  readonly file: string;
  ask(
    url: string,
    token: string,
  ): Promise<{ readonly status: number; text(): Promise<string>; json(): Promise<unknown> }>;
}

/**
 * Makes the Secret of `--tls-secret`. The certificate names the control plane as gateways and replicas reach it, and the
 * address of its Service, which has to be there.
 */
export async function makeTls(place: InstalledPlace, secret: string): Promise<Tls> {
  const { cluster, namespace, folder } = place;
  const service = `/api/v1/namespaces/${namespace}/services/plimsoll-control-plane`;
  const { spec } = await demandApi(cluster, 'GET', service);
  const [key, file] = ['tls.key', 'tls.crt'].map((name) => path.join(folder, name)) as [string, string];
  const names = `DNS:plimsoll-control-plane.${namespace}.svc,IP:${String(spec.clusterIP)}`;
  const about = ['-subj', '/CN=plimsoll', '-addext', `subjectAltName=${names}`];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...about];
  const made = spawnSync('openssl', [...words, '-keyout', key, '-out', file], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const certificate = readFileSync(file, 'utf8');
  const content = { 'tls.crt': certificate, 'tls.key': readFileSync(key, 'utf8'), 'ca.crt': certificate };
  await putSecret(place, secret, content);
  const dispatcher = new Agent({ connect: { ca: certificate }, pipelining: 0 });
  return {
    file,
    ask: (url, token) =>
      fetchBy(url, { dispatcher, headers: token === '' ? {} : { authorization: `Bearer ${token}` } }),
  };
}

/** Why there can be no certificate; null where there can. */
export const missingOpenssl = spawnSync('openssl', ['version']).status === 0 ? null : 'openssl is not installed';

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlimsollError } from '../../core/units/errors.ts';
import { makeProcessTable } from '../../adapters/processes/process-table/this-machine.ts';
import { makeCertificate, missingOpenssl } from '../../testing/rigs/certificates.ts';
import { makePlan, type UpOptions } from './supervisor-plan.ts';
import type { UpPlace } from './up-place.ts';

const place: UpPlace = {
  services: [
    {
      service: 'tiny',
      environment: 'default',
      environments: ['default'],
      contractFile: '/nowhere/plimsoll.yaml',
    },
  ],
  stateFolder: '/nowhere/.plimsoll',
};
const anyPort = { listen: '127.0.0.1:0', 'gateway-listen': '127.0.0.1:0' };
const plan = (options: Partial<UpOptions>) => makePlan(place, { ...anyPort, ...options }, makeProcessTable());

describe('what `up` would start', () => {
  it('has an address for the page and another for clients', async () => {
    const { pageUrl, gatewayUrl, gateway, controlPlane } = await plan({});
    expect(new URL(pageUrl).port).not.toBe(new URL(gatewayUrl).port);
    expect(controlPlane.args).toContain(new URL(pageUrl).host);
    expect(gateway.args).toContain(new URL(gatewayUrl).host);
  });

  it.each([
    ['127.0.0.1:7070', '127.0.0.1:7070'],
    ['localhost:7070', '127.0.0.1:7070'],
    ['127.0.0.1:7070', '0.0.0.0:7070'],
  ])('is refused with the page on %s and the gateway on %s', async (listen, client) => {
    await expect(plan({ listen, 'gateway-listen': client })).rejects.toMatchObject({
      code: 'addresses-clash',
      category: 'input',
      next: expect.stringContaining('plimsoll up --listen') as string,
    });
  });

  it('is refused on taken ports with one hint for both, that keeps what was given', async () => {
    const servers = await Promise.all(
      [0, 1].map(async () => {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return server;
      }),
    );
    const [page = '', client = ''] = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
    const hint = async (options: Partial<UpOptions>): Promise<string> =>
      plan(options).then(
        () => 'none',
        (thrown: unknown) => (thrown as PlimsollError).next ?? '',
      );
    try {
      expect(await hint({ listen: page, 'gateway-listen': client, environment: 'prod' })).toBe(
        'plimsoll up --listen 127.0.0.1:0 --gateway-listen 127.0.0.1:0 --environment prod takes free ports',
      );
      expect(await hint({ listen: '127.0.0.1:0', 'gateway-listen': client })).toBe(
        'plimsoll up --listen 127.0.0.1:0 --gateway-listen 127.0.0.1:0 takes free ports',
      );
    } finally {
      for (const server of servers) server.close();
    }
  });

  it('is refused where other machines reach the page and nothing says who may', async () => {
    await expect(plan({ listen: '0.0.0.0:0' })).rejects.toMatchObject({ code: 'token-file-needed', category: 'input' });
  });

  it('may be reached by other machines where a file names identity providers, and is refused where that is wrong', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-plan-'));
    const file = path.join(folder, 'identities.yaml');
    const listen = '0.0.0.0:0';
    await expect(plan({ listen, identities: file })).rejects.toMatchObject({ code: 'identities-unreadable' });
    await writeFile(file, 'providers: nobody');
    await expect(plan({ listen, identities: file })).rejects.toMatchObject({
      code: 'identities-invalid',
      category: 'input',
    });
    const rules = '[{ when: { groups: a }, role: operate }]';
    await writeFile(file, `providers: [{ name: acme, issuer: "https://a.com", audience: x, rules: ${rules} }]`);
    const { controlPlane } = await plan({ listen, identities: file });
    expect(controlPlane.args.join(' ')).toContain(`--identities ${file}`);
    await rm(folder, { recursive: true });
  });

  it('is refused with a token file that is not there', async () => {
    await expect(plan({ 'token-file': '/nowhere/tokens' })).rejects.toMatchObject({
      code: 'token-file-unreadable',
      category: 'input',
    });
  });

  it.skipIf(missingOpenssl !== null)('has one certificate for the page and for clients over TLS', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-plan-'));
    const { cert, key } = makeCertificate(folder, 'server', { commonName: 'box', alternativeNames: 'IP:127.0.0.1' });
    const files = { 'tls-cert': cert, 'tls-key': key };
    const { gateway, controlPlane, httpsUrl, pageUrl } = await plan({ ...files, 'https-listen': '127.0.0.1:0' });
    expect([pageUrl, httpsUrl]).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/^https:/)]);
    const listen = httpsUrl?.replace('https://', '');
    expect(gateway.args.join(' ')).toContain(`--https-listen ${listen} --https-cert ${cert} --https-key ${key}`);
    expect(controlPlane.args.join(' ')).toContain(`--tls-cert ${cert} --tls-key ${key}`);
    const plain = await plan(files);
    expect([plain.httpsUrl, plain.gateway.args.join(' ').includes('https')]).toEqual([null, false]);
    await rm(folder, { recursive: true });
  });

  it('is refused with an address for TLS and no certificate, or where something else listens', async () => {
    await expect(plan({ 'https-listen': '0.0.0.0:8443' })).rejects.toMatchObject({
      code: 'option-invalid',
      next: 'plimsoll up --https-listen 0.0.0.0:8443 --tls-cert FILE --tls-key FILE',
    });
    const same = { 'gateway-listen': '127.0.0.1:8443', 'https-listen': '0.0.0.0:8443' };
    await expect(plan(same)).rejects.toMatchObject({
      code: 'addresses-clash',
      message: '--gateway-listen 127.0.0.1:8443 and --https-listen 0.0.0.0:8443 cannot both listen there',
    });
  });

  it('asks KEDA for a certificate only where there is a port with TLS', async () => {
    const alone = { 'scaler-client-ca': 'ca.pem' };
    await expect(plan(alone)).rejects.toMatchObject({ code: 'option-invalid', category: 'input' });
    await expect(plan({ ...alone, 'scaler-listen': '127.0.0.1:0' })).rejects.toMatchObject({
      message: '--scaler-client-ca needs --tls-cert and --tls-key beside it',
    });
  });
});

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startExternalScaler,
  type ExternalScalerParts,
  type ExternalScalerServer,
} from '../../../src/adapters/keda/external-scaler-server.ts';
import { makeScalerEntry } from '../../../src/bin/open/tls/scaler-entry.ts';
import type { PublishedScale } from '../../../src/core/scaling/published-scale.ts';
import { PlimsollError } from '../../../src/core/units/errors.ts';
import { makeCertificate, missingOpenssl } from '../../../src/testing/rigs/certificates.ts';
import { kedaClient } from '../../peers/keda-client.ts';

interface Line {
  readonly call: string;
  readonly answer?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

function ask(
  server: ExternalScalerServer,
  service: string,
  environment = 'prod',
  tls: readonly string[] = [],
): Promise<readonly Line[]> {
  return new Promise((resolve, reject) => {
    const client = spawn(kedaClient, [server.address, service, environment, ...tls], { timeout: 30_000 });
    let out = '';
    client.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      // The second answer of the stream is the one after the change.
      if (out.includes('"StreamIsActive"')) desired = 0;
    });
    client.once('error', reject);
    client.once('close', () => {
      resolve(
        out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Line),
      );
    });
  });
}

let desired = 21;

function scaleOf(service: string | undefined): PublishedScale {
  if (service === 'starting') {
    throw new PlimsollError({ code: 'no-decision', category: 'unavailable', message: 'nothing was decided yet' });
  }
  if (service !== 'chat') {
    throw new PlimsollError({
      code: 'service-unknown',
      category: 'not-found',
      message: 'no such service',
      next: 'use chat',
    });
  }
  return { service, environment: 'prod', desired, current: 20, decidedAtMs: 0 };
}

const parts: ExternalScalerParts = { scale: ({ scalerMetadata }) => scaleOf(scalerMetadata['service']) };

describe.skipIf(!existsSync(kedaClient))('a client made of the generated code of KEDA', () => {
  let server: ExternalScalerServer;

  beforeAll(async () => {
    server = await startExternalScaler('127.0.0.1:0', parts);
  });

  afterAll(async () => {
    await server.close();
  });

  it('gets an answer to every call, in the deprecated and in the float fields', async () => {
    desired = 21;
    const lines = await ask(server, 'chat');
    expect(lines).toEqual([
      { call: 'IsActive', answer: true },
      {
        call: 'GetMetricSpec',
        answer: [{ metricName: 'plimsoll-desired-replicas', targetSize: 1, targetSizeFloat: 1 }],
      },
      // 21 of 20 is inside the tolerance of an autoscaler, which would stay at 20.
      {
        call: 'GetMetrics',
        answer: [{ metricName: 'plimsoll-desired-replicas', metricValue: 23, metricValueFloat: 23 }],
      },
      {
        call: 'GetMetrics',
        error: { code: 'NotFound', message: expect.stringContaining('there is no metric "other"') },
      },
      { call: 'StreamIsActive', answer: true },
      { call: 'StreamIsActive', answer: false },
    ]);
  });

  it.skipIf(missingOpenssl !== null)('comes in with a certificate over TLS, and without one it does not', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-keda-'));
    const own = { commonName: 'control plane', alternativeNames: 'IP:127.0.0.1' };
    const cert = makeCertificate(folder, 'server', own);
    const authority = makeCertificate(folder, 'authority', { commonName: 'of KEDA' });
    const keda = makeCertificate(folder, 'keda', { commonName: 'keda-operator', authority });
    const entry = makeScalerEntry({ ...cert, clientCa: authority.cert }, { warn: () => undefined });
    const secured = await startExternalScaler('127.0.0.1:0', parts, { entry });
    try {
      desired = 21;
      const lines = await ask(secured, 'chat', 'prod', [cert.cert, keda.cert, keda.key]);
      expect(lines.map(({ call, error }) => error?.code ?? call)).toEqual([
        ...['IsActive', 'GetMetricSpec', 'GetMetrics', 'NotFound', 'StreamIsActive', 'StreamIsActive'],
      ]);
      for (const refused of [[], [cert.cert], [authority.cert, keda.cert, keda.key]]) {
        const codes = (await ask(secured, 'chat', 'prod', refused)).map(({ error }) => error?.code);
        // None of them was answered.
        expect([codes.length > 0, codes]).toEqual([true, expect.not.arrayContaining([undefined])]);
      }
    } finally {
      await secured.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is told which service there is not, and what to use', async () => {
    const lines = await ask(server, 'other');
    const error = { code: 'NotFound', message: 'no such service (next: use chat)' };
    expect(lines.map((line) => line.error)).toEqual([error, error, error, error, error]);
  });

  it('is told that nothing was decided, so that it falls back, and its stream waits', async () => {
    const lines = await ask(server, 'starting');
    expect(lines.slice(0, 4).map(({ error }) => error?.code)).toEqual(new Array(4).fill('Unavailable'));
    expect(lines[4]?.error?.code).toBe('DeadlineExceeded');
  }, 40_000);
});

it('names where the client comes from when it is absent', () => {
  expect(path.isAbsolute(kedaClient)).toBe(true);
});

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { patient } from '../../../testing/fakes/servers/pushable-artifacts.ts';
import { openModelPlaces } from './open-model-places.ts';

const { signal } = new AbortController();
const clock = patient();

/** Answers as `answer` says, and keeps what it was asked. */
class RecordingServer {
  readonly heard: string[] = [];
  readonly #server: Server;

  constructor(answer: (path: string, response: ServerResponse) => void) {
    this.#server = createServer((request, response) => {
      this.heard.push(`${request.url} ${request.headers.authorization ?? ''}`);
      answer(request.url ?? '', response);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** MLflow that says where the files of every version lie. */
const mlflowAt = (artifacts: string) =>
  new RecordingServer((path, response) => {
    const isUri = path.includes('get-download-uri');
    response.end(
      JSON.stringify(isUri ? { artifact_uri: artifacts } : { model_version: { name: 'digits', version: '3' } }),
    );
  });

let bucket: RecordingServer;
let mlflow: RecordingServer;
let [bucketHost, host] = ['', ''];
const credentials = () => ({
  MLFLOW_TRACKING_TOKEN: 't0ken',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  AWS_ENDPOINT_URL: `http://${bucketHost}`,
});
const places = (allowed: string) => openModelPlaces({ clock, env: { ...credentials(), PLIMSOLL_REGISTRIES: allowed } });
beforeEach(async () => {
  const objects =
    '<ListBucketResult><Contents><Key>models/3/model.bin</Key><Size>1</Size><ETag>e</ETag></Contents></ListBucketResult>';
  bucket = new RecordingServer((_path, response) => void response.end(objects));
  mlflow = mlflowAt('s3://team/models/3');
  [bucketHost, host] = [await bucket.listen(), await mlflow.listen()];
});
afterEach(async () => {
  await Promise.all([bucket.close(), mlflow.close()]);
});

describe('what is allowed', () => {
  it('is nothing, unless it is set', async () => {
    const none = openModelPlaces({ clock, env: credentials() });
    expect(none.refusal('prod', `mlflow://${host}/digits/3`)).toContain('no registry is allowed');
    await expect(none.open('prod', `mlflow://${host}/digits/3`, signal)).rejects.toMatchObject({
      code: 'place-not-allowed',
    });
    expect([mlflow.heard, bucket.heard]).toEqual([[], []]);
  });

  it('is asked with the credentials of the environment', async () => {
    const opened = await places(`mlflow://${host} s3://team/models`).open('prod', `mlflow://${host}/digits/3`, signal);
    expect(opened.files.map(({ path }) => path)).toEqual(['model.bin']);
    await opened.close();
    expect(mlflow.heard[0]).toContain('Bearer t0ken');
    expect(bucket.heard[0]).toContain('AWS4-HMAC-SHA256');
  });

  it('is what the record of the environment says, where it says so', async () => {
    const place = `mlflow://${host}/digits/3`;
    const none = openModelPlaces({ clock, env: credentials() });
    expect(none.refusal('prod', place, [`mlflow://${host}`])).toBeNull();
    await (await none.open('prod', place, signal, [`mlflow://${host}`, 's3://team/models'])).close();
    const { refusal, open } = places(`mlflow://${host} s3://team/models`);
    expect(refusal('prod', place, [])).toContain('no registry is allowed for prod');
    await expect(open('prod', place, signal, [`mlflow://${host}`])).rejects.toMatchObject({
      message: expect.stringContaining('not fetched from s3://team/models/3'),
    });
  });

  it('names a version of a model', () => {
    const { refusal } = places(`mlflow://${host} oci://ghcr.io/acme`);
    for (const place of [`mlflow://${host}/digits`, `mlflow://${host}/digits@champion`, 'oci://ghcr.io/acme/digits']) {
      expect(refusal('prod', place)).toBe('it names no version of a model');
    }
    expect(refusal('prod', `oci://ghcr.io/acme/digits@sha256:${'0'.repeat(64)}`)).toBeNull();
  });

  it('is no bucket that an allowed MLflow names and nobody allowed', async () => {
    const opening = places(`mlflow://${host} s3://team/models-2`).open('prod', `mlflow://${host}/digits/3`, signal);
    await expect(opening).rejects.toMatchObject({
      code: 'place-not-allowed',
      message: expect.stringMatching(
        /not fetched from s3:\/\/team\/models\/3: mlflow:.* names it, and allowed for prod is only/,
      ),
    });
    expect(bucket.heard).toEqual([]);
  });

  it.each([
    (allowed: string) => `mlflow://${allowed}@127.0.0.1:1/digits/3`,
    (allowed: string) => `mlflow://me@${allowed}/digits/3`,
    (allowed: string) => `mlflow://${allowed}/../digits/3`,
    (allowed: string) => `mlflow://${allowed}/%2e%2e/digits/3`,
    (allowed: string) => `mlflow://${allowed}0/digits/3`,
    () => `mlflow://${bucketHost}/digits/3`,
    () => `s3://team/models/3`,
    () => `oci://${bucketHost}/digits:3`,
    () => 'mlflow:digits:3',
  ])('is no hostile place %#, and nobody is asked', async (place) => {
    const opening = places(`mlflow://${host}`).open('prod', place(host), signal);
    await expect(opening).rejects.toMatchObject({ code: 'place-not-allowed' });
    expect([mlflow.heard, bucket.heard]).toEqual([[], []]);
  });
});

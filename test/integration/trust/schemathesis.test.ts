import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { gatewayDocument, modelServerDocument } from '../../peers/schemathesis/documents.ts';
import { findSchemathesis } from '../../peers/schemathesis/peer.ts';
import { UserProject } from '../../user-project.ts';

const peer = findSchemathesis();
if (peer.kind === 'missing') {
  console.error(
    `schemathesis.test.ts is skipped: ${peer.why}; next: node scripts/bootstrap.mjs test/peers/install/schemathesis.ts`,
  );
}

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
`;
const secondsAtMost = 40;
/** A front that answers fewer was hardly asked, and a run over says nothing of it. */
const answersAtLeast = 21;

interface Asked {
  readonly answers: number;
  /** Of 500, each with what was asked. */
  readonly broken: readonly string[];
  readonly output: string;
}

/**
 * Asks a front what its document says, for a minute at most. A longer answer than 15 s, such as a stream's, counts as none.
 * 503 is an answer of ours: something is not there now.
 */
async function ask(document: string, baseUrl: string, folder: string, headers: readonly string[] = []): Promise<Asked> {
  const asked = await askFor(secondsAtMost, document, baseUrl, folder, headers);
  // A machine that is overloaded takes a minute to begin.
  return asked.answers >= answersAtLeast ? asked : askFor(6 * secondsAtMost, document, baseUrl, folder, headers);
}

async function askFor(
  seconds: number,
  document: string,
  baseUrl: string,
  folder: string,
  headers: readonly string[],
): Promise<Asked> {
  if (peer.kind === 'missing') throw new Error(peer.why);
  const cassette = path.join(folder, `asked-${path.basename(document)}.ndjson`);
  const args = [
    ...['run', document, '--url', baseUrl, '--checks', 'not_a_server_error', '--phases', 'examples,coverage,fuzzing'],
    ...['--max-examples', '15', '--request-timeout', '15', '--workers', '2', '--seed', '1', '--no-color'],
    ...['--continue-on-failure', '--report', 'ndjson', '--report-ndjson-path', cassette],
    ...['--max-time', String(seconds)],
    ...headers.flatMap((header) => ['--header', header]),
  ];
  const child = spawn(path.join(path.dirname(peer.python), 'st'), args, {
    cwd: folder,
    timeout: 3 * seconds * 1_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return { ...readAnswers(cassette), output };
}

function readAnswers(file: string): Omit<Asked, 'output'> {
  let answers = 0;
  const broken: string[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    for (const [, status] of line.matchAll(/"status_code": ?(\d{3})/g)) {
      answers += 1;
      if (status === '500') broken.push(line.slice(0, 2_000));
    }
  }
  return { answers, broken };
}

describe.skipIf(peer.kind === 'missing')('requests made out of OpenAPI documents', { timeout: 1_800_000 }, () => {
  let project: UserProject;
  beforeAll(async () => {
    const golden = `${JSON.stringify({ x: rowOf(1) })}\n`;
    const files = { 'plimsoll.yaml': contract, 'model.onnx': tinyModel(1).bytes, 'golden.jsonl': golden };
    project = new UserProject({ files });
    await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
    await project.passing('pin');
    await project.passing('golden', 'record');
    await project.up();
    await project.passing('release');
  }, 600_000);
  afterAll(async () => {
    await project?.stop();
    project?.remove();
  });

  const write = (name: string, document: object): string => {
    project.write(name, JSON.stringify(document));
    return path.join(project.folder, name);
  };
  const expectSound = ({ answers, broken, output }: Asked): void => {
    expect(broken).toEqual([]);
    expect(answers, output.slice(-2_000)).toBeGreaterThanOrEqual(answersAtLeast);
  };

  // Side by side: each is asked for a while, by a program that keeps one core busy.
  it.concurrent('the model server answers none of them with 500, and serves on', async () => {
    const replica = (await project.view()).replicas.find(({ state }) => state === 'ready');
    const endpoint = String(replica?.endpoint);
    expectSound(await ask(write('model-server.json', modelServerDocument('tiny')), endpoint, project.folder));
    expect((await fetch(`${endpoint}/v2/health/ready`)).status).toBe(200);
  });

  it.concurrent('the gateway answers none of them with 500, and serves on', async () => {
    expectSound(await ask(write('gateway.json', gatewayDocument('tiny')), project.gatewayUrl, project.folder));
    expect((await fetch(`${project.gatewayUrl}/plimsoll/ready`)).status).toBe(200);
  });

  it('the control plane answers none of them with 500, by whoever may do everything', async () => {
    const document = await (await fetch(`${project.pageUrl}/openapi.json`)).json();
    const token = readFileSync(path.join(project.stateFolder, 'run', 'control-plane.token'), 'utf8').trim();
    const file = write('control-plane.json', document as object);
    expectSound(await ask(file, project.pageUrl, project.folder, [`authorization: Bearer ${token}`]));
    // Of one service alone nothing can be asked without its name any more: others were made.
    expect((await fetch(`${project.pageUrl}/v1/fleet`)).status).toBe(200);
  });
});

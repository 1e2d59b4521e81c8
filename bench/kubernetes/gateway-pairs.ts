import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gatewayNodeFlags } from '../../src/gateway/node-flags.ts';
import { ownWords } from '../../src/testing/rigs/own-program.ts';
import { inferBody, rowOf } from '../../test/rigs/tiny-model.ts';
import { processorMs } from '../gateway/processor-time.ts';
import { runWrk, type Load } from '../gateway/wrk.ts';
import { median } from '../median.ts';
import { gatewayPid, tinyPath, type InstalledPlimsoll } from './installed-plimsoll.ts';

interface Side {
  readonly requestsPerSecond: number;
  /** Of the gateway, for a request. */
  readonly processorMicroseconds: number;
  readonly errors: number;
}

/** A gateway in a pod beside the same program outside of a pod, in turns: same replicas, same control plane, same machine. */
export interface GatewayPairs {
  readonly pairs: number;
  readonly inside: Side;
  readonly outside: Side;
  /** Inside to outside, of each pair by itself; more is better for both. */
  readonly speedRatio: number;
  readonly processorRatio: number;
}

const port = 17_690;

export async function measureGatewayPairs(installed: InstalledPlimsoll, pairs: number): Promise<GatewayPairs> {
  const [pod] = await installed.pods('gateway');
  if (pod?.status.podIP === undefined) throw new Error('no gateway runs');
  const outside = startOutside(installed);
  try {
    const inPod = { pid: gatewayPid(pod.metadata.name), load: loadOf(`http://${pod.status.podIP}:8080`) };
    const onMachine = { pid: outside.pid ?? NaN, load: loadOf(`http://127.0.0.1:${port}`) };
    await untilServing(onMachine.load.url);
    for (const { load } of [inPod, onMachine]) await runWrk(load, 5);
    const measured: { readonly inside: Side; readonly outside: Side }[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      // Who goes first changes, as the load of the machine may.
      const first = await measure(pair % 2 === 0 ? inPod : onMachine);
      const second = await measure(pair % 2 === 0 ? onMachine : inPod);
      measured.push(pair % 2 === 0 ? { inside: first, outside: second } : { inside: second, outside: first });
    }
    const [inside, outsideSide] = [measured.map((each) => each.inside), measured.map((each) => each.outside)];
    return {
      pairs,
      inside: sum(inside),
      outside: sum(outsideSide),
      speedRatio: median(measured.map((each) => each.inside.requestsPerSecond / each.outside.requestsPerSecond)),
      processorRatio: median(
        measured.map((each) => each.outside.processorMicroseconds / each.inside.processorMicroseconds),
      ),
    };
  } finally {
    const gone = new Promise((resolve) => outside.once('exit', resolve));
    outside.kill('SIGKILL');
    await gone;
  }
}

function startOutside(installed: InstalledPlimsoll) {
  const [file = '', ...words] = ownWords;
  const args = ['gateway', '--state', path.join(installed.folder, 'outside'), '--listen', `127.0.0.1:${port}`];
  const follow = ['--control-plane', installed.controlPlane, '--token-file', installed.gatewayToken, '--plain-http'];
  return spawn(file, [...gatewayNodeFlags, ...words, ...args, '--id', 'outside', ...follow], { stdio: 'ignore' });
}

const loadOf = (url: string): Load => ({
  url,
  path: tinyPath,
  headers: { 'content-type': 'application/json' },
  body: inferBody(rowOf(1)),
});

async function untilServing(url: string): Promise<void> {
  for (let tried = 0; tried < 300; tried += 1) {
    const answer = await fetch(`${url}/services/tiny/plimsoll/ready`).catch(() => null);
    if (answer?.ok === true) return;
    await delay(100);
  }
  throw new Error('the gateway outside of the cluster does not serve after 30 s');
}

async function measure({ pid, load }: { readonly pid: number; readonly load: Load }): Promise<Side> {
  const beforeMs = processorMs(pid);
  const { requestsPerSecond, requests, errors } = await runWrk(load, 2);
  return { requestsPerSecond, errors, processorMicroseconds: ((processorMs(pid) - beforeMs) * 1000) / requests };
}

function sum(sides: readonly Side[]): Side {
  return {
    requestsPerSecond: median(sides.map((side) => side.requestsPerSecond)),
    processorMicroseconds: median(sides.map((side) => side.processorMicroseconds)),
    errors: sides.reduce((total, { errors }) => total + errors, 0),
  };
}

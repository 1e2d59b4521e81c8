/**
 * Side-by-side measurements against other programs: `npm run bench -- NAME [--json] [options of that measurement]`.
 * Each lives in a folder of its own and exports `main(argv)`, which resolves with the exit status: 0 when its aims are
 * met, 1 when not, 3 when something that it needs is missing.
 *
 * `npm run bench -- NAME --record` writes what the README quotes of it into bench/figures.json; `all` stands for every
 * measurement that the README quotes. `npm run bench -- NAME --help` tells the options of one.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isRecorded, recordBench } from './record.ts';

type Main = (argv: readonly string[]) => Promise<number>;

const benches: Readonly<
  Record<string, { readonly what: string; readonly load: () => Promise<{ readonly main: Main }> }>
> = {
  gateway: {
    what: 'requests/s and added latency against a proxy, nginx and Portkey',
    load: () => import('./gateway/main.ts'),
  },
  'gateway-fleet': {
    what: 'processor time of a request in a gateway of 50 services against one of a single service',
    load: () => import('./gateway-fleet/main.ts'),
  },
  'gateway-flood': {
    what: 'p99 of a service while another of the same gateway is flooded, against the flood elsewhere',
    load: () => import('./gateway-flood/main.ts'),
  },
  abuse: {
    what: 'p99 of an honest client beside idle connections, trickled bodies, floods, half-open heads and slow readers; what short deadlines do to a canary',
    load: () => import('./abuse/main.ts'),
  },
  capacity: {
    what: 'lower and upper limits of the sustained rate over simulated services, against the truth',
    load: () => import('./capacity/main.ts'),
  },
  capture: {
    what: 'processor time of a request with capture at 5% and the random share at 10%, against the same gateway without',
    load: () => import('./capture/main.ts'),
  },
  'model-server': {
    what: 'requests/s against a minimal server, MLServer and an in-process loop',
    load: () => import('./model-server/main.ts'),
  },
  cli: { what: 'start-up of the published command line', load: () => import('./cli/main.ts') },
  inspect: {
    what: 'a generated image inspected against gzip -dc | tar t over its layers',
    load: () => import('./inspect/main.ts'),
  },
  incidents: {
    what: 'verdicts on 40 public incidents and on their twins that run',
    load: () => import('./incidents/main.ts'),
  },
  stuck: {
    what: 'how long a replica that stands still stays in traffic, and how often one that works is ended',
    load: () => import('./stuck/main.ts'),
  },
  verify: { what: 'time and memory of judging 100 services on 10,000 nodes', load: () => import('./verify/main.ts') },
  gate: { what: 'false passes, power and calibration of the evaluation gate', load: () => import('./gate/main.ts') },
  canary: {
    what: 'false rollbacks and detection delay of the canary judge against a z-test and Kayenta',
    load: () => import('./canary/main.ts'),
  },
  drift: {
    what: 'false alarms of the alarm budget where nothing changes, delay of a shift, processor time of a row',
    load: () => import('./drift/main.ts'),
  },
  labels: {
    what: 'coverage of the live risk by late labels on real flights, delay of a drift, false alarms',
    load: () => import('./labels/main.ts'),
  },
  triage: {
    what: 'causes that triage names, over injected faults and over runs without one',
    load: () => import('./triage/main.ts'),
  },
  diagnosis: {
    what: 'causes that a diagnosis names and shows, over faults injected for real and over runs without one',
    load: () => import('./diagnosis/main.ts'),
  },
  'diagnosis-overhead': {
    what: 'answers a second of a service with a look at it every two seconds, against those without',
    load: () => import('./diagnosis-overhead/main.ts'),
  },
  evaluate: { what: 'rows/s of evaluate against a minimal server', load: () => import('./evaluate/main.ts') },
  coldstart: {
    what: 'loading a generated model by copy, by path and mapped, and whole starts of it',
    load: () => import('./coldstart/main.ts'),
  },
  'capacity-peers': {
    what: 'ttft, time between tokens and latency beside GuideLLM, AIPerf and a constant rate, on an engine with stated times',
    load: () => import('./capacity-peers/main.ts'),
  },
  'scaling-decision': {
    what: 'a decision of each scaling policy about 1,000 replicas against writing its input as JSON',
    load: () => import('./scaling-decision/main.ts'),
  },
  scaling: {
    what: 'attainment and accelerator-seconds of the scaling policy against others and what is possible',
    load: () => import('./scaling/main.ts'),
  },
  'scaling-live': {
    what: 'a flash crowd on the local platform: the scaling policy against KPA, and the simulator against both',
    load: () => import('./scaling-live/main.ts'),
  },
  'scaling-speed': {
    what: 'seconds for simulating a policy of scaling against a plain queue and SimPy',
    load: () => import('./scaling-speed/main.ts'),
  },
  'warm-pool': {
    what: 'spares of services that share a pool against spares of each service alone',
    load: () => import('./warm-pool/main.ts'),
  },
  'scaling-span': {
    what: 'seconds for simulating 23 days of a sparse trace under every policy',
    load: () => import('./scaling-span/main.ts'),
  },
  'scaling-wrong': {
    what: 'the scaling policy while capacity or starts are told wrong, against KEDA with its real target',
    load: () => import('./scaling-wrong/main.ts'),
  },
  'scaling-calendar': {
    what: 'a week with a rush each working morning, served with and without the season of the week before',
    load: () => import('./scaling-calendar/main.ts'),
  },
  'scaling-validation': {
    what: 'the simulator of scaling against closed forms of queueing theory',
    load: () => import('./scaling-validation/main.ts'),
  },
  fleet: {
    what: 'processor time and memory of a control plane of 50, 100 and 200 services',
    load: () => import('./fleet/main.ts'),
  },
  kubernetes: {
    what: 'starts, rollbacks, kills and the gateway on a real kubelet, and a fleet on played nodes',
    load: () => import('./kubernetes/main.ts'),
  },
  ledger: {
    what: 'the account of accelerator-seconds against a simulated fleet that knows the truth, and group-bys of a month',
    load: () => import('./ledger/main.ts'),
  },
  'cost-evidence': {
    what: 'what reading the ledger for cost evidence takes of 1,000 devices and 31 days',
    load: () => import('./cost-evidence/main.ts'),
  },
  cost: {
    what: 'asking what a month of device time cost, by any dimension, and for how long that holds the control plane',
    load: () => import('./cost/main.ts'),
  },
  'ledger-writing': {
    what: 'processor time and bytes of keeping the ledger of 1,000 accelerators for an hour',
    load: () => import('./ledger-writing/main.ts'),
  },
  attribution: {
    what: 'time of a batching engine by tenant against its own clock, and single batches against Shapley values',
    load: () => import('./attribution/main.ts'),
  },
  'ledger-hour': {
    what: 'device time that no state can be told for, on the local platform with kills of the control plane',
    load: () => import('./ledger-hour/main.ts'),
  },
  pack: {
    what: 'devices held on the openb trace against BestFit, GpuPacking and FGD, and a plan with its bound',
    load: () => import('./pack/main.ts'),
  },
  memory: { what: 'resident memory of gateway and control plane under load', load: () => import('./memory/main.ts') },
};

const [name = '', ...rest] = process.argv.slice(2);
const bench = benches[name];
if (rest.includes('--record') && (name === 'all' || isRecorded(name))) {
  process.exitCode = recordBench(name, rest);
} else if (bench === undefined || rest.includes('--record')) {
  const width = Math.max(...Object.keys(benches).map((each) => each.length)) + 2;
  const lines = Object.entries(benches).map(
    ([each, { what }]) => `  ${each.padEnd(width)}${what}${isRecorded(each) ? '' : ' (not in the README)'}`,
  );
  console.error(
    ['usage: npm run bench -- NAME [--json | --record]', '', ...lines, `  ${'all'.padEnd(width)}with --record`].join(
      '\n',
    ),
  );
  process.exitCode = 2;
} else if (rest.includes('--help')) {
  console.log(readHelp(name));
} else {
  process.exitCode = await (await bench.load()).main(rest);
}

/** What a measurement says of itself, with its options: the comment at the top of its main file. */
function readHelp(of: string): string {
  const source = readFileSync(path.join(import.meta.dirname, of, 'main.ts'), 'utf8');
  const comment = /^\/\*\*(?<text>[\s\S]*?)\*\//.exec(source)?.groups?.['text'] ?? '';
  return comment.replace(/^ \* ?/gm, '').trim();
}

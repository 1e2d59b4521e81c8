import type { ContractProblem } from '../../core/contract/problem.ts';
import type { LoadedContract } from '../../core/contract/contract.ts';
import { readContract } from '../../schemas/contract/contract.ts';

/** The fewest lines that make a contract which a first release can go out on. */
export const minimalContract = [
  'apiVersion: plimsoll.dev/v1',
  'service: digits',
  'code: { command: [plimsoll, serve-model] }',
  'model: { name: digits, version: candidate }',
  'monitoring: { golden: digits-golden }',
  '',
].join('\n');

/** Every section, as the design shows it, with an image. */
export const wholeContract = `apiVersion: plimsoll.dev/v1
service: digits
owner: vision
code:
  image: registry.example/digits:2.3.1
  args: []
  env: { LOG_LEVEL: info }
  secrets: { HF_TOKEN: secret/hf#token }
  protocol: open-inference-v2
model:
  name: digits
  version: candidate
hardware:
  accelerator: nvidia
  computeCapability: ">=8.0"
  memory: 20GiB
  devices: 1
  driver: ">=550.54.14"
  cuda: ">=12.4"
  runtime: { onnxruntime: ">=1.20 <1.22" }
  sharing: [exclusive, mig]
  allow: [native, minor-version]
objective: { latency: { p99: 50ms }, availability: 99.9% }
coldStart: { p90: 45s, from: node-disk, phases: { weights-load: { p90: 20s } }, prePull: true }
scaling:
  signal: queue-depth
  replicas: { min: 1, max: 8 }
  toZero: never
  warmPool: 1
  actuator: plimsoll
evaluation:
  dataset: digits-holdout
  gates:
    - { metric: accuracy, atLeast: 95% }
    - { metric: accuracy, noWorseThan: released, margin: 0.5%, confidence: 95% }
  slices: [label]
monitoring: { reference: digits-train, golden: digits-golden, capture: { sample: 5%, redact: [] }, labels: { from: api, within: 7d }, falseAlarms: 1 per 30d, notify: [{ webhook: secret/hook#url, secret: secret/hook#key }, { slack: secret/slack#url }, { alertmanager: "http://am:9093" }] }
rollout: { steps: [5%, 25%, 100%], stickyBy: header:x-user, keepPrevious: 1h }
gateway: { clients: { by: header:x-tenant, each: { requests: 50/s, concurrent: 20, bytes: 10MB/s }, named: { batch: { weight: 4, requests: 500/s } } } }
cost: { prices: prices.yaml, budget: 120 USD/day, utilization: ">=40%" }
environments:
  staging: { pool: t4-lab, platform: local }
  prod: { pool: h100-eu, platform: kubernetes, namespace: vision, selector: { pool: gpu } }
`;

export function loadContract(text: string): LoadedContract {
  const reading = readContract(Buffer.from(text), '/srv/digits/plimsoll.yaml', 'plimsoll.yaml');
  if (!reading.ok) throw new Error(`the contract of the test is wrong: ${JSON.stringify(reading.problems)}`);
  return reading.loaded;
}

export function contractProblems(text: string | Uint8Array): readonly ContractProblem[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const reading = readContract(bytes, '/srv/digits/plimsoll.yaml', 'plimsoll.yaml');
  return reading.ok ? [] : reading.problems;
}

import { describe, expect, it } from 'vitest';
import { problemText } from '../../core/contract/problem.ts';
import {
  contractProblems,
  loadContract,
  minimalContract,
  wholeContract,
} from '../../testing/builders/contract-texts.ts';

describe('a contract that is right', () => {
  it('needs five lines, and all else has its default', () => {
    expect(minimalContract.trimEnd().split('\n')).toHaveLength(5);
    expect(loadContract(minimalContract).contract).toEqual({
      apiVersion: 'plimsoll.dev/v1',
      service: 'digits',
      code: {
        command: ['plimsoll', 'serve-model'],
        args: [],
        files: [],
        env: {},
        secrets: {},
        protocol: 'open-inference-v2',
      },
      model: { name: 'digits', version: 'candidate' },
      monitoring: { golden: 'digits-golden' },
      maxAgeMs: {},
      environments: { default: { platform: 'local', selector: {} } },
    });
  });

  it('holds every section, its quantities as numbers of one unit', () => {
    const { contract } = loadContract(wholeContract);
    expect(contract.hardware?.memoryBytes).toBe(21_474_836_480);
    expect(contract.objective).toEqual({ latency: { p99: 50 }, availabilityShare: 0.999 });
    expect(contract.coldStart).toEqual({
      budget: { p90: 45_000 },
      from: 'node-disk',
      phases: { 'weights-load': { p90: 20_000 } },
      prePull: true,
    });
    expect(contract.evaluation?.gates[1]).toEqual({
      metric: 'accuracy',
      noWorseThan: 'released',
      margin: 0.005,
      confidenceShare: 0.95,
    });
    expect(contract.rollout).toEqual({ steps: [0.05, 0.25, 1], stickyBy: 'header:x-user', keepPreviousMs: 3_600_000 });
    expect(contract.cost?.budget).toEqual({ amount: 120, currency: 'USD', perMs: 86_400_000 });
    expect(Object.keys(contract.environments)).toEqual(['staging', 'prod']);
  });

  it('reads a model version written as a number, and knows it from an alias', () => {
    const text = minimalContract.replace('version: candidate', 'version: 2');
    expect(loadContract(text).contract.model.version).toBe('2');
  });

  it('digests each section as it is written, whatever its layout and comments', () => {
    const block = minimalContract.replace(
      'model: { name: digits, version: candidate }',
      '# which\nmodel:\n  version: candidate # alias\n  name: digits',
    );
    const moved = minimalContract.replace('version: candidate', 'version: stable');
    const digests = loadContract(minimalContract).sectionDigests;
    expect(loadContract(block).sectionDigests).toEqual(digests);
    expect(loadContract(moved).sectionDigests['model']).not.toBe(digests['model']);
    expect(loadContract(moved).sectionDigests['code']).toBe(digests['code']);
  });

  it('may begin with a byte order mark, end its lines with CRLF and use anchors', () => {
    const crlf = `\ufeff${minimalContract.replaceAll('\n', '\r\n')}`;
    expect(loadContract(crlf).contract).toEqual(loadContract(minimalContract).contract);
    const anchors = `${minimalContract}environments: { a: &same { pool: lab }, b: *same }\n`;
    expect(loadContract(anchors).contract.environments['b']?.pool).toBe('lab');
  });
});

describe('a problem', () => {
  it('is shown with its place, the line, what was expected and the nearest key', () => {
    const [problem] = contractProblems(`${minimalContract}hardware:\n  accelerator: cpu\n  runtim: {}\n`);
    expect(problem === undefined ? '' : problemText(problem)).toBe(
      [
        'plimsoll.yaml:8:3: unknown key `runtim` in `hardware`',
        '  8 |   runtim: {}',
        '    |   ^^^^^^',
        '  expected: one of `accelerator`, `computeCapability`, `memory`, `host`, `devices`, `driver`, `cuda`, `runtime`, `sharing`, `allow`, `libraries`, `require`, `preflight`, `instructions`',
        '  did you mean `runtime`?',
      ].join('\n'),
    );
  });

  it('counts columns in characters and keeps the caret under the word', () => {
    const [problem] = contractProblems(minimalContract.replace('service: digits', 'service: digits # 😀\nownr: x'));
    expect(problem).toMatchObject({ line: 3, column: 1, nearest: 'owner' });
    const [inner] = contractProblems(minimalContract.replace('digits-golden', '"😀", goldn: 1'));
    expect(inner).toMatchObject({ line: 5, column: 23 });
    const second = contractProblems(minimalContract.replace('digits-golden', '"😀", goldn: 1'))[1];
    expect(second).toMatchObject({ line: 5, column: 28, length: 5, nearest: 'golden' });
  });

  it('clips a line that is too long to show', () => {
    const long = `owner: ${'x'.repeat(5000)}\nservice: digits`;
    const [problem] = contractProblems(minimalContract.replace('service: digits', long));
    expect(problem?.key).toBe('owner');
    expect(problem?.source.length).toBeLessThan(140);
  });

  it('is reported together with all others, in the order of the file', () => {
    const text = [
      'apiVersion: plimsoll.dev/v2',
      'service: Digits',
      'code: { comand: [plimsoll] }',
      'model: { name: digits }',
      'scaling: { signal: cpu, replicas: { min: 3, max: 1 } }',
      'coldStart: { p9O: 45s, p50: 2 }',
      'environments: { a: { namespace: x } }',
    ].join('\n');
    const found = contractProblems(text).map(({ line, key, code }) => [line, key, code]);
    expect(found).toEqual([
      [1, 'apiVersion', 'wrong-form'],
      [2, 'service', 'wrong-form'],
      [3, 'code', 'contradiction'],
      [3, 'code.comand', 'unknown-key'],
      [5, 'scaling.signal', 'wrong-form'],
      [5, 'scaling.replicas.min', 'contradiction'],
      [6, 'coldStart.p9O', 'unknown-key'],
      [6, 'coldStart.p50', 'wrong-form'],
    ]);
  });
});

describe('an impossible combination', () => {
  const twoSteps = 'steps: [5%, 100%]';
  const refusals: readonly (readonly [why: string, text: string, key: string])[] = [
    ['image and command', 'code: { image: a/b:1, command: [x] }', 'code.command'],
    ['neither image nor command', 'code: { args: [x] }', 'code'],
    ['files beside an image', 'code: { image: a/b:1, files: [x] }', 'code.files'],
    ['a variable that is also a secret', 'code: { command: [x], env: { A: b }, secrets: { A: s/x } }', 'code.env.A'],
    ['a variable of the platform', 'code: { command: [x], env: { PLIMSOLL_PORT: "1" } }', 'code.env.PLIMSOLL_PORT'],
    [
      'a variable of `code.tls`',
      'code: { command: [x], env: { PLIMSOLL_TLS_KEY_FILE: k } }',
      'code.env.PLIMSOLL_TLS_KEY_FILE',
    ],
    ['min above max', 'scaling: { replicas: { min: 3, max: 1 } }', 'scaling.replicas.min'],
    ['zero replicas that never stop', 'scaling: { replicas: { min: 0 } }', 'scaling.replicas.min'],
    ['scaling to zero without a budget', 'scaling: { toZero: when-proven }', 'scaling.toZero'],
    ['sleep with one number of replicas', 'scaling: { sleep: { replicas: 1, wake: 1s } }', 'scaling.sleep'],
    [
      'sleep where KEDA scales',
      'scaling: { replicas: { min: 1, max: 2 }, actuator: keda, sleep: { replicas: 1, wake: 1s } }',
      'scaling.sleep',
    ],
    ['no devices', 'hardware: { accelerator: nvidia, devices: 0 }', 'hardware.devices'],
    ['memory of no accelerator', 'hardware: { accelerator: cpu, memory: 1GiB }', 'hardware.memory'],
    ['a driver of no accelerator', 'hardware: { accelerator: cpu, driver: ">=1" }', 'hardware.driver'],
    ['a sharing listed twice', 'hardware: { accelerator: nvidia, sharing: [mig, mig] }', 'hardware.sharing[1]'],
    ['a range without a version', 'hardware: { accelerator: nvidia, cuda: ">=13 <12" }', 'hardware.cuda'],
    ['steps that fall', 'rollout: { steps: [25%, 5%, 100%] }', 'rollout.steps[1]'],
    ['steps that stay', 'rollout: { steps: [25%, 25%, 100%] }', 'rollout.steps[1]'],
    ['steps that end early', 'rollout: { steps: [5%, 90%] }', 'rollout.steps[1]'],
    ['a step of nothing', 'rollout: { steps: [0%, 100%] }', 'rollout.steps[0]'],
    ['stickiness without steps', 'rollout: { stickyBy: header:x-user }', 'rollout.stickyBy'],
    ['a shadow without steps', 'rollout: { shadow: 10% }', 'rollout.shadow'],
    ['a shadow of nothing', 'rollout: { steps: [100%], shadow: 0% }', 'rollout.shadow'],
    ['a judge of nothing', 'rollout: { steps: [100%], judge: { errors: 1% } }', 'rollout.judge'],
    ['agreement with no shadow', `rollout: { ${twoSteps}, judge: { agreement: 99% } }`, 'rollout.judge.agreement'],
    [
      'agreement without exception',
      `rollout: { ${twoSteps}, shadow: 1%, judge: { agreement: 100% } }`,
      'rollout.judge.agreement',
    ],
    [
      'a judge worse than a coin',
      `rollout: { ${twoSteps}, judge: { falseRollbacks: 60% } }`,
      'rollout.judge.falseRollbacks',
    ],
    ['a margin that lets all through', `rollout: { ${twoSteps}, judge: { errors: 100% } }`, 'rollout.judge.errors'],
    ['two quantiles', `rollout: { ${twoSteps}, judge: { latency: { p50: 1%, p99: 1% } } }`, 'rollout.judge.latency'],
    ['a margin below a bin', `rollout: { ${twoSteps}, judge: { latency: { p99: 1% } } }`, 'rollout.judge.latency.p99'],
    ['a step longer than its limit', `rollout: { ${twoSteps}, judge: { atLeast: 2h } }`, 'rollout.judge.atLeast'],
    ['a limit shorter than a step', `rollout: { ${twoSteps}, judge: { within: 1m } }`, 'rollout.judge.within'],
    ['a gate that lets all through', 'evaluation: { dataset: d, gates: [{ metric: a }] }', 'evaluation.gates[0]'],
    ['no gate', 'evaluation: { dataset: d, gates: [] }', 'evaluation.gates'],
    [
      'a margin of nothing',
      'evaluation: { dataset: d, gates: [{ metric: a, atLeast: 1%, margin: 1% }] }',
      'evaluation.gates[0].margin',
    ],
    [
      'limits that cross',
      'evaluation: { dataset: d, gates: [{ metric: a, atLeast: 9%, atMost: 1% }] }',
      'evaluation.gates[0].atLeast',
    ],
    ['no quantile', 'coldStart: { prePull: true }', 'coldStart'],
    ['quantiles that fall', 'coldStart: { p50: 9s, p90: 5s }', 'coldStart.p90'],
    [
      'a phase above the whole',
      'coldStart: { p90: 5s, phases: { warm-up: { p90: 9s } } }',
      'coldStart.phases.warm-up.p90',
    ],
    ['a budget of nothing', 'objective: { latency: { p99: 0s } }', 'objective.latency.p99'],
    ['no environment', 'environments: {}', 'environments'],
    ['an environment called all', 'environments: { all: {} }', 'environments.all'],
    ['a namespace of one machine', 'environments: { a: { namespace: x } }', 'environments.a.namespace'],
    ['a selector of one machine', 'environments: { a: { selector: { x: y } } }', 'environments.a.selector'],
    ['a runtime class of one machine', 'environments: { a: { runtimeClass: nvidia } }', 'environments.a.runtimeClass'],
  ];
  it.each(refusals)('is refused: %s', (_why, text, key) => {
    const section = text.split(':', 1)[0] ?? '';
    const rest = minimalContract.split('\n').filter((line) => !line.startsWith(`${section}:`));
    const problems = contractProblems([...rest, text].join('\n'));
    expect(problems.map((problem) => problem.key)).toEqual([key]);
    expect(problems[0]?.expected).toBeTruthy();
    expect(problems[0]?.line).toBeGreaterThan(4);
  });
});

describe('a command on a cluster', () => {
  const onCluster = (command: string): string =>
    `${minimalContract.replace('[plimsoll, serve-model]', command)}environments: { a: { platform: kubernetes } }\n`;
  it('is that of the built-in model server, whose image the installation names', () => {
    expect(loadContract(onCluster('[plimsoll, serve-model]')).contract.environments['a']?.platform).toBe('kubernetes');
  });
  it('is refused where it is another one', () => {
    const [problem, ...more] = contractProblems(onCluster('[python, serve.py]'));
    expect(problem).toMatchObject({ key: 'environments.a.platform', expected: expect.stringContaining('code.image') });
    expect(problem?.line).toBeGreaterThan(4);
    expect(more).toEqual([]);
  });
});

describe('the values of a gate', () => {
  const gateOf = (gate: string) => `${minimalContract}evaluation: { dataset: d, gates: [${gate}] }\n`;
  it('carry the unit of their metric', () => {
    const read = (gate: string) => loadContract(gateOf(gate)).contract.evaluation?.gates[0];
    expect(read('{ metric: latency-p99, atMost: 50ms }')?.atMost).toBe(50);
    expect(read('{ metric: "f1[cat]", atLeast: 90% }')?.atLeast).toBe(0.9);
    expect(read('{ metric: log-loss, atMost: 0.35 }')?.atMost).toBe(0.35);
  });
  it.each([
    ['{ metric: accuracy, atLeast: 95 }', /`accuracy` is never 95/],
    ['{ metric: mae, atMost: -1 }', /`mae` is never -1/],
    ['{ metric: latency-p99, noWorseThan: released }', /latency of another version/],
    ['{ metric: acuracy, atLeast: 95% }', /no metric `acuracy`/],
  ])('%s is refused', (gate, message) => {
    expect(contractProblems(gateOf(gate)).map(problemText).join('\n')).toMatch(message);
  });
});

import type { CaseRow } from '../case-row.ts';

const source = 'llama.cpp pull request 11775 (2025-02-11); nextcloud/llm2 issue 52 (2025-02-25)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const empty: Answer = ['incompatible', 'ggml-code'];
const open: Answer = ['unknown', 'ggml-code'];

const a10 = 'A10 550.54.14 12.4';
const ggml = 'opt/llama_cpp/lib/libggml-cuda.so';

const row = (
  name: string,
  targets: string,
  version: string | null,
  [compatibility, rule]: Answer,
  rest: Partial<CaseRow> & { readonly path?: string } = {},
): CaseRow => {
  const { path = ggml, ...more } = rest;
  return {
    name: `GGML: ${name}`,
    device: a10,
    image: {
      libraries: { [path]: targets },
      ...(version === null ? {} : { python: { 'llama-cpp-python': version } }),
      instructions: { [path]: 'dispatches' },
    },
    compatibility,
    rule,
    source: compatibility === 'unknown' ? never : source,
    ...more,
  };
};

export const ggmlCodeCases: readonly CaseRow[] = [
  row('PTX of 5.2 on 8.6', 'sm_52 compute_52', '0.3.6', empty),
  row('PTX of 6.0 on 8.6', 'compute_60', '0.3.6', empty),
  row('PTX of 6.1 on 8.6', 'compute_61', '0.3.6', native),
  row('PTX of 5.2 and of 6.1 on 8.6', 'compute_52 compute_61', '0.3.6', native),
  row('machine code of 8.0 beside PTX of 5.2 on 8.6', 'sm_80 compute_52', '0.3.6', native),
  row('PTX of 5.2 in a library called libllama', 'compute_52', '0.3.6', empty, { path: 'opt/lib/libllama.so' }),
  row('PTX of 5.2 in a library at the root', 'compute_52', '0.3.6', empty, { path: 'libggml-cuda.so' }),
  row('PTX of 5.2 in a library of another name', 'compute_52', '0.3.6', native, { path: 'opt/lib/libother.so' }),
  row('the last version that is not mended', 'compute_52', '0.3.7', empty),
  row('the first version that is', 'compute_52', '0.3.8', native),
  row('a version that nothing tells', 'compute_52', null, open),
  row('a version that cannot be read', 'compute_52', 'main', open),
  row('a version that nothing tells, with code of 8.6', 'sm_86', null, native),
  row('PTX of 5.2 on 6.1', 'compute_52', '0.3.6', empty, { deviceFacts: { computeCapability: '6.1' } }),
  row('PTX of 5.2 on 6.0', 'compute_52', '0.3.6', native, { deviceFacts: { computeCapability: '6.0' } }),
  row('machine code of 6.0 on 6.1', 'sm_60', '0.3.6', empty, { deviceFacts: { computeCapability: '6.1' } }),
  row('a device of an unknown capability', 'compute_52', '0.3.6', open, { deviceFacts: { computeCapability: null } }),
  row('code for no capability that is there', 'sm_52', '0.3.6', ['incompatible', 'kernels']),
];

import type { CaseRow } from '../case-row.ts';
import { broken, native, row, type Answer, type Python } from './version-cases.ts';

const xformers = 'xFormers issue 874 (2023-10-11); Firefly issue 258 (2024-05-18)';
const abi = 'vLLM issue 13608 (2025-04-03); PyTorch, release notes of 2.6';
const pyannote = 'pyannote-audio issue 1758 (2024-09-11); whisperX issue 826 (2024-06-24)';
const torchNumPy = 'PyTorch issue 107302; Lip_Wise issue 20 (2024-07-07)';
const whisper = 'ComfyUI-Whisper issues 16 and 47 (2026-08-28)';
const open: Answer = ['unknown', 'package-pair'];

const inXformers = (own: string, torch: string, answer: Answer, more: Python = {}): CaseRow =>
  row(
    `xFormers ${own} beside torch ${torch} ${Object.keys(more).join(' ')}`,
    { xformers: own, torch, ...more },
    answer,
    xformers,
    { cuda: '11.8' },
  );
const inVllm = (own: string, torch: string, answer: Answer): CaseRow =>
  row(`vLLM ${own} beside torch ${torch}`, { vllm: own, torch }, answer, abi);

/** Wheels that were built for another torch, and for another NumPy. */
export const pairCases: readonly CaseRow[] = [
  inXformers('0.0.26.post1', '2.1.0+cu121', broken),
  inXformers('0.0.26.post1', '2.3.0+cu121', native),
  inXformers('0.0.22', '2.1.0+cu121', native),
  inXformers('0.0.22.post7', '2.0.1+cu118', native),
  inXformers('0.0.22.post7', '2.2.0+cu121', broken),
  inXformers('0.0.20', '2.1.0+cu121', broken),
  inXformers('0.0.27.post2', '2.4.0+cu121', native),
  inXformers('0.0.27.post2', '2.5.0+cu121', broken),
  inXformers('0.0.28', '2.6.0+cu124', native),
  inXformers('0.0.19', '2.1.0+cu121', native),
  inXformers('0.0.27+5a51957', '2.6.0+cu124', native),
  inXformers('0.0.26.post1', '2.1.0+cu121', broken, { transformers: '4.40.2', unsloth: '2024.5' }),
  inXformers('0.0.26.post1', '2.1.0+cu121', open, { transformers: '4.40.2' }),
  inXformers('0.0.26.post1', '2.1.0+cu121', open, { diffusers: '0.27.2' }),
  inXformers('0.0.26.post1', '2.1.0+cu121', native, {
    transformers: '4.40.2',
    'comfyui-frontend-package': '1.10.0',
  }),
  inXformers('0.0.26.post1', '2.2.0+cu121', native, { sglang: '0.3.0', transformers: '4.40.2' }),
  {
    ...inXformers('0.0.26', '2.2.2+cu121', broken),
    says: 'xformers 0.0.26 is built for torch 2.3; the image brings 2.2.2+cu121',
  },

  inVllm('0.8.2', '2.6.0+cu126', broken),
  inVllm('0.8.5.post1', '2.6.0+cu126', broken),
  inVllm('0.8.2', '2.6.0+cu124', native),
  inVllm('0.8.2', '2.6.0', native),
  inVllm('0.8.2+cu126', '2.6.0+cu126', native),
  inVllm('0.8.3.dev1+g0123456', '2.6.0+cu126', native),
  inVllm('0.9.1', '2.7.0+cu126', native),
  inVllm('0.7.3', '2.6.0+cu126', native),
  {
    ...inVllm('0.8.4', '2.6.0+cu126', broken),
    says: 'vllm 0.8.4 is built for torch in another build than cu126; the image brings 2.6.0+cu126',
  },

  row(
    'a wheel that is certainly broken, beside one that perhaps is',
    {
      xformers: '0.0.26.post1',
      torch: '2.1.0+cu121',
      transformers: '4.40.2',
      'pyannote-audio': '3.2.0',
      numpy: '2.0.0',
    },
    broken,
    pyannote,
  ),
  row('pyannote.audio 3.2 beside NumPy 2', { 'pyannote-audio': '3.2.0', numpy: '2.0.0' }, broken, pyannote),
  row('pyannote.audio 3.3.1 beside NumPy 2', { 'pyannote-audio': '3.3.1', numpy: '2.1.0' }, broken, pyannote),
  row('pyannote.audio 3.3.2 beside NumPy 2', { 'pyannote-audio': '3.3.2', numpy: '2.1.0' }, native, pyannote),
  row('pyannote.audio 3.2 beside NumPy 1', { 'pyannote-audio': '3.2.0', numpy: '1.26.4' }, native, pyannote),
  row('pyannote.audio 2.1 beside NumPy 2', { 'pyannote-audio': '2.1.1', numpy: '2.2.6' }, broken, pyannote),

  ...(['openai-whisper', 'whisperx', 'diffusers'] as const).flatMap((name) => [
    row(
      `torch 2.2 beside NumPy 2 in ${name}`,
      { torch: '2.2.2+cu121', numpy: '2.0.1', [name]: '1' },
      broken,
      torchNumPy,
    ),
    row(
      `torch 2.3 beside NumPy 2 in ${name}`,
      { torch: '2.3.0+cu121', numpy: '2.0.1', [name]: '1' },
      native,
      torchNumPy,
    ),
    row(
      `torch 2.2 beside NumPy 1 in ${name}`,
      { torch: '2.2.2+cu121', numpy: '1.26.4', [name]: '1' },
      native,
      torchNumPy,
    ),
  ]),
  row(
    'torch 2.2 beside NumPy 2, and nothing that turns arrays',
    { torch: '2.2.2+cu121', numpy: '2.0.1' },
    native,
    torchNumPy,
  ),

  row(
    'Numba 0.61.2 beside NumPy 2.3, in Whisper',
    { 'openai-whisper': '20240930', numba: '0.61.2', numpy: '2.3.2' },
    broken,
    whisper,
  ),
  row(
    'Numba 0.61.2 beside NumPy 2.2, in Whisper',
    { 'openai-whisper': '20240930', numba: '0.61.2', numpy: '2.2.6' },
    native,
    whisper,
  ),
  row(
    'Numba 0.61.2 beside NumPy 2.3, and nothing that imports it',
    { numba: '0.61.2', numpy: '2.3.2' },
    native,
    whisper,
  ),
  ...(
    [
      ['0.56.4', '1.24.2', broken],
      ['0.56.4', '1.23.5', native],
      ['0.57.1', '1.25.0', broken],
      ['0.57.1', '1.24.4', native],
      ['0.58.0', '1.26.0', broken],
      ['0.58.1', '1.26.4', native],
      ['0.59.1', '2.0.0', broken],
      ['0.62.1', '2.3.2', native],
      ['0.62.1', '2.4.0', broken],
    ] as const
  ).map(([numba, numpy, answer]) =>
    row(
      `Numba ${numba} beside NumPy ${numpy}, in Whisper`,
      { 'openai-whisper': '20231117', numba, numpy },
      answer,
      whisper,
    ),
  ),
];

import type { CaseRow } from '../case-row.ts';
import { chosenAttentionCases } from './chosen-attention-cases.ts';
import {
  type Answer,
  type Facts,
  a10,
  a100,
  l4,
  native,
  noPrecision,
  refused,
  row,
  t4,
  v100,
} from './kernel-shape-case.ts';

const experts = 'SGLang pull request 28038 (2026-06-12)';
const fp32 = 'vLLM issue 36802 (2026-03-11)';
const large = 'vLLM issue 57712 (2026-09-19); pull request 39018 (2026-04-05)';
const volta = 'lmdeploy issue 4408 (2026-03-12); pull request 4412 (2026-03-14)';
const turboFp32 = 'lmdeploy issue 3065 (2025-01-21)';
const turboFp8 = 'lmdeploy issue 4863 (2026-08-14); pull request 4884 (2026-08-19)';
const never = 'what is not known is never a pass';
const named = 'a pass names what nobody read';

const sparseIssues = 'vLLM issues 30644, 31936, 38006, 40851 and 54059 (2026-08-27)';
const sparse: Facts = { precisions: ['fp8'], experts: true, fp8Scales: 'block', modelType: 'deepseek_v32' };
const sparseRow = (name: string, device: string, vllm: string, answer: Answer, more: Facts = {}): CaseRow =>
  row(`sparse latent attention: ${name}`, device, { vllm }, { ...sparse, ...more }, answer, sparseIssues);

const sparseAttention: readonly CaseRow[] = [
  sparseRow('DeepSeek V3.2 on Ampere', 'A100-80 580.95.05 13.0', '0.13.0', refused),
  sparseRow('DeepSeek V3.2 on Ada', 'L40S 580.95.05 13.0', '0.13.0', refused),
  sparseRow('DeepSeek V3.2 on Hopper', 'H200 580.95.05 13.0', '0.13.0', native),
  sparseRow('DeepSeek V3.2 on Blackwell', 'B200 580.95.05 13.0', '0.13.0', native),
  sparseRow('DeepSeek V3.2 on an RTX PRO 6000', 'RTX-PRO-6000 580.95.05 13.0', '0.13.0', refused),
  sparseRow('DeepSeek V3.2 on GB10', 'GB10 580.95.05 13.0', '0.13.0', refused, { precisions: ['bf16'] }),
  sparseRow('DeepSeek V3.2 on Thor', 'Thor 580.95.05 13.0', '0.13.0', native),
  sparseRow('the first vLLM of DeepSeek V3.2', 'A100-80 580.95.05 13.0', '0.11.0', refused),
  sparseRow('a vLLM before it', 'A100-80 580.95.05 13.0', '0.10.2', native),
  sparseRow('the last vLLM without kernels for 12.0', 'RTX-PRO-6000 580.95.05 13.0', '0.19.1', refused),
  sparseRow('a vLLM of the previews on 12.0', 'RTX-PRO-6000 580.95.05 13.0', '0.20.0', native),
  sparseRow('a vLLM of the previews on Ampere', 'A100-80 580.95.05 13.0', '0.20.0', refused),
  sparseRow('DeepSeek V4 on Ampere', 'A100-80 580.95.05 13.0', '0.20.0', refused, { modelType: 'deepseek_v4' }),
  sparseRow('GLM 5.3 on Ada', 'RTX-4090 580.95.05 13.0', '0.27.0', refused, { modelType: 'glm5_next' }),
  sparseRow('DeepSeek V3 on Ampere', 'A100-80 580.95.05 13.0', '0.13.0', native, { modelType: 'deepseek_v3' }),
  sparseRow('the same type without experts', 'A100-80 580.95.05 13.0', '0.13.0', native, { experts: false }),
  row(
    'sparse latent attention by SGLang on Ampere',
    'A100-80 580.95.05 13.0',
    { sglang: '0.5.12' },
    { ...sparse, precisions: ['bf16'] },
    native,
    sparseIssues,
  ),
];

const sglang = { sglang: '0.5.12' };
const channel: Facts = { precisions: ['fp8'], experts: true, fp8Scales: 'channel' };

const fp8Experts: readonly CaseRow[] = [
  row('experts in FP8 with scales of channels on Ada', l4, sglang, channel, refused, experts),
  row('the same with scales of tensors', l4, sglang, { ...channel, fp8Scales: 'tensor' }, refused, experts),
  row('the same with scales of blocks', l4, sglang, { ...channel, fp8Scales: 'block' }, native, experts),
  row('the same without experts', l4, sglang, { ...channel, experts: false }, native, experts),
  row('the same experts in bfloat16', l4, sglang, { ...channel, precisions: ['bf16'] }, native, experts),
  row('experts in FP8 on Hopper', 'H100 570.133.20 12.8', sglang, channel, native, experts),
  row('experts in FP8 on Thor', 'Thor 580.95.05 13.0', sglang, channel, native, experts),
  row('experts in FP8 on GeForce Blackwell', 'RTX-5090 580.95.05 13.0', sglang, channel, refused, experts),
  row('experts in FP8 on GB10', 'GB10 580.95.05 13.0', sglang, channel, refused, experts),
  row('experts in FP8 without an engine of the table', l4, {}, channel, native, experts),
  row('experts in FP8 by an SGLang of an unknown version', l4, { sglang: 'main' }, channel, native, experts),
  row('experts of a GGUF file', l4, sglang, { ...channel, format: 'gguf' }, native, experts),
  row('experts in FP8 with scales that nobody read', l4, sglang, { precisions: ['fp8'], experts: true }, native, named),
  row('FP8 of which nobody read the experts', l4, sglang, { precisions: ['fp8'], fp8Scales: 'tensor' }, native, named),
  row('experts in FP8 on an unknown capability', l4, sglang, channel, ['unknown', 'kernel-shape'], never, {
    deviceFacts: { computeCapability: null },
  }),
  row('experts in FP8 on a capability of no table', l4, sglang, channel, ['unknown', 'kernel-shape'], never, {
    deviceFacts: { computeCapability: '12.9' },
  }),
];

const vllm = { vllm: '0.16.0' };
const gemma: Facts = { precisions: ['bf16'], modelType: 'gemma3_text', headSize: 256 };
const heads = (headSize: number): Facts => ({ ...gemma, modelType: 'llama', headSize });

const attention: readonly CaseRow[] = [
  row('heads of 256 in FP32 on Turing', t4, vllm, gemma, refused, fp32),
  row('the same of another type that refuses float16', t4, vllm, { ...gemma, modelType: 'gemma2' }, refused, fp32),
  row('the same by the first vLLM of the row', t4, { vllm: '0.11.0' }, gemma, refused, fp32),
  row('the same by an older vLLM', t4, { vllm: '0.10.2' }, gemma, native, fp32),
  row('heads of 256 in FP32 on Volta, which has 96 KiB', v100, vllm, gemma, native, fp32),
  row('heads of 256 on Ampere, in bfloat16', a10, vllm, gemma, native, fp32),
  row('heads of 256 in float16 on Turing', t4, vllm, heads(256), native, fp32),
  row('heads of 255 in FP32 on Turing', t4, vllm, { ...gemma, headSize: 255 }, native, fp32),
  row('heads of 511 in FP32 on Turing', t4, vllm, { ...gemma, headSize: 511 }, refused, fp32),
  row('heads of 511 in float16 on Turing', t4, vllm, heads(511), native, large),
  row('heads of 512 on Turing', t4, vllm, heads(512), refused, large, {
    says: 'a thread block of capability 7.5 has 64 KiB',
  }),
  row('heads of 512 on Volta, which has just enough', v100, vllm, heads(512), native, large),
  row('heads of 512 on Ampere', a100, vllm, heads(512), native, large),
  row('heads of a size that nobody read', t4, vllm, { precisions: ['bf16'] }, native, named),
  row('heads of 256 of a type that nobody read', t4, vllm, { precisions: ['bf16'], headSize: 256 }, native, named),
];

const turboMind = { lmdeploy: '0.12.1' };
const half = (headSize: number): Facts => ({ precisions: ['fp16'], headSize });
const old = { lmdeploy: '0.6.1' };

const turbo: readonly CaseRow[] = [
  row('TurboMind with heads of 256 on Volta', v100, turboMind, half(256), refused, volta),
  row('TurboMind with heads of 255 on Volta', v100, turboMind, half(255), native, volta),
  row('TurboMind with heads of 257 on Volta', v100, turboMind, half(257), native, volta),
  row('TurboMind with heads of 256 on Turing', t4, turboMind, half(256), native, volta),
  row('an older TurboMind, which hands such heads to PyTorch', v100, { lmdeploy: '0.11.0' }, half(256), native, volta),
  row('TurboMind 0.6.1 with FP32', a100, old, { precisions: ['fp32'] }, noPrecision, turboFp32),
  row(
    'TurboMind 0.6.1 with FP32 on Hopper',
    'H100 570.133.20 12.8',
    old,
    { precisions: ['fp32'] },
    noPrecision,
    turboFp32,
  ),
  row('TurboMind 0.6.2 with FP32', a100, { lmdeploy: '0.6.2' }, { precisions: ['fp32'] }, native, turboFp32),
  row(
    'TurboMind 0.6.1 with bfloat16 and norms in FP32',
    a100,
    old,
    { precisions: ['bf16', 'fp32'] },
    native,
    turboFp32,
  ),
  row('TurboMind 0.6.1 with a precision that nobody read', a100, old, {}, ['unknown', 'precision'], never),
  row('TurboMind with FP8 on Turing', t4, turboMind, { precisions: ['fp8'] }, noPrecision, turboFp8),
  row('TurboMind with FP8 on Ampere', a100, turboMind, { precisions: ['fp8'] }, native, turboFp8),
  row('TurboMind with a precision that nobody read, on Turing', t4, turboMind, {}, ['unknown', 'precision'], never),
];

const open: Answer = ['unknown', 'kernel-shape'];
const health = 'health of the device';
const nvSwitches = 'NVSwitches and their Fabric Manager';
const ofModel = 'kernels of the model (size of its heads, type, experts, scales of FP8)';
const h100 = 'H100 570.133.20 12.8';
const pathless: Facts = { precisions: ['fp8'], experts: true };
const naming = (name: string, device: string, model: Facts, notChecked: readonly string[]): CaseRow =>
  row(name, device, sglang, model, native, named, { notChecked });

/** What nobody read of a model: a pass names it, and weights that nobody read are no pass. */
const unread: readonly CaseRow[] = [
  naming('experts in FP8 whose scales nobody read, on Ada', l4, pathless, [health, ofModel]),
  naming('experts in FP8 whose scales nobody read, on Hopper', h100, pathless, [
    'fabric state',
    health,
    'confidential mode',
  ]),
  naming('experts in bfloat16 whose scales nobody read, on Ada', l4, { ...pathless, precisions: ['bf16'] }, [health]),
  naming('experts in FP8 with scales of blocks, on Ada', l4, { ...channel, fp8Scales: 'block' }, [health]),
  row('weights of which nobody read the precision, on Ada', l4, sglang, {}, open, never),
  row('weights of which nobody read the precision, without experts', l4, sglang, { experts: false }, native, experts),
  row('weights of which nobody read the precision, on Hopper', h100, sglang, {}, native, experts),
  row('a format that nobody knows, on Ada', l4, sglang, { ...channel, format: 'unknown' }, open, never),
  row('a format that nobody knows, on Hopper', h100, sglang, { ...channel, format: 'unknown' }, native, experts),
  row(
    'a format that nobody knows, without experts, on Ada',
    l4,
    sglang,
    { ...channel, experts: false, format: 'unknown' },
    native,
    experts,
  ),
  row('a kernel that the type of the model needs, where nobody read it', a100, { vllm: '0.22.0' }, {}, native, named, {
    notChecked: [health, nvSwitches, ofModel],
  }),
  row(
    'the same beside a format that nobody knows',
    a100,
    { vllm: '0.22.0' },
    { precisions: ['bf16'], format: 'unknown' },
    native,
    'gpustack issue 5674: vLLM 0.22 serves a model in bfloat16 on an A100',
    { notChecked: [health, nvSwitches, ofModel] },
  ),
  row(
    'the same where the type is read, beside a format that nobody knows',
    a100,
    { vllm: '0.22.0' },
    { precisions: ['bf16'], format: 'unknown', modelType: 'deepseek_v32', experts: true },
    open,
    never,
    { says: 'the device lacks a kernel for attention that is latent and sparse' },
  ),
  row(
    'heads of 512 on Turing, with weights that nobody read',
    t4,
    { vllm: '0.20.0' },
    { headSize: 512 },
    refused,
    large,
  ),
];

export const kernelShapeCases: readonly CaseRow[] = [
  ...chosenAttentionCases,
  ...sparseAttention,
  ...unread,
  ...fp8Experts,
  ...attention,
  ...turbo,
];

import type { CaseRow } from '../case-row.ts';
import { kernelRow, native, none, notKnown } from './kernel-case.ts';

const unread: readonly CaseRow[] = [
  kernelRow(
    'a file that may hold device code could not be read',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90' },
      unknown: { 'libraries opt/libb.so': 'device: the section lies outside of the file' },
    },
    notKnown,
  ),
  kernelRow(
    'a file that decides nothing could not be read',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90' },
      unknown: { 'libraries opt/nsight-compute/libb.so': 'device: the section lies outside of the file' },
    },
    native,
  ),
  kernelRow(
    'kernels of flash-attn could not be read, and no program of the image does without them',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { 'libraries opt/flash_attn_2_cuda.so': 'device: it is damaged' } },
    notKnown,
  ),
  kernelRow(
    'kernels of flash-attn could not be read beside a program that does without them',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90' },
      python: { transformers: '4.50.0' },
      unknown: { 'libraries opt/flash_attn_2_cuda.so': 'device: it is damaged' },
    },
    native,
  ),
  kernelRow(
    'a file that is listed could not be read whole, and what was read has a kernel',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90' },
      unknown: { 'libraries liba.so': 'device: one entry is compressed in a way that is not known' },
    },
    native,
  ),
  kernelRow(
    'the CPU level of a file could not be read, which no accelerator asks for',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { 'libraries opt/libb.so': 'cpuLevel: the note is damaged' } },
    native,
  ),
  kernelRow(
    'the version in a file could not be read',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90' },
      unknown: { 'libraries opt/libcudart.so.13': 'versions: the section lies outside of the file' },
    },
    ['unknown', 'image-accelerator'],
  ),
  kernelRow(
    'something of a file could not be read, and it is not said what',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { 'libraries opt/libb.so': 'it is damaged' } },
    notKnown,
  ),
  kernelRow(
    'a whole layer could not be read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { layer: 'it has more than 100,000 links' } },
    ['unknown', 'image-accelerator'],
  ),
  kernelRow(
    'some paths of a layer were left out',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { paths: 'a path has more than 4,096 characters' } },
    ['unknown', 'image-accelerator'],
  ),
  kernelRow(
    'Python distributions could not be read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { python: 'a layer is damaged' } },
    ['unknown', 'image-accelerator'],
  ),
  kernelRow(
    'a variable was too long',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { 'env.NVIDIA_REQUIRE_CUDA': 'its value has 5,000 characters' } },
    native,
  ),
  kernelRow(
    'of two shards without a kernel one could not be read',
    'H100 550.54.14 12.4',
    {
      libraries: {
        'libapp.so': 'sm_90',
        'x/libbitsandbytes_cuda117.so': 'sm_80',
        'x/libbitsandbytes_cuda124.so': 'sm_80',
      },
      unread: ['x/libbitsandbytes_cuda124.so'],
    },
    notKnown,
  ),
  kernelRow(
    'one of two libraries that are listed could not be read whole',
    'H100 550.54.14 12.4',
    {
      libraries: { 'liba.so': 'sm_90', 'libb.so': 'sm_90' },
      unknown: { 'libraries libb.so': 'device: one entry is compressed' },
    },
    native,
  ),
  kernelRow(
    'the components could not be read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { components: 'a layer is damaged' } },
    ['unknown', 'image-accelerator'],
  ),
  kernelRow(
    'the CUDA could not be looked for everywhere',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { cuda: 'a layer is damaged' } },
    ['unknown', 'image-accelerator'],
  ),
  kernelRow(
    'a library that was not read whole and has nothing for the device',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': 'sm_80' }, unread: ['libb.so'] },
    notKnown,
  ),
  kernelRow(
    'a library that was not read whole and has a kernel for the device',
    'H100 550.54.14 12.4',
    { libraries: { 'libb.so': 'sm_80 sm_90' }, unread: ['libb.so'] },
    native,
  ),
  kernelRow(
    'a library of which nothing could be read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': '' }, unread: ['libb.so'] },
    notKnown,
  ),
  kernelRow(
    'a library without any code says nothing',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90', 'libb.so': '' } },
    native,
  ),
  kernelRow(
    'a library that lacks the kernel decides over one that was not read',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_80', 'libb.so': '' }, unread: ['libb.so'] },
    none,
  ),
  kernelRow(
    'libraries were not looked for everywhere',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_90' }, unknown: { libraries: 'a layer is damaged' } },
    notKnown,
  ),
  kernelRow(
    'libraries were not looked for everywhere, and one lacks the kernel',
    'H100 550.54.14 12.4',
    { libraries: { 'liba.so': 'sm_80' }, unknown: { libraries: 'a layer is damaged' } },
    none,
  ),
  {
    ...kernelRow('the capability is not known', 'H100 550.54.14 12.4', {}, notKnown),
    deviceFacts: { computeCapability: null },
  },
  {
    ...kernelRow(
      'the capability is of no table, and is compared all the same',
      'H100 550.54.14 12.4',
      { libraries: { 'liba.so': 'compute_90' } },
      native,
    ),
    deviceFacts: { computeCapability: '13.0', product: 'NVIDIA R100' },
  },
];

/** Device code that was not read. */
export const unreadCodeCases: readonly CaseRow[] = [...unread];

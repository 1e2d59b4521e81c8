import type { Source } from '../source.ts';

/** Python distributions that open ONNX files and compute them on no NVIDIA device. */
export const onnxElsewhere: readonly { readonly distribution: string; readonly on: string; readonly source: Source }[] =
  [
    {
      distribution: 'openvino',
      on: 'Intel devices and the CPU',
      source: {
        title:
          'OpenVINO, "Supported Devices": CPU, GPU and NPU of Intel; openvino issues 97, 452 and 24927, audacity-plugins issue 440: no NVIDIA board',
        url: 'https://github.com/openvinotoolkit/openvino/issues/452',
        date: '2025-10-14',
      },
    },
    {
      distribution: 'onnxruntime',
      on: 'the CPU',
      source: {
        title:
          'ONNX Runtime, "Install": onnxruntime is the build for the CPU, onnxruntime-gpu that for CUDA; issues 4809 and 59 of kokoro-tts: "Available providers: AzureExecutionProvider, CPUExecutionProvider"',
        url: 'https://onnxruntime.ai/docs/install/',
        date: '2025-08-21',
      },
    },
  ];

/** Python distributions that may compute an ONNX file on an NVIDIA device. */
export const onnxOnDevices: readonly string[] = [
  ...[
    'onnxruntime-gpu',
    'onnxruntime-training',
    'onnxruntime-genai-cuda',
    'tensorrt',
    'tensorrt-cu11',
    'tensorrt-cu12',
    'tensorrt-cu13',
  ],
  ...[
    'openvino-nvidia',
    'onnx2torch',
    'onnx-tf',
    'torch-tensorrt',
    'nvidia-pytriton',
    'nvidia-modelopt',
    'tritonserver',
  ],
];

/** Paths of libraries that open no ONNX file: of frameworks that have formats of their own, and of the toolkit. */
export const pathWithoutOnnx = String.raw`/(?:torch|torchvision|torchaudio|triton|nvidia|xformers|flash_attn|tensorflow|jaxlib|cuda[^/]*)/|/lib(?:cudnn|cublas|cufft|curand|cusolver|cusparse|nccl|npp|nvjpeg|nvrtc|nvJitLink)[^/]*\.so`;

/** Two builds of ONNX Runtime write the same files: that which was installed last is there. */
export const sameFiles: { readonly names: readonly [string, string]; readonly source: Source } = {
  names: ['onnxruntime', 'onnxruntime-gpu'],
  source: {
    title:
      'ONNX Runtime, "Install": only one of these packages at a time in any one environment; issues 26996 and 23736, ComfyUI-WD14-Tagger issue 23: onnxruntime on top of onnxruntime-gpu leaves the CPU alone',
    url: 'https://github.com/microsoft/onnxruntime/issues/26996',
    date: '2026-01-13',
  },
};

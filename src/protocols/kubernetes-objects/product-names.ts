/**
 * Products as the driver names them. GPU Feature Discovery writes dashes for spaces, which cannot be undone by rule:
 * `NVIDIA-A100-SXM4-40GB` is `NVIDIA A100-SXM4-40GB`. Only names from captures and published lists stand here; a label that
 * is not among them stays as it is. Source: the lists of supported products in the driver's README (Linux x86_64, read
 * 2026-11) and captures in public repositories.
 */
const names: readonly string[] = [
  'NVIDIA A2',
  'NVIDIA A10',
  'NVIDIA A10G',
  'NVIDIA A16',
  'NVIDIA A30',
  'NVIDIA A40',
  'NVIDIA A100-PCIE-40GB',
  'NVIDIA A100 80GB PCIe',
  'NVIDIA A100-SXM4-40GB',
  'NVIDIA A100-SXM4-80GB',
  'NVIDIA A800-SXM4-80GB',
  'NVIDIA B200',
  'NVIDIA GB200',
  'NVIDIA GB300',
  'NVIDIA GH200 480GB',
  'NVIDIA GH200 144G HBM3e',
  'NVIDIA H20',
  'NVIDIA H100 80GB HBM3',
  'NVIDIA H100 NVL',
  'NVIDIA H100 PCIe',
  'NVIDIA H200',
  'NVIDIA H200 NVL',
  'NVIDIA H800',
  'NVIDIA L4',
  'NVIDIA L20',
  'NVIDIA L40',
  'NVIDIA L40S',
  'NVIDIA RTX A4000',
  'NVIDIA RTX A5000',
  'NVIDIA RTX A6000',
  'NVIDIA RTX 6000 Ada Generation',
  'NVIDIA RTX PRO 6000 Blackwell Server Edition',
  'NVIDIA GeForce RTX 3080',
  'NVIDIA GeForce RTX 3090',
  'NVIDIA GeForce RTX 4090',
  'NVIDIA GeForce RTX 5090',
  'Quadro P400',
  'Quadro RTX 6000',
  'Quadro RTX 8000',
  'Tesla K80',
  'Tesla M60',
  'Tesla P4',
  'Tesla P40',
  'Tesla P100-PCIE-16GB',
  'Tesla P100-SXM2-16GB',
  'Tesla T4',
  'Tesla V100-PCIE-16GB',
  'Tesla V100-PCIE-32GB',
  'Tesla V100-SXM2-16GB',
  'Tesla V100-SXM2-32GB',
  'Tesla V100-SXM3-32GB',
];

const byLabel = new Map(names.map((name) => [name.replaceAll(' ', '-'), name]));

export const productOfLabel = (label: string): string => byLabel.get(label) ?? label;

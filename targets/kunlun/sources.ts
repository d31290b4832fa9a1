/** Where symbols were read and who else uses them: independent code and documents, by repository and path. */

/** The vendor's guide to XPU C/C++ (KL1 and KL2). */
export const guide = "XPU C/C++ development guide 2.2";

const mobius = "mobius/kunlun_k200";
/** Headers of XDNN 2.0.0.725: kernel helpers, the library's declarations, the driver's. */
export const kernels = `${mobius} xdnn-ubuntu_x86_64/include/xpu/kernel`;
export const refactor = `${mobius} xdnn-ubuntu_x86_64/include/xpu/refactor`;
export const drivers = `${mobius} kunlun-driver/include/xpu`;

/** A header of Paddle's XPU kernels that folds a register with 256, 128, 64 and 32. */
export const reduceHeader = "PaddlePaddle XPU reduce header (v_reduce, text-index id 14840297545)";

export const fastDeploy = (file: string): string => `PaddlePaddle/FastDeploy custom_ops/xpu_ops/src/plugin: ${file}`;
/** Kernels written by hand for the P800 and measured there. */
export const flagGems = (file: string): string => `wangjiahui-99/FlagGems src/flag_gems/runtime/backend/_kunlunxin/ops/${file}`;
export const flagTree = (what: string): string => `flagos-ai/FlagTree third_party/xpu: ${what}`;
export const infiniCore = (file: string): string => `InfiniTensor/InfiniCore: ${file}`;
export const infiniTensor = (what: string): string => `InfiniTensor/InfiniTensor src/kernels/kunlun: ${what}`;
export const paddleLite = (what: string): string => `PaddlePaddle/Paddle-Lite lite/kernels/xpu: ${what}`;
export const paddle = (what: string): string => `PaddlePaddle/Paddle paddle/phi/kernels: ${what}`;

"""
Exports well-known architectures with random weights, as users' exporters write them: TorchScript with constant folding on
and off, and dynamo. Run by hand or by `npm run acceptance -- 16 --peers`, never by `npm test`.

    python bench/export/export.py OUT [NAME ...]

Each model gets a folder OUT/NAME-DIALECT with model.onnx and two inputs of different sizes, a.npz and b.npz. A folder is
made again only when its model's function or a package that made it has changed (stamp.txt). Needs torch, transformers, diffusers,
onnx and onnxscript. What an exporter itself cannot write is told and left out.
"""
import hashlib
import inspect
import os
import shutil
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

warnings.filterwarnings("ignore")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

DIALECTS = {
    "ts": dict(dynamo=False, do_constant_folding=True, opset_version=17),
    "ts-nofold": dict(dynamo=False, do_constant_folding=False, opset_version=17),
    "dynamo": dict(dynamo=True, opset_version=18),
}


class Wrap(torch.nn.Module):
    """A model whose outputs are a flat tuple of tensors."""

    def __init__(self, model, call):
        super().__init__()
        self.model = model
        self.call = call

    def forward(self, *args):
        return self.call(self.model, *args)


def ids(*shape, high=100):
    return torch.randint(1, high, shape, dtype=torch.int64)


def mask(batch, length):
    """The last row is padded by a third, as tokenizers do."""
    m = torch.ones(batch, length, dtype=torch.int64)
    m[-1, length - length // 3 :] = 0
    return m


def bert():
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=100, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128, max_position_embeddings=64
    )
    call = lambda m, i, a: m(input_ids=i, attention_mask=a).last_hidden_state
    shapes = {"input_ids": {0: "batch", 1: "length"}, "attention_mask": {0: "batch", 1: "length"}}
    return BertModel(config), call, shapes, ["hidden"], lambda b, n: (ids(b, n), mask(b, n)), [(2, 12), (1, 33)]


def vit():
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128, image_size=32, patch_size=8)
    call = lambda m, x: m(pixel_values=x).last_hidden_state
    return ViTModel(config), call, {"pixel_values": {0: "batch"}}, ["hidden"], lambda b: (torch.randn(b, 3, 32, 32),), [(1,), (3,)]


def swin():
    from transformers import SwinConfig, SwinModel

    config = SwinConfig(image_size=32, patch_size=2, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4)
    call = lambda m, x: m(pixel_values=x).last_hidden_state
    return SwinModel(config), call, {"pixel_values": {0: "batch"}}, ["hidden"], lambda b: (torch.randn(b, 3, 32, 32),), [(1,), (2,)]


def llama():
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=100, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=128
    )
    call = lambda m, i, a: m(input_ids=i, attention_mask=a, use_cache=False).logits
    shapes = {"input_ids": {0: "batch", 1: "length"}, "attention_mask": {0: "batch", 1: "length"}}
    return LlamaForCausalLM(config), call, shapes, ["logits"], lambda b, n: (ids(b, n), torch.ones(b, n, dtype=torch.int64)), [(1, 9), (2, 16)]


def qwen():
    """One decoding step with a KV cache: past keys and values come in, the longer ones go out."""
    from transformers import DynamicCache, Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=100, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=128
    )

    def call(m, i, a, k0, v0, k1, v1):
        cache = DynamicCache()
        cache.update(k0, v0, 0)
        cache.update(k1, v1, 1)
        out = m(input_ids=i, attention_mask=a, past_key_values=cache, use_cache=True)
        layers = out.past_key_values.layers
        return (out.logits, *[t for layer in layers for t in (layer.keys, layer.values)])

    past = {n: {0: "batch", 2: "past"} for n in ("k0", "v0", "k1", "v1")}
    shapes = {"input_ids": {0: "batch", 1: "length"}, "attention_mask": {0: "batch", 1: "total"}, **past}

    def inputs(b, n, p):
        return (ids(b, n), torch.ones(b, n + p, dtype=torch.int64), *[torch.randn(b, 2, p, 16) for _ in range(4)])

    return Qwen2ForCausalLM(config), call, shapes, ["logits", "nk0", "nv0", "nk1", "nv1"], inputs, [(1, 2, 7), (2, 3, 12)]


def unet():
    from diffusers import UNet2DConditionModel

    model = UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(32, 64),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=8,
    )
    call = lambda m, x, t, c: m(x, t, c, return_dict=False)[0]
    shapes = {"sample": {0: "batch", 2: "height", 3: "width"}, "context": {0: "batch", 1: "length"}}
    inputs = lambda b, s: (torch.randn(b, 4, s, s), torch.tensor([7], dtype=torch.int64), torch.randn(b, 5, 32))
    return model, call, {**shapes, "timestep": {}}, ["noise"], inputs, [(1, 16), (2, 8)], ["sample", "timestep", "context"]


def detr():
    from transformers import DetrConfig, DetrForObjectDetection, ResNetConfig

    backbone = ResNetConfig(
        embedding_size=16, hidden_sizes=[16, 32], depths=[1, 1], layer_type="basic", out_features=["stage2"], num_channels=3
    )
    config = DetrConfig(
        use_timm_backbone=False,
        use_pretrained_backbone=False,
        backbone=None,
        backbone_config=backbone,
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        num_queries=5,
    )

    def call(m, x):
        out = m(pixel_values=x)
        return out.logits, out.pred_boxes

    shapes = {"pixel_values": {0: "batch", 2: "height", 3: "width"}}
    return DetrForObjectDetection(config), call, shapes, ["logits", "boxes"], lambda b, h, w: (torch.randn(b, 3, h, w),), [(1, 64, 64), (2, 96, 64)]


def segformer():
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    config = SegformerConfig(
        depths=[1, 1, 1, 1], hidden_sizes=[16, 32, 32, 64], num_attention_heads=[1, 2, 2, 4], decoder_hidden_size=32, num_labels=5
    )
    shapes = {"pixel_values": {0: "batch", 2: "height", 3: "width"}}
    call = lambda m, x: m(pixel_values=x).logits
    return SegformerForSemanticSegmentation(config), call, shapes, ["logits"], lambda b, h, w: (torch.randn(b, 3, h, w),), [(1, 64, 64), (1, 96, 128)]


def whisper():
    """The decoder alone, on the encoder's states."""
    from transformers import WhisperConfig, WhisperModel

    config = WhisperConfig(
        vocab_size=100,
        d_model=64,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=128,
        decoder_ffn_dim=128,
        max_target_positions=64,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
    )
    call = lambda m, i, a, e: m.decoder(input_ids=i, attention_mask=a, encoder_hidden_states=e, use_cache=False).last_hidden_state
    shapes = {
        "input_ids": {0: "batch", 1: "length"},
        "attention_mask": {0: "batch", 1: "length"},
        "encoder_states": {0: "batch", 1: "frames"},
    }
    inputs = lambda b, n, f: (ids(b, n), torch.ones(b, n, dtype=torch.int64), torch.randn(b, f, 64))
    return WhisperModel(config), call, shapes, ["hidden"], inputs, [(1, 6, 20), (2, 11, 31)]


def bert_base():
    """438 MB, weights inside the file."""
    from transformers import BertConfig, BertModel

    return (BertModel(BertConfig()), *bert()[1:])


def qwen2_half_b():
    """1.98 GB, weights beside the file; the head's weight is the embedding's."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=151936,
        hidden_size=896,
        intermediate_size=4864,
        num_hidden_layers=24,
        num_attention_heads=14,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    )
    return (Qwen2ForCausalLM(config), *llama()[1:])


MODELS = dict(bert=bert, vit=vit, swin=swin, llama=llama, qwen=qwen, unet=unet, detr=detr, segformer=segformer, whisper=whisper)

# Large ones, made only when named, each in the dialect that such models come in.
LARGE = {"bert-base": (bert_base, "ts"), "qwen2-0.5b": (qwen2_half_b, "dynamo")}
BUILDERS = {**MODELS, **{name: build for name, (build, _) in LARGE.items()}}


def stamp(name, dialect):
    packages = ("torch", "transformers", "diffusers", "onnx", "onnxscript")
    text = inspect.getsource(BUILDERS[name]) + repr(DIALECTS[dialect]) + name + dialect + "".join(version(p) for p in packages)
    return hashlib.sha256(text.encode()).hexdigest()


def example(inputs, size, seed):
    torch.manual_seed(seed)
    return inputs(*size)


def export(name, dialect, folder):
    torch.manual_seed(1)
    model, call, shapes, outputs, inputs, sizes, *order = BUILDERS[name]()
    names = order[0] if order else list(shapes)
    wrapped = Wrap(model.eval(), call).eval()
    args = example(inputs, sizes[1], 3)
    options = dict(DIALECTS[dialect])
    if options["dynamo"]:
        dims = {}
        spec = [{a: dims.setdefault(n, torch.export.Dim.DYNAMIC) for a, n in shapes[i].items()} for i in names]
        options["dynamic_shapes"] = (tuple(spec),)
        options["verbose"] = False
    else:
        options["dynamic_axes"] = {k: v for k, v in shapes.items() if v}
    with torch.no_grad():
        torch.onnx.export(wrapped, args, str(folder / "model.onnx"), input_names=names, output_names=outputs, **options)
    for letter, size in zip("ab", sizes):
        values = example(inputs, size, 5)
        np.savez(folder / f"{letter}.npz", **{n: v.numpy() for n, v in zip(names, values)})


def main():
    out = Path(sys.argv[1])
    wanted = sys.argv[2:] or list(MODELS)
    for name in wanted:
        for dialect in [LARGE[name][1]] if name in LARGE else DIALECTS:
            folder = out / f"{name}-{dialect}"
            mark = stamp(name, dialect)
            if (folder / "stamp.txt").exists() and (folder / "stamp.txt").read_text() == mark:
                continue
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                export(name, dialect, folder)
                (folder / "stamp.txt").write_text(mark)
                print(f"exported {folder.name}", flush=True)
            except Exception as error:
                shutil.rmtree(folder, ignore_errors=True)
                first = str(error).strip().split("\n")[0][:200]
                print(f"not exportable {folder.name}: {type(error).__name__}: {first}", flush=True)


main()

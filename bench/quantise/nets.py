"""Architectures at their usual sizes with random weights, and samples for them: what quantisers are compared on beside trained models.

    python nets.py NAME OUT       OUT/model.onnx, OUT/calib.npz, OUT/test.npz

Needs torch and transformers. Samples lie along the first axis of each array.
"""
import os
import sys

import numpy as np
import torch

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
torch.manual_seed(0)


def images(count, size, seed):
    """Smooth fields with some noise: neighbours are alike, as in pictures."""
    g = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 7, 7, generator=g)
    fine = torch.randn(count, 3, size, size, generator=g)
    return torch.nn.functional.interpolate(coarse, size=(size, size), mode="bicubic") + 0.2 * fine


def words(count, length, vocabulary, seed):
    ranks = 1 / np.arange(1, vocabulary - 999)
    rng = np.random.default_rng(seed)
    return torch.from_numpy(1000 + rng.choice(vocabulary - 1000, (count, length), p=ranks / ranks.sum())).long()


class Logits(torch.nn.Module):
    def __init__(self, model, field):
        super().__init__()
        self.model, self.field = model, field

    def forward(self, x):
        # Masks that are left out are built by operators that the exporter does not know.
        more = {} if x.is_floating_point() else {"attention_mask": torch.ones_like(x)}
        return getattr(self.model(x, **more), self.field)


def settled(model):
    """Statistics of normalisation as training would leave them."""
    model.train()
    with torch.no_grad():
        for seed in range(20):
            model(images(4, 224, 100 + seed))
    return model


def resnet50():
    from transformers import ResNetConfig, ResNetForImageClassification

    return Logits(settled(ResNetForImageClassification(ResNetConfig(num_labels=1000))), "logits"), lambda n, s: images(n, 224, s)


def mobilenetv2():
    from transformers import MobileNetV2Config, MobileNetV2ForImageClassification

    model = settled(MobileNetV2ForImageClassification(MobileNetV2Config(num_labels=1000, image_size=224)))
    return Logits(model, "logits"), lambda n, s: images(n, 224, s)


def vit():
    from transformers import ViTConfig, ViTForImageClassification

    return Logits(ViTForImageClassification(ViTConfig(num_labels=1000)), "logits"), lambda n, s: images(n, 224, s)


def bert():
    from transformers import BertConfig, BertModel

    return Logits(BertModel(BertConfig()), "last_hidden_state"), lambda n, s: words(n, 128, 30522, s)


def decoder():
    """A small decoder whose normalisations make a few channels far larger than the others, as trained ones have them."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=4000, hidden_size=512, num_hidden_layers=4, num_attention_heads=8, num_key_value_heads=4, intermediate_size=1408, use_cache=False
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for layer in model.model.layers:
            for norm in (layer.input_layernorm, layer.post_attention_layernorm):
                norm.weight[torch.randperm(512)[:5]] *= 30
    return Logits(model, "logits"), lambda n, s: words(n, 64, 4000, s)


name, out = sys.argv[1:3]
model, samples = globals()[name]()
model.eval()
os.makedirs(out, exist_ok=True)
first = samples(1, 1)
with torch.no_grad():
    torch.onnx.export(
        model, (first,), os.path.join(out, "model.onnx"), input_names=["x"], output_names=["y"], dynamo=False, opset_version=17
    )
np.savez(os.path.join(out, "calib.npz"), x=samples(16, 2)[:, None].numpy())
np.savez(os.path.join(out, "test.npz"), x=samples(8, 3)[:, None].numpy())

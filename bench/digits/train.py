"""
Trains the two models of samples/digits on scikit-learn's handwritten digits and writes them with their images. Run by
hand, never by `npm test`:

    python bench/digits/train.py samples/digits

The split is fixed and stratified: 1,437 images to train on, of which 64 are kept to calibrate on, and 360 to test. Seeds
and one thread make the same files again on the same processor and versions. Needs scikit-learn 1.9.1, torch 2.15.0,
onnx 1.23.2 and numpy 2.4.6 (made with Python 3.11).
"""
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

warnings.filterwarnings("ignore")
torch.manual_seed(0)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)


def images_and_labels():
    """Images as the models take them: one channel of 8 x 8, 0 for paper and 1 for ink."""
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[:, None]
    return train_test_split(images, digits.target.astype(np.int64), test_size=360, stratify=digits.target, random_state=0)


def convolution(inputs, outputs, size, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, padding=size // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class Cnn(nn.Module):
    """A convolution, two separable ones (depthwise, then 1 x 1) around a pooling, an average, a linear layer."""

    def __init__(self):
        super().__init__()
        self.stem = convolution(1, 16, 3)
        self.first = nn.Sequential(convolution(16, 16, 3, groups=16), convolution(16, 32, 1))
        self.pool = nn.MaxPool2d(2)
        self.second = nn.Sequential(convolution(32, 32, 3, groups=32), convolution(32, 64, 1))
        self.average = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(64, 10)

    def forward(self, image):
        x = self.second(self.pool(self.first(self.stem(image))))
        return self.head(self.average(x).flatten(1))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        batch, tokens, width = x.shape
        split = lambda t: t.reshape(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = split(self.q(x)), split(self.k(x)), split(self.v(x))
        weights = (q @ k.transpose(2, 3) * (width // self.heads) ** -0.5).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(batch, tokens, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    """Rows of the image as tokens, learned positions, two blocks, the mean of the tokens, a linear layer."""

    def __init__(self, width=32, heads=4):
        super().__init__()
        self.embed = nn.Linear(8, width)
        self.positions = nn.Parameter(0.02 * torch.randn(8, width))
        self.blocks = nn.Sequential(Block(width, heads), Block(width, heads))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 10)

    def forward(self, image):
        x = self.embed(image.flatten(1, 2)) + self.positions
        return self.head(self.norm(self.blocks(x)).mean(1))


def moved(images):
    """Each image moved by up to one pixel each way."""
    around = nn.functional.pad(images, (1, 1, 1, 1))
    down, right = torch.randint(0, 3, (2, len(images)))
    return torch.stack([around[i, :, r : r + 8, c : c + 8] for i, (r, c) in enumerate(zip(down.tolist(), right.tolist()))])


def train(model, images, labels, epochs, rate):
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    batches = (len(images) + 63) // 64
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=epochs * batches)
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).split(64):
            loss = nn.functional.cross_entropy(model(moved(images[rows])), labels[rows], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return model.eval()


def export(model, path):
    """Batch normalisation stays a node of its own, and nothing tells where the file was made."""
    torch.onnx.export(
        model,
        torch.zeros(2, 1, 8, 8),
        str(path),
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}},
        opset_version=17,
        dynamo=False,
        training=torch.onnx.TrainingMode.PRESERVE,
    )
    made = onnx.load(path)
    made.producer_name, made.producer_version, made.doc_string = "portolan samples", "", ""
    made.graph.name = path.stem
    for node in made.graph.node:
        node.doc_string = ""
    del made.metadata_props[:]
    onnx.checker.check_model(made, full_check=True)
    onnx.save(made, path)


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    images, tested, labels, wanted = images_and_labels()
    _, calibration = train_test_split(images, test_size=64, stratify=labels, random_state=0)
    np.savez(out / "calib.npz", image=calibration)
    np.savez(out / "test.npz", image=tested, labels=wanted)
    for name, model, epochs, rate in [("cnn", Cnn(), 60, 1e-2), ("transformer", Transformer(), 150, 4e-3)]:
        train(model, torch.from_numpy(images), torch.from_numpy(labels), epochs, rate)
        with torch.no_grad():
            right = (model(torch.from_numpy(tested)).argmax(1).numpy() == wanted).mean()
            export(model, out / f"{name}.onnx")
        print(f"{name}: {100 * right:.2f} % of {len(wanted)} test images", flush=True)


main()

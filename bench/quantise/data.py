"""Data that quantisers are compared on, made by rule from a seed: printed lines, pages, sentences' tokens and speech.

    python data.py lines OUT --font FONT.ttc     OUT/calib.npz, OUT/test.npz, OUT/test.json
    python data.py pages OUT --font FONT.ttc     OUT/calib.npz, OUT/test.npz
    python data.py tokens OUT                    OUT/calib.npz, OUT/test.npz
    python data.py speech OUT                    OUT/calib.npz, OUT/test.npz (needs espeak-ng)

Samples lie along the first axis of each array. What is calibrated on and what is tested on never share a seed.
"""
import argparse
import json
import os
import random
import subprocess
import tempfile
import wave

import numpy as np

CHINESE = (
    "北京 上海 广州 深圳 杭州 成都 武汉 南京 西安 重庆 天津 苏州 公司 银行 医院 学校 大学 中心 市场 商店 超市 地铁 车站 机场 公园 "
    "有限 股份 责任 科技 信息 电子 服务 管理 工程 建设 发展 投资 贸易 文化 教育 食品 药品 保险 电话 地址 日期 时间 姓名 编号 数量 "
    "单价 金额 合计 备注 发票 收据 合同 订单 会议 通知 报告 申请 审核 批准 注意 请勿 禁止 吸烟 安全 出口 入口 欢迎 光临 谢谢 再见 "
    "今天 明天 星期 上午 下午 晚上 春天 夏天 秋天 冬天 山水 花草 树木 红色 蓝色 绿色 白色 黑色 大小 多少 高低 长短 新旧 快慢 人民 "
    "国家 世界 城市 农村 道路 河流 海洋 天空 太阳 月亮 星星 空气 动物 植物 米饭 面条 牛奶 咖啡 水果 蔬菜 苹果 香蕉 西瓜 葡萄"
).split()
ENGLISH = (
    "Open Close Total Price Number Street Phone Date Order Invoice Office Garden Hotel Museum Station Airport Market Library School "
    "Coffee Water Bread Fresh Daily Special Welcome Thank Please Notice Warning Model Serial Power Input Output Volt Made Since"
).split()
SENTENCES = (
    "The train to the coast leaves at seven in the morning. Please keep the window closed while it rains. "
    "She bought four apples and a loaf of bread at the market. Nobody knew why the lights had gone out. "
    "We walked along the river until the old stone bridge. He plays the piano badly but with great joy. "
    "The report must be on my desk before noon on Friday. Our neighbours have three dogs and a very small garden. "
    "It was the coldest winter that anyone could remember. Can you tell me how to get to the library? "
    "The children are building a castle out of wet sand. A good map is worth more than a fast car. "
    "They had dinner outside and talked until midnight. My brother repairs clocks in a shop near the station."
)


def text_of(rng):
    kind = rng.random()
    digits = lambda n: "".join(rng.choice("0123456789") for _ in range(n))
    if kind < 0.45:
        return "".join(rng.sample(CHINESE, rng.randint(2, 4)))
    if kind < 0.7:
        return "".join(rng.sample(CHINESE, 2)) + digits(rng.randint(2, 6))
    if kind < 0.85:
        return " ".join(rng.sample(ENGLISH, 2)) + " " + digits(3)
    return f"20{digits(2)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d} " + rng.choice(CHINESE)


def render(text, font_path, size, rng, pad=8):
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(font_path, size)
    left, top, right, bottom = font.getbbox(text)
    paper = tuple(rng.randint(215, 255) for _ in range(3))
    ink = tuple(rng.randint(0, 70) for _ in range(3))
    image = Image.new("RGB", (right - left + 2 * pad, bottom - top + 2 * pad), paper)
    ImageDraw.Draw(image).text((pad - left, pad - top), text, font=font, fill=ink)
    return image


def noisy(pixels, rng):
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, rng.uniform(0, 8), pixels.shape)
    return np.clip(pixels.astype(np.float32) + noise, 0, 255)


def line_array(text, font_path, rng, height=48, width=320):
    """As PP-OCR feeds its recogniser: BGR, height 48, (x / 255 - 0.5) / 0.5, zeros on the right."""
    image = render(text, font_path, rng.randint(30, 44), rng, rng.randint(3, 9))
    wide = min(width, max(1, round(image.width * height / image.height)))
    pixels = noisy(np.asarray(image.resize((wide, height)))[:, :, ::-1], rng)
    out = np.zeros((3, height, width), np.float32)
    out[:, :, :wide] = ((pixels / 255 - 0.5) / 0.5).transpose(2, 0, 1)
    return out


def lines(out, font, calib, test):
    def some(first, count):
        texts, arrays = [], []
        for seed in range(first, first + count):
            rng = random.Random(seed)
            texts.append(text_of(rng))
            arrays.append(line_array(texts[-1], font, rng))
        return texts, np.stack(arrays)

    np.savez(os.path.join(out, "calib.npz"), x=some(0, calib)[1][:, None])
    texts, arrays = some(10_000, test)
    np.savez(os.path.join(out, "test.npz"), x=arrays[:, None])
    with open(os.path.join(out, "test.json"), "w") as f:
        json.dump(texts, f, ensure_ascii=False)


MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def page_array(seed, font, size):
    """As PP-OCR feeds its detector: BGR of a page with some lines, mean and deviation of ImageNet."""
    from PIL import Image

    rng = random.Random(seed)
    page = Image.new("RGB", (size, size), tuple(rng.randint(225, 255) for _ in range(3)))
    y = rng.randint(10, 30)
    while y < size - 60:
        line = render(text_of(rng), font, rng.randint(18, 40), rng)
        page.paste(line, (rng.randint(5, max(6, size - line.width - 5)), y))
        y += line.height + rng.randint(8, 40)
    pixels = noisy(np.asarray(page)[:, :, ::-1], rng) / 255
    return ((pixels - MEAN) / STD).transpose(2, 0, 1).astype(np.float32)


def pages(out, font, calib, test, size=480):
    for name, first, count in (("calib", 0, calib), ("test", 10_000, test)):
        arrays = np.stack([page_array(first + i, font, size) for i in range(count)])
        np.savez(os.path.join(out, f"{name}.npz"), x=arrays[:, None])


def tokens(out, calib, test, length=64):
    """Words of BERT's uncased vocabulary (whole words begin at 1996, in order of frequency), by Zipf's law."""
    for name, seed, count in (("calib", 1, calib), ("test", 2, test)):
        rng = np.random.default_rng(seed)
        ranks = 1 / np.arange(1, 20_001)
        ids = np.zeros((count, length), np.int64)
        mask = np.zeros_like(ids)
        for row in range(count):
            words = rng.integers(8, length - 2)
            ids[row, : words + 2] = [101, *(1996 + rng.choice(20_000, words, p=ranks / ranks.sum())), 102]
            mask[row, : words + 2] = 1
        arrays = {"input_ids": ids, "attention_mask": mask}
        np.savez(os.path.join(out, f"{name}.npz"), **{k: v[:, None] for k, v in arrays.items()})


def spoken(text, voice, speed):
    with tempfile.NamedTemporaryFile(suffix=".wav") as f:
        subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-w", f.name, text], check=True)
        with wave.open(f.name) as w:
            rate, raw = w.getframerate(), np.frombuffer(w.readframes(w.getnframes()), np.int16)
    x = raw.astype(np.float32) / 32768
    at = np.arange(0, len(x) - 1, rate / 16000)
    return np.interp(at, np.arange(len(x)), x).astype(np.float32)


def speech(out, calib, test, frame=512):
    """Frames of 512 samples at 16 kHz: sentences by three voices with pauses between them, over noise."""
    texts = SENTENCES.split(". ")
    for name, seed, count in (("calib", 1, calib), ("test", 2, test)):
        rng = np.random.default_rng(seed)
        parts = []
        while sum(map(len, parts)) < count * frame:
            voice = ["en-us", "en-gb", "de"][rng.integers(3)]
            parts += [spoken(texts[rng.integers(len(texts))], voice, int(rng.integers(130, 190))) * rng.uniform(0.3, 1)]
            parts += [np.zeros(int(rng.integers(8_000, 48_000)), np.float32)]
        x = np.concatenate(parts)[: count * frame]
        x = x + rng.normal(0, 1, len(x)) * np.interp(np.arange(len(x)), np.linspace(0, len(x), 20), rng.uniform(0, 0.03, 20))
        np.savez(os.path.join(out, f"{name}.npz"), frames=x.astype(np.float32).reshape(count, frame))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["lines", "pages", "tokens", "speech"])
    parser.add_argument("out")
    parser.add_argument("--font")
    parser.add_argument("--calib", type=int, default=32)
    parser.add_argument("--test", type=int, default=128)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    if args.what == "lines":
        lines(args.out, args.font, args.calib, args.test)
    elif args.what == "pages":
        pages(args.out, args.font, args.calib, args.test)
    elif args.what == "tokens":
        tokens(args.out, args.calib, args.test)
    else:
        speech(args.out, args.calib, args.test)

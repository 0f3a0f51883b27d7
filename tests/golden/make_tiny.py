#!/usr/bin/env python3
"""Writes the tiny models of this folder and what they compute, in double precision.

  make_tiny.py        writes tiny-{f32,q8_0}-{tied,untied}.gguf and .json beside itself

Two runs give the same bytes. Needs numpy (Debian: python3-numpy). The forward pass below is an independent
one: plain formulas, float64, nothing of the engine's code. For Q8_0 weights it rounds activations as
kernels/matmul.h says (8 bits per block of 32), because that is part of the arithmetic.
"""
import json, os, struct
import numpy as np

LAYERS, WIDTH, FFN, HEADS, KV_HEADS, HEAD, CONTEXT = 2, 32, 64, 4, 2, 8, 128
BASE, EPS = 10000.0, 1e-5
U32, I32, F32, BOOL, STR, ARR = 4, 5, 6, 7, 8, 9


def text(b):
    b = b if isinstance(b, bytes) else b.encode()
    return struct.pack("<Q", len(b)) + b


def pair(key, kind, value, element=None):
    out = text(key) + struct.pack("<I", kind)
    if kind == STR: return out + text(value)
    if kind == U32: return out + struct.pack("<I", value)
    if kind == F32: return out + struct.pack("<f", value)
    if kind == BOOL: return out + struct.pack("<B", value)
    out += struct.pack("<IQ", element, len(value))
    if element == STR: return out + b"".join(text(v) for v in value)
    return out + np.asarray(value, dtype={I32: "<i4", F32: "<f4"}[element]).tobytes()


def vocabulary():
    """Byte-level BPE: three control tokens, the 256 bytes, a few merges."""
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters, n = [], 0
    for b in range(256):
        letters.append(chr(b) if b in keep else chr(256 + n))
        n += b not in keep
    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + letters
    merges = ["\u0120 t", "h e", "\u0120 a", "i n", "\u0120t he", "e r", "o u", "\u0120 s", "a t", "o n",
              "\u0120 w", "r e", "n d", "\u0120 b", "h a", "\u0120 y", "\u0120y ou", "i s", "l l", "e n",
              "\u0120 h", "o r", "\u0120 m", "in g", "\u0120 f", "\u0120 c", "t o", "\u0120 d", "e s"]
    tokens += [m.replace(" ", "") for m in merges]
    return tokens, merges


def q8_0(x):
    b = x.reshape(-1, 32).astype(np.float32)
    d = np.abs(b).max(1, keepdims=True) / np.float32(127)
    record = np.zeros(len(b), dtype=[("d", "<f2"), ("q", "i1", 32)])
    record["d"] = d[:, 0]
    record["q"] = np.rint(b / d).astype(np.int8)
    exact = record["d"].astype(np.float64)[:, None] * record["q"].astype(np.float64)
    return record.tobytes(), exact.reshape(x.shape)


def make(kind, tied):
    rng = np.random.default_rng(7)
    tokens, merges = vocabulary()
    v = len(tokens)
    weights, listed = {}, []

    def add(name, *shape):
        if len(shape) == 1:
            x = (1 + 0.1 * rng.standard_normal(shape)).astype(np.float32)
            listed.append((name, shape, 0, x.tobytes()))
            weights[name] = x.astype(np.float64)
            return
        x = (rng.standard_normal(shape) / np.sqrt(shape[-1]) * (2 if "embd" in name else 1)).astype(np.float32)
        if kind == "q8_0":
            data, exact = q8_0(x)
        else:
            data, exact = x.tobytes(), x.astype(np.float64)
        listed.append((name, shape, 8 if kind == "q8_0" else 0, data))
        weights[name] = exact

    add("token_embd.weight", v, WIDTH)
    for l in range(LAYERS):
        b = f"blk.{l}."
        add(b + "attn_norm.weight", WIDTH)
        add(b + "attn_q.weight", HEADS * HEAD, WIDTH)
        add(b + "attn_k.weight", KV_HEADS * HEAD, WIDTH)
        add(b + "attn_v.weight", KV_HEADS * HEAD, WIDTH)
        add(b + "attn_output.weight", WIDTH, HEADS * HEAD)
        add(b + "ffn_norm.weight", WIDTH)
        add(b + "ffn_gate.weight", FFN, WIDTH)
        add(b + "ffn_up.weight", FFN, WIDTH)
        add(b + "ffn_down.weight", WIDTH, FFN)
    add("output_norm.weight", WIDTH)
    if not tied: add("output.weight", v, WIDTH)

    types = [3] * 3 + [1] * (v - 3)
    pairs = [pair("general.architecture", STR, "llama"), pair("general.name", STR, "tiny"),
             pair("llama.block_count", U32, LAYERS), pair("llama.context_length", U32, CONTEXT),
             pair("llama.embedding_length", U32, WIDTH), pair("llama.feed_forward_length", U32, FFN),
             pair("llama.attention.head_count", U32, HEADS), pair("llama.attention.head_count_kv", U32, KV_HEADS),
             pair("llama.attention.layer_norm_rms_epsilon", F32, EPS), pair("llama.rope.freq_base", F32, BASE),
             pair("llama.rope.dimension_count", U32, HEAD), pair("llama.vocab_size", U32, v),
             pair("tokenizer.ggml.model", STR, "gpt2"), pair("tokenizer.ggml.pre", STR, "gpt-2"),
             pair("tokenizer.ggml.tokens", ARR, tokens, STR), pair("tokenizer.ggml.token_type", ARR, types, I32),
             pair("tokenizer.ggml.merges", ARR, merges, STR), pair("tokenizer.ggml.bos_token_id", U32, 1),
             pair("tokenizer.ggml.eos_token_id", U32, 2), pair("tokenizer.ggml.add_bos_token", BOOL, 0),
             pair("tokenizer.chat_template", STR,
                  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + "
                  "'<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}"
                  "{{ '<|im_start|>assistant\\n' }}{% endif %}")]
    infos, offset = b"", 0
    for name, shape, number, data in listed:
        infos += text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", d) for d in reversed(shape))
        infos += struct.pack("<IQ", number, offset)
        offset += (len(data) + 31) // 32 * 32
    head = b"GGUF" + struct.pack("<IQQ", 3, len(listed), len(pairs)) + b"".join(pairs) + infos
    out = head + b"\0" * (-len(head) % 32)
    for *_, data in listed: out += data + b"\0" * (-len(data) % 32)
    return out, weights


def forward(weights, ids, rounded):
    def times(x, w):  # x @ w.T, through rounded activations where the weights are quantised
        if rounded:
            b = x.reshape(-1, 32)
            scale = np.abs(b).max(1, keepdims=True) / 127
            x = (np.rint(b / scale) * scale).reshape(x.shape)
        return x @ w.T

    def norm(x, w): return x / np.sqrt((x * x).mean(-1, keepdims=True) + np.float64(np.float32(EPS))) * w

    def rope(x):  # [T, heads, HEAD], pairs are neighbours
        angle = np.arange(len(x))[:, None] * BASE ** (-2.0 * np.arange(HEAD // 2) / HEAD)
        c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
        out = np.empty_like(x)
        out[..., 0::2] = x[..., 0::2] * c - x[..., 1::2] * s
        out[..., 1::2] = x[..., 0::2] * s + x[..., 1::2] * c
        return out

    n = len(ids)
    x = weights["token_embd.weight"][ids]
    for l in range(LAYERS):
        w = {k.split(".")[2]: weights[k] for k in weights if k.startswith(f"blk.{l}.")}
        h = norm(x, w["attn_norm"])
        q = rope(times(h, w["attn_q"]).reshape(n, HEADS, HEAD))
        k = rope(times(h, w["attn_k"]).reshape(n, KV_HEADS, HEAD))
        v = times(h, w["attn_v"]).reshape(n, KV_HEADS, HEAD)
        mixed = np.empty((n, HEADS, HEAD))
        for head in range(HEADS):
            kv = head // (HEADS // KV_HEADS)
            score = q[:, head] @ k[:, kv].T / np.sqrt(HEAD)
            score[np.triu_indices(n, 1)] = -np.inf
            share = np.exp(score - score.max(1, keepdims=True))
            mixed[:, head] = share / share.sum(1, keepdims=True) @ v[:, kv]
        x = x + times(mixed.reshape(n, -1), w["attn_output"])
        h = norm(x, w["ffn_norm"])
        gate = times(h, w["ffn_gate"])
        x = x + times(gate / (1 + np.exp(-gate)) * times(h, w["ffn_up"]), w["ffn_down"])
    return times(norm(x, weights["output_norm.weight"]), weights.get("output.weight", weights["token_embd.weight"]))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    ids = [1, 37, 200, 5, 260, 287, 2, 99, 1, 70, 70, 12, 284, 3, 150]
    for kind in ("f32", "q8_0"):
        for tied in (True, False):
            data, weights = make(kind, tied)
            name = os.path.join(here, f"tiny-{kind}-{'tied' if tied else 'untied'}")
            with open(name + ".gguf", "wb") as f: f.write(data)
            logits = forward(weights, ids, kind == "q8_0")
            # Every position's beginning and the whole of the last.
            told = {"prompt": ids, "vocab": logits.shape[1],
                    "positions": [[round(float(x), 7) for x in row[:16]] for row in logits],
                    "last": [round(float(x), 7) for x in logits[-1]]}
            with open(name + ".json", "w") as f: json.dump(told, f, separators=(",", ":"))


if __name__ == "__main__":
    main()

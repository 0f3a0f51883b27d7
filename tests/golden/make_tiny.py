#!/usr/bin/env python3
"""Writes the tiny models of this folder and what they compute, in double precision.

  make_tiny.py [name...]   writes all of MODELS and tiny-lora, or those named, as .gguf and .json beside itself

tiny-lora is an adapter for tiny-f32-tied in both forms, a GGUF file and PEFT's folder, and what the model with
the adapter merged into it computes in Hugging Face's order of rows, where halves of a head are rotated.

Two runs give the same bytes. Needs numpy (Debian: python3-numpy). The forward pass below is an independent
one: plain formulas, float64, nothing of the engine's code. For Q8_0 weights it rounds activations as
kernels/matmul.h says (8 bits per block of 32), because that is part of the arithmetic; NAME-exact.json holds
what comes without that, which rounding twice must all but reach.

A model is a Shape: what its family has beside the plain Llama, and what its metadata says. Formulas:
qwen2, qwen3, gemma2 as in Hugging Face's modeling_qwen2.py, modeling_qwen3.py and modeling_gemma2.py (norm
weights as in GGUF files, which have the 1 added); Llama 3's rotation as in modeling_rope_utils.py.
"""
import json, os, struct, sys
from dataclasses import dataclass, field, replace
import numpy as np

WIDTH, FFN, HEADS, KV_HEADS, CONTEXT = 32, 64, 4, 2, 128
BASE, EPS = 10000.0, 1e-5


@dataclass
class Shape:
    kind: str = "f32"  # of the matrices: f32, f16 or q8_0
    tied: bool = True
    architecture: str = "llama"
    layers: int = 2
    head: int = 8
    rope: int = 8            # rotated numbers of a head
    halves: bool = False     # pairs (i, i + rope / 2) and not neighbours
    biases: bool = False     # of q, k, v
    head_norms: bool = False
    out_norms: bool = False
    gelu: bool = False
    scaled_embedding: bool = False
    window: int = 0          # of even layers
    score_cap: float = 0.0
    logit_cap: float = 0.0
    slower: object = None    # radians [rope / 2] -> radians
    keys: dict = field(default_factory=dict)  # metadata beside the common: part -> (kind, value)


def linear(factor):
    return lambda radians: radians / factor


def llama3(factor, low, high, trained):
    def slower(radians):
        out = []
        for r in radians:
            length = 2 * np.pi / r  # tokens of one turn
            if length > trained / low: out.append(r / factor)
            elif length < trained / high: out.append(r)
            else:
                smooth = (trained / length - low) / (high - low)
                out.append((1 - smooth) * r / factor + smooth * r)
        return np.array(out)
    return slower
U32, I32, F32, BOOL, STR, ARR = 4, 5, 6, 7, 8, 9

MODELS = {
    "tiny-f32-tied": Shape(), "tiny-f32-untied": Shape(tied=False),
    "tiny-q8_0-tied": Shape(kind="q8_0"), "tiny-q8_0-untied": Shape(kind="q8_0", tied=False),
    "tiny-linear": Shape(kind="f16", slower=linear(4.0), keys={
        "rope.scaling.type": (STR, "linear"), "rope.scaling.factor": (F32, 4.0)}),
    # Turns of 6, 63, 628 and 6283 tokens: one stays, one changes over, two are slowed.
    "tiny-llama3": Shape(kind="f16", slower=llama3(8.0, 1.0, 4.0, 128), keys={
        "rope.scaling.type": (STR, "llama3"), "rope.scaling.factor": (F32, 8.0),
        "rope.scaling.low_freq_factor": (F32, 1.0), "rope.scaling.high_freq_factor": (F32, 4.0),
        "rope.scaling.original_context_length": (U32, 128)}),
    "tiny-qwen2": Shape(kind="f16", architecture="qwen2", halves=True, biases=True),
    # Heads that are not width / heads, and of which half is rotated.
    "tiny-qwen3": Shape(kind="f16", architecture="qwen3", halves=True, head=16, rope=8, head_norms=True),
    "tiny-gemma2": Shape(kind="f16", architecture="gemma2", layers=4, halves=True, out_norms=True, gelu=True,
                         scaled_embedding=True, window=5, score_cap=2.0, logit_cap=3.0, keys={
        "attention.sliding_window": (U32, 5), "attn_logit_softcapping": (F32, 2.0),
        "final_logit_softcapping": (F32, 3.0)}),
}


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


def make(shape):
    rng = np.random.default_rng(7)
    tokens, merges = vocabulary()
    v = len(tokens)
    weights, listed = {}, []

    def add(name, *size):
        if len(size) == 1:
            middle = 0 if name.endswith("bias") else 1
            x = (middle + 0.1 * rng.standard_normal(size)).astype(np.float32)
            listed.append((name, size, 0, x.tobytes()))
            weights[name] = x.astype(np.float64)
            return
        x = (rng.standard_normal(size) / np.sqrt(size[-1]) * (2 if "embd" in name else 1)).astype(np.float32)
        if shape.kind == "q8_0":
            data, exact = q8_0(x)
        else:
            x = x.astype({"f32": np.float32, "f16": np.float16}[shape.kind])
            data, exact = x.tobytes(), x.astype(np.float64)
        listed.append((name, size, {"f32": 0, "f16": 1, "q8_0": 8}[shape.kind], data))
        weights[name] = exact

    add("token_embd.weight", v, WIDTH)
    for l in range(shape.layers):
        b = f"blk.{l}."
        add(b + "attn_norm.weight", WIDTH)
        for part, heads in (("q", HEADS), ("k", KV_HEADS), ("v", KV_HEADS)):
            add(b + f"attn_{part}.weight", heads * shape.head, WIDTH)
            if shape.biases: add(b + f"attn_{part}.bias", heads * shape.head)
            if shape.head_norms and part != "v": add(b + f"attn_{part}_norm.weight", shape.head)
        add(b + "attn_output.weight", WIDTH, HEADS * shape.head)
        if shape.out_norms: add(b + "post_attention_norm.weight", WIDTH)
        add(b + "ffn_norm.weight", WIDTH)
        add(b + "ffn_gate.weight", FFN, WIDTH)
        add(b + "ffn_up.weight", FFN, WIDTH)
        add(b + "ffn_down.weight", WIDTH, FFN)
        if shape.out_norms: add(b + "post_ffw_norm.weight", WIDTH)
    add("output_norm.weight", WIDTH)
    if not shape.tied: add("output.weight", v, WIDTH)

    types = [3] * 3 + [1] * (v - 3)
    a = shape.architecture + "."
    own = dict(shape.keys)
    if shape.head * HEADS != WIDTH:
        own.update({"attention.key_length": (U32, shape.head), "attention.value_length": (U32, shape.head)})
    pairs = [pair("general.architecture", STR, shape.architecture), pair("general.name", STR, "tiny"),
             pair(a + "block_count", U32, shape.layers), pair(a + "context_length", U32, CONTEXT),
             pair(a + "embedding_length", U32, WIDTH), pair(a + "feed_forward_length", U32, FFN),
             pair(a + "attention.head_count", U32, HEADS), pair(a + "attention.head_count_kv", U32, KV_HEADS),
             pair(a + "attention.layer_norm_rms_epsilon", F32, EPS), pair(a + "rope.freq_base", F32, BASE),
             pair(a + "rope.dimension_count", U32, shape.rope), pair(a + "vocab_size", U32, v),
             *[pair(a + part, kind, value) for part, (kind, value) in own.items()],
             pair("tokenizer.ggml.model", STR, "gpt2"), pair("tokenizer.ggml.pre", STR, "gpt-2"),
             pair("tokenizer.ggml.tokens", ARR, tokens, STR), pair("tokenizer.ggml.token_type", ARR, types, I32),
             pair("tokenizer.ggml.merges", ARR, merges, STR), pair("tokenizer.ggml.bos_token_id", U32, 1),
             pair("tokenizer.ggml.eos_token_id", U32, 2), pair("tokenizer.ggml.add_bos_token", BOOL, 0),
             pair("tokenizer.chat_template", STR,
                  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + "
                  "'<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}"
                  "{{ '<|im_start|>assistant\\n' }}{% endif %}")]
    return gguf_file(pairs, listed), weights


def gguf_file(pairs, listed):
    infos, offset = b"", 0
    for name, size, number, data in listed:
        infos += text(name) + struct.pack("<I", len(size)) + b"".join(struct.pack("<Q", d) for d in reversed(size))
        infos += struct.pack("<IQ", number, offset)
        offset += (len(data) + 31) // 32 * 32
    head = b"GGUF" + struct.pack("<IQQ", 3, len(listed), len(pairs)) + b"".join(pairs) + infos
    out = head + b"\0" * (-len(head) % 32)
    for *_, data in listed: out += data + b"\0" * (-len(data) % 32)
    return out


def forward(shape, weights, ids, rounds):
    def times(x, w):  # x @ w.T, through rounded activations where the weights are quantised
        if rounds:
            b = x.reshape(-1, 32)
            scale = np.abs(b).max(1, keepdims=True) / 127
            x = (np.rint(b / scale) * scale).reshape(x.shape)
        return x @ w.T

    def norm(x, w): return x / np.sqrt((x * x).mean(-1, keepdims=True) + np.float64(np.float32(EPS))) * w

    def cap(x, most): return most * np.tanh(x / most) if most else x

    def act(x):
        if shape.gelu: return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x ** 3)))
        return x / (1 + np.exp(-x))

    pairs = shape.rope // 2
    radians = BASE ** (-2.0 * np.arange(pairs) / shape.rope)
    if shape.slower: radians = shape.slower(radians)

    def rope(x):  # [T, heads, head]; pairs are neighbours or halves
        angle = np.arange(len(x))[:, None] * radians
        c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
        first = slice(0, pairs) if shape.halves else slice(0, shape.rope, 2)
        second = slice(pairs, shape.rope) if shape.halves else slice(1, shape.rope, 2)
        out = x.copy()
        out[..., first] = x[..., first] * c - x[..., second] * s
        out[..., second] = x[..., first] * s + x[..., second] * c
        return out

    n = len(ids)
    x = weights["token_embd.weight"][ids]
    if shape.scaled_embedding: x = x * np.sqrt(WIDTH)
    for l in range(shape.layers):
        w = {k[len(f"blk.{l}."):]: weights[k] for k in weights if k.startswith(f"blk.{l}.")}
        h = norm(x, w["attn_norm.weight"])
        q, k, v = (times(h, w[f"attn_{part}.weight"]) + w.get(f"attn_{part}.bias", 0) for part in "qkv")
        q, k, v = q.reshape(n, HEADS, -1), k.reshape(n, KV_HEADS, -1), v.reshape(n, KV_HEADS, -1)
        if shape.head_norms: q, k = norm(q, w["attn_q_norm.weight"]), norm(k, w["attn_k_norm.weight"])
        q, k = rope(q), rope(k)
        mixed = np.empty((n, HEADS, shape.head))
        for head in range(HEADS):
            kv = head // (HEADS // KV_HEADS)
            score = cap(q[:, head] @ k[:, kv].T / np.sqrt(shape.head), shape.score_cap)
            score[np.triu_indices(n, 1)] = -np.inf
            if shape.window and l % 2 == 0: score[np.tril_indices(n, -shape.window)] = -np.inf
            share = np.exp(score - score.max(1, keepdims=True))
            mixed[:, head] = share / share.sum(1, keepdims=True) @ v[:, kv]
        out = times(mixed.reshape(n, -1), w["attn_output.weight"])
        if shape.out_norms: out = norm(out, w["post_attention_norm.weight"])
        x = x + out
        h = norm(x, w["ffn_norm.weight"])
        out = times(act(times(h, w["ffn_gate.weight"])) * times(h, w["ffn_up.weight"]), w["ffn_down.weight"])
        if shape.out_norms: out = norm(out, w["post_ffw_norm.weight"])
        x = x + out
    head = weights.get("output.weight", weights["token_embd.weight"])
    return cap(times(norm(x, weights["output_norm.weight"]), head), shape.logit_cap)


def peft_halves(w, heads):  # rows of a Llama file -> Hugging Face's
    return w.reshape(heads, -1, 2, w.shape[1]).swapaxes(1, 2).reshape(w.shape)


def neighbours(w, heads):  # and back
    return w.reshape(heads, 2, -1, w.shape[1]).swapaxes(1, 2).reshape(w.shape)


def write_lora(here, ids, rank=2, alpha=3.0, scale=0.75):
    shape = MODELS["tiny-f32-tied"]
    _, weights = make(shape)
    rng = np.random.default_rng(11)
    peft, gguf = [], []
    for l in range(shape.layers):
        for part, module, heads in (("attn_q", "self_attn.q_proj", HEADS), ("attn_k", "self_attn.k_proj", KV_HEADS),
                                    ("attn_v", "self_attn.v_proj", 0), ("attn_output", "self_attn.o_proj", 0),
                                    ("ffn_gate", "mlp.gate_proj", 0), ("ffn_up", "mlp.up_proj", 0),
                                    ("ffn_down", "mlp.down_proj", 0)):
            name = f"blk.{l}.{part}.weight"
            rows, columns = weights[name].shape
            a = (rng.standard_normal((rank, columns)) / np.sqrt(columns)).astype(np.float32)
            b = (0.3 * rng.standard_normal((rows, rank))).astype(np.float32)
            more = scale * alpha / rank * b.astype(np.float64) @ a.astype(np.float64)
            weights[name] = (peft_halves(weights[name], heads) if heads else weights[name]) + more
            at = f"base_model.model.model.layers.{l}.{module}."
            peft += [(at + "lora_A.weight", a), (at + "lora_B.weight", b)]
            gguf += [(name + ".lora_a", a), (name + ".lora_b", neighbours(b, heads) if heads else b)]
    header, blob = {}, b""
    for name, x in peft:
        header[name] = {"dtype": "F32", "shape": list(x.shape), "data_offsets": [len(blob), len(blob) + x.nbytes]}
        blob += x.tobytes()
    folder = os.path.join(here, "tiny-lora")
    os.makedirs(folder, exist_ok=True)
    told = json.dumps(header, separators=(",", ":")).encode()
    told += b" " * (-len(told) % 8)
    with open(os.path.join(folder, "adapter_model.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(told)) + told + blob)
    config = {"base_model_name_or_path": "tiny", "bias": "none", "lora_alpha": alpha, "peft_type": "LORA", "r": rank,
              "target_modules": "all-linear", "task_type": "CAUSAL_LM"}
    with open(os.path.join(folder, "adapter_config.json"), "w") as f: json.dump(config, f, indent=2)
    pairs = [pair("general.type", STR, "adapter"), pair("general.architecture", STR, "llama"),
             pair("adapter.type", STR, "lora"), pair("adapter.lora.alpha", F32, alpha)]
    with open(os.path.join(here, "tiny-lora.gguf"), "wb") as f:
        f.write(gguf_file(pairs, [(name, x.shape, 0, x.tobytes()) for name, x in gguf]))
    write_logits(here, "tiny-lora", ids, forward(replace(shape, halves=True), weights, ids, rounds=False))


def write_logits(here, name, ids, logits):
    # Every position's beginning and the whole of the last.
    told = {"prompt": ids, "vocab": logits.shape[1],
            "positions": [[round(float(x), 7) for x in row[:16]] for row in logits],
            "last": [round(float(x), 7) for x in logits[-1]]}
    with open(os.path.join(here, name + ".json"), "w") as f: json.dump(told, f, separators=(",", ":"))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    ids = [1, 37, 200, 5, 260, 287, 2, 99, 1, 70, 70, 12, 284, 3, 150]
    for name in sys.argv[1:] or [*MODELS, "tiny-lora"]:
        if name == "tiny-lora":
            write_lora(here, ids)
            continue
        shape = MODELS[name]
        data, weights = make(shape)
        with open(os.path.join(here, name + ".gguf"), "wb") as f: f.write(data)
        quantised = shape.kind == "q8_0"
        write_logits(here, name, ids, forward(shape, weights, ids, rounds=quantised))
        if quantised: write_logits(here, name + "-exact", ids, forward(shape, weights, ids, rounds=False))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The promise of --ram, kept under a limit of the address space of that size.

    memory_test.py PROGRAM SOURCE_FOLDER [--soak]

Models of SmolLM2-135M's shape are written here, with weights that repeat: what they say is noise, what they take is not.
"""
import json
import math
import os
import pathlib
import random
import resource
import struct
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
RAM = 200_000_000
SKIPPED = 77
LAYERS, WIDTH, FFN, HEADS, KV_HEADS, HEAD, VOCABULARY = 30, 576, 1536, 9, 3, 64, 49152
TYPES = {"q4_0": (2, 18, 4.6), "q8_0": (8, 34, 73.0)}  # id, bytes of a block, spread of its random integers


def text(words): return struct.pack("<Q", len(words)) + words


def strings(items): return struct.pack("<IQ", 8, len(items)) + b"".join(text(item) for item in items)


def write_model(path, kind):
    rng = random.Random(1)
    letters = [chr(b) if 33 <= b <= 126 else chr(256 + b) for b in range(256)]
    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + letters + ["ab"]
    tokens += [f"<|unused{n}|>" for n in range(VOCABULARY - len(tokens))]
    kinds = [3] * 3 + [1] * 257 + [5] * (VOCABULARY - 260)
    counts = {"block_count": LAYERS, "context_length": 8192, "embedding_length": WIDTH, "feed_forward_length": FFN,
              "attention.head_count": HEADS, "attention.head_count_kv": KV_HEADS, "rope.dimension_count": HEAD}
    pairs = [text(b"general.architecture") + struct.pack("<I", 8) + text(b"llama")]
    pairs += [text(b"llama." + key.encode()) + struct.pack("<II", 4, count) for key, count in counts.items()]
    pairs += [text(b"llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", 6, 1e-5),
              text(b"llama.rope.freq_base") + struct.pack("<If", 6, 1e5),
              text(b"tokenizer.ggml.model") + struct.pack("<I", 8) + text(b"gpt2"),
              text(b"tokenizer.ggml.pre") + struct.pack("<I", 8) + text(b"gpt-2"),
              text(b"tokenizer.ggml.tokens") + struct.pack("<I", 9) + strings([token.encode() for token in tokens]),
              text(b"tokenizer.ggml.token_type") + struct.pack(f"<IIQ{VOCABULARY}i", 9, 5, VOCABULARY, *kinds),
              text(b"tokenizer.ggml.merges") + struct.pack("<I", 9) + strings([b"a b"]),
              text(b"tokenizer.ggml.eos_token_id") + struct.pack("<II", 4, 2)]
    shapes = [("token_embd.weight", WIDTH, VOCABULARY), ("output_norm.weight", WIDTH, 0)]
    for l in range(LAYERS):
        b = f"blk.{l}."
        shapes += [(b + "attn_norm.weight", WIDTH, 0), (b + "ffn_norm.weight", WIDTH, 0),
                   (b + "attn_q.weight", WIDTH, HEADS * HEAD), (b + "attn_k.weight", WIDTH, KV_HEADS * HEAD),
                   (b + "attn_v.weight", WIDTH, KV_HEADS * HEAD), (b + "attn_output.weight", HEADS * HEAD, WIDTH),
                   (b + "ffn_gate.weight", WIDTH, FFN), (b + "ffn_up.weight", WIDTH, FFN), (b + "ffn_down.weight", FFN, WIDTH)]
    number, block, spread = TYPES[kind]
    listed, data = b"", []
    at = 0
    for name, columns, rows in shapes:
        if rows:
            scale = struct.pack("<e", 1 / (spread * math.sqrt(columns)))
            some = b"".join(scale + rng.randbytes(block - 2) for _ in range(1021))
            size = columns // 32 * rows * block
            bytes_ = (some * (size // len(some) + 1))[:size]
        else:
            bytes_ = struct.pack("<f", 1.0) * columns
        listed += text(name.encode()) + struct.pack("<I", 2 if rows else 1)
        listed += struct.pack("<QQ", columns, rows) if rows else struct.pack("<Q", columns)
        listed += struct.pack("<IQ", number if rows else 0, at)
        bytes_ += b"\0" * (-len(bytes_) % 32)
        data.append(bytes_)
        at += len(bytes_)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(shapes), len(pairs)) + b"".join(pairs) + listed
    with open(path, "wb") as f:
        f.write(head + b"\0" * (-len(head) % 32))
        for bytes_ in data: f.write(bytes_)


def run(*args, home, said="", fails=False, ram=RAM, patience=240):
    told = subprocess.run(
        [PROGRAM, *args], input=said, capture_output=True, text=True, timeout=patience, cwd=SOURCE,
        env={**os.environ, "XDG_DATA_HOME": home, "XDG_CACHE_HOME": home},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ram, ram)))
    assert (told.returncode != 0) == fails, f"{args}: {told.returncode}\n{told.stdout}\n{told.stderr}"
    return told.stderr if fails else told.stdout


if b"__asan_init" in pathlib.Path(PROGRAM).read_bytes():
    print("skipped: AddressSanitizer takes the whole address space")
    sys.exit(SKIPPED)


def tavern(home, kind, personas, players, turns, ram, patience):
    write_model(home + "/model.gguf", kind)
    measured = json.loads(run("model", "bench", home + "/model.gguf", "--mode", "tavern", "--personas", str(personas), "--players",
                              str(players), "--turns", str(turns), "--repeat", "1", "--ram", str(ram), "--json", home=home,
                              ram=ram, patience=patience))
    assert measured["generated"] == players * turns * 40, measured
    prompts = sum(players * (600 + 30 + 70 * turn) for turn in range(turns))
    assert measured["cached_tokens"] + measured["computed_tokens"] == prompts, measured
    print(f"{kind}: {players} talks with {personas} personas, {turns} turns, within {ram / 1e6:.0f} MB of address space: "
          f"{measured['computed_tokens']} of {prompts} tokens computed, {measured['seconds']:.0f} s")
    return measured


def soak(home):
    # A talk has 600 tokens of persona and six turns of 70: 1,020 at the end.
    measured = tavern(home, "q8_0", personas=8, players=64, turns=6, ram=560_000_000, patience=1700)
    assert measured["kv_type"] == "Q8_0", measured


def short(home):
    # Nobody shares anything here, and nothing is computed twice.
    measured = tavern(home, "q4_0", personas=8, players=8, turns=1, ram=RAM, patience=240)
    assert measured["computed_tokens"] == 8 * 630, measured


if "--soak" in sys.argv:
    with tempfile.TemporaryDirectory() as home: soak(home)
    sys.exit(0)
with tempfile.TemporaryDirectory() as home:
    lines = run("chat", "orlando-marlo", "--seed", "1", "--ram", "200M", home=home,
                said="Good day, sir.\nWho are you?\n").splitlines()
    assert len(lines) == 2 and all(lines), lines
    told = run("chat", "orlando-marlo", "--ram", "40M", home=home, said="Hm.\n", fails=True)
    assert "40 MB were promised" in told, told
    told = run("chat", "orlando-marlo", "--ram", "70M", home=home, said="Hm.\n", fails=True)
    assert "keys and values" in told, told
    measured = json.loads(run("model", "bench", str(SOURCE / "models" / "hearth.gguf"), "--mode", "tavern", "--personas",
                              "2", "--players", "4", "--turns", "1", "--repeat", "1", "--ram", "200M", "--json", home=home))
    assert measured["peak_rss_mib"] * 1024 * 1024 < RAM, measured
    assert measured["cached_tokens"] > 0 and measured["computed_tokens"] > 0, measured
    short(home)
print("kept within 200 MB of address space")

#!/usr/bin/env python3
"""Makes, converts, merges and fetches tiny models with the program itself, from outside.

  model_test.py DRAMATIS

Writes a Hugging Face folder and an adapter by hand (no numpy), and serves a file over HTTP that breaks off.
"""
import hashlib, http.server, json, os, random, struct, subprocess, sys, tempfile, threading

DRAMATIS = sys.argv[1]
WIDTH, FFN, HEADS, KV, HEAD, LAYERS = 32, 64, 4, 2, 8, 2
IDS = "1,37,200,5,260,99,70,70,12"


def run(home, *args, fails=False):
    told = subprocess.run([DRAMATIS, "model", *map(str, args)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "XDG_DATA_HOME": home})
    assert (told.returncode != 0) == fails, f"{args}: {told.returncode}\n{told.stdout}\n{told.stderr}"
    return told.stderr if fails else told.stdout


def byte_level():
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters, n = [], 0
    for b in range(256):
        letters.append(chr(b) if b in keep else chr(256 + n))
        n += b not in keep
    merges = ["h e", "l l", "he ll", "\u0120 t"]
    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + letters + [m.replace(" ", "") for m in merges]
    return tokens, merges


def safetensors(path, tensors):
    header, data = {}, b""
    for name, (shape, values) in tensors.items():
        raw = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as f: f.write(struct.pack("<Q", len(text)) + text + data)


def drawn(rng, *shape, middle=0.0):
    count = 1
    for length in shape: count *= length
    return list(shape), [middle + rng.uniform(-0.3, 0.3) for _ in range(count)]


def write_folder(folder):
    os.makedirs(folder)
    tokens, merges = byte_level()
    rng = random.Random(3)
    tensors = {"model.embed_tokens.weight": drawn(rng, len(tokens), WIDTH), "model.norm.weight": drawn(rng, WIDTH, middle=1)}
    for l in range(LAYERS):
        b = f"model.layers.{l}."
        for name, rows, columns in (("self_attn.q_proj", HEADS * HEAD, WIDTH), ("self_attn.k_proj", KV * HEAD, WIDTH),
                                    ("self_attn.v_proj", KV * HEAD, WIDTH), ("self_attn.o_proj", WIDTH, HEADS * HEAD),
                                    ("mlp.gate_proj", FFN, WIDTH), ("mlp.up_proj", FFN, WIDTH), ("mlp.down_proj", WIDTH, FFN)):
            tensors[b + name + ".weight"] = drawn(rng, rows, columns)
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[b + name + ".weight"] = drawn(rng, WIDTH, middle=1)
    safetensors(folder + "/model.safetensors", tensors)
    with open(folder + "/config.json", "w") as f:
        json.dump({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": WIDTH,
                   "intermediate_size": FFN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
                   "num_key_value_heads": KV, "vocab_size": len(tokens), "max_position_embeddings": 128,
                   "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": True, "hidden_act": "silu",
                   "bos_token_id": 1, "eos_token_id": 2}, f)
    with open(folder + "/tokenizer.json", "w") as f:
        json.dump({"added_tokens": [{"id": n, "content": tokens[n], "special": True} for n in range(3)], "normalizer": None,
                   "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
                   "post_processor": None, "model": {"type": "BPE", "vocab": {t: n for n, t in enumerate(tokens) if n > 2},
                                                     "merges": merges}}, f)


def write_adapter(folder):
    os.makedirs(folder)
    rng = random.Random(4)
    with open(folder + "/adapter_config.json", "w") as f:
        json.dump({"peft_type": "LORA", "r": 2, "lora_alpha": 4, "bias": "none", "base_model_name_or_path": "tiny"}, f)
    tensors = {}
    for l in range(LAYERS):
        b = f"base_model.model.model.layers.{l}.self_attn.q_proj.lora_"
        tensors[b + "A.weight"] = drawn(rng, 2, WIDTH)
        tensors[b + "B.weight"] = drawn(rng, HEADS * HEAD, 2)
    safetensors(folder + "/adapter_model.safetensors", tensors)


def logits(home, model):
    return json.loads(run(home, "logits", model, "--tokens", IDS, "--json"))["positions"]


def apart(a, b):
    return max(abs(x - y) for p, q in zip(a, b) for x, y in zip(p["first8"], q["first8"]))


def test_making(home, folder):
    f32, q8, merged = home + "/f32.gguf", home + "/q8.gguf", home + "/merged.gguf"
    run(home, "convert", folder, f32, "--type", "f32")
    direct = logits(home, folder)
    assert logits(home, f32) == direct, "folder and file disagree"
    run(home, "quantize", f32, q8, "--type", "q8_0")
    assert 0 < apart(logits(home, q8), direct) < 0.2
    before = open(q8, "rb").read()
    assert "--force" in run(home, "convert", folder, q8, "--type", "f16", fails=True)
    assert open(q8, "rb").read() == before, "a refused conversion changed the file"
    run(home, "convert", folder, q8, "--type", "f16", "--force")
    assert open(q8, "rb").read() != before
    write_adapter(home + "/adapter")
    run(home, "merge", f32, home + "/adapter", merged)
    changed = apart(logits(home, merged), direct)
    run(home, "merge", folder, home + "/adapter", merged, "--scale", "0", "--force")
    assert changed > 0.01 and apart(logits(home, merged), direct) == 0, changed
    assert "q4_0" in run(home, "quantize", f32, home + "/x.gguf", "--type", "q9", fails=True)
    assert "experts" not in run(home, "info", folder)
    about = json.loads(run(home, "info", f32, "--json", "--context", "128", "--conversations", "4"))
    kept = LAYERS * 2 * KV * HEAD * 2 * 128 * 4
    assert about["memory"][0]["bytes"] > kept + about["types"]["F32"]["bytes"], about["memory"]
    assert not [n for n in os.listdir(home) if ".new" in n or n == "x.gguf"]


def test_saying(home, folder):
    """What a person reads who asks for something that is not there, or of another kind."""
    f32, adapter = home + "/f32.gguf", home + "/adapter"
    assert "quantize" in run(home, fails=True), "the commands are told"
    wrong = run(home, "quantise", fails=True)
    assert '"quantise"' in wrong and "quantize" in wrong, wrong
    about = json.loads(run(home, "info", adapter, "--json"))
    assert (about["adapter"], about["rank"], about["base"]) == ("lora", 2, "tiny"), about
    shown = run(home, "info", f32)
    assert " kB" in shown and "conversations of    128 tokens" in shown and "[]" not in shown, shown
    assert "trained for 128" in run(home, "info", f32, "--context", "4096", fails=True)
    assert "config.json" in run(home, "info", home, fails=True)
    assert "before it" in run(home, "merge", f32, home + "/y.gguf", fails=True)
    refused = run(home, "merge", f32, f32, home + "/y.gguf", fails=True)
    assert refused.count("f32.gguf") == 1 and "adapter" in refused, refused
    assert "hf:org/repo" in run(home, "get", "org/repo", fails=True)


class Breaking(http.server.BaseHTTPRequestHandler):
    """Breaks off in the middle of whatever is asked from the start."""
    file = b""

    def log_message(self, *_): pass

    def do_GET(self):
        if self.path.startswith("/api/models/o/r/tree/main"):
            listed = json.dumps([{"path": "tiny.Q8_0.gguf", "size": len(self.file),
                                  "lfs": {"oid": hashlib.sha256(self.file).hexdigest()}}]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(listed)))
            self.end_headers()
            self.wfile.write(listed)
            return
        if "tiny" not in self.path: return self.send_error(404)
        begin = int(self.headers["Range"][6:-1]) if "Range" in self.headers else 0
        self.send_response(206 if begin else 200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(self.file) - begin))
        if begin: self.send_header("Content-Range", f"bytes {begin}-{len(self.file) - 1}/{len(self.file)}")
        self.end_headers()
        self.wfile.write(self.file[begin:] if begin else self.file[:len(self.file) // 2])


def test_fetching(home):
    Breaking.file = open(home + "/f32.gguf", "rb").read()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Breaking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    where = f"http://127.0.0.1:{server.server_port}"
    assert "as expected" in run(home, "get", "hf:o/r:q8_0", "--endpoint", where)
    got = home + "/dramatis/models/tiny.Q8_0.gguf"
    assert open(got, "rb").read() == Breaking.file
    assert "is there already" in run(home, "get", where + "/tiny.Q8_0.gguf", fails=True)
    assert "404" in run(home, "get", where + "/none.gguf", fails=True)
    assert "was thrown away" in run(home, "get", where + "/tiny-2.gguf", "--sha256", "0" * 64, fails=True)
    assert "is not the name" in run(home, "get", where + "/tiny.bin", fails=True)
    listed = json.loads(run(home, "list", "--json"))
    assert {"path": got, "kind": "GGUF", "bytes": len(Breaking.file)} in listed, listed
    assert os.listdir(home + "/dramatis/models") == ["tiny.Q8_0.gguf"]
    server.shutdown()


with tempfile.TemporaryDirectory() as home:
    write_folder(home + "/tiny")
    test_making(home, home + "/tiny")
    test_saying(home, home + "/tiny")
    test_fetching(home)
print("made, converted, merged and fetched")

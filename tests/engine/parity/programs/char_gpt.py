"""A small GPT on characters: causal attention, tied weights, groups of parameters, a warm-up, sampling."""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1337)
TEXT = "To be, or not to be, that is the question: Whether 'tis nobler in the mind to suffer " * 4
letters = sorted(set(TEXT))
data = torch.tensor([letters.index(c) for c in TEXT], dtype=torch.long)


@dataclass
class Config:
    block_size: int = 16
    vocab_size: int = len(letters)
    n_layer: int = 2
    n_head: int = 2
    n_embd: int = 16
    dropout: float = 0.1


class CausalSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.dropout = nn.Dropout(config.dropout)
        self.n_head = config.n_head
        mask = torch.tril(torch.ones(config.block_size, config.block_size))
        self.register_buffer("mask", mask.view(1, 1, config.block_size, config.block_size), persistent=False)

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = (
            part.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
            for part in self.c_attn(x).split(C, dim=2)
        )
        attention = (q @ k.transpose(-2, -1)) / math.sqrt(k.size(-1))
        attention = attention.masked_fill(self.mask[:, :, :T, :T] == 0, float("-inf"))
        y = self.dropout(F.softmax(attention, dim=-1)) @ v
        return self.dropout(self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C)))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(config.n_embd), nn.LayerNorm(config.n_embd)
        self.attn = CausalSelfAttention(config)
        self.mlp = nn.Sequential(
            nn.Linear(config.n_embd, 4 * config.n_embd),
            nn.GELU(),
            nn.Linear(4 * config.n_embd, config.n_embd),
            nn.Dropout(config.dropout),
        )

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.block_size, config.n_embd)
        self.h = nn.ModuleList([Block(config) for _ in range(config.n_layer)])
        self.ln_f = nn.LayerNorm(config.n_embd)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.wte.weight = self.lm_head.weight
        self.apply(self._init_weights)

    def _init_weights(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, mean=0.0, std=0.02)
            if getattr(module, "bias", None) is not None:
                nn.init.zeros_(module.bias)

    def forward(self, idx, targets=None):
        x = self.wte(idx) + self.wpe(torch.arange(idx.size(1)))
        for block in self.h:
            x = block(x)
        logits = self.lm_head(self.ln_f(x))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)

    @torch.no_grad()
    def generate(self, idx, count, top_k):
        for _ in range(count):
            logits = self(idx[:, -self.config.block_size :])[0][:, -1, :] / 0.8
            least = torch.topk(logits, top_k).values
            logits[logits < least[:, [-1]]] = -float("Inf")
            following = torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)
            idx = torch.cat((idx, following), dim=1)
        return idx


def batch(block_size):
    starts = torch.randint(len(data) - block_size, (8,))
    return torch.stack([data[i : i + block_size] for i in starts]), torch.stack(
        [data[i + 1 : i + 1 + block_size] for i in starts]
    )


def learning_rate(step):
    return (step + 1) / 5 if step < 5 else 0.1 + 0.45 * (1 + math.cos(math.pi * (step - 5) / 25))


model = GPT(Config())
decayed = [p for p in model.parameters() if p.dim() >= 2]
others = [p for p in model.parameters() if p.dim() < 2]
optimizer = torch.optim.AdamW(
    [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
    lr=1e-2,
    betas=(0.9, 0.95),
)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, learning_rate)
print(sum(p.numel() for p in model.parameters()), len(decayed), len(others))
for step in range(30):
    optimizer.zero_grad(set_to_none=True)
    for _ in range(2):
        loss = model(*batch(16))[1] / 2
        loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    if step % 10 == 0:
        print(f"{step:3d}: loss {loss.item() * 2:.4f}, norm {norm:.3f}, lr {scheduler.get_last_lr()[0]:.5f}")
model.eval()
print("".join(letters[i] for i in model.generate(torch.zeros((1, 1), dtype=torch.long), 30, 5)[0]))

"""Sentences of different lengths: padded, packed, read in both directions; a bag of words beside it."""

import random
import re

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(0)
torch.manual_seed(0)
CORPUS = [
    (1, "a great movie , really great fun"),
    (0, "boring and bad , a waste of time"),
    (1, "fun and clever"),
    (0, "bad bad bad"),
    (1, "really clever , great acting"),
    (0, "a boring waste"),
    (1, "what fun"),
    (0, "time wasted on bad acting"),
]


def tokens(sentence):
    return re.findall(r"\w+", sentence.lower())


vocabulary = {"<pad>": 0}
for _, sentence in CORPUS:
    for word in tokens(sentence):
        vocabulary.setdefault(word, len(vocabulary))


def collate(batch):
    numbers = [torch.tensor([vocabulary[w] for w in tokens(sentence)]) for _, sentence in batch]
    lengths = torch.tensor([len(n) for n in numbers])
    labels = torch.tensor([label for label, _ in batch], dtype=torch.float)
    return pad_sequence(numbers, batch_first=True), lengths, labels


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocabulary), 8, padding_idx=0)
        self.lstm = nn.LSTM(8, 6, num_layers=2, batch_first=True, bidirectional=True, dropout=0.2)
        self.out = nn.Linear(12, 1)

    def forward(self, words, lengths):
        packed = pack_padded_sequence(self.embed(words), lengths, batch_first=True, enforce_sorted=False)
        outputs, (h, _) = self.lstm(packed)
        return self.out(torch.cat((h[-2], h[-1]), dim=1)).squeeze(1), outputs


model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(6):
    for words, lengths, labels in DataLoader(CORPUS, batch_size=4, shuffle=True, collate_fn=collate):
        scores, outputs = model(words, lengths)
        loss = nn.BCEWithLogitsLoss()(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: {loss.item():.5f}, {((scores > 0) == labels).sum()} of {len(labels)} right")
padded, lengths = pad_packed_sequence(outputs, batch_first=True)
print(padded.shape, lengths, padded[0, -1].abs().sum(), model.embed.weight.grad[0])

bag = nn.EmbeddingBag(len(vocabulary), 4, mode="mean")
print(bag(words[words > 0], torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)[:-1]])))

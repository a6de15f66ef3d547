"""A tagger with a conditional random field: a graph that follows the sentence, and Viterbi's algorithm."""

import torch
from torch import nn, optim

torch.manual_seed(1)
START, STOP = "<START>", "<STOP>"
SENTENCES = [
    (text.split(), labels.split())
    for text, labels in [
        ("the wall street journal reported today that apple made money", "B I I I O O O B O O"),
        ("georgia tech is a university in georgia", "B I O O O O B"),
    ]
]
words = {}
for sentence, _ in SENTENCES:
    for word in sentence:
        words.setdefault(word, len(words))
tags = {"B": 0, "I": 1, "O": 2, START: 3, STOP: 4}


class BiLSTM_CRF(nn.Module):
    def __init__(self, embedding=5, hidden=4):
        super().__init__()
        self.embed = nn.Embedding(len(words), embedding)
        self.lstm = nn.LSTM(embedding, hidden // 2, num_layers=1, bidirectional=True)
        self.to_tags = nn.Linear(hidden, len(tags))
        self.transitions = nn.Parameter(torch.randn(len(tags), len(tags)))
        self.transitions.data[tags[START], :] = -10000
        self.transitions.data[:, tags[STOP]] = -10000

    def features(self, sentence):
        start = (torch.randn(2, 1, 2), torch.randn(2, 1, 2))
        output, _ = self.lstm(self.embed(sentence).view(len(sentence), 1, -1), start)
        return self.to_tags(output.view(len(sentence), -1))

    def log_partition(self, features):
        alphas = torch.full((1, len(tags)), -10000.0)
        alphas[0][tags[START]] = 0.0
        for feature in features:
            scores = [
                torch.logsumexp(alphas + self.transitions[tag].view(1, -1) + feature[tag].expand(1, 5), 1)
                for tag in range(len(tags))
            ]
            alphas = torch.cat(scores).view(1, -1)
        return torch.logsumexp(alphas + self.transitions[tags[STOP]], 1)[0]

    def score(self, features, path):
        path = torch.cat([torch.tensor([tags[START]]), path])
        score = torch.zeros(1)
        for i, feature in enumerate(features):
            score = score + self.transitions[path[i + 1], path[i]] + feature[path[i + 1]]
        return score + self.transitions[tags[STOP], path[-1]]

    def loss(self, sentence, path):
        features = self.features(sentence)
        return self.log_partition(features) - self.score(features, path)

    def forward(self, sentence):
        pointers, best = [], torch.full((1, len(tags)), -10000.0)
        best[0][tags[START]] = 0
        for feature in self.features(sentence):
            values, indices = (best + self.transitions).max(dim=1)
            pointers.append(indices.tolist())
            best = (values + feature).view(1, -1)
        last = best + self.transitions[tags[STOP]]
        path = [last.argmax(dim=1).item()]
        for indices in reversed(pointers):
            path.append(indices[path[-1]])
        return last.max(), path[-2::-1]


def indices_of(sequence, table):
    return torch.tensor([table[item] for item in sequence], dtype=torch.long)


model = BiLSTM_CRF()
optimizer = optim.SGD(model.parameters(), lr=0.05, weight_decay=1e-4)
for epoch in range(12):
    for sentence, path in SENTENCES:
        model.zero_grad()
        loss = model.loss(indices_of(sentence, words), indices_of(path, tags))
        loss.backward()
        optimizer.step()
    if epoch % 4 == 0:
        print(epoch, loss)
with torch.no_grad():
    print(model(indices_of(SENTENCES[0][0], words)))

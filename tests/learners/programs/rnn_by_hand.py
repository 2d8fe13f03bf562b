from waves import fill

import nnviz as torch
import nnviz.nn as nn


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, x, hidden):
        hidden = torch.tanh(self.i2h(torch.cat((x, hidden), 1)))
        return self.softmax(self.h2o(hidden)), hidden

    def init_hidden(self):
        return torch.zeros(1, self.hidden_size)


letters = "abcdeimnorst"
words = {"en": ["mist", "stone"], "it": ["mare", "sera"]}


def line_to_tensor(line):
    tensor = torch.zeros(len(line), 1, len(letters))
    for li, letter in enumerate(line):
        tensor[li][0][letters.find(letter)] = 1
    return tensor


rnn = fill(RNN(len(letters), 8, 2))
criterion = nn.NLLLoss()
for epoch in range(6):
    total = 0
    for category, (language, lines) in enumerate(words.items()):
        for line in lines:
            hidden = rnn.init_hidden()
            rnn.zero_grad()
            sequence = line_to_tensor(line)
            for i in range(sequence.size()[0]):
                output, hidden = rnn(sequence[i], hidden)
            loss = criterion(output, torch.tensor([category], dtype=torch.long))
            loss.backward()
            for p in rnn.parameters():
                p.data.add_(p.grad.data, alpha=-0.1)
            total += loss.item()
    print(epoch, total / 4)
top_n, top_i = output.topk(1)
print(top_i[0].item(), top_n.item(), hidden.detach().sum().item())

import copy
from collections import deque

from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F
import nnviz.optim as optim


class QNetwork(nn.Module):
    def __init__(self, observations, actions):
        super().__init__()
        self.layer1 = nn.Linear(observations, 16)
        self.layer2 = nn.Linear(16, actions)

    def forward(self, x):
        return self.layer2(F.relu(self.layer1(x)))


policy_net = fill(QNetwork(4, 2))
target_net = copy.deepcopy(policy_net)
optimizer = optim.AdamW(policy_net.parameters(), lr=1e-2, amsgrad=False)
memory = deque(maxlen=50)
states = wave(31, 4)
for i in range(30):
    memory.append(
        (
            torch.tensor(states[i]).unsqueeze(0),
            torch.tensor([[i % 2]]),
            torch.tensor([float(i % 3 == 0)]),
            None if i % 7 == 6 else torch.tensor(states[i + 1]).unsqueeze(0),
        )
    )
gamma, tau = 0.9, 0.05
for step in range(6):
    batch = [memory[(step * 5 + 3 * k) % len(memory)] for k in range(8)]
    state, action, reward, following = zip(*batch)
    not_final = torch.tensor(tuple(map(lambda s: s is not None, following)), dtype=torch.bool)
    next_states = torch.cat([s for s in following if s is not None])
    state, action, reward = torch.cat(state), torch.cat(action), torch.cat(reward)
    values = policy_net(state).gather(1, action)
    next_values = torch.zeros(8)
    with torch.no_grad():
        next_values[not_final] = target_net(next_states).max(1).values
    expected = next_values * gamma + reward
    loss = nn.SmoothL1Loss()(values, expected.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(policy_net.parameters(), 100)
    optimizer.step()
    target_state, policy_state = target_net.state_dict(), policy_net.state_dict()
    for key in policy_state:
        target_state[key] = policy_state[key] * tau + target_state[key] * (1 - tau)
    target_net.load_state_dict(target_state)
    print(step, loss.item(), values.mean().item(), int(not_final.sum()))
print(policy_net(state[:1]).max(1).indices.view(1, 1).item(), target_net.layer2.bias.tolist())

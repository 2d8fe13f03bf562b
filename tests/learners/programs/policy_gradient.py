from waves import fill, wave

import nnviz as torch
import nnviz.nn as nn
import nnviz.nn.functional as F

policy = fill(nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)))
optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)
gamma = 0.9
torch.manual_seed(0)
for episode in range(5):
    states = torch.from_numpy(wave(6, 4, start=float(episode)))
    probs = F.softmax(policy(states), dim=1)
    sampled = torch.multinomial(probs.detach(), 1)
    assert sampled.shape[0] == 6 and bool((sampled < 3).all())
    actions = (torch.arange(6) + episode) % 3
    rewards = [float(a == 1) for a in actions.tolist()]
    returns, R = [], 0.0
    for r in rewards[::-1]:
        R = r + gamma * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-9)
    log_prob = torch.log(probs.gather(1, actions.unsqueeze(1))).squeeze(1)
    entropy = -(probs * probs.log()).sum(dim=1).mean()
    loss = -(log_prob * returns).sum() - 0.01 * entropy
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(episode, loss.item(), entropy.item(), returns[0].item())
print(F.softmax(policy(states[:1]), dim=1).tolist())

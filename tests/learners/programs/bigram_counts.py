import nnviz as torch

words = ["ada", "anna", "otto", "nora", "dora", "tara", "nadia", "rita"]
letters = sorted(set("".join(words)))
stoi = {s: i + 1 for i, s in enumerate(letters)}
stoi["."] = 0
N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
for word in words:
    chars = ["."] + list(word) + ["."]
    for one, other in zip(chars, chars[1:]):
        N[stoi[one], stoi[other]] += 1
print(N.sum().item(), N[0].tolist())
P = (N + 1).float()
P /= P.sum(1, keepdim=True)
print(P.shape[0], P[0].sum().item(), P[1, 0].item())
log_likelihood, n = 0.0, 0
for word in words:
    chars = ["."] + list(word) + ["."]
    for one, other in zip(chars, chars[1:]):
        log_likelihood += torch.log(P[stoi[one], stoi[other]])
        n += 1
print(f"nll {-log_likelihood.item():.6f}, mean {(-log_likelihood / n).item():.6f}")
generator = torch.Generator().manual_seed(2147483647)
drawn = [torch.multinomial(P[0], num_samples=1, replacement=True, generator=generator).item() for _ in range(50)]
print(
    all(0 <= i < len(stoi) for i in drawn),
    torch.multinomial(torch.tensor([0.0, 1.0, 0.0]), 4, replacement=True).tolist(),
)

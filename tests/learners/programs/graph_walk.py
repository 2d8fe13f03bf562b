import nnviz as torch

angle = torch.linspace(0.0, 3.0, steps=4, requires_grad=True)
height = torch.sin(angle)
scaled = 2 * height
moved = scaled + 1


def depth(node):
    below = [depth(other) for other, _ in node.next_functions if other is not None]
    return 1 + max(below, default=0)


print(depth(moved.grad_fn), depth(scaled.grad_fn), depth(height.grad_fn))
step = moved.grad_fn
while step.next_functions:
    print(step.name().rstrip("0"), [other is not None for other, _ in step.next_functions])
    step = step.next_functions[0][0]
print(step.name(), step.variable is angle, angle.grad_fn is None)

left, right = torch.ones(2, requires_grad=True), torch.ones(2)
ways = (left * right).grad_fn.next_functions
print(len(ways), ways[0][0].variable is left, ways[1])
print((left * left).grad_fn.next_functions[0] == (left * left).grad_fn.next_functions[1])
moved.sum().backward()
print([round(number, 4) for number in angle.grad.tolist()])

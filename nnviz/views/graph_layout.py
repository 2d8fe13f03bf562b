"""Where the boxes of a graph picture stand: ranks from top to bottom, order and columns within a rank.

The method is Sugiyama's (Sugiyama, Tagawa, Toda 1981: ranks, then order by barycenters, then columns), with one
thing fixed beforehand: the main chain, the longest way from an input to the last node, keeps one column. Skip
connections between its nodes run on its left, everything else stands on its right, so that the two seldom cross.
Only numbers are known here; labels and line characters belong to `graph_picture`.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

LEFT, MAIN, RIGHT = -1, 0, 1
_SWEEPS = 4
# Space between labels, and whether the labels beside the main chain share a column; the first that fits is taken.
_FITS = ((3, True), (3, False), (2, False), (1, False))
_NATURAL = (3, False)
_LANE_SPACE = 2


@dataclass(slots=True)
class Item:
    """A label, or one rank of the lane of an edge that passes ranks (`node` is None then).

    `before` and `after` count the columns the item takes on either side of its port, the column its edges use.
    `above` and `below` are the items it is joined to in the neighboring ranks.
    """

    node: int | None
    rank: int
    side: int
    before: int = 0
    after: int = 0
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """Items, the items of every rank from left to right, and the column of every item's port."""

    items: list[Item]
    ranks: list[list[int]]
    ports: list[int]


@dataclass(slots=True)
class _Rank:
    """One rank; each side is ordered outward from the main chain, so that both are treated alike."""

    main: int | None = None
    sides: dict[int, list[int]] = field(default_factory=lambda: {LEFT: [], RIGHT: []})


def lay_out(inputs: Sequence[tuple[int, ...]], widths: Sequence[int], fed: Sequence[bool], width: int) -> Layout:
    """Place every node of a graph.

    Args:
        inputs: for every node, in topological order, the earlier nodes it reads.
        widths: columns of every label.
        fed: which nodes are data rather than parameters; the main chain follows the data.
        width: columns to fit into, if it can be done by narrowing gaps.
    """
    rank, chain = _ranks(inputs, fed)
    items = _items(inputs, widths, rank, chain)
    ranks = _initial_order(items)
    _reduce_crossings(items, ranks)
    blocks = {side: _blocks(items, ranks, side) for side in (LEFT, RIGHT)}
    ports, extent = _fit(items, ranks, blocks, width)
    if extent > width:
        packed = [_packed(ranks, side, block) for side, block in blocks.items()]
        slots = [_Rank(r.main, {LEFT: left, RIGHT: right}) for r, left, right in zip(ranks, *packed, strict=True)]
        slot_ports, slot_extent = _fit(items, slots, blocks, width)
        # Slots cost crossings: when the reader must scroll sideways anyway, only a far narrower picture is worth them.
        if slot_extent <= max(width, extent // 2):
            ranks, ports = slots, slot_ports
    order = [[*reversed(r.sides[LEFT]), *([] if r.main is None else [r.main]), *r.sides[RIGHT]] for r in ranks]
    return Layout(items, order, ports)


def _fit(items: list[Item], ranks: list[_Rank], blocks: dict[int, dict[int, int]], width: int) -> tuple[list[int], int]:
    """Ports with the widest gaps that fit, or with natural ones if none do, and the columns they take."""
    for gap, aligned in (*_FITS, _NATURAL):
        ports = _ports(items, ranks, blocks, gap, aligned)
        first = min(port - item.before for item, port in zip(items, ports, strict=True))
        extent = 1 + max(port + item.after for item, port in zip(items, ports, strict=True)) - first
        if extent <= width:
            break
    return ports, extent


def _ranks(inputs: Sequence[tuple[int, ...]], fed: Sequence[bool]) -> tuple[list[int], list[int]]:
    """Rank of every node, and the main chain from its head to the last node."""
    rank: list[int] = []
    data = list(fed)
    for node, sources in enumerate(inputs):
        rank.append(1 + max((rank[source] for source in sources), default=-1))
        data[node] = data[node] or any(data[source] for source in sources)
    chain = [len(inputs) - 1]
    while sources := inputs[chain[-1]]:
        chain.append(max(sources, key=lambda source: (data[source], rank[source])))
    chain.reverse()

    # What does not depend on the chain (weights, their transposes, targets) waits until just before its first use.
    anchored = [False] * len(inputs)
    for node in chain:
        anchored[node] = True
    first_use: list[int | None] = [None] * len(inputs)
    for node, sources in enumerate(inputs):
        anchored[node] = anchored[node] or any(anchored[source] for source in sources)
    for node in range(len(inputs) - 1, -1, -1):
        use = first_use[node]
        if use is not None and not anchored[node]:
            rank[node] = use - 1
        for source in inputs[node]:
            known = first_use[source]
            first_use[source] = rank[node] if known is None else min(known, rank[node])
    return rank, chain


def _items(
    inputs: Sequence[tuple[int, ...]], widths: Sequence[int], rank: Sequence[int], chain: Sequence[int]
) -> list[Item]:
    """One item a node, and one lane a source, shared by all its edges, through the ranks they pass."""
    follower = dict(zip(chain, [*chain[1:], chain[-1]], strict=True))
    items = [
        Item(node, rank[node], MAIN if node in follower else RIGHT, w // 2, w - w // 2 - 1)
        for node, w in enumerate(widths)
    ]
    targets: list[list[int]] = [[] for _ in inputs]
    for node, sources in enumerate(inputs):
        for source in sources:
            targets[source].append(node)
    for source, used_by in enumerate(targets):
        if not used_by:
            continue
        last = max(used_by, key=lambda node: rank[node])
        outer = LEFT if source in follower and last in follower else RIGHT
        straight = rank[follower[source]] if source in follower else 0
        carriers = [source]
        for level in range(rank[source] + 1, rank[last]):
            items.append(Item(None, level, MAIN if level < straight else outer))
            _join(items, carriers[-1], len(items) - 1)
            carriers.append(len(items) - 1)
        for node in used_by:
            _join(items, carriers[rank[node] - 1 - rank[source]], node)
    return items


def _join(items: list[Item], upper: int, lower: int) -> None:
    items[upper].below.append(lower)
    items[lower].above.append(upper)


def _initial_order(items: list[Item]) -> list[_Rank]:
    ranks = [_Rank() for _ in range(1 + max(item.rank for item in items))]
    for index, item in enumerate(items):
        if item.side == MAIN:
            ranks[item.rank].main = index
        else:
            ranks[item.rank].sides[item.side].append(index)
    return ranks


def _reduce_crossings(items: list[Item], ranks: list[_Rank]) -> None:
    """Sort each side by the mean place of its neighbors, upward and downward in turn; keep the best order seen."""
    groups = [(rank, side) for rank in ranks for side in (LEFT, RIGHT) if len(rank.sides[side]) > 1]
    place = [0] * len(items)
    for rank in ranks:
        for side, group in rank.sides.items():
            _number(place, group, side)
    best, fewest = [list(rank.sides[side]) for rank, side in groups], _crossings(items, ranks, place)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        upward = sweep % 2 == 0
        for rank, side in reversed(groups) if upward else groups:
            group = rank.sides[side]
            wish = {index: _barycenter(items[index], index, place, upward) * side for index in group}
            group.sort(key=wish.__getitem__)
            _number(place, group, side)
        count = _crossings(items, ranks, place)
        if count < fewest:
            best, fewest = [list(rank.sides[side]) for rank, side in groups], count
    for (rank, side), group in zip(groups, best, strict=True):
        rank.sides[side] = group


def _number(place: list[int], group: list[int], side: int) -> None:
    for distance, index in enumerate(group, start=1):
        place[index] = side * distance


def _barycenter(item: Item, index: int, place: list[int], upward: bool) -> float:
    neighbors = item.below if upward else item.above
    return sum(place[n] for n in neighbors) / len(neighbors) if neighbors else place[index]


def _crossings(items: list[Item], ranks: list[_Rank], place: list[int]) -> int:
    """Pairs of edges between neighboring ranks whose ends stand in opposite order."""
    count = 0
    for rank in ranks:
        mains = [] if rank.main is None else [rank.main]
        upper = [*mains, *rank.sides[LEFT], *rank.sides[RIGHT]]
        edges = sorted((place[index], place[lower]) for index in upper for lower in items[index].below)
        seen: list[int] = []
        for _, end in edges:
            count += len(seen) - bisect_right(seen, end)
            insort(seen, end)
    return count


def _blocks(items: list[Item], ranks: list[_Rank], side: int) -> dict[int, int]:
    """Join items of one side that stand straight below one another; each item's block is named by its top item.

    Joins never cross, so "further out than" has no cycle among blocks (Brandes and Köpf 2001).
    """
    block: dict[int, int] = {}
    upper: dict[int, int] = {}
    for rank in ranks:
        reached = -1
        group = rank.sides[side]
        for index in group:
            item = items[index]
            above = [u for u in item.above if upper.get(u, -1) > reached and _may_join(items, u, item)]
            block[index] = index
            if above:
                chosen = above[len(above) // 2]
                block[index] = block[chosen]
                reached = upper[chosen]
        upper = {index: place for place, index in enumerate(group)}
    return block


def _may_join(items: list[Item], upper: int, lower: Item) -> bool:
    """A lane stays straight before anything else does."""
    return lower.node is None or all(items[n].node is not None for n in items[upper].below)


def _packed(ranks: list[_Rank], side: int, block: dict[int, int]) -> list[list[int]]:
    """One side reordered so that each block keeps one slot, the innermost that is free through all its ranks.

    By barycenters, blocks that overlap like the steps of a stair each stand further out than the one before, without
    end; by slots they take turns.
    """
    bottom: dict[int, int] = {}
    for level, rank in enumerate(ranks):
        bottom.update((block[index], level) for index in rank.sides[side])
    slot: dict[int, int] = {}
    busy: list[int] = []  # the last rank each slot is taken in
    for level, rank in enumerate(ranks):
        for name in (index for index in rank.sides[side] if block[index] == index):
            free = next((number for number, last in enumerate(busy) if last < level), len(busy))
            busy[free : free + 1] = [bottom[name]]  # appends when no slot was free
            slot[name] = free
    return [sorted(rank.sides[side], key=lambda index: slot[block[index]]) for rank in ranks]


def _ports(
    items: list[Item], ranks: list[_Rank], blocks: dict[int, dict[int, int]], gap: int, aligned: bool
) -> list[int]:
    """Column of every item, the main chain's being 0."""
    ports = [0] * len(items)
    for side, block in blocks.items():
        floor: dict[int, int] = {}
        distance = _distances(items, ranks, block, side, gap, floor)
        if aligned and side == RIGHT:
            heads = (rank.sides[side][0] for rank in ranks if rank.sides[side])
            first = {block[index] for index in heads if items[index].node is not None}
            furthest = max((distance[name] for name in first), default=0)
            distance = _distances(items, ranks, block, side, gap, dict.fromkeys(first, furthest))
        for index, name in block.items():
            ports[index] = side * distance[name]
    return ports


def _distances(
    items: list[Item], ranks: list[_Rank], block: dict[int, int], side: int, gap: int, floor: dict[int, int]
) -> dict[int, int]:
    """Smallest distance of every block from the main chain: a longest path over "further out than"."""
    further: dict[int, list[tuple[int, int]]] = {name: [] for name in block.values()}
    waiting = dict.fromkeys(further, 0)
    distance = {name: floor.get(name, 0) for name in further}
    for rank in ranks:
        inner = rank.main
        for index in rank.sides[side]:
            apart = _apart(items, inner, index, side, gap)
            name = block[index]
            if inner is None or inner == rank.main:
                distance[name] = max(distance[name], apart)
            else:
                further[block[inner]].append((name, apart))
                waiting[name] += 1
            inner = index
    ready = [name for name, count in waiting.items() if not count]
    for name in ready:
        for outer, apart in further[name]:
            distance[outer] = max(distance[outer], distance[name] + apart)
            waiting[outer] -= 1
            if not waiting[outer]:
                ready.append(outer)
    return distance


def _apart(items: list[Item], inner: int | None, outer: int, side: int, gap: int) -> int:
    """Least distance between the ports of two neighbors; a rank without the main chain keeps its column free."""
    item = items[outer]
    near = item.before if side == RIGHT else item.after
    if inner is None:
        return 1 + min(gap, _LANE_SPACE) + near
    other = items[inner]
    space = min(gap, _LANE_SPACE) if item.node is None or other.node is None else gap
    return (other.after if side == RIGHT else other.before) + 1 + space + near

"""Python as people write it, followed where its values are known."""

from __future__ import annotations

import pytest
from analyzer.expectations import check


def test_generators() -> None:
    check(
        """
        def layers(sizes):
            for rows, columns in zip(sizes, sizes[1:]):
                yield jnp.ones((rows, columns))
            yield from [jnp.zeros(2)]

        *weights, bias = layers([4, 8, 2])
        reveal_type(weights[1])  # revealed: f32[(8, 2)]
        reveal_type(bias)  # revealed: f32[(2,)]
        x = jnp.ones((5, 4))
        for w in list(layers([4, 8]))[:1]:
            x = x @ w
        reveal_type(x)  # revealed: f32[(5, 8)]
        reveal_type(next(layers([3, 4])))  # revealed: f32[(3, 4)]
        """
    )


def test_generators_whose_items_are_not_known() -> None:
    check(
        """
        import sys

        def some():
            for _ in sys.argv:
                yield jnp.ones(2)

        def maybe(flag):
            if flag:
                yield jnp.ones(2)
            yield jnp.ones(3)

        reveal_type(list(some()))  # revealed: unknown
        reveal_type(list(maybe(sys.argv)))  # revealed: unknown
        reveal_type(list(maybe(True))[1])  # revealed: f32[(3,)]
        """
    )


def test_match_on_what_is_known() -> None:
    check(
        """
        def activation(name, x):
            match name:
                case "relu" | "gelu":
                    return jax.nn.relu(x)
                case "sum":
                    return x.sum()
                case ("slice", int(n)):
                    return x[:n]
                case {"scale": factor, **rest}:
                    return x * factor + len(rest)
                case [first, *others] if len(others) == 2:
                    return others[1]
                case None:
                    return x.T
                case _:
                    return x @ x

        x = jnp.ones((4, 2))
        reveal_type(activation("gelu", x))  # revealed: f32[(4, 2)]
        reveal_type(activation("sum", x))  # revealed: f32[()]
        reveal_type(activation(("slice", 3), x))  # revealed: f32[(3, 2)]
        reveal_type(activation({"scale": 2.0, "a": 1}, x))  # revealed: f32[(4, 2)]
        reveal_type(activation([1, 2, x[0]], x))  # revealed: f32[(2,)]
        reveal_type(activation(None, x))  # revealed: f32[(2, 4)]
        """
    )


def test_match_on_what_is_not_known() -> None:
    check(
        """
        import sys

        x = jnp.ones((4, 2))
        match sys.argv[0]:
            case "a":
                y = x
            case name:
                y = 2 * x
        reveal_type(y)  # revealed: f32[(4, 2)]
        match sys.argv:
            case ["a"]:
                y = x.T
            case [y, *_]:
                pass
        reveal_type(y)  # revealed: unknown
        """
    )


@pytest.mark.parametrize(
    ("expression", "size"),
    [
        ("math.prod(x.shape)", 6),
        ("int(np.prod(x.shape[1:]))", 3),
        ("max(2, 5, *[3])", 5),
        ("min(x.shape)", 2),
        ("sum([1, 2], 3)", 6),
        ("sum(n for n in range(4) if n % 2)", 4),
        ("divmod(17, 5)[0]", 3),
        ("round(2.6)", 3),
        ("int('12')", 12),
        ("abs(-4)", 4),
        ("len({1, 2, 2})", 2),
        ("len({n % 3 for n in range(9)} | {7})", 4),
        ("len([*range(3)])", 3),
        ("len(sorted({3, 1, 2}))", 3),
        ("sorted([3, 1, 2], key=lambda n: -n)[0]", 3),
        ("next(iter({'a': 5}.values()))", 5),
        ("list(reversed([1, 2, 3]))[0]", 3),
        ("list(filter(lambda n: n > 2, [1, 2, 3]))[0]", 3),
        ("list(map(lambda a, b: a * b, [1, 2], [3, 4]))[1]", 8),
        ("dict(a=2, b=3)['b']", 3),
        ("({'a': 2} | {'a': 4})['a']", 4),
        ("{'a': 2}.get('b', 5)", 5),
        ("{'a': 2}.setdefault('a', 5)", 2),
        ("{'a': 2, 'b': 4}.pop('b')", 4),
        ("[4, 5, 6].index(6) + [1, 1].count(1)", 4),
        ("math.ceil(math.sqrt(10))", 4),
        ("math.gcd(12, 8) + int(math.log2(8))", 7),
        ("len(list(itertools.product([1, 2], 'ab')))", 4),
        ("list(itertools.chain([1], [2, 3]))[2]", 3),
        ("list(itertools.accumulate([1, 2, 3]))[2]", 6),
        ("list(itertools.pairwise([4, 8, 2]))[1][0]", 8),
        ("len(list(itertools.combinations(range(4), 2)))", 6),
        ("functools.reduce(lambda a, b: a * b, [2, 3, 4])", 24),
        ("functools.reduce(operator.mul, [2, 3])", 6),
        ("operator.add(2, 3)", 5),
        ("len(f'{7:03d}-{x.ndim}')", 5),
        ("len('%s/%d' % ('ab', 3))", 4),
        ("len('{}-{name}'.format(1, name='xy'))", 4),
        ("len('a,b,c'.split(','))", 3),
        ("len('-'.join(['a', 'b']))", 3),
        ("{'relu': 3}['ReLU'.lower()]", 3),
        ("(1 if 'ab'.startswith('a') else 2)", 1),
        ("(1 < 2 < 3) + 1", 2),
        ("(n := 4) + n", 8),
        ("2 if isinstance(x, jax.Array) and not isinstance(x, (tuple, list)) else 3", 2),
        ("2 if hasattr(x, 'shape') else 3", 2),
        ("getattr(x, 'ndim')", 2),
        ("3 if all(s > 1 for s in x.shape) and any(s == 3 for s in x.shape) else 4", 3),
        ("list(zip('ab', (1, 2)))[1][1]", 2),
        ("[i * j for i in range(3) for j in range(i)][-1]", 2),
        ("{k: v for k, v in zip('ab', (5, 6))}['b']", 6),
        ("(lambda *a, k=2, **kw: len(a) + k + kw['z'])(1, 2, z=3)", 7),
        ("[5, 6, 7][slice(1, None)][0]", 6),
        ("range(2, 20, 3)[4]", 14),
        ("(37).bit_length()", 6),
        ("len(list(itertools.takewhile(lambda n: n < 3, [1, 2, 5, 1])))", 2),
        ("len(list(itertools.dropwhile(lambda n: n < 3, [1, 2, 5, 1, 1])))", 3),
        ("[*zip([1, 2], itertools.count(4))][1][1]", 5),
        ("[*zip(range(4), itertools.cycle([6, 7, 8]))][3][1]", 6),
        ("list(itertools.islice(itertools.count(2, 3), 1, 3))[1]", 8),
        ("list(itertools.compress([4, 5, 6], [0, 1, 1]))[0]", 5),
        ("operator.itemgetter('b')({'a': 2, 'b': 3})", 3),
        ("operator.itemgetter(1, 0)([5, 6])[0]", 6),
        ("operator.attrgetter('T.ndim')(x)", 2),
        ("operator.methodcaller('reshape', 3, 2)(x).shape[0]", 3),
        ("copy.deepcopy({'a': [3, 4]})['a'][1]", 4),
        ("len(copy.copy([1, 2]))", 2),
        ("collections.OrderedDict([('a', 3), ('b', 4)])['b']", 4),
        ("len(jax.tree.leaves(collections.OrderedDict(a=x, b=x)))", 2),
        ("collections.defaultdict(lambda: 6)['a']", 6),
        ("collections.defaultdict(int, a=4)['a']", 4),
        ("collections.deque([2, 3, 4], maxlen=2)[0]", 3),
        ("collections.Counter('banana')['a']", 3),
        ("collections.Counter('banana')['z'] + 2", 2),
        ("collections.Counter('banana').most_common(1)[0][1]", 3),
        ("types.MappingProxyType({'a': 5})['a']", 5),
        ("dict(**collections.OrderedDict(a=5))['a']", 5),
        ("int(format(6, '04b')[::-1], 2)", 6),
        ("len(bin(5))", 5),
        ("pow(2, 3)", 8),
        ("(3 if jax.tree.structure((x, x)) == jax.tree.structure((1, 2)) else 4)", 3),
        ("jnp.linalg.slogdet(jnp.ones((5, 3, 3))).logabsdet.shape[0]", 5),
    ],
)
def test_the_size_of_an_array(expression: str, size: int) -> None:
    check(
        f"""
        import collections, copy, functools, itertools, math, operator, types
        x = jnp.ones((2, 3))
        reveal_type(jnp.zeros({expression}))  # revealed: f32[({size},)]
        """
    )


def test_loops_with_known_counts() -> None:
    check(
        """
        size, x = 1, jnp.ones(1)
        while size < 8:
            x = jnp.concatenate([x, x])
            size *= 2
        reveal_type(x)  # revealed: f32[(8,)]
        for size in range(2, 100):
            if size == 5:
                break
        else:
            size = 7
        reveal_type(jnp.zeros(size))  # revealed: unknown
        """
    )


def test_dispatch_tables_and_closures() -> None:
    check(
        """
        table = {"sum": jnp.sum, "first": lambda x: x[0], "mean": partial(jnp.mean, axis=0)}
        x = jnp.ones((4, 2))
        reveal_type(table["first"](x))  # revealed: f32[(2,)]
        reveal_type(table["mean"](x))  # revealed: f32[(2,)]
        reveal_type([f(x) for f in table.values()][0])  # revealed: f32[()]

        def make(n):
            scale = jnp.ones(n)
            def apply(x, *, bias=None):
                return x @ scale if bias is None else x @ scale + bias  # error: [invalid-operation]
            return apply

        reveal_type(make(2)(x))  # revealed: f32[(4,)]
        make(3)(x)
        late = [lambda: jnp.ones(n) for n in (1, 2, 3)]
        """
    )


def test_keyword_and_positional_only_parameters() -> None:
    check(
        """
        def f(x, /, y, *rest, scale=1.0, **options):
            return x + y * scale + sum(rest) + options.get("shift", 0)  # error: [invalid-operation]

        def forward(*args, **kwargs):
            return f(*args, **kwargs)

        x = jnp.ones(3)
        reveal_type(forward(x, x, x, scale=2.0, shift=x))  # revealed: f32[(3,)]
        forward(x, y=jnp.ones(4))
        """
    )


def test_global_and_nonlocal_names() -> None:
    check(
        """
        state = jnp.ones(2)

        def grow():
            global state
            state = jnp.concatenate([state, state])

        def count():
            n = 1
            def bump():
                nonlocal n
                n += 2
            bump()
            return jnp.zeros(n)

        grow()
        reveal_type(state)  # revealed: f32[(4,)]
        reveal_type(count())  # revealed: f32[(3,)]
        """
    )


def test_exceptions() -> None:
    check(
        """
        x = jnp.ones(3)

        def guarded(x, n):
            if x.shape[0] != n:
                raise ValueError(f"expected {n}")
            return x + jnp.ones(3)

        def cleaned(x):
            try:
                return x[:2]
            finally:
                print("done")

        reveal_type(guarded(x, 3))  # revealed: f32[(3,)]
        guarded(jnp.ones(4), 3)
        reveal_type(cleaned(x))  # revealed: f32[(2,)]
        """
    )


def test_assertions() -> None:
    check(
        """
        def f(x):
            assert x.ndim == 2, "a matrix"
            return x @ jnp.ones((3, 2))  # error: [invalid-operation]

        f(jnp.ones((2, 3)))
        f(jnp.ones((2, 2, 2)))
        f(jnp.ones((2, 4)))
        """
    )


def test_arrays_of_numpy_change_in_place() -> None:
    check(
        """
        a = np.zeros((3, 2), dtype=np.float32)
        a[0] = 1
        a[:, 1] += 2.5
        a += np.ones((3, 2))
        reveal_type(a)  # revealed: f32[(3, 2)]
        """
    )


def test_recursion_is_bounded() -> None:
    check(
        """
        def power(x, n):
            return x if n == 0 else x @ power(x, n - 1)

        def forever(x):
            return forever(x + 1)

        reveal_type(power(jnp.ones((2, 2)), 1))  # revealed: f32[(2, 2)]
        reveal_type(forever(jnp.ones(2)))  # revealed: unknown
        """
    )


def test_what_asks_for_too_much_is_not_computed() -> None:
    check(
        """
        import itertools, math
        reveal_type(f"{1:1000000000}")  # revealed: unknown
        reveal_type("%1000000000d" % 1)  # revealed: unknown
        reveal_type("{:1000000000}".format(1))  # revealed: unknown
        reveal_type(list(itertools.product(range(4000), repeat=9)))  # revealed: unknown
        reveal_type(list(itertools.repeat(1, 10**12)))  # revealed: unknown
        """
    )

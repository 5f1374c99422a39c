"""Functions that JAX transforms: the types of what comes out, and faults at the line of the body."""

from __future__ import annotations

from analyzer.expectations import check


def test_vmap_maps_one_axis_of_each_argument() -> None:
    check(
        """
        w, xs = jnp.ones((4, 8)), jnp.ones((16, 4))
        reveal_type(jax.vmap(lambda x: x @ w)(xs))  # revealed: f32[(16, 8)]
        reveal_type(jax.vmap(jnp.dot, in_axes=(None, 1))(xs, w))  # revealed: f32[(8, 16)]
        reveal_type(jax.vmap(jnp.dot, in_axes=(None, 1), out_axes=1)(xs, w))  # revealed: f32[(16, 8)]
        reveal_type(jax.vmap(jax.vmap(jnp.dot, (None, 1)), (0, None))(xs, w))  # revealed: f32[(16, 8)]
        """
    )


def test_vmap_broadcasts_what_does_not_depend_on_the_axis() -> None:
    check(
        """
        reveal_type(jax.vmap(lambda x: jnp.zeros(3))(jnp.ones(5)))  # revealed: f32[(5, 3)]
        """
    )


def test_vmap_with_a_name_brings_it_into_scope() -> None:
    check(
        """
        reveal_type(jax.vmap(lambda x: lax.psum(x, "i"), axis_name="i")(jnp.ones((16, 4))))  # revealed: f32[(16, 4)]
        jax.vmap(lambda x: lax.psum(x, "j"), axis_name="i")(jnp.ones(16))  # error: [unbound-axis-name]
        """
    )


def test_an_annotated_function_is_lifted_over_the_mapped_axis() -> None:
    check(
        """
        def dense(x: f32[(4,)]) -> f32[(2,)]:
            half: f32[(2,)] = x[:2]
            return half

        reveal_type(jax.vmap(dense)(jnp.ones((16, 4))))  # revealed: f32[(16, 2)]
        jax.vmap(dense)(jnp.ones((16, 5)))  # error: [incompatible-argument]
        """
    )


def test_the_axis_of_vmap_has_no_name_to_tell() -> None:
    check(
        """
        def body(x):
            y: f32[(4,)] = x * 2
            reveal_type(y)  # revealed: f32[(4,)]
            return y

        jax.vmap(body)(jnp.ones((16, 4)))
        """
    )


def test_a_fault_inside_a_vmapped_body_stands_at_its_line() -> None:
    check(
        """
        def body(x):
            return x.reshape(5)  # error: [invalid-operation]

        jax.vmap(body)(jnp.ones((16, 4)))
        """
    )


def test_what_vmap_itself_objects_to() -> None:
    check(
        """
        jax.vmap(jnp.add)(jnp.ones(3), jnp.ones(4))  # error: [invalid-operation] "have sizes 3 and 4"
        jax.vmap(jnp.add, in_axes=(0, 5))(jnp.ones(3), jnp.ones(3))  # error: [invalid-operation]
        jax.vmap(jnp.add, in_axes=(0,))(jnp.ones(3), jnp.ones(3))  # error: [invalid-operation]
        """
    )


def test_gradients_have_the_types_of_what_they_are_taken_by() -> None:
    check(
        """
        def loss(params, x):
            return jnp.mean((x @ params["w"]) ** 2)

        params, x = {"w": jnp.ones((4, 8))}, jnp.ones((16, 4))
        reveal_type(jax.grad(loss)(params, x)["w"])  # revealed: f32[(4, 8)]
        reveal_type(jax.grad(loss, argnums=1)(params, x))  # revealed: f32[(16, 4)]
        value, (by_params, by_x) = jax.value_and_grad(loss, argnums=(0, 1))(params, x)
        reveal_type(value)  # revealed: f32[()]
        reveal_type(by_x)  # revealed: f32[(16, 4)]
        reveal_type(jax.jit(jax.grad(lambda v: (v * v).sum()))(2.0))  # revealed: f32[()]
        """
    )


def test_gradients_with_auxiliary_results() -> None:
    check(
        """
        def loss(x):
            return x.sum(), x[:2]

        gradient, aux = jax.grad(loss, has_aux=True)(jnp.ones(3))
        reveal_type(gradient)  # revealed: f32[(3,)]
        reveal_type(aux)  # revealed: f32[(2,)]
        (value, aux), gradient = jax.value_and_grad(loss, has_aux=True)(jnp.ones(3))
        reveal_type(value)  # revealed: f32[()]
        """
    )


def test_a_fault_in_a_differentiated_body_stands_at_its_line() -> None:
    check(
        """
        jax.grad(lambda p: (p @ jnp.ones(3)).sum())(jnp.ones(4))  # error: [invalid-operation]
        """
    )


def test_the_named_axes_of_a_gradient_inside_xmap_are_not_known() -> None:
    check(
        """
        def step(w, x):
            gradient = jax.grad(lambda w: (w * x).sum())(w)
            return lax.pmean(gradient, "batch")

        mapped = xmap(step, in_axes=([...], ["batch", ...]), out_axes=[...])
        mapped(jnp.ones(3), jnp.ones((8, 3)))
        """
    )


def test_a_function_mapped_over_pytrees() -> None:
    check(
        """
        params = {"w": jnp.ones((4, 8)), "b": jnp.ones(8)}
        halved = jax.tree.map(lambda p, q: p - 0.5 * q, params, params)
        reveal_type(halved["w"])  # revealed: f32[(4, 8)]
        """
    )

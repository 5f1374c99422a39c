"""The public callables of JAX that may be evaluated on abstract values. Generated; do not edit.

python tools/generate_library_table.py
"""

TABLE: dict[str, str] = {
    "jax.Array": "all any argmax argmin argpartition argsort astype byteswap choose clip compress conj conjugate "
    "copy cumprod cumsum diagonal dot flatten max mean min nonzero prod ptp ravel repeat reshape round "
    "searchsorted sort squeeze std sum swapaxes take trace transpose var view",
    "jax.image": "resize scale_and_translate",
    "jax.lax": "abs acos acosh add all_gather all_to_all approx_max_k approx_min_k argmax argmin asin asinh atan "
    "atan2 atanh axis_index axis_size batch_matmul bessel_i0e bessel_i1e betainc bitcast_convert_type "
    "bitwise_and bitwise_not bitwise_or bitwise_xor broadcast broadcast_in_dim broadcast_like "
    "broadcast_shapes broadcast_to_rank broadcasted_iota cbrt ceil clamp clz collapse complex concatenate "
    "conj conv conv_dimension_numbers conv_general_dilated conv_general_dilated_local "
    "conv_general_dilated_patches conv_general_permutations conv_general_shape_tuple conv_shape_tuple "
    "conv_transpose conv_transpose_shape_tuple conv_with_general_padding convert_element_type cos cosh "
    "cumlogsumexp cummax cummin cumprod cumsum digamma div dot dot_general dtype dynamic_index_in_dim "
    "dynamic_slice dynamic_slice_in_dim dynamic_update_index_in_dim dynamic_update_slice "
    "dynamic_update_slice_in_dim empty eq erf erf_inv erfc exp exp2 expand_dims expm1 fft floor full "
    "full_like gather ge gt igamma igamma_grad_a igammac imag index_in_dim index_take integer_pow iota "
    "is_finite le lgamma log log1p logistic lt max min mul mulhi ne neg nextafter optimization_barrier "
    "pad padtype_to_pads pbroadcast pcast pmax pmean pmin polygamma population_count pow ppermute "
    "pshuffle psum psum_scatter pswapaxes ragged_all_to_all ragged_dot ragged_dot_general "
    "random_gamma_grad real reciprocal reduce_and reduce_max reduce_min reduce_or reduce_precision "
    "reduce_prod reduce_sum reduce_window_shape_tuple reduce_xor rem reshape rev rng_bit_generator "
    "rng_uniform round rsqrt scaled_dot scatter scatter_add scatter_max scatter_min scatter_mul "
    "scatter_sub select select_n shape_as_value shift_left shift_right_arithmetic shift_right_logical "
    "sign sin sinh slice slice_in_dim sort sort_key_val split sqrt square squeeze stack stop_gradient sub "
    "tan tanh tile top_k transpose unstack zeta",
    "jax.lax.linalg": "cholesky cholesky_update eig eigh hessenberg householder_product lu lu_pivots_to_permutation "
    "ormqr qdwh qr schur svd symmetric_product triangular_solve tridiagonal tridiagonal_solve",
    "jax.nn": "celu dot_product_attention elu gelu get_scaled_dot_general_config glu hard_sigmoid hard_silu "
    "hard_swish hard_tanh identity leaky_relu log1mexp log_sigmoid log_softmax logmeanexp logsumexp mish "
    "one_hot relu relu6 scaled_dot_general scaled_matmul selu sigmoid silu soft_sign softmax softplus "
    "sparse_plus sparse_sigmoid squareplus standardize swish tanh",
    "jax.numpy": "abs absolute acos acosh add all allclose amax amin angle any append arange arccos arccosh arcsin "
    "arcsinh arctan arctan2 arctanh argmax argmin argpartition argsort argwhere around array "
    "array_equal array_equiv array_split asarray asin asinh astype atan atan2 atanh atleast_1d "
    "atleast_2d atleast_3d average bartlett bfloat16 bincount bitwise_and bitwise_count bitwise_invert "
    "bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor blackman block bool "
    "bool_ broadcast_arrays broadcast_shapes broadcast_to can_cast cbrt cdouble ceil choose clip "
    "column_stack complex128 complex64 complex_ compress concat concatenate conj conjugate convolve "
    "copy copysign corrcoef correlate cos cosh count_nonzero cov cross csingle cumprod cumsum "
    "cumulative_prod cumulative_sum deg2rad degrees delete diag diag_indices diag_indices_from diagflat "
    "diagonal diff digitize divide divmod dot double dsplit dstack ediff1d einsum empty empty_like "
    "equal exp exp2 expand_dims expm1 extract eye fabs fill_diagonal flatnonzero flip fliplr flipud "
    "float16 float32 float4_e2m1fn float64 float6_e2m3fn float6_e3m2fn float8_e3m4 float8_e4m3 "
    "float8_e4m3b11fnuz float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu float_ "
    "float_power floor floor_divide fmax fmin fmod frexp full full_like gcd geomspace gradient greater "
    "greater_equal hamming hanning heaviside histogram histogram2d histogram_bin_edges histogramdd "
    "hsplit hstack hypot i0 identity imag indices inner insert int1 int16 int2 int32 int4 int64 int8 "
    "int_ interp intersect1d invert isclose iscomplex iscomplexobj isdtype isfinite isin isinf isnan "
    "isneginf isposinf isreal isrealobj isscalar issubdtype iterable ix_ kaiser kron lcm ldexp "
    "left_shift less less_equal lexsort linspace log log10 log1p log2 logaddexp logaddexp2 logical_and "
    "logical_not logical_or logical_xor logspace matmul matrix_transpose matvec max maximum mean median "
    "meshgrid min minimum mod modf moveaxis multiply nan_to_num nanargmax nanargmin nancumprod "
    "nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar "
    "ndim negative nextafter nonzero not_equal ones ones_like outer packbits pad partition percentile "
    "permute_dims place poly polyadd polyder polydiv polyfit polyint polymul polysub polyval positive "
    "pow power prod promote_types ptp put put_along_axis quantile rad2deg radians ravel "
    "ravel_multi_index real reciprocal remainder repeat reshape resize result_type right_shift rint "
    "roll rollaxis roots rot90 round searchsorted select setdiff1d setxor1d shape sign signbit sin sinc "
    "single sinh size sort sort_complex spacing split sqrt square squeeze stack std subtract sum "
    "swapaxes take take_along_axis tan tanh tensordot tile trace transpose trapezoid tri tril "
    "tril_indices tril_indices_from trim_zeros triu triu_indices triu_indices_from true_divide trunc "
    "uint uint1 uint16 uint2 uint32 uint4 uint64 uint8 union1d unique unique_all unique_counts "
    "unique_inverse unique_values unpackbits unravel_index unstack unwrap vander var vdot vecdot vecmat "
    "vsplit vstack where zeros zeros_like",
    "jax.numpy.fft": "fft fft2 fftfreq fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2 irfftn rfft "
    "rfft2 rfftfreq rfftn",
    "jax.numpy.linalg": "cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul matrix_norm "
    "matrix_power matrix_rank matrix_transpose multi_dot norm outer pinv qr slogdet solve svd "
    "svdvals tensordot tensorinv tensorsolve trace vecdot vector_norm",
    "jax.ops": "segment_max segment_min segment_prod segment_sum",
    "jax.random": "PRNGKey ball bernoulli beta binomial bits categorical cauchy chisquare choice clone dirichlet "
    "double_sided_maxwell exponential f fold_in gamma generalized_normal geometric gumbel key key_data "
    "key_dtype key_impl laplace loggamma logistic lognormal maxwell multinomial multivariate_normal "
    "normal orthogonal pareto permutation poisson rademacher randint rayleigh split t triangular "
    "truncated_normal uniform wald weibull_min wrap_key_data",
    "jax.scipy.fft": "dct dctn idct idctn",
    "jax.scipy.integrate": "trapezoid",
    "jax.scipy.linalg": "block_diag cho_factor cho_solve cholesky circulant companion convolution_matrix det dft "
    "eigh eigh_tridiagonal expm expm_frechet fiedler fiedler_companion hadamard hankel helmert "
    "hessenberg hilbert inv invhilbert invpascal leslie lu lu_factor lu_solve pascal polar qr "
    "qr_multiply rsf2csf schur solve solve_sylvester solve_triangular sqrtm svd toeplitz",
    "jax.scipy.ndimage": "map_coordinates",
    "jax.scipy.signal": "convolve convolve2d correlate correlate2d csd detrend fftconvolve istft stft welch",
    "jax.scipy.special": "bernoulli bessel_jn beta betainc betaln boxcox boxcox1p comb dawsn digamma entr erf erfc "
    "erfcx erfinv exp1 expi expit expn factorial fresnel gamma gammainc gammaincc gammaln "
    "gammasgn hyp1f1 hyp2f1 i0 i0e i1 i1e kl_div log_ndtr log_softmax loggamma logit logsumexp "
    "multigammaln ndtr ndtri owens_t poch polygamma rel_entr sici softmax spence sph_harm_y "
    "wofz xlog1py xlogy zeta",
    "jax.scipy.stats": "mode rankdata sem",
    "jax.scipy.stats.bernoulli": "cdf logpmf pmf ppf",
    "jax.scipy.stats.beta": "cdf logcdf logpdf logsf pdf sf",
    "jax.scipy.stats.betabinom": "logpmf pmf",
    "jax.scipy.stats.binom": "logpmf pmf",
    "jax.scipy.stats.cauchy": "cdf isf logcdf logpdf logsf pdf ppf sf",
    "jax.scipy.stats.chi2": "cdf logcdf logpdf logsf pdf sf",
    "jax.scipy.stats.dirichlet": "logpdf pdf",
    "jax.scipy.stats.expon": "cdf logcdf logpdf logsf pdf ppf sf",
    "jax.scipy.stats.gamma": "cdf logcdf logpdf logsf pdf sf",
    "jax.scipy.stats.gennorm": "cdf logpdf pdf",
    "jax.scipy.stats.geom": "logpmf pmf",
    "jax.scipy.stats.gumbel_l": "cdf logcdf logpdf logsf pdf ppf sf",
    "jax.scipy.stats.gumbel_r": "cdf logcdf logpdf logsf pdf ppf sf",
    "jax.scipy.stats.laplace": "cdf logpdf pdf",
    "jax.scipy.stats.logistic": "cdf isf logpdf pdf ppf sf",
    "jax.scipy.stats.multinomial": "logpmf pmf",
    "jax.scipy.stats.multivariate_normal": "logpdf pdf",
    "jax.scipy.stats.nbinom": "logpmf pmf",
    "jax.scipy.stats.norm": "cdf isf logcdf logpdf logsf pdf ppf sf",
    "jax.scipy.stats.pareto": "cdf logcdf logpdf logsf pdf ppf sf",
    "jax.scipy.stats.poisson": "cdf entropy logpmf pmf",
    "jax.scipy.stats.t": "logpdf pdf",
    "jax.scipy.stats.truncnorm": "cdf logcdf logpdf logsf pdf sf",
    "jax.scipy.stats.uniform": "cdf logpdf pdf ppf",
    "jax.scipy.stats.vonmises": "logpdf pdf",
    "jax.scipy.stats.wrapcauchy": "logpdf pdf",
    "named_types.runtime.lax": "all_gather all_to_all approx_max_k approx_min_k argmax argmin associative_scan "
    "axis_index axis_size broadcast_in_dim broadcasted_iota collapse concatenate "
    "cumlogsumexp cummax cummin cumprod cumsum dot dot_general dynamic_index_in_dim "
    "dynamic_slice_in_dim dynamic_update_index_in_dim dynamic_update_slice_in_dim "
    "expand_dims index_in_dim index_take pdot pmax pmean pmin ppermute pshuffle psum "
    "psum_scatter pswapaxes reduce reduce_and reduce_max reduce_min reduce_or reduce_prod "
    "reduce_sum reduce_xor reshape rev slice_in_dim sort sort_key_val split squeeze stack "
    "top_k transpose unstack xeinsum",
    "named_types.runtime.nn": "glu log_softmax logmeanexp logsumexp one_hot softmax standardize",
    "named_types.runtime.numpy": "all amax amin any append apply_along_axis apply_over_axes argmax argmin "
    "argpartition argsort array_split average compress concat concatenate count_nonzero "
    "cross cumprod cumsum cumulative_prod cumulative_sum delete diagonal diff einsum "
    "expand_dims flip geomspace gradient insert lexsort linspace logspace max mean "
    "median min moveaxis nanargmax nanargmin nancumprod nancumsum nanmax nanmean "
    "nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar packbits "
    "partition percentile permute_dims prod ptp put_along_axis quantile repeat roll "
    "rollaxis rot90 size sort split squeeze stack std sum swapaxes take take_along_axis "
    "tensordot trace transpose trapezoid trim_zeros unique unpackbits unstack unwrap "
    "var vecdot",
    "named_types.runtime.numpy.fft": "fft fft2 fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2 "
    "irfftn rfft rfft2 rfftn",
    "named_types.runtime.numpy.linalg": "cross norm tensordot tensorsolve vecdot vector_norm",
    "named_types.runtime.random": "categorical choice permutation",
    "named_types.runtime.scipy": "",
    "named_types.runtime.scipy.fft": "dct dctn idct idctn",
    "named_types.runtime.scipy.integrate": "trapezoid",
    "named_types.runtime.scipy.signal": "csd detrend fftconvolve istft stft welch",
    "named_types.runtime.scipy.special": "log_softmax logsumexp softmax",
    "named_types.runtime.scipy.stats": "mode rankdata sem",
}
"""Names by module, separated by blanks."""

UFUNCS = frozenset(
    (
        "add bitwise_and bitwise_or bitwise_xor logaddexp logaddexp2 logical_and logical_or logical_xor maximum "
        "minimum multiply negative subtract"
    ).split()
)
"""The functions of jax.numpy that have methods."""

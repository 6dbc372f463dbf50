/* A batch of training of harlib/rnn.py without NumPy: the loops over steps and the sums over them.
 *
 * harlib/compiled/loops.py compiles this file once for float and once for double; REAL, NAME and TANH are
 * set below. A matrix is row-major; sizes are those of harlib/rnn.py: T steps, B windows, N
 * hidden units, K channels, C classes. A row of states has R = N + 1 + K numbers, one of errors
 * E = N + C; each is filled up to whole registers.
 *
 * Why it is faster than a product of the BLAS and a tanh of NumPy at every step: the weights are
 * laid out for the registers once a batch, not once a step; the sums of a product go through the
 * tanh, or its derivative, while they are in registers; the weights' gradient is summed up while
 * the steps it needs are in the cache; and the tanh is a quotient of two polynomials.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef REAL /* the first pass: this file includes itself, once a type */

/* Also where there are registers of 64 bytes: 50 units fill 7 of 32, but not 4 of 64, and where a
 * wide product takes two cycles (AMD Zen 4) they are no faster. */
#if defined(__AVX__)
#include <immintrin.h>
#define BYTES 32
#else
#define BYTES 16
#endif
#define INLINE static inline __attribute__((always_inline))
#define ROWS 6 /* rows at a time: the sums of 6 rows by 2 registers of columns fill 12 of 16 */

typedef double doubles __attribute__((vector_size(32)));
typedef int64_t longs __attribute__((vector_size(32)));

/* tanh z by Lambert's continued fraction (1768), cut after seven terms, at half the angle:
 * tanh z = 2 t / (1 + t^2) with t = tanh(z / 2) = P / Q. Below 9 the fraction is wrong by less
 * than 1.1e-8; above, tanh rounds to 1. A NaN stays one. */
typedef float floats_wide __attribute__((vector_size(BYTES)));
typedef int32_t ints_wide __attribute__((vector_size(BYTES)));
typedef double doubles_wide __attribute__((vector_size(BYTES)));

INLINE floats_wide tanh_floats(floats_wide z)
{
    const floats_wide most = (floats_wide){0} + 9, least = (floats_wide){0} - 9;
#if defined(__AVX__) /* an instruction each, which gives back its second number where it is a NaN */
    z = _mm256_max_ps(least, _mm256_min_ps(most, z));
#else
    const ints_wide above = z > most, below = z < least;
    z = (floats_wide)((above & (ints_wide)most) | (~above & (ints_wide)z));
    z = (floats_wide)((below & (ints_wide)least) | (~below & (ints_wide)z));
#endif
    const floats_wide u = 0.5f * z, w = u * u;
    const floats_wide P = u * (((w + 378.0f) * w + 17325.0f) * w + 135135.0f);
    const floats_wide Q = ((28.0f * w + 3150.0f) * w + 62370.0f) * w + 135135.0f;
    return 2.0f * P * Q / (Q * Q + P * P);
}

INLINE doubles_wide tanh_doubles(doubles_wide z)
{
    for (unsigned i = 0; i < BYTES / sizeof(double); i++)
        z[i] = tanh(z[i]);
    return z;
}

/* e^u for u <= 0: 2^n e^r with n the nearest whole number to u / log 2, and e^r by its series. */
INLINE doubles exp_below_0(doubles u)
{
    const doubles shift = {0x1.8p52, 0x1.8p52, 0x1.8p52, 0x1.8p52}; /* its last bit counts ones */
    const longs low = u < -708.0; /* a NaN is not low, and stays one */
    u = (doubles)((~low & (longs)u) | (low & (longs)((doubles){0} - 708.0)));
    const doubles n = u * 1.4426950408889634 + shift;
    /* log 2 in two parts, the first with zeros at its end: n times it is exact. */
    const doubles r = u - (n - shift) * 0x1.62e42feep-1 - (n - shift) * 0x1.a39ef35793c76p-33;
    doubles sum = (doubles){0} + 1.0 / 6227020800.0;
    const double factor[] = {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880,
                             1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6,
                             1.0 / 2, 1, 1};
#pragma GCC unroll 13
    for (int i = 0; i < 13; i++)
        sum = sum * r + factor[i];
    return (doubles)((longs)sum + ((longs)n << 52));
}

long register_bytes(void) { return BYTES; }

#define REAL float
#define NAME(function) function##_float
#define TANH tanh_floats
#include "loops.c"
#undef REAL
#undef NAME
#undef TANH
#define REAL double
#define NAME(function) function##_double
#define TANH tanh_doubles
#include "loops.c"

#else /* the second and third pass: the code */

#define CHUNK 128 /* rows that a gradient is summed over at once: they stay in the cache */
#define LANES ((long)(BYTES / sizeof(REAL)))
#define FILLED(length) (((length) + LANES - 1) / LANES * LANES)

typedef REAL NAME(lanes) __attribute__((vector_size(BYTES)));

INLINE NAME(lanes) NAME(load)(const REAL *from)
{
    NAME(lanes) v;
    memcpy(&v, from, BYTES);
    return v;
}

INLINE void NAME(store)(REAL *to, NAME(lanes) v) { memcpy(to, &v, BYTES); }

/* sums[r][v] += A(r, k) W(k, v) over k < inner, in registers: `rows` and `wide`, the columns in
 * registers, are constants where it is called. Element (r, k) of A is A[r * A_row + k * A_step]. */
INLINE void NAME(multiply)(NAME(lanes) sums[2 * ROWS][2], const REAL *A, long A_row, long A_step,
                           const REAL *W, long W_step, long inner, int rows, int wide)
{
    for (long k = 0; k < inner; k++) {
        NAME(lanes) w[2];
        for (int v = 0; v < wide; v++)
            w[v] = NAME(load)(W + k * W_step + v * LANES);
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < wide; v++)
                sums[r][v] += A[r * A_row + k * A_step] * w[v];
    }
}

/* Calls TILE(first row, rows, wide) for all rows, ROWS at a time where two registers of columns
 * are left and twice as many where one is, with both numbers constant. */
#define CASE(n, wide) \
    case n: TILE(b, n, wide); break;
#define ALL_ROWS(total, wide_is_two)                                                              \
    for (long b = 0, rows; b < (total); b += rows) {                                               \
        const long left = (total)-b, most = (wide_is_two) ? ROWS : 2 * ROWS;                       \
        rows = left <= most ? left : left < 2 * most ? (left + 1) / 2 : most;                      \
        if (wide_is_two)                                                                           \
            switch (rows) {                                                                        \
                CASE(1, 2) CASE(2, 2) CASE(3, 2) CASE(4, 2) CASE(5, 2) CASE(6, 2)                  \
            }                                                                                      \
        else                                                                                       \
            switch (rows) {                                                                        \
                CASE(1, 1) CASE(2, 1) CASE(3, 1) CASE(4, 1) CASE(5, 1) CASE(6, 1)                  \
                CASE(7, 1) CASE(8, 1) CASE(9, 1) CASE(10, 1) CASE(11, 1) CASE(12, 1)               \
            }                                                                                      \
    }

/* One column of a panel matrix: `at(k)` for k < inner goes to the panels. Columns lie two
 * registers wide side by side, the last ones one register wide if their number is odd. */
INLINE REAL *NAME(place)(REAL *panels, long inner, long filled, long k, long j)
{
    const long first = j / (2 * LANES) * 2 * LANES;
    const long wide = first + 2 * LANES <= filled ? 2 * LANES : LANES;
    return panels + first * inner + k * wide + (j - first);
}

/* The part [W_aa, b_a, W_ax; W_ya, b_y], transposed to (R, N + C), as panels. */
static void NAME(pack_forward)(long N, long K, long C, const REAL *W_aa, const REAL *W_ax,
                               const REAL *W_ya, const REAL *b_a, const REAL *b_y, REAL *panels)
{
    const long R = N + 1 + K, filled = FILLED(N + C);
    memset(panels, 0, R * filled * sizeof(REAL));
    for (long j = 0; j < N + C; j++) {
        const REAL *row = j < N ? W_aa + j * N : W_ya + (j - N) * N;
        REAL *to = NAME(place)(panels, R, filled, 0, j);
        const long wide = NAME(place)(panels, R, filled, 1, j) - to;
        for (long k = 0; k < N; k++)
            to[k * wide] = row[k];
        to[N * wide] = j < N ? b_a[j] : b_y[j - N];
        for (long k = 0; j < N && k < K; k++)
            to[(N + 1 + k) * wide] = W_ax[j * K + k];
    }
}

/* [W_aa; W_ya] (N + C, N) as panels. */
static void NAME(pack_backward)(long N, long C, const REAL *W_aa, const REAL *W_ya, REAL *panels)
{
    const long E = N + C, filled = FILLED(N);
    memset(panels, 0, E * filled * sizeof(REAL));
    for (long k = 0; k < E; k++) {
        const REAL *row = k < N ? W_aa + k * N : W_ya + (k - N) * N;
        for (long j = 0; j < N; j++)
            *NAME(place)(panels, E, filled, k, j) = row[j];
    }
}

/* Forward through all steps.
 *
 * x: element (t, b, k) at x[t * x_step + b * x_row + k]. states (slots, B, FILLED(R)): row b of
 * slot t holds [a_t, 1, x_(t+1)]; with fewer than T + 1 slots the steps take turns in them.
 * z (T, B, C): arguments of the outputs. panels: room for R FILLED(N + C); spare: for
 * B (C + 2 LANES). */
void NAME(forward)(long T, long B, long N, long K, long C, const REAL *x, long x_step, long x_row,
                   const REAL *W_aa, const REAL *W_ax, const REAL *W_ya, const REAL *b_a,
                   const REAL *b_y, REAL *states, long slots, REAL *z, REAL *panels, REAL *spare)
{
    const long R = N + 1 + K, row = FILLED(R), filled = FILLED(N + C);
    const long z_first = N / LANES * LANES, z_wide = filled - z_first; /* registers with outputs */
    NAME(pack_forward)(N, K, C, W_aa, W_ax, W_ya, b_a, b_y, panels);
    for (long t = 0; t <= T + 1; t++) {
        /* A product gives the states of its step and the outputs of the step before; the last one
         * gives outputs alone. */
        REAL *next = states + t % slots * B * row;
        const REAL *state = states + (t + slots - 1) % slots * B * row;
        if (t == 0)
            memset(next, 0, B * row * sizeof(REAL));
        for (long j = t <= T ? 0 : z_first / (2 * LANES) * 2 * LANES; t > 0 && j < filled;
             j += 2 * LANES) {
            const REAL *W = panels + j * R;
#define TILE(b, rows, wide)                                                                        \
    {                                                                                              \
        NAME(lanes) s[2 * ROWS][2] = {0};                                                          \
        NAME(multiply)(s, state + b * row, row, 1, W, wide * LANES, R, rows, wide);                \
        for (int r = 0; r < rows; r++)                                                             \
            for (int v = 0; v < wide; v++) {                                                       \
                const long column = j + v * LANES;                                                 \
                if (column < N && t <= T)                                                                 \
                    NAME(store)(next + (b + r) * row + column, TANH(s[r][v]));               \
                if (column >= z_first)                                                             \
                    NAME(store)(spare + (b + r) * z_wide + column - z_first, s[r][v]);             \
            }                                                                                      \
    }
            ALL_ROWS(B, j + 2 * LANES <= filled)
#undef TILE
        }
        /* After the whole registers of the states, which reach over what follows in a row. */
        for (long b = 0; t <= T && b < B; b++) {
            next[b * row + N] = 1;
            for (long k = 0; k < K; k++)
                next[b * row + N + 1 + k] = t < T ? x[t * x_step + b * x_row + k] : 0;
        }
        for (long b = 0; t > 1 && b < B; b++)
            memcpy(z + ((t - 2) * B + b) * C, spare + b * z_wide + N - z_first, C * sizeof(REAL));
    }
}

/* gradient(E, FILLED(R)) += errors(rows, E)^T states(rows, R). */
static void NAME(add_gradient)(long rows_here, long E, long R, const REAL *errors,
                               const REAL *states, REAL *gradient)
{
    const long E_row = FILLED(E), row = FILLED(R);
    for (long j = 0; j < row; j += 2 * LANES) {
#define TILE(b, rows, wide)                                                                        \
    {                                                                                              \
        NAME(lanes) s[2 * ROWS][2];                                                                \
        for (int r = 0; r < rows; r++)                                                             \
            for (int v = 0; v < wide; v++)                                                         \
                s[r][v] = NAME(load)(gradient + (b + r) * row + j + v * LANES);                    \
        NAME(multiply)(s, errors + b, 1, E_row, states + j, row, rows_here, rows, wide);           \
        for (int r = 0; r < rows; r++)                                                             \
            for (int v = 0; v < wide; v++)                                                         \
                NAME(store)(gradient + (b + r) * row + j + v * LANES, s[r][v]);                    \
    }
        ALL_ROWS(E, j + 2 * LANES <= row)
#undef TILE
    }
}

/* Backward through all steps, and the gradient.
 *
 * states as forward left them in T + 1 slots. errors (T + 1, B, FILLED(E)): row b of step t is
 * to hold [delta_(t+1), e_t]; all of it is filled in. e (T, B, C). gradient (E, FILLED(R)): the
 * sum over steps and windows. panels: room for E FILLED(N). */
void NAME(backward)(long T, long B, long N, long K, long C, const REAL *W_aa, const REAL *W_ya,
                    const REAL *states, REAL *errors, const REAL *e, REAL *gradient, REAL *panels)
{
    const long R = N + 1 + K, row = FILLED(R), E = N + C, E_row = FILLED(E), filled = FILLED(N);
    const long together = B < CHUNK ? CHUNK / B : 1; /* steps whose gradient is summed at once */
    NAME(pack_backward)(N, C, W_aa, W_ya, panels);
    memset(gradient, 0, E * row * sizeof(REAL));
    for (long t = T; t >= 0; t--) {
        REAL *error = errors + t * B * E_row;
        if (t == T)
            memset(error, 0, B * E_row * sizeof(REAL));
        for (long j = 0; t < T && j < filled; j += 2 * LANES) {
            const REAL *W = panels + j * E, *later = error + B * E_row;
            const REAL *a = states + (t + 1) * B * row + j;
#define TILE(b, rows, wide)                                                                        \
    {                                                                                              \
        NAME(lanes) s[2 * ROWS][2] = {0};                                                          \
        NAME(multiply)(s, later + b * E_row, E_row, 1, W, wide * LANES, E, rows, wide);            \
        for (int r = 0; r < rows; r++)                                                             \
            for (int v = 0; v < wide; v++) {                                                       \
                const NAME(lanes) a_t = NAME(load)(a + (b + r) * row + v * LANES);                 \
                NAME(store)(error + (b + r) * E_row + j + v * LANES, s[r][v] * (1 - a_t * a_t));   \
            }                                                                                      \
    }
            ALL_ROWS(B, j + 2 * LANES <= filled)
#undef TILE
        }
        for (long b = 0; b < B; b++)
            if (t > 0)
                memcpy(error + b * E_row + N, e + ((t - 1) * B + b) * C, C * sizeof(REAL));
            else
                memset(error + b * E_row + N, 0, C * sizeof(REAL));
        if (t % together == 0) {
            const long last = t + together - 1 < T ? t + together - 1 : T;
            NAME(add_gradient)((last - t + 1) * B, E, R, error, states + t * B * row, gradient);
        }
    }
}

INLINE double NAME(largest)(const REAL *z, long C)
{
    double top = z[0];
    for (long c = 1; c < C; c++)
        top = z[c] > top ? z[c] : top;
    return top;
}

/* exp(z - top) of four classes from c on; next to nothing for those past the last. */
INLINE doubles NAME(exp_of_4)(const REAL *z, long C, long c, double top)
{
    doubles v = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
    for (long i = 0; i < 4 && c + i < C; i++)
        v[i] = z[c + i] - top;
    return exp_below_0(v);
}

INLINE double NAME(sum_of_exp)(const REAL *z, long C, double top)
{
    double sum = 0;
    for (long c = 0; c < C; c += 4) {
        const doubles v = NAME(exp_of_4)(z, C, c, top);
        sum += (v[0] + v[1]) + (v[2] + v[3]);
    }
    return sum;
}

/* z(rows, C) becomes y: its sigmoid, or along each row its softmax. */
void NAME(outputs)(long rows, long C, REAL *z, int softmax)
{
    const REAL half = 0.5; /* (1 + tanh(z / 2)) / 2: without an exp that overflows */
    const long whole = softmax ? 0 : rows * C / LANES * LANES, rest = rows * C - whole;
    for (long i = 0; i < whole; i += LANES)
        NAME(store)(z + i, TANH(NAME(load)(z + i) * half) * half + half);
    if (!softmax && rest) {
        REAL last[LANES] = {0};
        memcpy(last, z + whole, rest * sizeof(REAL));
        NAME(store)(last, TANH(NAME(load)(last) * half) * half + half);
        memcpy(z + whole, last, rest * sizeof(REAL));
    }
    for (long b = 0; softmax && b < rows; b++, z += C) {
        const double top = NAME(largest)(z, C);
        double sum = 0;
        for (long c = 0; c < C; c += 4) {
            const doubles v = NAME(exp_of_4)(z, C, c, top);
            sum += (v[0] + v[1]) + (v[2] + v[3]);
            for (long i = 0; i < 4 && c + i < C; i++)
                z[c + i] = v[i];
        }
        const REAL part = 1 / sum;
        for (long c = 0; c < C; c++)
            z[c] *= part;
    }
}

/* losses(B): minus the sum over the steps of log y_t[label], from z (T, B, C), the arguments of a
 * sigmoid or of a softmax. It is the logarithm of a product, so that one logarithm serves many
 * steps. spare: room for 2 (B + 4). */
void NAME(losses)(long T, long B, long C, const REAL *z, const int64_t *label, int softmax,
                  double *losses, double *spare)
{
    double *u = spare, *product = spare + (B + 4);
    for (long b = 0; b < B + 4; b++)
        u[b] = 0, product[b] = 1;
    memset(losses, 0, B * sizeof(double));
    for (long t = 0; t < T; t++, z += B * C) {
        if (!softmax) {
            /* -log(sigmoid(z)) = log(1 + exp(-|z|)) + max(-z, 0). */
            for (long b = 0; b < B; b++) {
                const double z_b = z[b * C + label[b]];
                u[b] = -fabs(z_b);
                losses[b] += z_b > 0 ? 0 : -z_b;
            }
            for (long b = 0; b < B; b += 4) {
                doubles v, p;
                memcpy(&v, u + b, sizeof v);
                memcpy(&p, product + b, sizeof p);
                p *= 1 + exp_below_0(v);
                memcpy(product + b, &p, sizeof p);
            }
        } else {
            for (long b = 0; b < B; b++) {
                const double top = NAME(largest)(z + b * C, C);
                losses[b] += top - z[b * C + label[b]];
                product[b] *= NAME(sum_of_exp)(z + b * C, C, top);
            }
        }
        if (t % 64 == 63 || t == T - 1) /* long before the product is too large */
            for (long b = 0; b < B; b++)
                losses[b] += log(product[b]), product[b] = 1;
    }
}

#undef LANES
#undef CHUNK
#undef FILLED
#undef CASE
#undef ALL_ROWS

#endif

/* The two loops over steps of harlib/rnn.py, for one type of number.
 *
 * harlib/loops.py compiles this file once for float and once for double; REAL, NAME and TANH are
 * set below. A matrix is row-major; sizes are those of harlib/rnn.py: T steps, B windows, N
 * hidden units, K channels, C classes, and R = N + 1 + K, the length of a row of states.
 *
 * Why it is faster than a product of the BLAS and a tanh of NumPy at every step: the weights are
 * laid out for the registers once a batch, not once a step; what is that small costs NumPy as
 * much to call as to compute; and the tanh is a quotient of two polynomials.
 */
#include <math.h>
#include <string.h>

#ifndef REAL /* the first pass: this file includes itself, once a type */

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif
#define INLINE static inline __attribute__((always_inline))

/* tanh z by Lambert's continued fraction (1768), cut after seven terms, at half the angle:
 * tanh z = 2 t / (1 + t^2) with t = tanh(z / 2) = P / Q. Below 9 the fraction is wrong by less
 * than 1.1e-8; above, tanh rounds to 1. A NaN stays one. */
INLINE float tanh_float(float z)
{
    z = z < -9.0f ? -9.0f : z;
    z = z > 9.0f ? 9.0f : z;
    const float u = 0.5f * z, w = u * u;
    const float P = u * (((w + 378.0f) * w + 17325.0f) * w + 135135.0f);
    const float Q = ((28.0f * w + 3150.0f) * w + 62370.0f) * w + 135135.0f;
    return 2.0f * P * Q / (Q * Q + P * P);
}

#define REAL float
#define NAME(function) function##_float
#define TANH tanh_float
#include "loops.c"
#undef REAL
#undef NAME
#undef TANH
#define REAL double
#define NAME(function) function##_double
#define TANH tanh
#include "loops.c"

#else /* the second and third pass: the code */

#define LANES ((long)(BYTES / sizeof(REAL)))
#define PANEL (2 * LANES) /* columns of the weights that lie side by side */
#define ROWS 6            /* rows at a time: 6 x 2 sums fill the registers */

typedef REAL NAME(lanes) __attribute__((vector_size(BYTES)));

/* sums(rows, PANEL) = A(rows, inner) W(inner, PANEL); `rows` is a constant where it is called. */
INLINE void NAME(tile)(const REAL *A, long A_row, const REAL *W, long inner, REAL *sums,
                       long sums_row, int rows)
{
    NAME(lanes) s[ROWS][2] = {0};
    for (long k = 0; k < inner; k++) {
        NAME(lanes) w0, w1;
        memcpy(&w0, W + PANEL * k, BYTES);
        memcpy(&w1, W + PANEL * k + LANES, BYTES);
        for (int r = 0; r < rows; r++) {
            s[r][0] += A[r * A_row + k] * w0;
            s[r][1] += A[r * A_row + k] * w1;
        }
    }
    for (int r = 0; r < rows; r++) {
        memcpy(sums + r * sums_row, &s[r][0], BYTES);
        memcpy(sums + r * sums_row + LANES, &s[r][1], BYTES);
    }
}

/* sums(B, width) = A(B, inner) W, with W in panels; width is a multiple of PANEL. */
static void NAME(product)(const REAL *A, long A_row, const REAL *panels, long inner, long width,
                          REAL *sums, long B)
{
    for (long p = 0; p < width; p += PANEL) {
        const REAL *W = panels + p * inner;
        for (long b = 0; b < B;) {
            const long rows = B - b < ROWS ? B - b : B - b < 2 * ROWS ? (B - b + 1) / 2 : ROWS;
            const REAL *a = A + b * A_row;
            REAL *s = sums + b * width + p;
            switch (rows) {
            case 6: NAME(tile)(a, A_row, W, inner, s, width, 6); break;
            case 5: NAME(tile)(a, A_row, W, inner, s, width, 5); break;
            case 4: NAME(tile)(a, A_row, W, inner, s, width, 4); break;
            case 3: NAME(tile)(a, A_row, W, inner, s, width, 3); break;
            case 2: NAME(tile)(a, A_row, W, inner, s, width, 2); break;
            default: NAME(tile)(a, A_row, W, inner, s, width, 1);
            }
            b += rows;
        }
    }
}

/* W(inner, columns) as panels of PANEL columns; the last one is filled up with zeros. */
static void NAME(pack)(const REAL *W, long inner, long columns, REAL *panels)
{
    for (long p = 0; p < columns; p += PANEL)
        for (long k = 0; k < inner; k++)
            for (long j = p; j < p + PANEL; j++)
                *panels++ = j < columns ? W[k * columns + j] : 0;
}

/* Forward through all steps.
 *
 * x: element (t, b, k) at x[t * x_step + b * x_row + k]. states: row b of step t at
 * states[t * step + b * R], [a_t, 1, x_(t+1)]; a_0 and the ones are there; with step = 0 no state
 * is kept. W(R, N + C): what gives the argument of the tanh, and W_ya, b_y: one product gives the
 * next hidden state and the output of this one. z(T, B, C): arguments of the outputs.
 * panels, sums: room for R and B rows of N + C columns, rounded up to PANEL. */
void NAME(forward)(long T, long B, long N, long K, long C, const REAL *x, long x_step, long x_row,
                   REAL *states, long step, const REAL *W, REAL *z, REAL *panels, REAL *sums)
{
    const long R = N + 1 + K, width = (N + C + PANEL - 1) / PANEL * PANEL;
    NAME(pack)(W, R, N + C, panels);
    for (long t = 0; t <= T; t++) {
        REAL *state = states + t * step, *next = state + step;
        for (long b = 0; t < T && b < B; b++)
            memcpy(state + b * R + N + 1, x + t * x_step + b * x_row, K * sizeof(REAL));
        NAME(product)(state, R, panels, R, width, sums, B);
        for (long b = 0; t > 0 && b < B; b++)
            memcpy(z + ((t - 1) * B + b) * C, sums + b * width + N, C * sizeof(REAL));
        for (long b = 0; t < T && b < B; b++)
            for (long j = 0; j < N; j++)
                next[b * R + j] = TANH(sums[b * width + j]);
    }
}

/* Backward through all steps.
 *
 * states as forward left them. errors: row b of step t at errors[(t * B + b) * (N + C)],
 * [delta_(t+1), e_t]; e_t and delta_(T+1) = 0 are there, the rest is filled in.
 * W(N + C, N): [W_aa; W_ya]. panels, sums: as above, with N + C rows of N columns. */
void NAME(backward)(long T, long B, long N, long K, long C, const REAL *states, REAL *errors,
                    const REAL *W, REAL *panels, REAL *sums)
{
    const long R = N + 1 + K, E = N + C, width = (N + PANEL - 1) / PANEL * PANEL;
    NAME(pack)(W, E, N, panels);
    for (long t = T; t > 0; t--) {
        const REAL *a = states + t * B * R;
        REAL *delta = errors + (t - 1) * B * E;
        NAME(product)(errors + t * B * E, E, panels, E, width, sums, B);
        for (long b = 0; b < B; b++)
            for (long j = 0; j < N; j++)
                delta[b * E + j] = sums[b * width + j] * (1 - a[b * R + j] * a[b * R + j]);
    }
}

#undef LANES
#undef PANEL
#undef ROWS

#endif
